//! The pattern of an indicator: its grammar, and the names of the objects and properties it tests.

use super::Options;
use super::checks::Check;
use super::custom::{self, Naming};
use super::formats as f;
use super::tree::Members;
use crate::check::{Findings, Place, table};
use crate::object::Category;
use crate::pattern;

/// Checks the pattern of an indicator whose `pattern_type` is `stix`.
pub(crate) fn check(
    object: &Members<'_>,
    place: &Place<'_>,
    options: &Options,
    out: &mut Findings,
) {
    let (Some("stix"), Some(text)) = (object.text("pattern_type"), object.text("pattern")) else {
        return;
    };
    let place = place.key("pattern");
    let parsed = match pattern::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return out.add(&place, error.to_string(), "9"),
    };
    let naming = if options.checks.has(Check::ExtensionsUse) {
        None
    } else if options.checks.has(Check::CustomPrefix) {
        Some(Naming::Strict)
    } else if options.checks.has(Check::CustomPrefixLax) {
        Some(Naming::Lax)
    } else {
        None
    };
    for test in parsed.atoms() {
        let type_name = test.path.object_type.as_ref();
        let row = table::row(type_name).filter(|row| row.category == Category::Observable);
        if row.is_none() {
            if !f::is_pattern_type_form(type_name) {
                let message = format!("tests '{type_name}', which is no name of a type");
                out.add(&place, message, "9.7");
            } else if naming.is_some_and(|naming| !naming.fits_type(type_name)) {
                let message = format!(
                    "tests the custom type '{type_name}', which {}",
                    "should begin with x-"
                );
                out.add(&place, message, "9.7");
            }
        }
        let property = test.path.property.as_ref();
        if row.is_some_and(|row| custom::is_defined(row, property)) {
            continue;
        }
        if !f::is_property_form(property) {
            let message = format!("tests '{property}', which is no name of a property");
            out.add(&place, message, "9.7");
        } else if row.is_some() && naming.is_some_and(|naming| !naming.fits_property(property)) {
            let message =
                format!("tests the custom property '{property}', which should begin with x_");
            out.add(&place, message, "9.7");
        }
    }
}
