//! Group commit: many concurrent asks become few batches, so that they share one fsync.
//!
//! One thread runs the [`Decider`]. A batch closes when a limit is reached or nothing more is
//! queued; while it is being made durable the next asks queue up, and they are the next batch. So a
//! lone writer waits for nobody, and the busier it gets the larger the batches grow.

use std::{
    collections::VecDeque,
    fmt, io, mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The longest that work waits for its [`Decider::tick`].
const TICK: Duration = Duration::from_secs(1);

/// What is run on the sequencer's thread.
pub trait Decider: Send + 'static {
    /// One ask; it carries its own way to be answered. One that is dropped unanswered must look
    /// like a failure to whoever waits (as a dropped channel sender does): this happens when the
    /// decider panics.
    type Ask: Send + 'static;

    /// How much of a batch an ask takes.
    fn weight(ask: &Self::Ask) -> Weight;

    /// Decides, appends and applies one batch (never empty, in the order of submission), and
    /// answers each ask.
    fn batch(&mut self, asks: Vec<Self::Ask>);

    /// Called at most a second after a batch, and once at shutdown: the moment to make durable
    /// what batches left undone.
    fn tick(&mut self);
}

/// How much of a batch an ask takes.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Number of objects.
    pub objects: usize,
    /// Their bytes.
    pub bytes: usize,
}

impl Weight {
    fn plus(self, other: Self) -> Self {
        Self {
            objects: self.objects.saturating_add(other.objects),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            objects: self.objects.saturating_sub(other.objects),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

/// When a batch is full, and when the queue is.
#[derive(Copy, Clone, Debug)]
pub struct Limits {
    /// Most objects in a batch.
    pub objects: usize,
    /// Most bytes in a batch.
    pub bytes: usize,
    /// The longest that a batch waits until it has as many asks as the one before, so that writers
    /// which wait for their answers stay together. A lone writer never waits.
    pub linger: Duration,
    /// Most asks that wait; more are handed back, or block.
    pub queue: usize,
}

impl Default for Limits {
    /// 500 objects, 256 KiB, 2 ms, 4,096 waiting asks.
    fn default() -> Self {
        Self {
            objects: 500,
            bytes: 256 << 10,
            linger: Duration::from_millis(2),
            queue: 4096,
        }
    }
}

/// An ask that was not queued, handed back.
#[derive(thiserror::Error)]
pub enum Rejected<A> {
    /// Too many asks wait already: try later.
    #[error("the queue is full")]
    Full(A),
    /// The sequencer is shutting down, or its decider panicked.
    #[error("the sequencer is closed")]
    Closed(A),
}

impl<A> fmt::Debug for Rejected<A> {
    /// Whatever the ask is; it may be large, or private.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

/// The queue and the thread behind it. Dropping it (or [`Sequencer::close`]) runs what is queued,
/// ticks once more and joins the thread.
pub struct Sequencer<D: Decider> {
    shared: Arc<Shared<D::Ask>>,
    thread: Option<JoinHandle<()>>,
}

impl<D: Decider> Sequencer<D> {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(limits: Limits, decider: D) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue {
                asks: VecDeque::new(),
                weight: Weight::default(),
                closed: false,
                idle: false,
            }),
            filled: Condvar::new(),
            drained: Condvar::new(),
            limits,
        });
        let worker = Worker {
            shared: Arc::clone(&shared),
        };
        let thread = thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || worker.run(decider))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Queues an ask, or hands it back at once.
    ///
    /// # Errors
    /// [`Rejected::Full`] and [`Rejected::Closed`], with the ask.
    pub fn submit(&self, ask: D::Ask) -> Result<(), Rejected<D::Ask>> {
        let weight = D::weight(&ask);
        let queue = self.shared.lock();
        if queue.closed {
            Err(Rejected::Closed(ask))
        } else if queue.asks.len() >= self.shared.limits.queue {
            Err(Rejected::Full(ask))
        } else {
            self.shared.push(queue, weight, ask);
            Ok(())
        }
    }

    /// Queues an ask, waiting for room. Not to be called from [`Decider::batch`].
    ///
    /// # Errors
    /// [`Rejected::Closed`], with the ask.
    pub fn submit_blocking(&self, ask: D::Ask) -> Result<(), Rejected<D::Ask>> {
        let weight = D::weight(&ask);
        let mut queue = self.shared.lock();
        while !queue.closed && queue.asks.len() >= self.shared.limits.queue.max(1) {
            queue = self
                .shared
                .drained
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if queue.closed {
            return Err(Rejected::Closed(ask));
        }
        self.shared.push(queue, weight, ask);
        Ok(())
    }

    /// Takes no more asks; returns when all that were queued are answered.
    pub fn close(self) {
        drop(self);
    }
}

impl<D: Decider> Drop for Sequencer<D> {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(thread) = self.thread.take() {
            // A decider that panicked has reported itself; its asks were dropped by the worker.
            let _ = thread.join();
        }
    }
}

struct Shared<A> {
    queue: Mutex<Queue<A>>,
    /// Something was queued, or the queue was closed.
    filled: Condvar,
    /// Something was taken, or the queue was closed.
    drained: Condvar,
    limits: Limits,
}

struct Queue<A> {
    asks: VecDeque<(Weight, A)>,
    /// The sum of the weights of `asks`.
    weight: Weight,
    closed: bool,
    /// The worker waits: only then is a wake-up worth a system call.
    idle: bool,
}

impl<A> Shared<A> {
    /// Nothing panics while it holds the lock, so a poisoned one is still consistent.
    fn lock(&self) -> MutexGuard<'_, Queue<A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, mut queue: MutexGuard<'_, Queue<A>>, weight: Weight, ask: A) {
        queue.weight = queue.weight.plus(weight);
        queue.asks.push_back((weight, ask));
        let wake = mem::take(&mut queue.idle);
        drop(queue);
        if wake {
            self.filled.notify_one();
        }
    }

    fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }
}

struct Worker<A> {
    shared: Arc<Shared<A>>,
}

impl<A> Drop for Worker<A> {
    /// Also runs when the decider panics: nobody may wait for answers that cannot come.
    fn drop(&mut self) {
        self.shared.close();
        let left = mem::take(&mut self.shared.lock().asks);
        drop(left);
    }
}

impl<A: Send + 'static> Worker<A> {
    fn run(self, mut decider: impl Decider<Ask = A>) {
        let mut due = None;
        let mut crowd = 0;
        loop {
            match self.next_batch(due, crowd) {
                Next::Batch(asks) => {
                    crowd = asks.len();
                    decider.batch(asks);
                    due.get_or_insert_with(|| Instant::now() + TICK);
                }
                Next::Tick => {}
                Next::Closed => break,
            }
            if due.is_some_and(|due| due <= Instant::now()) {
                decider.tick();
                due = None;
            }
        }
        decider.tick();
    }

    fn next_batch(&self, due: Option<Instant>, crowd: usize) -> Next<A> {
        let mut queue = self.shared.lock();
        while queue.asks.is_empty() {
            if queue.closed {
                return Next::Closed;
            }
            if due.is_some_and(|due| due <= Instant::now()) {
                return Next::Tick;
            }
            queue = self.wait(queue, due);
        }
        // Those answered together come back together: wait for as many as there were.
        if queue.asks.len() < crowd {
            let until = Instant::now() + self.shared.limits.linger;
            while queue.asks.len() < crowd
                && !queue.closed
                && !self.is_full(&queue)
                && Instant::now() < until
            {
                queue = self.wait(queue, Some(until));
            }
        }
        let asks = self.take(&mut queue);
        drop(queue);
        self.shared.drained.notify_all();
        Next::Batch(asks)
    }

    /// Waits for an ask, for the end, or until a moment.
    fn wait<'q>(
        &self,
        mut queue: MutexGuard<'q, Queue<A>>,
        until: Option<Instant>,
    ) -> MutexGuard<'q, Queue<A>> {
        queue.idle = true;
        let mut queue = if let Some(until) = until {
            let left = until.saturating_duration_since(Instant::now());
            let woken = self.shared.filled.wait_timeout(queue, left);
            woken.unwrap_or_else(PoisonError::into_inner).0
        } else {
            self.shared
                .filled
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner)
        };
        queue.idle = false;
        queue
    }

    fn is_full(&self, queue: &Queue<A>) -> bool {
        let limits = &self.shared.limits;
        queue.weight.objects >= limits.objects
            || queue.weight.bytes >= limits.bytes
            || queue.asks.len() >= limits.queue
    }

    /// Takes asks while they fit; the first always does.
    fn take(&self, queue: &mut Queue<A>) -> Vec<A> {
        let limits = &self.shared.limits;
        let mut taken = Weight::default();
        let mut asks = Vec::new();
        while let Some((weight, _)) = queue.asks.front() {
            let grown = taken.plus(*weight);
            let fits = grown.objects <= limits.objects && grown.bytes <= limits.bytes;
            if !fits && !asks.is_empty() {
                break;
            }
            let Some((weight, ask)) = queue.asks.pop_front() else {
                break;
            };
            queue.weight = queue.weight.minus(weight);
            taken = grown;
            asks.push(ask);
        }
        asks
    }
}

enum Next<A> {
    Batch(Vec<A>),
    Tick,
    Closed,
}
