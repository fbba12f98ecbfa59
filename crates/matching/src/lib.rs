//! What makes data matchable, and matches it: observables out of any text or log, and the index
//! of signals they are matched against.
//!
//! - [`Observable`]: a checked value in its canonical form; [`extract()`] finds all in a text.
//! - [`Index`]: which signals are about which observable.
//! - [`Edge`]: the same in a file, for machines without a node.
//! - [`scan()`]: every hit of an index in a text; [`LineScanner`]: the same over a stream of lines.
//! - [`patterns`]: very many STIX patterns against observations, at once or as they come.
//! - [`logs`]: lines of common log formats as observations.
//! - [`warning`]: lists of values that are no cause for alarm.
//! - [`pdq`]: perceptual hashes of images, and the search for near ones.
//! - [`text`]: short texts by keyed neighbourhoods, passages by winnowing.
//! - [`oprf`]: private matching: who asks learns what matched, who holds the set learns nothing.
//! - [`sample`]: generated logs with planted observables, for demonstrations and tests.
//!
//! Pure: bytes in, values out; no clock, no globals, and no files but the one that an [`Edge`] is
//! handed.

mod address;
mod classes;
mod context;
pub mod edge;
mod email;
pub mod extract;
mod hit;
pub mod index;
mod kind;
pub mod lines;
pub mod logs;
mod name;
pub mod observable;
pub mod oprf;
pub mod patterns;
pub mod pdq;
mod reader;
mod refang;
mod refusal;
pub mod sample;
pub mod scan;
mod sieve;
#[expect(
    unsafe_code,
    reason = "measured: eight bytes a cycle where the portable way takes one in some cycles"
)]
mod simd;
pub mod text;
mod url;
pub mod warning;

pub use edge::Edge;
pub use extract::{Extracted, Part, extract};
pub use hit::{Hit, Relation};
pub use index::Index;
pub use kind::{Kind, UnknownKind};
pub use lines::{LineHit, LineScanner};
pub use observable::Observable;
pub use refusal::Refusal;
pub use scan::{Scratch, scan};
