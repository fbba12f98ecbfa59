//! Requests: one party asks another to act, and gets an answer in time or the silence is public.
//!
//! [`machine`] is the table of states and steps; [`model`] what is written; [`case`] what follows from
//! it. All of it is pure: dates are decided once, by the writer, and written down.

pub mod calendar;
pub mod case;
mod dates;
pub mod deadline;
pub mod machine;
pub mod model;

pub use case::{Case, Late, Outcome, StepRecord};
pub use deadline::{Deadline, Preset};
pub use machine::{Role, State, Verb};
pub use model::{
    Category, Contact, Evidence, Ground, GroundKind, Kind, Request, RequestStep, Step,
};
