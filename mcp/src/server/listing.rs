//! `tools/list`: the same bytes on every call and every cloud.

use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use tradewind_core::hash;

use crate::tools::{Definition, Effect, definitions};

/// The tools, and what they are known by.
#[derive(Debug, Clone)]
pub struct Listing {
    /// In a fixed order.
    pub tools: Vec<Tool>,
    /// SHA-256 of them: a client may pin it and refuse a change.
    pub hash: String,
}

/// Lists the tools.
pub fn listing() -> Listing {
    let tools: Vec<Tool> = definitions().into_iter().map(tool).collect();
    let hash = hash::of(&tools);
    Listing { tools, hash }
}

/// A tool with all four hints. What changes something can also end it (`state: absent`), so it is destructive;
/// the key makes it idempotent. The world is the cloud behind the server: closed.
fn tool(definition: Definition) -> Tool {
    let changes = definition.effect == Effect::Changes;
    let hints = ToolAnnotations::new().read_only(!changes).destructive(changes).idempotent(true).open_world(false);
    Tool::new(definition.name, definition.text, Arc::new(definition.input))
        .with_title(definition.title)
        .with_raw_output_schema(Arc::new(definition.output))
        .with_annotations(hints)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a model reads on every turn.
    const MOST_BYTES: usize = 20_000;

    #[test]
    fn the_whole_list_is_small_and_always_the_same() {
        let (first, second) = (listing(), listing());
        let text = serde_json::to_string(&first.tools).expect("JSON");
        println!("tools/list: {} bytes", text.len());
        assert!(text.len() <= MOST_BYTES, "{} bytes", text.len());
        assert_eq!((text, &first.hash), (serde_json::to_string(&second.tools).expect("JSON"), &second.hash));
        for tool in &first.tools {
            let hints = tool.annotations.as_ref().expect("hints");
            let all = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint];
            assert!(all.iter().all(Option::is_some) && tool.output_schema.is_some(), "{}", tool.name);
        }
    }
}
