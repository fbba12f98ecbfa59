//! What the pages show, and what they never hold.

use askama::Template as _;
use jiff::civil::{Date, date};
use node::entry::Recorded;
use node::model::Marking;
use node::pledge::{Basis, Identity, PARIS_CALL, PledgeFile};
use node::register::Register;

use super::home::HomePage;
use super::message::MessagePage;
use super::party::{Activity, PartyPage};
use super::pledge::{PledgePage, PrinciplePage};
use super::register::{RegisterPage, RegisterQuery, day};
use super::signal::SignalLine;
use super::site::{Here, Site};

const TODAY: Date = date(2026, 11, 24);
const LAUNCH: Date = date(2018, 11, 12);

struct Call {
    file: PledgeFile,
    register: Register,
}

impl Call {
    fn load() -> Self {
        let file = PledgeFile::parse(PARIS_CALL, "paris-call-2018.toml").unwrap();
        let mut register = Register::new();
        register.apply_pledge(&file.pledge);
        file.parties
            .iter()
            .for_each(|party| register.apply_party(party, Recorded::default()));
        file.stances
            .iter()
            .for_each(|change| register.apply_stance(change, Recorded::default()));
        Call { file, register }
    }

    fn site(&self, day: Date) -> Site<'_> {
        let here = Here::Elsewhere;
        Site {
            pledge: &self.file.pledge,
            today: TODAY,
            day,
            viewer: None,
            waiting: None,
            here,
        }
    }

    fn party(&self, id: &str, day: Date) -> String {
        let activity = Activity::default();
        PartyPage::new(self.site(day), &self.register, id, activity)
            .unwrap()
            .render()
            .unwrap()
    }

    fn register(&self, query: &RegisterQuery, day: Date) -> String {
        let asked = query.check().unwrap();
        RegisterPage::new(self.site(day), &self.register, |_| Identity::Listed, asked)
            .render()
            .unwrap()
    }
}

#[test]
fn on_the_launch_day_the_page_of_the_united_states_says_what_was_known() {
    let page = Call::load().party("united-states", LAUNCH);
    assert!(page.contains("In talks"));
    assert!(page.contains("Did not sign."));
    assert!(page.contains("under other forms"));
    assert!(!page.contains("2021"), "nothing later is shown");
}

#[test]
fn a_party_without_a_day_of_signing_is_listed_since() {
    let page = Call::load().party("albania", TODAY);
    assert!(page.contains("listed since 2019-09-16"));
    assert!(!page.contains("signed on"));
}

#[test]
fn the_home_page_counts_those_on_the_register_apart_from_others() {
    let call = Call::load();
    let page = HomePage::new(call.site(TODAY), &call.register, Vec::new())
        .render()
        .unwrap();
    assert!(page.contains(">1,222</a>"));
    assert!(
        page.contains("1,222 on the Paris Call’s own register, 18 named by other sources alone.")
    );
    assert!(page.contains("Not affiliated with the French Ministry"));
    let page = HomePage::new(call.site(LAUNCH), &call.register, Vec::new())
        .render()
        .unwrap();
    assert!(page.contains("history starts on 2019-09-16"));
    assert!(page.contains("51 states"));
}

#[test]
fn parties_that_this_node_alone_recorded_are_counted_apart() {
    let mut call = Call::load();
    let mut party = call.file.parties[0].clone();
    party.id = "aurora".into();
    call.register.apply_party(&party, Recorded::default());
    let mut change = call.file.stances[0].clone();
    (change.party, change.basis) = ("aurora".into(), Basis::Recorded);
    call.register.apply_stance(&change, Recorded::default());
    let page = HomePage::new(call.site(TODAY), &call.register, Vec::new())
        .render()
        .unwrap();
    assert!(page.contains("18 named by other sources alone, 1 recorded by this node alone."));
}

#[test]
fn links_of_the_register_stay_on_their_day_and_filter() {
    let call = Call::load();
    let query = RegisterQuery {
        kind: "private-sector".into(),
        ..RegisterQuery::default()
    };
    let page = call.register(&query, date(2020, 1, 1));
    assert!(page.contains("/register?kind=private-sector&#38;as-of=2020-01-01&#38;page=2#parties"));
    assert!(page.contains("?as-of=2020-01-01\">"));
}

#[test]
fn wrong_parameters_are_refused_in_words() {
    let wrong = RegisterQuery {
        stance: "maybe".into(),
        ..RegisterQuery::default()
    };
    assert!(
        wrong
            .check()
            .unwrap_err()
            .starts_with("'maybe' is no stance: use one of signed,")
    );
    let wrong = RegisterQuery {
        country: "France".into(),
        ..RegisterQuery::default()
    };
    assert!(
        wrong
            .check()
            .unwrap_err()
            .starts_with("'France' is no country code")
    );
    assert_eq!(day(Some(""), TODAY), Ok(TODAY));
    assert_eq!(day(Some("2018-11-12"), TODAY), Ok(LAUNCH));
    assert!(
        day(Some("2018-02-30"), TODAY)
            .unwrap_err()
            .contains("is no day")
    );
    assert!(
        day(Some("2030-01-01"), TODAY)
            .unwrap_err()
            .contains("has not come yet")
    );
}

#[test]
fn what_others_wrote_is_text_and_never_markup() {
    let call = Call::load();
    let hostile = "<script>alert(1)</script>\" onload=\"x";
    let line = SignalLine {
        id: "indicator--0".into(),
        type_name: "indicator".into(),
        title: hostile.into(),
        publisher: ("france".into(), hostile.into()),
        collection: ("library".into(), hostile.into()),
        harm: None,
        marking: Marking::Clear,
        added: "2026-11-24T00:00:00Z".into(),
        revoked: false,
    };
    let page = HomePage::new(call.site(TODAY), &call.register, vec![line])
        .render()
        .unwrap();
    assert!(
        !page.contains("<script") && !page.contains("\" onload"),
        "{page}"
    );
    let query = RegisterQuery {
        q: hostile.into(),
        ..RegisterQuery::default()
    };
    let page = call.register(&query, TODAY);
    assert!(!page.contains("<script") && !page.contains("\" onload"));
}

#[test]
fn pages_hold_nothing_that_their_content_security_policy_forbids() {
    let call = Call::load();
    let message = MessagePage {
        site: call.site(TODAY),
        status: Some(404),
        title: "Nothing here".into(),
        detail: "No such page.".into(),
        keep: None,
    };
    let principle = PrinciplePage::new(call.site(TODAY), &call.register, 9, Vec::new()).unwrap();
    let pages = [
        HomePage::new(call.site(LAUNCH), &call.register, Vec::new())
            .render()
            .unwrap(),
        call.register(&RegisterQuery::default(), TODAY),
        call.party("france", TODAY),
        PledgePage::new(call.site(TODAY), &call.register)
            .render()
            .unwrap(),
        principle.render().unwrap(),
        message.render().unwrap(),
    ];
    for page in pages {
        for forbidden in [
            "<script",
            "<style",
            " style=\"",
            " onclick",
            "javascript:",
            "<img",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}
