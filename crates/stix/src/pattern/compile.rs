//! A pattern in the form it is evaluated in, which owns all it needs.

use unicode_normalization::UnicodeNormalization as _;

use crate::timestamp::Timestamp;

use super::ast::{Comparison, Condition, Constant, ObjectPath, Pattern, Qualifier, Step, Test};
use super::budget::Budget;
use super::error::PatternError;
use super::evaluate::TooMuch;
use super::like::Like;
use super::network::Network;
use super::number::Number;
use super::observation::{Observation, may_be_root};
use super::parser::parse_with_operands;
use super::path::OwnedStep;
use super::plan::Plan;
use super::regular;
use super::test::{Check, Expression, Operand, OwnedTest};

/// Values and references looked at in one observation, at most.
const WORK: u64 = 1_000_000;

/// A pattern that is ready to be evaluated, any number of times and from any thread.
#[derive(Debug)]
pub struct Compiled {
    /// What stands between brackets, in the order written.
    pub(super) parts: Vec<Part>,
    pub(super) plan: Plan,
}

/// An expression, and when an observation in which it holds must have been.
#[derive(Debug)]
pub(super) struct Part {
    expression: Expression,
    /// It ends at this time or later.
    ends_from: Option<Timestamp>,
    /// It begins before this time.
    begins_before: Option<Timestamp>,
}

impl Part {
    fn holds(
        &self,
        observation: &Observation<'_>,
        budget: &mut Budget,
    ) -> Result<Option<usize>, TooMuch> {
        let in_time = self.ends_from.is_none_or(|time| observation.last() >= time)
            && self
                .begins_before
                .is_none_or(|time| observation.first() < time);
        if !in_time {
            return Ok(None);
        }
        self.expression.holds(observation, budget)
    }

    /// Narrows the time to a span: `start` within it, `stop` no more. Each span of several must
    /// overlap the observation, not all of them at once.
    fn during(&mut self, start: Timestamp, stop: Timestamp) {
        let stop = if start < stop {
            stop
        } else {
            Timestamp::from_micros(i64::MIN)
        };
        self.ends_from = self.ends_from.max(Some(start));
        self.begins_before = Some(self.begins_before.map_or(stop, |other| other.min(stop)));
    }
}

/// Parses a pattern and makes it ready to be evaluated.
///
/// # Errors
/// [`PatternError`] where the text is no pattern, and where it is one that cannot be evaluated:
/// constants of different kinds in one `IN`, no time in `WITHIN`, no repetition in `REPEATS`, a
/// regular expression that is none or that no finite automaton can run, no address range with
/// `ISSUBSET` and `ISSUPERSET`.
pub fn compile(source: &str) -> Result<Compiled, PatternError> {
    let (pattern, operands) = parse_with_operands(source)?;
    let mut compiler = Compiler {
        parts: Vec::new(),
        operand: 0,
    };
    match compiler.pattern(&pattern) {
        Ok(plan) => Ok(Compiled {
            parts: compiler.parts,
            plan,
        }),
        Err(expected) => {
            let place = operands.get(compiler.operand).copied();
            let (start, end) = place.unwrap_or((source.len(), source.len()));
            Err(PatternError::new(source, start, end, expected))
        }
    }
}

impl Compiled {
    /// Whether one observation by itself can match: no `AND`, `FOLLOWEDBY` or `REPEATS` stands
    /// between observations. Of such a pattern every observation that matches is a match.
    pub fn is_single(&self) -> bool {
        self.plan.is_single()
    }

    /// How many expressions stand between brackets.
    pub const fn expressions(&self) -> usize {
        self.parts.len()
    }

    /// How many observations a match has at least, each counted as often as it was observed.
    pub fn least(&self) -> u64 {
        self.plan.least()
    }

    /// How many microseconds at most lie between the end of one observation of a match and the
    /// beginning of another; none where no `WITHIN` bounds it.
    pub fn window(&self) -> Option<i64> {
        self.plan.window()
    }

    /// Whether an expression, from 0 in the order written, holds in an observation: the place of
    /// the first object that it holds for.
    ///
    /// # Errors
    /// [`TooMuch::Work`] when the budget is spent.
    pub fn holds(
        &self,
        expression: usize,
        observation: &Observation<'_>,
        budget: &mut Budget,
    ) -> Result<Option<usize>, TooMuch> {
        match self.parts.get(expression) {
            Some(part) => part.holds(observation, budget),
            None => Ok(None),
        }
    }

    /// Which of the expressions between brackets hold in an observation.
    pub(super) fn holding(&self, observation: &Observation<'_>) -> Result<Vec<usize>, TooMuch> {
        let mut budget = Budget::new(WORK);
        let mut holding = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            if part.holds(observation, &mut budget)?.is_some() {
                holding.push(index);
            }
        }
        Ok(holding)
    }
}

/// What should stand where the current operand stands.
type Expected = String;

/// Walks a pattern in the order written.
struct Compiler {
    parts: Vec<Part>,
    /// How many operands were taken: at an error, which one is wrong.
    operand: usize,
}

impl Compiler {
    fn pattern(&mut self, pattern: &Pattern<'_>) -> Result<Plan, Expected> {
        let mut each = |parts: &[Pattern<'_>]| {
            let parts = parts.iter().map(|part| self.pattern(part));
            parts.collect::<Result<Vec<_>, _>>()
        };
        match pattern {
            Pattern::Observation(comparison) => {
                let expression = self.comparison(comparison)?;
                self.parts.push(Part {
                    expression,
                    ends_from: None,
                    begins_before: None,
                });
                Ok(Plan::one(self.parts.len() - 1))
            }
            Pattern::And(parts) => Ok(Plan::All(each(parts)?)),
            Pattern::Or(parts) => Ok(Plan::any(each(parts)?)),
            Pattern::FollowedBy(parts) => Ok(Plan::Sequence(each(parts)?)),
            Pattern::Qualified(inner, qualifiers) => {
                let from = self.parts.len();
                let plan = self.pattern(inner)?;
                qualifiers.iter().try_fold(plan, |plan, qualifier| {
                    self.qualifier(plan, from, qualifier)
                })
            }
        }
    }

    /// Applies a qualifier to a plan whose parts begin at `from`.
    fn qualifier(
        &mut self,
        plan: Plan,
        from: usize,
        qualifier: &Qualifier<'_>,
    ) -> Result<Plan, Expected> {
        match qualifier {
            Qualifier::Within(seconds) => {
                let window = Number::read(seconds).ok_or("a number of seconds")?;
                if window.is_zero() {
                    return Err("a number of seconds above 0".to_owned());
                }
                self.operand += 1;
                Ok(plan.within(window.millionths()))
            }
            Qualifier::Repeats(0) => Err("a number of times of 1 or more".to_owned()),
            Qualifier::Repeats(times) => {
                self.operand += 1;
                Ok(plan.repeated(*times))
            }
            Qualifier::StartStop(start, stop) => {
                let start = self.timestamp(start)?;
                let stop = self.timestamp(stop)?;
                for part in self.parts.iter_mut().skip(from) {
                    part.during(start, stop);
                }
                Ok(plan)
            }
        }
    }

    fn timestamp(&mut self, text: &str) -> Result<Timestamp, Expected> {
        let time = Timestamp::parse(text).map_err(|error| format!("a timestamp, {error}"))?;
        self.operand += 1;
        Ok(time)
    }

    fn comparison(&mut self, comparison: &Comparison<'_>) -> Result<Expression, Expected> {
        let mut each = |parts: &[Comparison<'_>]| {
            let parts = parts.iter().map(|part| self.comparison(part));
            parts.collect::<Result<Vec<_>, _>>()
        };
        Ok(match comparison {
            Comparison::And(parts) => Expression::All(each(parts)?),
            Comparison::Or(parts) => Expression::Any(each(parts)?),
            Comparison::Test(test) => Expression::Test(Box::new(self.test(test)?)),
        })
    }

    fn test(&mut self, test: &Test<'_>) -> Result<OwnedTest, Expected> {
        let check = match &test.condition {
            Condition::Compare(operator, constant) => {
                Check::Compare(*operator, self.constant(constant)?)
            }
            Condition::In(constants) => Check::In(self.set(constants)?),
            Condition::Like(pattern) => Check::Like(
                Like::read(&nfc(pattern)).map_err(|why| format!("a shorter text: {why}"))?,
            ),
            Condition::Matches(pattern) => matches(&nfc(pattern), test.path.leads_to_octets())?,
            Condition::IsSubset(range) => Check::IsSubset(network(range)?),
            Condition::IsSuperset(range) => Check::IsSuperset(network(range)?),
            Condition::Exists => Check::Exists,
        };
        if matches!(
            test.condition,
            Condition::Like(_)
                | Condition::Matches(_)
                | Condition::IsSubset(_)
                | Condition::IsSuperset(_)
        ) {
            self.operand += 1;
        }
        Ok(OwnedTest {
            root: Some(test.path.object_type.clone().into_owned())
                .filter(|object_type| may_be_root(object_type)),
            steps: steps(&test.path),
            negated: test.negated,
            check,
        })
    }

    fn constant(&mut self, constant: &Constant<'_>) -> Result<Operand, Expected> {
        let operand = Operand::read(constant).ok_or("a constant in its form")?;
        self.operand += 1;
        Ok(operand)
    }

    fn set(&mut self, constants: &[Constant<'_>]) -> Result<Vec<Operand>, Expected> {
        let mut operands: Vec<Operand> = Vec::with_capacity(constants.len());
        for constant in constants {
            let here = self.operand;
            let operand = self.constant(constant)?;
            if let Some(first) = operands.first()
                && !first.same_kind(&operand)
            {
                self.operand = here;
                return Err("a constant of the same kind as the first in the list".to_owned());
            }
            operands.push(operand);
        }
        Ok(operands)
    }
}

fn steps(path: &ObjectPath<'_>) -> Vec<OwnedStep> {
    let first = OwnedStep::Key(path.property.clone().into_owned());
    let rest = path.steps.iter().map(|step| match step {
        Step::Key(key) => OwnedStep::Key(key.clone().into_owned()),
        // no list is longer than memory
        Step::Index(index) => OwnedStep::Index(usize::try_from(*index).unwrap_or(usize::MAX)),
        Step::Every => OwnedStep::Every,
    });
    std::iter::once(first).chain(rest).collect()
}

fn matches(pattern: &str, of_octets: bool) -> Result<Check, Expected> {
    let expected = |why| format!("a regular expression that can be run ({why})");
    let text = regular::text(pattern).map_err(expected)?;
    // what has a meaning for text alone matches no octets
    let octets = if of_octets {
        regular::octets(pattern).unwrap_or_default()
    } else {
        None
    };
    Ok(Check::Matches { text, octets })
}

fn network(range: &str) -> Result<Network, Expected> {
    Network::read(range).ok_or_else(|| "an address or a range such as '198.51.100.0/24'".to_owned())
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}
