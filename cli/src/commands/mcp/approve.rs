//! `tradewind mcp approve`.

use std::sync::Arc;

use clap::Args;
use tradewind_core::clock::Clock;
use tradewind_mcp::approval::{Asked, InboxError};
use tradewind_mcp::folder::approvals;

use super::cloud::{CloudName, Root};
use super::opened::folder_failure;
use crate::args::Format;
use crate::clock::SystemClock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::render;

/// Say yes to a call that waits for it, or list what waits. A running server sees the yes with the next try of the call.
///
/// Who approves must be somebody else than who calls, and be able to read the server's key.
#[derive(Debug, Clone, Args)]
pub struct ApproveArgs {
    /// What waits: its ticket. Without one, everything that waits is listed.
    #[arg(requires = "by")]
    pub ticket: Option<String>,
    /// Who says yes: it stands in the audit log.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
    /// The cloud: aws, azure, gcp.
    #[arg(long, value_name = "NAME")]
    pub cloud: CloudName,
    #[command(flatten)]
    pub root: Root,
    /// How to print what waits.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Lists, or approves: the grant is printed for clients that carry it themselves.
pub fn run(args: &ApproveArgs) -> Result<Exit, Failure> {
    let (Some(ticket), Some(by)) = (&args.ticket, &args.by) else {
        let approvals = approvals(&args.root.path()?, &args.cloud.0, Arc::new(SystemClock)).map_err(folder_failure)?;
        let waiting = approvals.inbox.waiting(SystemClock.now()).map_err(|e| inbox_failure(&e))?;
        output::data(&match args.format {
            Format::Json => render::json(&waiting),
            Format::Csv => render::mcp::waiting(&waiting).to_csv(),
            format => render::people(&render::mcp::waiting_page(&waiting), format, output::data_style()),
        })?;
        return Ok(Exit::Done);
    };
    let (asked, grant) = say_yes(&args.root, &args.cloud, ticket, by)?;
    output::talk(&format!("{} by {}: approved, once, until {}\n", asked.tool, asked.caller, asked.until));
    output::data(&format!("{grant}\n"))?;
    Ok(Exit::Done)
}

/// Says yes, in the name of somebody, to what waits under a ticket: what it is, and the grant.
///
/// # Errors
/// Nothing waits there, or who approves is who calls.
pub fn say_yes(root: &Root, cloud: &CloudName, ticket: &str, by: &str) -> Result<(Asked, String), Failure> {
    let approvals = approvals(&root.path()?, &cloud.0, Arc::new(SystemClock)).map_err(folder_failure)?;
    let waiting = approvals.inbox.waiting(SystemClock.now()).map_err(|e| inbox_failure(&e))?;
    let tickets: Vec<&str> = waiting.iter().map(|a| a.ticket.as_str()).collect();
    let Some(asked) = waiting.iter().find(|asked| asked.ticket == ticket) else {
        let help = match tickets[..] {
            [] => "nothing waits: let the call be made, and approve the ticket that it is refused with".to_owned(),
            _ => format!("what waits: {}", tickets.join(", ")),
        };
        return Err(Failure::usage("no call waits under this ticket", ticket, &help));
    };
    if by.trim().eq_ignore_ascii_case(&asked.caller) {
        return Err(Failure::usage("nobody approves their own call", by, "somebody else has to approve it"));
    }
    let grant = approvals.sealer.grant(&asked.binding, asked.until, by.trim());
    let grant = grant.map_err(|e| Failure::usage("the grant cannot be made", &e.to_string(), "try again"))?;
    approvals.inbox.grant(&asked.ticket, &grant).map_err(|e| inbox_failure(&e))?;
    Ok((asked.clone(), grant))
}

fn inbox_failure(InboxError(path, reason): &InboxError) -> Failure {
    Failure::unwritable(path, reason)
}
