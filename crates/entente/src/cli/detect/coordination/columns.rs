//! Which column or member holds what.

use std::str::FromStr;

use detect::coordination::Layer;

use crate::cli::table::{self, normal};

/// What a column can hold.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Account,
    Time,
    Object,
    Content,
    Text,
    Url,
    Repost,
    Hashtag,
}

/// A field, its name on the command line, and the headers it is known by, best first. A dot leads
/// into an object of JSON.
const FIELDS: [(Field, &str, &[&str]); 8] = [
    (
        Field::Account,
        "account",
        &[
            "account_id",
            "account",
            "user_id",
            "author_id",
            "user",
            "username",
            "screen_name",
            "author",
            "userid",
            "handle",
            "did",
            "user.id_str",
            "user.id",
            "author.id",
            "account.id",
            "account.acct",
        ],
    ),
    (
        Field::Time,
        "time",
        &[
            "timestamp_share",
            "timestamp",
            "time",
            "created_at",
            "created",
            "date",
            "datetime",
            "published_at",
            "published",
            "tweet_time",
            "created_utc",
            "createdat",
        ],
    ),
    (Field::Object, "object", &["object_id", "object"]),
    (
        Field::Content,
        "content",
        &[
            "content_id",
            "message_id",
            "post_id",
            "tweet_id",
            "tweetid",
            "id_str",
            "id",
            "uri",
        ],
    ),
    (
        Field::Text,
        "text",
        &[
            "text",
            "full_text",
            "message",
            "content",
            "body",
            "tweet_text",
            "tweet",
            "post",
            "selftext",
        ],
    ),
    (
        Field::Url,
        "url",
        &[
            "url",
            "urls",
            "link",
            "links",
            "expanded_url",
            "expanded_urls",
        ],
    ),
    (
        Field::Repost,
        "repost",
        &[
            "repost_id",
            "retweet_id",
            "retweeted_id",
            "retweet_tweetid",
            "reblog_id",
            "repost",
            "reblog.id",
            "retweeted_status.id_str",
            "retweeted_status.id",
        ],
    ),
    (Field::Hashtag, "hashtag", &["hashtag", "hashtags"]),
];

/// The columns that the command line names.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns(Vec<(Field, String)>);

impl FromStr for Columns {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let names = FIELDS.map(|(field, name, _)| (field, name));
        table::named(words, &names, "account=user_id").map(Columns)
    }
}

/// What a layer is read from.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The field is the object.
    Whole(Field),
    /// The field is a list of objects.
    List(Field),
    /// The text holds the objects.
    Text,
}

impl Columns {
    pub(super) fn are_given(&self) -> bool {
        !self.0.is_empty()
    }

    /// The headers that may hold a field, best first; one alone where the command line names it.
    pub(super) fn headers(&self, field: Field) -> Vec<&str> {
        if let Some((_, header)) = self.0.iter().find(|(named, _)| *named == field) {
            return vec![header];
        }
        let known = FIELDS.iter().find(|(known, _, _)| *known == field);
        known
            .map(|(_, _, headers)| headers.to_vec())
            .unwrap_or_default()
    }

    /// The positions of fields among the headers of a CSV file.
    ///
    /// # Errors
    /// Which named column is missing, or that accounts or times are.
    pub(super) fn find(&self, headers: &[&str]) -> Result<Positions, String> {
        let names: Vec<String> = headers.iter().map(|header| normal(header)).collect();
        let mut positions = Positions::default();
        for ((field, name, _), place) in FIELDS.iter().zip(&mut positions.0) {
            let position = |header: &&str| names.iter().position(|name| *name == normal(header));
            *place = self.headers(*field).iter().find_map(position);
            let is_named = self.0.iter().any(|(named, _)| named == field);
            if place.is_none() && is_named {
                return Err(format!(
                    "there is no column '{}'",
                    self.headers(*field).join("")
                ));
            }
            if place.is_none() && matches!(field, Field::Account | Field::Time) {
                return Err(format!(
                    "no column looks like {name}s: name it with --columns {name}=HEADER"
                ));
            }
        }
        Ok(positions)
    }
}

/// Which columns hold what, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Positions([Option<usize>; FIELDS.len()]);

impl Positions {
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        self.0.get(field as usize).copied().flatten()
    }
}

/// The layers that are asked for, or that what there is allows, each with where it is read from.
///
/// # Errors
/// When a layer is asked for that no field gives.
pub(super) fn sources(
    asked: &[Layer],
    has: &dyn Fn(Field) -> bool,
) -> Result<Vec<(Layer, Source)>, String> {
    if asked.is_empty() {
        let mut all = Vec::new();
        if has(Field::Object) {
            all.push((Layer::Object, Source::Whole(Field::Object)));
        } else {
            let layers = [Layer::Url, Layer::Repost, Layer::Hashtag, Layer::Text];
            all.extend(
                layers
                    .into_iter()
                    .filter_map(|layer| Some((layer, source(layer, has)?))),
            );
        }
        if all.is_empty() {
            let words = "no column says what is shared: name one with --columns object=HEADER, or \
                         text=HEADER";
            return Err(words.into());
        }
        return Ok(all);
    }
    let mut all = Vec::new();
    for layer in asked {
        let found = source(*layer, has).or_else(|| {
            // a single layer: the objects are of it
            (asked.len() == 1 && has(Field::Object)).then_some(Source::Whole(Field::Object))
        });
        let found = found.ok_or_else(|| {
            format!("no column gives the layer {layer}: name one with --columns text=HEADER, or {}=HEADER", column(*layer))
        })?;
        all.push((*layer, found));
    }
    Ok(all)
}

fn column(layer: Layer) -> &'static str {
    match layer {
        Layer::Object => "object",
        Layer::Url => "url",
        Layer::Repost => "repost",
        Layer::Hashtag => "hashtag",
        Layer::Text | Layer::NearText => "text",
    }
}

fn source(layer: Layer, has: &dyn Fn(Field) -> bool) -> Option<Source> {
    let text = || has(Field::Text).then_some(Source::Text);
    let own = |field: Field, source: Source| has(field).then_some(source);
    match layer {
        Layer::Object => own(Field::Object, Source::Whole(Field::Object)),
        Layer::Repost => own(Field::Repost, Source::Whole(Field::Repost)),
        Layer::Url => own(Field::Url, Source::List(Field::Url)).or_else(text),
        Layer::Hashtag => own(Field::Hashtag, Source::List(Field::Hashtag)).or_else(text),
        Layer::Text | Layer::NearText => text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_what_they_are_usually_called() {
        let columns = Columns::default();
        let found = columns
            .find(&["object_id", "account_id", "content_id", "timestamp_share"])
            .unwrap();
        assert_eq!(found.of(Field::Object), Some(0));
        assert_eq!(found.of(Field::Account), Some(1));
        assert_eq!(found.of(Field::Content), Some(2));
        assert_eq!(found.of(Field::Time), Some(3));
        assert_eq!(found.of(Field::Text), None);
        let missing = columns.find(&["user", "words"]).unwrap_err();
        assert!(missing.contains("--columns time=HEADER"), "{missing}");
        let named: Columns = "time=Posted At,account=Who".parse().unwrap();
        assert_eq!(
            named.find(&["who", "posted_at"]).unwrap().of(Field::Time),
            Some(1)
        );
        assert!(
            named
                .find(&["user", "posted at"])
                .unwrap_err()
                .contains("'Who'")
        );
    }

    #[test]
    fn layers_come_from_what_there_is() {
        let text = |field| matches!(field, Field::Text);
        let all = sources(&[], &text).unwrap();
        let layers: Vec<Layer> = all.iter().map(|(layer, _)| *layer).collect();
        assert_eq!(layers, [Layer::Url, Layer::Hashtag, Layer::Text]);
        let object = |field| matches!(field, Field::Object);
        let one = sources(&[Layer::Url], &object).unwrap();
        assert_eq!(one, [(Layer::Url, Source::Whole(Field::Object))]);
        assert!(sources(&[Layer::Url, Layer::Hashtag], &object).is_err());
        assert!(sources(&[], &|_| false).is_err());
    }
}
