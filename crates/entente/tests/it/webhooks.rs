//! Webhooks, received by an endpoint in the test.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::changes::{call, id, indicator, place, publish, token, withdraw};
use crate::cli::Place;
use crate::cli::serving::Serving;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it waits for what must not come.
const QUIET: Duration = Duration::from_millis(700);

/// What an endpoint was sent.
#[derive(Debug)]
struct Message {
    headers: HashMap<String, String>,
    body: String,
}

impl Message {
    fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn object(&self) -> String {
        self.json()["data"]["object_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Whether it is signed with this secret, worked out here from RFC 2104.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(&key);
        let stamp = &self.headers["webhook-timestamp"];
        let signed = format!("{}.{stamp}.{}", self.id(), self.body);
        let inner = Sha256::digest([&block.map(|b| b ^ 0x36), signed.as_bytes()].concat());
        let outer = Sha256::digest([&block.map(|b| b ^ 0x5c)[..], &inner].concat());
        self.headers["webhook-signature"] == format!("v1,{}", BASE64.encode(outer))
    }
}

/// An endpoint on loopback that answers as it is told.
struct Endpoint {
    url: String,
    messages: Receiver<Message>,
    status: Arc<Mutex<u16>>,
}

impl Endpoint {
    fn new(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let status = Arc::new(Mutex::new(status));
        let (tell, messages) = channel();
        let answers = Arc::clone(&status);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (tell, answers) = (tell.clone(), Arc::clone(&answers));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while let Some(message) = receive(&mut reader) {
                        let status = *answers.lock().unwrap();
                        if tell.send(message).is_err() || answer(reader.get_mut(), status).is_err()
                        {
                            return;
                        }
                    }
                });
            }
        });
        Endpoint {
            url,
            messages,
            status,
        }
    }

    fn answers(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    #[track_caller]
    fn next(&self) -> Message {
        self.messages
            .recv_timeout(PATIENCE)
            .expect("a message comes")
    }

    #[track_caller]
    fn is_quiet(&self) {
        let came = self.messages.recv_timeout(QUIET);
        assert!(matches!(came, Err(RecvTimeoutError::Timeout)), "{came:?}");
    }
}

fn receive(reader: &mut BufReader<TcpStream>) -> Option<Message> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let headers: HashMap<String, String> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    Some(Message {
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

fn answer(stream: &mut TcpStream, status: u16) -> std::io::Result<()> {
    let elsewhere = "Location: http://127.0.0.1:9/\r\n";
    let more = if status == 302 { elsewhere } else { "" };
    write!(
        stream,
        "HTTP/1.1 {status} As told\r\n{more}Content-Length: 2\r\n\r\nok"
    )
}

/// A node whose webhooks may go to loopback, with short waits between tries.
fn serve(place: &Place) -> Serving {
    let flags = ["--allow-private-webhooks", "--webhook-retries", "0.05,0.1"];
    Serving::start_with(place, &flags)
}

/// Makes a webhook; its id and its secret.
fn hook(node: &Serving, token: &str, url: &str) -> (String, String) {
    let body = serde_json::json!({ "url": url }).to_string();
    let made = call(node, "POST", "/api/v1/webhooks", token, &body);
    assert_eq!(made.status, 201, "{}", made.body);
    let made: Value = serde_json::from_str(&made.body).unwrap();
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

fn look(node: &Serving, token: &str, id: &str) -> Value {
    let found = call(node, "GET", &format!("/api/v1/webhooks/{id}"), token, "");
    assert_eq!(found.status, 200, "{}", found.body);
    serde_json::from_str(&found.body).unwrap()
}

/// Waits until a webhook is in a state.
#[track_caller]
fn comes_to(node: &Serving, token: &str, id: &str, state: &str) -> Value {
    comes_to_say(node, token, id, "state", &state.into())
}

/// Waits until a member of a webhook has a value.
#[track_caller]
fn comes_to_say(node: &Serving, token: &str, id: &str, member: &str, value: &Value) -> Value {
    let mut now = look(node, token, id);
    for _ in 0..300 {
        if now[member] == *value {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
        now = look(node, token, id);
    }
    assert_eq!(now[member], *value, "{now}");
    now
}

#[test]
fn each_change_is_a_signed_message() {
    let place = place("amber");
    let (alpha, beta) = (
        token(&place, "alpha", "read,publish"),
        token(&place, "beta", "read"),
    );
    let node = serve(&place);
    publish(&node, &alpha, [1]);
    let (sees, sees_not) = (Endpoint::new(204), Endpoint::new(204));
    let (hook_id, secret) = hook(&node, &alpha, &sees.url);
    hook(&node, &beta, &sees_not.url);
    publish(&node, &alpha, [2, 3]);
    for number in [2, 3] {
        let message = sees.next();
        assert!(message.is_signed_with(&secret), "{message:?}");
        assert_eq!(
            message.object(),
            id(number),
            "what was there before is not told"
        );
        assert_eq!(message.json()["type"], "signal.added");
        assert_eq!(message.json()["timestamp"], message.json()["data"]["at"]);
        assert!(message.body.contains(&indicator(number)), "byte for byte");
        assert!(message.id().starts_with(&format!("msg_{hook_id}_")));
        assert_eq!(message.headers["content-type"], "application/json");
    }
    withdraw(&node, &alpha, 2);
    let gone = sees.next();
    assert_eq!(
        (gone.object(), &gone.json()["type"]),
        (id(2), &"signal.withdrawn".into())
    );
    assert!(gone.is_signed_with(&secret) && !gone.is_signed_with("whsec_AAAA"));
    let test = call(
        &node,
        "POST",
        &format!("/api/v1/webhooks/{hook_id}/test"),
        &alpha,
        "",
    );
    assert_eq!(test.body, r#"{"taken":true}"#);
    let test = sees.next();
    assert!(test.is_signed_with(&secret) && test.json()["type"] == "webhook.test");
    comes_to_say(&node, &alpha, &hook_id, "delivered", &3.into());
    sees_not.is_quiet();
}

#[test]
fn what_fails_is_tried_again_and_then_given_up_and_delays_nobody() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let node = serve(&place);
    let (bad, good) = (Endpoint::new(500), Endpoint::new(200));
    let (bad_id, _) = hook(&node, &alpha, &bad.url);
    hook(&node, &alpha, &good.url);
    publish(&node, &alpha, [1]);
    assert_eq!(good.next().object(), id(1));
    let tries: Vec<Message> = (0..3).map(|_| bad.next()).collect();
    assert!(
        tries.iter().all(|try_| try_.id() == tries[0].id()),
        "one message, one id"
    );
    bad.is_quiet();
    comes_to_say(&node, &alpha, &bad_id, "dead", &1.into());
    let path = format!("/api/v1/webhooks/{bad_id}/dead");
    let dead = call(&node, "GET", &path, &alpha, "");
    let dead: Value = serde_json::from_str(&dead.body).unwrap();
    let given_up = &dead["messages"][0];
    assert_eq!(
        (&given_up["message"], &given_up["tries"]),
        (&tries[0].id().into(), &3.into())
    );
    assert!(
        given_up["reason"].as_str().unwrap().contains("500"),
        "{given_up}"
    );
    // It comes again when its owner says so, and redirects are a failure like others.
    bad.answers(302);
    publish(&node, &alpha, [2]);
    (0..3).for_each(|_| assert_eq!(bad.next().object(), id(2)));
    bad.answers(200);
    let one = serde_json::json!({ "message": tries[0].id() }).to_string();
    let retry = format!("/api/v1/webhooks/{bad_id}/retry");
    assert_eq!(
        call(&node, "POST", &retry, &alpha, &one).body,
        r#"{"messages":1}"#
    );
    assert_eq!(bad.next().id(), tries[0].id());
    assert_eq!(call(&node, "POST", &retry, &alpha, &one).status, 404);
    assert_eq!(
        call(&node, "DELETE", &path, &alpha, "").body,
        r#"{"messages":1}"#
    );
    bad.is_quiet();
    assert_eq!(good.next().object(), id(2));
}

#[test]
fn an_endpoint_that_is_gone_is_left_alone_until_its_owner_says_so() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let node = serve(&place);
    let endpoint = Endpoint::new(410);
    let (hook_id, _) = hook(&node, &alpha, &endpoint.url);
    publish(&node, &alpha, [1]);
    endpoint.next();
    let disabled = comes_to(&node, &alpha, &hook_id, "disabled");
    assert!(
        disabled["reason"].as_str().unwrap().contains("410"),
        "{disabled}"
    );
    publish(&node, &alpha, [2]);
    endpoint.is_quiet();
    endpoint.answers(200);
    place.d(&format!("webhook retry {hook_id}")).ok();
    assert_eq!(
        [endpoint.next().object(), endpoint.next().object()],
        [id(1), id(2)]
    );
    place.d(&format!("webhook remove {hook_id}")).ok();
    publish(&node, &alpha, [3]);
    endpoint.is_quiet();
}

#[test]
fn who_may_not_see_any_more_is_not_told_any_more() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let brief = token(&place, "alpha", "read --account brief");
    let node = serve(&place);
    let (ends, is_limited) = (Endpoint::new(200), Endpoint::new(500));
    let (ends_id, _) = hook(&node, &brief, &ends.url);
    publish(&node, &alpha, [1]);
    assert_eq!(ends.next().object(), id(1));
    let token_id = brief.split('_').nth(1).unwrap();
    place.d(&format!("token revoke {token_id}")).ok();
    publish(&node, &alpha, [2]);
    ends.is_quiet();
    let stopped = comes_to(&node, &alpha, &ends_id, "stopped");
    assert!(
        stopped["reason"].as_str().unwrap().contains("token"),
        "{stopped}"
    );
    // Another token of the account stands in, and nothing was lost.
    place
        .d("token create --party alpha --scope read --account brief")
        .ok();
    assert_eq!(ends.next().object(), id(2));
    // What was seen when it was taken in is decided anew when it is sent.
    let reader = token(&place, "beta", "read");
    let (hook_id, _) = hook(&node, &reader, &is_limited.url);
    publish(&node, &alpha, [3]);
    assert_eq!(is_limited.next().object(), id(3));
    withdraw(&node, &alpha, 3);
    while is_limited.next().json()["type"] != "signal.withdrawn" {}
    place
        .d("party stance beta suspended --since 2022-01-01 --reason tests")
        .ok();
    let stopped = comes_to(&node, &alpha, &ends_id, "active");
    assert_eq!(stopped["party"], "alpha");
    let beta_sees = call(
        &node,
        "GET",
        &format!("/api/v1/webhooks/{hook_id}"),
        &reader,
        "",
    );
    assert!(beta_sees.body.contains("suspended"), "{}", beta_sees.body);
    let not_theirs = call(
        &node,
        "GET",
        &format!("/api/v1/webhooks/{hook_id}"),
        &alpha,
        "",
    );
    assert_eq!(not_theirs.status, 404);
}

#[test]
fn nothing_is_sent_where_only_the_node_can_reach() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let endpoint = Endpoint::new(200);
    let node = Serving::start(&place);
    for url in [
        endpoint.url.as_str(),
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f000001/",
        "https://user:word@198.51.100.1/",
        "ftp://hooks.example/",
        "hooks.example",
    ] {
        let body = serde_json::json!({ "url": url }).to_string();
        let answer = call(&node, "POST", "/api/v1/webhooks", &alpha, &body);
        assert_eq!(answer.status, 400, "{url}: {}", answer.body);
        assert!(answer.body.contains("url: "), "{url}: {}", answer.body);
    }
    assert_eq!(node.end(), Some(0));
    // What was taken by a node that may is refused by one that may not, when it is sent.
    let node = serve(&place);
    let (hook_id, _) = hook(&node, &alpha, &endpoint.url.replace("http://", "https://"));
    assert_eq!(node.end(), Some(0));
    let node = Serving::start_with(&place, &["--webhook-retries", "0.05"]);
    publish(&node, &alpha, [1]);
    comes_to_say(&node, &alpha, &hook_id, "dead", &1.into());
    let path = format!("/api/v1/webhooks/{hook_id}/dead");
    let dead = call(&node, "GET", &path, &alpha, "");
    assert!(
        dead.body.contains("not on the public Internet"),
        "{}",
        dead.body
    );
    endpoint.is_quiet();
}

#[test]
fn a_node_that_starts_again_goes_on_where_it_was() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let endpoint = Endpoint::new(200);
    let node = serve(&place);
    let (hook_id, secret) = hook(&node, &alpha, &endpoint.url);
    publish(&node, &alpha, [1]);
    let first = endpoint.next();
    comes_to_say(&node, &alpha, &hook_id, "delivered", &1.into());
    assert_eq!(node.end(), Some(0));
    // What happened while nobody delivered is told at the next start, and nothing twice.
    place.write("list.txt", b"evil.example\n");
    place.d("import list.txt --collection feed").ok();
    let node = serve(&place);
    let (identity, listed) = (endpoint.next(), endpoint.next());
    assert!(identity.object().starts_with("identity--") && listed.body.contains("evil.example"));
    comes_to_say(&node, &alpha, &hook_id, "delivered", &3.into());
    endpoint.is_quiet();
    assert_eq!(node.end(), Some(0));
    // Without its state it starts over: the same messages, so that receivers know them again.
    std::fs::remove_file(place.path("d/deliveries.redb")).unwrap();
    let node = serve(&place);
    let again: Vec<Message> = (0..3).map(|_| endpoint.next()).collect();
    assert_eq!(again[0].id(), first.id());
    assert!(again.iter().all(|message| message.is_signed_with(&secret)));
    assert_eq!(node.end(), Some(0));
    // Without its key nothing is signed wrongly: it says what to do.
    std::fs::remove_file(place.path("d/webhooks.key")).unwrap();
    let node = serve(&place);
    publish(&node, &alpha, [2]);
    let stopped = comes_to(&node, &alpha, &hook_id, "stopped");
    assert!(
        stopped["reason"].as_str().unwrap().contains("webhooks.key"),
        "{stopped}"
    );
    endpoint.is_quiet();
    assert_eq!(node.end(), Some(0));
}

#[test]
fn webhooks_are_kept_from_the_command_line() {
    let place = place("green");
    let endpoint = Endpoint::new(200);
    place.d("webhook list").ok().says("no webhooks yet");
    place
        .d("webhook create http://127.0.0.1/")
        .code(3)
        .says("https");
    place
        .d("webhook create https://127.0.0.1/")
        .code(3)
        .says("public Internet");
    let node = serve(&place);
    let made = place.d(&format!(
        "webhook create {} --no-objects --collection feed",
        endpoint.url
    ));
    let secret = made.ok().out.trim().to_owned();
    let listed = place.d("webhook list --json").ok().lines();
    let (hook_id, feed) = (listed[0]["id"].as_str().unwrap(), &listed[0]["collections"]);
    assert_eq!(
        (&listed[0]["party"], feed),
        (&"operator".into(), &serde_json::json!(["feed"]))
    );
    assert!(!listed[0].to_string().contains(&secret));
    place.d(&format!("webhook test {hook_id}")).ok();
    assert!(endpoint.next().is_signed_with(&secret));
    place.write("list.txt", b"evil.example\n");
    place.d("import list.txt --collection feed").ok();
    let bare = endpoint.next();
    assert!(bare.is_signed_with(&secret) && bare.json()["data"]["object"].is_null());
    endpoint.answers(500);
    place
        .d(&format!("webhook test {hook_id}"))
        .code(5)
        .says("500");
    place
        .d("webhook dead nothing")
        .code(5)
        .says("no such webhook");
    place.d(&format!("webhook dead {hook_id}")).ok();
    assert_eq!(node.end(), Some(0));
    place.d(&format!("webhook remove {hook_id}")).ok();
    assert!(place.d("webhook list --json").ok().lines().is_empty());
    assert!(
        !std::fs::read(place.path("d/deliveries.redb"))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_webhook_is_asked_for_by_who_may_read() {
    let place = place("green");
    let publisher = token(&place, "alpha", "publish");
    let node = serve(&place);
    let body = r#"{"url":"http://127.0.0.1:9/"}"#;
    let asks = |token: &str, body: &str| call(&node, "POST", "/api/v1/webhooks", token, body);
    assert_eq!(asks(&publisher, body).status, 403);
    let anonymous = crate::pages::ask(&node, "POST", "/api/v1/webhooks", &[], body);
    assert_eq!(anonymous.status, 401);
    let reader = token(&place, "alpha", "read");
    let unknown = r#"{"url":"http://127.0.0.1:9/","collections":["nothing"]}"#;
    assert_eq!(asks(&reader, unknown).status, 404);
    assert_eq!(
        asks(&reader, r#"{"url":"http://127.0.0.1:9/","secret":"x"}"#).status,
        400
    );
    assert_eq!(
        asks(&reader, r#"{"url":"http://127.0.0.1:9/","since":"x"}"#).status,
        400
    );
    for _ in 0..20 {
        assert_eq!(asks(&reader, body).status, 201);
    }
    assert_eq!(asks(&reader, body).status, 409);
}
