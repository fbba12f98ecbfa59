//! The public account: what became of requests, added up by month, so that anybody can see who answers
//! in time and who is silent.
//!
//! A figure stands under the month in which what it counts happened, not under that in which the
//! request was sent: what is said of a month never changes once the month is over. [`Counts`] of
//! several months add up to the state at the end of the last.

pub mod counts;
pub mod month;
pub mod spread;

pub use counts::{Counts, Event, Fate, Standing};
pub use month::Month;
pub use spread::Spread;
