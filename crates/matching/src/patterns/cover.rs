//! Which atoms an expression is found by: at least one of them is in every observation in which the
//! expression holds.

use stix::pattern::{
    Canonical, Comparison, Condition, Constant, Network, ObjectPath, Operator, Paths, Pattern, Test,
};

use super::table::Table;

/// An atom that is not in the table yet.
#[derive(Debug)]
pub(super) struct Draft<'p> {
    pub(super) place: Place<'p>,
    pub(super) ask: Ask,
}

/// Where an atom is looked for.
#[derive(Copy, Clone, Debug)]
pub(super) enum Place<'p> {
    Path(&'p ObjectPath<'p>),
    /// Any object of the type.
    Type(&'p str),
}

/// What must be there.
#[derive(Debug)]
pub(super) enum Ask {
    /// Anything.
    Present,
    /// A value equal to it.
    Equal(Canonical<'static>),
    /// A range within it.
    Within(Network),
    /// A range around it.
    Around(Network),
    /// A text that holds it, when both are folded.
    Literal(String),
}

/// The expressions of a pattern in the order written.
pub(super) fn expressions<'p, 'a>(pattern: &'p Pattern<'a>) -> Vec<&'p Comparison<'a>> {
    let mut found = Vec::new();
    collect(pattern, &mut found);
    found
}

fn collect<'p, 'a>(pattern: &'p Pattern<'a>, found: &mut Vec<&'p Comparison<'a>>) {
    match pattern {
        Pattern::Observation(comparison) => found.push(comparison),
        Pattern::And(parts) | Pattern::Or(parts) | Pattern::FollowedBy(parts) => {
            for part in parts {
                collect(part, found);
            }
        }
        Pattern::Qualified(inner, _) => collect(inner, found),
    }
}

/// The atoms of an expression: of those that would do, those that are seen least.
pub(super) fn cover<'p>(
    comparison: &'p Comparison<'p>,
    paths: &Paths,
    table: &Table,
) -> Vec<Draft<'p>> {
    let rating = Rating { paths, table };
    let mut drafts = Vec::new();
    rating.gather(comparison, &mut drafts);
    drafts
}

struct Rating<'t> {
    paths: &'t Paths,
    table: &'t Table,
}

impl Rating<'_> {
    /// The atoms of the cheapest cover.
    fn gather<'p>(&self, comparison: &'p Comparison<'p>, drafts: &mut Vec<Draft<'p>>) {
        match comparison {
            Comparison::Test(test) => atoms(test, drafts),
            Comparison::Or(parts) => parts.iter().for_each(|part| self.gather(part, drafts)),
            Comparison::And(parts) => {
                let mut best: Option<(u64, Vec<Draft<'p>>)> = None;
                for part in parts {
                    let mut mine = Vec::new();
                    self.gather(part, &mut mine);
                    let cost = mine
                        .iter()
                        .fold(0, |sum: u64, draft| sum.saturating_add(self.cost(draft)));
                    if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                        best = Some((cost, mine));
                    }
                }
                drafts.extend(best.into_iter().flat_map(|(_, mine)| mine));
            }
        }
    }

    /// How often an atom is likely to be seen, times the expressions that are then evaluated.
    fn cost(&self, draft: &Draft<'_>) -> u64 {
        let seldom = match &draft.ask {
            Ask::Present => 1 << 20,
            Ask::Equal(Canonical::Boolean(_)) => 1 << 14,
            Ask::Equal(Canonical::Number(_)) => 1 << 8,
            Ask::Equal(Canonical::Timestamp(_)) => 1 << 4,
            Ask::Equal(Canonical::Text(text)) => match text.len() {
                0..=3 => 1 << 8,
                4..=7 => 1 << 4,
                _ => 1,
            },
            Ask::Within(network) => 1 << ((network.width() - network.prefix()).min(24) / 2),
            Ask::Around(_) => 1,
            Ask::Literal(text) => match text.len() {
                0..=1 => 1 << 14,
                2..=3 => 1 << 10,
                4..=7 => 1 << 5,
                _ => 1 << 2,
            },
        };
        let path = match draft.place {
            Place::Path(path) => self.paths.find(path),
            Place::Type(_) => None,
        };
        let waiting = path.map_or(0, |path| self.table.waiting(path, &draft.ask));
        (waiting as u64).saturating_add(1).saturating_mul(seldom)
    }
}

fn atoms<'p>(test: &'p Test<'p>, drafts: &mut Vec<Draft<'p>>) {
    let path = &test.path;
    let place = Place::Path(path);
    let mut draft = |ask| drafts.push(Draft { place, ask });
    match &test.condition {
        Condition::Exists if test.negated => {
            let place = Place::Type(&path.object_type);
            return drafts.push(Draft {
                place,
                ask: Ask::Present,
            });
        }
        Condition::Compare(operator, constant) if *operator == equality(test.negated) => {
            return constant
                .canonical()
                .into_iter()
                .for_each(|equal| draft(Ask::Equal(equal)));
        }
        Condition::In(constants) if !test.negated => {
            let equal = constants.iter().filter_map(Constant::canonical);
            return equal.for_each(|equal| draft(Ask::Equal(equal)));
        }
        Condition::IsSubset(range) | Condition::IsSuperset(range) if !test.negated => {
            if let Some(range) = Network::read(range) {
                return match test.condition {
                    Condition::IsSubset(_) => draft(Ask::Within(range)),
                    _ => draft(Ask::Around(range)),
                };
            }
        }
        Condition::Like(_) | Condition::Matches(_) if !test.negated && !path.leads_to_octets() => {
            if let Some(literals) = test.condition.literals() {
                return literals
                    .into_iter()
                    .for_each(|literal| draft(Ask::Literal(literal)));
            }
        }
        _ => {}
    }
    draft(Ask::Present);
}

/// The operator that is an equality: `NOT !=` is one.
fn equality(negated: bool) -> Operator {
    if negated {
        Operator::NotEqual
    } else {
        Operator::Equal
    }
}
