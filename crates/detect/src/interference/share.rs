//! Findings as STIX 2.1.
//!
//! Of each place and rule an `observed-data` (STIX 2.1 §4.13) with the network, the name, the
//! addresses and the traffic that failed; of each site in a country an `incident` (§4.7), and a
//! `sighting` (§5.2) that ties both. What STIX has no words for stands in a property extension
//! (§7.3): the rule, where it looks, how likely what is, the country.
//!
//! Nothing names a probe: its address and its user are not read in the first place, and reports,
//! by which OONI's archive could be asked, are left out too. Ids and times follow from the data:
//! the same data give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::{Value, json};
use stix::build::{Draft, identity_id};
use stix::{StixId, Timestamp, Tlp};

use super::change::{Change, Turn};
use super::rules::Rule;
use super::tally::{Finding, Found, Place, Tally};
use super::verdict::{Mechanism, Verdict};

/// The extension's definition. Never changes: a new one has a new version, or a new id.
pub const EXTENSION: &str = "extension-definition--0f9d4f0e-4c0b-5d7a-9c4e-3f3c5b1c2f6a";
/// Who defines the extension.
const AUTHOR: &str = "Entente";
/// When it was defined: 2026-11-27.
const DEFINED: Timestamp = Timestamp::from_micros(1_795_737_600_000_000);
/// Addresses of a finding that are shared.
const ADDRESSES: usize = 5;
/// `number_observed` may not be above this (§4.13).
const MOST_OBSERVED: u64 = 999_999_999;

const SCHEMA: &str = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["extension_type","country"],"properties":{"extension_type":{"const":"property-extension"},"country":{"type":"string","description":"ISO 3166-1 alpha-2, ZZ when not known"},"network":{"type":"integer","description":"number of the autonomous system measured from"},"mechanism":{"enum":["dns","tcp","tls","http","other"]},"rule":{"type":"string","description":"the rule that fits, by its id in docs/interference.md"},"confirmed":{"type":"boolean","description":"a known fingerprint of blocking in its scope"},"likely_blocked":{"type":"number","minimum":0,"maximum":1},"likely_down":{"type":"number","minimum":0,"maximum":1},"likely_ok":{"type":"number","minimum":0,"maximum":1},"measurements":{"type":"integer","description":"all of the site in the network that say something"},"fingerprints":{"type":"array","items":{"type":"string"}},"doubts":{"type":"array","items":{"type":"string"}},"changes":{"type":"array","items":{"type":"object","properties":{"network":{"type":"integer"},"turn":{"enum":["blocked","reachable"]},"since":{"type":"string"},"found":{"type":"string"}}}}}}"#;

/// Who says it, and under which marking.
#[derive(Copy, Clone, Debug, Default)]
pub struct Terms<'t> {
    /// `created_by_ref`.
    pub creator: Option<StixId<'t>>,
    /// The marking of every object.
    pub marking: Option<Tlp>,
}

/// The steady findings as STIX objects, each once; what others refer to stands first. A site that
/// fails now and then is no incident.
pub fn drafts(tally: &Tally, terms: &Terms<'_>) -> Vec<Draft> {
    let mut sites: BTreeMap<([u8; 2], &str), Vec<Found<'_>>> = BTreeMap::new();
    for found in tally.findings() {
        let place = found.place;
        if found.is_steady && is_named(&place.site) {
            sites
                .entry((place.country, &place.site))
                .or_default()
                .push(found);
        }
    }
    let mut bundle = Bundle {
        terms,
        seen: BTreeSet::new(),
        objects: Vec::new(),
    };
    if sites.is_empty() {
        return Vec::new();
    }
    bundle.definition();
    for found in sites.values() {
        bundle.site(tally, found);
    }
    bundle.objects
}

/// Whether a site is something that can be told to others.
fn is_named(site: &str) -> bool {
    !site.is_empty()
}

struct Bundle<'t> {
    terms: &'t Terms<'t>,
    seen: BTreeSet<String>,
    objects: Vec<Draft>,
}

impl Bundle<'_> {
    /// An object of this creator under this marking: what another says of the same is another
    /// object.
    fn named(&self, type_name: &str, key: &str, created: Timestamp) -> Draft {
        let creator = self.terms.creator.map_or("", |creator| creator.as_str());
        let marking = self
            .terms
            .marking
            .map_or("", |marking| marking.marking_id());
        Draft::named(type_name, &format!("{creator}\n{marking}\n{key}"), created)
    }

    /// Adds an object, unless it is there; gives its id.
    fn add(&mut self, draft: Draft) -> String {
        let draft = draft.said_by(self.terms.creator, self.terms.marking);
        let id = draft.id().to_owned();
        if self.seen.insert(id.clone()) {
            self.objects.push(draft);
        }
        id
    }

    fn definition(&mut self) {
        let author = Draft::named("identity", AUTHOR, DEFINED)
            .set("id", identity_id(AUTHOR))
            .set("name", AUTHOR)
            .set("identity_class", "organization");
        let definition = Draft::named("extension-definition", EXTENSION, DEFINED)
            .set("id", EXTENSION)
            .set("created_by_ref", author.id())
            .set("name", "interference")
            .set("description", "How a site was found to be blocked: the rule, where it looks, how likely what is, the country.")
            .set("schema", SCHEMA)
            .set("version", "1.0.0")
            .set("extension_types", ["property-extension"]);
        // The same octets whoever shares them: they say nothing of what was found.
        for draft in [author, definition] {
            self.seen.insert(draft.id().to_owned());
            self.objects.push(draft);
        }
    }

    fn site(&mut self, tally: &Tally, found: &[Found<'_>]) {
        let Some(Found { place, .. }) = found.first() else {
            return;
        };
        let country = place.country();
        let first = found.iter().filter_map(|found| found.finding.first).min();
        let last = found.iter().filter_map(|found| found.finding.last).max();
        let location = (country != "ZZ").then(|| {
            let location = self.named("location", country, DEFINED);
            self.add(location.set("name", country).set("country", country))
        });
        let incident = self.incident(tally, found, at(first), at(last));
        let incident = self.add(incident);
        for one in found {
            let finding = one.finding;
            let observed = self.observed(one);
            let count = finding.count.min(MOST_OBSERVED);
            let key = format!("{incident}\n{observed}");
            let sighting = self
                .named("sighting", &key, at(finding.last))
                .set("sighting_of_ref", incident.as_str())
                .set("observed_data_refs", [observed.as_str()])
                .set(
                    "where_sighted_refs",
                    location.iter().map(String::as_str).collect::<Vec<_>>(),
                )
                .set("first_seen", at(finding.first).to_string())
                .set("last_seen", at(finding.last).to_string())
                .set("count", count);
            self.add(sighting);
        }
    }

    fn incident(
        &self,
        tally: &Tally,
        found: &[Found<'_>],
        first: Timestamp,
        last: Timestamp,
    ) -> Draft {
        let first_found = found.first();
        let (country, site) = first_found.map_or(("ZZ", ""), |found| {
            (found.place.country(), &*found.place.site)
        });
        let count: u64 = found.iter().map(|found| found.finding.count).sum();
        let networks: BTreeSet<u32> = found.iter().map(|found| found.place.network).collect();
        let changes = changes(tally, found);
        let says: BTreeSet<&str> = found.iter().map(|found| found.rule.says).collect();
        let words = says.into_iter().collect::<Vec<_>>().join("; ");
        let description = format!(
            "{count} measurements from {} networks: {words}. Who does it, and why, measurements do not say.",
            networks.len(),
        );
        let confirmed = first_found.is_some_and(|found| found.rule.verdict() == Verdict::Confirmed);
        let name = format!(
            "{site} {} in {country}",
            if confirmed {
                "is blocked"
            } else {
                "seems blocked"
            }
        );
        let mut extension = json!({"extension_type": "property-extension", "country": country, "confirmed": confirmed});
        if let (Some(members), false) = (extension.as_object_mut(), changes.is_empty()) {
            members.insert("changes".into(), changes.into());
        }
        self.named(
            "incident",
            &format!("{country}\n{site}\n{first}\n{last}\n{count}"),
            last,
        )
        .set("name", name)
        .set("description", description)
        .set("labels", ["censorship"])
        .set("external_references", techniques(found))
        .set("extensions", json!({ EXTENSION: extension }))
    }

    fn observed(&mut self, found: &Found<'_>) -> String {
        let Found {
            place,
            rule,
            finding,
            ..
        } = *found;
        let refs = self.observables(place, rule, finding);
        let (first, last) = (at(finding.first), at(finding.last));
        let key = format!(
            "{}\n{}\n{}\n{}\n{first}\n{last}\n{}",
            place.country(),
            place.network,
            place.site,
            rule.id,
            finding.count
        );
        let observed = self
            .named("observed-data", &key, last)
            .set("first_observed", first.to_string())
            .set("last_observed", last.to_string())
            .set("number_observed", finding.count.min(MOST_OBSERVED))
            .set("object_refs", refs)
            .set("extensions", json!({ EXTENSION: extension(found) }));
        self.add(observed)
    }

    /// What was observed: the network, the name, the addresses, and the traffic to them.
    fn observables(
        &mut self,
        place: &Place,
        rule: &'static Rule,
        finding: &Finding,
    ) -> Vec<String> {
        let mut refs = Vec::new();
        if place.network != 0 {
            refs.push(self.add(Draft::observable(
                "autonomous-system",
                [("number", place.network)],
            )));
        }
        let saw = finding.examples.iter().map(|example| &example.evidence);
        let mut names: BTreeSet<&str> = saw
            .clone()
            .flat_map(|saw| &saw.hosts)
            .map(String::as_str)
            .collect();
        if place.site.contains('.') || place.site.contains(':') {
            names.insert(&place.site);
        }
        let names = names
            .into_iter()
            .take(ADDRESSES)
            .map(|name| self.host(name));
        let names: Vec<String> = names.collect();
        let addresses: BTreeSet<IpAddr> = saw
            .clone()
            .flat_map(|saw| saw.addresses.iter().copied())
            .collect();
        let addresses = addresses.into_iter().take(ADDRESSES);
        let addresses: Vec<(IpAddr, String)> = addresses.map(|at| (at, self.address(at))).collect();
        let port = saw.filter_map(|saw| saw.port).min();
        if let Some(port) = port {
            let first = addresses.first();
            let target = first.map(|(_, id)| id).or(names.first());
            let is_v6 = first.is_some_and(|(address, _)| address.is_ipv6());
            if let Some(target) = target {
                let traffic = json!({
                    "dst_ref": target, "dst_port": port,
                    "protocols": protocols(mechanism(rule, finding), is_v6),
                });
                let traffic = traffic.as_object().cloned().unwrap_or_default();
                let properties = traffic
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone()));
                refs.push(self.add(Draft::observable("network-traffic", properties)));
            }
        }
        refs.extend(names);
        refs.extend(addresses.into_iter().map(|(_, id)| id));
        if refs.is_empty() {
            let software = Draft::observable("software", [("name", &*place.site)]);
            refs.push(self.add(software));
        }
        refs.sort_unstable();
        refs.dedup();
        refs
    }

    fn host(&mut self, name: &str) -> String {
        match name.parse() {
            Ok(address) => self.address(address),
            Err(_) => self.add(Draft::observable("domain-name", [("value", name)])),
        }
    }

    fn address(&mut self, address: IpAddr) -> String {
        let kind = if address.is_ipv4() {
            "ipv4-addr"
        } else {
            "ipv6-addr"
        };
        self.add(Draft::observable(kind, [("value", address.to_string())]))
    }
}

/// The moment of a measurement; the beginning of time where it is not known.
fn at(time: Option<i64>) -> Timestamp {
    Timestamp::from_micros(time.unwrap_or(0).saturating_mul(1_000_000))
}

/// What STIX has no words for.
fn extension(found: &Found<'_>) -> Value {
    let Found {
        place,
        rule,
        finding,
        ..
    } = *found;
    let mut extension = json!({
        "extension_type": "property-extension",
        "country": place.country(),
        "network": place.network,
        "rule": rule.id,
        "mechanism": mechanism(rule, finding).word(),
        "confirmed": rule.verdict() == Verdict::Confirmed,
        "likely_blocked": fraction(rule.triple.blocked),
        "likely_down": fraction(rule.triple.down),
        "likely_ok": fraction(rule.triple.ok),
        "measurements": found.usable,
    });
    let facts = finding
        .examples
        .iter()
        .flat_map(|example| &example.evidence.facts);
    let prints = facts.filter(|(name, _)| *name == "fingerprint");
    let prints: BTreeSet<&str> = prints.map(|(_, value)| value.as_str()).collect();
    for (name, values) in [("fingerprints", prints), ("doubts", found.doubts())] {
        if let (Some(members), false) = (extension.as_object_mut(), values.is_empty()) {
            members.insert(name.into(), values.into_iter().collect());
        }
    }
    extension
}

fn changes(tally: &Tally, found: &[Found<'_>]) -> Vec<Value> {
    let places: BTreeSet<&Place> = found.iter().map(|found| found.place).collect();
    let mut changes = Vec::new();
    for place in places {
        let hours = tally
            .hours(place)
            .map(super::change::changes)
            .unwrap_or_default();
        changes.extend(hours.iter().map(|change| one_change(place.network, change)));
    }
    changes
}

fn one_change(network: u32, change: &Change) -> Value {
    let hour = |hour: i64| Timestamp::from_micros(hour.saturating_mul(3_600_000_000)).to_string();
    let turn = match change.turn {
        Turn::Blocked => "blocked",
        Turn::Reachable => "reachable",
    };
    json!({"network": network, "turn": turn, "since": hour(change.since), "found": hour(change.found)})
}

/// DISARM's techniques, by their numbers: its objects' ids change with every release.
fn techniques(found: &[Found<'_>]) -> Vec<Value> {
    let mut used = BTreeMap::new();
    for Found {
        place,
        rule,
        finding,
        ..
    } in found
    {
        used.insert("T0123.002", "Block Content");
        let answers_otherwise = matches!(
            rule.id,
            "dns.bogon" | "dns.certificate" | "dns.dead-address" | "fingerprint.dns"
        );
        let is_sent_elsewhere = rule.mechanism == Mechanism::Http
            && finding.examples.iter().any(|example| {
                example
                    .evidence
                    .facts
                    .iter()
                    .any(|(name, _)| *name == "redirects to")
            });
        if answers_otherwise || is_sent_elsewhere {
            used.insert("T0123.004", "Conduct Server Redirect");
        }
        if !place.site.contains('.') && !place.site.contains(':') {
            used.insert("T0125", "Platform Filtering; DISARM means content that is filtered by platforms, here a platform is filtered");
        }
    }
    let rows = used
        .into_iter()
        .map(|(id, name)| json!({"source_name": "DISARM", "external_id": id, "description": name}));
    rows.collect()
}

/// Where it happened: as the first example says, else as the rule does.
fn mechanism(rule: &'static Rule, finding: &Finding) -> Mechanism {
    let said = finding
        .examples
        .first()
        .and_then(|example| example.evidence.mechanism);
    said.unwrap_or(rule.mechanism)
}

fn protocols(mechanism: Mechanism, is_v6: bool) -> Vec<&'static str> {
    let mut protocols = vec![if is_v6 { "ipv6" } else { "ipv4" }, "tcp"];
    match mechanism {
        Mechanism::Tls => protocols.push("tls"),
        Mechanism::Http => protocols.push("http"),
        _ => {}
    }
    protocols
}

fn fraction(hundredths: u8) -> f64 {
    f64::from(hundredths) / 100.0
}
