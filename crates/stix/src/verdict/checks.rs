//! The recommendations that can be switched off, each with the name and number that OASIS
//! stix2-validator gives it.

/// A recommendation ("SHOULD") that is checked.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// Custom content is named `x-<source>-<name>` or `x_<source>_<name>` (101).
    CustomPrefix,
    /// Custom content is named `x-<name>` or `x_<name>` (102).
    CustomPrefixLax,
    /// Observables have a `UUIDv5`, all else a `UUIDv4` (103).
    UuidCheck,
    /// Vocabulary words are lower-case, with hyphens between (111).
    OpenVocabFormat,
    /// Kill chains and their phases are lower-case, with hyphens between (121).
    KillChainNames,
    /// The keys of `objects` of observed data are whole numbers (141).
    ObservableObjectKeys,
    /// The keys of an observable's dictionaries are lower-case (142).
    ObservableDictionaryKeys,
    /// The product of a malware analysis is lower-case (143).
    MalwareAnalysisProduct,
    /// A priority of a Windows process ends in `_CLASS` (149).
    WindowsProcessPriorityFormat,
    /// Nothing today: STIX 2.1 allows hash names of 250 characters (150).
    HashLength,
    /// `definition_type` is `statement` or `tlp` (201).
    MarkingDefinitionType,
    /// A relationship is one that the specification suggests (202).
    RelationshipTypes,
    /// Two objects of a bundle with one id have different `modified` (203).
    DuplicateIds,
    /// attack-motivation-ov (211).
    AttackMotivation,
    /// attack-resource-level-ov (212).
    AttackResourceLevel,
    /// identity-class-ov (213).
    IdentityClass,
    /// indicator-type-ov (214).
    IndicatorTypes,
    /// industry-sector-ov (215).
    IndustrySector,
    /// malware-type-ov (216).
    MalwareTypes,
    /// report-type-ov (218).
    ReportTypes,
    /// threat-actor-type-ov (219).
    ThreatActorTypes,
    /// threat-actor-role-ov (220).
    ThreatActorRole,
    /// threat-actor-sophistication-ov (221).
    ThreatActorSophistication,
    /// tool-type-ov (222).
    ToolTypes,
    /// region-ov (223).
    Region,
    /// grouping-context-ov (225).
    GroupingContext,
    /// implementation-language-ov (226).
    ImplementationLanguages,
    /// infrastructure-type-ov (227).
    InfrastructureTypes,
    /// malware-capabilities-ov (228).
    MalwareCapabilities,
    /// processor-architecture-ov (230).
    ProcessorArchitecture,
    /// malware-result-ov (231).
    MalwareResult,
    /// hash-algorithm-ov, or a name that begins with `x_` (241).
    HashAlgo,
    /// windows-pebinary-type-ov (243).
    WindowsPebinaryType,
    /// account-type-ov (244).
    AccountType,
    /// pattern-type-ov (245).
    IndicatorPatternTypes,
    /// A file's `mime_type` is registered (271).
    MimeType,
    /// The protocols of network traffic are registered (272).
    Protocols,
    /// The keys of `ipfix` are registered (273).
    Ipfix,
    /// HTTP request headers are known ones (274).
    HttpRequestHeaders,
    /// Socket options are known ones (275).
    SocketOptions,
    /// The keys of a PDF's information dictionary are known ones (276).
    PdfDocInfo,
    /// A country is an ISO 3166-1 code (277).
    Countries,
    /// Network traffic has both ports (301).
    NetworkTrafficPorts,
    /// An external reference with a `url` has `hashes` (302).
    ExtrefHashes,
    /// An indicator has a name and a description (303).
    IndicatorProperties,
    /// `objects` of observed data is deprecated (304).
    DeprecatedProperties,
    /// An extension definition has a description (305).
    ExtensionDescription,
    /// An extension of top-level properties names them (306).
    ExtensionProperties,
    /// Custom content comes with an extension definition (401).
    ExtensionsUse,
}

use Check as C;

/// Every check with its name and number.
const CHECKS: &[(Check, &str, u16)] = &[
    (C::CustomPrefix, "custom-prefix", 101),
    (C::CustomPrefixLax, "custom-prefix-lax", 102),
    (C::UuidCheck, "uuid-check", 103),
    (C::OpenVocabFormat, "open-vocab-format", 111),
    (C::KillChainNames, "kill-chain-names", 121),
    (C::ObservableObjectKeys, "observable-object-keys", 141),
    (
        C::ObservableDictionaryKeys,
        "observable-dictionary-keys",
        142,
    ),
    (C::MalwareAnalysisProduct, "malware-analysis-product", 143),
    (
        C::WindowsProcessPriorityFormat,
        "windows-process-priority-format",
        149,
    ),
    (C::HashLength, "hash-length", 150),
    (C::MarkingDefinitionType, "marking-definition-type", 201),
    (C::RelationshipTypes, "relationship-types", 202),
    (C::DuplicateIds, "duplicate-ids", 203),
    (C::AttackMotivation, "attack-motivation", 211),
    (C::AttackResourceLevel, "attack-resource-level", 212),
    (C::IdentityClass, "identity-class", 213),
    (C::IndicatorTypes, "indicator-types", 214),
    (C::IndustrySector, "industry-sector", 215),
    (C::MalwareTypes, "malware-types", 216),
    (C::ReportTypes, "report-types", 218),
    (C::ThreatActorTypes, "threat-actor-types", 219),
    (C::ThreatActorRole, "threat-actor-role", 220),
    (
        C::ThreatActorSophistication,
        "threat-actor-sophistication",
        221,
    ),
    (C::ToolTypes, "tool-types", 222),
    (C::Region, "region", 223),
    (C::GroupingContext, "grouping-context", 225),
    (C::ImplementationLanguages, "implementation-languages", 226),
    (C::InfrastructureTypes, "infrastructure-types", 227),
    (C::MalwareCapabilities, "malware-capabilities", 228),
    (C::ProcessorArchitecture, "processor-architecture", 230),
    (C::MalwareResult, "malware-result", 231),
    (C::HashAlgo, "hash-algo", 241),
    (C::WindowsPebinaryType, "windows-pebinary-type", 243),
    (C::AccountType, "account-type", 244),
    (C::IndicatorPatternTypes, "indicator-pattern-types", 245),
    (C::MimeType, "mime-type", 271),
    (C::Protocols, "protocols", 272),
    (C::Ipfix, "ipfix", 273),
    (C::HttpRequestHeaders, "http-request-headers", 274),
    (C::SocketOptions, "socket-options", 275),
    (C::PdfDocInfo, "pdf-doc-info", 276),
    (C::Countries, "countries", 277),
    (C::NetworkTrafficPorts, "network-traffic-ports", 301),
    (C::ExtrefHashes, "extref-hashes", 302),
    (C::IndicatorProperties, "indicator-properties", 303),
    (C::DeprecatedProperties, "deprecated-properties", 304),
    (C::ExtensionDescription, "extension-description", 305),
    (C::ExtensionProperties, "extension-properties", 306),
    (C::ExtensionsUse, "extensions-use", 401),
];

/// Names for several checks: the numbers of their first and last member.
const GROUPS: &[(&str, u16, u16, u16)] = &[
    // its name, its number, from, to
    ("all", 0, 103, 401),
    ("format-checks", 1, 101, 150),
    ("approved-values", 2, 201, 277),
    ("all-vocabs", 210, 211, 245),
    ("all-external-sources", 270, 271, 277),
];

impl Check {
    /// The check's name, such as `relationship-types`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The check's number, such as 202.
    pub fn number(self) -> u16 {
        self.row().2
    }

    fn row(self) -> (Check, &'static str, u16) {
        // every check has its row, in the order of the enumeration: a test says so
        CHECKS.get(self as usize).copied().unwrap_or((self, "", 0))
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// A set of checks.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Checks(u64);

/// A name or number that no check has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no check is named '{0}'")]
pub struct UnknownCheck(pub String);

impl Checks {
    /// No check.
    pub const NONE: Checks = Checks(0);

    /// What is checked unless something else is asked for: everything but the two rules for the
    /// names of custom content, whose place [`Check::ExtensionsUse`] takes.
    pub fn standard() -> Self {
        Self::between(103, 401)
    }

    /// The checks of a name or a number: one (`relationship-types`, `202`) or a group
    /// (`all-vocabs`, `210`).
    ///
    /// # Errors
    /// [`UnknownCheck`] when there is none.
    pub fn named(name: &str) -> Result<Self, UnknownCheck> {
        let number = name.parse::<u16>().ok();
        if let Some((check, ..)) = CHECKS
            .iter()
            .find(|(_, known, code)| *known == name || Some(*code) == number)
        {
            return Ok(Checks(check.bit()));
        }
        GROUPS
            .iter()
            .find(|(known, code, ..)| *known == name || (Some(*code) == number && *code != 0))
            .map(|(_, _, first, last)| Self::between(*first, *last))
            .ok_or_else(|| UnknownCheck(name.to_owned()))
    }

    /// What is checked when these are asked for and those are not wanted. Asking for some checks
    /// turns off all others, unless some are not wanted; where [`Check::ExtensionsUse`] is not
    /// wanted, custom content must be named as STIX 2.0 asked for (the rule of
    /// [`Check::CustomPrefix`], else that of [`Check::CustomPrefixLax`], unless that is not wanted
    /// either).
    pub fn selected(wanted: Checks, unwanted: Checks) -> Self {
        let mut checks = match (wanted.is_empty(), unwanted.is_empty()) {
            (_, true) if !wanted.is_empty() => Checks::NONE,
            _ => Checks(Self::standard().0 & !unwanted.0),
        };
        if unwanted.has(Check::ExtensionsUse) {
            let fallback = [Check::CustomPrefix, Check::CustomPrefixLax];
            if let Some(check) = fallback.into_iter().find(|check| !unwanted.has(*check)) {
                checks = checks.with(Checks(check.bit()));
            }
        }
        checks.with(wanted)
    }

    /// Whether a check is among them.
    pub const fn has(self, check: Check) -> bool {
        self.0 & check.bit() != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and others.
    #[must_use]
    pub const fn with(self, others: Checks) -> Self {
        Checks(self.0 | others.0)
    }

    fn between(first: u16, last: u16) -> Self {
        CHECKS
            .iter()
            .filter(|(_, _, number)| (first..=last).contains(number))
            .fold(Self::NONE, |all, (check, ..)| all.with(Checks(check.bit())))
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enumeration() {
        for (index, (check, name, number)) in CHECKS.iter().enumerate() {
            assert_eq!(*check as usize, index, "{name}");
            assert_eq!((check.name(), check.number()), (*name, *number));
        }
        assert!(CHECKS.len() <= 64);
    }

    #[test]
    fn checks_have_names_and_numbers_and_groups() {
        let one = Checks::named("relationship-types").unwrap();
        assert_eq!(one, Checks::named("202").unwrap());
        assert!(one.has(Check::RelationshipTypes) && !one.has(Check::DuplicateIds));
        let group = Checks::named("210").unwrap();
        assert!(group.has(Check::IndustrySector) && !group.has(Check::Countries));
        assert!(Checks::named("0").is_err());
        assert_eq!(
            Checks::named("no-such").unwrap_err().to_string(),
            "no check is named 'no-such'"
        );
    }

    #[test]
    fn without_extensions_the_rules_for_names_hold() {
        let none = Checks::NONE;
        assert_eq!(Checks::selected(none, none), Checks::standard());
        let extensions = Checks::named("401").unwrap();
        let checks = Checks::selected(none, extensions);
        assert!(checks.has(Check::CustomPrefix) && !checks.has(Check::ExtensionsUse));
        let strict = Checks::named("101").unwrap();
        let checks = Checks::selected(none, extensions.with(strict));
        assert!(checks.has(Check::CustomPrefixLax) && !checks.has(Check::CustomPrefix));
        let only = Checks::selected(strict, none);
        assert!(only.has(Check::CustomPrefix) && !only.has(Check::UuidCheck));
    }
}
