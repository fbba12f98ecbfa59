//! `import` of what others keep: galaxies and taxonomies of MISP, reports on operations, DISARM.

use serde_json::{Value, json};

use super::Place;

fn objects(place: &Place) -> Vec<Value> {
    let exported = place
        .on_d(&["export", "--format", "ndjson", "-o", "-"])
        .ok()
        .out;
    exported
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn of_type<'o>(objects: &'o [Value], name: &str) -> Vec<&'o Value> {
    objects
        .iter()
        .filter(|object| object["type"] == name)
        .collect()
}

#[test]
fn clusters_of_a_galaxy_have_their_type_and_their_framework() {
    let place = Place::small();
    let (one, other) = (
        "0b66c1b5-7b1c-4e0a-8a3e-0d9a4b1a7d4d",
        "1b66c1b5-7b1c-4e0a-8a3e-0d9a4b1a7d4d",
    );
    let galaxy = json!({
        "authors": ["x"], "category": "disarm", "name": "Techniques", "type": "disarm-techniques",
        "values": [
            {"uuid": one, "value": "Use Copypasta", "description": "The same text many times.",
             "meta": {"external_id": "T0084.001", "kill_chain": ["tactics:Develop Content"]},
             "related": [{"dest-uuid": other, "type": "subtechnique-of"},
                         {"dest-uuid": "2b66c1b5-7b1c-4e0a-8a3e-0d9a4b1a7d4d", "type": "blocked-by"}]},
            {"uuid": other, "value": "Reuse Existing Content", "meta": {"external_id": "T0084"}},
        ],
    });
    place.write(
        "g.json",
        serde_json::to_string_pretty(&galaxy).unwrap().as_bytes(),
    );
    let import = ["import", "g.json", "--collection", "library"];
    place.on_d(&import).ok();
    let all = objects(&place);
    let techniques = of_type(&all, "attack-pattern");
    assert_eq!(techniques.len(), 2);
    assert_eq!(techniques[0]["id"], format!("attack-pattern--{one}"));
    assert_eq!(
        techniques[0]["kill_chain_phases"],
        json!([{"kill_chain_name": "disarm", "phase_name": "develop-content"}])
    );
    assert_eq!(
        techniques[0]["external_references"][0]["source_name"],
        "DISARM"
    );
    let ties = of_type(&all, "relationship");
    assert_eq!(ties.len(), 1, "what leads out of the file is left out");
    assert_eq!(ties[0]["relationship_type"], "subtechnique-of");
    assert!(place.on_d(&import).ok().err.contains("0 objects taken"));
}

#[test]
fn machine_tags_of_a_taxonomy_are_statements() {
    let place = Place::small();
    let taxonomy = json!({
        "namespace": "misinformation-website-label", "description": "x", "version": 1,
        "predicates": [{"value": "fake-news", "expanded": "Fake news"}, {"value": "satire", "expanded": "Satire"}],
        "values": [{"predicate": "satire", "entry": [{"value": "plain", "expanded": "Plain satire"}]}],
    });
    place.write("machinetag.json", taxonomy.to_string().as_bytes());
    place
        .on_d(&["import", "machinetag.json", "--collection", "library"])
        .ok();
    let all = objects(&place);
    let tags: Vec<_> = of_type(&all, "marking-definition")
        .iter()
        .map(|tag| tag["definition"]["statement"].as_str().unwrap())
        .collect();
    assert_eq!(
        tags,
        [
            "misinformation-website-label:fake-news",
            "misinformation-website-label:satire=\"plain\""
        ]
    );
}

#[test]
fn a_report_on_an_operation_is_a_campaign() {
    let place = Place::small();
    place.write(
        "Q1_2024_SOME_NETWORK.csv",
        b"Tactic ,Technique,Procedure,Indicator,Notes\n\
        0. Acquiring assets,0.9 Acquiring accounts,0.9.8 Acquiring accounts on forums,https://medium.com/@somebody,\n\
        0. Acquiring assets,0.9 Acquiring accounts,0.9.1 Acquiring assets,37 accounts,\n\
        0. Acquiring assets,0.6 Acquiring domains,0.6.2 Acquiring domains,artichoc[.]example,Spoof\n\
        ,,,Some words of prose,\n",
    );
    let import = [
        "import",
        "Q1_2024_SOME_NETWORK.csv",
        "--collection",
        "ops",
        "--keep-going",
    ];
    let ended = place.on_d(&import).ok();
    assert!(ended.err.contains("it names no procedure"), "{}", ended.err);
    let all = objects(&place);
    let campaign = of_type(&all, "campaign")[0];
    assert_eq!(campaign["name"], "Q1 2024 SOME NETWORK");
    assert_eq!(of_type(&all, "indicator").len(), 2);
    let account = of_type(&all, "user-account")[0];
    assert_eq!(
        (&account["account_type"], &account["account_login"]),
        (&"medium".into(), &"somebody".into())
    );
    let uses: Vec<_> = of_type(&all, "relationship")
        .into_iter()
        .filter(|tie| tie["relationship_type"] == "uses")
        .collect();
    assert_eq!(uses.len(), 3);
    assert!(uses.iter().any(|tie| tie["description"] == "37 accounts"));
    assert!(uses.iter().all(|tie| tie["source_ref"] == campaign["id"]));
    assert!(place.on_d(&import).ok().err.contains("0 objects taken"));
    // A hit on the domain leads to the campaign.
    let hits = place.run_with_input(
        &["match", "-", "--data", "d", "--json"],
        b"GET artichoc.example\n",
    );
    assert_eq!(hits.out.lines().count(), 1);
}

#[test]
fn applications_are_indicators_too() {
    let place = Place::small();
    place.write(
        "apps.csv",
        b"indicator_type,indicator_value,comment,ds\nandroid_package_name,al.puik.cus,Bad,2022-10-03\n\
        ios_app_id,1555651942,Bad,2022-10-03\nios_app_id,not one,Bad,2022-10-03\n",
    );
    place
        .on_d(&["import", "apps.csv", "--collection", "apps", "--keep-going"])
        .ok();
    let all = objects(&place);
    let patterns: Vec<_> = of_type(&all, "indicator")
        .iter()
        .map(|one| one["pattern"].clone())
        .collect();
    assert_eq!(
        patterns,
        [
            "[software:name = 'al.puik.cus']",
            "[software:name = '1555651942']"
        ]
    );
}

#[test]
fn the_kill_chain_of_disarm_gets_its_name_back() {
    let place = Place::small();
    let technique = json!({
        "type": "attack-pattern", "spec_version": "2.1",
        "id": "attack-pattern--4cd719a9-e817-4acc-9581-6b6a60e42f35",
        "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", "name": "Use Copypasta",
        "kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "develop-content"}],
        "external_references": [{"source_name": "mitre-attack", "external_id": "T0084.001",
            "url": "https://github.com/DISARMFoundation/DISARMframeworks/blob/main/x.md"}],
    });
    place.write(
        "disarm.json",
        json!({"type": "bundle", "objects": [technique]})
            .to_string()
            .as_bytes(),
    );
    let ended = place
        .on_d(&["import", "disarm.json", "--collection", "library"])
        .ok();
    assert!(
        ended
            .err
            .contains("1 object of DISARM called their kill chain"),
        "{}",
        ended.err
    );
    let all = objects(&place);
    assert_eq!(all[0]["kill_chain_phases"][0]["kill_chain_name"], "disarm");
}
