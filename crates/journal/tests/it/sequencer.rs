use std::{
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use journal::{
    Journal, Position, Record,
    memory::Memory,
    sequencer::{Decider, Limits, Rejected, Sequencer, Weight},
};

struct Ask {
    objects: Vec<Vec<u8>>,
    answer: Sender<Position>,
}

impl Ask {
    fn new(objects: usize, bytes: usize) -> (Self, Receiver<Position>) {
        let (answer, answered) = mpsc::channel();
        (
            Self {
                objects: vec![vec![b'x'; bytes]; objects],
                answer,
            },
            answered,
        )
    }
}

#[derive(Default)]
struct Seen {
    batches: Vec<Vec<Weight>>,
    ticks: usize,
}

struct Clerk {
    journal: Arc<Memory>,
    seen: Arc<Mutex<Seen>>,
    /// Each batch waits for one of these, where there is one.
    gate: Option<Receiver<()>>,
}

impl Decider for Clerk {
    type Ask = Ask;

    fn weight(ask: &Ask) -> Weight {
        Weight {
            objects: ask.objects.len(),
            bytes: ask.objects.iter().map(Vec::len).sum(),
        }
    }

    fn batch(&mut self, asks: Vec<Ask>) {
        assert!(
            asks.iter().all(|ask| !ask.objects.is_empty()),
            "an ask for nothing"
        );
        self.seen
            .lock()
            .unwrap()
            .batches
            .push(asks.iter().map(Self::weight).collect());
        if let Some(gate) = &self.gate {
            let _ = gate.recv();
        }
        for ask in asks {
            let base = self.journal.next();
            let records = ask.objects.iter().map(|body| Record { leaf: b"", body });
            self.journal
                .append(base, &records.collect::<Vec<_>>())
                .unwrap();
            let _ = ask.answer.send(base);
        }
    }

    fn tick(&mut self) {
        self.seen.lock().unwrap().ticks += 1;
    }
}

fn limits() -> Limits {
    Limits {
        objects: 10,
        bytes: 1000,
        linger: Duration::from_millis(1),
        queue: 64,
    }
}

fn spawn(gate: Option<Receiver<()>>) -> (Sequencer<Clerk>, Arc<Memory>, Arc<Mutex<Seen>>) {
    let (journal, seen) = (
        Arc::new(Memory::new()),
        Arc::new(Mutex::new(Seen::default())),
    );
    let clerk = Clerk {
        journal: Arc::clone(&journal),
        seen: Arc::clone(&seen),
        gate,
    };
    (Sequencer::spawn(limits(), clerk).unwrap(), journal, seen)
}

#[test]
fn every_one_of_many_is_answered_once_and_batches_keep_the_limits() {
    let (sequencer, journal, seen) = spawn(None);
    let mut positions: Vec<_> = thread::scope(|scope| {
        let submitter = |size: usize| {
            let sequencer = &sequencer;
            move || -> Vec<Position> {
                let ask = |n| Ask::new(1 + (n + size) % 4, 1 + n % 150);
                let asks = (0..200).map(ask).map(|(ask, answered)| {
                    sequencer.submit_blocking(ask).unwrap();
                    answered
                });
                let asks: Vec<_> = asks.collect();
                asks.into_iter()
                    .map(|answered| answered.recv().unwrap())
                    .collect()
            }
        };
        let threads: Vec<_> = (0..4).map(|size| scope.spawn(submitter(size))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    sequencer.close();
    positions.sort();
    positions.dedup();
    assert_eq!(positions.len(), 800);
    let seen = seen.lock().unwrap();
    for batch in &seen.batches {
        let objects: usize = batch.iter().map(|weight| weight.objects).sum();
        let bytes: usize = batch.iter().map(|weight| weight.bytes).sum();
        assert!(
            batch.len() == 1 || (objects <= 10 && bytes <= 1000),
            "{batch:?}"
        );
    }
    let objects: usize = seen
        .batches
        .iter()
        .flatten()
        .map(|weight| weight.objects)
        .sum();
    assert_eq!(journal.next(), Position::START.plus(objects));
}

#[test]
fn what_queues_up_behind_a_batch_is_the_next_one() {
    let (open, gate) = mpsc::channel();
    let (sequencer, _, seen) = spawn(Some(gate));
    let (holding, _held) = Ask::new(10, 1);
    sequencer.submit(holding).unwrap();
    while seen.lock().unwrap().batches.is_empty() {
        thread::yield_now();
    }
    // One larger than the limit, in the middle, is alone and whole.
    let answers = [2, 3, 5, 1, 25, 1, 1].map(|size| {
        let (ask, answered) = Ask::new(size, 1);
        sequencer.submit(ask).unwrap();
        answered
    });
    drop(open);
    for answered in answers {
        answered.recv().unwrap();
    }
    sequencer.close();
    let seen = seen.lock().unwrap();
    let objects: Vec<Vec<_>> = seen
        .batches
        .iter()
        .map(|batch| batch.iter().map(|weight| weight.objects).collect())
        .collect();
    assert_eq!(
        objects,
        [vec![10], vec![2, 3, 5], vec![1], vec![25], vec![1, 1]]
    );
}

#[test]
fn a_full_queue_hands_the_ask_back() {
    let (open, gate) = mpsc::channel();
    let (sequencer, _, _) = spawn(Some(gate));
    let mut answers = Vec::new();
    let rejected = loop {
        let (ask, answered) = Ask::new(1, 1);
        match sequencer.submit(ask) {
            Ok(()) => answers.push(answered),
            Err(rejected) => break rejected,
        }
    };
    assert!(matches!(rejected, Rejected::Full(ask) if ask.objects.len() == 1));
    assert!((64..=64 + 10).contains(&answers.len()), "{}", answers.len());
    drop(open);
    for answered in answers {
        answered.recv().unwrap();
    }
}

#[test]
fn shutdown_answers_what_is_queued_and_ticks_once_more() {
    let (open, gate) = mpsc::channel();
    let (sequencer, journal, seen) = spawn(Some(gate));
    let answers: Vec<_> = (0..50)
        .map(|_| {
            let (ask, answered) = Ask::new(1, 1);
            sequencer.submit(ask).unwrap();
            answered
        })
        .collect();
    let closing = thread::spawn(move || sequencer.close());
    drop(open);
    closing.join().unwrap();
    assert!(answers.iter().all(|answered| answered.try_recv().is_ok()));
    assert_eq!(journal.next(), Position(50));
    assert!(seen.lock().unwrap().ticks >= 1);
}

#[test]
fn work_is_ticked_without_further_asks() {
    let (sequencer, _, seen) = spawn(None);
    let (ask, answered) = Ask::new(1, 1);
    sequencer.submit(ask).unwrap();
    answered.recv().unwrap();
    while seen.lock().unwrap().ticks == 0 {
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_decider_that_panics_leaves_nobody_waiting() {
    let (sequencer, _, _) = spawn(None);
    let (bad, answered) = Ask::new(0, 0);
    sequencer.submit(bad).unwrap();
    assert!(answered.recv().is_err());
    loop {
        let (ask, answered) = Ask::new(1, 1);
        match sequencer.submit_blocking(ask) {
            Ok(()) => assert!(answered.recv().is_err()),
            Err(rejected) => break assert!(matches!(rejected, Rejected::Closed(_))),
        }
    }
}
