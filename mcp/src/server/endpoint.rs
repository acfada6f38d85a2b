//! Where clients call on HTTP: the protocol by `rmcp`, for the names that the server has. Those of its certificate are other
//! ones when it is renewed.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use super::tls::Tls;

/// Largest body of a request.
const MOST_BODY: usize = 1 << 20;

/// The protocol for one set of names.
type Service<H> = StreamableHttpService<H, LocalSessionManager>;

/// The endpoint of a server.
pub(super) struct Endpoint<H> {
    server: H,
    sessions: Arc<LocalSessionManager>,
    port: u16,
    tls: Option<Tls>,
    /// For the names after so many renewals.
    made: RwLock<(u64, Arc<Service<H>>)>,
}

impl<H: ServerHandler + Clone + Sync> Endpoint<H> {
    /// Of a server on a port.
    pub fn new(server: H, port: u16, tls: Option<Tls>) -> Self {
        let sessions = Arc::new(LocalSessionManager::default());
        let made = RwLock::new(made(&server, &sessions, port, tls.as_ref()));
        Self { server, sessions, port, tls, made }
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request<Body>) -> Response {
        self.service().handle(request).await.map(Body::new)
    }

    /// The protocol for the names of now.
    fn service(&self) -> Arc<Service<H>> {
        let renewals = self.tls.as_ref().map_or(0, |tls| tls.identity().renewals);
        {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            if made.0 == renewals {
                return made.1.clone();
            }
        }
        let mut now = self.made.write().unwrap_or_else(PoisonError::into_inner);
        *now = made(&self.server, &self.sessions, self.port, self.tls.as_ref());
        now.1.clone()
    }
}

/// The protocol for the names that a server has now; sessions outlive them.
fn made<H: ServerHandler + Clone + Sync>(
    server: &H,
    sessions: &Arc<LocalSessionManager>,
    port: u16,
    tls: Option<&Tls>,
) -> (u64, Arc<Service<H>>) {
    let identity = tls.map(Tls::identity);
    let own = ["127.0.0.1", "localhost", "::1"].map(str::to_owned);
    let hosts: Vec<String> = own.into_iter().chain(identity.iter().flat_map(|i| i.hosts.clone())).collect();
    // Pages of this server itself may call it; those of others may not.
    let scheme = if tls.is_some() { "https" } else { "http" };
    let shown = |host: &String| if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let origins: Vec<String> = hosts.iter().map(|host| format!("{scheme}://{}:{port}", shown(host))).collect();
    let mut config = StreamableHttpServerConfig::default().with_allowed_hosts(hosts);
    config = config.enforce_origin_validation().with_allowed_origins(origins);
    config.max_request_body_bytes = MOST_BODY;
    let server = server.clone();
    let service = StreamableHttpService::new(move || Ok(server.clone()), sessions.clone(), config);
    (identity.map_or(0, |i| i.renewals), Arc::new(service))
}
