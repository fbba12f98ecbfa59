//! Requests on the pages: who sees what, forms, and the page of a link.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Setting;
use crate::pages::{Answer, FORM, ask, get};

impl Setting {
    fn page(&self, cookie: &str, path: &str) -> Answer {
        ask(&self.node, "GET", path, &[("Cookie", cookie)], "")
    }

    fn post(&self, cookie: &str, path: &str, form: &str) -> Answer {
        ask(&self.node, "POST", path, &[("Cookie", cookie), FORM], form)
    }
}

#[test]
fn a_request_is_sent_and_answered_by_forms() {
    let it = Setting::new();
    let (alpha, beta) = (it.sign_in(&it.alpha), it.sign_in(&it.beta));
    assert_eq!(get(&it.node, "/requests/new").status, 401);
    let form = it.page(&alpha, "/requests/new?to=beta").body;
    assert!(form.contains("value=\"beta\" selected") && !form.contains("value=\"alpha\""));
    let fields = "to=beta&kind=takedown&title=%3Cscript%3E&words=Please&key=k1&preset=standard&marking=amber";
    let refused = it.post(&alpha, "/requests/new", fields);
    assert_eq!(refused.status, 400);
    assert!(
        refused.body.contains("a takedown names the law")
            && refused.body.contains("&#60;script&#62;")
    );
    let whole = format!(
        "{fields}&targets=https%3A%2F%2Fexample.org%2F7%0D%0Ahttps%3A%2F%2Fexample.org%2F8&ground=Law\
         &why=It+is.&contact_name=A&contact_email=a%40b.example&good_faith=yes"
    );
    let sent = it.post(&alpha, "/requests/new", &whole);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let place = sent.headers["location"]
        .trim_end_matches("#main")
        .to_owned();
    assert_eq!(
        it.post(&alpha, "/requests/new", &whole).headers["location"],
        sent.headers["location"],
        "sent once"
    );
    let page = it.page(&beta, &place).body;
    assert!(
        page.contains("hxxps://example[.]org/7") && !page.contains("href=\"https://example.org")
    );
    assert!(page.contains("name=\"confirm\""));
    let steps = format!("{place}/steps");
    let decline = it.post(&beta, &steps, "step=decline&words=No.");
    assert_eq!(decline.status, 400, "it is to be confirmed");
    assert!(decline.body.contains("Tick the box") && decline.body.contains("No.</textarea>"));
    let declined = it.post(&beta, &steps, "step=decline&words=No.&confirm=yes&key=k");
    assert_eq!(declined.status, 303, "{}", declined.body);
    assert_eq!(it.post(&beta, &steps, "step=accept").status, 409);
    assert_eq!(it.post("", &steps, "step=note&words=x").status, 401);
    let facts = get(&it.node, &place).body;
    assert!(!facts.contains("example[.]org") && facts.contains("Béta Org"));
    for wrong in [
        "/requests/000000000000",
        "/contest/x",
        "/contest/000000000000_AAAA",
    ] {
        assert_eq!(get(&it.node, wrong).status, 404, "{wrong}");
    }
}

#[test]
fn a_request_is_sent_with_files_and_its_deadline_in_working_days() {
    let it = Setting::new();
    let (alpha, beta) = (it.sign_in(&it.alpha), it.sign_in(&it.beta));
    let mut body = String::new();
    for (name, value) in [
        ("to", "beta"),
        ("kind", "information"),
        ("title", "Two pages"),
        ("words", "See both."),
        ("preset", "custom"),
        ("days", "3"),
        ("zone", "Europe/Paris"),
        ("marking", "green"),
        ("key", "k"),
    ] {
        write!(
            body,
            "--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
        .unwrap();
    }
    for (file, text) in [("one.txt", "one"), ("two.txt", "two"), ("", "")] {
        write!(
            body,
            "--X\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{file}\"\r\n\
             Content-Type: text/plain\r\n\r\n{text}\r\n"
        )
        .unwrap();
    }
    body += "--X--\r\n";
    let form = ("Content-Type", "multipart/form-data; boundary=X");
    let send = |body: &str| {
        let headers = [("Cookie", alpha.as_str()), form];
        ask(&it.node, "POST", "/requests/new", &headers, body)
    };
    let refused = send(&body.replace("\r\n\r\n3\r\n", "\r\n\r\n300\r\n"));
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body.contains("Choose them anew.") && refused.body.contains("value=\"300\""));
    let unsaid = send(&body.replace("\r\ncustom\r\n", "\r\nstandard\r\n"));
    assert!(unsaid.status == 400 && unsaid.body.contains("choose that they are the deadline"));
    let sent = send(&body);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let place = sent.headers["location"].trim_end_matches("#main");
    let case = it.get(&it.beta, &format!("/api/v1{place}"));
    let names = case["evidence"].as_array().unwrap().iter();
    let names: Vec<&Value> = names.map(|one| &one["name"]).collect();
    assert_eq!(names, ["one.txt", "two.txt"]);
    assert_eq!(case["evidence"][0]["marking"], "TLP:GREEN");
    assert_eq!(case["deadline"]["preset"], "custom");
    assert_eq!(case["deadline"]["zone"], "Europe/Paris");
    assert!(case["deadline"]["acknowledge_by"].is_string(), "{case}");
    let page = it.page(&beta, place).body;
    assert!(page.contains("That it was received is to be said by"));
    let id = place.rsplit('/').next().unwrap();
    it.step(&it.beta, id, "acknowledge", "");
    assert!(!it.page(&beta, place).body.contains("is to be said by"));
}

#[test]
fn whoever_it_affects_contests_on_a_page_of_its_own() {
    let it = Setting::new();
    let beta = it.sign_in(&it.beta);
    let id = it.send("amber");
    it.step(&it.beta, &id, "accept", "");
    it.step(&it.beta, &id, "done", "The page is gone.");
    let made = it.post(&beta, &format!("/requests/{id}/steps"), "step=link&key=a");
    assert_eq!(made.headers["cache-control"], "no-store");
    let link = made
        .body
        .split("/contest/")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let path = format!("/contest/{link}");
    let page = get(&it.node, &path);
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    assert!(page.headers["x-robots-tag"].contains("noindex") && page.body.contains("noindex"));
    assert!(
        page.body.contains("Penal Code, section 130") && page.body.contains("The page is gone.")
    );
    assert!(!page.body.contains("person@alpha.example"));
    assert_eq!(it.post("", &path, "words=+").status, 400);
    let said = it.post("", &path, "words=%3Cb%3Equoted%3C%2Fb%3E");
    assert_eq!(
        (said.status, said.headers["location"].as_str()),
        (303, format!("{path}#answer").as_str())
    );
    let after = get(&it.node, &path).body;
    assert!(
        after.contains("You contested it")
            && after.contains("&#60;b&#62;quoted")
            && !after.contains("<form class=\"request\"")
    );
    // Who decided is not offered to review it, and another account is.
    assert!(
        !it.page(&beta, &format!("/requests/{id}"))
            .body
            .contains("step-reverse")
    );
    let second = it.sign_in(&it.second);
    assert!(
        it.page(&second, &format!("/requests/{id}"))
            .body
            .contains("step-reverse")
    );
    it.step(&it.second, &id, "reverse", "A quotation.");
    assert!(get(&it.node, &path).body.contains("You were right"));
}

#[test]
fn an_attachment_is_a_file_and_never_a_page() {
    let it = Setting::new();
    let bearer = format!("Bearer {}", it.alpha);
    let html = "<script>alert(1)</script>";
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "text/html"),
    ];
    let path = "/api/v1/evidence?name=a%22b.html";
    assert_eq!(ask(&it.node, "POST", path, &headers[1..], html).status, 401);
    let kept = ask(&it.node, "POST", path, &headers, html);
    assert_eq!(kept.status, 201, "{}", kept.body);
    let kept: Value = serde_json::from_str(&kept.body).unwrap();
    let mut new = super::takedown("amber");
    new["evidence"] = json!([{
        "sha256": kept["sha256"], "bytes": kept["bytes"], "media_type": kept["media_type"], "name": kept["name"],
    }]);
    let sent = it.ask(&it.alpha, "POST", "/api/v1/requests", &new);
    assert_eq!(sent.status, 201, "{}", sent.body);
    let sent: Value = serde_json::from_str(&sent.body).unwrap();
    let file = format!(
        "/api/v1/requests/{}/evidence/{}",
        sent["id"].as_str().unwrap(),
        kept["sha256"].as_str().unwrap()
    );
    let got = it.ask(&it.beta, "GET", &file, &Value::Null);
    assert_eq!((got.status, got.body.as_str()), (200, html));
    for (name, value) in [
        (
            "content-disposition",
            "attachment; filename=\"a_b.html\"; filename*=UTF-8''a%22b.html",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-store"),
    ] {
        assert_eq!(got.headers[name], value);
    }
    let other = file.replace(&file[file.len() - 4..], "0000");
    let answers = [
        ("", &file),
        (it.gamma.as_str(), &file),
        (it.beta.as_str(), &other),
    ]
    .map(|(token, file)| it.ask(token, "GET", file, &Value::Null).status);
    assert_eq!(answers, [404, 404, 404]);
}
