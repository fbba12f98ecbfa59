//! The closed vocabularies of a pledge: kinds, stances, bases of a date and its precision.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What sort of organisation a party is. Stored by number: add new ones at the end.
    Kind, "kind of party";
    /// A state.
    State = "state", "States";
    /// A public authority or local government.
    PublicAuthority = "public-authority", "Public authorities";
    /// An organisation founded by states under international law.
    InternationalOrganisation = "international-organisation", "International organisations";
    /// Civil society: associations, universities, research.
    CivilSociety = "civil-society", "Civil society";
    /// A company, or an association of companies.
    PrivateSector = "private-sector", "Private sector";
    /// The register it comes from gives no kind.
    Uncategorised = "uncategorised", "Without a kind";
}

words! {
    /// A party's relation to a pledge. Stored by number: add new ones at the end.
    Stance, "stance";
    /// It supports the pledge.
    Signed = "signed", "Signed";
    /// It has not signed; talks go on.
    InTalks = "in-talks", "In talks";
    /// It has not signed, and is involved under other forms.
    Partner = "partner", "Partner";
    /// It has not signed, and a source says so.
    SittingOut = "sitting-out", "Sitting out";
    /// It had signed and left.
    Withdrawn = "withdrawn", "Withdrawn";
    /// Its support is suspended.
    Suspended = "suspended", "Suspended";
}

words! {
    /// What the date of a stance means. Stored by number: add new ones at the end.
    Basis, "basis";
    /// The register gives this as the day of signing.
    SignedOn = "signed-on", "signed on";
    /// The register lists it since this day and gives no day of signing, which is this day or earlier.
    ListedSince = "listed-since", "listed since";
    /// A source reported it as of this day.
    Reported = "reported", "reported on";
    /// The party, or the steward, announced it on this day.
    Announced = "announced", "announced on";
    /// A source of this day counts it as done; the day itself is this one or earlier.
    NotAfter = "not-after", "not after";
    /// The register did not list it on this day.
    AbsentOn = "absent-on", "absent from the register on";
    /// An administrator of this node recorded it.
    Recorded = "recorded", "recorded on";
    /// It signed with its key, in an entry of this journal, on this day.
    SignedHere = "signed-here", "signed with its key on";
}

words! {
    /// What a party's identity is worth. Never stored: it is computed for an instant.
    Identity, "identity";
    /// It signed with its key, and its domain or a sponsor shows whose key that is.
    Verified = "verified", "Verified";
    /// It signed, or has keys here; nothing that holds shows who it is.
    Claimed = "claimed", "Claimed";
    /// It was more than claimed: its signature expired, or what showed who it is does not any more.
    Lapsed = "lapsed", "Lapsed";
    /// The pledge's own register lists it; nothing here shows that it is who it is said to be.
    Listed = "listed", "Listed, not verified here";
    /// It is on record from other sources; nothing here shows that it is who it is said to be.
    Recorded = "recorded", "On record, not verified here";
}

words! {
    /// How exactly a date is known. Stored by number: add new ones at the end.
    Precision, "precision";
    /// To the day.
    Day = "day", "day";
    /// To the month; the date is the month's last day.
    Month = "month", "month";
    /// To the year; the date is 31 December.
    Year = "year", "year";
}

impl Kind {
    /// The name of one such party.
    pub fn singular(self) -> &'static str {
        match self {
            Kind::State => "State",
            Kind::PublicAuthority => "Public authority",
            Kind::InternationalOrganisation => "International organisation",
            Kind::CivilSociety => "Civil society",
            Kind::PrivateSector => "Private sector",
            Kind::Uncategorised => "Without a kind",
        }
    }
}
