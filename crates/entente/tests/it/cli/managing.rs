//! Parties, stances, collections and tokens of a data directory.

use super::{Place, each};

#[test]
fn a_party_is_added_and_its_stance_recorded() {
    let place = Place::small();
    let added = place
        .on_d(&["party", "add", "Émile & Fils", "--kind", "private-sector"])
        .ok();
    assert_eq!(added.out, "emile-fils\n");
    let list = |day: &str| {
        let args = [
            "party", "list", "--stance", "partner", "--as-of", day, "--json",
        ];
        place.on_d(&args).ok().lines()
    };
    let stance = [
        "party",
        "stance",
        "Émile & Fils",
        "partner",
        "--since",
        "2021-03-01",
    ];
    place
        .on_d(
            &[
                &stance[..],
                &["--source", "a letter", "--note", "for a year"],
            ]
            .concat(),
        )
        .ok();
    assert!(list("2021-02-28").is_empty());
    let partner = &list("2021-03-01")[0];
    assert_eq!(
        (&partner["id"], &partner["note"]),
        (&"emile-fils".into(), &"for a year".into())
    );
    place
        .d("party add 日本 --kind state")
        .code(3)
        .says("party id");
    place
        .d("party stance nobody signed --since 2021-01-01")
        .code(3);
}

#[test]
fn a_collection_is_made_listed_and_shown() {
    let place = Place::small();
    let args = [
        "collection",
        "create",
        "feed",
        "--harm",
        "cybercrime",
        "--marking",
        "green",
    ];
    let made = place
        .on_d(&[&args[..], &["--recipient", "Béta Org", "--json"]].concat())
        .ok()
        .json();
    assert_eq!(made["default_marking"], "TLP:GREEN");
    assert_eq!(made["recipients"][0], "beta");
    let listed = place.d("collection list --json").ok().lines();
    assert_eq!(each(&listed, "alias"), ["feed"]);
    let shown = place.d("collection show feed").ok().out;
    assert!(shown.contains("TLP:GREEN") && shown.contains("cybercrime") && shown.contains("beta"));
    place
        .d("collection create feed")
        .code(3)
        .says("there is a collection 'feed'");
    place
        .on_d(&["collection", "create", "Not A Slug"])
        .code(3)
        .says("Not A Slug");
    place
        .d("collection show fed")
        .code(3)
        .says("there are feed");
    place
        .d("collection create x --recipient nobody")
        .code(3)
        .says("nobody");
    place
        .d("collection create x --marking blue")
        .code(2)
        .says("amber+strict");
}

#[test]
fn a_token_is_alone_on_stdout_listed_without_its_secret_and_revoked() {
    let place = Place::small();
    let issued = place
        .d("token create --party Alpha --scope read,publish")
        .ok();
    let token = issued.out.trim_end();
    assert!(
        token.starts_with("ent_") && !token.contains(char::is_whitespace),
        "{token}"
    );
    assert!(!issued.err.contains("warning"), "{}", issued.err);
    let listed = place.d("token list --json").ok();
    // `ent_<id>_<secret>`: a secret may hold underscores of its own.
    let secret = token.splitn(3, '_').nth(2).unwrap();
    assert!(secret.len() >= 40, "{token}");
    assert!(!listed.out.contains(secret), "{}", listed.out);
    let listed = listed.lines();
    assert_eq!(each(&listed, "party"), ["alpha"]);
    let id = listed[0]["id"].as_str().unwrap();
    place.on_d(&["token", "revoke", id]).ok();
    assert!(place.d("token list --json").ok().lines()[0]["revoked"].is_string());
    place.d("token revoke 000000000000").code(3);
    place
        .d("token create --party alpha --scope reed")
        .code(2)
        .says("read");
    place.d("token create --party nobody --scope read").code(3);
}

#[test]
fn a_token_that_can_do_little_is_told_so() {
    let place = Place::new();
    let create = |party: &str, scope: &str| {
        place
            .on_d(&["token", "create", "--party", party, "--scope", scope])
            .ok()
    };
    let words = create("russia", "read,publish").err;
    assert!(
        words.contains("not TLP:AMBER") && words.contains("does not let it publish"),
        "{words}"
    );
    assert!(!create("france", "read,publish").err.contains("warning"));
}
