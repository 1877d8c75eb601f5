//! Draws that are made element by element from uniform numbers of 53 bits, or from 64 random bits.
use super::philox;
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
/// Fills with `f(bits)`, where element `i` gets the bits of its own place, for any number of threads.
pub fn fill<T: Send>(seed: u64, draw: u64, out: &mut [T], f: &(dyn Fn(u64) -> T + Sync)) {
    let y = Parts::new(out);
    split(y.len(), 2, GRAIN, &|r| {
        let start = r.start;
        // Disjoint ranges.
        for (k, y) in unsafe { y.part(r) }.iter_mut().enumerate() {
            *y = f(bits(seed, draw, start + k))
        }
    })
}
/// A random order of `0..n`, by Fisher and Yates's exchanges.
pub fn permutation(seed: u64, draw: u64, out: &mut [i64]) {
    for i in 0..out.len() {
        let j = below(bits(seed, draw, i), i as u64 + 1) as usize;
        out[i] = out[j];
        out[j] = i as i64
    }
}
