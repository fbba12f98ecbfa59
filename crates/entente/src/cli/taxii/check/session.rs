//! What is known of a server once it was found: its API root and the collection to look into.

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::super::output::plain;
use super::super::super::{Exit, Failure};
use super::address::Address;
use super::link::{Answer, Ask, Link, Trouble};
use super::report::{Judged, Report, Rule, Wrong, held};

/// A server, its API root and a collection.
pub(super) struct Session<'l> {
    pub(super) link: &'l Link,
    /// What discovery said, when it was reached.
    pub(super) discovery: Option<Value>,
    /// The path of discovery.
    pub(super) discovery_path: String,
    /// The path of the API root, with its slash.
    pub(super) root: String,
    /// The collections resource's list.
    pub(super) collections: Vec<Value>,
    /// The one to look into.
    pub(super) collection: Option<Collection>,
}

/// A collection.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) can_read: bool,
    pub(super) can_write: bool,
    /// Its path, with its slash.
    pub(super) path: String,
}

const FOUND: Rule = Rule {
    id: "found",
    section: "TAXII 2.1 §4.1, §4.2",
    says: "the URL leads to discovery or to an API root",
};

const COLLECTION: Rule = Rule {
    id: "collection-chosen",
    section: "TAXII 2.1 §5.1",
    says: "there is a collection to read",
};

/// Collections whose first page is asked for, to find one with objects.
const MOST_COLLECTIONS: usize = 20;

/// Where the first answer led.
enum Place {
    Discovery(Value),
    Root,
}

impl<'l> Session<'l> {
    /// Finds API root and collection. None when the server is none of TAXII 2.1, which is told.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the credentials.
    pub(super) fn open(
        link: &'l Link,
        address: &Address,
        wanted: Option<&str>,
        report: &mut Report,
    ) -> anyhow::Result<Option<Self>> {
        let given = slashed(&address.path);
        let bare = given == "/";
        let path = if bare { "/taxii2/".to_owned() } else { given };
        let ask = Ask::get(&path);
        let answer = first_contact(link, address, &ask)?;
        let place = place(&answer);
        let came = answer.shown_with_body();
        let what = match &place {
            Some(Place::Discovery(_)) => held("discovery"),
            Some(Place::Root) => held("an API root"),
            None => Err(Wrong::failed(
                came,
                "a client finds nothing to ask",
                "give the URL of discovery (…/taxii2/) or of an API root; behind a proxy, let it \
                 pass paths, Accept and Authorization on unchanged",
            )),
        };
        report.check(&FOUND, &ask.shown(), || what)?;
        let (discovery, discovery_path, root) = match place {
            None => return Ok(None),
            Some(Place::Root) => {
                let told = link.ask(&Ask::get("/taxii2/")).ok();
                let told = told.as_ref().and_then(Answer::json);
                let told = told.filter(|told| told.get("api_roots").is_some());
                (told, "/taxii2/".to_owned(), path)
            }
            Some(Place::Discovery(told)) => {
                let Some(root) = chosen_root(link, &told) else {
                    return Ok(Some(Session::without_root(link, told, path)));
                };
                (Some(told), path, root)
            }
        };
        let mut session = Session {
            link,
            discovery,
            discovery_path,
            root,
            collections: Vec::new(),
            collection: None,
        };
        session.choose(wanted, report)?;
        Ok(Some(session))
    }

    fn without_root(link: &'l Link, told: Value, discovery_path: String) -> Self {
        Session {
            link,
            discovery: Some(told),
            discovery_path,
            root: String::new(),
            collections: Vec::new(),
            collection: None,
        }
    }

    /// Reads the list of collections and settles on one.
    fn choose(&mut self, wanted: Option<&str>, report: &mut Report) -> anyhow::Result<()> {
        let ask = Ask::get(&format!("{}collections/", self.root));
        let answer = match self.link.ask(&ask) {
            Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                return Err(refused(self.link, &answer).into());
            }
            answer => answer,
        };
        let told = answer.as_ref().ok().and_then(Answer::json);
        let listed = told.as_ref().and_then(|told| told.get("collections"));
        self.collections = listed
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let found: Vec<Collection> = self
            .collections
            .iter()
            .filter_map(|told| Collection::of(told, &self.root, &[]))
            .collect();
        let chosen = match wanted {
            Some(name) => {
                let named = self
                    .collections
                    .iter()
                    .find_map(|told| Collection::of(told, &self.root, &[name]));
                // Another server may not list what it serves.
                named.or_else(|| self.unlisted(name))
            }
            None => self.first_with_objects(&found),
        };
        let count = found.len();
        let judged = judge_choice(wanted, chosen.as_ref(), count, answer);
        self.collection = chosen;
        report.check(&COLLECTION, &ask.shown(), || judged)?;
        Ok(())
    }

    fn unlisted(&self, name: &str) -> Option<Collection> {
        let name = super::super::super::client::encoded(name);
        let answer = self
            .link
            .ask(&Ask::get(&format!("{}collections/{name}/", self.root)));
        Collection::of(&answer.ok()?.json()?, &self.root, &[])
    }

    fn first_with_objects(&self, found: &[Collection]) -> Option<Collection> {
        let readable: Vec<&Collection> = found.iter().filter(|c| c.can_read).collect();
        let full = readable.iter().take(MOST_COLLECTIONS).find(|collection| {
            let path = format!("{}objects/", collection.path);
            let answer = self.link.ask(&Ask::get(&path).query(&[("limit", "1")]));
            let told = answer.ok().and_then(|answer| answer.json());
            let objects = told.as_ref().and_then(|told| told.get("objects"));
            objects
                .and_then(Value::as_array)
                .is_some_and(|objects| !objects.is_empty())
        });
        full.or(readable.first())
            .map(|collection| (*collection).clone())
            .or_else(|| found.first().cloned())
    }

    /// The collection, for checks of its objects.
    pub(super) fn readable(&self) -> Result<&Collection, Wrong> {
        let collection = self.collection.as_ref();
        collection
            .filter(|collection| collection.can_read)
            .ok_or_else(|| Wrong::skipped("there is no collection to read"))
    }
}

impl Collection {
    /// Out of a collection resource; with names, only when it has one of them.
    fn of(told: &Value, root: &str, names: &[&str]) -> Option<Self> {
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let id = text("id")?;
        let own = [Some(id), text("alias"), text("title")];
        if !names.is_empty() && !names.iter().any(|name| own.contains(&Some(name))) {
            return None;
        }
        let flag = |name: &str| told.get(name).and_then(Value::as_bool).unwrap_or_default();
        Some(Collection {
            id: id.to_owned(),
            title: text("title").unwrap_or_default().to_owned(),
            can_read: flag("can_read"),
            can_write: flag("can_write"),
            path: format!(
                "{root}collections/{}/",
                super::super::super::client::encoded(id)
            ),
        })
    }

    pub(super) fn objects(&self) -> String {
        format!("{}objects/", self.path)
    }

    pub(super) fn manifest(&self) -> String {
        format!("{}manifest/", self.path)
    }

    pub(super) fn object(&self, id: &str) -> String {
        let id = super::super::super::client::encoded(id);
        format!("{}objects/{id}/", self.path)
    }

    pub(super) fn versions(&self, id: &str) -> String {
        format!("{}versions/", self.object(id))
    }
}

fn judge_choice(
    wanted: Option<&str>,
    chosen: Option<&Collection>,
    count: usize,
    answer: Result<Answer, Trouble>,
) -> Judged {
    let answer = answer?;
    match (chosen, wanted) {
        (Some(chosen), _) if chosen.can_read => held(format!(
            "{} ('{}'), of {count}",
            plain(&chosen.id),
            plain(&chosen.title)
        )),
        (Some(chosen), _) => Err(Wrong::failed(
            format!("{} says can_read: false", plain(&chosen.id)),
            "these credentials read nothing there",
            "give the account the right to read, or name another with --collection",
        )),
        (None, Some(name)) => Err(Wrong::failed(
            format!("no collection '{}' among {count}", plain(name)),
            "a client that was given this name finds nothing",
            "use an id from the list of collections",
        )),
        (None, None) => Err(Wrong::failed(
            answer.shown_with_body(),
            "a client finds no collection to read",
            "make a collection that this account may read",
        )),
    }
}

/// Asks for the first time: here an error ends everything.
fn first_contact(link: &Link, address: &Address, ask: &Ask) -> anyhow::Result<Answer> {
    let answer = match link.ask(ask) {
        Ok(answer) => answer,
        Err(trouble) => {
            let words = format!("{address}: {trouble}");
            return Err(Failure::new(Exit::Remote, words).into());
        }
    };
    if matches!(
        answer.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return Err(refused(link, &answer).into());
    }
    Ok(answer)
}

fn refused(link: &Link, answer: &Answer) -> Failure {
    let what = if link.is_signed() {
        "the credentials are refused"
    } else {
        "it wants credentials: give --user and --password, or --token"
    };
    let mut words = format!("{}: {what} ({})", link.origin(), answer.shown());
    if answer.status == StatusCode::UNAUTHORIZED && answer.header("www-authenticate").is_none() {
        words.push_str("; it does not say how to sign in (no WWW-Authenticate, RFC 9110 §11.6.1)");
    }
    Failure::new(Exit::Authentication, words)
}

fn place(answer: &Answer) -> Option<Place> {
    let told = answer.json().filter(|_| answer.status == StatusCode::OK)?;
    if told.get("versions").is_some() {
        return Some(Place::Root);
    }
    let discovery = told.get("api_roots").is_some() || told.get("default").is_some();
    // Discovery may leave everything but its title out (§4.1.1).
    let bare = told.get("title").is_some() && answer.is_taxii();
    (discovery || bare).then_some(Place::Discovery(told))
}

/// The path of the default API root, or of the first. At another origin its path is tried here: what
/// is there would get the password.
fn chosen_root(link: &Link, told: &Value) -> Option<String> {
    let roots = told.get("api_roots").and_then(Value::as_array);
    let first = roots.and_then(|roots| roots.first());
    let root = told.get("default").or(first).and_then(Value::as_str)?;
    let address = link.origin().join(root)?;
    Some(slashed(&address.path))
}

fn slashed(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}
