//! Requests over HTTP: what is sent, answered, contested and refused; and on the pages.

mod api;
mod calendar;
mod pages;
mod story;

use serde_json::{Value, json};

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::{Answer, FORM, ask};

/// A node with three members, two accounts of the second.
pub(crate) struct Setting {
    pub(crate) place: Place,
    pub(crate) node: Serving,
    pub(crate) alpha: String,
    pub(crate) beta: String,
    pub(crate) second: String,
    pub(crate) gamma: String,
}

/// A small pledge with three members; gives their tokens.
pub(crate) fn members(place: &Place) -> [String; 4] {
    place.d("party stance beta signed --since 2021-01-01").ok();
    place.d("party add Gamma --kind civil-society").ok();
    place.d("party stance gamma signed --since 2021-01-01").ok();
    let token = |party: &str, account: &str| {
        let line = format!("token create --party {party} --account {account} --scope read,publish");
        place.d(&line).ok().out.trim().to_owned()
    };
    [
        token("alpha", "ana"),
        token("beta", "bo"),
        token("beta", "bea"),
        token("gamma", "gil"),
    ]
}

impl Setting {
    pub(crate) fn new() -> Self {
        let place = Place::small();
        let [alpha, beta, second, gamma] = members(&place);
        let node = Serving::start(&place);
        Setting {
            place,
            node,
            alpha,
            beta,
            second,
            gamma,
        }
    }

    /// Asks as who holds a token; nobody when it is empty.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.ask_with(token, method, path, &[], body)
    }

    pub(crate) fn ask_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = more.to_vec();
        if !token.is_empty() {
            headers.push(("Authorization", bearer.as_str()));
        }
        let body = if body.is_null() {
            String::new()
        } else {
            headers.push(("Content-Type", "application/json"));
            body.to_string()
        };
        ask(&self.node, method, path, &headers, &body)
    }

    pub(crate) fn get(&self, token: &str, path: &str) -> Value {
        let answer = self.ask(token, "GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Alpha asks beta for a takedown; gives the id.
    pub(crate) fn send(&self, marking: &str) -> String {
        let answer = self.ask(&self.alpha, "POST", "/api/v1/requests", &takedown(marking));
        assert_eq!(answer.status, 201, "{}", answer.body);
        let sent: Value = serde_json::from_str(&answer.body).unwrap();
        sent["id"].as_str().unwrap().to_owned()
    }

    /// Takes a step that has to be taken.
    pub(crate) fn step(&self, token: &str, id: &str, step: &str, words: &str) -> Value {
        let mut body = json!({ "step": step });
        if !words.is_empty() {
            body["words"] = words.into();
        }
        let answer = self.ask(token, "POST", &steps(id), &body);
        assert_eq!(answer.status, 201, "{step}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The cookie of a browser that signs in with a token.
    pub(crate) fn sign_in(&self, token: &str) -> String {
        let form = format!("token={token}");
        let answer = ask(&self.node, "POST", "/sign-in", &[FORM], &form);
        let cookie = answer.headers["set-cookie"].split(';').next().unwrap();
        cookie.to_owned()
    }
}

pub(crate) fn steps(id: &str) -> String {
    format!("/api/v1/requests/{id}/steps")
}

/// A takedown that beta is asked for.
pub(crate) fn takedown(marking: &str) -> Value {
    json!({
        "to": "beta", "kind": "takedown", "category": "hate-speech", "title": "Incitement on page 7",
        "words": "Please remove what stands there.", "targets": ["https://example.org/7"],
        "ground": {"kind": "law", "reference": "Penal Code, section 130", "explanation": "A call for violence."},
        "contact": {"name": "A. Person", "email": "person@alpha.example"},
        "good_faith": true, "marking": marking,
    })
}
