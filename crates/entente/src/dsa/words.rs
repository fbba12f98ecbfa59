//! The words of the transparency database (API documentation, "Statement Attributes").

use node::request::Category;

/// What is said on the command line, and the word of the database.
pub(super) type Words = &'static [(&'static str, &'static str)];

pub(super) const VISIBILITY: Words = &[
    ("removed", "DECISION_VISIBILITY_CONTENT_REMOVED"),
    ("disabled", "DECISION_VISIBILITY_CONTENT_DISABLED"),
    ("demoted", "DECISION_VISIBILITY_CONTENT_DEMOTED"),
    (
        "age-restricted",
        "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    ),
    (
        "interaction-restricted",
        "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    ),
    ("labelled", "DECISION_VISIBILITY_CONTENT_LABELLED"),
    ("other", "DECISION_VISIBILITY_OTHER"),
];
pub(super) const MONETARY: Words = &[
    ("suspended", "DECISION_MONETARY_SUSPENSION"),
    ("terminated", "DECISION_MONETARY_TERMINATION"),
    ("other", "DECISION_MONETARY_OTHER"),
];
pub(super) const PROVISION: Words = &[
    ("partly-suspended", "DECISION_PROVISION_PARTIAL_SUSPENSION"),
    ("suspended", "DECISION_PROVISION_TOTAL_SUSPENSION"),
    (
        "partly-terminated",
        "DECISION_PROVISION_PARTIAL_TERMINATION",
    ),
    ("terminated", "DECISION_PROVISION_TOTAL_TERMINATION"),
];
pub(super) const ACCOUNT: Words = &[
    ("suspended", "DECISION_ACCOUNT_SUSPENDED"),
    ("terminated", "DECISION_ACCOUNT_TERMINATED"),
];
pub(super) const ACCOUNT_TYPE: Words = &[
    ("business", "ACCOUNT_TYPE_BUSINESS"),
    ("private", "ACCOUNT_TYPE_PRIVATE"),
];
pub(super) const GROUND: Words = &[
    ("law", "DECISION_GROUND_ILLEGAL_CONTENT"),
    ("policy", "DECISION_GROUND_INCOMPATIBLE_CONTENT"),
];
pub(super) const CONTENT: Words = &[
    ("app", "CONTENT_TYPE_APP"),
    ("audio", "CONTENT_TYPE_AUDIO"),
    ("image", "CONTENT_TYPE_IMAGE"),
    ("product", "CONTENT_TYPE_PRODUCT"),
    ("synthetic-media", "CONTENT_TYPE_SYNTHETIC_MEDIA"),
    ("text", "CONTENT_TYPE_TEXT"),
    ("video", "CONTENT_TYPE_VIDEO"),
    ("other", "CONTENT_TYPE_OTHER"),
];
pub(super) const SOURCE: Words = &[
    ("notice", "SOURCE_ARTICLE_16"),
    ("trusted-flagger", "SOURCE_TRUSTED_FLAGGER"),
    ("other-notification", "SOURCE_TYPE_OTHER_NOTIFICATION"),
    ("own-initiative", "SOURCE_VOLUNTARY"),
];
pub(super) const AUTOMATED: Words = &[
    ("not", "AUTOMATED_DECISION_NOT_AUTOMATED"),
    ("partly", "AUTOMATED_DECISION_PARTIALLY"),
    ("fully", "AUTOMATED_DECISION_FULLY"),
];
pub(super) const YES_NO: Words = &[("yes", "Yes"), ("no", "No")];
pub(super) const CATEGORY: Words = &[
    ("animal-welfare", "STATEMENT_CATEGORY_ANIMAL_WELFARE"),
    (
        "consumer-information",
        "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
    ),
    ("cyber-violence", "STATEMENT_CATEGORY_CYBER_VIOLENCE"),
    (
        "cyber-violence-against-women",
        "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
    ),
    (
        "data-protection",
        "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    ),
    ("speech", "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"),
    (
        "intellectual-property",
        "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    ),
    (
        "civic-discourse",
        "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
    ),
    ("not-specified", "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE"),
    ("terms", "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
    ("minors", "STATEMENT_CATEGORY_PROTECTION_OF_MINORS"),
    (
        "public-security",
        "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
    ),
    ("fraud", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"),
    ("self-harm", "STATEMENT_CATEGORY_SELF_HARM"),
    (
        "unsafe-products",
        "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
    ),
    ("violence", "STATEMENT_CATEGORY_VIOLENCE"),
];

/// Countries of the European Economic Area, in whose territory a decision can have effect.
pub(super) const EEA: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The category of the database for one of requests; none where that depends.
pub(super) fn category_of(category: Category) -> Option<&'static str> {
    let word = match category {
        Category::ElectionInterference => "civic-discourse",
        Category::HateSpeech => "speech",
        Category::TradeSecrets | Category::IntellectualProperty => "intellectual-property",
        Category::Fraud => "fraud",
        Category::Attacks => "public-security",
        Category::ChildSafety => "minors",
        Category::Privacy => "data-protection",
        Category::Censorship | Category::Vulnerability | Category::Spam | Category::Other => {
            return None;
        }
    };
    find(CATEGORY, word)
}

/// The database's word for one on the command line; its own words are taken too.
pub(super) fn find(words: Words, word: &str) -> Option<&'static str> {
    let found = words
        .iter()
        .find(|(known, of_database)| *known == word || *of_database == word);
    found.map(|(_, of_database)| *of_database)
}

/// The words that can be said.
pub(super) fn listed(words: Words) -> String {
    let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    all.join(", ")
}

/// What is said on the command line for a word of the database.
pub(super) fn said(words: Words, of_database: &str) -> &'static str {
    let found = words.iter().find(|(_, known)| *known == of_database);
    found.map_or("", |(word, _)| *word)
}
