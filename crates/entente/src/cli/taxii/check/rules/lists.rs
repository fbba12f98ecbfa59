//! Lists of objects: shapes, dates, manifest, versions (§3.3, §3.5, §5.3, §5.4, §5.8).

use std::io;

use serde_json::Value;

use super::super::super::super::output::{counted, plain};
use super::super::link::Ask;
use super::super::pages::{Page, taxii_json};
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::{Collection, Session};

const OBJECTS: Rule = Rule {
    id: "objects",
    section: "TAXII 2.1 §5.4, §3.7",
    says: "objects come in an envelope of TAXII 2.1",
};
const DATES: Rule = Rule {
    id: "date-headers",
    section: "TAXII 2.1 §3.2, §2",
    says: "a list with objects says the first and last date added, in microseconds and UTC",
};
const MANIFEST: Rule = Rule {
    id: "manifest",
    section: "TAXII 2.1 §5.3",
    says: "the manifest lists the same objects, each with id, date_added and version",
};
const MANIFEST_DATES: Rule = Rule {
    id: "manifest-dates",
    section: "TAXII 2.1 §3.2, §3.3, §5.3.1",
    says: "the dates in the headers are those of the manifest, and rise",
};
const OBJECT: Rule = Rule {
    id: "object",
    section: "TAXII 2.1 §5.6",
    says: "an object answers by its id",
};
const VERSIONS: Rule = Rule {
    id: "versions",
    section: "TAXII 2.1 §5.8",
    says: "an object's versions are listed",
};
const EMPTY: Rule = Rule {
    id: "empty-list",
    section: "TAXII 2.1 §2, §3.7",
    says: "a list with nothing in it is left out",
};

/// Objects that are looked at.
const SAMPLE: &str = "20";

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let link = session.link;
    let sample = |path: &str| Page::read(link, path, &[("limit", SAMPLE)], "objects");
    let ask = Ask::get(&collection.objects()).query(&[("limit", SAMPLE)]);
    report.check(&OBJECTS, &ask.shown(), || {
        let page = sample(&collection.objects())?;
        held(format!("{} objects, more: {}", page.items.len(), page.more))
    })?;
    report.check(&DATES, &ask.shown(), || {
        dates(&sample(&collection.objects())?)
    })?;
    let manifest = Ask::get(&collection.manifest()).query(&[("limit", SAMPLE)]);
    report.check(&MANIFEST, &manifest.shown(), || {
        entries(
            &sample(&collection.objects())?,
            &sample(&collection.manifest())?,
        )
    })?;
    report.check(&MANIFEST_DATES, &manifest.shown(), || {
        same_dates(
            &sample(&collection.objects())?,
            &sample(&collection.manifest())?,
        )
    })?;
    one_object(session, collection, report)?;
    let ask = Ask::get(&collection.objects()).query(&[("match[type]", "x-entente-taxii-check")]);
    report.check(&EMPTY, &ask.shown(), || {
        let answer = link.ask(&ask)?;
        let told = taxii_json(&answer)?;
        let page = Page::of(&answer, "objects")?;
        if !page.items.is_empty() {
            let means = "clients that ask for one type get all of them";
            return Err(Wrong::failed(
                "objects of other types",
                means,
                "apply match[type]",
            ));
        }
        if told.get("objects").is_some() {
            let means = "an empty list is illegal (§2): strict clients refuse the answer";
            let came = answer.shown_with_body();
            return Err(Wrong::failed(
                came,
                means,
                "answer {} when there is nothing",
            ));
        }
        held(answer.shown_with_body())
    })
}

fn one_object(
    session: &Session<'_>,
    collection: &Collection,
    report: &mut Report,
) -> io::Result<()> {
    let page = Page::read(
        session.link,
        &collection.objects(),
        &[("limit", "1")],
        "objects",
    );
    let first = page.ok().and_then(|page| page.items.into_iter().next());
    let id = first.as_ref().and_then(|object| object.get("id")?.as_str());
    let Some(id) = id else {
        let none = || {
            Err(Wrong::skipped(
                "the collection is empty for these credentials",
            ))
        };
        report.check(&OBJECT, "", none)?;
        return report.check(&VERSIONS, "", none);
    };
    let ask = Ask::get(&collection.object(id));
    report.check(&OBJECT, &ask.shown(), || {
        let page = Page::of(&session.link.ask(&ask)?, "objects")?;
        match page.items.as_slice() {
            [found] if found.get("id").and_then(Value::as_str) == Some(id) => held("it"),
            others => Err(Wrong::failed(
                format!("{} objects, not this one alone", others.len()),
                "clients that follow a reference get the wrong thing",
                "answer with the newest version of that object",
            )),
        }
    })?;
    let ask = Ask::get(&collection.versions(id));
    report.check(&VERSIONS, &ask.shown(), || {
        let page = Page::of(&session.link.ask(&ask)?, "versions")?;
        if page.items.is_empty() || !page.items.iter().all(Value::is_string) {
            let means = "clients that update one object see no version of it";
            let came = format!("{} versions", page.items.len());
            return Err(Wrong::failed(came, means, "list each version's timestamp"));
        }
        held(counted(page.items.len() as u64, "version", "versions"))
    })
}

fn dates(page: &Page) -> Judged {
    if page.items.is_empty() {
        return Err(Wrong::skipped(
            "the collection is empty for these credentials",
        ));
    }
    let (Some(first), Some(last)) = (&page.first, &page.last) else {
        return Err(Wrong::failed(
            "no X-TAXII-Date-Added-First or -Last",
            "Sentinel, OpenCTI and all that poll for news keep their place with it",
            "send both with every list that has objects",
        ));
    };
    let came = format!("{} to {}", plain(first), plain(last));
    if !is_micro(first) || !is_micro(last) {
        let means = "clients send it back as added_after: what is rounded loses or repeats objects";
        let remedy = "write RFC 3339 in UTC with six digits, as in 2018-11-12T09:00:00.123456Z";
        return Err(Wrong::failed(came, means, remedy));
    }
    if first > last {
        let means = "clients go on from the last, and read everything again";
        return Err(Wrong::failed(
            came,
            means,
            "sort the list by the date added, rising",
        ));
    }
    held(came)
}

fn entries(objects: &Page, manifest: &Page) -> Judged {
    for entry in &manifest.items {
        let text = |name: &str| entry.get(name).is_some_and(Value::is_string);
        if !(text("id") && text("date_added") && text("version")) {
            let means = "taxii2-client's users and mirrors cannot tell what is new";
            let remedy = "give each entry id, date_added and version";
            return Err(Wrong::failed(plain(&entry.to_string()), means, remedy));
        }
    }
    let ids = |page: &Page| -> Vec<String> {
        let ids = page
            .items
            .iter()
            .filter_map(|item| item.get("id")?.as_str());
        ids.map(str::to_owned).collect()
    };
    let (seen, listed) = (ids(objects), ids(manifest));
    if seen == listed {
        return held(format!("the same {} ids", seen.len()));
    }
    let missing = seen.iter().filter(|id| !listed.contains(id)).count();
    Err(Wrong::failed(
        format!(
            "{} entries for {} objects, {missing} of which are missing",
            listed.len(),
            seen.len()
        ),
        "clients that read the manifest first miss objects, or ask for what is not there",
        "serve both lists from the same rows, in the same order",
    ))
}

fn same_dates(objects: &Page, manifest: &Page) -> Judged {
    let dates = manifest.items.iter();
    let dates: Vec<&str> = dates
        .filter_map(|entry| entry.get("date_added")?.as_str())
        .collect();
    let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
        return Err(Wrong::skipped("the manifest is empty"));
    };
    let means = "clients that page by added_after lose what shares a date, or read it again";
    if dates.windows(2).any(|two| matches!(two, [a, b] if a > b)) {
        let remedy = "sort by the date added, rising";
        return Err(Wrong::failed("dates added that fall", means, remedy));
    }
    if [objects.first.as_deref(), objects.last.as_deref()] != [Some(*first), Some(*last)] {
        let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
        let came = format!(
            "headers {} and {}, manifest {} and {}",
            plain(&told(&objects.first)),
            plain(&told(&objects.last)),
            plain(first),
            plain(last)
        );
        let remedy = "take both from the date the object was added to the collection";
        return Err(Wrong::failed(came, means, remedy));
    }
    if dates.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
        let remedy = "give each object a date of its own, also inside one envelope";
        return Err(Wrong::warning("dates added that are equal", means, remedy));
    }
    held(format!("{} dates, rising", dates.len()))
}

/// `2018-11-12T09:00:00.123456Z`
fn is_micro(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() == 27 && digits == 20 && text.ends_with('Z') && text.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_in_utc() {
        assert!(is_micro("2018-11-12T09:00:00.123456Z"));
        for wrong in [
            "2018-11-12T09:00:00Z",
            "2018-11-12T09:00:00.123Z",
            "2018-11-12T09:00:00.123456+00:00",
        ] {
            assert!(!is_micro(wrong), "{wrong}");
        }
    }
}
