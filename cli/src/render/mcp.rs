//! Tools and worlds.

use tradewind_mcp::approval::Asked;
use tradewind_mcp::server::Listing;
use tradewind_mcp::simulated::World;

use super::grid::{Grid, Side};
use super::report::Page;

/// The tools, a row each.
pub fn tools(listing: &Listing) -> Grid {
    let mut grid = Grid::new([("tool", Side::Left), ("does", Side::Left), ("what", Side::Left)]);
    for tool in &listing.tools {
        let reads = tool.annotations.as_ref().is_some_and(|a| a.read_only_hint == Some(true));
        let text = tool.description.as_deref().unwrap_or_default().to_owned();
        grid.row([tool.name.to_string(), if reads { "reads" } else { "changes" }.to_owned(), text]);
    }
    grid
}

/// The tools for people.
pub fn tools_page(listing: &Listing) -> Page {
    let mut page = Page::default();
    page.title(format!("{} tools, the same on every cloud", listing.tools.len()));
    page.line("Changes need idempotency_key, owner, ttl_s, epoch and decision; --format json has the schemas.");
    page.table("Tools", tools(listing));
    page.line(format!("Hash {}", listing.hash));
    page
}

/// The calls that wait for a yes, a row each.
pub fn waiting(waiting: &[Asked]) -> Grid {
    let columns = ["ticket", "who calls", "tool", "state", "why", "until"];
    let mut grid = Grid::new(columns.map(|c| (c, Side::Left)));
    for asked in waiting {
        let words = [&asked.ticket, &asked.caller, &asked.tool, &asked.state].map(|w| w.to_owned());
        grid.row(words.into_iter().chain([asked.reasons.join("; "), asked.until.to_string()]));
    }
    grid
}

/// The calls that wait for people; their arguments say what exactly is approved.
pub fn waiting_page(calls: &[Asked]) -> Page {
    let mut page = Page::default();
    page.title(match calls.len() {
        0 => "Nothing waits for an approval".to_owned(),
        n => format!("{} for an approval", super::count(n as u64, "call waiting")),
    });
    for asked in calls {
        page.line(format!("{}: {}", asked.ticket, asked.arguments));
    }
    if !calls.is_empty() {
        page.table("Waiting", waiting(calls));
        page.line("`tradewind mcp approve TICKET --as NAME` says yes, once.");
    }
    page
}

/// What is in a world, a row a kind.
pub fn census(world: &World) -> Grid {
    let mut grid = Grid::new([("kind", Side::Left), ("there", Side::Right)]);
    for (kind, n) in world.census() {
        grid.row([kind.word().to_owned(), n.to_string()]);
    }
    grid
}

/// A world for people.
pub fn world_page(world: &World) -> Page {
    let mut page = Page::default();
    page.title(format!("The simulated {} at {}", world.cloud, world.now));
    page.line(format!("Market {}, seed {}.", world.market, world.seed.0));
    page.line(match world.next_event_at() {
        Some(at) => format!("Something happens next at {at}: `tradewind mcp world advance --to {at}` goes there."),
        None => "Nothing is due.".to_owned(),
    });
    page.table("What is there", census(world));
    page
}
