//! What a case does not say of a decision: the recipient says it when it makes a statement.

use jiff::civil::Date;

/// Choices of the recipient, as words of the command line or of the database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    pub(crate) visibility: Vec<String>,
    pub(crate) visibility_other: Option<String>,
    pub(crate) monetary: Option<String>,
    pub(crate) monetary_other: Option<String>,
    pub(crate) provision: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) account_type: Option<String>,
    /// `law` or `policy`; the request's when absent.
    pub(crate) ground: Option<String>,
    /// Which law or which rule, in the recipient's words.
    pub(crate) reference: Option<String>,
    pub(crate) reference_url: Option<String>,
    /// Why it falls under it, in the recipient's words.
    pub(crate) explanation: Option<String>,
    /// Whether what breaks a rule is illegal too.
    pub(crate) also_illegal: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) also_categories: Vec<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) content: Vec<String>,
    pub(crate) content_other: Option<String>,
    pub(crate) content_date: Option<Date>,
    pub(crate) content_language: Option<String>,
    /// Countries, or `EEA`.
    pub(crate) territory: Vec<String>,
    pub(crate) facts: Option<String>,
    pub(crate) source: Option<String>,
    /// Whether the notifier is named.
    pub(crate) name_source: bool,
    /// `yes` or `no`.
    pub(crate) detected_automatically: Option<String>,
    /// `not`, `partly` or `fully`.
    pub(crate) decided_automatically: Option<String>,
    pub(crate) until: Option<Date>,
}
