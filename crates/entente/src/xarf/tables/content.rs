//! What is hosted: `content`.

use super::super::rule::Form::{
    Capitals, Cve, Date, DateTime, Domain, Email, Hex, Ipv4, Ipv6, Uri,
};
use super::super::rule::Rule::{Each, Flag, Form, List, Number, Open, Text, Whole, Word};
use super::super::rule::{COUNT, Field, PORT, WHOLE, hint, may, must};

pub(super) const BASE: &[Field] = &[
    must("url", Form(Uri)),
    hint("domain", Form(Domain)),
    may("registrar", Text),
    may("nameservers", Each(&Text)),
    may(
        "dns_records",
        Open(&[
            may("a", Each(&Form(Ipv4))),
            may("aaaa", Each(&Form(Ipv6))),
            may("mx", Each(&Text)),
            may("txt", Each(&Text)),
        ]),
    ),
    may("screenshot_url", Form(Uri)),
    hint("verified_at", Form(DateTime)),
    hint(
        "verification_method",
        Word("manual automated_crawler user_report honeypot threat_intelligence"),
    ),
    may(
        "attack_vector",
        Word(
            "phishing malware fraud brand_infringement copyright_infringement \
data_leak remote_compromise suspicious_registration",
        ),
    ),
    hint("target_brand", Text),
    may("hosting_provider", Text),
    may("asn", Whole(1.0, 4_294_967_295.0)),
    may("country_code", Form(Capitals(2))),
    may(
        "ssl_certificate",
        Open(&[
            may("issuer", Text),
            may("subject", Text),
            may("valid_from", Form(DateTime)),
            may("valid_to", Form(DateTime)),
            may("fingerprint", Text),
        ]),
    ),
    may(
        "whois",
        Open(&[
            may("registrant", Text),
            may("created_date", Form(DateTime)),
            may("updated_date", Form(DateTime)),
            may("expiry_date", Form(DateTime)),
            may("registrar_abuse_contact", Form(Email)),
        ]),
    ),
    may(
        "dns_response",
        Open(&[
            may("query_time", Form(DateTime)),
            may("authoritative", Flag),
            may("response_code", Word("NOERROR NXDOMAIN SERVFAIL REFUSED")),
        ]),
    ),
];

pub(super) const BRAND_INFRINGEMENT: &[Field] = &[
    must(
        "infringement_type",
        Word(
            "counterfeit typosquatting lookalike homograph unauthorized_reseller \
trademark_violation brand_impersonation logo_misuse other",
        ),
    ),
    must("legitimate_site", Form(Uri)),
    hint("similarity_score", Number(0.0, 1.0)),
    may(
        "trademark_details",
        Open(&[
            may("registration_number", Text),
            may("jurisdiction", Text),
            may("category", Each(&Whole(1.0, 45.0))),
        ]),
    ),
    hint(
        "infringing_elements",
        Each(&Word(
            "logo brand_name tagline color_scheme layout product_images domain_name \
other",
        )),
    ),
    may("products_offered", Each(&Text)),
    may(
        "previous_enforcement",
        Each(&Open(&[
            may("date", Form(Date)),
            may(
                "action",
                Word("cease_desist takedown_notice domain_dispute legal_action other"),
            ),
            may("result", Text),
        ])),
    ),
];

pub(super) const CSAM: &[Field] = &[
    must("classification", Word("baseline A1 A2 B1 B2")),
    hint("media_type", Word("image video audio text mixed")),
    must(
        "detection_method",
        Word("hash_match ai_detection manual_review user_report automated_scan"),
    ),
    hint(
        "hash_values",
        Open(&[
            may("md5", Form(Hex(32))),
            may("sha1", Form(Hex(40))),
            may("sha256", Form(Hex(64))),
            may("photodna", Text),
        ]),
    ),
    hint("ncmec_report_id", Text),
    hint("content_removed", Flag),
    may("account_suspended", Flag),
];

pub(super) const CSEM: &[Field] = &[
    must(
        "exploitation_type",
        Word(
            "grooming solicitation sextortion trafficking distribution production \
possession",
        ),
    ),
    hint(
        "victim_age_range",
        Word("infant toddler prepubescent pubescent unknown"),
    ),
    hint(
        "platform",
        Word("social_media messaging_app gaming_platform forum email darkweb other"),
    ),
    must(
        "detection_method",
        Word(
            "behavioral_analysis keyword_detection user_report ai_detection \
manual_review law_enforcement_referral",
        ),
    ),
    hint(
        "evidence_type",
        Each(&Word("chat_logs images videos user_profile metadata")),
    ),
    may(
        "perpetrator_indicators",
        Open(&[
            may("account_id", Text),
            may("ip_addresses", Each(&Form(Ipv4))),
            may("pattern_of_behavior", Text),
        ]),
    ),
    hint(
        "reporting_obligations",
        Each(&Word(
            "NCMEC IWF local_law_enforcement europol interpol platform_safety_team \
other",
        )),
    ),
];

pub(super) const EXPOSED_DATA: &[Field] = &[
    must(
        "data_types",
        List(
            &Word(
                "personal_information credentials financial medical government_id \
email_addresses phone_numbers api_keys database_dumps source_code \
internal_documents customer_data employee_data intellectual_property \
other",
            ),
            1,
            usize::MAX,
        ),
    ),
    must(
        "exposure_method",
        Word(
            "misconfigured_server open_directory database_exposure git_repository \
backup_file log_file cloud_storage paste_site forum_post ransomware_leak \
intentional_leak other",
        ),
    ),
    hint("record_count", COUNT),
    hint("affected_organization", Text),
    may(
        "data_format",
        Word("plaintext csv json xml sql excel pdf mixed other"),
    ),
    hint("sensitive_fields", Each(&Text)),
    hint(
        "encryption_status",
        Word("unencrypted encrypted partially_encrypted hashed unknown"),
    ),
    may(
        "accessibility",
        Word("public requires_authentication requires_payment dark_web removed"),
    ),
    may(
        "discovery_source",
        Word(
            "security_researcher automated_scan breach_monitoring user_report \
law_enforcement threat_intelligence other",
        ),
    ),
    may(
        "sample_records",
        List(
            &Open(&[may("description", Text), may("redacted_sample", Text)]),
            0,
            5,
        ),
    ),
];

pub(super) const FRAUD: &[Field] = &[
    must(
        "fraud_type",
        Word(
            "investment romance tech_support lottery advance_fee cryptocurrency \
shopping charity employment government_impersonation other",
        ),
    ),
    hint(
        "payment_methods",
        Each(&Word(
            "credit_card bank_transfer cryptocurrency gift_cards wire_transfer paypal \
western_union moneygram cashapp venmo other",
        )),
    ),
    may(
        "cryptocurrency_addresses",
        Each(&Open(&[
            must("currency", Word("bitcoin ethereum usdt bnb monero other")),
            must("address", Text),
        ])),
    ),
    hint("claimed_entity", Text),
    may(
        "loss_amount",
        Open(&[
            may("currency", Form(Capitals(3))),
            may("amount", Number(0.0, f64::MAX)),
        ]),
    ),
];

pub(super) const MALWARE: &[Field] = &[
    hint("malware_family", Text),
    hint(
        "malware_type",
        Word(
            "trojan ransomware dropper loader backdoor rootkit infostealer \
banking_trojan cryptominer adware spyware worm bot rat other",
        ),
    ),
    hint(
        "file_hashes",
        Open(&[
            may("md5", Form(Hex(32))),
            may("sha1", Form(Hex(40))),
            may("sha256", Form(Hex(64))),
            may("ssdeep", Text),
        ]),
    ),
    may(
        "file_metadata",
        Open(&[
            may("filename", Text),
            may("file_size", COUNT),
            may("file_type", Text),
            may("mime_type", Text),
        ]),
    ),
    hint(
        "distribution_method",
        Word(
            "direct_download drive_by_download email_attachment malvertising \
exploit_kit watering_hole supply_chain social_engineering other",
        ),
    ),
    may(
        "c2_servers",
        Each(&Open(&[
            may("address", Text),
            may("port", PORT),
            may("protocol", Word("http https tcp udp dns other")),
        ])),
    ),
    may(
        "sandbox_analysis",
        Open(&[
            may("sandbox_name", Text),
            may("analysis_url", Form(Uri)),
            may("verdict", Word("malicious suspicious clean unknown")),
            may("score", Number(0.0, 100.0)),
        ]),
    ),
    may("exploit_cve", Each(&Form(Cve(4)))),
    may(
        "persistence_mechanism",
        Each(&Word(
            "registry scheduled_task service startup_folder dll_hijacking wmi other",
        )),
    ),
    may(
        "targeted_platforms",
        Each(&Word("windows linux macos android ios multi_platform")),
    ),
];

pub(super) const PHISHING: &[Field] = &[
    hint("credential_fields", Each(&Text)),
    may("phishing_kit", Text),
    may("redirect_chain", Each(&Form(Uri))),
    hint("submission_url", Form(Uri)),
    hint("cloned_site", Form(Uri)),
    may(
        "detection_evasion",
        Each(&Word(
            "geo_blocking user_agent_filtering referrer_checking captcha \
time_based_display ip_blacklisting obfuscation other",
        )),
    ),
    hint(
        "lure_type",
        Word(
            "account_suspension security_alert payment_issue prize_notification \
document_share password_reset shipping_notification tax_refund other",
        ),
    ),
];

pub(super) const REMOTE_COMPROMISE: &[Field] = &[
    must(
        "compromise_type",
        Word(
            "webshell backdoor defacement malicious_redirect seo_spam cryptominer \
phishing_kit malware_host c2_server proxy scanner other",
        ),
    ),
    hint(
        "compromise_indicators",
        Each(&Open(&[
            must(
                "type",
                Word(
                    "file_path process network_connection user_account scheduled_task \
registry_key service",
                ),
            ),
            must("value", Text),
            may("description", Text),
        ])),
    ),
    hint(
        "webshell_details",
        Open(&[
            may("family", Text),
            may(
                "capabilities",
                Each(&Word(
                    "file_manager command_execution database_access network_scanning \
privilege_escalation persistence other",
                )),
            ),
            may("password_protected", Flag),
        ]),
    ),
    hint(
        "affected_cms",
        Word("wordpress joomla drupal magento prestashop opencart custom unknown other"),
    ),
    may(
        "vulnerability_exploited",
        Open(&[
            may("cve", Form(Cve(4))),
            may("description", Text),
            may("component", Text),
        ]),
    ),
    hint(
        "persistence_mechanisms",
        Each(&Word(
            "cron_job modified_core_files hidden_admin_account autoload_backdoor \
htaccess_modification database_backdoor other",
        )),
    ),
    hint(
        "malicious_activities",
        Each(&Word(
            "spam_sending ddos_attacks cryptocurrency_mining data_exfiltration \
lateral_movement hosting_malware hosting_phishing scanning other",
        )),
    ),
    may(
        "cleanup_status",
        Word("not_cleaned partially_cleaned cleaned reinfected unknown"),
    ),
];

pub(super) const SUSPICIOUS_REGISTRATION: &[Field] = &[
    must("registration_date", Form(DateTime)),
    hint("days_since_registration", COUNT),
    must(
        "suspicious_indicators",
        List(
            &Word(
                "typosquatting homograph_attack brand_keyword suspicious_tld \
bulk_registration privacy_protection suspicious_registrant fast_flux \
dga_pattern known_bad_nameserver suspicious_ssl_cert \
immediate_activation parked_page other",
            ),
            1,
            usize::MAX,
        ),
    ),
    hint("risk_score", Number(0.0, 1.0)),
    hint("targeted_brands", Each(&Text)),
    hint(
        "registrant_details",
        Open(&[
            may("email_domain", Text),
            may("country", Form(Capitals(2))),
            may("privacy_protected", Flag),
            may("bulk_registrations", WHOLE),
        ]),
    ),
    may(
        "related_domains",
        List(
            &Open(&[
                may("domain", Text),
                may(
                    "relationship",
                    Word(
                        "same_registrant same_nameserver same_ip same_ssl_cert similar_pattern \
same_campaign",
                    ),
                ),
            ]),
            0,
            20,
        ),
    ),
    hint(
        "predicted_usage",
        Each(&Word(
            "phishing malware spam fraud brand_abuse botnet_c2 unknown",
        )),
    ),
    may(
        "ssl_certificate_details",
        Open(&[
            may("issued_immediately", Flag),
            may("free_certificate", Flag),
            may("wildcard", Flag),
        ]),
    ),
    may(
        "activation_behavior",
        Open(&[
            may("time_to_activation", WHOLE),
            may(
                "initial_content",
                Word("parked under_construction immediate_malicious cloned_site blank other"),
            ),
        ]),
    ),
];
