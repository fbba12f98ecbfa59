//! A TAXII 2.1 server in a few lines that does everything right, but for one fault.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

pub(super) const USER: &str = "reader";
pub(super) const PASSWORD: &str = "correct-horse";
const TAXII: &str = "application/taxii+json;version=2.1";
const COLLECTION: &str = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";

/// What one server does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Nothing,
    NextIgnored,
    NextForgotten,
    NextIsANumber,
    MoreWithoutNext,
    AddedAfterWins,
    ObjectsRepeat,
    PagesWithoutEnd,
    LimitIgnored,
    DatesShared,
    NoDates,
    MillisecondDates,
    WrongMediaType,
    HtmlErrors,
    CapitalsMatter,
    NoChallenge,
    AnyIsNotAcceptable,
    AnyLimitTaken,
    EmptyLists,
    RootElsewhere(String),
    RelativeRoot,
    NoSizeLimit,
    TypeIgnored,
    RedirectTo(String),
    RedirectsInARound,
    SlowLists,
    HugeLists,
    Echo,
    NotTaxii,
}

/// Each request's line and its `Authorization`.
type Seen = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// Runs until the process ends.
pub(super) struct Server {
    pub(super) url: String,
    pub(super) seen: Seen,
}

struct Request {
    method: String,
    path: String,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
}

struct Reply {
    status: u16,
    media_type: &'static str,
    headers: Vec<(String, String)>,
    body: String,
}

impl Server {
    pub(super) fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (base, log) = (url.clone(), Arc::clone(&seen));
        let used = Arc::new(Mutex::new(Vec::new()));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (fault, base) = (fault.clone(), base.clone());
                let (log, used) = (Arc::clone(&log), Arc::clone(&used));
                std::thread::spawn(move || {
                    if let Some(request) = read(&stream) {
                        let line = format!("{} {}", request.method, request.path);
                        let signature = request.headers.get("authorization").cloned();
                        log.lock().unwrap().push((line, signature));
                        serve(&fault, &base, &used, &request, stream);
                    }
                });
            }
        });
        Server { url, seen }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok());
    reader
        .take(length.unwrap_or(0))
        .read_to_end(&mut Vec::new())
        .ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    Some(Request {
        method,
        path: path.to_owned(),
        query,
        headers,
    })
}

fn serve(fault: &Fault, base: &str, used: &Mutex<Vec<String>>, asked: &Request, mut to: TcpStream) {
    let list = asked.path.ends_with("/objects/");
    if *fault == Fault::SlowLists && list {
        std::thread::sleep(Duration::from_secs(20));
    }
    let reply = reply(fault, base, used, asked);
    let mut head = format!("HTTP/1.1 {} -\r\nConnection: close\r\n", reply.status);
    head = format!("{head}Content-Type: {}\r\n", reply.media_type);
    for (name, value) in &reply.headers {
        head = format!("{head}{name}: {value}\r\n");
    }
    // The client may have gone.
    if *fault == Fault::HugeLists && list {
        drop(to.write_all(format!("{head}\r\n").as_bytes()));
        let blanks = vec![b' '; 65536];
        while to.write_all(&blanks).is_ok() {}
        return;
    }
    head = format!("{head}Content-Length: {}\r\n\r\n", reply.body.len());
    drop(to.write_all(head.as_bytes()));
    drop(to.write_all(reply.body.as_bytes()));
}

impl Reply {
    fn ok(body: &Value) -> Self {
        Reply {
            status: 200,
            media_type: TAXII,
            headers: Vec::new(),
            body: body.to_string(),
        }
    }

    fn error(status: u16) -> Self {
        let body = json!({"title": "no", "description": "no", "http_status": status.to_string()});
        Reply {
            status,
            ..Self::ok(&body)
        }
    }
}

fn reply(fault: &Fault, base: &str, used: &Mutex<Vec<String>>, asked: &Request) -> Reply {
    let mut reply = right_or(fault, base, used, asked);
    if *fault == Fault::HtmlErrors && reply.status >= 400 {
        reply.media_type = "text/html";
        reply.body = "<html><h1>Error</h1></html>".into();
    }
    if *fault == Fault::WrongMediaType && asked.path.ends_with("/objects/") {
        reply.media_type = "application/json";
    }
    if *fault == Fault::Echo && reply.status >= 400 {
        reply.media_type = "text/plain";
        reply.body = format!(
            "no: {:?}, that is {PASSWORD}",
            asked.headers.get("authorization")
        );
    }
    reply
}

fn right_or(fault: &Fault, base: &str, used: &Mutex<Vec<String>>, asked: &Request) -> Reply {
    if *fault == Fault::NotTaxii {
        let (media_type, body) = ("text/html", "<html>It works!</html>".to_owned());
        return Reply {
            media_type,
            body,
            ..Reply::ok(&Value::Null)
        };
    }
    let signature = format!("Basic {}", BASE64.encode(format!("{USER}:{PASSWORD}")));
    let sent = asked.headers.get("authorization").map(|sent| {
        if *fault == Fault::CapitalsMatter {
            return sent.clone();
        }
        sent.replacen("basic ", "Basic ", 1)
    });
    if sent.as_ref() != Some(&signature) {
        let mut reply = Reply::error(401);
        if *fault != Fault::NoChallenge {
            let challenge = ("WWW-Authenticate".into(), "Basic realm=\"t\"".into());
            reply.headers.push(challenge);
        }
        return reply;
    }
    let accept = asked
        .headers
        .get("accept")
        .map(|accept| accept.replace(' ', ""));
    let other = accept.as_deref() == Some("application/taxii+json;version=2.0");
    let any = accept.is_none_or(|accept| !accept.contains("version=2.1"));
    if other || (*fault == Fault::AnyIsNotAcceptable && any) {
        return Reply::error(406);
    }
    if asked.method != "GET" {
        let mut reply = Reply::error(405);
        reply.headers.push(("Allow".into(), "GET".into()));
        return reply;
    }
    let path = format!("{}/", asked.path.trim_end_matches('/'));
    let collection = format!("/root/collections/{COLLECTION}/");
    let resource = json!({"id": COLLECTION, "title": "c", "can_read": true, "can_write": false});
    match path.as_str() {
        "/taxii2/" => {
            let root = match fault {
                Fault::RootElsewhere(there) => format!("{there}/root/"),
                Fault::RelativeRoot => "/root/".into(),
                _ => format!("{base}/root/"),
            };
            Reply::ok(&json!({"title": "t", "default": root, "api_roots": [root]}))
        }
        "/root/" => {
            let mut told = json!({"title": "t", "versions": [TAXII], "max_content_length": 1000});
            if *fault == Fault::NoSizeLimit {
                told.as_object_mut().unwrap().remove("max_content_length");
            }
            Reply::ok(&told)
        }
        "/root/collections/" => redirected(fault, asked)
            .unwrap_or_else(|| Reply::ok(&json!({ "collections": [resource] }))),
        path if path == collection => Reply::ok(&resource),
        path => match path.strip_prefix(&collection) {
            Some(rest) => contents(fault, used, rest, &asked.query),
            None => Reply::error(404),
        },
    }
}

fn redirected(fault: &Fault, asked: &Request) -> Option<Reply> {
    let to = match fault {
        Fault::RedirectTo(there) => format!("{there}{}", asked.path),
        Fault::RedirectsInARound => asked.path.clone(),
        _ => return None,
    };
    let mut reply = Reply::error(302);
    reply.headers.push(("Location".into(), to));
    Some(reply)
}

/// The date added of the object at this place.
fn added(fault: &Fault, at: usize) -> String {
    match fault {
        Fault::DatesShared => format!("2026-01-02T03:04:05.0000{:02}Z", at / 4),
        Fault::MillisecondDates => format!("2026-01-02T03:04:05.{at:03}Z"),
        _ => format!("2026-01-02T03:04:05.{at:06}Z"),
    }
}

fn object(at: usize) -> Value {
    json!({
        "type": "indicator", "spec_version": "2.1",
        "id": format!("indicator--00000000-0000-4000-8000-{at:012}"),
        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        "name": "n", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z",
        "pattern": match at % 4 {
            0 => "[ipv4-addr:value = '198.51.100.1' OR ipv4-addr:value = '198.51.100.2']",
            _ => "[domain-name:value = 'evil.example']",
        },
    })
}

/// Microseconds, for comparing; none when it is no timestamp.
fn date(text: &str) -> Option<String> {
    let bare = text.strip_suffix('Z')?;
    let (whole, digits) = bare.split_once('.').unwrap_or((bare, ""));
    let known = whole.len() == 19 && !whole.contains("-02-30");
    known.then(|| format!("{whole}.{digits:0<6}"))
}

fn contents(
    fault: &Fault,
    used: &Mutex<Vec<String>>,
    rest: &str,
    query: &HashMap<String, String>,
) -> Reply {
    let one = rest.strip_prefix("objects/").filter(|one| !one.is_empty());
    if let Some(one) = one {
        let (id, versions) = match one.strip_suffix("versions/") {
            Some(id) => (id, true),
            None => (one, false),
        };
        let found = (0..12)
            .map(object)
            .find(|o| o["id"] == id.trim_end_matches('/'));
        return match found {
            Some(found) if versions => Reply::ok(&json!({"versions": [found["modified"]]})),
            Some(found) => Reply::ok(&json!({ "objects": [found] })),
            None => Reply::error(404),
        };
    }
    let get = |name: &str| query.get(name).map(String::as_str);
    let limit = match get("limit").map(str::parse::<usize>) {
        Some(Ok(0) | Err(_)) if *fault != Fault::AnyLimitTaken => return Reply::error(400),
        Some(Ok(limit)) => limit,
        _ => 1000,
    };
    let limit = if *fault == Fault::LimitIgnored {
        1000
    } else {
        limit
    };
    let after = match get("added_after").map(date) {
        Some(None) => return Reply::error(400),
        Some(after) => after,
        None => None,
    };
    if get("match[version]") == Some("all,last") {
        return Reply::error(400);
    }
    let next = match get("next") {
        Some(next) => match next.parse::<usize>() {
            Ok(next) => Some(next),
            Err(_) => return Reply::error(400),
        },
        None => None,
    };
    if *fault == Fault::NextForgotten && next.is_some() {
        let mut used = used.lock().unwrap();
        let token = format!("{rest} {limit} {next:?}");
        if used.contains(&token) {
            return Reply::error(404);
        }
        used.push(token);
    }
    page(fault, rest == "manifest/", query, limit, next, after)
}

fn page(
    fault: &Fault,
    manifest: bool,
    query: &HashMap<String, String>,
    limit: usize,
    next: Option<usize>,
    after: Option<String>,
) -> Reply {
    let get = |name: &str| query.get(name).map(String::as_str);
    let begin = match next {
        Some(_) if *fault == Fault::NextIgnored => 0,
        Some(next) if *fault == Fault::ObjectsRepeat => next.saturating_sub(1),
        Some(_) if *fault == Fault::AddedAfterWins && after.is_some() => 0,
        Some(next) => next,
        None => 0,
    };
    // `next` wins over a date.
    let after = after.filter(|_| next.is_none() || *fault == Fault::AddedAfterWins);
    let filtered = query.keys().any(|name| name.starts_with("match"));
    let number = if *fault == Fault::PagesWithoutEnd && !filtered {
        usize::MAX
    } else {
        12
    };
    let listed: Vec<usize> = (begin..number)
        .filter(|at| {
            after
                .as_ref()
                .is_none_or(|after| date(&added(fault, *at)).unwrap() > *after)
        })
        .filter(|at| get("match[id]").is_none_or(|id| object(*at)["id"] == id))
        .filter(|_| {
            *fault == Fault::TypeIgnored
                || get("match[type]").is_none_or(|kind| kind == "indicator")
        })
        .take(if after.as_deref().is_some_and(|a| a > "2098") {
            0
        } else {
            limit.saturating_add(1)
        })
        .collect();
    let more = listed.len() > limit;
    let shown = &listed[..limit.min(listed.len())];
    let items: Vec<Value> = shown
        .iter()
        .map(|at| {
            if !manifest {
                return object(*at);
            }
            json!({
                "id": object(*at)["id"], "date_added": added(fault, *at),
                "version": object(*at)["modified"],
                "media_type": "application/stix+json;version=2.1",
            })
        })
        .collect();
    let mut body = json!({ "more": more });
    let members = body.as_object_mut().unwrap();
    if !items.is_empty() || *fault == Fault::EmptyLists {
        members.insert("objects".into(), items.into());
    }
    if let (true, Some(last)) = (more && *fault != Fault::MoreWithoutNext, shown.last()) {
        let next = last + 1;
        let next = match fault {
            Fault::NextIsANumber => json!(next),
            _ => json!(next.to_string()),
        };
        members.insert("next".into(), next);
    }
    dated(Reply::ok(&body), fault, shown)
}

/// With the date headers of the objects at these places.
fn dated(mut reply: Reply, fault: &Fault, shown: &[usize]) -> Reply {
    if let (Some(first), Some(last), true) = (shown.first(), shown.last(), *fault != Fault::NoDates)
    {
        for (end, at) in [("First", first), ("Last", last)] {
            let value = added(fault, *at);
            reply
                .headers
                .push((format!("X-TAXII-Date-Added-{end}"), value));
        }
    }
    reply
}
