//! Streamable HTTP, on loopback only.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use super::Server;

/// Largest body of a request.
const MOST_BODY: usize = 1 << 20;

/// A listener that is bound and not served yet.
pub struct Http {
    listener: TcpListener,
    /// Where clients find the server.
    pub url: String,
}

impl Http {
    /// Binds an address of this machine.
    ///
    /// # Errors
    /// An address of another machine, or one that is taken.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        if !address.ip().is_loopback() {
            let message = format!("{address} is not of this machine alone: listen on 127.0.0.1 or [::1]");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}/mcp", listener.local_addr()?);
        Ok(Self { listener, url })
    }
}

/// Serves until `end` is done. Replies go out at once (`TCP_NODELAY`): with Nagle's algorithm the older wire waits
/// 40 ms for an acknowledgement on every call (measured 2026-11-22).
///
/// # Errors
/// The listener broke.
pub async fn serve_http(
    server: Server,
    http: Http,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let mut config = StreamableHttpServerConfig::default().enforce_origin_validation();
    config.max_request_body_bytes = MOST_BODY;
    let service =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::new(LocalSessionManager::default()), config);
    let router = Router::new().route_service("/mcp", service);
    let listener = http.listener.tap_io(|stream| {
        // A connection without it is slower, not wrong.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).with_graceful_shutdown(end).await
}
