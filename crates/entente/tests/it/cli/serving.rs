//! Verbs on a data directory while a node serves it, and on a node elsewhere.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{Place, each};

/// A node that serves `d` until it is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(place: &Place) -> Self {
        Self::start_with(place, &[])
    }

    /// With more flags.
    pub(crate) fn start_with(place: &Place, flags: &[&str]) -> Self {
        let serve = ["serve", "--data", "d", "--listen", "127.0.0.1:0"];
        let mut child = place
            .command(&[&serve, flags].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut url)
            .unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Serving {
            child,
            url: url.trim().to_owned(),
        }
    }

    /// A node that was started in another way.
    pub(crate) fn of(child: Child, url: String) -> Self {
        Serving { child, url }
    }

    /// Asks it to end, and waits.
    pub(crate) fn end(mut self) -> Option<i32> {
        terminate(&self.child);
        wait(&mut self.child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(super) fn terminate(child: &Child) {
    let ended = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(ended.unwrap().success());
}

pub(super) fn wait(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn signals_go_in_and_out_while_a_node_serves_the_directory() {
    let place = Place::small();
    place.write("list.txt", b"evil.example\n13 accounts\n");
    place.write("log", b"one\nsee evil.example\n");
    let node = Serving::start(&place);
    let import = "import list.txt --collection feed --keep-going --json";
    let counts = serde_json::json!({"taken": 1, "known": 0, "refused": 1});
    assert_eq!(place.d(import).ok().json(), counts);
    assert_eq!(place.d(import).ok().json()["known"], 1);
    let hits = place.d("match log --json").ok().lines();
    assert_eq!(
        (&hits[0]["line"], &hits[0]["column"]),
        (&2.into(), &5.into())
    );
    assert_eq!(hits[0]["signal"]["publisher"]["name"], "Node operator");
    assert_eq!(place.d("export --format list").ok().out, "evil.example\n");
    place.d("doctor").code(3).says("stop that node first");
    place.d("serve").code(3);
    assert_eq!(node.end(), Some(0));
    assert!(!place.path("d/run.json").exists());
    // What the node wrote is there without it.
    assert_eq!(place.d("export --format list").ok().out, "evil.example\n");
}

#[test]
fn a_node_is_managed_while_it_serves() {
    let place = Place::small();
    let _node = Serving::start(&place);
    assert_eq!(place.d("party add Gamma --kind state").ok().out, "gamma\n");
    place.d("party stance gamma signed --since 2021-01-01").ok();
    let signed = place
        .d("party list --kind state --stance signed --json")
        .ok()
        .lines();
    assert_eq!(each(&signed, "id"), ["gamma"]);
    let beta = place
        .on_d(&["party", "show", "Béta Org", "--json"])
        .ok()
        .json();
    assert_eq!(beta["id"], "beta");
    assert_eq!(place.d("pledge show --json").ok().json()["id"], "small");
    place.d("collection create feed --recipient gamma").ok();
    let feed = place.d("collection show feed --json").ok().json();
    assert_eq!(feed["recipients"][0], "gamma");
    place.d("collection create feed").code(5).says("feed");
    let token = place.d("token create --party alpha --scope read").ok();
    assert!(token.out.starts_with("ent_"));
    let listed = place.d("token list --json").ok().lines();
    let id = listed
        .iter()
        .find(|token| token["party"] == "alpha")
        .unwrap()["id"]
        .clone();
    place
        .d(&format!("token revoke {}", id.as_str().unwrap()))
        .ok();
}

#[test]
fn a_party_publishes_and_matches_from_elsewhere_as_far_as_its_stance_goes() {
    let place = Place::small();
    place.d("collection create feed --marking amber").ok();
    let token = |party: &str| {
        let args = [
            "token",
            "create",
            "--party",
            party,
            "--scope",
            "read,publish",
        ];
        place.on_d(&args).ok().out.trim().to_owned()
    };
    place
        .d("party stance beta in-talks --since 2021-01-01")
        .ok();
    let (alpha, beta) = (token("alpha"), token("beta"));
    let node = Serving::start(&place);
    let there = |args: &[&str], token: &str| {
        place.run(&[args, &["--server", &node.url, "--token", token]].concat())
    };
    place.write("list.txt", b"evil.example\n");
    place.write("log", b"see evil.example\n");
    there(&["import", "list.txt", "--collection", "feed"], &alpha)
        .ok()
        .says("1 object taken");
    there(&["import", "list.txt", "--collection", "feed"], &beta)
        .code(4)
        .says("stance");
    let seen = |token: &str| there(&["match", "log", "--json"], token).ok().lines();
    assert_eq!(seen(&alpha)[0]["signal"]["publisher"]["id"], "alpha");
    assert!(seen(&beta).is_empty(), "AMBER is not for a party in talks");
    let export = ["export", "--collection", "feed", "--format", "list"];
    assert_eq!(there(&export, &alpha).ok().out, "evil.example\n");
    assert_eq!(there(&export, &beta).ok().out, "");
    there(&["token", "list"], &alpha).code(4).says("administer");
    there(&["collection", "list"], "ent_wrong_token")
        .code(4)
        .says("unknown, revoked or expired");
    place.run(&["party", "list", "--server", &node.url]).ok();
    drop(node);
    place
        .run(&["party", "list", "--server", "http://127.0.0.1:9"])
        .code(5);
}

#[test]
fn export_pages_over_taxii_byte_for_byte() {
    let place = Place::small();
    let rows = super::addresses(2_500);
    place.write("many.txt", rows.as_bytes());
    place.d("import many.txt --collection feed").ok();
    let here = place.d("export --format ndjson").ok().out;
    let _node = Serving::start(&place);
    assert_eq!(place.d("export --format ndjson").ok().out, here);
    assert_eq!(place.d("export --format list").ok().out, rows);
}

#[test]
fn a_note_that_a_killed_node_left_misleads_nobody() {
    let place = Place::small();
    let mut node = Serving::start(&place);
    node.child.kill().unwrap();
    node.child.wait().unwrap();
    assert!(place.path("d/run.json").exists());
    assert!(!place.d("party list --json").ok().lines().is_empty());
}
