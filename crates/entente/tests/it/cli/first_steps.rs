//! `init`, the register on any day, the pledge, and what a wrong command line is told.

use super::{Place, each};

#[test]
fn init_makes_a_node_on_the_paris_call_and_says_what_is_in_it() {
    let place = Place::bare();
    let made = place.run(&["init", "--data", "d", "--json"]).ok().json();
    assert_eq!(made["pledge"]["id"], "paris-call-2018");
    assert_eq!(made["principles"], 9);
    assert!(made["parties"].as_u64().unwrap() > 1_200);
    let doctor = place.d("doctor --json").ok().json();
    assert!(doctor["entries"].as_u64().unwrap() > made["parties"].as_u64().unwrap());
}

#[test]
fn a_second_init_changes_nothing() {
    let place = Place::small();
    place.d("init").code(3).says("d holds a journal already");
    assert_eq!(
        place.d("party show alpha --json").ok().json()["id"],
        "alpha"
    );
}

#[test]
fn a_wrong_pledge_file_is_refused_with_line_and_reason_and_leaves_nothing() {
    let place = Place::bare();
    place.write(
        "wrong.toml",
        super::SMALL_PLEDGE
            .replace("civil-society", "club")
            .as_bytes(),
    );
    let refused = place
        .run(&["init", "--data", "d", "--pledge", "wrong.toml"])
        .code(3);
    let line = super::SMALL_PLEDGE
        .lines()
        .position(|line| line.contains("civil-society"));
    refused.says(&format!("wrong.toml:{}:", line.unwrap() + 1));
    assert!(!place.path("d").exists());
    place
        .run(&["pledge", "check", "wrong.toml"])
        .code(3)
        .says("wrong.toml:");
    place
        .run(&["pledge", "check", "missing.toml"])
        .code(3)
        .says("missing.toml");
    place
        .run_with_input(&["pledge", "check", "-"], b"\xff\xfe")
        .code(3)
        .says("not UTF-8");
}

#[test]
fn on_the_launch_day_the_us_is_in_talks_and_russia_and_china_sit_out() {
    let place = Place::new();
    let on = |day: &str, stance: &str| {
        let args = [
            "party", "list", "--kind", "state", "--as-of", day, "--stance", stance, "--json",
        ];
        place.on_d(&args).ok().lines()
    };
    let talking = on("2018-11-12", "in-talks");
    assert_eq!(each(&talking, "name"), ["United States"]);
    assert!(talking[0]["note"].as_str().unwrap().contains("other forms"));
    let out = on("2018-11-12", "sitting-out");
    assert!(each(&out, "id").contains(&"russia") && each(&out, "id").contains(&"china"));
    assert!(each(&on("2021-12-01", "signed"), "id").contains(&"united-states"));
    assert!(!each(&on("2021-12-01", "in-talks"), "id").contains(&"united-states"));
    let companies = place
        .d("party list --as-of 2018-11-12 --stance signed --json")
        .ok()
        .lines();
    for company in ["facebook", "google", "microsoft"] {
        assert!(
            each(&companies, "id").contains(&company),
            "{company} signed"
        );
    }
}

#[test]
fn parties_are_found_by_id_name_and_state_code() {
    let place = Place::new();
    for name in ["united-states", "United States", "united states", "US"] {
        let found = place.on_d(&["party", "show", name, "--json"]).ok().json();
        assert_eq!(found["id"], "united-states");
        assert!(found["history"].as_array().unwrap().len() >= 2);
    }
    place
        .d("party show microsft")
        .code(3)
        .says("there is no party 'microsft'");
    place.d("party show united").code(3).says("united-states");
    let shown = place.d("party show france --as-of 2018-11-12").ok();
    assert!(
        shown.out.contains("As of 2018-11-12: Signed"),
        "{}",
        shown.out
    );
}

#[test]
fn without_a_terminal_rows_are_columns_between_tabs() {
    let place = Place::small();
    let listed = place.d("party list --as-of 2020-01-15").ok();
    let row = listed
        .out
        .lines()
        .find(|line| line.starts_with("alpha"))
        .unwrap();
    let cells = [
        "alpha",
        "Alpha",
        "private-sector",
        "-",
        "signed",
        "2020-01-01",
        "signed on",
        "listed",
    ];
    assert_eq!(row.split('\t').collect::<Vec<_>>(), cells);
    assert!(
        listed.err.contains("as of 2020-01-15: 1 signed"),
        "{}",
        listed.err
    );
    assert!(!listed.out.contains('\x1b'));
}

#[test]
fn the_pledge_is_told() {
    let place = Place::small();
    let told = place.d("pledge show --json").ok().json();
    assert_eq!(told["principles"][0]["harms"][0], "cybercrime");
    let text = place.d("pledge show").ok().out;
    assert!(
        text.contains("1. Share [cybercrime]") && text.contains("May publish: signed, partner")
    );
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_suggestion() {
    let place = Place::bare();
    place
        .run(&["party", "list", "--data", "d", "--stance", "singed"])
        .code(2)
        .says("'signed'");
    place.run(&["imprt"]).code(2).says("import");
    place.run(&["party", "list"]).code(2).says("--data DIR");
    place
        .run(&["party", "list", "--data", "d", "--as-of", "12.11.2018"])
        .code(2)
        .says("YYYY-MM-DD");
    place
        .run(&["party", "list", "--server", "node.example"])
        .code(2)
        .says("http://host:port");
    let mut both = place.command(&["party", "list"]);
    both.env("ENTENTE_DATA", "d")
        .env("ENTENTE_SERVER", "http://127.0.0.1:1");
    super::Ended::from(both.output().unwrap())
        .code(2)
        .says("both ENTENTE_DATA and ENTENTE_SERVER");
}

#[test]
fn a_token_without_a_node_elsewhere_is_told() {
    let place = Place::small();
    place
        .d("party list --token T")
        .code(2)
        .says("say which with --server URL");
    // The flag completes the variable.
    let mut mixed = place.command(&["party", "list", "--token", "T"]);
    mixed.env("ENTENTE_SERVER", "http://127.0.0.1:9");
    super::Ended::from(mixed.output().unwrap()).code(5);
}

#[test]
fn a_directory_that_was_there_stays_when_init_fails() {
    let place = Place::bare();
    std::fs::create_dir(place.path("d")).unwrap();
    place.write("d/views.redb", b"no database");
    place.d("init").ok();
    assert!(!place.d("party list --json").ok().lines().is_empty());
    place.write("file", b"");
    place.run(&["init", "--data", "file"]).code(3).says("file");
}

#[test]
fn a_flag_outweighs_the_environment() {
    let place = Place::small();
    let mut command = place.command(&["party", "list", "--data", "d", "--json"]);
    command
        .env("ENTENTE_SERVER", "http://127.0.0.1:1")
        .env("ENTENTE_DATA", "elsewhere");
    assert!(
        !super::Ended::from(command.output().unwrap())
            .ok()
            .lines()
            .is_empty()
    );
    let mut command = place.command(&["party", "list", "--json"]);
    command.env("ENTENTE_DATA", "d");
    assert!(
        !super::Ended::from(command.output().unwrap())
            .ok()
            .lines()
            .is_empty()
    );
}

#[test]
fn a_missing_directory_is_told_how_to_make_it() {
    let place = Place::bare();
    for verb in [
        &["party", "list"][..],
        &["doctor"],
        &["serve"],
        &["match", "x"],
    ] {
        place.on_d(verb).code(3).says("entente init --data d");
    }
}

#[test]
fn a_damaged_journal_ends_doctor_with_6() {
    let place = Place::small();
    let folder = place.path("d").join("journal");
    let segment = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .max_by_key(|path| path.metadata().unwrap().len())
        .unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    place.d("doctor").code(6);
}

#[test]
fn completions_and_manual_come_with_the_program() {
    let place = Place::bare();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            place
                .run(&["completions", shell])
                .ok()
                .out
                .contains("entente")
        );
    }
    place.run(&["man", "man1"]).ok();
    assert!(place.path("man1/entente-import.1").exists());
    assert!(place.run(&["--version"]).ok().out.starts_with("entente "));
    assert!(
        place
            .run(&["import", "--help"])
            .ok()
            .out
            .contains("Examples:")
    );
}
