//! The pattern language (section 9): parse, print, look at, evaluate.
//!
//! The crate `rstix` was weighed and not taken: its pattern feature brings some 70 crates, holds
//! numbers as floats, and refuses paths and operators by a type check that OASIS stix2-patterns,
//! whose verdicts count here, does not make.
//!
//! # Parsing
//!
//! Verdicts agree with stix2-patterns 2.1.2 but for these, each on purpose:
//!
//! | pattern | here | there | why |
//! |---|---|---|---|
//! | `t'2014-02-31T00:00:00Z'` | refused | taken | a constant is a timestamp of 2.16 |
//! | line feeds in `b'...'` | taken | refused | 9.2 asks for it |
//! | `LIKE`, `MATCHES`, `IN` on a hash | taken | refused | there the operand is read as a digest |
//! | `hashes[0] = 'x'` | taken | an exception | there an index is read as a name |
//! | an MD6 digest of any length | refused | taken past 32 | its expression lacks an end |
//! | a comment first | taken | refused | an accident of its search for `[` |
//! | `x[-1]` | refused | an exception | 9.7.2 counts from 0 |
//! | `REPEATS`, `[n]` past 64 bits | refused | taken | no data has as many |
//! | parentheses nested past 100 | refused | taken | bounded work |
//!
//! # Evaluation
//!
//! [`compile`] makes a [`Compiled`], which owns all it needs; [`Compiled::evaluate`] looks at
//! observations at once, an [`Evaluation`] at one after the other. Within an observation `AND` and
//! `OR` speak of one object, as in OASIS stix2-matcher 3.0.0. Its verdicts hold here but for these:
//!
//! | case | here | there | why |
//! |---|---|---|---|
//! | `EXISTS`, `NOT EXISTS` | evaluated | ignored, or an exception | 9.6.1 |
//! | text that is no timestamp | equal to none | an exception | incompatible types are unequal (9.6.1) |
//! | `_hex`, `_bin` that cannot be decoded, a reference that is no text | not there | an exception | 9.6: what cannot be obtained |
//! | `ISSUBSET` on text that is no address | false | an exception | 9.6.1 |
//! | IPv6, `/0`, a single address with `ISSUBSET` | evaluated | an exception | 9.6.1 |
//! | `true` in `IN (1, 2)` | false | true | incompatible types (9.6.1) |
//! | `_hex`, `_bin` in a list of strings | as with `=` | false | 9.6.4 |
//! | a line feed under `%`, `_` or `.` | matches | does not | 9.6.1: any character, `DOTALL` |
//! | `$` and then the last line feed itself, as in `a$\n` | does not match | matches | the automaton has no look-ahead |
//! | POSIX classes in `MATCHES` | as PCRE | as Python | 9.6.1 |
//! | look-around, back references, possessive and atomic groups | an error when compiled | evaluated | no text may make a match slow |
//! | numbers a float cannot tell apart | compared exactly | as floats | 9.2 |
//! | two qualifiers of one kind on `[...]` | refused | evaluated | 9.5.1, and stix2-patterns |
//! | bounds on memory and work | [`TooMuch`] | runs on | untrusted patterns |
//!
//! As there, and other than 9.5.1 says, the end of a `WITHIN` window is within it.
//!
//! ```
//! use stix::pattern::{compile, observations};
//!
//! let pattern = stix::pattern::parse("[ipv4-addr:value='198.51.100.3']")?;
//! assert_eq!(pattern.to_string(), "[ipv4-addr:value = '198.51.100.3']");
//!
//! let seen = [
//!     br#"{"type":"ipv4-addr","id":"ipv4-addr--1","value":"198.51.100.3"}"#.as_slice(),
//!     br#"{"type":"observed-data","id":"observed-data--1","number_observed":1,
//!       "first_observed":"2024-01-01T00:00:00Z","last_observed":"2024-01-01T00:00:00Z",
//!       "object_refs":["ipv4-addr--1"]}"#,
//! ];
//! let seen = observations(seen).into_iter().collect::<Result<Vec<_>, _>>()?;
//! let pattern = compile("[ipv4-addr:value ISSUBSET '198.51.100.0/24']")?;
//! assert_eq!(pattern.evaluate(&seen)?, Some(vec![0]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ast;
mod bind;
mod budget;
mod compile;
mod equal;
mod error;
mod evaluate;
mod flow;
mod hash;
mod lexer;
mod like;
mod literal;
mod network;
mod number;
mod observation;
mod parser;
mod path;
mod paths;
mod plan;
mod print;
mod regular;
mod test;

pub use ast::{
    Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Qualifier, Step, Test,
};
pub use budget::Budget;
pub use compile::{Compiled, compile};
pub use equal::Canonical;
pub use error::PatternError;
pub use evaluate::{Evaluation, MAX_OBSERVATIONS, Seen, TooMuch};
pub use literal::folded;
pub use network::Network;
pub use number::Number;
pub use observation::{NoObservation, Observable, Observation, observations};
pub use parser::parse;
pub use path::Value;
pub use paths::{LONGEST_PATH, PathId, Paths, WalkScratch};
