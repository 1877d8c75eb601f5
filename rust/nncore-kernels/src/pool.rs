//! The thread pool: fork-join over a fixed number of shares.
//!
//! One pool serves the process. It is made at first use and its workers spin for a moment after each region, then park,
//! so that a region costs well below a microsecond while a network runs and nothing while it does not. Shares are handed
//! out by one atomic counter, so the caller does what a worker that is late has not begun: a region never takes longer
//! than its shares would take one after the other. Which thread runs a share is left open; kernels make their results
//! independent of it.
//!
//! - A region begun inside a share, or while another thread uses the pool, runs serially on its caller. Nothing waits
//!   for the pool, so nothing can deadlock.
//! - A panic in a share reaches the caller when all shares are done; the pool stays usable.
//! - A child made by `fork` gets a fresh pool.
use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::hint::spin_loop;
use std::ops::Range;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};
use std::sync::{Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

mod os;

/// The most threads that a region can use.
pub const MAX_THREADS: usize = 256;
/// How long a thread with nothing to do spins before it parks.
const SPIN: Duration = Duration::from_micros(50);
/// The most shares that one counter word holds.
const MAX_SHARES: usize = (1 << 24) - 1;

/// Threads that regions use unless [`with_threads`] says otherwise; 0 until first asked for.
static THREADS: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    /// The number that [`with_threads`] set on this thread; 0 is none.
    static OVERRIDE: Cell<usize> = const { Cell::new(0) };
}

/// Threads that a parallel region may use: `NNCORE_NUM_THREADS`, or else one for each physical core that the process may
/// run on (its CPU affinity and its cgroup's CPU quota are honoured).
#[inline]
pub fn threads() -> usize {
    match OVERRIDE.get() {
        0 => match THREADS.load(Relaxed) {
            0 => default_threads(),
            n => n,
        },
        n => n,
    }
}

/// Physical cores, counted once and before there are workers: a worker stays off its caller's CPU, so that it may run on
/// fewer of them.
fn cores() -> usize {
    static CORES: AtomicUsize = AtomicUsize::new(0);
    if CORES.load(Relaxed) == 0 {
        // Nothing to lock: a forked child could find it locked for ever.
        let _ = CORES.compare_exchange(0, os::cores().max(1), Relaxed, Relaxed);
    }
    CORES.load(Relaxed)
}

#[cold]
fn default_threads() -> usize {
    let asked = std::env::var("NNCORE_NUM_THREADS").ok().and_then(|s| s.trim().parse().ok()).filter(|n| *n > 0);
    let n = asked.unwrap_or_else(cores).clamp(1, MAX_THREADS);
    // A set_threads that ran meanwhile wins.
    let _ = THREADS.compare_exchange(0, n, Relaxed, Relaxed);
    THREADS.load(Relaxed)
}

/// Sets [`threads`] for the whole process, from 1 to [`MAX_THREADS`]; 0 goes back to the default. It may exceed the
/// number of cores.
pub fn set_threads(n: usize) {
    THREADS.store(n.min(MAX_THREADS), Relaxed)
}

/// Runs `f` with [`threads`] set to `n` on this thread only.
pub fn with_threads<R>(n: usize, f: impl FnOnce() -> R) -> R {
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            OVERRIDE.set(self.0)
        }
    }
    let _restore = Restore(OVERRIDE.replace(n.clamp(1, MAX_THREADS)));
    f()
}

/// The `i`-th of `parts` nearly equal, contiguous shares of `0..n`.
#[inline]
pub fn share(n: usize, parts: usize, i: usize) -> Range<usize> {
    n * i / parts..n * (i + 1) / parts
}

/// Runs `f(0), …, f(shares - 1)`, in parallel where the pool is free, and returns when all are done.
///
/// # Panics
/// With the first panic of a share, after all shares have run.
pub fn run(shares: usize, f: &(dyn Fn(usize) + Sync)) {
    if shares <= 1 {
        if shares == 1 {
            f(0)
        }
        return;
    }
    if shares > MAX_SHARES {
        let each = shares.div_ceil(MAX_SHARES);
        return run(shares.div_ceil(each), &|g| serial(g * each..((g + 1) * each).min(shares), f));
    }
    let team = threads().min(shares);
    match if team > 1 { Pool::claim() } else { None } {
        Some(pool) => pool.region(team, shares, f),
        None => serial(0..shares, f),
    }
}

fn serial(shares: Range<usize>, f: &(dyn Fn(usize) + Sync)) {
    let mut first = None;
    for i in shares {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| f(i))) {
            first.get_or_insert(panic);
        }
    }
    if let Some(panic) = first {
        resume_unwind(panic)
    }
}

/// Keeps what different threads write on different cache lines (pairs of lines are fetched together).
#[repr(align(128))]
struct Pad<T>(T);

type Job = *const (dyn Fn(usize) + Sync);

/// What is known of a worker. Worker `t` (from 1) has slot `t - 1`.
struct Slot {
    parked: AtomicBool,
    /// The CPU that its affinity leaves out, or -1.
    avoids: AtomicI32,
    thread: OnceLock<(Thread, os::Handle)>,
}

struct Pool {
    /// Team size, number of shares and the next share to hand out: see [`pack`].
    word: Pad<AtomicU64>,
    /// Shares that are not done.
    pending: Pad<AtomicUsize>,
    /// The region's closure. Written by the holder of `busy` while no share is out; read by whoever claimed a share.
    job: Pad<UnsafeCell<Job>>,
    caller_cpu: AtomicI32,
    busy: Pad<AtomicBool>,
    sleepers: Pad<AtomicUsize>,
    /// The caller has parked until the last share is done.
    waiting: AtomicBool,
    caller: Mutex<Option<Thread>>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    panicked: AtomicBool,
    spawned: AtomicUsize,
    slots: Vec<Pad<Slot>>,
    allowed: os::Mask,
}
// The job is shared as the comment on it says; everything else is Sync.
unsafe impl Sync for Pool {}
unsafe impl Send for Pool {}

static POOL: AtomicPtr<Pool> = AtomicPtr::new(null_mut());
static MAKING: AtomicBool = AtomicBool::new(false);

/// In a forked child: its workers do not exist, so the pool is forgotten (it leaks) and made anew at the next region.
extern "C" fn forked() {
    POOL.store(null_mut(), SeqCst);
    MAKING.store(false, SeqCst);
}

fn pack(team: usize, shares: usize, next: usize) -> u64 {
    (team as u64) << 48 | (shares as u64) << 24 | next as u64
}
fn next(word: u64) -> usize {
    (word & 0xff_ffff) as usize
}
/// Is there a share for thread `t`?
fn open(word: u64, t: usize) -> bool {
    next(word) < (word >> 24 & 0xff_ffff) as usize && t < (word >> 48) as usize
}

impl Pool {
    /// The pool, if no other region uses it; the caller then holds `busy`.
    #[inline]
    fn claim() -> Option<&'static Pool> {
        let pool = match POOL.load(Acquire) {
            p if p.is_null() => Pool::make()?,
            // Pools are never freed.
            p => unsafe { &*p },
        };
        (!pool.busy.0.load(Relaxed) && !pool.busy.0.swap(true, Acquire)).then_some(pool)
    }

    /// None while another thread makes it: a lock could be left locked in a forked child.
    #[cold]
    fn make() -> Option<&'static Pool> {
        if MAKING.swap(true, Acquire) {
            return None;
        }
        if POOL.load(Acquire).is_null() {
            cores();
            static HOOKED: AtomicBool = AtomicBool::new(false);
            if !HOOKED.swap(true, Relaxed) {
                os::at_fork(forked);
            }
            let slot = || Pad(Slot { parked: false.into(), avoids: (-1).into(), thread: OnceLock::new() });
            let pool = Box::leak(Box::new(Pool {
                word: Pad(0.into()),
                pending: Pad(0.into()),
                job: Pad(UnsafeCell::new(&|_| ())),
                caller_cpu: (-1).into(),
                busy: Pad(false.into()),
                sleepers: Pad(0.into()),
                waiting: false.into(),
                caller: Mutex::new(None),
                panic: Mutex::new(None),
                panicked: false.into(),
                spawned: 0.into(),
                slots: (1..MAX_THREADS).map(|_| slot()).collect(),
                allowed: os::Mask::allowed(),
            }));
            POOL.store(pool, Release);
        }
        MAKING.store(false, Release);
        let pool = POOL.load(Acquire);
        // Null only in a child that was forked in between.
        (!pool.is_null()).then(|| unsafe { &*pool })
    }

    /// Runs a region; the caller holds `busy`, which is given back.
    fn region(&'static self, team: usize, shares: usize, f: &(dyn Fn(usize) + Sync)) {
        if self.spawned.load(Relaxed) < team - 1 {
            self.spawn(team - 1);
        }
        // The closure outlives every use: this function returns when no share is out.
        unsafe { *self.job.0.get() = std::mem::transmute::<&(dyn Fn(usize) + Sync), Job>(f) };
        self.caller_cpu.store(os::cpu(), Relaxed);
        self.pending.0.store(shares, Relaxed);
        self.word.0.store(pack(team, shares, 1), SeqCst);
        self.wake(2);
        let mut done = 1;
        self.one(f, 0);
        while let Some(i) = self.take(0) {
            self.one(f, i);
            done += 1;
        }
        if self.pending.0.fetch_sub(done, AcqRel) != done {
            self.wait();
        }
        let panic = match self.panicked.swap(false, Relaxed) {
            true => self.panic.lock().unwrap_or_else(|e| e.into_inner()).take(),
            false => None,
        };
        self.busy.0.store(false, Release);
        if let Some(panic) = panic {
            resume_unwind(panic)
        }
    }

    /// Claims a share for thread `t`. A claim holds the region open, so that what is read after it (the job) is that of
    /// the region to which the share belongs, even where the word was read in an earlier one.
    #[inline]
    fn take(&self, t: usize) -> Option<usize> {
        let mut word = self.word.0.load(Acquire);
        while open(word, t) {
            match self.word.0.compare_exchange_weak(word, word + 1, AcqRel, Acquire) {
                Ok(_) => return Some(next(word)),
                Err(now) => word = now,
            }
        }
        None
    }

    #[inline]
    fn one(&self, f: &(dyn Fn(usize) + Sync), i: usize) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| f(i))) {
            self.panic.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(panic);
            self.panicked.store(true, Relaxed);
        }
    }

    /// Waits for the shares that workers still run: a short spin, then sleep.
    fn wait(&self) {
        if spin(|| self.pending.0.load(Acquire) == 0) {
            return;
        }
        *self.caller.lock().unwrap_or_else(|e| e.into_inner()) = Some(thread::current());
        self.waiting.store(true, SeqCst);
        while self.pending.0.load(SeqCst) != 0 {
            thread::park();
        }
        self.waiting.store(false, Relaxed);
    }

    fn worker(&'static self, t: usize) {
        let slot = &self.slots[t - 1].0;
        loop {
            while let Some(i) = self.take(t) {
                // See `take`: the job is this share's. It stays valid until the share is counted as done.
                let f = unsafe { &**self.job.0.get() };
                os::leave(self.caller_cpu.load(Relaxed), &self.allowed, &slot.avoids);
                self.one(f, i);
                if self.pending.0.fetch_sub(1, SeqCst) == 1 && self.waiting.load(SeqCst) {
                    // Perhaps by now another region's caller: a wake-up too many does no harm.
                    if let Some(caller) = &*self.caller.lock().unwrap_or_else(|e| e.into_inner()) {
                        caller.unpark()
                    }
                }
            }
            if spin(|| open(self.word.0.load(Acquire), t)) {
                continue;
            }
            // Announce, look again, park: pairs with the store of the word and the load of `sleepers`.
            slot.parked.store(true, SeqCst);
            self.sleepers.0.fetch_add(1, SeqCst);
            while slot.parked.load(SeqCst) && !open(self.word.0.load(SeqCst), t) {
                thread::park();
            }
            slot.parked.store(false, SeqCst);
            self.sleepers.0.fetch_sub(1, SeqCst);
            // One wake-up costs microseconds, so those who wake help to wake the others.
            self.wake(2);
        }
    }

    /// Wakes up to `most` parked workers of the team while shares are open.
    #[inline]
    fn wake(&self, most: usize) {
        if self.sleepers.0.load(SeqCst) == 0 {
            return;
        }
        let word = self.word.0.load(SeqCst);
        let mut left = most;
        for (s, Pad(slot)) in self.slots[..self.spawned.load(Acquire)].iter().enumerate() {
            if left == 0 || !open(word, s + 1) {
                return;
            }
            if slot.parked.load(Relaxed) && slot.parked.swap(false, SeqCst) {
                if let Some((thread, handle)) = slot.thread.get() {
                    // Linux likes to wake a thread on its waker's CPU, where it would wait for that one to stop.
                    os::steer(handle, self.caller_cpu.load(Relaxed), &self.allowed, &slot.avoids);
                    thread.unpark();
                    left -= 1;
                }
            }
        }
    }

    /// Makes the pool have `n` workers, or as many as the system allows; the caller holds `busy`.
    #[cold]
    fn spawn(&'static self, n: usize) {
        for t in self.spawned.load(Relaxed) + 1..=n {
            let Ok(handle) = thread::Builder::new().name(format!("nncore-{t}")).spawn(move || self.worker(t)) else {
                return;
            };
            let _ = self.slots[t - 1].0.thread.set((handle.thread().clone(), os::Handle::of(&handle)));
            self.spawned.store(t, Release);
        }
    }
}

/// Spins until `done()`, at most for [`SPIN`]; tells whether it came true.
#[inline]
fn spin(done: impl Fn() -> bool) -> bool {
    let mut until = None;
    loop {
        for _ in 0..64 {
            if done() {
                return true;
            }
            spin_loop();
        }
        let now = Instant::now();
        if now > *until.get_or_insert(now + SPIN) {
            return false;
        }
    }
}
