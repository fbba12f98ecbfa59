use detect::coordination::{Layer, Posts, Settings, Telling, drafts, groups, null};
use detect::sample::Recipe;

fn told(account: &dyn Fn(&str) -> Option<String>) -> Vec<Vec<u8>> {
    let mut posts = Posts::new();
    let recipe = Recipe {
        seed: 3,
        rows: 20_000,
    };
    for share in recipe.draw().shares {
        let (object, account) = (
            format!("https://example.com/{}", share.object),
            format!("person {}", share.account),
        );
        posts
            .add(
                Layer::Url,
                object.as_bytes(),
                account.as_bytes(),
                b"",
                share.time,
            )
            .unwrap();
    }
    let sorted = posts.sorted();
    let found = null(&sorted, &Settings::default()).unwrap();
    let telling = Telling {
        creator: None,
        marking: Some(stix::Tlp::Amber),
        platform: "example",
        account,
    };
    let groups = groups(&sorted, &found, 2);
    assert!(!groups.is_empty());
    groups
        .iter()
        .flat_map(|group| drafts(&sorted, group, &telling))
        .map(|draft| draft.bytes())
        .collect()
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let keep = |name: &str| Some(name.to_owned());
    let all = told(&keep);
    assert_eq!(all, told(&keep));
    for bytes in &all {
        let object = stix::Object::parse(bytes).unwrap();
        assert!(!object.type_name().is_empty());
    }
    let text = String::from_utf8(all.concat()).unwrap();
    for part in [
        "\"campaign\"",
        "\"grouping\"",
        "\"note\"",
        "\"user-account\"",
        "\"url\"",
        "T0049.003",
    ] {
        assert!(text.contains(part), "no {part}");
    }
    assert!(!text.to_lowercase().contains("inauthentic"));
}

#[test]
fn names_of_accounts_follow_the_policy() {
    let hashed = told(&|name| Some(format!("hash-{}", name.len())));
    let dropped = told(&|_| None);
    for all in [hashed, dropped] {
        let text = String::from_utf8(all.concat()).unwrap();
        assert!(!text.contains("person "), "a name is told");
    }
}
