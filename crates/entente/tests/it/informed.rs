//! The inbox, news in Atom, calendars and mail, without a mail server.

use serde_json::{Value, json};

use crate::pages::{FORM, ask};
use crate::requests::Setting;

#[test]
fn an_inbox_follows_the_case_and_its_command_says_whether_something_is_late() {
    let setting = Setting::new();
    let case = setting.send("amber");
    let inbox = setting.get(&setting.beta, "/api/v1/inbox");
    assert_eq!(inbox["items"][0]["kind"], "acknowledge");
    assert_eq!(inbox["items"][0]["id"], case);
    assert_eq!((&inbox["total"], &inbox["overdue"]), (&json!(1), &json!(0)));
    assert_eq!(setting.get(&setting.gamma, "/api/v1/inbox")["total"], 0);
    let anonymous = setting.ask("", "GET", "/api/v1/inbox", &Value::Null);
    assert_eq!(anonymous.status, 401);
    setting.step(&setting.beta, &case, "ask", "Which page?");
    let inbox = setting.get(&setting.alpha, "/api/v1/inbox");
    assert_eq!(inbox["items"][0]["kind"], "question");
    let args = [
        "inbox",
        "--server",
        &setting.node.url,
        "--token",
        &setting.alpha,
    ];
    let ended = setting
        .place
        .run(&[&args[..], &["--fail-on-overdue"]].concat());
    assert!(ended.ok().out.contains("Answer a question"));
    let lines = setting.place.run(&[&args[..], &["--json"]].concat()).ok();
    assert_eq!(lines.lines()[0]["id"], case);
    // Pages follow each other, and nothing is told twice.
    for _ in 0..3 {
        setting.send("amber");
    }
    let (mut path, mut seen) = ("/api/v1/inbox?limit=2".to_owned(), Vec::new());
    loop {
        let page = setting.get(&setting.beta, &path);
        let ids = page["items"].as_array().unwrap().iter();
        seen.extend(ids.map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/inbox?limit=2&after={next}");
    }
    let told = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((told, seen.len()), (3, 3));
}

#[test]
fn the_inbox_page_counts_and_asks_strangers_to_sign_in() {
    let setting = Setting::new();
    setting.send("amber");
    let stranger = ask(&setting.node, "GET", "/inbox", &[], "");
    assert_eq!(stranger.status, 303);
    assert_eq!(stranger.headers["location"], "/sign-in?next=/inbox");
    let cookie = setting.sign_in(&setting.beta);
    let page = ask(&setting.node, "GET", "/inbox", &[("Cookie", &cookie)], "").body;
    assert!(page.contains("Acknowledge and answer"), "{page}");
    assert!(page.contains("<span class=\"count\">1</span>"), "{page}");
}

#[test]
fn news_tell_facts_of_what_is_amber_and_nothing_of_its_words() {
    let setting = Setting::new();
    let case = setting.send("amber");
    let feed = ask(&setting.node, "GET", "/news/requests.atom", &[], "").body;
    assert!(feed.contains(&format!("/requests/{case}")), "{feed}");
    assert!(!feed.contains("page 7"), "{feed}");
    let token = format!("Bearer {}", setting.beta);
    let own = [("Authorization", token.as_str())];
    let feed = ask(&setting.node, "GET", "/news/requests.atom", &own, "").body;
    assert!(feed.contains("page 7"), "{feed}");
    let preview = "/api/v1/mail/preview?topic=requests";
    let said = setting.get("", preview)["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        said.contains("REQUESTS") && !said.contains("page 7"),
        "{said}"
    );
    // Mail is not encrypted from end to end, also for who sees it here.
    let said = setting.get(&setting.beta, "/api/v1/mail/preview?topic=inbox");
    let text = said["text"].as_str().unwrap();
    assert!(
        text.contains("Acknowledge and answer") && !text.contains("page 7"),
        "{text}"
    );
    let stranger = setting.ask("", "GET", "/api/v1/mail/preview?topic=inbox", &Value::Null);
    assert_eq!(stranger.status, 401);
}

#[test]
fn a_node_without_a_mail_server_says_so() {
    let setting = Setting::new();
    let wish = json!({"address": "a@example.org", "topics": ["register"]});
    let answer = setting.ask("", "POST", "/api/v1/subscriptions", &wish);
    assert_eq!(answer.status, 409, "{}", answer.body);
    let page = ask(&setting.node, "GET", "/subscribe", &[], "").body;
    assert!(page.contains("sends no mail") && page.contains("/news.atom"));
    let form = "address=a%40example.org&topic=register&every=day&hour=7&zone=UTC";
    let posted = ask(&setting.node, "POST", "/subscribe", &[FORM], form);
    assert_eq!(posted.status, 409);
    for path in [
        "/api/v1/subscriptions",
        "/api/v1/mail/test",
        "/api/v1/mail/due",
    ] {
        let method = if path.ends_with("subscriptions") {
            "GET"
        } else {
            "POST"
        };
        let body = match path {
            "/api/v1/mail/test" => json!({"to": "a@example.org"}),
            "/api/v1/mail/due" => json!({}),
            _ => Value::Null,
        };
        assert_eq!(
            setting.ask(&setting.alpha, method, path, &body).status,
            403,
            "{path}"
        );
    }
}

#[test]
fn a_calendar_is_read_by_who_has_its_address_until_it_is_revoked() {
    let setting = Setting::new();
    let case = setting.send("amber");
    let made = setting.ask(&setting.beta, "POST", "/api/v1/calendars", &Value::Null);
    assert_eq!(made.status, 201, "{}", made.body);
    let made: Value = serde_json::from_str(&made.body).unwrap();
    let url = made["url"].as_str().unwrap();
    let path = &url[setting.node.url.len()..];
    let read = || ask(&setting.node, "GET", path, &[], "");
    let calendar = read();
    assert_eq!(
        calendar.headers["content-type"],
        "text/calendar; charset=utf-8"
    );
    assert!(
        calendar
            .body
            .contains(&format!("UID:request-{case}-answer@"))
    );
    assert!(!calendar.body.contains("page 7"), "{}", calendar.body);
    let id = made["id"].as_str().unwrap();
    let revoke = format!("/api/v1/calendars/{id}");
    let other = setting.ask(&setting.alpha, "DELETE", &revoke, &Value::Null);
    assert_eq!(other.status, 404);
    assert_eq!(
        setting
            .ask(&setting.beta, "DELETE", &revoke, &Value::Null)
            .status,
        204
    );
    assert_eq!(read().status, 404);
}
