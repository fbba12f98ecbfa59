//! Markings, harms and labels as MISP's tags, and back.

use node::model::{Harm, Marking};
use serde::Serialize;
use stix::{Pap, Tlp};

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) colour: &'static str,
}

/// What the tags of an event or an attribute say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Of several, the most restrictive.
    pub(crate) tlp: Option<Tlp>,
    /// Of several, the most restrictive.
    pub(crate) pap: Option<Pap>,
    /// Everything else, as labels.
    pub(crate) labels: Vec<String>,
}

/// A machine tag, such as `namespace:predicate="value"`.
pub(crate) fn machine_tag(namespace: &str, predicate: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{namespace}:{predicate}=\"{value}\""),
        None => format!("{namespace}:{predicate}"),
    }
}

const GREY: &str = "#7a7a7a";

/// The taxonomy of the harms: `entente:harm="cybercrime"`.
const HARM: &str = "entente:harm=\"";

/// The tag of a marking, such as `tlp:amber+strict`.
pub(crate) fn of_marking(marking: Marking) -> Tag {
    let colour = match marking {
        Marking::Clear => "#ffffff",
        Marking::Green => "#339900",
        Marking::Amber | Marking::AmberStrict => "#ffc000",
        Marking::Red => "#cc0033",
    };
    let name = marking.to_string().to_ascii_lowercase();
    Tag { name, colour }
}

/// The tag of a PAP marking, such as `PAP:GREEN`.
pub(crate) fn of_pap(pap: Pap) -> Tag {
    let name = pap.to_string();
    Tag { name, colour: GREY }
}

/// The tag of a harm.
pub(crate) fn of_harm(harm: Harm) -> Tag {
    let name = format!("{HARM}{harm}\"");
    Tag { name, colour: GREY }
}

/// The tag of a label; none for one that says what a marking or another field says, so that no
/// label can contradict the marking it stands under.
pub(crate) fn of_label(label: &str) -> Option<Tag> {
    let label = label.trim();
    if let Ok(harm) = label.parse() {
        return Some(of_harm(harm));
    }
    let lower = label.to_ascii_lowercase();
    let reserved = ["tlp:", "pap:", "misp:"];
    let is_free = !label.is_empty() && !reserved.iter().any(|head| lower.starts_with(head));
    is_free.then(|| Tag {
        name: label.to_owned(),
        colour: GREY,
    })
}

/// Reads tags by their names.
pub(crate) fn read<'n>(names: impl Iterator<Item = &'n str>) -> Said {
    let mut said = Said::default();
    for name in names {
        let lower = name.trim().to_ascii_lowercase();
        let harm = name
            .strip_prefix(HARM)
            .and_then(|rest| rest.strip_suffix('"'));
        if let (true, Ok(tlp)) = (lower.starts_with("tlp:"), lower.parse::<Tlp>()) {
            said.tlp = said.tlp.max(Some(tlp));
        } else if let (true, Ok(pap)) = (lower.starts_with("pap:"), lower.parse::<Pap>()) {
            said.pap = said.pap.max(Some(pap));
        } else if let Some(harm) = harm {
            said.labels.push(harm.to_owned());
        } else if !name.trim().is_empty() {
            said.labels.push(name.trim().to_owned());
        }
    }
    said
}

impl Said {
    /// What a part says, or where it says nothing what the whole says. Labels are not inherited.
    pub(crate) fn or(mut self, whole: &Said) -> Self {
        self.tlp = self.tlp.or(whole.tlp);
        self.pap = self.pap.or(whole.pap);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markings_and_harms_go_both_ways() {
        for marking in Marking::ALL {
            let tag = of_marking(marking);
            let said = read([tag.name.as_str()].into_iter());
            assert_eq!(said.tlp.map(Marking::from), Some(marking), "{}", tag.name);
        }
        for pap in Pap::ALL {
            assert_eq!(read([of_pap(pap).name.as_str()].into_iter()).pap, Some(pap));
        }
        let harm = of_label("hate-speech").unwrap();
        assert_eq!(harm.name, "entente:harm=\"hate-speech\"");
        assert_eq!(
            read([harm.name.as_str()].into_iter()).labels,
            ["hate-speech"]
        );
    }

    #[test]
    fn of_several_markings_the_most_restrictive_holds() {
        let said = read(["tlp:white", "TLP:AMBER+STRICT", "tlp:ex:chr", "x"].into_iter());
        assert_eq!(said.tlp, Some(Tlp::AmberStrict));
        assert_eq!(said.labels, ["tlp:ex:chr", "x"]);
    }

    #[test]
    fn no_label_contradicts_a_marking() {
        for label in [
            "tlp:clear",
            " TLP:white",
            "PAP:CLEAR",
            "misp:type=\"md5\"",
            "",
        ] {
            assert_eq!(of_label(label), None, "{label}");
        }
    }
}
