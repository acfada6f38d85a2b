//! What HTTP adds: who may call, how large, and from where.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::server::bearer::tests::{Issuer, claims, header};

/// A server on any free port, until the runtime ends.
async fn served() -> SocketAddr {
    served_as(|http| http).await
}

/// The same, with more about it.
async fn served_as(with: impl Fn(Http) -> Http) -> SocketAddr {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let caller = Caller { name: "test".to_owned(), role: "operator".to_owned(), drives_time: false };
    let server = Server::new(names.cloud, Arc::new(cloud), caller);
    let http = Http::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map(&with).expect("a port");
    let address = http.url.trim_start_matches("http://").trim_end_matches("/mcp").parse().expect("an address");
    tokio::spawn(serve_http(server, http, std::future::pending()));
    address
}

/// Posts a body with more headers; the status line and the rest.
async fn post(address: SocketAddr, more: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    let mut headers = vec![
        ("Host", "localhost"),
        ("Connection", "close"),
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
    ];
    headers.extend(more);
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("POST /mcp HTTP/1.1\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    // A server that has seen enough may close before it has read all.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let status = reply.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    (status, reply)
}

const STATELESS: [(&str, &str); 3] =
    [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "get_quotas")];

fn stateless_call() -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "get_quotas", "arguments": {},
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                  "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                  "io.modelcontextprotocol/clientCapabilities": {}}}})
    .to_string()
}

#[tokio::test]
async fn a_call_needs_no_session() {
    let address = served().await;
    let (status, reply) = post(address, &STATELESS, &stateless_call()).await;
    assert!(status == 200 && reply.contains("standard/on_demand") && reply.contains("\"isError\":false"), "{reply}");
}

#[tokio::test]
async fn the_older_wire_has_its_handshake() {
    let address = served().await;
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    let (status, reply) = post(address, &[], &body.to_string()).await;
    assert!(status == 200 && reply.contains("\"protocolVersion\":\"2025-11-25\""), "{reply}");
}

#[tokio::test]
async fn strangers_and_giants_are_refused_and_the_server_stays() {
    let address = served().await;
    let own = format!("http://{address}");
    assert_eq!(
        post(address, &[&STATELESS[..], &[("Origin", &own)]].concat(), &stateless_call()).await.0,
        200,
        "its own page"
    );
    let foreign = [&STATELESS[..], &[("Origin", "https://evil.example")]].concat();
    assert_eq!(post(address, &foreign, &stateless_call()).await.0, 403, "another origin");
    let mismatch = [STATELESS[0], STATELESS[1], ("Mcp-Name", "get_health")];
    let (_, reply) = post(address, &mismatch, &stateless_call()).await;
    assert!(reply.contains("-32020"), "a header that differs from the body: {reply}");
    let giant = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(post(address, &STATELESS, &giant).await.0, 413, "more than 1 MiB");
    let (status, reply) = post(address, &STATELESS, "{\"jsonrpc\":").await;
    assert!(status == 400 && reply.contains("-32700"), "no JSON: {reply}");
    assert_eq!(post(address, &STATELESS, &stateless_call()).await.0, 200, "still there");
}

#[tokio::test]
async fn other_machines_cannot_reach_it() {
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = Http::bind(everywhere).await.err().expect("refused");
    assert!(error.to_string().contains("listen on 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_token_opens_the_door_and_says_who_calls() {
    let issuer = Issuer::new();
    let address = served_as(|http| http.with_bearer(issuer.bearer()).with_metrics(Arc::default())).await;
    let call = |authorization: Option<String>| async move {
        let more: Vec<(&str, &str)> = authorization.iter().map(|a| ("Authorization", a.as_str())).collect();
        post(address, &[&STATELESS[..], &more].concat(), &stateless_call()).await
    };
    let (status, reply) = call(None).await;
    let pointer = format!(
        "www-authenticate: Bearer resource_metadata=\"http://{address}/.well-known/oauth-protected-resource/mcp\""
    );
    assert!(status == 401 && reply.contains(&pointer), "{reply}");
    let (status, reply) = call(Some("Bearer a.b.c".to_owned())).await;
    assert!(status == 401 && reply.contains("error=\"invalid_token\""), "{reply}");
    let mut no_role = claims();
    no_role["scope"] = json!("openid");
    let (status, reply) = call(Some(format!("Bearer {}", issuer.token(&header(), &no_role)))).await;
    assert!(status == 403 && reply.contains("error=\"insufficient_scope\""), "{reply}");
    let (status, reply) = call(Some(format!("Bearer {}", issuer.token(&header(), &claims())))).await;
    assert!(status == 200 && reply.contains("standard/on_demand"), "{reply}");
    for (path, wanted) in
        [("/.well-known/oauth-protected-resource/mcp", "tradewind:operator"), ("/metrics", "# TYPE mcp_server")]
    {
        let (status, reply) = fetched(address, path).await;
        assert!(status == 200 && reply.contains(wanted), "{path}: {reply}");
    }
}

/// Gets a page.
async fn fetched(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.expect("a reply");
    (reply.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0), reply)
}
