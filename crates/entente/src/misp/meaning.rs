//! What values of MISP mean in STIX: patterns that find them, and observables that say them.
//!
//! A pattern fires on what MISP's own exports fire on: each value alone. `domain|ip` means the domain
//! or the address, a file name beside a digest says nothing that the digest does not, and a port
//! narrows its address. So everything that can be looked up by itself stays so.

use serde_json::{Map, Value, json};

use super::kind;

/// A value of a MISP type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) misp: String,
    pub(crate) value: String,
}

/// What an attribute says: one value, or two of a composite type.
pub(crate) fn parts(misp: &str, value: &str) -> Vec<Part> {
    let part = |misp: &str, value: &str| Part {
        misp: misp.to_owned(),
        value: value.trim().to_owned(),
    };
    let misp = if misp == "malware-sample" {
        "filename|md5"
    } else {
        misp
    };
    let halves = misp.split_once('|').zip(value.split_once('|'));
    match halves {
        Some((("domain", "ip"), (left, right))) => {
            vec![part("domain", left), part("ip-dst", right)]
        }
        Some(((one, other), (left, right))) => vec![part(one, left), part(other, right)],
        // Some tools write the port behind a colon.
        None if misp.ends_with("|port") => {
            let (left, right) = value.rsplit_once(':').unwrap_or((value, ""));
            let one = misp.trim_end_matches("|port");
            vec![part(one, left), part("port", right)]
        }
        None => vec![part(misp, value)],
    }
}

/// The pattern that finds any of these values.
///
/// # Errors
/// Why there is none: no value of a type that patterns know, or a value that is none of its type.
pub(crate) fn pattern(parts: &[Part]) -> Result<String, String> {
    let has_digest = parts.iter().any(|part| path(part).is_some_and(is_digest));
    let mut observations: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |object_type: &str, test: String| match observations
        .iter_mut()
        .find(|(known, _)| known == object_type)
    {
        Some((_, tests)) if !tests.contains(&test) => tests.push(test),
        Some(_) => {}
        None => observations.push((object_type.to_owned(), vec![test])),
    };
    let port = parts.iter().find(|part| part.misp == "port");
    let key = parts.iter().find(|part| part.misp == "regkey");
    for part in parts {
        let value = part.value.as_str();
        match part.misp.as_str() {
            "port" => {}
            "value" if key.is_some() => {}
            "filename" if has_digest => {}
            "ip-dst" | "ip-src" | "hostname" | "domain" if port.is_some() => {
                let side = if part.misp == "ip-src" { "src" } else { "dst" };
                let number: u16 = port
                    .and_then(|port| port.value.parse().ok())
                    .ok_or_else(|| "its port is no number up to 65535".to_owned())?;
                let test = format!(
                    "network-traffic:{side}_ref.value = {} AND network-traffic:{side}_port = {number}",
                    quoted(value)
                );
                add(&format!("traffic of {value}"), test);
            }
            "regkey" => {
                let data = parts.iter().find(|part| part.misp == "value");
                let data = data.map(|data| {
                    let data = quoted(&data.value);
                    format!(" AND windows-registry-key:values[*].data = {data}")
                });
                let test = format!("windows-registry-key:key = {}", quoted(value));
                add("windows-registry-key", test + &data.unwrap_or_default());
            }
            _ => {
                let path = path(part).ok_or_else(|| no_counterpart(&part.misp))?;
                let object_type = path.split(':').next().unwrap_or_default();
                add(object_type, test(path, value)?);
            }
        }
    }
    let written: Vec<String> = observations
        .into_iter()
        .map(|(_, tests)| format!("[{}]", tests.join(" OR ")))
        .collect();
    if written.is_empty() {
        return Err("it says no value that a pattern can find".into());
    }
    let parsed = stix::pattern::parse(&written.join(" OR ")).map(|pattern| pattern.to_string());
    parsed.map_err(|error| format!("its value is none of its type: {error}"))
}

/// Why an attribute is not taken.
pub(crate) fn no_counterpart(misp: &str) -> String {
    format!("STIX has nothing for MISP's type '{misp}'")
}

fn path(part: &Part) -> Option<&'static str> {
    kind::path(&part.misp, &part.value)
}

fn is_digest(path: &str) -> bool {
    path.starts_with("file:hashes.")
}

fn test(path: &str, value: &str) -> Result<String, String> {
    let is_address = path.starts_with("ipv4-addr") || path.starts_with("ipv6-addr");
    if is_address && !kind::is_address(value) {
        return Err(format!("'{value}' is no address"));
    }
    Ok(match path {
        "autonomous-system:number" => format!("{path} = {}", number_of_system(value)?),
        "file:size" => format!("{path} = {}", whole_number(value)?),
        _ if is_address && value.contains('/') => format!("{path} ISSUBSET {}", quoted(value)),
        _ => format!("{path} = {}", quoted(value)),
    })
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn number_of_system(value: &str) -> Result<u32, String> {
    let digits = value.trim_start_matches(['A', 'a', 'S', 's', ' ']);
    let number = digits.parse();
    number.map_err(|_| format!("'{value}' is no number of an autonomous system"))
}

fn whole_number(value: &str) -> Result<u64, String> {
    let number = value.parse();
    number.map_err(|_| format!("'{value}' is no whole number"))
}

/// The observable that says a value: its type and properties.
///
/// # Errors
/// Why there is none.
pub(crate) fn observable(part: &Part) -> Result<(String, Map<String, Value>), String> {
    let path = match part.misp.as_str() {
        "email-src" | "email-dst" => "email-addr:value",
        _ => path(part).ok_or_else(|| no_counterpart(&part.misp))?,
    };
    // What a pattern refuses is no value of its type here either.
    test(path, &part.value)?;
    let probe = format!("[{}]", test(path, &part.value)?);
    stix::pattern::parse(&probe)
        .map_err(|error| format!("its value is none of its type: {error}"))?;
    let (object_type, property) = path.split_once(':').unwrap_or((path, ""));
    let mut properties = Map::new();
    if let Some(algorithm) = property.strip_prefix("hashes.") {
        let algorithm = algorithm.trim_matches('\'');
        properties.insert("hashes".into(), json!({ algorithm: part.value }));
    } else {
        match (object_type, property) {
            ("autonomous-system", _) => {
                properties.insert("number".into(), number_of_system(&part.value)?.into());
            }
            ("email-message", "subject" | "body" | "message_id") => {
                properties.insert("is_multipart".into(), false.into());
                properties.insert(property.into(), part.value.clone().into());
            }
            ("software", "cpe") => {
                properties.insert("name".into(), part.value.clone().into());
                properties.insert("cpe".into(), part.value.clone().into());
            }
            ("file", "size" | "mime_type") | ("network-traffic" | "email-message", _) => {
                return Err(format!(
                    "a value of type '{}' is no observable by itself",
                    part.misp
                ));
            }
            _ => {
                properties.insert(property.into(), part.value.clone().into());
            }
        }
    }
    Ok((object_type.to_owned(), properties))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(misp: &str, value: &str) -> Result<String, String> {
        pattern(&parts(misp, value))
    }

    #[test]
    fn every_value_can_be_found_by_itself() {
        let md5 = "d41d8cd98f00b204e9800998ecf8427e";
        for (misp, value, expected) in [
            ("ip-src", "192.0.2.1", "[ipv4-addr:value = '192.0.2.1']"),
            (
                "ip-dst",
                "2001:db8::/32",
                "[ipv6-addr:value ISSUBSET '2001:db8::/32']",
            ),
            (
                "domain|ip",
                "a.example|192.0.2.1",
                "[domain-name:value = 'a.example'] OR [ipv4-addr:value = '192.0.2.1']",
            ),
            (
                "email-src",
                "a@b.example",
                "[email-message:from_ref.value = 'a@b.example']",
            ),
            ("AS", "AS64500", "[autonomous-system:number = 64500]"),
            (
                "regkey|value",
                "HKLM\\a|it's",
                r"[windows-registry-key:key = 'HKLM\\a' AND windows-registry-key:values[*].data = 'it\'s']",
            ),
            (
                "ip-dst|port",
                "192.0.2.1|443",
                "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]",
            ),
        ] {
            assert_eq!(written(misp, value).as_deref(), Ok(expected), "{misp}");
        }
        let alone = format!("[file:hashes.MD5 = '{md5}']");
        assert_eq!(
            written("malware-sample", &format!("a.exe|{md5}")),
            Ok(alone)
        );
    }

    #[test]
    fn what_is_no_value_of_its_type_is_refused() {
        for (misp, value) in [
            ("ip-src", "not an address"),
            ("md5", "xyz"),
            ("AS", "some"),
            ("ip-dst|port", "192.0.2.1|many"),
            ("text", "x"),
            ("port", "80"),
        ] {
            assert!(written(misp, value).is_err(), "{misp} {value}");
        }
        assert!(observable(&parts("size-in-bytes", "12")[0]).is_err());
    }
}
