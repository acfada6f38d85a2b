//! Tools and worlds.

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
