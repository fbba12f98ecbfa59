use std::fmt;
use std::str::FromStr;

/// The Traffic Light Protocol, version 2.0: who may see. Ordered from least to most restrictive.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tlp {
    /// Anyone. TLP 1 calls it WHITE.
    Clear,
    /// The community.
    Green,
    /// The recipient's organisation and its clients, as far as they need to know.
    Amber,
    /// The recipient's organisation alone.
    AmberStrict,
    /// The named recipients alone.
    Red,
}

/// The Permissible Actions Protocol: what a recipient may do. Ordered from least to most
/// restrictive.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pap {
    /// Anything. Older texts call it WHITE.
    Clear,
    /// Actions that the attacker may notice, such as blocking.
    Green,
    /// Passive look-ups only.
    Amber,
    /// Nothing that leaves one's own systems.
    Red,
}

/// What the markings of a whole object say (section 7.2.2).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Markings {
    /// The TLP marking; an object with two that differ is refused.
    pub tlp: Option<Tlp>,
    /// The PAP marking; of several, the most restrictive.
    pub pap: Option<Pap>,
    /// How many markings are neither TLP nor PAP: statements, other extensions.
    pub others: usize,
}

/// The text names no TLP or PAP marking.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no marking of {protocol}: known are {known}")]
pub struct UnknownMarking {
    /// `TLP` or `PAP`.
    pub protocol: &'static str,
    /// The names that are known.
    pub known: &'static str,
}

/// The fixed identifier by which `OpenCTI` writes AMBER+STRICT, which the common objects did not have
/// when it began to.
const OPENCTI_AMBER_STRICT: &str = "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37";
/// The common objects still carry a marking of PAP's older name for CLEAR.
const PAP_WHITE: &str = "marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730";

impl Tlp {
    /// Every level, from least to most restrictive.
    pub const ALL: [Tlp; 5] = [
        Tlp::Clear,
        Tlp::Green,
        Tlp::Amber,
        Tlp::AmberStrict,
        Tlp::Red,
    ];

    /// The level that a predefined marking's identifier stands for, TLP 1 or TLP 2.0.
    pub fn from_marking_id(id: &str) -> Option<Self> {
        let names = |known: &str| same_marking(id, known);
        if names(OPENCTI_AMBER_STRICT) {
            return Some(Tlp::AmberStrict);
        }
        Tlp::ALL
            .into_iter()
            .find(|level| names(level.marking_id()) || level.tlp1_marking_id().is_some_and(names))
    }

    /// The identifier of the predefined TLP 2.0 marking, from the OASIS CTI common objects
    /// (`extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d`).
    pub const fn marking_id(self) -> &'static str {
        match self {
            Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
            Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
            Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
            Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
            Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
        }
    }

    /// The identifier of the TLP 1 marking that section 7.2.1.4 predefines; none for AMBER+STRICT,
    /// which TLP 1 does not have.
    pub const fn tlp1_marking_id(self) -> Option<&'static str> {
        match self {
            Tlp::Clear => Some("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"),
            Tlp::Green => Some("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"),
            Tlp::Amber => Some("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"),
            Tlp::AmberStrict => None,
            Tlp::Red => Some("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"),
        }
    }

    /// The name as TLP 2.0 writes it, such as `TLP:AMBER+STRICT`.
    pub const fn name(self) -> &'static str {
        match self {
            Tlp::Clear => "TLP:CLEAR",
            Tlp::Green => "TLP:GREEN",
            Tlp::Amber => "TLP:AMBER",
            Tlp::AmberStrict => "TLP:AMBER+STRICT",
            Tlp::Red => "TLP:RED",
        }
    }
}

impl Pap {
    /// Every level, from least to most restrictive.
    pub const ALL: [Pap; 4] = [Pap::Clear, Pap::Green, Pap::Amber, Pap::Red];

    /// The level that a predefined marking's identifier stands for.
    pub fn from_marking_id(id: &str) -> Option<Self> {
        if same_marking(id, PAP_WHITE) {
            return Some(Pap::Clear);
        }
        Pap::ALL
            .into_iter()
            .find(|level| same_marking(id, level.marking_id()))
    }

    /// The identifier of the predefined marking, from the OASIS CTI common objects
    /// (`extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b`).
    pub const fn marking_id(self) -> &'static str {
        match self {
            Pap::Clear => "marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92",
            Pap::Green => "marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9",
            Pap::Amber => "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab",
            Pap::Red => "marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e",
        }
    }

    /// The name, such as `PAP:AMBER`.
    pub const fn name(self) -> &'static str {
        match self {
            Pap::Clear => "PAP:CLEAR",
            Pap::Green => "PAP:GREEN",
            Pap::Amber => "PAP:AMBER",
            Pap::Red => "PAP:RED",
        }
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Pap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Takes the name in any case, with or without `TLP:`; `white` is `CLEAR`.
impl FromStr for Tlp {
    type Err = UnknownMarking;

    fn from_str(text: &str) -> Result<Self, UnknownMarking> {
        match level(text, "tlp:").to_ascii_lowercase().as_str() {
            "clear" | "white" => Ok(Tlp::Clear),
            "green" => Ok(Tlp::Green),
            "amber" => Ok(Tlp::Amber),
            "amber+strict" => Ok(Tlp::AmberStrict),
            "red" => Ok(Tlp::Red),
            _ => Err(UnknownMarking {
                protocol: "TLP",
                known: "CLEAR, GREEN, AMBER, AMBER+STRICT and RED",
            }),
        }
    }
}

/// Takes the name in any case, with or without `PAP:`; `white` is `CLEAR`.
impl FromStr for Pap {
    type Err = UnknownMarking;

    fn from_str(text: &str) -> Result<Self, UnknownMarking> {
        match level(text, "pap:").to_ascii_lowercase().as_str() {
            "clear" | "white" => Ok(Pap::Clear),
            "green" => Ok(Pap::Green),
            "amber" => Ok(Pap::Amber),
            "red" => Ok(Pap::Red),
            _ => Err(UnknownMarking {
                protocol: "PAP",
                known: "CLEAR, GREEN, AMBER and RED",
            }),
        }
    }
}

/// Compares the UUIDs first: every marking's identifier begins alike.
fn same_marking(id: &str, known: &str) -> bool {
    let (Some((head, uuid)), Some((known_head, known_uuid))) =
        (id.split_at_checked(20), known.split_at_checked(20))
    else {
        return false;
    };
    uuid.eq_ignore_ascii_case(known_uuid) && head == known_head
}

fn level<'a>(text: &'a str, prefix: &str) -> &'a str {
    match text.split_at_checked(prefix.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(prefix) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_print_as_they_parse() {
        assert!(Tlp::ALL.is_sorted());
        for level in Tlp::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
            assert_eq!(level.name().to_lowercase().parse(), Ok(level));
        }
        assert_eq!("white".parse(), Ok(Tlp::Clear));
        assert_eq!("PAP:white".parse(), Ok(Pap::Clear));
        assert!("TLP:BLUE".parse::<Tlp>().is_err());
        assert!("".parse::<Tlp>().is_err());
    }

    #[test]
    fn identifiers_go_both_ways() {
        for level in Tlp::ALL {
            assert_eq!(Tlp::from_marking_id(level.marking_id()), Some(level));
            if let Some(id) = level.tlp1_marking_id() {
                assert_eq!(Tlp::from_marking_id(id), Some(level));
            }
        }
        for level in Pap::ALL {
            assert_eq!(Pap::from_marking_id(level.marking_id()), Some(level));
        }
        assert_eq!(Tlp::from_marking_id(Pap::Red.marking_id()), None);
    }
}
