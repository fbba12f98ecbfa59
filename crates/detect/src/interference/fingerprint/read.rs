//! Lists of fingerprints, as their publishers write them.

use serde::Deserialize;

use super::super::lenient::Text;
use super::{Fingerprint, Form, Place, Scope};

/// Characters of a name that are kept.
const LONGEST_NAME: usize = 120;
/// Octets of a pattern; longer ones are refused.
const LONGEST_PATTERN: usize = 64 << 10;

/// What a file of fingerprints gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The fingerprints.
    pub fingerprints: Vec<Fingerprint>,
    /// Rows that are none.
    pub bad: Vec<BadFingerprint>,
}

/// A row that is no fingerprint.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {reason}")]
pub struct BadFingerprint {
    /// Which row, from 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// A row of either publisher.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    // OONI
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    scope: Text<'a>,
    #[serde(borrow)]
    location_found: Text<'a>,
    #[serde(borrow)]
    pattern_type: Text<'a>,
    #[serde(borrow)]
    expected_countries: Text<'a>,
    #[serde(borrow)]
    pattern: Text<'a>,
    // Censored Planet
    #[serde(borrow)]
    fingerprint: Text<'a>,
}

impl Loaded {
    /// Reads a file of fingerprints: OONI's as a JSON array or as CSV with a header, Censored
    /// Planet's as a JSON object a line. What is none of these gives a bad row.
    pub fn read(text: &str) -> Self {
        let mut loaded = Loaded::default();
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('[') {
            match serde_json::from_str::<Vec<Row<'_>>>(text) {
                Ok(rows) => (1..)
                    .zip(&rows)
                    .for_each(|(row, read)| loaded.take(row, read)),
                Err(error) => loaded.refuse(u64::try_from(error.line()).unwrap_or(0), &error),
            }
        } else if text.starts_with('{') {
            for (row, line) in (1..).zip(text.lines()) {
                match serde_json::from_str::<Row<'_>>(line) {
                    _ if line.trim().is_empty() => {}
                    Ok(read) => loaded.take(row, &read),
                    Err(error) => loaded.refuse(row, &error),
                }
            }
        } else {
            loaded.read_csv(text);
        }
        loaded
    }

    fn read_csv(&mut self, text: &str) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for (row, record) in (2..).zip(reader.deserialize::<CsvRow>()) {
            match record {
                Ok(record) => match record.fingerprint() {
                    Ok(fingerprint) => self.fingerprints.push(fingerprint),
                    Err(reason) => self.refuse(row, &reason),
                },
                Err(error) => self.refuse(row, &error),
            }
        }
    }

    fn take(&mut self, row: u64, read: &Row<'_>) {
        let fingerprint = match read.fingerprint.some() {
            Some(name) => censored_planet(name, read.pattern.get()),
            None => ooni(
                read.name.get(),
                read.scope.get(),
                read.location_found.get(),
                read.pattern_type.get(),
                read.expected_countries.get(),
                read.pattern.get(),
            ),
        };
        match fingerprint {
            Ok(fingerprint) => self.fingerprints.push(fingerprint),
            Err(reason) => self.refuse(row, &reason),
        }
    }

    fn refuse(&mut self, row: u64, reason: &impl ToString) {
        let reason = reason.to_string();
        self.bad.push(BadFingerprint { row, reason });
    }
}

/// A row of OONI's CSV.
#[derive(Debug, Deserialize)]
struct CsvRow {
    name: String,
    scope: String,
    location_found: String,
    pattern_type: String,
    pattern: String,
    #[serde(default)]
    expected_countries: String,
}

impl CsvRow {
    fn fingerprint(&self) -> Result<Fingerprint, String> {
        ooni(
            &self.name,
            &self.scope,
            &self.location_found,
            &self.pattern_type,
            &self.expected_countries,
            &self.pattern,
        )
    }
}

fn ooni(
    name: &str,
    scope: &str,
    place: &str,
    form: &str,
    countries: &str,
    pattern: &str,
) -> Result<Fingerprint, String> {
    let place = match place.to_ascii_lowercase().as_str() {
        "body" => Place::Body,
        "dns" => Place::Dns,
        place => match place.strip_prefix("header.") {
            Some(header) if !header.is_empty() => Place::Header(header.to_owned()),
            _ => {
                return Err(format!(
                    "location_found '{place}' is not body, dns or header.NAME"
                ));
            }
        },
    };
    let form = match form {
        "full" => Form::Full,
        "prefix" => Form::Prefix,
        "contains" => Form::Contains,
        "regexp" => Form::Regexp,
        other => return Err(format!("pattern_type '{other}' is not known")),
    };
    let countries = countries
        .split([',', ' ', '|'])
        .map(str::trim)
        .filter(|code| is_country(code));
    let countries = countries.map(str::to_ascii_uppercase).collect();
    checked(name, Scope::of(scope), countries, place, form, pattern)
}

/// A signature of Censored Planet. Its name says the class (`a_prod`, `b_nat`, `c_isp`, `d_corp`,
/// `e_unk`, `f_gen`) and after it often the country; all other names are of false positives.
fn censored_planet(name: &str, pattern: &str) -> Result<Fingerprint, String> {
    let mut parts = name.split('_');
    let class = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let scope = match class {
        ("a", "prod") => Scope::Product,
        ("b", "nat") => Scope::National,
        ("c", "isp") => Scope::Isp,
        ("d", "corp") => Scope::Institution,
        ("e", "unk") | ("f", "gen") => Scope::Vague,
        _ => Scope::FalsePositive,
    };
    let is_known = scope != Scope::FalsePositive;
    let country = parts.next().filter(|code| is_known && is_country(code));
    let countries = country.map(str::to_ascii_uppercase).into_iter().collect();
    checked(
        name,
        scope,
        countries,
        Place::Response,
        Form::Regexp,
        pattern,
    )
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) && code != "ZZ"
}

fn checked(
    name: &str,
    scope: Scope,
    countries: Vec<String>,
    place: Place,
    form: Form,
    pattern: &str,
) -> Result<Fingerprint, String> {
    if pattern.is_empty() {
        return Err("the pattern is empty".into());
    }
    if pattern.len() > LONGEST_PATTERN {
        return Err("the pattern is too long".into());
    }
    Ok(Fingerprint {
        name: name.chars().take(LONGEST_NAME).collect(),
        scope,
        countries,
        place,
        form,
        pattern: pattern.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_both_publishers_are_read() {
        let json = r#"[{"confidence_no_fp":5,"expected_countries":"AE,SA","location_found":
            "header.Server","name":"ours.ae","pattern":"Filter","pattern_type":"prefix","scope":"nat"},
            {"pattern":"x"}, {"name":"d","pattern":"192.0.2.1","pattern_type":"full",
            "location_found":"dns","scope":"isp","expected_countries":",ZZ"}]"#;
        let loaded = Loaded::read(json);
        assert_eq!(loaded.fingerprints.len(), 2);
        assert_eq!(loaded.bad.len(), 1);
        let first = &loaded.fingerprints[0];
        assert_eq!(first.place, Place::Header("server".into()));
        assert_eq!(first.to_string(), "ours.ae (nat, AE SA)");
        assert!(loaded.fingerprints[1].countries.is_empty());

        let lines = "\n{\"fingerprint\":\"b_nat_kr_x\",\"pattern\":\"a\\\\.b\"}\n\n\
                     {\"fingerprint\":\"c_dotster\",\"pattern\":\"b\"}\nnot json\n";
        let loaded = Loaded::read(lines);
        let said: Vec<String> = loaded
            .fingerprints
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(said, ["b_nat_kr_x (nat, KR)", "c_dotster (fp)"]);
        assert_eq!(loaded.bad.len(), 1);

        let csv = "name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,\
                   expected_countries,source\na,nat,,body,contains,\"no, \"\"blocked\"\"\",5,IR,\n";
        let loaded = Loaded::read(csv);
        assert_eq!(loaded.bad, []);
        assert_eq!(loaded.fingerprints[0].pattern, "no, \"blocked\"");
    }

    #[test]
    fn country_decides_unless_the_scope_does() {
        let print = |scope, countries: &[&str]| Fingerprint {
            name: "n".into(),
            scope,
            countries: countries.iter().map(|&c| c.into()).collect(),
            place: Place::Body,
            form: Form::Contains,
            pattern: "x".into(),
        };
        assert!(print(Scope::National, &[]).confirms("DE"));
        assert!(print(Scope::Isp, &["RU"]).confirms("DE"));
        assert!(print(Scope::Product, &["DE"]).confirms("DE"));
        assert!(!print(Scope::Product, &["RU"]).confirms("DE"));
        assert!(!print(Scope::Vague, &[]).confirms("DE"));
        assert!(!print(Scope::FalsePositive, &["DE"]).confirms("DE"));
        assert!(!print(Scope::Product, &["ZZ"]).confirms("ZZ"));
    }
}
