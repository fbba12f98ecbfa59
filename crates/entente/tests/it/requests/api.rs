//! `/api/v1/requests` and `/api/v1/contests`.

use serde_json::{Value, json};

use super::{Setting, steps, takedown};

#[expect(clippy::too_many_lines, reason = "a story, told in one go")]
#[test]
fn a_contest_wins_over_the_api() {
    let it = Setting::new();
    let id = it.send("amber");
    it.step(&it.beta, &id, "accept", "");
    it.step(&it.beta, &id, "done", "The page is gone.");
    let linked = it.step(&it.beta, &id, "link", "");
    let token = linked["contest"]["token"].as_str().unwrap();
    let url = linked["contest"]["url"].as_str().unwrap();
    assert!(url.starts_with(&it.node.url), "{url}");
    let path = format!("/api/v1/contests/{token}");
    let shown = it.ask("", "GET", &path, &Value::Null);
    for (header, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(shown.headers[header], value);
    }
    let shown: Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown["contestable"], true);
    assert_eq!(shown["request"]["title"], "Incitement on page 7");
    assert!(!shown.to_string().contains("person@alpha.example"));
    assert_eq!(
        it.ask("", "POST", &path, &json!({"words": " "})).status,
        400
    );
    let contact = json!({"name": "Who", "email": "who@example.org"});
    let contest = json!({"words": "It was a quotation.", "contact": contact});
    assert_eq!(it.ask("", "POST", &path, &contest).status, 201);
    assert_eq!(
        it.ask("", "POST", &path, &contest).status,
        409,
        "it is contested already"
    );
    let same = it.ask(
        &it.beta,
        "POST",
        &steps(&id),
        &json!({"step": "reverse", "words": "x"}),
    );
    assert_eq!(same.status, 403, "{}", same.body);
    assert!(same.body.contains("another account"), "{}", same.body);
    it.step(&it.second, &id, "reverse", "A quotation is none.");
    it.step(&it.beta, &id, "restore", "The page is back.");
    let case = it.get(&it.alpha, &format!("/api/v1/requests/{id}"));
    assert_eq!(
        (&case["state"], &case["outcome"]),
        (&"closed".into(), &"reversed".into())
    );
    let taken: Vec<&Value> = case["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["step"])
        .collect();
    assert_eq!(
        taken,
        ["accept", "done", "link", "contest", "reverse", "restore"]
    );
    assert_eq!(case["steps"][3]["contact"]["email"], "who@example.org");
    // Others are told the facts, and who contests is told to the two sides alone.
    for token in [it.gamma.as_str(), ""] {
        let facts = it.get(token, &format!("/api/v1/requests/{id}"));
        assert_eq!(facts["sight"], "facts");
        let text = facts.to_string();
        for secret in [
            "quotation",
            "example.org",
            "person",
            "Incitement",
            "\"account\"",
        ] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    // Every step has a receipt, the same that anybody can have.
    for step in case["steps"].as_array().unwrap() {
        let receipt = it.ask("", "GET", step["receipt"].as_str().unwrap(), &Value::Null);
        assert_eq!(receipt.status, 200, "{step}");
    }
}

#[test]
fn what_is_sent_twice_under_a_key_is_done_once() {
    let it = Setting::new();
    let send = |key: &str, body: &Value| {
        it.ask_with(
            &it.alpha,
            "POST",
            "/api/v1/requests",
            &[("Idempotency-Key", key)],
            body,
        )
    };
    let body = takedown("clear");
    let key = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
    let [one, two] = [send(key, &body), send(key, &body)];
    assert_eq!((one.status, two.status), (201, 201));
    let id = |text: &str| serde_json::from_str::<Value>(text).unwrap()["id"].clone();
    assert_eq!(id(&one.body), id(&two.body));
    assert_eq!(send(key, &takedown("green")).status, 409, "another request");
    for wrong in ["", "\"\"", "\"a", "a b"] {
        assert_eq!(send(wrong, &body).status, 400, "{wrong:?}");
    }
    let id = id(&one.body);
    let id = id.as_str().unwrap();
    it.step(&it.beta, id, "accept", "");
    it.step(&it.beta, id, "done", "Gone.");
    let link = json!({"step": "link"});
    let make = || {
        let answer = it.ask_with(
            &it.beta,
            "POST",
            &steps(id),
            &[("Idempotency-Key", "\"k1\"")],
            &link,
        );
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let [first, again] = [make(), make()];
    assert_eq!(first["position"], again["position"]);
    assert!(
        first["contest"].is_object() && again["contest"].is_null(),
        "{again}"
    );
}

#[test]
fn two_people_do_not_answer_at_once() {
    let it = Setting::new();
    let id = it.send("amber");
    let path = format!("/api/v1/requests/{id}");
    let tag = it.ask(&it.beta, "GET", &path, &Value::Null).headers["etag"].clone();
    it.step(&it.second, &id, "note", "I look at it.");
    let accept = json!({"step": "accept"});
    let with =
        |tag: &str| it.ask_with(&it.beta, "POST", &steps(&id), &[("If-Match", tag)], &accept);
    let stale = with(&tag);
    assert_eq!(stale.status, 412, "{}", stale.body);
    assert!(stale.body.contains("look again"), "{}", stale.body);
    assert_eq!(with("\"x\"").status, 412);
    let after = json!({"step": "accept", "after": 1});
    assert_eq!(it.ask(&it.beta, "POST", &steps(&id), &after).status, 409);
    let tag = it.ask(&it.beta, "GET", &path, &Value::Null).headers["etag"].clone();
    assert_eq!(with(&tag).status, 201);
    let again = it.ask(&it.beta, "POST", &steps(&id), &accept);
    assert_eq!(again.status, 409);
    assert!(
        again
            .body
            .contains("'accepted' cannot take the step 'accept'"),
        "{}",
        again.body
    );
}

#[test]
fn lists_are_filtered_paged_and_show_no_more_than_may_be_seen() {
    let it = Setting::new();
    let ids: Vec<String> = (0..3).map(|_| it.send("amber")).collect();
    let mut draft = takedown("clear");
    draft["draft"] = true.into();
    it.ask(&it.alpha, "POST", "/api/v1/requests", &draft);
    let list = |token: &str, query: &str| it.get(token, &format!("/api/v1/requests?{query}"));
    let number = |found: &Value| found["requests"].as_array().unwrap().len();
    assert_eq!(number(&list("", "")), 3);
    assert_eq!(number(&list(&it.alpha, "mine=true")), 4);
    assert_eq!(number(&list(&it.alpha, "state=draft")), 1);
    assert_eq!(number(&list(&it.beta, "state=draft")), 0);
    assert_eq!(number(&list(&it.gamma, "mine=true")), 0);
    assert_eq!(number(&list("", "kind=information")), 0);
    assert_eq!(number(&list("", "party=beta&category=hate-speech")), 3);
    assert_eq!(number(&list("", "party=nobody")), 0);
    let waiting = list(&it.beta, "waiting=true");
    assert_eq!(number(&waiting), 3);
    assert_eq!(waiting["requests"][0]["id"], ids[0].as_str());
    assert_eq!(number(&list(&it.beta, "waiting=true&limit=2")), 2);
    assert_eq!(number(&list(&it.beta, "waiting=true&party=gamma")), 0);
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let page = list("", &format!("limit=2{before}"));
        seen.extend(
            page["requests"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["id"].clone()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        before = format!("&before={next}");
    }
    let newest: Vec<Value> = ids.iter().rev().map(|id| id.as_str().into()).collect();
    assert_eq!(seen, newest);
    let lines = it.ask_with(
        "",
        "GET",
        "/api/v1/requests?limit=2",
        &[("Accept", "application/x-ndjson")],
        &Value::Null,
    );
    assert_eq!(lines.body.lines().count(), 2);
    assert!(lines.headers["link"].contains("rel=\"next\""));
    for wrong in [
        "limit=0",
        "limit=201",
        "state=",
        "kind=x",
        "state=x",
        "before=x",
        "mine=maybe",
    ] {
        let answer = it.ask(
            "",
            "GET",
            &format!("/api/v1/requests?{wrong}"),
            &Value::Null,
        );
        assert_eq!(answer.status, 400, "{wrong}");
    }
    assert_eq!(
        it.ask("", "GET", "/api/v1/requests?mine=true", &Value::Null)
            .status,
        401
    );
}

#[test]
fn what_came_by_succession_is_ones_own() {
    let it = Setting::new();
    let ids = [it.send("amber"), it.send("amber")];
    it.step(&it.beta, &ids[0], "ask", "Which page?");
    let why = ["--reason", "a merger", "--source", "a notice"];
    let line = ["party", "reassign", "beta", "--merged-into", "gamma"];
    it.place.on_d(&[&line[..], &why].concat()).ok();
    let list = |token: &str, query: &str| {
        let found = it.get(token, &format!("/api/v1/requests?{query}"));
        let found = found["requests"].as_array().unwrap().clone();
        let ids = found
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let newest = [ids[1].clone(), ids[0].clone()];
    assert_eq!(list(&it.gamma, "mine=true"), newest);
    assert_eq!(list(&it.gamma, "waiting=true&limit=1"), [ids[1].clone()]);
    assert!(list(&it.gamma, "waiting=true&kind=information").is_empty());
    assert_eq!(list(&it.alpha, "waiting=true"), [ids[0].clone()]);
    for query in ["mine=true", "waiting=true"] {
        assert!(list(&it.beta, query).is_empty(), "{query}");
    }
}

#[test]
fn what_may_not_be_known_is_answered_like_what_does_not_exist() {
    let it = Setting::new();
    let mut draft = takedown("clear");
    draft["draft"] = true.into();
    let draft = it.ask(&it.alpha, "POST", "/api/v1/requests", &draft);
    let draft: Value = serde_json::from_str(&draft.body).unwrap();
    let draft = draft["id"].as_str().unwrap();
    for token in ["", it.beta.as_str(), it.gamma.as_str()] {
        let answers = [draft, "000000000000"].map(|id| {
            let get = it.ask(
                token,
                "GET",
                &format!("/api/v1/requests/{id}"),
                &Value::Null,
            );
            let note = it.ask(
                token,
                "POST",
                &steps(id),
                &json!({"step": "note", "words": "x"}),
            );
            (get.status, get.body, note.status, note.body)
        });
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, 404);
    }
    let id = it.send("amber");
    it.step(&it.beta, &id, "accept", "");
    let linked = it.step(&it.beta, &id, "link", "");
    let old = linked["contest"]["token"].as_str().unwrap();
    it.step(&it.beta, &id, "link", "");
    let body = json!({"words": "x"});
    let answers = [old, &format!("{id}_AAAA"), "nothing_AAAA", "x"].map(|token| {
        let path = format!("/api/v1/contests/{token}");
        let [get, post] = [
            it.ask("", "GET", &path, &Value::Null),
            it.ask("", "POST", &path, &body),
        ];
        (get.status, get.body, post.status, post.body)
    });
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    assert_eq!(answers[0].0, 404);
}

#[test]
fn who_asks_too_often_without_an_account_waits() {
    let it = Setting::new();
    let path = "/api/v1/contests/nothing_AAAA";
    let statuses: Vec<u16> = (0..40)
        .map(|_| it.ask("", "GET", path, &Value::Null).status)
        .collect();
    assert!(
        statuses.contains(&404) && statuses.ends_with(&[429]),
        "{statuses:?}"
    );
    // Nobody else waits for that.
    it.get("", "/api/v1/requests");
}
