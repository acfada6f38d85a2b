//! The door by mutual TLS, with certificates made here: who gets in, as what, and who does not.

mod renewal;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
    date_time_ymd,
};
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tradewind_core::clock::Clock;
use tradewind_core::seed::Seed;
use tradewind_core::time::Time;

use super::*;
use crate::conformance::Names;
use crate::layers::Roles;
use crate::provider::Caller;
use crate::server::{Http, Server, serve_http};
use crate::simulated::{InMemory, Simulated};

/// An hour of 2026-06-01, between the ends of the certificates here.
const NOON: i64 = 1_780_315_200_000;

/// A clock turned by hand.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Time {
        Time::from_ms(self.0.load(Ordering::Relaxed))
    }
}

/// Who signs certificates.
struct Authority(Issuer<'static, KeyPair>, String);

/// A certificate and its key.
struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        Self(Issuer::new(params, key), certificate)
    }

    /// A certificate with these URIs, good in 2026; `with` changes more of it.
    fn signs(&self, uris: &[&str], with: impl Fn(&mut CertificateParams)) -> Pair {
        let mut params = CertificateParams::default();
        params.subject_alt_names = uris.iter().map(|uri| SanType::URI((*uri).try_into().expect("ASCII"))).collect();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        with(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate").pem();
        Pair { certificate, key: key.serialize_pem() }
    }

    fn client(&self, uri: &str) -> Pair {
        self.signs(&[uri], |_| ())
    }

    fn server(&self) -> Pair {
        self.server_named(&["tw.example"])
    }

    fn server_named(&self, names: &[&str]) -> Pair {
        let names = names.iter().map(|name| SanType::DnsName((*name).try_into().expect("a name")));
        let names: Vec<SanType> = names.collect();
        self.signs(&[], |params| params.subject_alt_names = names.clone())
    }
}

fn callers() -> Callers {
    let roles = [("spiffe://prod.example/scheduler", "scheduler"), ("spiffe://prod.example/eye", "viewer")];
    let roles = roles.map(|(id, role)| (id.parse().expect("an ID"), role.to_owned()));
    Callers::new(BTreeMap::from(roles)).expect("callers")
}

/// A server that trusts an authority; its address and its clock.
async fn served(authority: &Authority) -> (SocketAddr, Arc<Hand>) {
    let (own, clock) = (authority.server(), Arc::new(Hand(AtomicI64::new(NOON))));
    let pem =
        Pem { certificates: own.certificate.as_bytes(), key: own.key.as_bytes(), authorities: authority.1.as_bytes() };
    let tls = Tls::new(pem, callers(), clock.clone()).expect("certificates");
    (served_by(tls).await, clock)
}

/// A server with these certificates; its address.
async fn served_by(tls: Tls) -> SocketAddr {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let nobody = Caller { name: "nobody".to_owned(), role: "none".to_owned(), drives_time: false };
    let server = Server::new(names.cloud, Arc::new(Roles(cloud)), nobody);
    let http = Http::bind_tls(SocketAddr::from(([127, 0, 0, 1], 0)), tls).await.expect("a port");
    let address = http.url.trim_start_matches("https://").trim_end_matches("/mcp").parse().expect("an address");
    tokio::spawn(serve_http(server, http.with_metrics(Arc::default()), std::future::pending()));
    address
}

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

/// Connects, with a certificate or without.
async fn connected(address: SocketAddr, authority: &Authority, pair: Option<&Pair>) -> io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.1.as_bytes()).expect("PEM")).expect("an authority");
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let at_noon = Arc::new(Now(Arc::new(Hand(AtomicI64::new(NOON)))));
    let config = rustls::ClientConfig::builder_with_details(ring, at_noon).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_root_certificates(roots);
    let config = match pair {
        None => config.with_no_client_auth(),
        Some(pair) => {
            let chain = certificates(pair.certificate.as_bytes()).expect("a chain");
            let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).expect("a key");
            config.with_client_auth_cert(chain, key).expect("a pair")
        }
    };
    let name = ServerName::try_from("tw.example").expect("a name");
    let tcp = TcpStream::connect(address).await?;
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

/// Sends a request and reads what comes until the end of its body; the status and the reply.
async fn asked(stream: &mut Stream, request: &str) -> io::Result<(u16, String)> {
    stream.write_all(request.as_bytes()).await?;
    let (mut reply, mut part) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        reply += &String::from_utf8_lossy(&part[..read]);
        let Some((head, body)) = reply.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let is_whole = length.map_or(body.ends_with("0\r\n\r\n"), |length: usize| body.len() >= length);
        if is_whole {
            let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
            return Ok((status, reply));
        }
    }
}

/// A call of a tool on the stateless wire.
fn call(tool: &str, arguments: &Value) -> String {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": tool, "arguments": arguments,
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                  "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                  "io.modelcontextprotocol/clientCapabilities": {}}}})
    .to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: tw.example\r\nContent-Type: application/json\r\nAccept: application/json, \
         text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {tool}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What a certificate may: the status and the reply to a read call, or that the connection came to nothing.
async fn quotas(address: SocketAddr, authority: &Authority, pair: Option<&Pair>) -> io::Result<(u16, String)> {
    let mut stream = connected(address, authority, pair).await?;
    asked(&mut stream, &call("get_quotas", &json!({}))).await
}

#[tokio::test]
async fn a_workload_with_a_role_gets_in_and_may_what_its_role_may() {
    let authority = Authority::new();
    let (address, _) = served(&authority).await;
    let eye = authority.client("spiffe://prod.example/eye");
    let mut stream = connected(address, &authority, Some(&eye)).await.expect("a handshake");
    let (status, reply) = asked(&mut stream, &call("get_quotas", &json!({}))).await.expect("a reply");
    assert!(status == 200 && reply.contains("standard/on_demand"), "{reply}");
    let secret = json!({"secret": "db", "idempotency_key": "k-1", "owner": "me", "ttl_s": 60, "epoch": 1,
        "decision": "a/0/0/rotate"});
    let (status, reply) = asked(&mut stream, &call("rotate_secret", &secret)).await.expect("a reply");
    assert!(status == 200 && reply.contains("TW5004") && reply.contains("\"isError\":true"), "{reply}");
    let (status, reply) =
        asked(&mut stream, "GET /metrics HTTP/1.1\r\nHost: tw.example\r\n\r\n").await.expect("a page");
    assert!(status == 200 && reply.contains("# TYPE"), "{reply}");
}

#[tokio::test]
async fn a_workload_that_is_not_known_here_is_told_so_on_every_path() {
    let authority = Authority::new();
    let (address, _) = served(&authority).await;
    let of = |uris: &[&str]| authority.signs(uris, |_| ());
    let signs = |params: &mut CertificateParams| params.key_usages.push(KeyUsagePurpose::CrlSign);
    let refused = [
        (of(&["spiffe://other.example/scheduler"]), "TW5031"),
        (of(&["spiffe://prod.example/nobody"]), "TW5032"),
        (of(&["spiffe://prod.example/scheduler/deeper"]), "TW5032"),
        (of(&["spiffe://prod.example/scheduler", "spiffe://prod.example/eye"]), "TW5030"),
        (of(&["spiffe://prod.example/scheduler", "https://prod.example/"]), "TW5030"),
        (of(&["https://prod.example/scheduler"]), "TW5030"),
        (of(&["spiffe://prod.example"]), "TW5030"),
        (authority.server(), "TW5030"),
        (authority.signs(&["spiffe://prod.example/scheduler"], signs), "TW5030"),
    ];
    for (n, (pair, code)) in refused.iter().enumerate() {
        let (status, reply) = quotas(address, &authority, Some(pair)).await.expect("a reply");
        assert!(status == 403 && reply.contains(code), "{n}: {reply}");
    }
    let mut stream = connected(address, &authority, Some(&refused[0].0)).await.expect("a handshake");
    let page = "GET /metrics HTTP/1.1\r\nHost: tw.example\r\n\r\n";
    assert_eq!(asked(&mut stream, page).await.expect("a reply").0, 403);
}

#[tokio::test]
async fn nobody_gets_through_the_handshake_without_a_good_certificate() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (address, _) = served(&authority).await;
    let over = |params: &mut CertificateParams| params.not_after = date_time_ymd(2026, 5, 31);
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(2026, 6, 2);
    let servers =
        |params: &mut CertificateParams| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let id = ["spiffe://prod.example/scheduler"];
    let signed =
        [authority.signs(&id, over), authority.signs(&id, early), authority.signs(&id, servers), other.client(id[0])];
    for pair in [None].into_iter().chain(signed.iter().map(Some)) {
        assert!(quotas(address, &authority, pair).await.is_err());
    }
    let plain = TcpStream::connect(address).await.expect("a port");
    plain.try_write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it writes");
    let sound = authority.client(id[0]);
    let (status, _) = quotas(address, &authority, Some(&sound)).await.expect("a reply: strangers keep nobody waiting");
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_certificate_that_ends_while_its_connection_goes_on_opens_nothing_more() {
    let authority = Authority::new();
    let (address, clock) = served(&authority).await;
    let pair = authority.client("spiffe://prod.example/scheduler");
    let mut stream = connected(address, &authority, Some(&pair)).await.expect("a handshake");
    assert_eq!(asked(&mut stream, &call("get_quotas", &json!({}))).await.expect("a reply").0, 200);
    clock.0.store("2027-01-01T00:00:01Z".parse::<Time>().expect("a time").ms(), Ordering::Relaxed);
    let (status, reply) = asked(&mut stream, &call("get_quotas", &json!({}))).await.expect("a reply");
    assert!(status == 403 && reply.contains("TW5033"), "{reply}");
}

#[test]
fn callers_are_of_one_trust_domain_and_there_are_some() {
    assert_eq!(Callers::new(BTreeMap::new()), Err(CallersError::None));
    let two = ["spiffe://a/x", "spiffe://b/x"].map(|id| (id.parse().expect("an ID"), "viewer".to_owned()));
    let error = Callers::new(BTreeMap::from(two)).expect_err("two");
    assert_eq!(error.to_string(), "they are of two trust domains, a and b");
}

#[test]
fn files_that_are_not_what_they_should_be_are_named() {
    let authority = Authority::new();
    let (own, other) = (authority.server(), authority.server());
    let (own_certificate, own_key, roots) = (own.certificate.as_bytes(), own.key.as_bytes(), authority.1.as_bytes());
    let with = |certificates, key, authorities| {
        let clock = Arc::new(Hand(AtomicI64::new(NOON)));
        Tls::new(Pem { certificates, key, authorities }, callers(), clock).map(|tls| tls.identity().hosts.clone())
    };
    assert_eq!(with(own_certificate, own_key, roots), Ok(vec!["tw.example".to_owned()]));
    assert!(matches!(with(b"", own_key, roots), Err(TlsError::Certificate(_))));
    assert!(matches!(with(own_key, own_key, roots), Err(TlsError::Certificate(_))));
    assert!(matches!(with(own_certificate, own_certificate, roots), Err(TlsError::Key(_))));
    assert!(matches!(with(own_certificate, other.key.as_bytes(), roots), Err(TlsError::Key(_))));
    assert!(matches!(with(own_certificate, own_key, b"no PEM"), Err(TlsError::Authorities(_))));
    let over = authority.signs(&[], |params| params.not_after = date_time_ymd(2026, 5, 31));
    let over = with(over.certificate.as_bytes(), over.key.as_bytes(), roots);
    assert!(matches!(over, Err(TlsError::Certificate(why)) if why.contains("2026-05-31")));
}
