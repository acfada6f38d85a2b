//! Connections whose handshake is done. Handshakes go on beside each other, a limited number for a limited time: who is
//! slow keeps nobody else waiting, and who fails gets no further.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::svid::{Svid, SvidError};

/// Handshakes at the same time.
const MOST_HANDSHAKES: usize = 256;
/// Longest handshake.
const PATIENCE: Duration = Duration::from_secs(10);

type Shaken = Option<(TlsStream<TcpStream>, SocketAddr)>;

/// Accepts connections.
pub(in crate::server) struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Shaken>,
}

impl TlsListener {
    pub(super) fn new(tcp: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self { tcp, acceptor, handshakes: JoinSet::new() }
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
                    self.handshakes.spawn(shaken(self.acceptor.clone(), stream, address));
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

/// The other side of a connection: what its certificate says of it.
#[derive(Debug, Clone)]
pub(in crate::server) struct Peer(pub(super) Result<Svid, SvidError>);

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let certificates = stream.io().get_ref().1.peer_certificates();
        let first = certificates.and_then(|chain| chain.first());
        Self(first.map_or(Err(SvidError::None), |certificate| Svid::read(certificate)))
    }
}
