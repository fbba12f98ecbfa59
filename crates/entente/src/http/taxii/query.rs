//! The URL parameters of TAXII 2.1 §3.4: parsed once, each wrong one named.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use node::view::object_key;
use node::{Query, Versions};

use crate::http::error::Refused;

/// Objects on a page when the client does not say.
const DEFAULT_LIMIT: usize = 1000;
/// Objects on a page at most; a client that asks for more gets these and `more`.
const MOST: usize = 10_000;

/// Parses a query string. Unknown parameters are ignored, as the specification asks; a known one
/// that is repeated is refused, as it could only be half obeyed.
///
/// # Errors
/// 400, naming the parameter and what it takes.
pub(super) fn parse(query: Option<&str>) -> Result<Query, Refused> {
    parse_with(query, Versions::default())
}

/// [`parse`] with other versions than the newest when the client does not say.
pub(super) fn parse_with(query: Option<&str>, versions_unsaid: Versions) -> Result<Query, Refused> {
    let mut parsed = Query {
        limit: DEFAULT_LIMIT,
        versions: versions_unsaid,
        ..Query::default()
    };
    let mut next = None;
    let mut seen = Vec::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if !KNOWN.contains(&name.as_ref()) {
            continue;
        }
        if seen.contains(&name) {
            return Err(Refused::bad(format!(
                "parameter '{name}' is given more than once"
            )));
        }
        match name.as_ref() {
            "limit" => parsed.limit = limit(&value)?,
            "added_after" => parsed.added_after = Some(instant("added_after", &value)?),
            "next" => next = Some(cursor(&value)?),
            "match[id]" => parsed.ids = Some(list(&value).filter_map(object_key).collect()),
            "match[type]" => parsed.types = list(&value).map(str::to_owned).collect(),
            "match[version]" => parsed.versions = versions(&value)?,
            _ => parsed.spec_20 = spec_version(&value)?,
        }
        seen.push(name);
    }
    // Clients that follow `next` go on sending the `added_after` they began with.
    parsed.added_after = next.or(parsed.added_after);
    Ok(parsed)
}

const KNOWN: [&str; 7] = [
    "limit",
    "added_after",
    "next",
    "match[id]",
    "match[type]",
    "match[version]",
    "match[spec_version]",
];

/// The opaque `next` of a page that ends with this `date_added`. It holds nothing but the place, so
/// it can be used twice, after a restart, and sees what was added since.
pub(super) fn next_after(added: i64) -> String {
    URL_SAFE_NO_PAD.encode(added.to_be_bytes())
}

fn cursor(value: &str) -> Result<i64, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(value).ok();
    let place = bytes
        .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
        .map(i64::from_be_bytes);
    place.ok_or_else(|| {
        Refused::bad(
            "parameter 'next' is not one that this server gave: leave it out to start over",
        )
    })
}

fn limit(value: &str) -> Result<usize, Refused> {
    match value.parse::<usize>() {
        Ok(limit) if limit > 0 => Ok(limit.min(MOST)),
        _ => Err(Refused::bad(format!(
            "parameter 'limit' must be a number from 1 up, not '{value}'"
        ))),
    }
}

fn instant(name: &str, value: &str) -> Result<i64, Refused> {
    stix::Timestamp::parse(value).map(stix::Timestamp::micros).map_err(|_| {
        Refused::bad(format!(
            "parameter '{name}' must be an RFC 3339 time in UTC such as 2018-11-12T09:00:00Z, not \
             '{value}'"
        ))
    })
}

fn versions(value: &str) -> Result<Versions, Refused> {
    let words: Vec<&str> = list(value).collect();
    if words
        .iter()
        .enumerate()
        .any(|(at, word)| words.iter().take(at).any(|w| w == word))
    {
        return Err(Refused::bad(
            "parameter 'match[version]' says one thing twice",
        ));
    }
    if words == ["all"] {
        return Ok(Versions::All);
    }
    let (mut last, mut first, mut at) = (false, false, Vec::new());
    for word in words {
        match word {
            "last" => last = true,
            "first" => first = true,
            "all" => {
                return Err(Refused::bad(
                    "parameter 'match[version]': 'all' cannot stand with other values",
                ));
            }
            other => at.push(instant("match[version]", other)?),
        }
    }
    if !last && !first && at.is_empty() {
        return Err(Refused::bad(
            "parameter 'match[version]' takes 'all', or some of 'first', 'last' and timestamps",
        ));
    }
    Ok(Versions::Any { last, first, at })
}

/// Which specification version: `Some(true)` for 2.0 alone. Applied before `match[version]`.
fn spec_version(value: &str) -> Result<Option<bool>, Refused> {
    let (mut v20, mut v21) = (false, false);
    for word in list(value) {
        match word {
            "2.0" => v20 = true,
            "2.1" => v21 = true,
            other => {
                return Err(Refused::bad(format!(
                    "parameter 'match[spec_version]' takes 2.0 and 2.1, not '{other}'"
                )));
            }
        }
    }
    Ok(if v20 == v21 { None } else { Some(v20) })
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> String {
        parse(Some(query)).unwrap_err().detail
    }

    #[test]
    fn each_wrong_parameter_is_named() {
        for query in ["limit=0", "limit=-1", "limit=ten", "limit=1&limit=2"] {
            assert!(refused(query).contains("'limit'"), "{query}");
        }
        assert!(refused("added_after=yesterday").contains("'added_after'"));
        assert!(refused("next=*").contains("'next'"));
        assert!(refused("match%5Bversion%5D=all,last").contains("match[version]"));
        assert!(refused("match[version]=").contains("match[version]"));
        assert!(refused("match[spec_version]=3.0").contains("match[spec_version]"));
    }

    #[test]
    fn next_wins_over_added_after() {
        let next = next_after(1_600_000_000_000_001);
        let query = format!("added_after=2016-01-01T00:00:00Z&next={next}");
        assert_eq!(
            parse(Some(&query)).unwrap().added_after,
            Some(1_600_000_000_000_001)
        );
    }

    #[test]
    fn equal_instants_are_equal_whatever_their_digits() {
        let one = parse(Some("match[version]=2016-01-01T00:00:00.1Z")).unwrap();
        let other = parse(Some("match[version]=2016-01-01T00:00:00.100000Z")).unwrap();
        assert_eq!(one.versions, other.versions);
    }
}
