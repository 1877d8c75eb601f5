//! What each op cost: while a profile runs, every kernel is timed, with the layer that called it and what it had to do.
//! While none runs, an op pays for one look at a flag.
use crate::device::{self, Device};
use crate::error::{err, Kind, Result};
use crate::op::{Cost, DynOp, Outs, Specs, View};
use crate::shape::Spec;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// One kernel that ran.
#[derive(Clone, Debug)]
pub struct Record {
    pub op: &'static str,
    pub place: Place,
    /// Nanoseconds since the profile began, and how long it took.
    pub start: u64,
    pub time: u64,
    pub cost: Cost,
    /// Multiplications that are added up at once: of products and convolutions alone, as papers count them.
    pub macs: u64,
    /// Bytes of one of its numbers: the peak of float64 is half of float32's.
    pub item: usize,
}
/// Where in the program an op was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// A number that the face gives to each layer; 0 is outside of all.
    pub layer: u32,
    pub backward: bool,
}

static ON: AtomicBool = AtomicBool::new(false);
static LOG: Mutex<Option<(Instant, Vec<Record>)>> = Mutex::new(None);
thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place { layer: 0, backward: false }) };
}
fn log() -> MutexGuard<'static, Option<(Instant, Vec<Record>)>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a profile of all threads.
pub fn start() -> Result<()> {
    let mut log = log();
    if log.is_some() {
        return Err(err(Kind::Value, "a profile is running already; there can be one at a time"));
    }
    *log = Some((Instant::now(), vec![]));
    ON.store(true, Relaxed);
    Ok(())
}
/// Ends it: what ran since `start`, in the order of its ends.
pub fn stop() -> Vec<Record> {
    let mut log = log();
    ON.store(false, Relaxed);
    log.take().map_or(vec![], |(_, records)| records)
}
#[inline(always)]
pub fn on() -> bool {
    ON.load(Relaxed)
}
/// Where this thread is; (0, forward) while no profile runs.
#[inline]
pub fn place() -> Place {
    match on() {
        true => PLACE.get(),
        false => Place::default(),
    }
}
/// Moves this thread; gives back where it was.
pub fn go(to: Place) -> Place {
    PLACE.replace(to)
}
/// Moves this thread until the guard goes, if a profile runs.
#[must_use]
pub fn within(to: Place) -> Option<Within> {
    on().then(|| Within(go(to)))
}
pub struct Within(Place);
impl Drop for Within {
    fn drop(&mut self) {
        PLACE.set(self.0)
    }
}

/// Runs an op on a device, on the clock if a profile runs.
#[inline]
pub fn execute(device: &dyn Device, op: &dyn DynOp, ins: &[Option<View>], outs: &[View]) -> Result<()> {
    match on() {
        false => device.execute(op, ins, outs),
        true => timed(device, op, ins, outs),
    }
}
#[cold]
fn timed(device: &dyn Device, op: &dyn DynOp, ins: &[Option<View>], outs: &[View]) -> Result<()> {
    let begin = Instant::now();
    let done = device.execute(op, ins, outs);
    let time = begin.elapsed();
    let specs: SmallVec<[Option<&Spec>; 8]> = ins.iter().map(|v| v.as_ref().map(|v| v.spec)).collect();
    let mut plan = Outs::new();
    let cost = match op.infer(Specs(&specs), &mut plan) {
        Ok(()) => op.cost(Specs(&specs), &plan),
        Err(_) => Cost::default(),
    };
    let floats = outs.iter().map(|v| v.spec).chain(specs.iter().flatten().copied()).find(|s| s.dtype.is_float());
    let item = floats.map_or(4, |s| s.dtype.size());
    if let Some((since, records)) = log().as_mut() {
        let start = begin.saturating_duration_since(*since).as_nanos() as u64;
        records.push(Record {
            op: op.info().name,
            place: PLACE.get(),
            start,
            time: time.as_nanos() as u64,
            cost,
            macs: if op.facts().precision.is_some() { cost.flops / 2 } else { 0 },
            item,
        });
    }
    done
}

/// What this machine can do with the threads that are set now, measured on the spot: float32 operations a second in a matrix
/// product of 1024x1024, and bytes a second in a copy of 64 MB, each the best of several.
pub fn peaks() -> Result<(f64, f64)> {
    let best = |times: usize, f: &mut dyn FnMut() -> Result<()>| -> Result<f64> {
        f()?;
        let mut least = f64::INFINITY;
        for _ in 0..times {
            let begin = Instant::now();
            f()?;
            least = least.min(begin.elapsed().as_secs_f64());
        }
        Ok(least)
    };
    let n = 1024u32;
    crate::dispatch::no_grad(|| {
        let a = Tensor::from_slice(&vec![0.5f32; (n * n) as usize], &[n, n])?;
        let product = best(6, &mut || crate::ops::matmul::matmul(&a, &a).map(drop))?;
        let from = Tensor::from_slice(&vec![1f32; 1 << 24], &[1 << 24])?;
        let to = Tensor::empty_on(device::cpu(), from.spec)?;
        let assign = crate::ops::assign::Assign {};
        let copy = best(6, &mut || crate::dispatch::apply(&assign, &[Some(&to), Some(&from)]).map(drop))?;
        Ok((2.0 * (n as f64).powi(3) / product, 2.0 * from.spec.bytes() as f64 / copy))
    })
}
