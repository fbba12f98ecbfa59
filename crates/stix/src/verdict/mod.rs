//! Verdicts on STIX 2.1 content: what it must be, and what it should be, with reasons.
//!
//! What a verdict says agrees with OASIS stix2-validator 3.3.2 without its network look-ups, in its
//! default mode ([`Mode::Permissive`]) and with `--strict` ([`Mode::Strict`]); `docs/stix.md` lists
//! the differences, each on purpose. What a verdict calls valid, [`crate::Object::parse`] takes.
//!
//! ```
//! use stix::verdict::{self, Mode, Options};
//!
//! let bytes = br#"{"type":"mutex","id":"mutex--84a2b2a2-1b2b-5c52-9d2a-1f0e0b7b3c5d",
//!   "name":"x","priority":1}"#;
//! let verdict = verdict::check(bytes, &Options::default());
//! assert!(verdict.is_valid());
//! assert_eq!(verdict.warnings[0].pointer, "/priority");
//! assert_eq!(verdict.warnings[0].check, Some("extensions-use"));
//!
//! let strict = Options { mode: Mode::Strict, ..Options::default() };
//! assert!(!verdict::check(bytes, &strict).is_valid());
//! ```

mod checks;
mod cpe;
mod custom;
mod document;
mod extensions;
mod formats;
mod musts;
mod patterns;
mod references;
mod refine;
mod registry;
mod relationships;
mod rule;
mod shoulds;
mod strictly;
mod tlp;
pub(crate) mod tree;
mod uri;
mod vocabulary;
mod whole;

pub use checks::{Check, Checks, UnknownCheck};
pub use document::{Checked, check_each};
pub use uri::is_uri;

use crate::check::{Findings, Place, table};
use crate::id::StixIdBuf;
use crate::json;
use crate::object::Category;
use crate::observable_id;
use crate::reason::Reason;
use tree::{Members, Value};

/// Whether recommendations count.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A recommendation that is not followed is a warning.
    #[default]
    Permissive,
    /// A recommendation that is not followed is an error.
    Strict,
}

/// What is checked, and how it counts.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches that know nothing of each other"
)]
pub struct Options {
    /// Whether recommendations count as errors.
    pub mode: Mode,
    /// Which recommendations are checked.
    pub checks: Checks,
    /// Whether a bundle must hold what its relationships refer to.
    pub enforce_refs: bool,
    /// Whether custom types are a recommendation that is not followed.
    pub strict_types: bool,
    /// Whether custom properties are one.
    pub strict_properties: bool,
    /// Whether the ids that observables' properties give are said.
    pub ids: bool,
}

/// What is wrong with an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The object's `id`, when it is a string.
    pub id: Option<String>,
    /// The id that an observable's properties give, where [`Options::ids`] asks for it.
    pub deterministic_id: Option<String>,
    /// What makes it invalid, at most 50.
    pub errors: Vec<Reason>,
    /// What is not as recommended, at most 50.
    pub warnings: Vec<Reason>,
}

impl Verdict {
    /// Whether there is no error.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }
}

/// Checks one object, or a bundle with all that is in it: there the pointers of reasons about its
/// objects begin with `/objects/`. Never fails: bytes that are not JSON are an error of the verdict.
pub fn check(bytes: &[u8], options: &Options) -> Verdict {
    let mut all = Verdict::default();
    check_each(bytes, options, |checked| {
        let Checked { place, verdict, .. } = checked;
        if place.is_empty() {
            all.id = verdict.id;
            all.deterministic_id = verdict.deterministic_id;
        }
        let at = |mut reason: Reason| {
            reason.pointer.insert_str(0, place);
            reason
        };
        all.errors.extend(verdict.errors.into_iter().map(at));
        all.warnings.extend(verdict.warnings.into_iter().map(at));
    });
    all
}

/// What is found about an object.
pub(crate) struct Report {
    errors: Findings,
    warnings: Findings,
    checks: Checks,
    mode: Mode,
    ids: bool,
}

impl Report {
    fn new(options: &Options) -> Self {
        Report {
            errors: Findings::default(),
            warnings: Findings::default(),
            checks: options.checks,
            mode: options.mode,
            ids: options.ids,
        }
    }

    const fn wants(&self, check: Check) -> bool {
        self.checks.has(check)
    }

    /// A recommendation that is not followed.
    fn advise(
        &mut self,
        check: Check,
        place: &Place<'_>,
        message: impl Into<String>,
        section: &'static str,
    ) {
        if self.wants(check) {
            let findings = match self.mode {
                Mode::Permissive => &mut self.warnings,
                Mode::Strict => &mut self.errors,
            };
            findings.add_for(Some(check.name()), place, message.into(), Some(section));
        }
    }

    /// A recommendation that is not followed and that no check names.
    fn warn(&mut self, place: &Place<'_>, message: &str, section: &'static str) {
        let findings = match self.mode {
            Mode::Permissive => &mut self.warnings,
            Mode::Strict => &mut self.errors,
        };
        findings.add(place, message, section);
    }

    fn into_verdict(self, object: Option<&Members<'_>>) -> Verdict {
        let deterministic = object.filter(|_| self.ids).and_then(observable_id::id_of);
        Verdict {
            id: object
                .and_then(|object| object.text("id"))
                .map(str::to_owned),
            deterministic_id: deterministic.map(StixIdBuf::into_string),
            errors: once(self.errors.into_reasons()),
            warnings: once(self.warnings.into_reasons()),
        }
    }
}

/// Two rules that meet on a property may say the same, one after the other.
fn once(mut reasons: Vec<Reason>) -> Vec<Reason> {
    reasons.dedup();
    reasons
}

/// Checks an object, or a bundle without what is in it.
fn check_object(object: &Members<'_>, options: &Options, report: &mut Report) {
    whole::check(object, &Place::Root, &mut report.errors);
    beyond_shape(object, &Place::Root, options, report);
}

/// What the shape does not say, of an object and of the objects in its lists.
fn beyond_shape(object: &Members<'_>, place: &Place<'_>, options: &Options, report: &mut Report) {
    musts::check(object, place, options, &mut report.errors);
    shoulds::check(object, place, report);
    if options.strict_types || options.strict_properties {
        strictly::check(object, place, options, report);
    }
    for (name, value) in object.iter() {
        let Value::List(items) = value else { continue };
        let place = place.key(name);
        for (index, item) in items.iter().enumerate() {
            if let Some(item) = item.object()
                && item.has("id")
                && item.has("type")
            {
                beyond_shape(item, &place.index(index), options, report);
            }
        }
    }
}

/// Calls `each` with the object when it is an observable, or with the observables of observed data.
fn each_observable(
    object: &Members<'_>,
    place: &Place<'_>,
    mut each: impl FnMut(&Members<'_>, &Place<'_>),
) {
    let type_name = object.text("type").unwrap_or_default();
    if type_name == "observed-data" {
        let place = place.key("objects");
        for (key, observable) in object.object("objects").into_iter().flat_map(Members::iter) {
            if let Some(observable) = observable.object() {
                each(observable, &place.key(key));
            }
        }
    } else if table::row(type_name).is_some_and(|row| row.category == Category::Observable) {
        each(object, place);
    }
}

/// The object as a tree; what is wrong with its text is an error.
fn parse<'a>(bytes: &'a [u8], errors: &mut Findings) -> Option<Value<'a>> {
    let parsed = json::text_of(bytes)
        .and_then(|text| serde_json::from_str(text).map_err(json::Malformed::from));
    parsed.map_err(|error| errors.malformed(&error)).ok()
}
