//! Which relationships the specification suggests between which types (sections 4 and 6, the tables
//! of relationships of each type; appendix B).

/// Relationships that any two objects may have (3.7).
pub(crate) const COMMON: &[&str] = &["derived-from", "duplicate-of", "related-to"];

/// The relationship types of a source type, each with its target types.
type Suggested = &'static [(&'static str, &'static [&'static str])];

/// The relationships of a source type; none where no section gives the source any.
pub(crate) fn of_source(type_name: &str) -> Option<Suggested> {
    SUGGESTED
        .iter()
        .find(|(source, _)| *source == type_name)
        .map(|(_, suggested)| *suggested)
}

static SUGGESTED: &[(&str, Suggested)] = &[
    (
        "attack-pattern",
        &[
            ("delivers", &["malware"]),
            ("targets", &["location", "vulnerability", "identity"]),
            ("uses", &["malware", "tool"]),
        ],
    ),
    (
        "campaign",
        &[
            ("attributed-to", &["intrusion-set", "threat-actor"]),
            ("compromises", &["infrastructure"]),
            ("originates-from", &["location"]),
            ("targets", &["location", "identity", "vulnerability"]),
            (
                "uses",
                &["attack-pattern", "infrastructure", "malware", "tool"],
            ),
        ],
    ),
    (
        "course-of-action",
        &[
            ("investigates", &["indicator"]),
            (
                "mitigates",
                &[
                    "attack-pattern",
                    "indicator",
                    "malware",
                    "tool",
                    "vulnerability",
                ],
            ),
            ("remediates", &["malware", "vulnerability"]),
        ],
    ),
    (
        "domain-name",
        &[("resolves-to", &["domain-name", "ipv4-addr", "ipv6-addr"])],
    ),
    ("identity", &[("located-at", &["location"])]),
    (
        "indicator",
        &[
            (
                "indicates",
                &[
                    "attack-pattern",
                    "campaign",
                    "infrastructure",
                    "intrusion-set",
                    "malware",
                    "threat-actor",
                    "tool",
                ],
            ),
            ("based-on", &["observed-data"]),
        ],
    ),
    (
        "infrastructure",
        &[
            (
                "communicates-with",
                &[
                    "infrastructure",
                    "ipv4-addr",
                    "ipv6-addr",
                    "domain-name",
                    "url",
                ],
            ),
            (
                "consists-of",
                &[
                    "infrastructure",
                    "observed-data",
                    "artifact",
                    "autonomous-system",
                    "directory",
                    "domain-name",
                    "email-addr",
                    "email-message",
                    "file",
                    "ipv4-addr",
                    "ipv6-addr",
                    "mac-addr",
                    "mutex",
                    "network-traffic",
                    "process",
                    "software",
                    "url",
                    "user-account",
                    "windows-registry-key",
                    "x509-certificate",
                ],
            ),
            ("controls", &["infrastructure", "malware"]),
            ("delivers", &["malware"]),
            ("has", &["vulnerability"]),
            ("hosts", &["tool", "malware"]),
            ("located-at", &["location"]),
            ("uses", &["infrastructure"]),
        ],
    ),
    (
        "intrusion-set",
        &[
            ("attributed-to", &["threat-actor"]),
            ("compromises", &["infrastructure"]),
            ("hosts", &["infrastructure"]),
            ("originates-from", &["location"]),
            ("owns", &["infrastructure"]),
            ("targets", &["identity", "location", "vulnerability"]),
            (
                "uses",
                &["attack-pattern", "infrastructure", "malware", "tool"],
            ),
        ],
    ),
    (
        "ipv4-addr",
        &[
            ("resolves-to", &["mac-addr"]),
            ("belongs-to", &["autonomous-system"]),
        ],
    ),
    (
        "ipv6-addr",
        &[
            ("resolves-to", &["mac-addr"]),
            ("belongs-to", &["autonomous-system"]),
        ],
    ),
    (
        "malware",
        &[
            ("authored-by", &["threat-actor", "intrusion-set"]),
            ("beacons-to", &["infrastructure"]),
            ("exfiltrates-to", &["infrastructure"]),
            (
                "communicates-with",
                &["ipv4-addr", "ipv6-addr", "domain-name", "url"],
            ),
            ("controls", &["malware"]),
            ("downloads", &["malware", "file", "tool"]),
            ("drops", &["malware", "file", "tool"]),
            ("exploits", &["vulnerability"]),
            ("originates-from", &["location"]),
            ("targets", &["identity", "infrastructure", "location"]),
            (
                "uses",
                &["attack-pattern", "infrastructure", "malware", "tool"],
            ),
            ("variant-of", &["malware"]),
        ],
    ),
    (
        "malware-analysis",
        &[
            ("characterizes", &["malware"]),
            ("analysis-of", &["malware"]),
            ("static-analysis-of", &["malware"]),
            ("dynamic-analysis-of", &["malware"]),
        ],
    ),
    (
        "threat-actor",
        &[
            ("attributed-to", &["identity"]),
            ("compromises", &["infrastructure"]),
            ("hosts", &["infrastructure"]),
            ("owns", &["infrastructure"]),
            ("impersonates", &["identity"]),
            ("located-at", &["location"]),
            ("targets", &["identity", "location", "vulnerability"]),
            (
                "uses",
                &["attack-pattern", "infrastructure", "malware", "tool"],
            ),
        ],
    ),
    (
        "tool",
        &[
            ("delivers", &["malware"]),
            ("drops", &["malware"]),
            ("uses", &["infrastructure"]),
            ("has", &["vulnerability"]),
            (
                "targets",
                &["identity", "infrastructure", "location", "vulnerability"],
            ),
        ],
    ),
    (
        "vulnerability",
        &[("impacts", &["infrastructure", "tools"])],
    ),
];
