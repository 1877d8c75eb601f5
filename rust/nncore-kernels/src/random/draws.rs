//! Draws that are made element by element from uniform numbers of 53 bits, or from 64 random bits.
use super::{pairs, philox, LANES};
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 13;

/// 64 random bits: element `i` takes half of block `i / 2`.
#[inline]
pub fn bits(seed: u64, draw: u64, i: usize) -> u64 {
    let w = philox(seed, draw, i as u64 / 2);
    match i % 2 {
        0 => w[0] as u64 | (w[1] as u64) << 32,
        _ => w[2] as u64 | (w[3] as u64) << 32,
    }
}
/// A uniform number in (0, 1), of 53 bits: its logarithm is finite, and so is that of 1 less it.
#[inline]
pub fn open_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
}
/// A uniform integer below `n`. Of `2^64` words no two numbers get counts that differ by more than one.
#[inline]
pub fn below(bits: u64, n: u64) -> u64 {
    ((bits as u128 * n as u128) >> 64) as u64
}
/// Elements whose bits are made at a time.
const AT_A_TIME: usize = 2 * LANES;

/// Calls `f(i, bits)` for each element of a range that begins at a multiple of [`AT_A_TIME`].
#[inline(always)]
fn each(seed: u64, draw: u64, r: std::ops::Range<usize>, mut f: impl FnMut(usize, u64)) {
    for start in r.clone().step_by(AT_A_TIME) {
        let bits = pairs(seed, draw, start as u64 / 2);
        for (i, bits) in (start..r.end.min(start + AT_A_TIME)).zip(bits) {
            f(i, bits)
        }
    }
}
/// Fills with `f(bits)`, where element `i` gets the bits of its own place, for any number of threads.
pub fn fill<T: Send>(seed: u64, draw: u64, out: &mut [T], f: impl Fn(u64) -> T + Sync) {
    let y = Parts::new(out);
    split(y.len(), AT_A_TIME, GRAIN, &|r| {
        let start = r.start;
        // Disjoint ranges.
        let y = unsafe { y.part(r.clone()) };
        each(seed, draw, r, |i, bits| y[i - start] = f(bits))
    })
}
/// A random order of `0..n`, by Fisher and Yates's exchanges.
pub fn permutation(seed: u64, draw: u64, out: &mut [i64]) {
    each(seed, draw, 0..out.len(), |i, bits| {
        let j = below(bits, i as u64 + 1) as usize;
        out[i] = out[j];
        out[j] = i as i64
    })
}
