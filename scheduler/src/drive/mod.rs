//! The one place with effects: tells a run what happens, sends its calls, lets time pass.
//!
//! A [`Driver`] holds a run, its journal and [`Hands`] on the clouds: MCP clients ([`Clients`]) of servers with all
//! their layers, or providers in this process. On simulated clouds time jumps from event to event.

mod clients;
mod driver;
mod hands;
mod log;
mod simulated;
mod told;

pub use clients::{ClientError, Clients};
pub use driver::{DriveError, Driver, NoWatch, Place, Point, Watch};
pub use hands::{Direct, Hands, Told};
pub use log::CallLog;
pub use simulated::{OpenError, Scene, Simulation, Trouble};
pub use told::{Recovered, recover, replay, tell_again};
