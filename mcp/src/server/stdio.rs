//! Standard input and output: nothing but JSON-RPC on either.

use rmcp::{ServerHandler, ServiceExt};
use tokio::io::{AsyncRead, AsyncWrite};

/// Serves one client on a pair of streams until it leaves.
///
/// # Errors
/// The client does not speak the protocol, or the stream broke.
pub async fn serve_stdio<H, R, W>(server: H, streams: (R, W)) -> std::io::Result<()>
where
    H: ServerHandler,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let running = server.serve(streams).await.map_err(std::io::Error::other)?;
    running.waiting().await.map_err(std::io::Error::other)?;
    Ok(())
}
