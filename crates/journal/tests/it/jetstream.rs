//! The journal on NATS JetStream, on three servers of its own. `ENTENTE_NATS_SERVER` names the program.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use journal::cluster::Cluster as _;
use journal::jetstream::{Failure, JetStream, Options};
use journal::{Durability, Error, Journal, Position};
use tempfile::TempDir;

use crate::fixture::{all, append, mixed, noise, records, text};

/// Three servers that fsync always.
struct Servers {
    folder: TempDir,
    program: PathBuf,
    ports: Vec<u16>,
    running: Vec<Option<Child>>,
}

impl Servers {
    /// Starts them; none when there is no program for it, which is said.
    fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("ENTENTE_NATS_SERVER") else {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI names no ENTENTE_NATS_SERVER"
            );
            eprintln!("SKIPPED: set ENTENTE_NATS_SERVER to a nats-server 2.14 or newer");
            return None;
        };
        let held: Vec<TcpListener> = (0..6)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let ports: Vec<u16> = held
            .iter()
            .map(|one| one.local_addr().unwrap().port())
            .collect();
        drop(held);
        let mut servers = Servers {
            folder: TempDir::new().unwrap(),
            program: program.into(),
            ports,
            running: vec![None, None, None],
        };
        for number in 0..3 {
            servers.run(number);
        }
        Some(servers)
    }

    fn run(&mut self, number: usize) {
        let folder = self.folder.path();
        let routes: Vec<String> = self.ports[3..]
            .iter()
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .collect();
        let text = format!(
            "listen: 127.0.0.1:{}\nserver_name: n{number}\njetstream {{ store_dir: \"{}\", sync_interval: always }}\ncluster {{ name: c, listen: 127.0.0.1:{}, routes: [{}] }}\n",
            self.ports[number],
            folder.join(format!("s{number}")).display(),
            self.ports[3 + number],
            routes.join(", "),
        );
        let path = folder.join(format!("{number}.conf"));
        fs::write(&path, text).unwrap();
        let log = fs::File::create(folder.join(format!("{number}.log"))).unwrap();
        let child = Command::new(&self.program)
            .arg("-c")
            .arg(path)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.running[number] = Some(child);
    }

    fn kill(&mut self, number: usize) {
        if let Some(mut child) = self.running[number].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn options(&self, stream: &str) -> Options {
        let servers = self.ports[..3]
            .iter()
            .map(|port| format!("nats://127.0.0.1:{port}"));
        Options {
            servers: servers.collect(),
            stream: stream.into(),
            ..Options::default()
        }
    }

    /// Those of a node that stands for the lease.
    fn leading(&self, stream: &str, name: &str) -> Options {
        Options {
            name: name.into(),
            ..self.options(stream)
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for number in 0..3 {
            self.kill(number);
        }
    }
}

/// Waits until a node leads: it may erase what is on the stream then.
fn leads(journal: &JetStream) {
    for _ in 0..3000 {
        if journal.leads() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{:?} leads", journal.leader());
}

fn open(path: &Path, options: &Options) -> JetStream {
    JetStream::open(path, options).unwrap()
}

/// Waits until a journal has got as far. It may stand still while its servers fail over.
fn reaches(journal: &JetStream, next: Position) {
    let (mut at, mut still) = (journal.next(), 0);
    while at < next && still < 3000 {
        thread::sleep(Duration::from_millis(10));
        still = if journal.next() > at { 0 } else { still + 1 };
        at = journal.next();
    }
    assert!(at >= next, "{at} of {next}: {:?}", journal.stopped());
}

#[test]
fn the_laws_hold_on_a_stream() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let journal = open(folder.path(), &servers.leading("story", "a"));
    assert_eq!(journal.durability(), Durability::Quorum);
    leads(&journal);
    crate::story::story(&journal);
    let known = all(&journal).unwrap();
    drop(journal);
    // It goes on where it was; and an empty disk is filled, erased bodies erased.
    let again = open(folder.path(), &servers.options("story"));
    assert_eq!(all(&again).unwrap(), known);
    let empty = TempDir::new().unwrap();
    let other = open(empty.path(), &servers.options("story"));
    assert_eq!(all(&other).unwrap(), known);
}

#[test]
fn nodes_that_write_at_once_agree() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let options = servers.options("race");
    let folders: Vec<TempDir> = (0..3).map(|_| TempDir::new().unwrap()).collect();
    let journals: Vec<JetStream> = folders.iter().map(|f| open(f.path(), &options)).collect();
    let wins: Vec<u64> = thread::scope(|scope| {
        let racing: Vec<_> = journals
            .iter()
            .zip(0u64..)
            .map(|(journal, node)| {
                scope.spawn(move || {
                    let mut won = 0;
                    for round in 0..60 {
                        let pairs = mixed(node * 1000 + round, 3);
                        match journal.append(journal.next(), &records(&pairs)) {
                            Ok(_) => won += 1,
                            Err(Error::Conflict { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                    won
                })
            })
            .collect();
        racing.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let next = Position(3 * wins.iter().sum::<u64>());
    assert!(wins.iter().all(|won| *won > 0), "{wins:?}");
    for journal in &journals {
        reaches(journal, next);
    }
    let first = all(&journals[0]).unwrap();
    assert_eq!(first.len() as u64, next.0);
    for journal in &journals[1..] {
        assert_eq!(all(journal).unwrap(), first);
    }
}

#[test]
fn what_was_acknowledged_stays_when_servers_die() {
    let Some(mut servers) = Servers::start() else {
        return;
    };
    let options = Options {
        wait: Duration::from_mins(1),
        ..servers.options("killed")
    };
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let journal = Arc::new(open(folders[0].path(), &options));
    let follower = open(folders[1].path(), &options);
    let done = Arc::new(AtomicBool::new(false));
    let writing = {
        let (journal, done) = (Arc::clone(&journal), Arc::clone(&done));
        thread::spawn(move || {
            let mut acknowledged = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let pairs = mixed(acknowledged.len() as u64, 5);
                append(journal.as_ref(), &pairs);
                acknowledged.extend(pairs);
            }
            acknowledged
        })
    };
    for round in 0..6 {
        servers.kill(round % 3);
        // The others go on without it, and with it once it is back.
        progress(&journal);
        servers.run(round % 3);
        progress(&journal);
        thread::sleep(Duration::from_secs(2));
    }
    done.store(true, Ordering::Relaxed);
    let acknowledged = writing.join().unwrap();
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    assert_eq!(all(journal.as_ref()).unwrap(), acknowledged);
    reaches(&follower, journal.next());
    assert_eq!(all(&follower).unwrap(), acknowledged);
}

/// Waits until appends went on for a while.
fn progress(journal: &JetStream) {
    let next = journal.next();
    for _ in 0..6000 {
        if journal.next().0 > next.0 + 50 {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("appends do not go on behind {next}");
}

#[test]
fn erased_bodies_leave_the_stream_however_often_their_batch_is_erased_from() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let folders: Vec<TempDir> = (0..4).map(|_| TempDir::new().unwrap()).collect();
    let leader = open(folders[0].path(), &servers.leading("erase", "a"));
    leads(&leader);
    let mut model = mixed(0, 40);
    append(&leader, &model);
    // A batch of several pieces.
    let large: Vec<_> = (0..6)
        .map(|n| (text(n, 100), noise(n, 300 << 10)))
        .collect();
    append(&leader, &large);
    model.extend(large);
    let early = open(folders[1].path(), &servers.options("erase"));
    drop(early);
    for positions in [&[3, 41][..], &[3, 4, 44], &[], &[45, 0, 41]] {
        let positions: Vec<Position> = positions.iter().copied().map(Position).collect();
        leader.erase(&positions).unwrap();
        for position in &positions {
            model[usize::try_from(position.0).unwrap()].1.clear();
        }
    }
    append(&leader, &mixed(900, 20));
    model.extend(mixed(900, 20));
    assert_eq!(all(&leader).unwrap(), model);
    // An empty disk never sees them.
    let late = open(folders[2].path(), &servers.options("erase"));
    assert_eq!(all(&late).unwrap(), model);
    // Who has them already takes them out by itself; and who does not lead leaves the stream alone.
    let early = open(folders[1].path(), &servers.options("erase"));
    reaches(&early, leader.next());
    assert!(!early.get(Position(41)).unwrap().body.is_empty());
    early.erase(&[Position(41), Position(5)]).unwrap();
    assert!(early.get(Position(41)).unwrap().body.is_empty());
    drop((early, late));
    let other = open(folders[3].path(), &servers.options("erase"));
    assert_eq!(all(&other).unwrap(), model);
}

#[test]
fn one_node_leads_and_the_next_takes_over() {
    let Some(servers) = Servers::start() else {
        return;
    };
    let folders: Vec<TempDir> = (0..2).map(|_| TempDir::new().unwrap()).collect();
    let first = open(folders[0].path(), &servers.leading("lease", "http://a"));
    leads(&first);
    first.sign(b"one").unwrap();
    let second = open(folders[1].path(), &servers.leading("lease", "http://b"));
    assert!(second.sign(b"two").is_err(), "it does not lead");
    for _ in 0..1000 {
        if second.leader().is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(second.leader().as_deref(), Some("http://a"));
    let left = JetStream::leave(TempDir::new().unwrap().path(), &servers.options("lease"));
    assert!(matches!(left, Err(Error::Stream(Failure::Led(_)))));
    first.resign();
    leads(&second);
    assert!(!first.leads());
    assert_eq!(second.signed().as_deref(), Some(&b"one"[..]));
    second.sign(b"two").unwrap();
    assert!(first.sign(b"other").is_err(), "it led");
}

#[test]
fn without_a_quorum_writes_are_refused_and_reads_go_on() {
    let Some(mut servers) = Servers::start() else {
        return;
    };
    let options = Options {
        wait: Duration::from_secs(8),
        ..servers.options("quorum")
    };
    let folder = TempDir::new().unwrap();
    let journal = open(folder.path(), &options);
    let before = mixed(0, 20);
    append(&journal, &before);
    servers.kill(0);
    servers.kill(1);
    let more = mixed(20, 5);
    let refused = journal.append(journal.next(), &records(&more));
    assert!(
        matches!(
            refused,
            Err(Error::Stream(
                Failure::NoQuorum(_) | Failure::Unreachable(_)
            ))
        ),
        "{refused:?}"
    );
    assert_eq!(all(&journal).unwrap(), before);
    servers.run(0);
    servers.run(1);
    // The batch may be found, or not; either way appends go on behind what stands.
    let mut appended = false;
    for _ in 0..40 {
        match journal.append(journal.next(), &records(&more)) {
            Ok(_) => {
                appended = true;
                break;
            }
            Err(_) => thread::sleep(Duration::from_millis(500)),
        }
    }
    assert!(appended);
    let found = all(&journal).unwrap();
    assert_eq!(found[..20], before[..]);
    assert!(found.ends_with(&more));
}

#[test]
fn another_stream_stops_a_node() {
    let Some(mut servers) = Servers::start() else {
        return;
    };
    let options = servers.options("other");
    let folder = TempDir::new().unwrap();
    let journal = open(folder.path(), &options);
    append(&journal, &mixed(0, 20));
    drop(journal);
    for number in 0..3 {
        servers.kill(number);
        fs::remove_dir_all(servers.folder.path().join(format!("s{number}"))).unwrap();
    }
    for number in 0..3 {
        servers.run(number);
    }
    let refused = JetStream::open(folder.path(), &options).err().unwrap();
    assert!(
        matches!(refused, Error::Stream(Failure::Other(_))),
        "{refused}"
    );
}
