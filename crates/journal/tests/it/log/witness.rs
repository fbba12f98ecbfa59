use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use journal::log::checkpoint::Checkpoint;
use journal::log::hash::Hash;
use journal::log::note::{CosigningKey, Kind, Note, SigningKey};
use journal::log::proof::prove_consistency;
use journal::log::witness::{Answer, Request, Witness, WitnessError};
use proptest::prelude::*;

use super::naive::Naive;

const ORIGIN: &str = "log.example/1";

fn log_key() -> SigningKey {
    SigningKey::generate([1; 32], ORIGIN).unwrap()
}

fn open(directory: &Path) -> Result<Witness, WitnessError> {
    let key = CosigningKey::generate([2; 32], "witness.example/w1").unwrap();
    Witness::open(directory, key, [log_key().verifier().clone()])
}

fn request(log: &Naive, old: u64, size: u64) -> Request {
    let root = log.root(size);
    let checkpoint = Checkpoint::new(ORIGIN, size, root).unwrap();
    let proof = prove_consistency(log, old, size, &root).unwrap();
    Request {
        old,
        proof,
        checkpoint: checkpoint.sign(&log_key()).unwrap(),
    }
}

fn ask(witness: &Witness, request: &Request) -> Answer {
    witness
        .add_checkpoint(request.to_string().as_bytes(), 1_700_000_000)
        .unwrap()
}

#[test]
fn a_script_of_every_status() {
    let directory = tempfile::tempdir().unwrap();
    let witness = open(directory.path()).unwrap();
    let log = Naive::new(100);
    let status = |request: &Request| ask(&witness, request).status();

    // The first checkpoint needs no proof, and may not have one.
    assert_eq!(status(&request(&log, 0, 40)), 200);
    // A client that does not know where the witness is asks from 0, and is told.
    let conflict = ask(&witness, &request(&log, 0, 60));
    assert_eq!(conflict, Answer::Conflict(40));
    assert_eq!(
        (conflict.status(), conflict.content_type()),
        (409, "text/x.tlog.size")
    );
    assert_eq!(conflict.body(), "40\n");
    assert_eq!(status(&request(&log, 40, 60)), 200);
    // The same again is the same tree, seen later.
    assert_eq!(status(&request(&log, 60, 60)), 200);
    // Too late: somebody was faster.
    assert_eq!(ask(&witness, &request(&log, 40, 70)), Answer::Conflict(60));
    // Another root of the same size.
    let mut forked = request(&log, 60, 60);
    let other = Checkpoint::new(ORIGIN, 60, [9; 32]).unwrap();
    forked.checkpoint = other.sign(&log_key()).unwrap();
    assert_eq!(ask(&witness, &forked), Answer::Conflict(60));
    // A proof that is wrong, missing or too long.
    let good = request(&log, 60, 80);
    let mut bad = good.clone();
    bad.proof[0][0] ^= 1;
    assert_eq!(status(&bad), 422);
    bad.proof.clear();
    assert_eq!(status(&bad), 422);
    bad.proof = [&good.proof[..], &[[1; 32]]].concat();
    assert_eq!(status(&bad), 422);
    // A log that shrinks.
    let mut bad = request(&log, 50, 50);
    bad.old = 60;
    assert_eq!(status(&bad), 400);
    // Not a request at all.
    for body in ["", "old 60", "old 060\n\n", "old -1\n\n", "old 60\nxyz\n\n"] {
        let answer = witness.add_checkpoint(body.as_bytes(), 0).unwrap();
        assert_eq!(answer.status(), 400, "{body:?}");
    }
    let mut bad = good.clone();
    bad.proof = vec![[0; 32]; 64];
    assert_eq!(status(&bad), 400);
    // Signed by somebody else, under the log's name; and altered after it was signed.
    let thief = SigningKey::generate([3; 32], ORIGIN).unwrap();
    let mut bad = good.clone();
    bad.checkpoint = thief.sign_note(good.checkpoint.text()).unwrap();
    assert_eq!(status(&bad), 403);
    let altered = good.to_string().replace("\n80\n", "\n81\n");
    assert_eq!(
        witness
            .add_checkpoint(altered.as_bytes(), 0)
            .unwrap()
            .status(),
        403
    );
    // Another log.
    let other = SigningKey::generate([3; 32], "log.example/2").unwrap();
    let mut bad = good.clone();
    bad.checkpoint = Checkpoint::new("log.example/2", 80, [1; 32])
        .unwrap()
        .sign(&other)
        .unwrap();
    assert_eq!(status(&bad), 404);
    // None of that kept it from going on.
    assert_eq!(status(&good), 200);
}

#[test]
fn a_cosignature_is_one_that_others_verify() {
    let directory = tempfile::tempdir().unwrap();
    let witness = open(directory.path()).unwrap();
    let log = Naive::new(10);
    let request = request(&log, 0, 10);
    let answer = ask(&witness, &request);
    assert!(answer.body().starts_with("— witness.example/w1 "));
    let together = format!("{}{}", request.checkpoint, answer.body());
    let note = Note::parse(together.as_bytes()).unwrap();
    let keys = [witness.key().clone()];
    let found = note.verify(&keys).unwrap();
    assert_eq!(found[0].time, Some(1_700_000_000));
    assert_eq!(found[0].key.kind(), Kind::Cosignature);
}

#[test]
fn what_was_cosigned_outlives_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let log = Naive::new(100);
    let witness = open(directory.path()).unwrap();
    assert!(matches!(
        open(directory.path()),
        Err(WitnessError::Locked(_))
    ));
    assert_eq!(ask(&witness, &request(&log, 0, 40)).status(), 200);
    drop(witness);
    // What a crash within the next write leaves behind.
    let record = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let record = record
        .into_iter()
        .find(|path| !path.ends_with("LOCK"))
        .unwrap();
    fs::write(record.with_extension("new"), "half a chec").unwrap();
    let witness = open(directory.path()).unwrap();
    assert_eq!(ask(&witness, &request(&log, 0, 60)), Answer::Conflict(40));
    assert_eq!(ask(&witness, &request(&log, 40, 60)).status(), 200);
    drop(witness);
    // A record that is damaged is no reason to start anew.
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace(ORIGIN, "log.example/3")).unwrap();
    assert!(matches!(
        open(directory.path()),
        Err(WitnessError::Damaged { .. })
    ));
    fs::write(&record, "").unwrap();
    assert!(matches!(
        open(directory.path()),
        Err(WitnessError::Damaged { .. })
    ));
}

#[test]
fn a_disk_that_takes_nothing_gets_no_cosignature() {
    let directory = tempfile::tempdir().unwrap();
    let witness = open(directory.path()).unwrap();
    let log = Naive::new(100);
    assert_eq!(ask(&witness, &request(&log, 0, 40)).status(), 200);
    // The directory is gone: root may write anywhere, so permissions would stop nobody.
    fs::remove_dir_all(directory.path()).unwrap();
    let body = request(&log, 40, 60).to_string();
    let refused = witness.add_checkpoint(body.as_bytes(), 0);
    assert!(
        matches!(refused, Err(WitnessError::Io { .. })),
        "{refused:?}"
    );
    let latest = witness.latest(ORIGIN).unwrap();
    assert_eq!(Checkpoint::parse(latest.text()).unwrap().size(), 40);
}

#[test]
fn of_two_that_race_one_wins_and_nothing_rolls_back() {
    let directory = tempfile::tempdir().unwrap();
    let witness = open(directory.path()).unwrap();
    let log = Naive::new(400);
    let cosigned: Vec<Vec<u64>> = thread::scope(|scope| {
        let asks: Vec<_> = (0..4_u64)
            .map(|worker| {
                let (witness, log) = (&witness, &log);
                scope.spawn(move || {
                    let (mut old, mut won) = (0, Vec::new());
                    for step in 0..30 {
                        let size = (old + 1 + (worker * 7 + step) % 5).min(log.size());
                        match ask(witness, &request(log, old, size)) {
                            Answer::Cosigned(_) => {
                                old = size;
                                won.push(size);
                            }
                            Answer::Conflict(size) => old = size,
                            other => panic!("{other:?}"),
                        }
                    }
                    won
                })
            })
            .collect();
        asks.into_iter().map(|ask| ask.join().unwrap()).collect()
    });
    let mut all: Vec<u64> = cosigned.concat();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    // A size that two had cosigned would be a step that was taken from the same state twice.
    assert_eq!(all.len(), count);
    let latest = Checkpoint::parse(witness.latest(ORIGIN).unwrap().text()).unwrap();
    assert_eq!(Some(&latest.size()), all.last());
}

const KILLED: &str = "WITNESS_TEST_KILLED";

/// The test runs itself once more as the one to be killed.
#[test]
fn killed_at_any_moment_it_knows_what_it_cosigned() {
    let log = Naive::new(20_000);
    if let Some(directory) = env::var_os(KILLED) {
        let witness = open(Path::new(&directory)).unwrap();
        let mut out = std::io::stdout().lock();
        loop {
            let latest = witness.latest(ORIGIN);
            let size = latest.map_or(0, |note| Checkpoint::parse(note.text()).unwrap().size());
            let answer = ask(&witness, &request(&log, size, size + 1));
            assert_eq!(answer.status(), 200);
            writeln!(out, "cosigned {}", size + 1).unwrap();
        }
    }
    let directory = tempfile::tempdir().unwrap();
    for round in 0..6 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--nocapture", "--exact"])
            .arg("log::witness::killed_at_any_moment_it_knows_what_it_cosigned")
            .env(KILLED, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut cosigned = lines.filter_map(|line| {
            line.strip_prefix("cosigned ")
                .and_then(|size| size.parse().ok())
        });
        let seen: u64 = cosigned.by_ref().nth(1 + round * 3).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let seen = cosigned.last().unwrap_or(seen);
        let witness = open(directory.path()).unwrap();
        let latest = Checkpoint::parse(witness.latest(ORIGIN).unwrap().text()).unwrap();
        // The last may have been recorded, and its cosignature lost on the way.
        assert!(
            latest.size() == seen || latest.size() == seen + 1,
            "{} of {seen}",
            latest.size()
        );
        assert_eq!(*latest.root(), log.root(latest.size()));
    }
}

#[test]
fn a_witness_key_is_no_log() {
    let directory = tempfile::tempdir().unwrap();
    let key = || CosigningKey::generate([2; 32], "w").unwrap();
    let opened = Witness::open(directory.path(), key(), [key().verifier().clone()]);
    assert!(matches!(opened, Err(WitnessError::NoLog(_))));
}

proptest! {
    #[test]
    fn a_request_prints_as_it_was_read(
        old in 0_u64..1 << 63, hashes in prop::collection::vec(any::<Hash>(), 0..64), cut: u16,
    ) {
        let checkpoint = log_key().sign_note("log.example/1\n1\nroot\n").unwrap();
        let request = Request { old, proof: hashes, checkpoint };
        let text = request.to_string();
        prop_assert_eq!(Request::parse(text.as_bytes()).unwrap(), request);
        let cut = usize::from(cut) % text.len();
        prop_assert!(Request::parse(&text.as_bytes()[..cut]).is_err());
    }
}

#[test]
fn the_example_of_the_standard_reads() {
    // From C2SP tlog-witness: any number of signatures, by keys nobody here knows.
    let body = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
        \n\
        example.com/behind-the-sofa\n\
        20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
        \n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let request = Request::parse(body.as_bytes()).unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.to_string(), body);
}
