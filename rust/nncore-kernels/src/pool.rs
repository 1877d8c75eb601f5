//! The thread pool: fork-join over a fixed number of shares.
use std::ops::Range;

/// Threads that a parallel region may use.
pub fn threads() -> usize {
    1
}

/// Runs `f(0), …, f(shares - 1)`, in parallel where the pool is free, and returns when all are done.
pub fn run(shares: usize, f: &(dyn Fn(usize) + Sync)) {
    for i in 0..shares {
        f(i)
    }
}

/// The `i`-th of `parts` nearly equal, contiguous shares of `0..n`.
#[inline]
pub fn share(n: usize, parts: usize, i: usize) -> Range<usize> {
    n * i / parts..n * (i + 1) / parts
}
