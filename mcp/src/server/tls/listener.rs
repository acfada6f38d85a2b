//! Connections whose handshake is done. Handshakes go on beside each other, a limited number for a limited time: who is
//! slow keeps nobody else waiting, and who fails gets no further.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tradewind_core::time::Time;

use super::svid::{Svid, SvidError};
use super::{Identity, Tls, unix};
use crate::refusal::{Class, Refusal};

/// Handshakes at the same time.
const MOST_HANDSHAKES: usize = 256;
/// Longest handshake.
const PATIENCE: Duration = Duration::from_secs(10);

type Shaken = Option<(TlsStream<TcpStream>, SocketAddr)>;

/// Accepts connections.
pub(in crate::server) struct TlsListener {
    tcp: TcpListener,
    tls: Tls,
    handshakes: JoinSet<Shaken>,
}

impl TlsListener {
    pub(super) fn new(tcp: TcpListener, tls: Tls) -> Self {
        Self { tcp, tls, handshakes: JoinSet::new() }
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                Some(ended) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = ended {
                        return connection;
                    }
                }
                (stream, address) = Listener::accept(&mut self.tcp), if self.handshakes.len() < MOST_HANDSHAKES => {
                    // Each by the certificates of its moment: they may have been renewed.
                    let acceptor = TlsAcceptor::from(self.tls.identity().config.clone());
                    self.handshakes.spawn(shaken(acceptor, stream, address));
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

async fn shaken(acceptor: TlsAcceptor, stream: TcpStream, address: SocketAddr) -> Shaken {
    // A connection without it is slower, not wrong.
    let _ = stream.set_nodelay(true);
    let shaken = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
    Some((shaken.ok()?.ok()?, address))
}

/// The other side of a connection.
#[derive(Debug, Clone)]
pub(in crate::server) struct Peer {
    /// What its certificate says of it.
    pub(super) svid: Result<Svid, SvidError>,
    /// Its certificate, and those between it and its authority.
    chain: Arc<[CertificateDer<'static>]>,
    /// The renewal of ours after which it was found good last.
    good_after: Arc<AtomicU64>,
}

impl Peer {
    /// Whether its certificate is of an authority that is believed now: the handshake may have been before a renewal.
    ///
    /// # Errors
    /// `TW5036` where it is not.
    pub(super) fn believed(&self, now: &Identity, at: Time) -> Result<(), Refusal> {
        if self.good_after.load(Ordering::Acquire) == now.renewals {
            return Ok(());
        }
        let verified =
            self.chain.split_first().zip(unix(at)).map(|((own, between), at)| {
                now.verifier.verify_client_cert(own, between, at).map_err(|e| e.to_string())
            });
        match verified.unwrap_or_else(|| Err("there is no certificate".to_owned())) {
            Ok(_) => {
                self.good_after.store(now.renewals, Ordering::Release);
                Ok(())
            }
            Err(why) => {
                let message = format!("the authorities of clients were renewed, and the certificate is of none: {why}");
                Err(Refusal::new("TW5036", Class::Denied, message, "connect again with a certificate of one of them"))
            }
        }
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let certificates = stream.io().get_ref().1.peer_certificates().unwrap_or_default();
        let svid = certificates.first().map_or(Err(SvidError::None), |certificate| Svid::read(certificate));
        let chain = certificates.iter().map(|certificate| certificate.clone().into_owned()).collect();
        Self { svid, chain, good_after: Arc::default() }
    }
}
