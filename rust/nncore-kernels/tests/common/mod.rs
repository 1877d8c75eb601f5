//! What the kernels' tests share: noise, and a run on every path of this machine.
#![allow(dead_code)]
use nncore_kernels::{cpu, pool};
use std::sync::Mutex;

/// The path is global to the process.
static PATH: Mutex<()> = Mutex::new(());

/// Runs `check` on each path that this machine has.
pub fn on_every_path(mut check: impl FnMut()) {
    let _guard = PATH.lock().unwrap_or_else(|e| e.into_inner());
    let best = cpu::path();
    for path in cpu::available() {
        cpu::force(path);
        check();
    }
    cpu::force(best);
}

/// Asserts that `make` gives the same for 1 to 4 threads.
pub fn same_for_any_threads<R: PartialEq>(what: &str, mut make: impl FnMut() -> R) {
    let _guard = PATH.lock().unwrap_or_else(|e| e.into_inner());
    let want = pool::with_threads(1, &mut make);
    for threads in 2..=4 {
        assert!(pool::with_threads(threads, &mut make) == want, "{what} with {threads} threads");
    }
}

/// Numbers in [-1, 1) that look random, exact in float32.
pub fn noise(n: usize, seed: u64) -> Vec<f32> {
    let mut s = 0x1234_5678_9abc_def1u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..n)
        .map(|_| {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            (s >> 40) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

pub fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| x as f64).collect()
}

/// Asserts `|got - want| <= tolerance * max(1, |want|)` for each element.
pub fn close<G: Copy + Into<f64>>(got: &[G], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len());
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let g: f64 = g.into();
        assert!((g - w).abs() <= tolerance * w.abs().max(1.0), "{what}[{i}]: {g} instead of {w}");
    }
}
