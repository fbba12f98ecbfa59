//! What does not fire, and why: warning lists and `match --explain`.

use super::serving::Serving;
use super::{Ended, Place, each};

/// A list as MISP has them.
const RESOLVERS: &[u8] = br#"{"name":"List of resolvers","version":20240101,
  "description":"d","type":"cidr","matching_attributes":["ip-src","ip-dst","domain|ip"],
  "list":["198.51.100.0/24","?"],"icon":"x"}"#;

fn place() -> Place {
    let place = Place::small();
    place.write(
        "list.txt",
        b"10.1.2.3\nwww.google.com\nevil.example\n198.51.100.7\n",
    );
    place.d("import list.txt --collection feed").ok();
    place.write(
        "log",
        b"10.1.2.3 www.google.com evil.example 198.51.100.7\n",
    );
    place.write("resolvers.json", RESOLVERS);
    place
}

fn values(ended: &Ended) -> Vec<String> {
    let lines = ended.lines();
    each(&lines, "value")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_is_on_a_warning_list_is_counted_and_shown_when_asked_for() {
    let place = place();
    let check = |place: &Place| {
        let ended = place.d("match log --json").ok();
        assert_eq!(values(&ended), ["evil.example", "198.51.100.7"]);
        ended.says("2 hits do not fire (2 warning-list); see which with --explain");
        let all = place.d("match log --json --explain").ok().lines();
        let silent: Vec<_> = all.iter().filter(|hit| hit["fires"] == false).collect();
        assert_eq!((all.len(), silent.len()), (4, 2));
        assert_eq!(silent[0]["why"][0]["reason"], "warning-list");
        assert_eq!(silent[0]["why"][0]["list"], "special-use-addresses");
        assert_eq!(silent[1]["why"][0]["list"], "top-sites");
        let firing = all.iter().find(|hit| hit["fires"] == true).unwrap();
        assert_eq!((&firing["score"], firing.get("why")), (&100.into(), None));
        let people = place.d("match log --explain").ok();
        let words = "| does not fire: on the warning list 'special-use-addresses'";
        assert!(people.out.contains(words), "{}", people.out);
    };
    check(&place);
    {
        let _node = Serving::start(&place);
        check(&place);
    }
    place.write("quiet", b"10.1.2.3\n");
    place
        .d("match quiet --fail-on-match")
        .code(0)
        .says("no match");
    place.d("match quiet --fail-on-match --explain").code(0);
    place.d("match log --fail-on-match").code(1);
}

#[test]
fn lists_are_loaded_listed_checked_and_removed() {
    let place = place();
    let check = |place: &Place| {
        let added = place.d("warninglist add resolvers.json").ok();
        assert_eq!(added.out, "List of resolvers: 1 value\n");
        added.says("1 value cannot be used; \"?\"");
        let lists = place.d("warninglist list --json").ok().lines();
        let mine = lists
            .iter()
            .find(|list| list["name"] == "List of resolvers")
            .unwrap();
        assert_eq!(
            (&mine["values"], &mine["built_in"]),
            (&1.into(), &false.into())
        );
        assert_eq!(
            (&mine["version"], &mine["type"]),
            (&20_240_101.into(), &"cidr".into())
        );
        assert_eq!(lists.len(), 4);
        assert_eq!(values(&place.d("match log --json").ok()), ["evil.example"]);
        let holding = place
            .d("warninglist check 198.51.100.9 --json")
            .ok()
            .lines();
        assert_eq!(each(&holding, "name"), ["List of resolvers"]);
        place
            .d("warninglist check evil.example")
            .ok()
            .says("no list holds it");
        place
            .on_d(&["warninglist", "remove", "List of resolvers"])
            .ok();
        place.d("warninglist remove top-sites").ok();
        let fires = ["www.google.com", "evil.example", "198.51.100.7"];
        assert_eq!(values(&place.d("match log --json").ok()), fires);
        place.d("warninglist restore top-sites").ok();
        assert_eq!(values(&place.d("match log --json").ok()), fires[1..]);
    };
    check(&place);
    let _node = Serving::start(&place);
    check(&place);
}

#[test]
fn what_is_no_list_is_named_with_its_file() {
    let place = place();
    place.write("broken.json", b"{\"name\":\"x\"}");
    place.write(
        "odd.json",
        br#"{"name":"odd","type":"colour","list":["red"]}"#,
    );
    place.write(
        "coins.json",
        br#"{"name":"coins","type":"string","matching_attributes":["btc"],"list":["1x"]}"#,
    );
    place
        .d("warninglist add broken.json")
        .code(3)
        .says("broken.json");
    place
        .d("warninglist add odd.json")
        .code(3)
        .says("'colour' is no type");
    place
        .d("warninglist add coins.json")
        .code(3)
        .says("about btc alone");
    let some = place.d("warninglist add --keep-going broken.json resolvers.json");
    assert_eq!(some.code(3).out, "List of resolvers: 1 value\n");
    place
        .d("warninglist remove nothing")
        .code(3)
        .says("no such warning list");
    place
        .d("warninglist restore nothing")
        .code(3)
        .says("no such built-in");
}
