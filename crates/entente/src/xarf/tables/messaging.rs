//! Messages: `messaging`.

use super::super::rule::Form::{Email, Language, Uri};
use super::super::rule::Rule::{Closed, Each, Flag, Form, Short, Whole, Word};
use super::super::rule::{Field, POSITIVE, hint, may, must};

pub(super) const BULK_MESSAGING: &[Field] = &[
    hint(
        "evidence_source",
        Word("user_complaint automated_filter reputation_feed volume_analysis"),
    ),
    must(
        "protocol",
        Word("smtp sms whatsapp telegram social_media push_notification other"),
    ),
    may("smtp_from", Form(Email)),
    hint("subject", Short(500)),
    may("sender_name", Short(200)),
    must("recipient_count", Whole(100.0, f64::MAX)),
    hint("unsubscribe_provided", Flag),
    may("opt_in_evidence", Flag),
    may(
        "bulk_indicators",
        Closed(&[
            may("high_volume", Flag),
            may("template_based", Flag),
            may("commercial_sender", Flag),
        ]),
    ),
];

pub(super) const SPAM: &[Field] = &[
    hint(
        "evidence_source",
        Word(
            "spamtrap user_complaint automated_filter honeypot content_analysis \
reputation_feed",
        ),
    ),
    must(
        "protocol",
        Word(
            "smtp sms whatsapp telegram signal chat social_media push_notification \
other",
        ),
    ),
    may("smtp_from", Form(Email)),
    hint("smtp_to", Form(Email)),
    hint("subject", Short(500)),
    may("sender_name", Short(200)),
    hint("message_id", Short(200)),
    may("user_agent", Short(200)),
    may("recipient_count", POSITIVE),
    may("language", Form(Language)),
    may(
        "spam_indicators",
        Closed(&[
            may("suspicious_links", Each(&Form(Uri))),
            may("commercial_content", Flag),
            may("bulk_characteristics", Flag),
        ]),
    ),
];
