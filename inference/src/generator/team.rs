//! A small team of threads that computes the pieces of a layer. The one place of the generator with `unsafe` code.
//!
//! The caller works with the team. A worker that has nothing to do looks for more for some tens of microseconds,
//! because the next layer follows at once, and then sleeps. Nothing is allocated per piece of work. It has no queue:
//! one piece of work at a time, given by one thread. Its protocol is checked by `loom`: see `models`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::sync::{
    Arc, AtomicBool, AtomicUsize, Builder, JoinHandle, Ordering, Thread, UnsafeCell, park, spin_loop,
    yield_now,
};

/// Looks at the next piece of work before a worker sleeps: some 30 us. In the models looking again shows nothing new.
const LOOKS: usize = if cfg!(loom) { 1 } else { 2_000 };

/// What is done to piece `.1` by member `.0` of the team.
type Work<'w> = dyn Fn(usize, usize) + Sync + 'w;

/// What is done, with a member's memory, to a chunk of this index and its sums.
type ChunkWork<'w, M, S> = dyn Fn(&mut M, usize, &mut [f32], &mut [S]) + Sync + 'w;

/// Threads that wait for work.
pub(super) struct Team {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    sleepers: Vec<Thread>,
}

struct Shared {
    /// What is being worked on. Written by the caller while no worker is inside, read by workers that are.
    work: UnsafeCell<Option<*const Work<'static>>>,
    /// Changes with every piece of work.
    round: AtomicUsize,
    pieces: AtomicUsize,
    next: AtomicUsize,
    /// Workers that have not yet left the round.
    inside: AtomicUsize,
    failed: AtomicBool,
    stopped: AtomicBool,
    asleep: Vec<AtomicBool>,
}

// SAFETY: `work` is the only field that is not `Sync`. The caller writes it before it changes `round` (release), and
// again only after `inside` came back to zero (acquire); workers read it between these two.
unsafe impl Sync for Shared {}
// SAFETY: the pointer in `work` points to something `Sync`, and is used only while its owner waits in `Team::run`.
unsafe impl Send for Shared {}

impl Team {
    /// A team of `threads` threads, the one that calls included.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn new(threads: usize) -> std::io::Result<Self> {
        let others = threads.saturating_sub(1);
        let shared = Arc::new(Shared {
            work: UnsafeCell::new(None),
            round: AtomicUsize::new(0),
            pieces: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            inside: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            asleep: (0..others).map(|_| AtomicBool::new(false)).collect(),
        });
        let mut team = Self { shared, workers: Vec::new(), sleepers: Vec::new() };
        for index in 0..others {
            let shared = Arc::clone(&team.shared);
            let builder = Builder::new().name(format!("generator-{}", index + 1));
            let worker = builder.spawn(move || shared.serve(index))?;
            team.sleepers.push(worker.thread().clone());
            team.workers.push(worker);
        }
        Ok(team)
    }

    /// Members, the caller included.
    pub(super) fn size(&self) -> usize {
        self.workers.len() + 1
    }

    /// Does `work` to every piece from 0 to `pieces`, each once, and returns when all are done.
    ///
    /// # Panics
    /// `work` panicked.
    pub(super) fn run(&mut self, pieces: usize, work: &Work<'_>) {
        if self.workers.is_empty() || pieces < 2 {
            (0..pieces).for_each(|piece| work(0, piece));
            return;
        }
        let shared = &self.shared;
        // SAFETY: only the lifetime changes. This call does not return, nor unwind, before every worker has left the
        // round (`Departure`), so none of them uses it longer than `work` lives.
        let lasting = unsafe { std::mem::transmute::<&Work<'_>, &Work<'static>>(work) };
        // SAFETY: `&mut self`, and no worker is inside: nobody else reads or writes.
        shared.work.with_mut(|work| unsafe { *work = Some(lasting) });
        shared.failed.store(false, Ordering::Relaxed);
        shared.pieces.store(pieces, Ordering::Relaxed);
        shared.next.store(0, Ordering::Relaxed);
        shared.inside.store(self.workers.len(), Ordering::Relaxed);
        shared.begin(&self.sleepers);
        let departure = Departure(shared);
        shared.take_part(0);
        drop(departure);
        assert!(!shared.failed.load(Ordering::Relaxed), "a worker of the generator's team panicked");
    }

    /// Cuts `out` into chunks of `length` values and `sums` into as many of `sums_length`, and does `work` to each
    /// with the memory of whoever does it. The last chunk may be shorter.
    ///
    /// # Panics
    /// `memory` has fewer items than the team, `sums` fewer chunks than `out`, or `work` panicked.
    pub(super) fn each_chunk<M: Send, S: Send>(
        &mut self,
        memory: &mut [M],
        (out, length): (&mut [f32], usize),
        (sums, sums_length): (&mut [S], usize),
        work: &ChunkWork<'_, M, S>,
    ) {
        let chunks = out.len().div_ceil(length);
        assert!(memory.len() >= self.size() && sums.len() >= chunks * sums_length, "room for every chunk");
        let total = out.len();
        let (memory, out, sums) =
            (Parcel(memory.as_mut_ptr()), Parcel(out.as_mut_ptr()), Parcel(sums.as_mut_ptr()));
        self.run(chunks, &|member, chunk| {
            let start = chunk * length;
            // SAFETY: `run` gives each chunk to one member and each member index to one thread at a time, so no two of
            // these slices overlap; all lie within slices that are borrowed for the length of this call: `member` is
            // less than the size of the team, `start` less than `total`, and `chunk` less than `chunks`.
            let (memory, out, sums) = unsafe {
                (
                    &mut *memory.at(member),
                    std::slice::from_raw_parts_mut(out.at(start), length.min(total - start)),
                    std::slice::from_raw_parts_mut(sums.at(chunk * sums_length), sums_length),
                )
            };
            work(memory, chunk, out, sums);
        });
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.shared.begin(&self.sleepers);
        for worker in self.workers.drain(..) {
            // A worker catches what its work panics with, so it ends well.
            let _ = worker.join();
        }
    }
}

/// Waits for every worker to leave the round, whichever way the caller leaves.
struct Departure<'s>(&'s Shared);

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        let mut looks = 0;
        while self.0.inside.load(Ordering::Acquire) > 0 {
            looks += 1;
            if looks < LOOKS { spin_loop() } else { yield_now() }
        }
    }
}

/// A pointer that goes to the team.
struct Parcel<T>(*mut T);

// SAFETY: it is only turned into slices that do not overlap, of values that may be sent.
unsafe impl<T: Send> Sync for Parcel<T> {}

impl<T> Parcel<T> {
    fn at(&self, index: usize) -> *mut T {
        self.0.wrapping_add(index)
    }
}

impl Shared {
    fn serve(&self, index: usize) {
        let mut seen = 0;
        loop {
            seen = self.await_round(seen, index);
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            if catch_unwind(AssertUnwindSafe(|| self.take_part(index + 1))).is_err() {
                self.failed.store(true, Ordering::Relaxed);
            }
            self.inside.fetch_sub(1, Ordering::Release);
        }
    }

    /// Begins the next round: what was stored before is seen by every worker that sees the round.
    fn begin(&self, sleepers: &[Thread]) {
        self.round.fetch_add(1, Ordering::Release);
        for (asleep, sleeper) in self.asleep.iter().zip(sleepers) {
            // Both sides read and write in one step: of two that swap, the later one sees what the other did before. So
            // either we see the worker asleep, or it sees the round.
            if asleep.swap(false, Ordering::AcqRel) {
                sleeper.unpark();
            }
        }
    }

    /// Returns the round that follows `seen`.
    fn await_round(&self, seen: usize, index: usize) -> usize {
        let mut looks = 0;
        loop {
            let round = self.round.load(Ordering::Acquire);
            if round != seen {
                return round;
            }
            looks += 1;
            if looks < LOOKS {
                spin_loop();
                continue;
            }
            self.asleep[index].swap(true, Ordering::AcqRel);
            if self.round.load(Ordering::Relaxed) == seen {
                park();
            }
            self.asleep[index].swap(false, Ordering::AcqRel);
        }
    }

    fn take_part(&self, member: usize) {
        // SAFETY: the caller wrote it before the round began and does not write it again before all have left.
        let Some(work) = self.work.with(|work| unsafe { *work }) else { return };
        let pieces = self.pieces.load(Ordering::Relaxed);
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return;
            }
            // SAFETY: the caller waits in `Team::run` until all have left, and so keeps `work` alive.
            unsafe { (*work)(member, piece) };
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_however_many_work() {
        for threads in [1, 2, 5] {
            let mut team = Team::new(threads).unwrap();
            for pieces in [0, 1, 2, 3, 64, 1000] {
                let done: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                team.run(pieces, &|_, piece| {
                    done[piece].fetch_add(1, Ordering::Relaxed);
                });
                assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn chunks_and_their_sums_belong_together_and_the_last_may_be_shorter() {
        let mut team = Team::new(3).unwrap();
        let (mut memory, mut out, mut sums) = ([(); 3], vec![0.0; 103], vec![0.0_f64; 11]);
        team.each_chunk(&mut memory, (&mut out, 10), (&mut sums, 1), &|(), chunk, out, sum| {
            out.fill(chunk as f32);
            sum[0] = out.len() as f64;
        });
        assert!(out.iter().enumerate().all(|(index, &value)| value == (index / 10) as f32));
        assert_eq!(sums, [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 3.0]);
    }

    #[test]
    fn a_team_that_slept_works_again() {
        let mut team = Team::new(2).unwrap();
        for _ in 0..20 {
            std::thread::sleep(std::time::Duration::from_millis(1));
            let sum = AtomicUsize::new(0);
            team.run(8, &|_, piece| {
                sum.fetch_add(piece, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 28);
        }
    }

    #[test]
    fn a_panic_in_the_work_reaches_the_caller_and_the_team_goes_on() {
        let mut team = Team::new(2).unwrap();
        let panicked =
            catch_unwind(AssertUnwindSafe(|| team.run(64, &|_, piece| assert!(piece != 13 && piece != 14))));
        assert!(panicked.is_err());
        let sum = AtomicUsize::new(0);
        team.run(8, &|_, piece| {
            sum.fetch_add(piece, Ordering::Relaxed);
        });
        assert_eq!(sum.into_inner(), 28);
    }
}
