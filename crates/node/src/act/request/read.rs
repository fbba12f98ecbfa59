//! What a caller sees of requests.

use crate::act::Error;
use crate::node::Node;
use crate::policy::{Caller, CaseSight};
use crate::request::{Case, Category, Kind, Role, State, Step, StepRecord, Verb, machine};
use crate::view::requests::Cases;

/// Cases of a page at most.
pub(super) const MOST: usize = 200;
/// Cases that are looked at for one page.
const LOOK_BACK: usize = 20_000;

/// A case as far as a caller sees it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case; of one that is seen by its facts alone the words are empty.
    pub case: Case,
    /// How much of it the caller sees.
    pub sight: CaseSight,
    /// The parts that the caller has in it.
    pub roles: Vec<Role>,
    /// The steps that it may take now.
    pub open: Vec<(Role, Verb)>,
    /// What was done, oldest first; words that it does not see are left out.
    pub steps: Vec<StepRecord>,
}

/// Which cases are listed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Between this party, by id, and any other.
    pub party: Option<String>,
    /// Sent by this party, by id.
    pub from: Option<String>,
    /// Sent to this party, by id.
    pub to: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Of this category.
    pub category: Option<Category>,
    /// In this state.
    pub state: Option<State>,
    /// Those alone that are late.
    pub overdue: bool,
    /// Before the entry at this position: where the page before ended.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// A page of cases, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The cases, without their steps.
    pub cases: Vec<CaseView>,
    /// Where the next page begins; none at the end.
    pub next: Option<u64>,
}

impl Node {
    /// A case by the id of its request, with its steps.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees nothing of it; [`Error::Storage`].
    pub fn request_case(&self, caller: &Caller, id: &str) -> Result<CaseView, Error> {
        let missing = Error::NotFound("request");
        let cases = Cases::open(&self.shared.store.read()?)?;
        let case = cases.case(id)?.ok_or(missing.clone())?;
        let (viewer, directory) = (self.viewer(caller), self.directory());
        let sight = viewer.sees_case(&directory, &case);
        if sight == CaseSight::Nothing {
            return Err(missing);
        }
        let roles = viewer.roles(&directory, &case);
        let mut view = case_view(&cases, case, sight)?;
        let case = &view.case;
        let open = roles.iter().flat_map(|role| {
            let verbs = machine::open_to(case.state, *role);
            verbs
                .map(|verb| (*role, verb))
                .filter(|(role, verb)| case.check(*verb, *role).is_ok())
        });
        view.open = open.collect();
        view.roles = roles;
        Ok(view)
    }

    /// The cases that a caller sees, the newest first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn requests(&self, caller: &Caller, query: &Query) -> Result<Page, Error> {
        let cases = Cases::open(&self.shared.store.read()?)?;
        let (viewer, directory, now) = (self.viewer(caller), self.directory(), self.now());
        let between = query
            .party
            .as_ref()
            .or(query.to.as_ref())
            .or(query.from.as_ref());
        let party = between.map(|party| directory.party_number(party).unwrap_or(u32::MAX));
        let limit = query.limit.unwrap_or(MOST).clamp(1, MOST);
        let (mut page, mut room) = (Page::default(), LOOK_BACK);
        cases.newest(party, query.before.unwrap_or(u64::MAX), |case| {
            room -= 1;
            let position = case.position;
            let sight = viewer.sees_case(&directory, &case);
            if sight > CaseSight::Nothing && query.fits(&case, now) {
                if page.cases.len() == limit {
                    page.next = page.cases.last().map(|view| view.case.position);
                    return Ok(false);
                }
                let roles = viewer.roles(&directory, &case);
                let case = seen(case, sight);
                let (open, steps) = (Vec::new(), Vec::new());
                page.cases.push(CaseView {
                    case,
                    sight,
                    roles,
                    open,
                    steps,
                });
            }
            if room == 0 {
                page.next = Some(position);
            }
            Ok::<_, Error>(room > 0)
        })?;
        Ok(page)
    }

    /// The open cases that came before the steward, the oldest first, for who acts for it.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn requests_escalated(
        &self,
        caller: &Caller,
        limit: usize,
    ) -> Result<Vec<CaseView>, Error> {
        let (viewer, directory) = (self.viewer(caller), self.directory());
        if !viewer.is_steward(&directory) {
            return Ok(Vec::new());
        }
        let cases = Cases::open(&self.shared.store.read()?)?;
        let mut found = Vec::new();
        for case in cases.before_steward(limit)? {
            let sight = viewer.sees_case(&directory, &case);
            let roles = viewer.roles(&directory, &case);
            let is_side = roles.contains(&Role::Sender) || roles.contains(&Role::Recipient);
            if sight == CaseSight::Whole && !is_side {
                let (open, steps) = (Vec::new(), Vec::new());
                found.push(CaseView {
                    case,
                    sight,
                    roles,
                    open,
                    steps,
                });
            }
        }
        Ok(found)
    }

    /// The cases that wait for the caller's party, the most urgent first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn requests_waiting(&self, caller: &Caller, limit: usize) -> Result<Vec<CaseView>, Error> {
        let (viewer, directory) = (self.viewer(caller), self.directory());
        let Some(party) = viewer.party() else {
            return Ok(Vec::new());
        };
        let cases = Cases::open(&self.shared.store.read()?)?;
        let mut found = Vec::new();
        for case in cases.waiting(party, limit)? {
            let sight = viewer.sees_case(&directory, &case);
            if sight < CaseSight::Whole {
                continue;
            }
            let roles = viewer.roles(&directory, &case);
            let (open, steps) = (Vec::new(), Vec::new());
            found.push(CaseView {
                case,
                sight,
                roles,
                open,
                steps,
            });
        }
        Ok(found)
    }
}

/// A case with its steps, as far as this sight of it goes.
pub(super) fn case_view(cases: &Cases, case: Case, sight: CaseSight) -> Result<CaseView, Error> {
    let steps = cases.steps(case.position)?;
    let steps = steps
        .into_iter()
        .map(|step| seen_step(step, sight))
        .collect();
    let case = seen(case, sight);
    Ok(CaseView {
        case,
        sight,
        roles: Vec::new(),
        open: Vec::new(),
        steps,
    })
}

impl Query {
    fn fits(&self, case: &Case, now: crate::clock::Instant) -> bool {
        let request = &case.request;
        let is = |wanted: &Option<String>, party: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == party)
        };
        let between = self.party.as_ref();
        between.is_none_or(|party| *party == request.from || *party == request.to)
            && is(&self.from, &request.from)
            && is(&self.to, &request.to)
            && self.kind.is_none_or(|kind| kind == request.kind)
            && self
                .category
                .is_none_or(|category| category == request.category)
            && self.state.is_none_or(|state| state == case.state)
            && (!self.overdue || case.is_overdue(now))
    }
}

/// A case without what a sight of it does not reach.
fn seen(mut case: Case, sight: CaseSight) -> Case {
    if sight < CaseSight::Whole {
        case.request.contact = None;
        case.request.reference = None;
        case.link = None;
        case.author.clear();
        case.decider = None;
        let marking = case.request.marking;
        case.request.evidence.retain(|one| one.marking <= marking);
    }
    if sight < CaseSight::Words {
        case.hide_words();
    }
    case
}

/// A step without what a sight of its case does not reach.
fn seen_step(mut record: StepRecord, sight: CaseSight) -> StepRecord {
    if sight < CaseSight::Whole {
        record.account.clear();
        if let Step::Contest { contact, .. } = &mut record.step {
            *contact = None;
        }
        if let Step::Link { hash, .. } = &mut record.step {
            *hash = [0; 32];
        }
    }
    if sight < CaseSight::Words {
        record.step = record.step.without_words();
    }
    record
}
