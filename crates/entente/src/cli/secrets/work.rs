//! Work on many files at once, with its results in order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Octets of a worker's stack: readers of documents go deep.
const STACK: usize = 32 << 20;

/// Does `work` on each item on as many threads as there are processors; `done` gets the results in
/// the items' order.
///
/// # Errors
/// The first that `done` fails with; no more is begun then.
pub(super) fn in_order<I: Send, O: Send>(
    items: Vec<I>,
    work: impl Fn(I) -> O + Sync,
    mut done: impl FnMut(O) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(items.len()).max(1);
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().ok()?.next();
    let (sender, results) = sync_channel(threads * 2);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, work, next) = (sender.clone(), &work, &next);
            let worker = thread::Builder::new().stack_size(STACK);
            worker.spawn_scoped(scope, move || {
                while let Some((at, item)) = next() {
                    if sender.send((at, work(item))).is_err() {
                        break;
                    }
                }
            })?;
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut at = 0;
        // dropped at an error, which ends the workers
        let results = results;
        for (place, result) in &results {
            waiting.insert(place, result);
            while let Some(result) = waiting.remove(&at) {
                done(result)?;
                at += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_errors_end_it() {
        let mut seen = Vec::new();
        let items: Vec<u64> = (0..100).collect();
        let slow = |item: u64| {
            std::thread::sleep(std::time::Duration::from_micros(100 * (item % 7)));
            item * 2
        };
        in_order(items.clone(), slow, |result| {
            seen.push(result);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        let failed = in_order(items, slow, |result| {
            anyhow::ensure!(result < 20, "enough");
            Ok(())
        });
        assert!(failed.is_err());
        in_order(Vec::<u8>::new(), |one| one, |_| Ok(())).unwrap();
    }
}
