//! Groups as STIX 2.1.

use ::stix::build::Draft;
use ::stix::{StixId, Timestamp, Tlp};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::group::{Group, Moment};
use super::posts::{Layer, Sorted};

/// Objects that are listed one by one, in a note and as observables.
const LISTED: usize = 50;
/// Characters of a name of an object that are shown.
const SHOWN: usize = 200;
/// Where DISARM (CC-BY-SA 4.0) describes its techniques.
const DISARM: &str =
    "https://github.com/DISARMFoundation/DISARMframeworks/blob/main/generated_pages/techniques";

/// How findings are said.
pub struct Telling<'t> {
    /// Who says it.
    pub creator: Option<StixId<'t>>,
    /// Under which marking.
    pub marking: Option<Tlp>,
    /// The platform that the accounts are on, if it is known; `account_type` of STIX.
    pub platform: &'t str,
    /// What is shared of an account's name; none where accounts are left out.
    pub account: &'t dyn Fn(&str) -> Option<String>,
}

/// A group as a campaign, a grouping of what belongs to it, its accounts, the links it shared, and a
/// note with the evidence. Its times are those of the data, so that the same data give the same
/// bytes.
pub fn drafts(sorted: &Sorted, group: &Group, telling: &Telling<'_>) -> Vec<Draft> {
    let Some((first, last)) = group.span() else {
        return Vec::new();
    };
    let (first, last) = (timestamp(first), timestamp(last));
    let accounts: Vec<Draft> = accounts(sorted, group, telling);
    let urls = urls(sorted, group);
    let names: Vec<String> = group
        .accounts
        .iter()
        .map(|account| sorted.account(*account))
        .collect();
    let key = format!("coordination\n{first}\n{last}\n{}", names.join("\n"));
    let said = |draft: Draft| draft.said_by(telling.creator, telling.marking);
    let campaign = said(
        Draft::named("campaign", &key, last)
            .set("name", title(group))
            .set("description", summary(group))
            .set("first_seen", first.to_string())
            .set("last_seen", last.to_string())
            .set("external_references", techniques(group)),
    );
    let members = [&campaign].into_iter().chain(&accounts).chain(&urls);
    let members: Vec<Value> = members.map(|draft| json!(draft.id())).collect();
    let grouping = said(
        Draft::named("grouping", &key, last)
            .set("name", title(group))
            .set("description", summary(group))
            .set("context", "suspicious-activity")
            .set("object_refs", members),
    );
    let note = said(
        Draft::named("note", &key, last)
            .set("abstract", "What was shared together, and when")
            .set("content", evidence(sorted, group))
            .set("object_refs", json!([campaign.id()])),
    );
    let observables = accounts.into_iter().chain(urls).map(said);
    observables
        .chain([campaign.clone(), grouping, note])
        .collect()
}

fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_micros(millis.saturating_mul(1000))
}

fn accounts(sorted: &Sorted, group: &Group, telling: &Telling<'_>) -> Vec<Draft> {
    let told = group
        .accounts
        .iter()
        .filter_map(|account| (telling.account)(&sorted.account(*account)));
    let draft = |name: String| {
        let platform = (!telling.platform.is_empty()).then_some(("account_type", telling.platform));
        let properties = [("user_id", name.as_str())].into_iter().chain(platform);
        Draft::observable("user-account", properties)
    };
    told.map(draft).collect()
}

/// The links that a group shared most often.
fn urls(sorted: &Sorted, group: &Group) -> Vec<Draft> {
    let mut seen = std::collections::BTreeSet::new();
    let moments = by_size(group)
        .into_iter()
        .filter(|moment| seen.insert((moment.layer, moment.object)));
    let names = moments.map(|moment| (moment.layer, sorted.object(moment.layer, moment.object)));
    let links = names.filter(|(layer, name)| {
        *layer == Layer::Url || name.starts_with("https://") || name.starts_with("http://")
    });
    let mut drafts: Vec<Draft> = links
        .filter(|(_, name)| name.len() < 2048 && !name.contains(char::is_whitespace))
        .map(|(_, name)| Draft::observable("url", [("value", name)]))
        .take(LISTED)
        .collect();
    drafts.sort_by(|a, b| a.id().cmp(b.id()));
    drafts.dedup_by(|a, b| a.id() == b.id());
    drafts
}

/// Moments, the largest first.
fn by_size(group: &Group) -> Vec<&Moment> {
    let mut moments: Vec<&Moment> = group.moments.iter().collect();
    moments.sort_by_key(|moment| (std::cmp::Reverse(moment.accounts.len()), moment.start));
    moments
}

fn title(group: &Group) -> String {
    format!(
        "{} accounts that share the same {} within {} s of each other",
        group.accounts.len(),
        what(group),
        seconds(group.window()),
    )
}

fn what(group: &Group) -> String {
    let layers = group.layers();
    let words: Vec<&str> = layers.iter().map(|layer| layer.things()).collect();
    words.join(" and ")
}

fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

fn summary(group: &Group) -> String {
    let mut text = format!(
        "{} accounts shared {} {} together, at {} moments. ",
        group.accounts.len(),
        group.objects(),
        what(group),
        group.moments.len(),
    );
    if let Some(pair) = group.strongest() {
        // writing to a String does not fail
        let _ = write!(
            text,
            "The pair that is explained least shared {} of the {} that both shared within {} s of \
             each other, in {} of {} hours; by chance {:.2} such hours are expected (p {:.1e}), by a \
             taste in common {:.2} (p {:.1e}). ",
            pair.shared,
            pair.both,
            seconds(pair.window),
            pair.met,
            pair.hours,
            pair.by_chance,
            pair.p_chance,
            pair.by_taste,
            pair.p_taste,
        );
    }
    text + &format!(
        "Found at a rate of false discoveries of {:.2e}. That accounts act together says neither who \
         is behind them nor that they mean harm.",
        group.q(),
    )
}

/// What was shared, when, by how many: without names of accounts.
fn evidence(sorted: &Sorted, group: &Group) -> String {
    let mut moments = by_size(group);
    moments.truncate(LISTED);
    moments.sort_by_key(|moment| moment.start);
    let mut text = String::new();
    for moment in &moments {
        let name = sorted.object(moment.layer, moment.object);
        let name: String = name
            .chars()
            .filter(|c| !c.is_control())
            .take(SHOWN)
            .collect();
        // writing to a String does not fail
        let _ = writeln!(
            text,
            "{}: {} of the {} accounts that share it, within {} s: {} {name}",
            timestamp(moment.start),
            moment.accounts.len(),
            moment.audience,
            seconds(moment.end - moment.start),
            moment.layer,
        );
    }
    let more = group.moments.len() - moments.len();
    if more > 0 {
        let _ = writeln!(text, "and {more} more");
    }
    text
}

/// The techniques of DISARM that what was seen resembles.
fn techniques(group: &Group) -> Value {
    let mut ids: Vec<(&str, &str)> = group.layers().into_iter().map(technique).collect();
    ids.sort_unstable();
    ids.dedup();
    let reference = |(id, name): (&str, &str)| {
        json!({
            "source_name": "DISARM",
            "external_id": id,
            "description": format!("What was seen resembles this technique ({name}, {DISARM}/{id}.md); \
                                    whether it is automated is not known."),
        })
    };
    ids.into_iter().map(reference).collect()
}

fn technique(layer: Layer) -> (&'static str, &'static str) {
    match layer {
        Layer::Hashtag => ("T0049.002", "Flood Existing Hashtag"),
        Layer::Text | Layer::NearText => ("T0084.001", "Use Copypasta"),
        Layer::Object | Layer::Url | Layer::Repost => (
            "T0049.003",
            "Amplify via Automated Forwarding and Reposting",
        ),
    }
}
