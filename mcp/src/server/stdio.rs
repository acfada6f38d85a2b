//! Standard input and output: nothing but JSON-RPC on either.

use rmcp::ServiceExt;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Server;

/// Serves one client on a pair of streams until it leaves.
///
/// # Errors
/// The client does not speak the protocol, or the stream broke.
pub async fn serve_stdio<R, W>(server: Server, streams: (R, W)) -> std::io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let running = server.serve(streams).await.map_err(std::io::Error::other)?;
    running.waiting().await.map_err(std::io::Error::other)?;
    Ok(())
}
