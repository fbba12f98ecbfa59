//! A statement for the transparency database (API documentation; Implementing its `statements`
//! endpoint's rules).

use serde::{Deserialize, Serialize};

use super::choice::Choices;
use super::make::Make;
use crate::case::CaseFile;
use crate::xarf::Fault;

/// A statement of reasons, in the words of the database; what is absent is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Statement {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) decision_visibility: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision_visibility_other: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_date_visibility_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision_monetary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision_monetary_other: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_date_monetary_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision_provision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_date_service_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_date_account_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_type: Option<String>,
    pub(crate) decision_ground: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision_ground_reference_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) illegal_content_legal_ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) illegal_content_explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) incompatible_content_ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) incompatible_content_explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) incompatible_content_illegal: Option<String>,
    pub(crate) category: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) category_addition: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) category_specification: Vec<String>,
    pub(crate) content_type: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type_other: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    pub(crate) content_date: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) territorial_scope: Vec<String>,
    pub(crate) application_date: String,
    pub(crate) decision_facts: String,
    pub(crate) source_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_identity: Option<String>,
    pub(crate) automated_detection: String,
    pub(crate) automated_decision: String,
    pub(crate) puid: String,
}

/// The columns of a statement as CSV: all that the API takes, in the order of the database's own
/// exports.
const COLUMNS: &[&str] = &[
    "decision_visibility",
    "decision_visibility_other",
    "end_date_visibility_restriction",
    "decision_monetary",
    "decision_monetary_other",
    "end_date_monetary_restriction",
    "decision_provision",
    "end_date_service_restriction",
    "decision_account",
    "end_date_account_restriction",
    "account_type",
    "decision_ground",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "incompatible_content_illegal",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "content_type",
    "content_type_other",
    "content_language",
    "content_date",
    "content_id_ean",
    "territorial_scope",
    "application_date",
    "decision_facts",
    "source_type",
    "source_identity",
    "automated_detection",
    "automated_decision",
    "puid",
];

/// The statement of a case that was accepted or done.
///
/// # Errors
/// All that is missing or wrong, by the name of the member, with the flag that gives it.
pub(crate) fn statement_of(file: &CaseFile, choices: &Choices) -> Result<Statement, Vec<Fault>> {
    let (statement, faults) = Make::new(file, choices).statement();
    if faults.is_empty() {
        Ok(statement)
    } else {
        Err(faults)
    }
}

/// Statements as the API's `statements` endpoint takes them: at most 100 at once.
pub(crate) fn batch(statements: &[Statement]) -> serde_json::Value {
    serde_json::json!({ "statements": statements })
}

/// Statements as CSV, with a header; lists are JSON within their cell.
///
/// # Errors
/// None that can happen while memory lasts.
pub(crate) fn csv(
    statements: &[Statement],
) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(COLUMNS)?;
    for statement in statements {
        let value = serde_json::to_value(statement)?;
        let cell = |name: &&str| match value.get(name) {
            None => String::new(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        rows.write_record(COLUMNS.iter().map(cell))?;
    }
    Ok(rows.into_inner().map_err(csv::IntoInnerError::into_error)?)
}
