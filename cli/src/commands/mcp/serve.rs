//! `tradewind mcp serve`.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use tradewind_datasets::queue::Problem;
use tradewind_mcp::server::{Bearer, Http, Server, Tls, serve_http, serve_stdio};
use tradewind_mcp::telemetry::Telemetry;

use super::certificates::CertificateArgs;
use super::observe::ObserveArgs;
use super::opened::{OpenArgs, open};
use super::tokens::TokenArgs;
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
}

/// Opens the cloud and serves it.
pub fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    let telemetry = args.observe.telemetry(&args.open.cloud.0)?;
    let door = Door { bearer: args.tokens.bearer()?, tls: args.certificates.tls(&config(args)?)? };
    if (door.bearer.is_some() || door.tls.is_some()) && args.transport == Transport::Stdio {
        let help = "a client on standard input is the one that started the server: leave them out, or --transport http";
        return Err(Failure::usage("tokens and certificates are for HTTP", "--transport stdio", help));
    }
    let opened = open(&args.open, telemetry.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| failed("the server cannot start", &e))?;
    match args.transport {
        Transport::Stdio => {
            let streams = (tokio::io::stdin(), tokio::io::stdout());
            let served = runtime.block_on(serve_stdio(opened.server, streams));
            // Standard input is read by a thread that nothing can wake.
            runtime.shutdown_background();
            served.map_err(|e| failed("the client and the server did not understand each other", &e))?;
        }
        Transport::Http => runtime.block_on(http(opened.server, args.listen, door, telemetry))?,
    }
    Ok(Exit::Done)
}

/// How HTTP knows who calls.
struct Door {
    bearer: Option<Bearer>,
    tls: Option<Tls>,
}

fn config(args: &ServeArgs) -> Result<Config, Failure> {
    Ok(Config::load(args.open.market.config.as_deref())?)
}

async fn http(server: Server, listen: SocketAddr, door: Door, telemetry: Telemetry) -> Result<(), Failure> {
    let bound = match door.tls {
        Some(tls) => Http::bind_tls(listen, tls).await,
        None => Http::bind(listen).await,
    };
    let http = bound.map_err(|e| {
        let problem = Problem::of_file("TW4005", "the address cannot be served", "").got(format!("{listen}: {e}"));
        Failure::new(Exit::Usage, problem.help("take another --listen, e.g. 127.0.0.1:0 for any free port"))
    })?;
    let http = http.with_metrics(telemetry.metrics);
    let http = match door.bearer {
        Some(bearer) => {
            let audience = if bearer.audience.is_empty() { http.url.clone() } else { bearer.audience };
            http.with_bearer(Bearer { audience, ..bearer })
        }
        None => http,
    };
    output::talk(&format!("serving {} until Ctrl-C\n", http.url));
    let end = async {
        // Without signals the server ends with its process.
        let _ = tokio::signal::ctrl_c().await;
    };
    serve_http(server, http, end).await.map_err(|e| failed("the server stopped", &e))
}

fn failed(title: &str, reason: &std::io::Error) -> Failure {
    let problem = Problem::of_file("TW4015", title, "").got(reason.to_string());
    Failure::new(Exit::Temporary, problem.help("start it again: what was answered is kept"))
}
