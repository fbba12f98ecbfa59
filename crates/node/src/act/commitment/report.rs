//! Reports, and what others say of a commitment.

use jiff::civil::Date;

use super::calendar::returned;
use super::{Sending, check_evidence, check_source, done_before, known, speaking, today};
use crate::act::Error;
use crate::act::accession::deciding;
use crate::act::wording::check_words;
use crate::commitment::indicator::Reading;
use crate::commitment::{
    Amount, CommitmentRecord, Completion, Counter, Evidence, Measure, Reply, Report, Review, State,
    StateChange, Statement,
};
use crate::directory::Directory;
use crate::entry::Act;
use crate::node::Node;
use crate::policy::Caller;

/// Reports of a commitment, and what one party says of it.
const MOST_REPORTS: usize = 400;
const MOST_STATEMENTS: usize = 50;

/// A report to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReport {
    /// How far, in the party's own judgement.
    pub completion: Completion,
    /// The indicator, where the party reports it itself.
    pub value: Option<Amount>,
    /// What was done.
    pub words: String,
    /// Where that may be checked.
    pub evidence: Vec<Evidence>,
    /// Where it is known from, when the steward records it.
    pub source: Option<String>,
    /// What is sent again with the same key is done once.
    pub key: Option<String>,
}

/// What somebody else says of a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJudgement {
    /// The report it is about; none when it is about the commitment as such.
    pub report: Option<String>,
    /// Why, or what it shows.
    pub words: String,
    /// Where that may be checked.
    pub evidence: Vec<Evidence>,
    /// What is sent again with the same key is done once.
    pub key: Option<String>,
}

impl Node {
    /// Reports on a commitment. Whatever was due is answered, and it is active at once. Gives the
    /// report's id.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] when it was taken
    /// back.
    pub async fn report_commitment(
        &self,
        caller: &Caller,
        id: &str,
        new: NewReport,
    ) -> Result<String, Error> {
        check_words("the report", &new.words)?;
        check_source(new.source.as_deref())?;
        check_evidence(&new.evidence)?;
        let reading = self.reading_for_report(id)?;
        let sending = Sending::new(&self.directory(), caller, new.key.as_deref())?;
        let (wanted, given) = (id.to_owned(), sending.clone());
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            let source = speaking(directory, viewer, record.party(), now, new.source.clone())?;
            if let Some(id) = sending.before(directory)? {
                let known = record.report(id).map(|held| &held.what);
                return done_before(known.is_some_and(|known| {
                    (known.completion, known.value) == (new.completion, new.value)
                        && (&known.words, &known.evidence) == (&new.words, &new.evidence)
                }));
            }
            let report = checked(
                record,
                directory,
                (sending, today(directory, now)),
                new,
                reading,
            )?;
            Ok(reported(directory, record, Report { source, ..report }))
        });
        self.record(caller, decide).await?;
        Ok(given.given(&self.directory()))
    }

    /// Judges how far another's commitment is: beside its own report, never instead of it. Gives the
    /// review's id.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Conflict`] when the party
    /// said too much of it already.
    pub async fn review_commitment(
        &self,
        caller: &Caller,
        id: &str,
        completion: Completion,
        new: NewJudgement,
    ) -> Result<String, Error> {
        check_words("the review", &new.words)?;
        check_evidence(&new.evidence)?;
        let sending = Sending::new(&self.directory(), caller, new.key.as_deref())?;
        let (wanted, given) = (id.to_owned(), sending.clone());
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            let judge = viewer.judges(directory, record.party(), now.day())?;
            if let Some(id) = sending.before(directory)? {
                let given = match record.statement(id) {
                    Some(Statement::Review(said)) => Some(&said.held.what),
                    _ => None,
                };
                return done_before(given.is_some_and(|known| {
                    (known.completion, &known.report) == (completion, &new.report)
                        && (&known.words, &known.evidence) == (&new.words, &new.evidence)
                }));
            }
            may_say(record, &judge.party, new.report.as_deref())?;
            Ok(vec![Act::ReviewCommitment(Review {
                id: sending.id,
                commitment: wanted,
                report: new.report,
                by: judge.party,
                steward: judge.steward,
                date: today(directory, now),
                completion,
                words: new.words,
                evidence: new.evidence,
                key: sending.key,
            })])
        });
        self.record(caller, decide).await?;
        Ok(given.given(&self.directory()))
    }

    /// Shows what speaks against a report, or against another's commitment being kept. Gives the
    /// statement's id.
    ///
    /// # Errors
    /// As [`Node::review_commitment`]; [`Error::Invalid`] also without evidence.
    pub async fn counter_commitment(
        &self,
        caller: &Caller,
        id: &str,
        new: NewJudgement,
    ) -> Result<String, Error> {
        check_words("the counter-evidence", &new.words)?;
        check_evidence(&new.evidence)?;
        if new.evidence.is_empty() {
            let words = "counter-evidence shows something: give at least one link";
            return Err(Error::Invalid(words.into()));
        }
        let sending = Sending::new(&self.directory(), caller, new.key.as_deref())?;
        let (wanted, given) = (id.to_owned(), sending.clone());
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = known(directory, &wanted)?;
            let judge = viewer.judges(directory, record.party(), now.day())?;
            if let Some(id) = sending.before(directory)? {
                let given = match record.statement(id) {
                    Some(Statement::Counter(said)) => Some(&said.held.what),
                    _ => None,
                };
                return done_before(given.is_some_and(|known| {
                    known.report == new.report
                        && (&known.words, &known.evidence) == (&new.words, &new.evidence)
                }));
            }
            may_say(record, &judge.party, new.report.as_deref())?;
            Ok(vec![Act::CounterCommitment(Counter {
                id: sending.id,
                commitment: wanted,
                report: new.report,
                by: judge.party,
                steward: judge.steward,
                date: today(directory, now),
                words: new.words,
                evidence: new.evidence,
                key: sending.key,
            })])
        });
        self.record(caller, decide).await?;
        Ok(given.given(&self.directory()))
    }

    /// Answers a review, counter-evidence or a letter, for the party that it is about; once.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] when it was
    /// answered.
    pub async fn reply_commitment(
        &self,
        caller: &Caller,
        to: &str,
        words: String,
        evidence: Vec<Evidence>,
        source: Option<String>,
    ) -> Result<CommitmentRecord, Error> {
        check_words("the answer", &words)?;
        check_evidence(&evidence)?;
        check_source(source.as_deref())?;
        let wanted = to.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let record = directory.commitments().of_statement(&wanted);
            let record = record.ok_or(Error::NotFound("statement"))?;
            let source = speaking(directory, viewer, record.party(), now, source)?;
            let statement = record.statement(&wanted);
            // A report is the party's own.
            let statement = statement.ok_or(Error::NotFound("statement"))?;
            if statement
                .reply()
                .is_some_and(|reply| reply.what.words == words)
            {
                // It was sent again.
                return Ok(Vec::new());
            }
            if statement.reply().is_some() {
                let words = "this was answered already: an answer is given once";
                return Err(Error::Conflict(words.into()));
            }
            Ok(vec![Act::ReplyCommitment(Reply {
                to: wanted,
                date: today(directory, now),
                words,
                evidence,
                source,
            })])
        });
        self.record(caller, decide).await?;
        let directory = self.directory();
        let record = directory.commitments().of_statement(to);
        record.cloned().ok_or(Error::NotFound("statement"))
    }

    /// What a computed indicator shows when a report is written.
    fn reading_for_report(&self, id: &str) -> Result<Option<Reading>, Error> {
        let directory = self.directory();
        let record = known(&directory, id)?;
        let Measure::Computed(indicator) = record.newest().measure else {
            return Ok(None);
        };
        let today = today(&directory, self.now());
        let from = record
            .reports
            .last()
            .map_or(record.first().what.date, |last| {
                last.what.reading.as_ref().map_or(last.what.date, |r| r.to)
            });
        let from = from.first_of_month();
        self.reading(record.party(), indicator, from, today)
            .map(Some)
    }
}

fn checked(
    record: &CommitmentRecord,
    directory: &Directory,
    (sending, today): (Sending, Date),
    new: NewReport,
    reading: Option<Reading>,
) -> Result<Report, Error> {
    if let Some(withdrawn) = &record.withdrawn {
        let words = format!("this commitment was withdrawn on {}", withdrawn.what.date);
        return Err(Error::Conflict(words));
    }
    if record.reports.len() >= MOST_REPORTS {
        let words = format!("a commitment has {MOST_REPORTS} reports at most");
        return Err(Error::Conflict(words));
    }
    let newest = record.newest();
    let is_computed = matches!(newest.measure, Measure::Computed(_));
    if is_computed && new.value.is_some() {
        let words = "value: this indicator is computed by the node: leave it out";
        return Err(Error::Invalid(words.into()));
    }
    Ok(Report {
        id: sending.id,
        commitment: record.id().to_owned(),
        version: newest.version,
        date: today,
        completion: new.completion,
        value: new.value,
        // An amendment meanwhile may have changed the indicator.
        reading: reading.filter(|r| newest.measure == Measure::Computed(r.indicator)),
        words: new.words,
        evidence: new.evidence,
        answers: record.answers(&directory.report_calendar(), today),
        source: None,
        key: sending.key,
    })
}

/// A report, and that its commitment is active again where it was not.
fn reported(directory: &Directory, record: &CommitmentRecord, report: Report) -> Vec<Act<'static>> {
    let from = record.state();
    let last = record.states.last().map(|change| &change.what);
    let is_by_steward = last.is_some_and(|change| change.steward);
    if from == State::Active || is_by_steward || report.answers.is_none() {
        return vec![Act::ReportCommitment(report)];
    }
    let change = StateChange {
        commitment: record.id().to_owned(),
        party: record.party().to_owned(),
        from,
        to: State::Active,
        date: report.date,
        due: None,
        letter: None,
        report: Some(report.id.clone()),
        reason: format!("a report came on {}", report.date),
        steward: false,
    };
    let mut acts = vec![Act::ReportCommitment(report)];
    acts.extend(returned(directory, change));
    acts
}

/// Whether a party may say one more thing of a commitment, about a report that is there.
fn may_say(record: &CommitmentRecord, party: &str, report: Option<&str>) -> Result<(), Error> {
    if let Some(report) = report {
        record.report(report).ok_or(Error::NotFound("report"))?;
    }
    let reviews = record.reviews.iter().filter(|r| r.held.what.by == party);
    let counters = record.counters.iter().filter(|c| c.held.what.by == party);
    if reviews.count() + counters.count() >= MOST_STATEMENTS {
        let words = format!("a party says at most {MOST_STATEMENTS} things of one commitment");
        return Err(Error::Conflict(words));
    }
    Ok(())
}
