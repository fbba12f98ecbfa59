//! The public log from the command line: exported, checked, followed, and receipts verified.

use std::fs;
use std::path::Path;

use node::log::note::CosigningKey;
use node::log::receipt::Receipt;

use super::serving::Serving;
use super::{Ended, Place, addresses};

/// A key that signed nothing here.
const STRANGER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

/// A directory `d` with a log of a few hundred entries, exported to `out`.
fn exported() -> Place {
    let place = Place::small();
    grow(&place, 300);
    place.d("log export --out out").ok().says("written");
    place
}

/// Adds as many signals to the log of `d`.
fn grow(place: &Place, number: usize) {
    place.write("list.txt", addresses(number).as_bytes());
    let import = format!("import list.txt --collection c{number}");
    place.d(&import).ok();
}

fn key(place: &Place) -> String {
    fs::read_to_string(place.path("out/key"))
        .unwrap()
        .trim()
        .to_owned()
}

/// The origin, size and root of an exported log.
fn checkpoint(directory: &Path) -> Vec<String> {
    let text = fs::read_to_string(directory.join("checkpoint")).unwrap();
    text.lines().take(3).map(str::to_owned).collect()
}

fn flip(path: &Path, at: usize) {
    let mut octets = fs::read(path).unwrap();
    octets[at] ^= 1;
    fs::write(path, octets).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn an_exported_log_is_sound_and_every_flipped_bit_is_found() {
    let place = exported();
    let key = key(&place);
    let sound = place
        .run(&["log", "fsck", "out", "--key", &key, "--json"])
        .ok();
    let found = sound.json();
    assert!(found["entries"].as_u64().unwrap() >= 300, "{found}");
    assert_eq!(found["signature"], "given");
    assert_eq!(sound.err, "");
    // A key that lies beside the log says little, and that is said.
    place
        .run(&["log", "fsck", "out"])
        .ok()
        .says("the key that the log itself serves");
    fs::rename(place.path("out/key"), place.path("key")).unwrap();
    place
        .run(&["log", "fsck", "out"])
        .ok()
        .says("not checked at all");
    place.run(&["log", "fsck", "out", "--key", "key"]).ok();

    let files = [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
        "checkpoint",
    ];
    for file in files {
        let path = place.path("out").join(file);
        let good = fs::read(&path).unwrap();
        flip(&path, good.len() / 2);
        let ended = place.run(&["log", "fsck", "out", "--key", &key]).code(6);
        assert!(ended.err.contains(&file[..4]), "{file}: {}", ended.err);
        fs::write(&path, good).unwrap();
    }
    fs::remove_file(place.path("out/tile/entries/000")).unwrap();
    place
        .run(&["log", "fsck", "out", "--key", &key])
        .code(6)
        .says("tile/entries/000 is missing");
}

#[test]
fn keys_and_places_that_are_none_are_refused_with_what_to_write() {
    let place = exported();
    place
        .run(&["log", "fsck", "nowhere"])
        .code(3)
        .says("neither a directory nor a URL");
    place
        .run(&["log", "fsck", "ftp://x/"])
        .code(2)
        .says("no http:// or https:// URL");
    place
        .run(&["log", "fsck", "out", "--key", "abc"])
        .code(2)
        .says("no key of a log");
    place
        .run(&["log", "fsck", "http://127.0.0.1:9/log"])
        .code(5);
    place.write("p", b"log x\n");
    place
        .run(&["log", "fsck", "out", "--policy", "p"])
        .code(3)
        .says("line 1 of the policy");
    let ended = place.run(&["log", "fsck", "out", "--key", STRANGER]);
    ended.code(6).says("no log of the policy signed");
    let policy = format!(
        "log {}\nwitness w {}\nquorum w\n",
        key(&place),
        "witness.example+00000000+BAAA"
    );
    place.write("p", policy.as_bytes());
    place
        .run(&["log", "fsck", "out", "--policy", "p"])
        .code(3)
        .says("line 2 of the policy");
}

#[test]
fn an_export_goes_on_where_it_ended_and_never_back() {
    let place = exported();
    let before = checkpoint(&place.path("out"));
    let partial = |place: &Place, level: &str| {
        fs::read_dir(place.path(&format!("out/tile/{level}")))
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|e| e == "p")
            })
            .count()
    };
    assert_eq!(partial(&place, "0"), 1);
    let nothing = place.d("log export --out out --json").ok().json();
    assert_eq!(nothing["files"], 2, "checkpoint and key");
    grow(&place, 600);
    let more = place.d("log export --out out --json").ok().json();
    assert_eq!(more["before"].to_string(), before[1]);
    assert!(more["entries"].as_u64() > more["before"].as_u64());
    // The partial tile that became full is gone; there is another one.
    assert_eq!(partial(&place, "0"), 1);
    place
        .run(&["log", "fsck", "out", "--key", &key(&place)])
        .ok();

    // Another log does not take its place, nor does another history.
    let other = Place::small();
    grow(&other, 300);
    let out = place.path("out").to_str().unwrap().to_owned();
    other
        .d(&format!("log export --out {out}"))
        .code(6)
        .says("no log of the policy");
    fs::remove_file(place.path("out/key")).unwrap();
    other
        .d(&format!("log export --out {out}"))
        .code(3)
        .says("not '");
    let text = fs::read_to_string(place.path("out/checkpoint")).unwrap();
    let root = checkpoint(&place.path("out"))[2].clone();
    let forked = text.replace(&root, "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    fs::write(place.path("out/checkpoint"), &forked).unwrap();
    place
        .d("log export --out out")
        .code(6)
        .says("Nothing was changed");
    assert_eq!(
        fs::read_to_string(place.path("out/checkpoint")).unwrap(),
        forked
    );
}

#[test]
fn a_served_log_is_checked_mirrored_and_followed() {
    let place = exported();
    let node = Serving::start(&place);
    let key = key(&place);
    // The node's address stands for its log.
    for url in [
        node.url.clone(),
        format!("{}/log", node.url.trim_end_matches('/')),
    ] {
        place.run(&["log", "fsck", &url, "--key", &key]).ok();
    }
    place
        .run(&["log", "export", "--server", &node.url, "--out", "mirror"])
        .ok();
    place.run(&["log", "fsck", "mirror", "--key", &key]).ok();

    let url = node.url.clone();
    let follow = [
        "log", "monitor", &url, "mirror", "--state", "seen", "--once", "--json",
    ];
    let first = place.run(&follow).ok();
    assert_eq!(first.lines()[0]["event"], "first");
    assert_eq!(place.run(&follow).ok().out, "");
    place.write("list.txt", addresses(7).as_bytes());
    place
        .on_d(&["import", "list.txt", "--collection", "c300"])
        .ok();
    place.write("list.txt", b"evil.example\n");
    place
        .on_d(&["import", "list.txt", "--collection", "c300"])
        .ok();
    let more = place
        .run(&[&follow[..], &["--entries"]].concat())
        .ok()
        .lines();
    let leaf = more[0]["leaf"].as_str().unwrap();
    assert!(leaf.contains("\"commitments\":["), "{leaf}");
    assert_eq!(more.last().unwrap()["event"], "grown");
    drop(node);
    place.run(&follow).code(5).says("ALARM http://127.0.0.1");
}

/// Looks once, with the key that is in `out`.
fn watcher(place: &Place) -> impl Fn(&[&str], &[&str]) -> Ended {
    let key = key(place);
    move |logs, more| {
        let flags = ["--state", "seen", "--once", "--key", &key];
        place.run(&[&["log", "monitor"], logs, &flags, more].concat())
    }
}

#[test]
fn a_monitor_tells_a_rollback_and_what_shows_it() {
    let place = exported();
    let watch = watcher(&place);
    copy(&place.path("out"), &place.path("old"));
    watch(&["out"], &[]).ok();
    // Behind another that shows more: no alarm as long as it never showed more itself.
    grow(&place, 600);
    place.d("log export --out out").ok();
    watch(&["out", "old"], &[]).ok();
    // The same place, shorter than it was.
    fs::rename(place.path("out"), place.path("new")).unwrap();
    copy(&place.path("old"), &place.path("out"));
    let ended = watch(&["out"], &["--exec", "cat > told"])
        .code(6)
        .says("ALARM out: shows 3");
    assert!(ended.err.contains("evidence 1"), "{}", ended.err);
    let told = fs::read(place.path("told")).unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(
        (&told["event"], &told["alarm"]),
        (&"alarm".into(), &"rollback".into())
    );
    fs::remove_dir_all(place.path("out")).unwrap();
    copy(&place.path("new"), &place.path("out"));
    watch(&["out"], &[]).ok();
}

#[test]
fn a_monitor_tells_two_histories_under_one_key() {
    let place = exported();
    let watch = watcher(&place);
    watch(&["out"], &[]).ok();
    // A copy of the directory that went another way.
    let fork = Place::small();
    fs::remove_dir_all(fork.path("d")).unwrap();
    copy(&place.path("d"), &fork.path("d"));
    grow(&place, 6);
    place.d("log export --out out").ok();
    grow(&fork, 5);
    fork.d("log export --out fork").ok();
    let forked = fork.path("fork").to_str().unwrap().to_owned();
    let ended = watch(&["out", &forked], &["--json"]).code(6);
    assert!(
        ended.out.contains("\"alarm\":\"split-view\""),
        "{}",
        ended.out
    );
    assert!(ended.err.contains("two histories"), "{}", ended.err);
    // What was seen is still the larger one; the fork alone is found as well.
    watch(&["out"], &[]).ok();
    watch(&[&forked], &[]).code(6).says("ALARM");
}

#[test]
fn a_monitor_tells_missing_tiles_foreign_signatures_and_stalled_time() {
    let place = exported();
    let watch = watcher(&place);
    copy(&place.path("out"), &place.path("old"));
    watch(&["out"], &[]).ok();
    grow(&place, 900);
    place.d("log export --out out").ok();
    let missing = fs::read_dir(place.path("out/tile/0")).unwrap();
    for tile in missing
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        fs::remove_dir_all(tile).unwrap();
    }
    watch(&["out"], &[]).code(6).says("is missing");
    let other = [
        "log", "monitor", "old", "--state", "s", "--once", "--key", STRANGER,
    ];
    place
        .run(&other)
        .code(6)
        .says("no log of the policy signed");

    // Nothing new for longer than is allowed.
    place
        .run(&["log", "monitor", "old", "--state", "still", "--once"])
        .ok();
    let seen = fs::read_to_string(place.path("still")).unwrap();
    let start = seen.find("\"grew\": ").unwrap() + 8;
    let end = start + seen[start..].find([',', '\n']).unwrap();
    fs::write(
        place.path("still"),
        format!("{}1000{}", &seen[..start], &seen[end..]),
    )
    .unwrap();
    let still = [
        "log",
        "monitor",
        "old",
        "--state",
        "still",
        "--once",
        "--stalled",
        "1h",
    ];
    place.run(&still).code(6).says("time stands still");
    // A state that is damaged is not forgotten silently.
    place.write(
        "still",
        b"{\"logs\":{\"x\":{\"checkpoint\":\"\",\"grew\":0}}}",
    );
    place.run(&still).code(3);
}

/// The receipt `r` of a signal, which is in `object.json`.
fn receipt(place: &Place) -> String {
    let objects = place.d("export --format ndjson").ok().out;
    let object = objects
        .lines()
        .find(|line| line.contains("\"indicator\""))
        .unwrap();
    place.write("object.json", object.as_bytes());
    let id = object
        .split("\"id\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    place.d(&format!("receipt {id} --out receipts")).ok();
    let file = fs::read_dir(place.path("receipts"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    fs::rename(file, place.path("r")).unwrap();
    object.to_owned()
}

#[test]
fn a_receipt_is_verified_with_its_object_and_its_key() {
    let place = exported();
    let (object, key) = (receipt(&place), key(&place));
    let ended = place
        .run(&["verify", "r", "--key", &key, "--object", "object.json"])
        .ok();
    assert!(ended.out.contains(": holds\n"), "{}", ended.out);
    assert!(
        ended
            .out
            .contains("object.json is what the entry commits to"),
        "{}",
        ended.out
    );
    let bundle = format!("{{\"type\":\"bundle\",\"objects\":[{{\"a\":1}}, {object}]}}\n");
    place.write("bundle.json", bundle.as_bytes());
    place
        .run(&["verify", "r", "--key", &key, "--object", "bundle.json"])
        .ok();
    let told = place
        .run(&["verify", "r", "--key", &key, "--json"])
        .ok()
        .json();
    assert_eq!(
        (&told["holds"], &told["entry"]["act"]),
        (&true.into(), &"object".into())
    );

    // Nobody's signature was checked: that is no proof.
    let ended = place.run(&["verify", "r"]).code(6);
    assert!(ended.out.contains("no key was given"), "{}", ended.out);
    place.write(
        "object.json",
        object.replace("indicator", "indicatoR").as_bytes(),
    );
    let ended = place
        .run(&["verify", "r", "--key", &key, "--object", "object.json"])
        .code(6);
    assert!(ended.out.contains("another version"), "{}", ended.out);
    let ended = place.run(&["verify", "r", "--key", STRANGER]).code(6);
    assert!(
        ended.out.contains("nobody whom you trust vouches"),
        "{}",
        ended.out
    );
}

#[test]
fn a_receipt_holds_until_anything_of_it_is_changed() {
    let place = exported();
    let key = key(&place);
    receipt(&place);
    let text = fs::read_to_string(place.path("r")).unwrap();
    // Stdin, and several at once.
    let two = format!("{text}{text}");
    let ended = place
        .run_with_input(&["verify", "-", "--key", &key], two.as_bytes())
        .ok();
    assert_eq!(ended.out.matches(": holds").count(), 2, "{}", ended.out);
    let both = ["verify", "-", "--key", &key, "--object", "object.json"];
    place.run_with_input(&both, two.as_bytes()).code(2);
    place.run(&["verify", "absent", "--key", &key]).code(3);

    // Whatever octet is changed, it does not hold.
    for at in (0..text.len()).step_by(23) {
        let mut octets = text.clone().into_bytes();
        octets[at] ^= 1;
        let ended = place.run_with_input(&[&both[..], &["--json"]].concat(), &octets);
        assert_eq!(ended.code, 6, "octet {at}: {}", ended.out);
        assert_eq!(ended.json()["holds"], false);
    }
}

#[test]
fn a_policy_asks_for_witnesses_and_tells_when_they_saw_it() {
    let place = exported();
    receipt(&place);
    let mut read = Receipt::parse(&fs::read(place.path("r")).unwrap()).unwrap();
    let witnesses = [11, 12, 13].map(|seed| {
        CosigningKey::generate([seed; 32], &format!("witness.example/{seed}")).unwrap()
    });
    let mut policy = vec![format!("log {}", key(&place))];
    for (number, witness) in witnesses.iter().enumerate() {
        policy.push(format!("witness w{number} {}", witness.verifier()));
    }
    policy.push("group two 2 w0 w1 w2\nquorum two\n".to_owned());
    place.write("policy", policy.join("\n").as_bytes());
    let verify = ["verify", "r", "--policy", "policy"];

    let none = place.run(&verify).code(6);
    assert!(
        none.out
            .contains("the policy asks for 2 of w0, w1, w2; none cosigned"),
        "{}",
        none.out
    );
    assert!(
        none.out.contains("may have shown others another log"),
        "{}",
        none.out
    );
    for (witness, time) in witnesses.iter().zip([1_800_000_000, 1_800_000_060]) {
        let cosignature = witness.cosign(read.checkpoint.text(), time);
        read.checkpoint.add(cosignature).unwrap();
    }
    place.write("r", read.to_string().as_bytes());
    let told = place.run(&verify).ok();
    assert!(
        told.out
            .contains("at the latest at 2027-01-15T08:01:00Z, by w0, w1"),
        "{}",
        told.out
    );
    // A cosignature that is another's under a known name spoils it.
    let text = read.to_string();
    let at = text.len() - 20;
    let octet = if &text[at..=at] == "A" { "B" } else { "A" };
    place.write(
        "r",
        format!("{}{octet}{}", &text[..at], &text[at + 1..]).as_bytes(),
    );
    let forged = place.run(&verify).code(6);
    assert!(
        forged.out.contains("does not hold for this text"),
        "{}",
        forged.out
    );
}

#[test]
fn a_node_restored_from_an_older_copy_stops_and_a_new_log_is_the_way_out() {
    let place = Place::small();
    let key = place.d("log key").ok().out;
    copy(&place.path("d"), &place.path("older"));
    place.d("party add Newcomer --kind private-sector").ok();
    std::fs::rename(place.path("d"), place.path("newer")).unwrap();
    copy(&place.path("older"), &place.path("d"));

    let refused = place.d("party list");
    assert_eq!(refused.code, 6, "{}", refused.err);
    for word in ["restored from an older copy", "log restart", "guard"] {
        assert!(refused.err.contains(word), "{}", refused.err);
    }
    // The newest copy goes on under the same key.
    std::fs::rename(place.path("d"), place.path("aside")).unwrap();
    std::fs::rename(place.path("newer"), place.path("d")).unwrap();
    assert_eq!(place.d("log key").ok().out, key);
    // Without it, a new log begins, and says why.
    std::fs::remove_dir_all(place.path("d")).unwrap();
    std::fs::rename(place.path("aside"), place.path("d")).unwrap();
    let begun = place
        .on_d(&["log", "restart", "--reason", "the disk was lost"])
        .ok();
    assert_ne!(begun.out, key);
    let entries = place.d("doctor --json").ok();
    let entries: serde_json::Value = serde_json::from_str(&entries.out).unwrap();
    let last = entries["entries"].as_u64().unwrap() - 1;
    let receipt = place.d(&format!("receipt --position {last}")).ok().out;
    place.write("last.tlog-proof", receipt.as_bytes());
    let told = place
        .run(&["verify", "last.tlog-proof", "--key", begun.out.trim()])
        .ok();
    assert!(told.out.contains("log-restart"), "{}", told.out);
}

#[test]
fn a_guard_that_cannot_be_kept_is_told_with_the_remedy() {
    let place = Place::bare();
    place.write("file", b"");
    let mut command = place.command(&["init", "--data", "d"]);
    let output = command
        .env("ENTENTE_GUARDS", place.path("file").join("guards"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("ENTENTE_GUARDS"), "{said}");
    let mut command = place.command(&["init", "--data", "d"]);
    let output = command.env("ENTENTE_GUARDS", "").output().unwrap();
    assert!(output.status.success());
}
