//! The open vocabularies of section 10 and the words of other registries, as OASIS stix2-validator
//! 3.3.2 has them.

use super::checks::Check;

/// An open vocabulary.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub(crate) check: Check,
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    pub(crate) words: &'static [&'static str],
}

pub(crate) static ACCOUNT_TYPE: Vocabulary = Vocabulary {
    check: Check::AccountType,
    name: "account-type-ov",
    section: "10.1",
    words: &[
        "unix",
        "windows-local",
        "windows-domain",
        "ldap",
        "tacacs",
        "radius",
        "nis",
        "openid",
        "facebook",
        "skype",
        "twitter",
        "kavi",
    ],
};

pub(crate) static ATTACK_MOTIVATION: Vocabulary = Vocabulary {
    check: Check::AttackMotivation,
    name: "attack-motivation-ov",
    section: "10.2",
    words: &[
        "accidental",
        "coercion",
        "dominance",
        "ideology",
        "notoriety",
        "organizational-gain",
        "personal-gain",
        "personal-satisfaction",
        "revenge",
        "unpredictable",
    ],
};

pub(crate) static ATTACK_RESOURCE_LEVEL: Vocabulary = Vocabulary {
    check: Check::AttackResourceLevel,
    name: "attack-resource-level-ov",
    section: "10.3",
    words: &[
        "individual",
        "club",
        "contest",
        "team",
        "organization",
        "government",
    ],
};

pub(crate) static GROUPING_CONTEXT: Vocabulary = Vocabulary {
    check: Check::GroupingContext,
    name: "grouping-context-ov",
    section: "10.6",
    words: &["suspicious-activity", "malware-analysis", "unspecified"],
};

pub(crate) static IDENTITY_CLASS: Vocabulary = Vocabulary {
    check: Check::IdentityClass,
    name: "identity-class-ov",
    section: "10.8",
    words: &[
        "individual",
        "group",
        "system",
        "organization",
        "class",
        "unknown",
    ],
};

pub(crate) static IMPLEMENTATION_LANGUAGES: Vocabulary = Vocabulary {
    check: Check::ImplementationLanguages,
    name: "implementation-language-ov",
    section: "10.9",
    words: &[
        "applescript",
        "bash",
        "c",
        "c++",
        "c#",
        "go",
        "java",
        "javascript",
        "lua",
        "objective-c",
        "perl",
        "php",
        "powershell",
        "python",
        "ruby",
        "scala",
        "swift",
        "typescript",
        "visual-basic",
        "x86-32",
        "x86-64",
    ],
};

pub(crate) static INDICATOR_TYPE: Vocabulary = Vocabulary {
    check: Check::IndicatorTypes,
    name: "indicator-type-ov",
    section: "10.10",
    words: &[
        "anomalous-activity",
        "anonymization",
        "benign",
        "compromised",
        "malicious-activity",
        "attribution",
        "unknown",
    ],
};

pub(crate) static INDUSTRY_SECTOR: Vocabulary = Vocabulary {
    check: Check::IndustrySector,
    name: "industry-sector-ov",
    section: "10.11",
    words: &[
        "agriculture",
        "aerospace",
        "automotive",
        "chemical",
        "commercial",
        "communications",
        "construction",
        "defense",
        "education",
        "energy",
        "entertainment",
        "financial-services",
        "government",
        "emergency-services",
        "government-local",
        "government-national",
        "government-public-services",
        "government-regional",
        "healthcare",
        "hospitality-leisure",
        "infrastructure",
        "dams",
        "nuclear",
        "water",
        "insurance",
        "manufacturing",
        "mining",
        "non-profit",
        "pharmaceuticals",
        "retail",
        "technology",
        "telecommunications",
        "transportation",
        "utilities",
    ],
};

pub(crate) static INFRASTRUCTURE_TYPE: Vocabulary = Vocabulary {
    check: Check::InfrastructureTypes,
    name: "infrastructure-type-ov",
    section: "10.12",
    words: &[
        "amplification",
        "anonymization",
        "botnet",
        "command-and-control",
        "control-system",
        "exfiltration",
        "firewall",
        "hosting-malware",
        "hosting-target-lists",
        "phishing",
        "reconnaissance",
        "routers-switches",
        "staging",
        "workstation",
        "unknown",
    ],
};

pub(crate) static MALWARE_RESULT: Vocabulary = Vocabulary {
    check: Check::MalwareResult,
    name: "malware-result-ov",
    section: "10.13",
    words: &["malicious", "suspicious", "benign", "unknown"],
};

pub(crate) static MALWARE_CAPABILITIES: Vocabulary = Vocabulary {
    check: Check::MalwareCapabilities,
    name: "malware-capabilities-ov",
    section: "10.14",
    words: &[
        "accesses-remote-machines",
        "anti-debugging",
        "anti-disassembly",
        "anti-emulation",
        "anti-memory-forensics",
        "anti-sandbox",
        "anti-vm",
        "captures-input-peripherals",
        "captures-output-peripherals",
        "captures-system-state-data",
        "cleans-traces-of-infection",
        "commits-fraud",
        "communicates-with-c2",
        "compromises-data-availability",
        "compromises-data-integrity",
        "compromises-system-availability",
        "controls-local-machine",
        "degrades-security-software",
        "degrades-system-updates",
        "determines-c2-server",
        "emails-spam",
        "escalates-privileges",
        "evades-av",
        "exfiltrates-data",
        "fingerprints-host",
        "hides-artifacts",
        "hides-executing-code",
        "infects-files",
        "infects-remote-machines",
        "installs-other-components",
        "persists-after-system-reboot",
        "prevents-artifact-access",
        "prevents-artifact-deletion",
        "probes-network-environment",
        "self-modifies",
        "steals-authentication-credentials",
        "violates-system-operational-integrity",
    ],
};

pub(crate) static MALWARE_TYPE: Vocabulary = Vocabulary {
    check: Check::MalwareTypes,
    name: "malware-type-ov",
    section: "10.15",
    words: &[
        "adware",
        "backdoor",
        "bot",
        "bootkit",
        "ddos",
        "downloader",
        "dropper",
        "exploit-kit",
        "keylogger",
        "ransomware",
        "remote-access-trojan",
        "resource-exploitation",
        "rogue-security-software",
        "rootkit",
        "screen-capture",
        "spyware",
        "trojan",
        "unknown",
        "virus",
        "webshell",
        "wiper",
        "worm",
    ],
};

pub(crate) static INDICATOR_PATTERN: Vocabulary = Vocabulary {
    check: Check::IndicatorPatternTypes,
    name: "pattern-type-ov",
    section: "10.19",
    words: &["stix", "pcre", "sigma", "snort", "suricata", "yara"],
};

pub(crate) static PROCESSOR_ARCHITECTURE: Vocabulary = Vocabulary {
    check: Check::ProcessorArchitecture,
    name: "processor-architecture-ov",
    section: "10.20",
    words: &[
        "alpha", "arm", "ia-64", "mips", "powerpc", "sparc", "x86", "x86-64",
    ],
};

pub(crate) static REGION: Vocabulary = Vocabulary {
    check: Check::Region,
    name: "region-ov",
    section: "10.21",
    words: &[
        "africa",
        "eastern-africa",
        "middle-africa",
        "northern-africa",
        "southern-africa",
        "western-africa",
        "americas",
        "latin-america-caribbean",
        "south-america",
        "caribbean",
        "central-america",
        "northern-america",
        "asia",
        "central-asia",
        "eastern-asia",
        "southern-asia",
        "south-eastern-asia",
        "western-asia",
        "europe",
        "eastern-europe",
        "northern-europe",
        "southern-europe",
        "western-europe",
        "oceania",
        "australia-new-zealand",
        "melanesia",
        "micronesia",
        "polynesia",
        "antarctica",
    ],
};

pub(crate) static REPORT_TYPE: Vocabulary = Vocabulary {
    check: Check::ReportTypes,
    name: "report-type-ov",
    section: "10.22",
    words: &[
        "threat-report",
        "attack-pattern",
        "campaign",
        "identity",
        "indicator",
        "intrusion-set",
        "malware",
        "observed-data",
        "threat-actor",
        "tool",
        "vulnerability",
    ],
};

pub(crate) static THREAT_ACTOR_TYPE: Vocabulary = Vocabulary {
    check: Check::ThreatActorTypes,
    name: "threat-actor-type-ov",
    section: "10.23",
    words: &[
        "activist",
        "competitor",
        "crime-syndicate",
        "criminal",
        "hacker",
        "insider-accidental",
        "insider-disgruntled",
        "nation-state",
        "sensationalist",
        "spy",
        "terrorist",
        "unknown",
    ],
};

pub(crate) static THREAT_ACTOR_ROLE: Vocabulary = Vocabulary {
    check: Check::ThreatActorRole,
    name: "threat-actor-role-ov",
    section: "10.24",
    words: &[
        "agent",
        "director",
        "independent",
        "infrastructure-architect",
        "infrastructure-operator",
        "malware-author",
        "sponsor",
    ],
};

pub(crate) static THREAT_ACTOR_SOPHISTICATION: Vocabulary = Vocabulary {
    check: Check::ThreatActorSophistication,
    name: "threat-actor-sophistication-ov",
    section: "10.25",
    words: &[
        "none",
        "minimal",
        "intermediate",
        "advanced",
        "expert",
        "innovator",
        "strategic",
    ],
};

pub(crate) static TOOL_TYPE: Vocabulary = Vocabulary {
    check: Check::ToolTypes,
    name: "tool-type-ov",
    section: "10.26",
    words: &[
        "denial-of-service",
        "exploitation",
        "information-gathering",
        "network-capture",
        "credential-exploitation",
        "remote-access",
        "vulnerability-scanning",
        "unknown",
    ],
};

pub(crate) static WINDOWS_PEBINARY_TYPE: Vocabulary = Vocabulary {
    check: Check::WindowsPebinaryType,
    name: "windows-pebinary-type-ov",
    section: "10.28",
    words: &["exe", "dll", "sys"],
};

pub(crate) static HASH_ALGO: Vocabulary = Vocabulary {
    check: Check::HashAlgo,
    name: "hash-algorithm-ov",
    section: "10.7",
    words: &[
        "MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH",
    ],
};

/// Properties, each with its vocabulary.
type Uses = &'static [(&'static str, &'static Vocabulary)];

static USES: &[(&str, Uses)] = &[
    (
        "intrusion-set",
        &[
            ("primary_motivation", &ATTACK_MOTIVATION),
            ("secondary_motivations", &ATTACK_MOTIVATION),
            ("resource_level", &ATTACK_RESOURCE_LEVEL),
        ],
    ),
    (
        "threat-actor",
        &[
            ("primary_motivation", &ATTACK_MOTIVATION),
            ("secondary_motivations", &ATTACK_MOTIVATION),
            ("personal_motivations", &ATTACK_MOTIVATION),
            ("resource_level", &ATTACK_RESOURCE_LEVEL),
            ("threat_actor_types", &THREAT_ACTOR_TYPE),
            ("roles", &THREAT_ACTOR_ROLE),
            ("sophistication", &THREAT_ACTOR_SOPHISTICATION),
        ],
    ),
    ("grouping", &[("context", &GROUPING_CONTEXT)]),
    (
        "identity",
        &[
            ("identity_class", &IDENTITY_CLASS),
            ("sectors", &INDUSTRY_SECTOR),
        ],
    ),
    (
        "malware",
        &[
            ("implementation_languages", &IMPLEMENTATION_LANGUAGES),
            ("capabilities", &MALWARE_CAPABILITIES),
            ("malware_types", &MALWARE_TYPE),
            ("architecture_execution_envs", &PROCESSOR_ARCHITECTURE),
        ],
    ),
    (
        "indicator",
        &[
            ("indicator_types", &INDICATOR_TYPE),
            ("pattern_type", &INDICATOR_PATTERN),
        ],
    ),
    (
        "infrastructure",
        &[("infrastructure_types", &INFRASTRUCTURE_TYPE)],
    ),
    ("malware-analysis", &[("result", &MALWARE_RESULT)]),
    ("location", &[("region", &REGION)]),
    ("report", &[("report_types", &REPORT_TYPE)]),
    ("tool", &[("tool_types", &TOOL_TYPE)]),
];

/// Which properties of a type take their values from which vocabulary.
pub(crate) fn of_type(type_name: &str) -> Uses {
    USES.iter()
        .find(|(name, _)| *name == type_name)
        .map_or(&[], |(_, uses)| uses)
}

/// Keys of the document information dictionary of a PDF (6.7.4). Sorted.
pub(crate) static PDF_INFORMATION: &[&str] = &[
    "Author",
    "CreationDate",
    "Creator",
    "Keywords",
    "ModDate",
    "Producer",
    "Subject",
    "Title",
    "Trapped",
];
