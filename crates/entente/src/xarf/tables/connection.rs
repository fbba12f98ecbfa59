//! Attacks on systems: `connection`.

use super::super::rule::Form::{DateTime, Ip, Uri};
use super::super::rule::Rule::{Each, Flag, Form, Number, Short, Text, Word};
use super::super::rule::{Field, PORT, POSITIVE, WHOLE, hint, may, must};

pub(super) const DDOS: &[Field] = &[
    hint(
        "evidence_source",
        Word("firewall_logs ids_detection flow_analysis traffic_monitoring honeypot"),
    ),
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp icmp sctp")),
    hint("attack_vector", Text),
    hint("peak_pps", POSITIVE),
    hint("peak_bps", POSITIVE),
    may("duration_seconds", POSITIVE),
    may("amplification_factor", Number(1.0, f64::MAX)),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
    may("threshold_exceeded", Form(DateTime)),
    may("mitigation_applied", Flag),
    may("service_impact", Word("none degraded unavailable")),
];

pub(super) const INFECTED_HOST: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp")),
    must(
        "bot_type",
        Word(
            "search_engine ai_agent monitoring seo_analyzer link_checker feed_reader \
social_media advertising malicious unknown",
        ),
    ),
    hint("bot_name", Text),
    hint("user_agent", Text),
    hint(
        "behavior_pattern",
        Word(
            "legitimate_crawling aggressive_crawling api_abuse form_submission \
comment_spam account_creation content_harvesting vulnerability_probing \
mixed",
        ),
    ),
    may("request_rate", Number(f64::MIN, f64::MAX)),
    may("total_requests", POSITIVE),
    may("respects_robots_txt", Flag),
    may("follows_crawl_delay", Flag),
    may("javascript_execution", Flag),
    may("accepts_cookies", Flag),
    may("api_endpoints_accessed", Each(&Text)),
    hint(
        "verification_status",
        Word("verified unverified spoofed unknown"),
    ),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
];

pub(super) const LOGIN_ATTACK: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp icmp sctp")),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
];

pub(super) const PORT_SCAN: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp icmp sctp")),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
];

pub(super) const RECONNAISSANCE: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp")),
    must("probed_resources", Each(&Text)),
    hint(
        "resource_categories",
        Each(&Word(
            "environment_files version_control configuration_files backup_files \
admin_panels database_files log_files credential_files api_endpoints \
debug_endpoints other",
        )),
    ),
    may(
        "http_methods",
        Each(&Word("GET POST HEAD OPTIONS PUT DELETE TRACE CONNECT")),
    ),
    may("response_codes", Each(&WHOLE)),
    hint("successful_probes", Each(&Text)),
    may("user_agent", Text),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
    may("total_probes", POSITIVE),
    may("automated_tool", Flag),
];

pub(super) const SCRAPING: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp")),
    hint(
        "scraping_pattern",
        Word(
            "sequential random targeted sitemap_following api_harvesting \
deep_crawling breadth_first depth_first",
        ),
    ),
    hint(
        "target_content",
        Word(
            "product_data pricing_information user_profiles contact_information \
news_articles images documents api_data search_results general_content \
other",
        ),
    ),
    hint("user_agent", Text),
    may("bot_signature", Text),
    may("request_rate", Number(f64::MIN, f64::MAX)),
    must("total_requests", POSITIVE),
    may("unique_urls", POSITIVE),
    may("data_volume", WHOLE),
    may("respects_robots_txt", Flag),
    may("session_duration", WHOLE),
    may("concurrent_connections", WHOLE),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
];

pub(super) const SQL_INJECTION: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    hint("destination_port", PORT),
    must("protocol", Word("tcp udp")),
    hint(
        "http_method",
        Word("GET POST PUT DELETE PATCH HEAD OPTIONS"),
    ),
    hint("target_url", Form(Uri)),
    hint(
        "injection_point",
        Word("query_parameter post_body cookie header path json_parameter"),
    ),
    may("payload_sample", Short(1000)),
    hint(
        "attack_technique",
        Word(
            "union_based error_based boolean_blind time_blind stacked_queries \
out_of_band second_order other",
        ),
    ),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
    may("attempts_count", POSITIVE),
];

pub(super) const VULNERABILITY_SCAN: &[Field] = &[
    hint("destination_ip", Form(Ip)),
    must(
        "scan_type",
        Word(
            "port_scan vulnerability_scan version_detection os_fingerprinting \
service_enumeration web_vuln_scan directory_brute_force mixed",
        ),
    ),
    hint("scanner_signature", Text),
    hint("targeted_ports", Each(&PORT)),
    may("targeted_services", Each(&Text)),
    may("vulnerabilities_probed", Each(&Text)),
    may("scan_rate", Number(f64::MIN, f64::MAX)),
    must("protocol", Word("tcp udp icmp mixed")),
    must("first_seen", Form(DateTime)),
    may("last_seen", Form(DateTime)),
    may("total_requests", POSITIVE),
    may("user_agent", Text),
];
