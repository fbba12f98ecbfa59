//! What a caller sees of requests.

use crate::act::Error;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::node::Node;
use crate::policy::{Caller, CaseSight, Viewer};
use crate::request::{Case, Category, Kind, Role, State, Step, StepRecord, Verb, machine};
use crate::view::requests::{Cases, Walk};

/// Cases of a page at most.
pub(super) const MOST: usize = 200;
/// Cases that wait for a party which are looked at.
const MOST_WAITING: usize = 10_000;
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
    /// Between one of these parties, by id, and any other: those that a caller stands for
    /// ([`Node::stands_for`]).
    pub own: Option<Vec<String>>,
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

/// Who looks at cases.
pub(super) struct Seer<'s> {
    pub(super) viewer: &'s Viewer,
    pub(super) directory: &'s Directory,
    pub(super) cases: &'s Cases,
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
        let seer = Seer {
            viewer: &viewer,
            directory: &directory,
            cases: &cases,
        };
        let mut view = seer.whole_case(case, sight)?;
        if sight == CaseSight::Whole {
            self.name_contacts(&mut view);
        }
        let (case, now) = (&view.case, self.now());
        let open = roles.iter().flat_map(|role| {
            let verbs = machine::open_to(case.state, *role);
            let verbs = verbs.filter(|verb| *verb != Verb::Forget);
            verbs
                .map(|verb| (*role, verb))
                .filter(|(role, verb)| case.check(*verb, *role).is_ok())
                .filter(|(_, verb)| case.check_time(*verb, now).is_ok())
        });
        view.open = open.collect();
        view.roles = roles;
        Ok(view)
    }

    /// The case whose request the caller just sent: its own words, to a token that may not read too.
    pub(super) fn sent_case(&self, caller: &Caller, position: u64) -> Result<CaseView, Error> {
        let cases = Cases::open(&self.shared.store.read()?)?;
        let missing = Error::NotFound("request");
        let case = cases.at(position)?.ok_or(missing)?;
        match self.request_case(caller, &case.request.id) {
            Err(Error::NotFound(_)) => {}
            found => return found,
        }
        let mut case = Case::open(position, case.opened, &case.author, &case.request);
        case.request.key = None;
        Ok(CaseView {
            case,
            sight: CaseSight::Whole,
            roles: vec![Role::Sender],
            open: Vec::new(),
            steps: Vec::new(),
        })
    }

    /// The case in which the caller just took a step: to a token that may not read where it stands alone.
    pub(super) fn stepped_case(&self, caller: &Caller, id: &str) -> Result<CaseView, Error> {
        match self.request_case(caller, id) {
            Err(Error::NotFound(_)) => {}
            found => return found,
        }
        let cases = Cases::open(&self.shared.store.read()?)?;
        let case = cases.case(id)?.ok_or(Error::NotFound("request"))?;
        let (viewer, directory) = (self.viewer(caller), self.directory());
        let roles = viewer.roles(&directory, &case);
        let seer = Seer {
            viewer: &viewer,
            directory: &directory,
            cases: &cases,
        };
        Ok(CaseView {
            case: seer.seen(case, CaseSight::Facts)?,
            sight: CaseSight::Facts,
            roles,
            open: Vec::new(),
            steps: Vec::new(),
        })
    }

    /// Reads whom to ask and who contested from beside the journal.
    fn name_contacts(&self, view: &mut CaseView) {
        let kept = &self.shared.evidence;
        let request = &mut view.case.request;
        request.contact = request.contact_mark.and_then(|mark| kept.contact(&mark));
        for record in &mut view.steps {
            if let Step::Contest {
                contact,
                contact_mark: Some(mark),
                ..
            } = &mut record.step
            {
                *contact = kept.contact(mark);
            }
        }
    }

    /// The cases that a caller sees, the newest first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn requests(&self, caller: &Caller, query: &Query) -> Result<Page, Error> {
        let cases = Cases::open(&self.shared.store.read()?)?;
        let (viewer, directory, now) = (self.viewer(caller), self.directory(), self.now());
        let seer = Seer {
            viewer: &viewer,
            directory: &directory,
            cases: &cases,
        };
        let walk = query.walk(&viewer, &directory);
        let limit = query.limit.unwrap_or(MOST).clamp(1, MOST);
        let (mut page, mut room) = (Page::default(), LOOK_BACK);
        cases.newest(&walk, query.before.unwrap_or(u64::MAX), |case| {
            let position = case.position;
            // Nothing hidden is walked over: what counts here, and where the next page begins, tells
            // of nothing.
            room -= 1;
            let sight = viewer.sees_case(&directory, &case);
            if sight > CaseSight::Nothing && query.fits(&case, now) {
                if page.cases.len() == limit {
                    page.next = page.cases.last().map(|view| view.case.position);
                    return Ok(false);
                }
                let roles = viewer.roles(&directory, &case);
                let case = seer.seen(case, sight)?;
                page.cases.push(CaseView::without_steps(case, sight, roles));
            }
            if room == 0 {
                page.next = Some(position);
            }
            Ok::<_, Error>(room > 0)
        })?;
        Ok(page)
    }

    /// The cases that are before the steward, the oldest first, for who acts for it and has no other
    /// part in them.
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
        let (mut found, mut room) = (Vec::new(), LOOK_BACK);
        cases.before_steward(|case| {
            if found.len() >= limit {
                return Ok(false);
            }
            room -= 1;
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
            Ok::<_, Error>(room > 0)
        })?;
        Ok(found)
    }

    /// The parties, by id, whose requests are the caller's own: its own and those that became it; none
    /// when its own became another.
    pub fn stands_for(&self, caller: &Caller) -> Vec<String> {
        self.viewer(caller).stands_for().to_vec()
    }

    /// The cases that wait for the caller's party, the most urgent first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn requests_waiting(&self, caller: &Caller, limit: usize) -> Result<Vec<CaseView>, Error> {
        let query = Query {
            limit: Some(limit),
            ..Query::default()
        };
        self.requests_waiting_among(caller, &query)
    }

    /// Of the cases that wait for the caller's party those that are asked for, the most urgent first;
    /// the limit counts these, and there is no other page.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn requests_waiting_among(
        &self,
        caller: &Caller,
        query: &Query,
    ) -> Result<Vec<CaseView>, Error> {
        let (viewer, directory, now) = (self.viewer(caller), self.directory(), self.now());
        let limit = query.limit.unwrap_or(MOST);
        let cases = Cases::open(&self.shared.store.read()?)?;
        let seer = Seer {
            viewer: &viewer,
            directory: &directory,
            cases: &cases,
        };
        let mut waiting = Vec::new();
        for party in viewer.stands_for() {
            let number = directory.party_number(party);
            if let Some(number) = number {
                waiting.extend(cases.waiting(number, MOST_WAITING)?);
            }
        }
        waiting.retain(|case| query.fits(case, now));
        let urgency = |case: &Case| case.waits_for().and_then(|(_, by)| by).unwrap_or(NEVER);
        waiting.sort_by_key(|case| (urgency(case), case.position));
        let mut found = Vec::new();
        for case in waiting {
            if found.len() >= limit {
                break;
            }
            let sight = viewer.sees_case(&directory, &case);
            if sight == CaseSight::Whole {
                let roles = viewer.roles(&directory, &case);
                let case = seer.seen(case, sight)?;
                found.push(CaseView::without_steps(case, sight, roles));
            }
        }
        Ok(found)
    }
}

impl CaseView {
    fn without_steps(case: Case, sight: CaseSight, roles: Vec<Role>) -> Self {
        CaseView {
            case,
            sight,
            roles,
            open: Vec::new(),
            steps: Vec::new(),
        }
    }
}

impl Seer<'_> {
    /// A case with its steps, as far as this sight of it goes.
    pub(super) fn whole_case(&self, case: Case, sight: CaseSight) -> Result<CaseView, Error> {
        let steps = self.cases.steps(case.position)?;
        let steps = steps.into_iter().map(|step| self.seen_step(step, sight));
        let steps = steps.collect();
        Ok(CaseView {
            case: self.seen(case, sight)?,
            sight,
            roles: Vec::new(),
            open: Vec::new(),
            steps,
        })
    }

    /// A case without what a sight of it does not reach.
    pub(super) fn seen(&self, mut case: Case, sight: CaseSight) -> Result<Case, Error> {
        case.request.key = None;
        if let Some(follows) = &case.request.follows {
            // Another case is as secret as it is itself.
            let other = self.cases.case(follows)?;
            let known = other.is_some_and(|other| {
                self.viewer.sees_case(self.directory, &other) > CaseSight::Nothing
            });
            if !known {
                case.request.follows = None;
            }
        }
        let sees = |marking| self.viewer.sees_evidence(sight, marking);
        case.request.evidence.retain(|one| sees(one.marking));
        if sight < CaseSight::Whole {
            (case.request.contact, case.request.contact_mark) = (None, None);
            case.contacts.clear();
            case.request.reference = None;
            case.link = None;
            case.author.clear();
            case.decider = None;
            case.deciders.clear();
        }
        if sight < CaseSight::Words {
            case.hide_words();
        }
        Ok(case)
    }

    /// A step without what a sight of its case does not reach.
    fn seen_step(&self, mut record: StepRecord, sight: CaseSight) -> StepRecord {
        record.key = None;
        if let Step::Answer { evidence, .. }
        | Step::Done { evidence, .. }
        | Step::Note { evidence, .. } = &mut record.step
        {
            evidence.retain(|one| self.viewer.sees_evidence(sight, one.marking));
        }
        if sight < CaseSight::Whole {
            record.account.clear();
            if let Step::Contest {
                contact,
                contact_mark,
                ..
            } = &mut record.step
            {
                (*contact, *contact_mark) = (None, None);
            }
        }
        if let Step::Link { hash, .. } = &mut record.step {
            *hash = [0; 32];
        }
        if sight < CaseSight::Words {
            record.step = record.step.without_words();
        }
        record
    }
}

/// Where no date is.
const NEVER: Instant = Instant(i64::MAX);

impl Query {
    /// Over which cases to go: over none that this viewer may not know of.
    fn walk(&self, viewer: &Viewer, directory: &Directory) -> Walk {
        let numbers = |parties: &[String]| {
            let numbers = parties.iter().map(|party| directory.party_number(party));
            numbers.flatten().collect::<Vec<_>>()
        };
        let one = self.party.as_ref().or(self.to.as_ref());
        let one = one.or(self.from.as_ref()).map(std::slice::from_ref);
        let between = self.own.as_deref().or(one);
        let asked = between.map(numbers);
        if *viewer.caller() == Caller::Operator {
            return Walk {
                all: asked.is_none(),
                drafts: asked.is_some(),
                own: asked.unwrap_or_default(),
                ..Walk::default()
            };
        }
        let mut own = numbers(viewer.keeps_cases_of());
        let is_own = |party: &u32| own.contains(party);
        if let Some(asked) = &asked
            && asked.iter().all(is_own)
        {
            own.clone_from(asked);
            return Walk {
                own,
                ..Walk::default()
            };
        }
        Walk {
            own,
            everybody: asked.is_none(),
            known: asked.unwrap_or_default(),
            steward: viewer.reads_as_steward(directory),
            ..Walk::default()
        }
    }

    /// Whether a case is one of those.
    pub fn fits(&self, case: &Case, now: Instant) -> bool {
        let request = &case.request;
        let is = |wanted: &Option<String>, party: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == party)
        };
        let between = |party: &String| *party == request.from || *party == request.to;
        self.own.as_ref().is_none_or(|own| own.iter().any(between))
            && self.party.as_ref().is_none_or(between)
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

#[cfg(test)]
mod tests;
