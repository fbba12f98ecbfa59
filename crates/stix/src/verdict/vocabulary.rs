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

#[rustfmt::skip]
pub(crate) static ACCOUNT_TYPE: Vocabulary = Vocabulary {
    check: Check::AccountType,
    name: "account-type-ov",
    section: "10.1",
    words: &[
        "unix", "windows-local", "windows-domain", "ldap", "tacacs", "radius", "nis", "openid",
        "facebook", "skype", "twitter", "kavi",
    ],
};

#[rustfmt::skip]
pub(crate) static ATTACK_MOTIVATION: Vocabulary = Vocabulary {
    check: Check::AttackMotivation,
    name: "attack-motivation-ov",
    section: "10.2",
    words: &[
        "accidental", "coercion", "dominance", "ideology", "notoriety", "organizational-gain",
        "personal-gain", "personal-satisfaction", "revenge", "unpredictable",
    ],
};

#[rustfmt::skip]
pub(crate) static ATTACK_RESOURCE_LEVEL: Vocabulary = Vocabulary {
    check: Check::AttackResourceLevel,
    name: "attack-resource-level-ov",
    section: "10.3",
    words: &[
        "individual", "club", "contest", "team", "organization", "government",
    ],
};

#[rustfmt::skip]
pub(crate) static GROUPING_CONTEXT: Vocabulary = Vocabulary {
    check: Check::GroupingContext,
    name: "grouping-context-ov",
    section: "10.6",
    words: &["suspicious-activity", "malware-analysis", "unspecified"],
};

#[rustfmt::skip]
pub(crate) static IDENTITY_CLASS: Vocabulary = Vocabulary {
    check: Check::IdentityClass,
    name: "identity-class-ov",
    section: "10.8",
    words: &[
        "individual", "group", "system", "organization", "class", "unknown",
    ],
};

#[rustfmt::skip]
pub(crate) static IMPLEMENTATION_LANGUAGES: Vocabulary = Vocabulary {
    check: Check::ImplementationLanguages,
    name: "implementation-language-ov",
    section: "10.9",
    words: &[
        "applescript", "bash", "c", "c++", "c#", "go", "java", "javascript", "lua", "objective-c",
        "perl", "php", "powershell", "python", "ruby", "scala", "swift", "typescript",
        "visual-basic", "x86-32", "x86-64",
    ],
};

#[rustfmt::skip]
pub(crate) static INDICATOR_TYPE: Vocabulary = Vocabulary {
    check: Check::IndicatorTypes,
    name: "indicator-type-ov",
    section: "10.10",
    words: &[
        "anomalous-activity", "anonymization", "benign", "compromised", "malicious-activity",
        "attribution", "unknown",
    ],
};

#[rustfmt::skip]
pub(crate) static INDUSTRY_SECTOR: Vocabulary = Vocabulary {
    check: Check::IndustrySector,
    name: "industry-sector-ov",
    section: "10.11",
    words: &[
        "agriculture", "aerospace", "automotive", "chemical", "commercial", "communications",
        "construction", "defense", "education", "energy", "entertainment", "financial-services",
        "government", "emergency-services", "government-local", "government-national",
        "government-public-services", "government-regional", "healthcare", "hospitality-leisure",
        "infrastructure", "dams", "nuclear", "water", "insurance", "manufacturing", "mining",
        "non-profit", "pharmaceuticals", "retail", "technology", "telecommunications",
        "transportation", "utilities",
    ],
};

#[rustfmt::skip]
pub(crate) static INFRASTRUCTURE_TYPE: Vocabulary = Vocabulary {
    check: Check::InfrastructureTypes,
    name: "infrastructure-type-ov",
    section: "10.12",
    words: &[
        "amplification", "anonymization", "botnet", "command-and-control", "control-system",
        "exfiltration", "firewall", "hosting-malware", "hosting-target-lists", "phishing",
        "reconnaissance", "routers-switches", "staging", "workstation", "unknown",
    ],
};

#[rustfmt::skip]
pub(crate) static MALWARE_RESULT: Vocabulary = Vocabulary {
    check: Check::MalwareResult,
    name: "malware-result-ov",
    section: "10.13",
    words: &["malicious", "suspicious", "benign", "unknown"],
};

#[rustfmt::skip]
pub(crate) static MALWARE_CAPABILITIES: Vocabulary = Vocabulary {
    check: Check::MalwareCapabilities,
    name: "malware-capabilities-ov",
    section: "10.14",
    words: &[
        "accesses-remote-machines", "anti-debugging", "anti-disassembly", "anti-emulation",
        "anti-memory-forensics", "anti-sandbox", "anti-vm", "captures-input-peripherals",
        "captures-output-peripherals", "captures-system-state-data", "cleans-traces-of-infection",
        "commits-fraud", "communicates-with-c2", "compromises-data-availability",
        "compromises-data-integrity", "compromises-system-availability", "controls-local-machine",
        "degrades-security-software", "degrades-system-updates", "determines-c2-server",
        "emails-spam", "escalates-privileges", "evades-av", "exfiltrates-data",
        "fingerprints-host", "hides-artifacts", "hides-executing-code", "infects-files",
        "infects-remote-machines", "installs-other-components", "persists-after-system-reboot",
        "prevents-artifact-access", "prevents-artifact-deletion", "probes-network-environment",
        "self-modifies", "steals-authentication-credentials",
        "violates-system-operational-integrity",
    ],
};

#[rustfmt::skip]
pub(crate) static MALWARE_TYPE: Vocabulary = Vocabulary {
    check: Check::MalwareTypes,
    name: "malware-type-ov",
    section: "10.15",
    words: &[
        "adware", "backdoor", "bot", "bootkit", "ddos", "downloader", "dropper", "exploit-kit",
        "keylogger", "ransomware", "remote-access-trojan", "resource-exploitation",
        "rogue-security-software", "rootkit", "screen-capture", "spyware", "trojan", "unknown",
        "virus", "webshell", "wiper", "worm",
    ],
};

#[rustfmt::skip]
pub(crate) static INDICATOR_PATTERN: Vocabulary = Vocabulary {
    check: Check::IndicatorPatternTypes,
    name: "pattern-type-ov",
    section: "10.19",
    words: &["stix", "pcre", "sigma", "snort", "suricata", "yara"],
};

#[rustfmt::skip]
pub(crate) static PROCESSOR_ARCHITECTURE: Vocabulary = Vocabulary {
    check: Check::ProcessorArchitecture,
    name: "processor-architecture-ov",
    section: "10.20",
    words: &[
        "alpha", "arm", "ia-64", "mips", "powerpc", "sparc", "x86", "x86-64",
    ],
};

#[rustfmt::skip]
pub(crate) static REGION: Vocabulary = Vocabulary {
    check: Check::Region,
    name: "region-ov",
    section: "10.21",
    words: &[
        "africa", "eastern-africa", "middle-africa", "northern-africa", "southern-africa",
        "western-africa", "americas", "latin-america-caribbean", "south-america", "caribbean",
        "central-america", "northern-america", "asia", "central-asia", "eastern-asia",
        "southern-asia", "south-eastern-asia", "western-asia", "europe", "eastern-europe",
        "northern-europe", "southern-europe", "western-europe", "oceania",
        "australia-new-zealand", "melanesia", "micronesia", "polynesia", "antarctica",
    ],
};

#[rustfmt::skip]
pub(crate) static REPORT_TYPE: Vocabulary = Vocabulary {
    check: Check::ReportTypes,
    name: "report-type-ov",
    section: "10.22",
    words: &[
        "threat-report", "attack-pattern", "campaign", "identity", "indicator", "intrusion-set",
        "malware", "observed-data", "threat-actor", "tool", "vulnerability",
    ],
};

#[rustfmt::skip]
pub(crate) static THREAT_ACTOR_TYPE: Vocabulary = Vocabulary {
    check: Check::ThreatActorTypes,
    name: "threat-actor-type-ov",
    section: "10.23",
    words: &[
        "activist", "competitor", "crime-syndicate", "criminal", "hacker", "insider-accidental",
        "insider-disgruntled", "nation-state", "sensationalist", "spy", "terrorist", "unknown",
    ],
};

#[rustfmt::skip]
pub(crate) static THREAT_ACTOR_ROLE: Vocabulary = Vocabulary {
    check: Check::ThreatActorRole,
    name: "threat-actor-role-ov",
    section: "10.24",
    words: &[
        "agent", "director", "independent", "infrastructure-architect", "infrastructure-operator",
        "malware-author", "sponsor",
    ],
};

#[rustfmt::skip]
pub(crate) static THREAT_ACTOR_SOPHISTICATION: Vocabulary = Vocabulary {
    check: Check::ThreatActorSophistication,
    name: "threat-actor-sophistication-ov",
    section: "10.25",
    words: &[
        "none", "minimal", "intermediate", "advanced", "expert", "innovator", "strategic",
    ],
};

#[rustfmt::skip]
pub(crate) static TOOL_TYPE: Vocabulary = Vocabulary {
    check: Check::ToolTypes,
    name: "tool-type-ov",
    section: "10.26",
    words: &[
        "denial-of-service", "exploitation", "information-gathering", "network-capture",
        "credential-exploitation", "remote-access", "vulnerability-scanning", "unknown",
    ],
};

#[rustfmt::skip]
pub(crate) static WINDOWS_PEBINARY_TYPE: Vocabulary = Vocabulary {
    check: Check::WindowsPebinaryType,
    name: "windows-pebinary-type-ov",
    section: "10.28",
    words: &["exe", "dll", "sys"],
};

#[rustfmt::skip]
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

#[rustfmt::skip]
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

/// Socket options (6.12.3). Sorted.
#[rustfmt::skip]
pub(crate) static SOCKET_OPTIONS: &[&str] = &[
    "ICMP6_FILTER", "IPV6_ADD_MEMBERSHIP", "IPV6_CHECKSUM", "IPV6_DONTFRAG",
    "IPV6_DROP_MEMBERSHIP", "IPV6_DSTOPTS", "IPV6_HDRINCL", "IPV6_HOPLIMIT", "IPV6_HOPOPTS",
    "IPV6_JOIN_GROUP", "IPV6_LEAVE_GROUP", "IPV6_MTU", "IPV6_MTU_DISCOVER", "IPV6_MULTICAST_HOPS",
    "IPV6_MULTICAST_IF", "IPV6_MULTICAST_LOOP", "IPV6_NEXTHOP", "IPV6_PATHMTU", "IPV6_PKTINFO",
    "IPV6_PROTECTION_LEVEL", "IPV6_RECVDSTOPTS", "IPV6_RECVHOPLIMIT", "IPV6_RECVHOPOPTS",
    "IPV6_RECVIF", "IPV6_RECVPATHMTU", "IPV6_RECVPKTINFO", "IPV6_RECVRTHDR", "IPV6_RECVTCLASS",
    "IPV6_RTHDR", "IPV6_TCLASS", "IPV6_UNICAST_HOPS", "IPV6_UNICAST_IF", "IPV6_UNICAT_HOPS",
    "IPV6_USE_MIN_MTU", "IPV6_V6ONLY", "IP_ADD_MEMBERSHIP", "IP_ADD_SOURCE_MEMBERSHIP",
    "IP_BIND_ADDRESS_NO_PORT", "IP_BLOCK_SOURCE", "IP_DONTFRAGMENT", "IP_DROP_MEMBERSHIP",
    "IP_DROP_SOURCE_MEMBERSHIP", "IP_FREEBIND", "IP_HDRINCL", "IP_MSFILTER", "IP_MTU",
    "IP_MTU_DISCOVER", "IP_MULTICAST_ALL", "IP_MULTICAST_IF", "IP_MULTICAST_LOOP",
    "IP_MULTICAST_TTL", "IP_NODEFRAG", "IP_OPTIONS", "IP_ORIGINAL_ARRIVAL_IF", "IP_PKTINFO",
    "IP_RECEIVE_BROADCAST", "IP_RECVDSTADDR", "IP_RECVERR", "IP_RECVIF", "IP_RECVOPTS",
    "IP_RECVORIGDSTADDR", "IP_RECVTOS", "IP_RECVTTL", "IP_RETOPTS", "IP_ROUTER_ALERT", "IP_TOS",
    "IP_TRANSPARENT", "IP_TTL", "IP_UNBLOCK_SOURCE", "IP_UNICAST_IF", "IP_WFP_REDIRECT_CONTEXT",
    "IP_WFP_REDIRECT_RECORDS", "IRLMP_9WIRE_MODE", "IRLMP_DISCOVERY_MODE", "IRLMP_ENUMDEVICES",
    "IRLMP_EXCLUSIVE_MODE", "IRLMP_IAS_QUERY", "IRLMP_IAS_SET", "IRLMP_IRLPT_MODE",
    "IRLMP_PARAMETERS", "IRLMP_SEND_PDU_LEN", "IRLMP_SHARP_MODE", "IRLMP_TINYTP_MODE",
    "MCAST_BLOCK_SOURCE", "MCAST_JOIN_GROUP", "MCAST_JOIN_SOURCE_GROUP", "MCAST_LEAVE_GROUP",
    "MCAST_LEAVE_SOURCE_GROUP", "MCAST_UNBLOCK_SOURCE", "SO_ACCEPTCONN", "SO_ATTACH_BPF",
    "SO_ATTACH_FILTER", "SO_ATTACH_REUSEPORT_CBPF", "SO_BINDTODEVICE", "SO_BROADCAST",
    "SO_BSDCOMPAT", "SO_BSP_STATE", "SO_BUSY_POLL", "SO_CONDITIONAL_ACCEPT", "SO_CONFIRM_NAME",
    "SO_CONNDATA", "SO_CONNDATALEN", "SO_CONNECT_TIME", "SO_CONNOPT", "SO_CONNOPTLEN", "SO_DEBUG",
    "SO_DEREGISTER_NAME", "SO_DETACH_FILTER", "SO_DISCDATA", "SO_DISCDATALEN", "SO_DISCOPT",
    "SO_DISCOPTLEN", "SO_DOMAIN", "SO_DONTLINGER", "SO_DONTROUTE", "SO_ERROR",
    "SO_EXCLUSIVEADDRUSE", "SO_GETLOCALZONES", "SO_GETMYZONE", "SO_GETNETINFO", "SO_GETZONELIST",
    "SO_GROUP_ID", "SO_GROUP_PRIORITY", "SO_INCOMING_CPU", "SO_KEEPALIVE", "SO_LINGER",
    "SO_LOOKUP_MYZONE", "SO_LOOKUP_NAME", "SO_LOOKUP_NETDEF_ON_ADAPTER", "SO_LOOKUP_ZONES",
    "SO_LOOKUP_ZONES_ON_ADAPTER", "SO_MARK", "SO_MAXDG", "SO_MAXPATHDG", "SO_MAX_MSG_SIZE",
    "SO_OOBINLINE", "SO_OPENTYPE", "SO_PAP_GET_SERVER_STATUS", "SO_PAP_PRIME_READ",
    "SO_PAP_SET_SERVER_STATUS", "SO_PASSCRED", "SO_PASSSEC", "SO_PAUSE_ACCEPT", "SO_PEEK_OFF",
    "SO_PEERCRED", "SO_PORT_SCALABILITY", "SO_PRIORITY", "SO_PROTOCOL", "SO_PROTOCOL_INFO",
    "SO_PROTOCOL_INFOA", "SO_PROTOCOL_INFOW", "SO_RANDOMIZE_PORT", "SO_RCVBUF", "SO_RCVBUFFORCE",
    "SO_RCVLOWAT", "SO_RCVTIMEO", "SO_REGISTER_NAME", "SO_REMOVE_NAME", "SO_REUSEADDR",
    "SO_REUSEPORT", "SO_REUSE_MULTICASTPORT", "SO_REUSE_UNICASTPORT", "SO_RXQ_OVFL", "SO_SNDBUF",
    "SO_SNDBUFFORCE", "SO_SNDLOWAT", "SO_SNDTIMEO", "SO_TIMESTAMP", "SO_TYPE",
    "SO_UPDATE_ACCEPT_CONTEXT", "SO_UPDATE_CONNECT_CONTEXT", "SO_USELOOPBACK", "TCP_BSDURGENT",
    "TCP_CONGESTION", "TCP_CORK", "TCP_DEFER_ACCEPT", "TCP_EXPEDITED_1122", "TCP_FASTOPEN",
    "TCP_INFO", "TCP_KEEPCNT", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_LINGER2", "TCP_MAXRT",
    "TCP_MAXSEG", "TCP_NODELAY", "TCP_QUICKACK", "TCP_SYNCNT", "TCP_TIMESTAMPS",
    "TCP_USER_TIMEOUT", "TCP_WINDOW_CLAMP",
];

/// Keys of the document information dictionary of a PDF (6.7.4). Sorted.
#[rustfmt::skip]
pub(crate) static PDF_INFORMATION: &[&str] = &[
    "Author", "CreationDate", "Creator", "Keywords", "ModDate", "Producer", "Subject", "Title",
    "Trapped",
];

/// Request headers (6.12.2). Sorted.
#[rustfmt::skip]
pub(crate) static HTTP_REQUEST_HEADERS: &[&str] = &[
    "Accept", "Accept-Charset", "Accept-Datetime", "Accept-Encoding", "Accept-Language",
    "Authorization", "Cache-Control", "Connection", "Content-Length", "Content-MD5",
    "Content-Type", "Cookie", "DNT", "Date", "Expect", "Forwarded", "From", "Front-End-Https",
    "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
    "Max-Forwards", "Origin", "Pragma", "Proxy-Authorization", "Proxy-Connection", "Range",
    "Referer", "TE", "Upgrade", "User-Agent", "Via", "Warning", "X-ATT-DeviceId",
    "X-Correlation-ID", "X-Csrf-Token", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-Http-Method-Override", "X-Request-ID", "X-Requested-With", "X-UIDH",
    "X-Wap-Profile",
];

/// Countries, ISO 3166-1 ALPHA-2 (4.10.1). Sorted.
#[rustfmt::skip]
pub(crate) static COUNTRIES: &[&str] = &[
    "AC", "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AN", "AO", "AP", "AQ", "AR", "AS", "AT", "AU",
    "AW", "AX", "AZ", "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO",
    "BQ", "BR", "BS", "BT", "BU", "BV", "BW", "BX", "BY", "BZ", "CA", "CC", "CD", "CF", "CG", "CH",
    "CI", "CK", "CL", "CM", "CN", "CO", "CP", "CR", "CS", "CT", "CU", "CV", "CW", "CX", "CY", "CZ",
    "DD", "DE", "DG", "DJ", "DK", "DM", "DO", "DY", "DZ", "EA", "EC", "EE", "EF", "EG", "EH", "EM",
    "EP", "ER", "ES", "ET", "EU", "EV", "EW", "EZ", "FI", "FJ", "FK", "FL", "FM", "FO", "FQ", "FR",
    "FX", "GA", "GB", "GC", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR",
    "GS", "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "HV", "IB", "IC", "ID", "IE",
    "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JA", "JE", "JM", "JO", "JP", "JT", "KE", "KG",
    "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LF", "LI", "LK", "LR",
    "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MI", "MK", "ML", "MM",
    "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE",
    "NF", "NG", "NH", "NI", "NL", "NO", "NP", "NQ", "NR", "NT", "NU", "NZ", "OA", "OM", "PA", "PC",
    "PE", "PF", "PG", "PH", "PI", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PU", "PW", "PY", "PZ",
    "QA", "RA", "RB", "RC", "RE", "RH", "RI", "RL", "RM", "RN", "RO", "RP", "RS", "RU", "RW", "SA",
    "SB", "SC", "SD", "SE", "SF", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS",
    "ST", "SU", "SV", "SX", "SY", "SZ", "TA", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM",
    "TN", "TO", "TP", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UK", "UM", "UN", "US", "UY", "UZ",
    "VA", "VC", "VD", "VE", "VG", "VI", "VN", "VU", "WF", "WG", "WK", "WL", "WO", "WS", "WV", "YD",
    "YE", "YT", "YU", "YV", "ZA", "ZM", "ZR", "ZW",
];

/// Languages, RFC 5646 (3.2). Sorted.
#[rustfmt::skip]
pub(crate) static LANGUAGES: &[&str] = &[
    "af", "af-ZA", "ar", "ar-AE", "ar-BH", "ar-DZ", "ar-EG", "ar-IQ", "ar-JO", "ar-KW", "ar-LB",
    "ar-LY", "ar-MA", "ar-OM", "ar-QA", "ar-SA", "ar-SY", "ar-TN", "ar-YE", "az", "az-AZ",
    "az-Cyrl-AZ", "be", "be-BY", "bg", "bg-BG", "bs-BA", "ca", "ca-ES", "cs", "cs-CZ", "cy",
    "cy-GB", "da", "da-DK", "de", "de-AT", "de-CH", "de-DE", "de-LI", "de-LU", "dv", "dv-MV",
    "el", "el-GR", "en", "en-AU", "en-BZ", "en-CA", "en-CB", "en-GB", "en-IE", "en-JM", "en-NZ",
    "en-PH", "en-TT", "en-US", "en-ZA", "en-ZW", "eo", "es", "es-AR", "es-BO", "es-CL", "es-CO",
    "es-CR", "es-DO", "es-EC", "es-ES", "es-GT", "es-HN", "es-MX", "es-NI", "es-PA", "es-PE",
    "es-PR", "es-PY", "es-SV", "es-UY", "es-VE", "et", "et-EE", "eu", "eu-ES", "fa", "fa-IR",
    "fi", "fi-FI", "fo", "fo-FO", "fr", "fr-BE", "fr-CA", "fr-CH", "fr-FR", "fr-LU", "fr-MC",
    "gl", "gl-ES", "gu", "gu-IN", "he", "he-IL", "hi", "hi-IN", "hr", "hr-BA", "hr-HR", "hu",
    "hu-HU", "hy", "hy-AM", "id", "id-ID", "is", "is-IS", "it", "it-CH", "it-IT", "ja", "ja-JP",
    "ka", "ka-GE", "kk", "kk-KZ", "kn", "kn-IN", "ko", "ko-KR", "kok", "kok-IN", "ky", "ky-KG",
    "lt", "lt-LT", "lv", "lv-LV", "mi", "mi-NZ", "mk", "mk-MK", "mn", "mn-MN", "mr", "mr-IN",
    "ms", "ms-BN", "ms-MY", "mt", "mt-MT", "nb", "nb-NO", "nl", "nl-BE", "nl-NL", "nn-NO", "ns",
    "ns-ZA", "pa", "pa-IN", "pl", "pl-PL", "ps", "ps-AR", "pt", "pt-BR", "pt-PT", "qu", "qu-BO",
    "qu-EC", "qu-PE", "ro", "ro-RO", "ru", "ru-RU", "sa", "sa-IN", "se", "se-FI", "se-NO",
    "se-SE", "sk", "sk-SK", "sl", "sl-SI", "sq", "sq-AL", "sr-BA", "sr-Cyrl-BA", "sr-Cyrl-SP",
    "sr-SP", "sv", "sv-FI", "sv-SE", "sw", "sw-KE", "syr", "syr-SY", "ta", "ta-IN", "te", "te-IN",
    "th", "th-TH", "tl", "tl-PH", "tn", "tn-ZA", "tr", "tr-TR", "ts", "tt", "tt-RU", "uk",
    "uk-UA", "ur", "ur-PK", "uz", "uz-Cyrl-UZ", "uz-UZ", "vi", "vi-VN", "xh", "xh-ZA", "zh",
    "zh-CN", "zh-HK", "zh-MO", "zh-SG", "zh-TW", "zu", "zu-ZA",
];

/// Languages of software (6.14.1): RFC 5646, and ISO 639-2 which STIX 2.0 asked for. Sorted.
#[rustfmt::skip]
pub(crate) static SOFTWARE_LANGUAGES: &[&str] = &[
    "aar", "abk", "ace", "ach", "ada", "ady", "af", "af-ZA", "afa", "afh", "afr", "ain", "aka",
    "akk", "alb", "ale", "alg", "alt", "amh", "ang", "anp", "apa", "ar", "ar-AE", "ar-BH", "ar-DZ",
    "ar-EG", "ar-IQ", "ar-JO", "ar-KW", "ar-LB", "ar-LY", "ar-MA", "ar-OM", "ar-QA", "ar-SA",
    "ar-SY", "ar-TN", "ar-YE", "ara", "arc", "arg", "arm", "arn", "arp", "art", "arw", "asm",
    "ast", "ath", "aus", "ava", "ave", "awa", "aym", "az", "az-AZ", "aze", "bad", "bai", "bak",
    "bal", "bam", "ban", "baq", "bas", "bat", "be", "be-BY", "bej", "bel", "bem", "ben", "ber",
    "bg", "bg-BG", "bho", "bih", "bik", "bin", "bis", "bla", "bnt", "bod", "bos", "bra", "bre",
    "bs-BA", "btk", "bua", "bug", "bul", "bur", "byn", "ca", "ca-ES", "cad", "cai", "car", "cat",
    "cau", "ceb", "cel", "ces", "cha", "chb", "che", "chg", "chi", "chk", "chm", "chn", "cho",
    "chp", "chr", "chu", "chv", "chy", "cmc", "cop", "cor", "cos", "cpe", "cpf", "cpp", "cre",
    "crh", "crp", "cs", "cs-CZ", "csb", "cus", "cy", "cy-GB", "cym", "cze", "da", "da-DK", "dak",
    "dan", "dar", "day", "de", "de-AT", "de-CH", "de-DE", "de-LI", "de-LU", "del", "den", "deu",
    "dgr", "din", "div", "doi", "dra", "dsb", "dua", "dum", "dut", "dv", "dv-MV", "dyu", "dzo",
    "efi", "egy", "eka", "el", "el-GR", "ell", "elx", "en", "en-AU", "en-BZ", "en-CA", "en-CB",
    "en-GB", "en-IE", "en-JM", "en-NZ", "en-PH", "en-TT", "en-US", "en-ZA", "en-ZW", "eng", "enm",
    "eo", "epo", "es", "es-AR", "es-BO", "es-CL", "es-CO", "es-CR", "es-DO", "es-EC", "es-ES",
    "es-GT", "es-HN", "es-MX", "es-NI", "es-PA", "es-PE", "es-PR", "es-PY", "es-SV", "es-UY",
    "es-VE", "est", "et", "et-EE", "eu", "eu-ES", "eus", "ewe", "ewo", "fa", "fa-IR", "fan", "fao",
    "fas", "fat", "fi", "fi-FI", "fij", "fil", "fin", "fiu", "fo", "fo-FO", "fon", "fr", "fr-BE",
    "fr-CA", "fr-CH", "fr-FR", "fr-LU", "fr-MC", "fra", "fre", "frm", "fro", "frr", "frs", "fry",
    "ful", "fur", "gaa", "gay", "gba", "gem", "geo", "ger", "gez", "gil", "gl", "gl-ES", "gla",
    "gle", "glg", "glv", "gmh", "goh", "gon", "gor", "got", "grb", "grc", "gre", "grn", "gsw",
    "gu", "gu-IN", "guj", "gwi", "hai", "hat", "hau", "haw", "he", "he-IL", "heb", "her", "hi",
    "hi-IN", "hil", "him", "hin", "hit", "hmn", "hmo", "hr", "hr-BA", "hr-HR", "hrv", "hsb", "hu",
    "hu-HU", "hun", "hup", "hy", "hy-AM", "hye", "iba", "ibo", "ice", "id", "id-ID", "ido", "iii",
    "ijo", "iku", "ile", "ilo", "ina", "inc", "ind", "ine", "inh", "ipk", "ira", "iro", "is",
    "is-IS", "isl", "it", "it-CH", "it-IT", "ita", "ja", "ja-JP", "jav", "jbo", "jpn", "jpr",
    "jrb", "ka", "ka-GE", "kaa", "kab", "kac", "kal", "kam", "kan", "kar", "kas", "kat", "kau",
    "kaw", "kaz", "kbd", "kha", "khi", "khm", "kho", "kik", "kin", "kir", "kk", "kk-KZ", "kmb",
    "kn", "kn-IN", "ko", "ko-KR", "kok", "kom", "kon", "kor", "kos", "kpe", "krc", "krl", "kro",
    "kru", "kua", "kum", "kur", "kut", "ky", "ky-KG", "lad", "lah", "lam", "lao", "lat", "lav",
    "lez", "lim", "lin", "lit", "lol", "loz", "lt", "lt-LT", "ltz", "lua", "lub", "lug", "lui",
    "lun", "luo", "lus", "lv", "lv-LV", "mac", "mad", "mag", "mah", "mai", "mak", "mal", "man",
    "mao", "map", "mar", "mas", "may", "mdf", "mdr", "men", "mga", "mi", "mi-NZ", "mic", "min",
    "mis", "mk", "mk-MK", "mkd", "mkh", "mlg", "mlt", "mn", "mn-MN", "mnc", "mni", "mno", "moh",
    "mon", "mos", "mr", "mr-IN", "mri", "ms", "ms-BN", "ms-MY", "msa", "mt", "mt-MT", "mul", "mun",
    "mus", "mwl", "mwr", "mya", "myn", "myv", "nah", "nai", "nap", "nau", "nav", "nb", "nb-NO",
    "nbl", "nde", "ndo", "nds", "nep", "new", "nia", "nic", "niu", "nl", "nl-BE", "nl-NL", "nld",
    "nn-NO", "nno", "nob", "nog", "non", "nor", "nqo", "ns", "ns-ZA", "nso", "nub", "nwc", "nya",
    "nym", "nyn", "nyo", "nzi", "oci", "oji", "ori", "orm", "osa", "oss", "ota", "oto", "pa",
    "pa-IN", "paa", "pag", "pal", "pam", "pan", "pap", "pau", "peo", "per", "phi", "phn", "pl",
    "pl-PL", "pli", "pol", "pon", "por", "pra", "pro", "ps", "ps-AR", "pt", "pt-BR", "pt-PT",
    "pus", "qu", "qu-BO", "qu-EC", "qu-PE", "que", "raj", "rap", "rar", "ro", "ro-RO", "roa",
    "roh", "rom", "ron", "ru", "ru-RU", "rum", "run", "rup", "rus", "sa", "sa-IN", "sad", "sag",
    "sah", "sai", "sal", "sam", "san", "sas", "sat", "scn", "sco", "se", "se-FI", "se-NO", "se-SE",
    "sel", "sem", "sga", "sgn", "shn", "sid", "sin", "sio", "sit", "sk", "sk-SK", "sl", "sl-SI",
    "sla", "slk", "slo", "slv", "sma", "sme", "smi", "smj", "smn", "smo", "sms", "sna", "snd",
    "snk", "sog", "som", "son", "sot", "spa", "sq", "sq-AL", "sqi", "sr-BA", "sr-SP", "srd", "srn",
    "srp", "srr", "ssa", "ssw", "suk", "sun", "sus", "sux", "sv", "sv-FI", "sv-SE", "sw", "sw-KE",
    "swa", "swe", "syc", "syr", "ta", "ta-IN", "tah", "tai", "tam", "tat", "te", "te-IN", "tel",
    "tem", "ter", "tet", "tgk", "tgl", "th", "th-TH", "tha", "tib", "tig", "tir", "tiv", "tkl",
    "tl", "tl-PH", "tlh", "tli", "tmh", "tn", "tn-ZA", "tog", "ton", "tpi", "tr", "tr-TR", "ts",
    "tsi", "tsn", "tso", "tt", "tt-RU", "tuk", "tum", "tup", "tur", "tut", "tvl", "twi", "tyv",
    "udm", "uga", "uig", "uk", "uk-UA", "ukr", "umb", "und", "ur", "ur-PK", "urd", "uz", "uz-UZ",
    "uzb", "vai", "ven", "vi", "vi-VN", "vie", "vol", "vot", "wak", "wal", "war", "was", "wel",
    "wen", "wln", "wol", "xal", "xh", "xh-ZA", "xho", "yao", "yap", "yid", "yor", "ypk", "zap",
    "zbl", "zen", "zgh", "zh", "zh-CN", "zh-HK", "zh-MO", "zh-SG", "zh-TW", "zha", "zho", "znd",
    "zu", "zu-ZA", "zul", "zun", "zxx", "zza",
];
