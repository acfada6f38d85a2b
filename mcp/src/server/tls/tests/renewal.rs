//! Certificates that are renewed under a live listener.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// A folder of this test alone, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tradewind-renewal-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn files(&self) -> PemFiles {
        let path = |name: &str| self.0.join(name);
        PemFiles { certificates: path("server.pem"), key: path("server.key"), authorities: path("bundle.pem") }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
}

fn keep(files: &PemFiles, own: &Pair, authorities: &str) {
    write(&files.certificates, &own.certificate);
    write(&files.key, &own.key);
    write(&files.authorities, authorities);
}

/// A server on the files of a folder; its address, and who follows them.
async fn served_from(files: &PemFiles, own: &Pair, authorities: &str) -> (SocketAddr, Renewal) {
    keep(files, own, authorities);
    let pem =
        Pem { certificates: own.certificate.as_bytes(), key: own.key.as_bytes(), authorities: authorities.as_bytes() };
    let tls = Tls::new(pem, callers(), Arc::new(Hand(AtomicI64::new(NOON)))).expect("certificates");
    (served_by(tls.clone()).await, Renewal::new(tls, files.clone(), pem))
}

/// The certificate that a server shows.
fn shown(stream: &Stream) -> Vec<u8> {
    let chain = stream.get_ref().1.peer_certificates().expect("a certificate");
    chain[0].as_ref().to_vec()
}

fn der(pair: &Pair) -> Vec<u8> {
    certificates(pair.certificate.as_bytes()).expect("PEM")[0].as_ref().to_vec()
}

/// What comes of new files: nothing at the first look, since they may be half written.
fn looked(renewal: &mut Renewal) -> Option<Result<Time, RenewalError>> {
    assert!(renewal.look().is_none(), "a change is taken at the second look");
    renewal.look()
}

async fn read(stream: &mut Stream, host: &str) -> (u16, String) {
    let request = call("get_quotas", &json!({})).replace("Host: tw.example", &format!("Host: {host}"));
    asked(stream, &request).await.expect("a reply")
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_the_next_connection_and_its_names_are_the_servers() {
    let (authority, folder) = (Authority::new(), Folder::new("new"));
    let (first, second) = (authority.server(), authority.server_named(&["tw.example", "new.example"]));
    let (address, mut renewal) = served_from(&folder.files(), &first, &authority.1).await;
    let eye = authority.client("spiffe://prod.example/eye");
    let mut open = connected(address, &authority, Some(&eye)).await.expect("a handshake");
    assert_eq!((shown(&open), read(&mut open, "new.example").await.0), (der(&first), 403));
    assert!(renewal.look().is_none(), "nothing is new");

    keep(&folder.files(), &second, &authority.1);
    let until = looked(&mut renewal).expect("news").expect("certificates");
    assert_eq!(until.to_string(), "2027-01-01T00:00:00Z");
    assert!(renewal.look().is_none() && renewal.look().is_none(), "it is said once");
    assert_eq!(read(&mut open, "tw.example").await.0, 200, "what is open goes on");
    let mut next = connected(address, &authority, Some(&eye)).await.expect("a handshake");
    assert_eq!((shown(&next), read(&mut next, "new.example").await.0), (der(&second), 200));
}

#[tokio::test]
async fn new_files_that_are_broken_change_nothing_and_are_told_of_once() {
    let (authority, folder) = (Authority::new(), Folder::new("broken"));
    let (own, other) = (authority.server(), authority.server());
    let files = folder.files();
    let (address, mut renewal) = served_from(&files, &own, &authority.1).await;
    let over = authority.signs(&[], |params| params.not_after = date_time_ymd(2026, 5, 31));
    let half = &other.certificate[..other.certificate.len() / 2];
    let breaks: [(&str, &dyn Fn()); 5] = [
        ("server.key", &|| write(&files.certificates, &other.certificate)),
        ("server.pem", &|| write(&files.certificates, half)),
        ("server.pem", &|| keep(&files, &over, &authority.1)),
        ("bundle.pem", &|| keep(&files, &own, "")),
        ("server.key", &|| fs::remove_file(&files.key).expect("ours")),
    ];
    for (n, (file, breaks)) in breaks.into_iter().enumerate() {
        breaks();
        let why = looked(&mut renewal).expect("news").expect_err("broken").to_string();
        assert!(why.contains(file), "{n}: {why}");
        assert!(renewal.look().is_none(), "{n}: it is said once");
        let eye = authority.client("spiffe://prod.example/eye");
        let mut next = connected(address, &authority, Some(&eye)).await.expect("a handshake");
        assert_eq!((shown(&next), read(&mut next, "tw.example").await.0), (der(&own), 200), "{n}");
    }
    keep(&files, &other, &authority.1);
    assert!(looked(&mut renewal).expect("news").is_ok(), "mended, it is used");
    let eye = authority.client("spiffe://prod.example/eye");
    let next = connected(address, &authority, Some(&eye)).await.expect("a handshake");
    assert_eq!(shown(&next), der(&other));
}

#[tokio::test]
async fn an_authority_that_is_taken_out_lets_nobody_in_any_more() {
    let (old, new, folder) = (Authority::new(), Authority::new(), Folder::new("authority"));
    let (own, files) = (old.server(), folder.files());
    let both = format!("{}{}", old.1, new.1);
    let (address, mut renewal) = served_from(&files, &own, &both).await;
    let (leaver, stayer) = (old.client("spiffe://prod.example/eye"), new.client("spiffe://prod.example/scheduler"));
    // They check the server by its own authority.
    let mut leaves = connected(address, &old, Some(&leaver)).await.expect("a handshake");
    let mut stays = connected(address, &old, Some(&stayer)).await.expect("a handshake");
    for stream in [&mut leaves, &mut stays] {
        assert_eq!(read(stream, "tw.example").await.0, 200);
    }

    keep(&files, &own, &new.1);
    assert!(looked(&mut renewal).expect("news").is_ok());
    let (status, reply) = read(&mut leaves, "tw.example").await;
    assert!(status == 403 && reply.contains("TW5036"), "{reply}");
    assert_eq!(read(&mut stays, "tw.example").await.0, 200);
    assert!(quotas(address, &old, Some(&leaver)).await.is_err(), "not through the handshake either");
    assert_eq!(quotas(address, &old, Some(&stayer)).await.expect("a reply").0, 200);
}
