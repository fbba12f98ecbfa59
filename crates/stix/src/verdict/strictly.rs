//! Recommendations that are looked at when asked for alone: that there is no custom content at all.

use super::custom;
use super::tree::Members;
use super::{Options, Report, each_observable};
use crate::check::{Place, table};
use crate::object::Category;
use crate::pattern;

/// Warns of custom types and custom properties, as the options ask for.
pub(crate) fn check(
    object: &Members<'_>,
    place: &Place<'_>,
    options: &Options,
    report: &mut Report,
) {
    let type_name = object.text("type").unwrap_or_default();
    let row = table::row(type_name);
    if options.strict_types && row.is_none() && type_name != "bundle" {
        let message = "is not a type that the specification defines";
        report.warn(&place.key("type"), message, "3.1");
    }
    if options.strict_properties {
        for name in object.names() {
            if row.is_some_and(|row| !custom::is_defined(row, name)) {
                let message = "is not a property that the specification defines";
                report.warn(&place.key(name), message, "3.1");
            }
        }
        each_observable(object, place, |observable, place| {
            custom::nested_names(observable, place, &mut |_, place| {
                let message = "is not a property that the specification defines";
                report.warn(place, message, "3.1");
            });
        });
    }
    if type_name == "indicator" && object.text("pattern_type") == Some("stix") {
        tested(object, place, options, report);
    }
}

/// What the pattern of an indicator tests.
fn tested(object: &Members<'_>, place: &Place<'_>, options: &Options, report: &mut Report) {
    let Some(Ok(pattern)) = object.text("pattern").map(pattern::parse) else {
        return;
    };
    let place = place.key("pattern");
    for test in pattern.atoms() {
        let row =
            table::row(&test.path.object_type).filter(|row| row.category == Category::Observable);
        match row {
            None if options.strict_types => {
                let message = "tests a type that the specification does not define";
                report.warn(&place, message, "9.7");
            }
            Some(row)
                if options.strict_properties && !custom::is_defined(row, &test.path.property) =>
            {
                let message = "tests a property that the specification does not define";
                report.warn(&place, message, "9.7");
            }
            _ => {}
        }
    }
}
