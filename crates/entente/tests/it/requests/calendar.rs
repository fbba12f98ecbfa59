//! When parties work, on the command line and over the API; and contacts that are forgotten.

use serde_json::{Value, json};

use super::Setting;
use crate::cli::Ended;

impl Setting {
    /// Runs `entente …` on the node as who holds a token.
    fn run(&self, token: &str, line: &str) -> Ended {
        let line: Vec<&str> = line.split_whitespace().collect();
        let place = ["--server", &self.node.url, "--token", token];
        self.place.run(&[&line[..], &place].concat())
    }
}

#[test]
fn a_steward_sets_holidays_and_a_party_its_time_zone() {
    let it = Setting::new();
    let set =
        "pledge holidays fr --day 2026-12-25,2026-07-14 --day 2026-07-14 --source Decree --json";
    it.run(&it.alpha, set).code(4).says("steward");
    let set = it.place.d(set).ok().json();
    let whole = json!({"country": "FR", "days": ["2026-07-14", "2026-12-25"], "source": "Decree"});
    assert_eq!(set, whole);
    assert_eq!(
        it.get("", "/api/v1/holidays"),
        json!({ "holidays": [whole] })
    );
    let told = it.run(&it.beta, "pledge holidays FR").ok();
    assert_eq!(told.out, "FR\t2026-07-14\tDecree\nFR\t2026-12-25\tDecree\n");
    it.place.d("pledge holidays FR --none").ok();
    assert_eq!(
        it.run(&it.beta, "pledge holidays")
            .ok()
            .says("0 holidays")
            .out,
        ""
    );
    let wrong = json!({"days": []});
    let bad = it.ask(&it.alpha, "PUT", "/api/v1/holidays/France", &wrong);
    assert_eq!(bad.status, 400, "{}", bad.body);

    let path = "/api/v1/parties/beta/zone";
    assert_eq!(it.get("", path), json!({"party": "beta"}));
    it.run(&it.alpha, "party zone beta Europe/Paris").code(4);
    it.run(&it.beta, "party zone beta Europe/Lutetia")
        .code(5)
        .says("Europe/Lutetia");
    let paris = it
        .run(&it.beta, "party zone beta europe/paris --json")
        .ok()
        .json();
    assert_eq!(paris, json!({"party": "beta", "zone": "Europe/Paris"}));
    assert_eq!(it.place.d("party zone beta").ok().out, "Europe/Paris\n");
    let case = it.get(&it.alpha, &format!("/api/v1/requests/{}", it.send("amber")));
    assert_eq!(case["deadline"]["zone"], "Europe/Paris");
    assert_eq!(it.ask("", "DELETE", path, &Value::Null).status, 401);
    assert_eq!(it.run(&it.beta, "party zone beta --none").ok().out, "");
    assert_eq!(it.get("", path), json!({"party": "beta"}));
    assert_eq!(
        it.ask("", "GET", "/api/v1/parties/none/zone", &Value::Null)
            .status,
        404
    );
}

#[test]
fn whom_to_ask_is_forgotten_when_its_sender_asks_for_it() {
    let it = Setting::new();
    let id = it.send("amber");
    let path = format!("/api/v1/requests/{id}");
    let whom = it.get(&it.beta, &path)["contact"]["email"].clone();
    assert!(whom.as_str().unwrap().contains('@'), "{whom}");
    let contact = format!("{path}/contact");
    for (token, status) in [("", 401), (it.beta.as_str(), 403), (it.gamma.as_str(), 403)] {
        assert_eq!(
            it.ask(token, "DELETE", &contact, &Value::Null).status,
            status
        );
    }
    it.run(&it.beta, &format!("request forget {id}")).code(4);
    let case = it
        .run(&it.alpha, &format!("request forget {id} --json"))
        .ok()
        .json();
    assert_eq!((&case["id"], &case["contact"]), (&json!(id), &Value::Null));
    assert_eq!(it.get(&it.beta, &path)["contact"], Value::Null);
    assert_eq!(
        it.ask(&it.alpha, "DELETE", &contact, &Value::Null).status,
        409
    );
    // Who runs the node may too.
    let other = it.send("amber");
    assert_eq!(
        it.place
            .d(&format!("request forget {other}"))
            .ok()
            .out
            .trim(),
        other
    );
    it.place.d("request forget 000000000000").code(5);
}
