//! Mutual TLS on HTTP: both sides show a certificate, and the client's says who calls, by its SPIFFE ID. A client without
//! a good certificate does not get through the handshake; one without a role is told so and gets no further.

mod callers;
mod listener;
mod renewal;
mod spiffe;
mod svid;

pub use callers::{Callers, CallersError};
pub use renewal::{LOOK_EVERY, PemFiles, Renewal, RenewalError};
pub use spiffe::{SpiffeId, SpiffeIdError};
pub use svid::{Svid, SvidError};

pub(super) use listener::{Peer, TlsListener};

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig};
use serde_json::json;
use tokio::net::TcpListener;
use tradewind_core::clock::Clock;
use tradewind_core::time::Time;

/// Our side of mutual TLS, and who may be on the other. Copies share their certificates: what is renewed by one is by all.
#[derive(Clone)]
pub struct Tls {
    identity: Arc<RwLock<Arc<Identity>>>,
    callers: Arc<Callers>,
    clock: Arc<dyn Clock + Send + Sync>,
}

/// Who we are to clients, and whose clients we believe.
pub(super) struct Identity {
    config: Arc<ServerConfig>,
    /// Names and addresses that our certificate is for.
    pub(super) hosts: Vec<String>,
    /// Until when it is good.
    until: Time,
    /// Who may be on the other side.
    verifier: Arc<dyn ClientCertVerifier>,
    /// How often it was renewed before.
    pub(super) renewals: u64,
}

/// What is read of three files, each in PEM.
#[derive(Debug, Clone, Copy)]
pub struct Pem<'a> {
    /// Our certificate, and those between it and its authority.
    pub certificates: &'a [u8],
    /// Its private key.
    pub key: &'a [u8],
    /// The authorities whose clients are let in.
    pub authorities: &'a [u8],
}

/// Certificates that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// Our own.
    #[error("the server's certificate: {0}")]
    Certificate(String),
    /// Our key.
    #[error("the server's key: {0}")]
    Key(String),
    /// The authorities of clients.
    #[error("the authorities of clients: {0}")]
    Authorities(String),
}

impl Tls {
    /// From certificates and roles; `clock` says whether certificates are over.
    ///
    /// # Errors
    /// Certificates or a key that cannot be read, that do not belong together, or are over or not good yet.
    pub fn new(pem: Pem<'_>, callers: Callers, clock: Arc<dyn Clock + Send + Sync>) -> Result<Self, TlsError> {
        let identity = Identity::new(pem, &clock, 0)?;
        Ok(Self { identity: Arc::new(RwLock::new(Arc::new(identity))), callers: Arc::new(callers), clock })
    }

    /// Shows other certificates, and believes other authorities, from the next connection on; until when ours is good.
    /// Of connections that are open those go on whose clients are believed now, too.
    ///
    /// # Errors
    /// As [`Tls::new`]; nothing has changed then.
    pub fn renew(&self, pem: Pem<'_>) -> Result<Time, TlsError> {
        let mut now = self.identity.write().unwrap_or_else(PoisonError::into_inner);
        *now = Arc::new(Identity::new(pem, &self.clock, now.renewals + 1)?);
        Ok(now.until)
    }

    /// Who we are now.
    pub(super) fn identity(&self) -> Arc<Identity> {
        self.identity.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes connections from a listener.
    pub(super) fn listener(&self, tcp: TcpListener) -> TlsListener {
        TlsListener::new(tcp, self.clone())
    }
}

impl Identity {
    fn new(pem: Pem<'_>, clock: &Arc<dyn Clock + Send + Sync>, renewals: u64) -> Result<Self, TlsError> {
        let chain = certificates(pem.certificates).map_err(TlsError::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(pem.key).map_err(|e| TlsError::Key(e.to_string()))?;
        let leaf = chain.first().map(|leaf| svid::Host::read(leaf)).unwrap_or(Err(SvidError::None));
        let svid::Host { names, from, until } = leaf.map_err(|e| TlsError::Certificate(e.to_string()))?;
        if !(from..=until).contains(&clock.now()) {
            return Err(TlsError::Certificate(format!("it is good from {from} to {until}, which is not now")));
        }
        let wrong = |e: &dyn fmt::Display| TlsError::Authorities(e.to_string());
        let mut roots = RootCertStore::empty();
        for authority in certificates(pem.authorities).map_err(TlsError::Authorities)? {
            roots.add(authority).map_err(|e| wrong(&e))?;
        }
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        // A client without a certificate is refused: that is its default.
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), ring.clone());
        let verifier = verifier.build().map_err(|e| wrong(&e))?;
        let config = ServerConfig::builder_with_details(ring, Arc::new(Now(clock.clone())))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_client_cert_verifier(verifier.clone()).with_single_cert(chain, key));
        let config = Arc::new(config.map_err(|e| TlsError::Key(e.to_string()))?);
        Ok(Self { config, hosts: names, until, verifier, renewals })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("hosts", &self.identity().hosts)
            .field("callers", &self.callers)
            .finish_non_exhaustive()
    }
}

/// All certificates of a file; at least one.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if all.is_empty() => Err("there is none in the file".to_owned()),
        all => all.map_err(|e| e.to_string()),
    }
}

/// Lets a request in whose workload has a role, and notes on it who calls.
pub(super) async fn let_in(
    State(tls): State<Tls>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let now = tls.clock.now();
    let caller = tls.callers.caller(&peer.svid, now);
    match caller.and_then(|caller| peer.believed(&tls.identity(), now).map(|()| caller)) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => (StatusCode::FORBIDDEN, super::http::axum_json(&json!({ "error": refusal }))).into_response(),
    }
}

/// Our clock, as the library asks it.
struct Now(Arc<dyn Clock + Send + Sync>);

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        unix(self.0.now())
    }
}

/// A time as the library has it; none before 1970.
fn unix(time: Time) -> Option<UnixTime> {
    Some(UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(time.ms()).ok()?)))
}

#[cfg(test)]
mod tests;
