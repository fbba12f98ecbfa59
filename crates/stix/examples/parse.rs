//! How many objects a second [`stix::Object::parse`] takes: `parse FILE`, one object a line.
//!
//! `python3 bench/run.py --only stix` races it with the OASIS `stix2` package on the same lines.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on panics, and tells time"
)]

use std::time::Instant;

fn main() {
    let path = std::env::args().nth(1).expect("parse FILE");
    let bytes = std::fs::read(path).unwrap();
    let lines: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let began = Instant::now();
    let taken = lines
        .iter()
        .filter(|line| stix::Object::parse(line).is_ok())
        .count();
    let took = began.elapsed().as_secs_f64();
    assert_eq!(taken, lines.len(), "an object was refused");
    println!("{}", taken as f64 / took);
}
