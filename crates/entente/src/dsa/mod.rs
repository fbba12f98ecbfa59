//! Statements of reasons (Digital Services Act, Article 17): for the European Commission's
//! transparency database (Article 24(5)), and for whom a decision affects.
//!
//! Nothing in a statement for the database is personal data: no contact, no name, no address of what
//! was removed; free texts are the recipient's own and are looked through.

mod check;
mod choice;
mod letter;
mod make;
mod personal;
mod statement;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use choice::Choices;
pub(crate) use letter::letter;
pub(crate) use statement::{batch, csv, statement_of};
