//! STIX 2.1 objects kept byte for byte: their identifiers, timestamps, markings, checks with
//! reasons, the containers they travel in, and the pattern language.
//!
//! No I/O, no clock, no globals: bytes in, facts and reasons out. Section numbers are those of
//! STIX 2.1 (OASIS Standard, with Errata 01) unless a name stands before them.
//!
//! ```
//! let bytes = br#"{"type":"ipv4-addr","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
//!   "value":"198.51.100.3"}"#;
//! let object = stix::Object::parse(bytes).map_err(|reasons| format!("{reasons:?}"))?;
//! assert_eq!(object.type_name(), "ipv4-addr");
//! assert_eq!(object.raw(), bytes);
//! # Ok::<(), String>(())
//! ```

pub mod build;
mod check;
pub mod envelope;
mod id;
pub mod json;
mod marking;
mod object;
mod observable_id;
pub mod pattern;
mod reason;
pub mod signal;
mod timestamp;
pub mod verdict;

pub use envelope::{Container, Envelope, split};
pub use id::{IdError, StixId, StixIdBuf};
pub use json::Malformed;
pub use marking::{Markings, Pap, Tlp, UnknownMarking};
pub use object::{Category, Object, SpecVersion};
pub use observable_id::{contributing_properties, observable_id};
pub use reason::Reason;
pub use timestamp::{Timestamp, TimestampError};
