//! Streamable HTTP: on loopback, or by mutual TLS from anywhere.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::serve::ListenerExt;
use rmcp::ServerHandler;
use serde_json::json;
use tokio::net::TcpListener;

use super::bearer::{Bearer, Challenge};
use super::endpoint::Endpoint;
use super::tls::{self, Peer, Tls};
use crate::telemetry::Metrics;

/// Where clients call.
const PATH: &str = "/mcp";
/// Where it says where tokens are to be had (RFC 9728: the well-known path, then that of the resource).
const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

/// A listener that is bound and not served yet.
pub struct Http {
    listener: TcpListener,
    /// Where clients find the server.
    pub url: String,
    tls: Option<Tls>,
    bearer: Option<Arc<Bearer>>,
    metrics: Option<Arc<Metrics>>,
}

impl Http {
    /// Binds an address of this machine alone.
    ///
    /// # Errors
    /// An address that others reach, or one that is taken.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        if !address.ip().is_loopback() {
            let message =
                format!("{address} is not of this machine alone: listen on 127.0.0.1 or [::1], or ask for mutual TLS");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}{PATH}", listener.local_addr()?);
        Ok(Self { listener, url, tls: None, bearer: None, metrics: None })
    }

    /// Binds any address of this machine: nobody gets in without a certificate.
    ///
    /// # Errors
    /// An address that is taken.
    pub async fn bind_tls(address: SocketAddr, tls: Tls) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("https://{}{PATH}", listener.local_addr()?);
        Ok(Self { listener, url, tls: Some(tls), bearer: None, metrics: None })
    }

    /// Lets in who has a good token, and nobody else.
    pub fn with_bearer(self, bearer: Bearer) -> Self {
        Self { bearer: Some(Arc::new(bearer)), ..self }
    }

    /// Shows metrics at `/metrics`.
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics: Some(metrics), ..self }
    }
}

/// Serves until `end` is done. Replies go out at once (`TCP_NODELAY`): with Nagle's algorithm the older wire waits
/// 40 ms for an acknowledgement on every call (measured 2026-11-22).
///
/// # Errors
/// The listener broke.
pub async fn serve_http<H: ServerHandler + Clone + Sync>(
    server: H,
    http: Http,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let endpoint = Arc::new(Endpoint::new(server, http.listener.local_addr()?.port(), http.tls.clone()));
    let endpoint = any(move |request: Request<Body>| {
        let endpoint = endpoint.clone();
        async move { endpoint.handle(request).await }
    });
    let mut router = Router::new().route(PATH, endpoint).layer(from_fn(tell_bad_json));
    if let Some(bearer) = http.bearer {
        let metadata = http.url.replacen(PATH, METADATA, 1);
        let door = Arc::new(Door { bearer: bearer.clone(), metadata });
        router = router.layer(from_fn_with_state(door, let_in));
        router = router.route(METADATA, get(move || async move { axum_json(&bearer.metadata()) }));
    }
    if let Some(metrics) = http.metrics {
        router = router.route("/metrics", get(move || async move { metrics.text() }));
    }
    if let Some(tls) = http.tls {
        // Around everything: nothing here is for those who have no role.
        let router = router.layer(from_fn_with_state(tls.clone(), tls::let_in));
        let service = router.into_make_service_with_connect_info::<Peer>();
        return axum::serve(tls.listener(http.listener), service).with_graceful_shutdown(end).await;
    }
    let listener = http.listener.tap_io(|stream| {
        // A connection without it is slower, not wrong.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).with_graceful_shutdown(end).await
}

/// What the door knows.
struct Door {
    bearer: Arc<Bearer>,
    /// Where the challenge points.
    metadata: String,
}

/// Lets a request in whose token is good, and notes on it who calls.
async fn let_in(State(door): State<Arc<Door>>, mut request: Request<Body>, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION);
    let caller = match authorization.map(HeaderValue::to_str) {
        Some(Err(_)) => Err(Challenge::BadToken),
        Some(Ok(text)) => door.bearer.caller(Some(text)),
        None => door.bearer.caller(None),
    };
    match caller {
        Ok(caller) => {
            // Nothing behind the door needs the token.
            request.headers_mut().remove(header::AUTHORIZATION);
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(challenge) => {
            let status = StatusCode::from_u16(challenge.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            (status, [(header::WWW_AUTHENTICATE, challenge.header(&door.metadata))]).into_response()
        }
    }
}

/// Says of a body that is no JSON-RPC what it is: a parse error, where `rmcp` says that JSON is no JSON.
async fn tell_bad_json(request: Request<Body>, next: Next) -> Response {
    let is_json = |value: &HeaderValue| value.as_bytes().to_ascii_lowercase().starts_with(b"application/json");
    let is_json = request.headers().get(header::CONTENT_TYPE).is_some_and(is_json);
    let response = next.run(request).await;
    if !is_json || response.status() != StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return response;
    }
    let error =
        json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "the body is no JSON-RPC message"}});
    (StatusCode::BAD_REQUEST, axum_json(&error)).into_response()
}

pub(super) fn axum_json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
