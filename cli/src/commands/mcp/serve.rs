//! `tradewind mcp serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tradewind_core::clock::Clock;
use tradewind_core::time::Time;
use tradewind_datasets::queue::Problem;
use tradewind_mcp::layers::RealTimer;
use tradewind_mcp::server::{Bearer, Http, Renewal, RenewalError, ServerHandler, Tls, serve_http, serve_stdio};
#[cfg(debug_assertions)]
use tradewind_mcp::server::{Fixtures, Mounted};
use tradewind_mcp::telemetry::{Log, Telemetry};

use super::certificates::CertificateArgs;
use super::observe::ObserveArgs;
#[cfg(debug_assertions)]
use super::opened::open_with;
use super::opened::{OpenArgs, open};
use super::tokens::TokenArgs;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// How clients reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Transport {
    /// Standard input and output: for a client that starts the server.
    #[default]
    Stdio,
    /// Streamable HTTP: on this machine, or from anywhere by mutual TLS.
    Http,
}

/// Serve a cloud until the client leaves, or Ctrl-C.
///
/// In a client's configuration: command `tradewind`, arguments `mcp serve --cloud aws`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub open: OpenArgs,
    /// How clients reach it.
    #[arg(long, value_enum, default_value_t)]
    pub transport: Transport,
    /// Where HTTP listens: an address of this machine alone, unless by mutual TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub tokens: TokenArgs,
    #[command(flatten)]
    pub certificates: CertificateArgs,
    #[command(flatten)]
    pub observe: ObserveArgs,
    /// Test builds only: mount the official conformance suite's tools, resources and prompts beside ours.
    #[cfg(debug_assertions)]
    #[arg(long)]
    pub conformance_fixtures: bool,
}

/// Opens the cloud and serves it.
pub fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    let telemetry = args.observe.telemetry(&args.open.cloud.0)?;
    let door = Door { bearer: args.tokens.bearer()?, tls: args.certificates.tls(&config(args)?)? };
    if (door.bearer.is_some() || door.tls.is_some()) && args.transport == Transport::Stdio {
        let help = "a client on standard input is the one that started the server: leave them out, or --transport http";
        return Err(Failure::usage("tokens and certificates are for HTTP", "--transport stdio", help));
    }
    #[cfg(debug_assertions)]
    if args.conformance_fixtures {
        let opened = open_with(&args.open, telemetry.clone(), |backend| Box::new(Mounted(backend)))?;
        let fixtures =
            Fixtures::beside(opened.server.clone()).map_err(|e| failed("the fixtures are broken", &e.into()))?;
        return serve(fixtures, args, door, telemetry);
    }
    let opened = open(&args.open, telemetry.clone())?;
    serve(opened.server.clone(), args, door, telemetry)
}

/// Serves until the client leaves, or Ctrl-C.
fn serve(
    server: impl ServerHandler + Clone + Sync,
    args: &ServeArgs,
    door: Door,
    telemetry: Telemetry,
) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| failed("the server cannot start", &e))?;
    match args.transport {
        Transport::Stdio => {
            let streams = (tokio::io::stdin(), tokio::io::stdout());
            let served = runtime.block_on(serve_stdio(server, streams));
            // Standard input is read by a thread that nothing can wake.
            runtime.shutdown_background();
            served.map_err(|e| failed("the client and the server did not understand each other", &e))?;
        }
        Transport::Http => runtime.block_on(http(server, args.listen, door, telemetry))?,
    }
    Ok(Exit::Done)
}

/// How HTTP knows who calls.
struct Door {
    bearer: Option<Bearer>,
    tls: Option<(Tls, Renewal)>,
}

fn config(args: &ServeArgs) -> Result<Config, Failure> {
    Ok(Config::load(args.open.market.config.as_deref())?)
}

async fn http(
    server: impl ServerHandler + Clone + Sync,
    listen: SocketAddr,
    door: Door,
    telemetry: Telemetry,
) -> Result<(), Failure> {
    let (tls, renewal) = door.tls.unzip();
    let bound = match tls {
        Some(tls) => Http::bind_tls(listen, tls).await,
        None => Http::bind(listen).await,
    };
    let http = bound.map_err(|e| {
        let problem = Problem::of_file("TW4005", "the address cannot be served", "").got(format!("{listen}: {e}"));
        Failure::new(Exit::Usage, problem.help("take another --listen, e.g. 127.0.0.1:0 for any free port"))
    })?;
    let http = http.with_metrics(telemetry.metrics.clone());
    let http = match door.bearer {
        Some(bearer) => {
            let audience = if bearer.audience.is_empty() { http.url.clone() } else { bearer.audience };
            http.with_bearer(Bearer { audience, ..bearer })
        }
        None => http,
    };
    output::talk(&format!("serving {} until Ctrl-C\n", http.url));
    if let Some(renewal) = renewal {
        tokio::spawn(follow(renewal, telemetry.log));
    }
    let end = async {
        // Without signals the server ends with its process.
        let _ = tokio::signal::ctrl_c().await;
    };
    serve_http(server, http, end).await.map_err(|e| failed("the server stopped", &e))
}

/// Follows the files of certificates, and says what came of it: in the log where there is one.
async fn follow(renewal: Renewal, log: Option<Arc<Log>>) {
    let tell = |news: Result<Time, RenewalError>| {
        let (level, message) = match news {
            Ok(until) => ("info", format!("certificates renewed: the server's is good until {until}")),
            Err(why) => ("warn", format!("new certificates cannot be used, the old ones still are: {why}")),
        };
        match &log {
            Some(log) => log.note(SystemClock.now(), level, "tls/renewal", &message),
            None => output::talk(&format!("{message}\n")),
        }
    };
    renewal.follow(&RealTimer(Arc::new(SystemClock)), tell).await;
}

fn failed(title: &str, reason: &std::io::Error) -> Failure {
    let problem = Problem::of_file("TW4015", title, "").got(reason.to_string());
    Failure::new(Exit::Temporary, problem.help("start it again: what was answered is kept"))
}
