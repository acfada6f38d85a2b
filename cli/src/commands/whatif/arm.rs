//! The arms of a what-if before they are simulated.

use std::rc::Rc;

use tradewind_core::plan::Plan;
use tradewind_sim::plan::World;

use super::Halt;
use super::change::{self, Change, Target};
use super::subject::Subject;
use crate::config;
use crate::failure::Failure;
use crate::render::whatif::Setting;

/// A plan in a world.
#[derive(Debug, Clone)]
pub struct Arm {
    /// What it changes.
    pub settings: Vec<Setting>,
    /// Its plan; the base's own where no configuration is changed.
    pub plan: Rc<Plan>,
    /// Whether the queue was planned again.
    pub replanned: bool,
    /// Its world.
    pub world: World,
}

/// What each arm changes: one value at a time, or with `grid` every combination.
pub fn combinations(axes: &[Vec<Change>], grid: bool) -> Vec<Vec<Change>> {
    if !grid {
        return axes.iter().flatten().map(|change| vec![change.clone()]).collect();
    }
    axes.iter().fold(vec![Vec::new()], |all, axis| {
        let longer = |so_far: &Vec<Change>| {
            let so_far = so_far.clone();
            axis.iter().map(move |change| so_far.iter().cloned().chain([change.clone()]).collect())
        };
        all.iter().flat_map(longer).collect()
    })
}

/// Plans made so far, by what they change in the configuration.
pub struct Plans<'a> {
    subject: &'a Subject<'a>,
    made: Vec<(Vec<config::Change>, Rc<Plan>)>,
    /// What was worth knowing of the inputs, each once.
    told: Vec<String>,
}

impl<'a> Plans<'a> {
    /// With the base.
    pub fn new(subject: &'a Subject<'a>) -> Result<Self, Halt> {
        let (base, told) = match subject {
            Subject::Plan(plan) => (Rc::clone(plan), Vec::new()),
            Subject::Queue(planner) => planner.plan(&[], None).map(|(plan, told)| (Rc::new(plan), told))?,
        };
        told.iter().for_each(|w| crate::output::warn(w));
        Ok(Self { subject, made: vec![(Vec::new(), base)], told })
    }

    /// The plan of the unchanged configuration.
    pub fn base(&self) -> Rc<Plan> {
        Rc::clone(&self.made[0].1)
    }

    /// An arm. What is worth knowing only of its inputs is told with its label.
    pub fn arm(&mut self, changes: Vec<Change>, world: &World) -> Result<Arm, Halt> {
        let (mut settings, mut config, mut world) = (Vec::new(), Vec::new(), world.clone());
        for Change { setting, to } in changes {
            match to {
                Target::Config(change) => config.push(change),
                Target::World(steps, value) => {
                    let place = format!("--vary {}={}", setting.key, setting.value);
                    let usage = |why: String| Failure::usage("these changes make no sense together", &place, &why);
                    world = change::with(&world, &steps, &value).map_err(usage)?;
                }
            }
            settings.push(setting);
        }
        let replanned = !config.is_empty();
        Ok(Arm { plan: self.plan(config, &settings)?, settings, replanned, world })
    }

    fn plan(&mut self, changes: Vec<config::Change>, settings: &[Setting]) -> Result<Rc<Plan>, Halt> {
        if let Some((_, plan)) = self.made.iter().find(|(made, _)| *made == changes) {
            return Ok(Rc::clone(plan));
        }
        let (plan, warnings) = self.subject.planner("--vary config")?.plan(&changes, None)?;
        let label: Vec<String> = settings.iter().map(|s| format!("{}={}", s.key, s.value)).collect();
        for new in warnings.into_iter().filter(|w| !self.told.contains(w)) {
            crate::output::warn(&format!("{}: {new}", label.join(", ")));
        }
        let plan = Rc::new(plan);
        self.made.push((changes, Rc::clone(&plan)));
        Ok(plan)
    }
}
