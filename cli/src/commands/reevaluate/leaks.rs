//! What stands in the simulated clouds, and what of it is past its time to live.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tradewind_mcp::folder::read_world;
use tradewind_mcp::simulated::{Kind, World};

use crate::commands::mcp::Root;
use crate::render::reevaluate::report::{Leaks, Orphan, Owned};

/// Looks into every world of the folder, without holding it: a server may be at work. What cannot be read is a gap.
pub fn look(root: &Root, gaps: &mut Vec<String>) -> Leaks {
    let mut leaks = Leaks::default();
    let Ok(folder) = root.path() else { return leaks };
    let Ok(entries) = fs::read_dir(&folder) else {
        if root.world.is_some() {
            gaps.push(format!("leaks: no folder of clouds at {}", folder.display()));
        }
        return leaks;
    };
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path().join("world.json")).filter(|p| p.is_file()).collect();
    paths.sort_unstable();
    for path in paths {
        match world(&path) {
            Ok(world) => note(&world, &mut leaks),
            Err(what) => gaps.push(format!("leaks: {}: {what}", path.display())),
        }
    }
    leaks
}

fn world(path: &Path) -> Result<World, String> {
    read_world(&fs::read(path).map_err(|e| e.to_string())?)
}

/// Jobs end by themselves and cost nothing: they are no leak.
fn note(world: &World, leaks: &mut Leaks) {
    leaks.clouds.push(world.cloud.clone());
    let mut owners: BTreeMap<String, Owned> = BTreeMap::new();
    for r in world.inventory().into_iter().filter(|r| r.kind != Kind::Job.word()) {
        let until = r.expires_at.unwrap_or(world.now);
        let (cloud, owner) = (world.cloud.clone(), r.owner.clone());
        let owned = owners.entry(owner.clone()).or_insert(Owned { cloud: cloud.clone(), owner, resources: 0, until });
        owned.resources += 1;
        owned.until = owned.until.max(until);
        if until <= world.now {
            let (id, kind, state, owner) = (r.id, r.kind, r.state, r.owner);
            leaks.orphans.push(Orphan { cloud, id, kind, state, owner, expired_at: until });
        }
    }
    leaks.owners.extend(owners.into_values());
}
