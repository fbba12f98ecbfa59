//! The pattern language (section 9): parse, print, look at. Nothing is evaluated here.
//!
//! The crate `rstix` was weighed and not taken: its pattern feature brings some 70 crates, holds
//! numbers as floats, and refuses paths and operators by a type check that OASIS stix2-patterns,
//! whose verdicts count here, does not make.
//!
//! Verdicts agree with stix2-patterns 2.1.2 but for these, each on purpose:
//!
//! | pattern | here | there | why |
//! |---|---|---|---|
//! | `t'2014-02-31T00:00:00Z'` | refused | taken | a constant is a timestamp of 2.16 |
//! | line feeds in `b'...'` | taken | refused | 9.2 asks for it |
//! | `LIKE`, `MATCHES`, `IN` on a hash | taken | refused | there the operand is read as a digest |
//! | a comment first | taken | refused | an accident of its search for `[` |
//! | `x[-1]` | refused | an exception | 9.7.2 counts from 0 |
//! | parentheses nested past 100 | refused | taken | bounded work |
//!
//! ```
//! let pattern = stix::pattern::parse("[ipv4-addr:value='198.51.100.3']")?;
//! assert_eq!(pattern.to_string(), "[ipv4-addr:value = '198.51.100.3']");
//! # Ok::<(), stix::pattern::PatternError>(())
//! ```

mod ast;
mod bind;
mod budget;
mod compile;
mod error;
mod evaluate;
mod flow;
mod hash;
mod lexer;
mod network;
mod number;
mod observation;
mod parser;
mod path;
mod plan;
mod print;
mod regular;
mod test;

pub use ast::{
    Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Qualifier, Step, Test,
};
pub use compile::{Compiled, compile};
pub use error::PatternError;
pub use evaluate::{Evaluation, MAX_OBSERVATIONS, TooMuch};
pub use observation::{NoObservation, Observable, Observation, observations};
pub use parser::parse;
