//! The run of a plan: a pure state machine.
