//! Pure analyses of a party's own data: no network, no clock, no globals. What they give are
//! findings: evidence with its uncertainty, on which a person decides.

pub mod coordination;
pub mod interference;
pub mod sample;
pub mod secrets;
