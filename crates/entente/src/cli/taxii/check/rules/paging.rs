//! Paging: nothing lost, nothing twice, by `next` and by `added_after` (§3.4, §3.5, §3.7).

use std::io;

use super::super::link::Ask;
use super::super::pages::{Page, Way, walk};
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::Session;

const LIMIT: Rule = Rule {
    id: "limit",
    section: "TAXII 2.1 §3.4",
    says: "a page holds no more than limit, and says that there is more",
};
const NEXT: Rule = Rule {
    id: "paging-next",
    section: "TAXII 2.1 §3.5, §3.7",
    says: "following next loses nothing and repeats nothing",
};
const NEXT_MANIFEST: Rule = Rule {
    id: "paging-next-manifest",
    section: "TAXII 2.1 §3.5, §5.3",
    says: "following next loses nothing and repeats nothing in the manifest",
};
const ADDED: Rule = Rule {
    id: "paging-added-after",
    section: "TAXII 2.1 §3.5",
    says: "added_after = X-TAXII-Date-Added-Last loses nothing and repeats nothing",
};
const ADDED_MANIFEST: Rule = Rule {
    id: "paging-added-after-manifest",
    section: "TAXII 2.1 §3.5, §5.3",
    says: "added_after = X-TAXII-Date-Added-Last loses and repeats nothing in the manifest",
};
const REPLAY: Rule = Rule {
    id: "next-again",
    section: "TAXII 2.1 §3.4, next",
    says: "the same next gives the same page again, as after a lost connection",
};
const BOTH: Rule = Rule {
    id: "next-and-added-after",
    section: "TAXII 2.1 §3.5",
    says: "next goes on where it was, also beside the added_after the client began with",
};
const ENDS: Rule = Rule {
    id: "reads-to-the-end",
    section: "TAXII 2.1 §3.5",
    says: "a client that reads everything comes to an end and reads nothing twice",
};

/// Objects that are paged through in small steps.
const SAMPLE: &str = "60";
/// Pages they are cut into.
const PARTS: usize = 5;

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let (objects, manifest) = (collection.objects(), collection.manifest());
    let ask = Ask::get(&objects).query(&[("limit", "1")]);
    report.check(&LIMIT, &ask.shown(), || limit(session, &objects))?;
    let ways = [
        (&NEXT, &objects, Way::Next),
        (&NEXT_MANIFEST, &manifest, Way::Next),
        (&ADDED, &objects, Way::AddedAfter),
        (&ADDED_MANIFEST, &manifest, Way::AddedAfter),
    ];
    for (rule, path, way) in ways {
        let asked = match way {
            Way::Next => format!("GET {path}?limit=…&next=…"),
            Way::AddedAfter => format!("GET {path}?limit=…&added_after=…"),
        };
        report.check(rule, &asked, || in_steps(session, path, way))?;
    }
    report.check(
        &REPLAY,
        &format!("GET {objects}?limit=…&next=…, twice"),
        || again(session, &objects, &[]),
    )?;
    let dates = ["1970-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"];
    report.check(
        &BOTH,
        &format!("GET {objects}?limit=…&added_after=…&next=…"),
        || again(session, &objects, &dates),
    )?;
    report.check(
        &ENDS,
        &format!("GET {objects}, then next after next"),
        || {
            let walked = walk(session.link, &objects, &[], Way::Next, &mut |_| {})?;
            let end = if walked.ended {
                "to the end"
            } else {
                "as far as was tried"
            };
            held(format!(
                "{} objects on {} pages, {end}",
                walked.objects, walked.pages
            ))
        },
    )
}

fn limit(session: &Session<'_>, path: &str) -> Judged {
    let all = Page::read(session.link, path, &[("limit", "2")], "objects")?;
    if all.keys.len() < 2 {
        return Err(few(all.keys.len()));
    }
    let one = Page::read(session.link, path, &[("limit", "1")], "objects")?;
    if one.keys.len() > 1 {
        let came = format!("{} objects with limit=1", one.keys.len());
        let means = "a client that asked for little gets more than it can hold";
        return Err(Wrong::failed(
            came,
            means,
            "give at most as many as limit says",
        ));
    }
    if !one.more {
        let means = "clients stop here, and never see the rest";
        let remedy = "say \"more\": true with every page that is not the last";
        return Err(Wrong::failed(
            "no 'more' with limit=1 of 2 objects",
            means,
            remedy,
        ));
    }
    held("1 object, more: true")
}

fn few(number: usize) -> Wrong {
    Wrong::skipped(format!(
        "the collection has {number} objects for these credentials: too few to page through"
    ))
}

/// Reads a sample at once and in small pages, and compares. When the sample itself has changed
/// meanwhile, somebody writes: once more.
fn in_steps(session: &Session<'_>, path: &str, way: Way) -> Judged {
    let sample = || Page::read(session.link, path, &[("limit", SAMPLE)], "objects");
    let whole = sample()?;
    let judged = compare(session, path, way, &whole);
    if judged.as_ref().is_err_and(Wrong::is_failure) {
        let now = sample()?;
        if now.keys != whole.keys {
            return compare(session, path, way, &now);
        }
    }
    judged
}

fn compare(session: &Session<'_>, path: &str, way: Way, whole: &Page) -> Judged {
    let number = whole.keys.len();
    if number < 2 {
        return Err(few(number));
    }
    let limit = number.div_ceil(PARTS).max(1).to_string();
    let mut keys: Vec<String> = Vec::new();
    let mut onward: Option<(&'static str, String)> = None;
    let mut pages = 0;
    // A page may be shorter than limit, so twice as many as are needed, and one more.
    while keys.len() < number && pages < 2 * number + 1 {
        let mut query = vec![("limit", limit.as_str())];
        if let Some((name, value)) = &onward {
            query.push((name, value));
        }
        let page = Page::read(session.link, path, &query, "objects")?;
        pages += 1;
        let next = page.onward(way)?;
        let stuck = page.keys.is_empty() || page.keys.iter().all(|key| keys.contains(key));
        keys.extend(page.keys);
        if next.is_none() || stuck {
            break;
        }
        onward = next;
    }
    keys.truncate(number);
    if keys == whole.keys {
        return held(format!("all {number}, on {pages} pages"));
    }
    let lost = whole.keys.iter().filter(|key| !keys.contains(key)).count();
    let mut different: Vec<&String> = keys.iter().collect();
    different.sort();
    different.dedup();
    let repeated = keys.len() - different.len();
    let came = format!("of {number}: {lost} lost, {repeated} repeated, on {pages} pages");
    let (means, remedy) = match way {
        Way::Next => (
            "taxii2-client, OpenCTI and XSOAR read so: they miss objects or never come to an end",
            "let next name the place after the last object of the page, whatever was asked before",
        ),
        Way::AddedAfter => (
            "Sentinel, MISP and all that poll for news read so: what shares a date is lost for good",
            "give each object a date added of its own, and answer what is strictly after it",
        ),
    };
    Err(Wrong::failed(came, means, remedy))
}

/// Asks for the second page again; with dates, beside each of them.
fn again(session: &Session<'_>, path: &str, dates: &[&str]) -> Judged {
    let first = Page::read(session.link, path, &[("limit", "1")], "objects")?;
    let Some((_, next)) = first.onward(Way::Next)? else {
        return Err(few(first.keys.len()));
    };
    let plain = [("limit", "1"), ("next", next.as_str())];
    let second = Page::read(session.link, path, &plain, "objects");
    if dates.is_empty() {
        let second = second?;
        let third = Page::read(session.link, path, &plain, "objects").map_err(|_| forgotten())?;
        return if third.keys == second.keys && !third.keys.is_empty() {
            held("the same page")
        } else {
            Err(forgotten())
        };
    }
    let second = second?;
    for date in dates {
        let query = [plain.as_slice(), &[("added_after", date)]].concat();
        let page = Page::read(session.link, path, &query, "objects");
        let same = page.as_ref().is_ok_and(|page| page.keys == second.keys);
        if !same {
            let came = format!("another page, or an error, beside added_after={date}");
            let means = "OpenCTI sends both: it misses objects or reads them again";
            let remedy = "let next win over an added_after that says otherwise";
            return Err(Wrong::failed(came, means, remedy));
        }
    }
    held("the same page beside an earlier and a later date")
}

fn forgotten() -> Wrong {
    Wrong::failed(
        "another page, or an error, the second time",
        "a client whose connection broke cannot ask again, and misses the page",
        "let next hold the place itself, so that it can be used again, also after a restart",
    )
}
