//! Systems and what is known of them: `infrastructure`, `vulnerability`, `reputation`.

use super::super::rule::Form::{Begins, Cve, DateTime, Uri};
use super::super::rule::Rule::{Closed, Distinct, Each, Flag, Form, Number, Short, Text, Word};
use super::super::rule::{Field, PORT, hint, may, must};

pub(super) const BOTNET: &[Field] = &[
    hint("malware_family", Short(200)),
    hint("c2_server", Text),
    hint("c2_protocol", Word("http https tcp udp dns irc p2p custom")),
    hint(
        "bot_capabilities",
        Each(&Word(
            "ddos spam proxy keylogger file_download remote_shell \
cryptocurrency_mining data_theft",
        )),
    ),
    must("compromise_evidence", Text),
];

pub(super) const COMPROMISED_SERVER: &[Field] = &[must("compromise_method", Text)];
pub(super) const CVE: &[Field] = &[
    hint(
        "evidence_source",
        Word(
            "vulnerability_scan researcher_analysis automated_discovery \
penetration_testing",
        ),
    ),
    must("service", Short(200)),
    hint("service_version", Short(100)),
    must("service_port", PORT),
    must("cve_id", Form(Cve(1))),
    may("cve_ids", Distinct(&Form(Cve(1)), 10)),
    hint("cvss_score", Number(0.0, 10.0)),
    may("cvss_vector", Form(Begins("CVSS:3.0/ CVSS:3.1/"))),
    may("cvss_version", Word("2.0 3.0 3.1")),
    hint("risk_level", Word("info low medium high critical")),
    hint("severity", Word("informational low medium high critical")),
    hint(
        "exploitability",
        Word("theoretical poc_available functional weaponized"),
    ),
    hint("patch_available", Flag),
    may("patch_version", Short(100)),
    may("patch_url", Form(Uri)),
    may("vendor_advisory", Form(Uri)),
    may("disclosure_date", Form(DateTime)),
    may(
        "impact_assessment",
        Closed(&[
            may("confidentiality", Word("none low high")),
            may("integrity", Word("none low high")),
            may("availability", Word("none low high")),
        ]),
    ),
    may(
        "remediation_priority",
        Word("low medium high critical emergency"),
    ),
];

pub(super) const MISCONFIGURATION: &[Field] = &[must("service", Text)];

pub(super) const OPEN_SERVICE: &[Field] = &[must("service", Text)];
pub(super) const BLOCKLIST: &[Field] = &[must("threat_type", Text)];

pub(super) const THREAT_INTELLIGENCE: &[Field] = &[must("threat_type", Text)];
