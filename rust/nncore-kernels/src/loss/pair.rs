//! The loops over pairs.
use crate::num::Float;
use crate::pool;
use crate::split::{split, Parts};

/// The loss of a prediction `x` and a target `t`. Both functions must be `#[inline(always)]`.
pub trait Pair: Copy + Sync {
    /// Roughly, nanoseconds for 16 elements.
    const COST: usize = 1;
    fn value<T: Float>(&self, x: T, t: T) -> T;
    /// Derivatives by `x` and by `t`.
    fn slopes<T: Float>(&self, x: T, t: T) -> [T; 2];
}

/// From this many elements on (of [`Pair::COST`] 1) threads share the work.
const GRAIN: usize = 1 << 16;
/// Elements that are added up before their sum joins the float64 total.
const BLOCK: usize = 1024;
/// Parts that a large sum is cut into, whatever the number of threads.
const PARTS: usize = 32;
const L: usize = 64;

/// `out[i] = loss(x[i], t[i])`.
///
/// # Panics
/// When the lengths differ.
pub fn each<P: Pair, T: Float>(p: &P, x: &[T], t: &[T], out: &mut [T]) {
    assert!(x.len() == out.len() && t.len() == out.len());
    let shared = Parts::new(out);
    split(x.len(), L, GRAIN / P::COST, &|r| {
        // Disjoint ranges.
        let out = unsafe { shared.part(r.clone()) };
        values(p, &x[r.clone()], &t[r], out)
    })
}

/// The sum of all losses. Its order depends on the length alone.
///
/// # Panics
/// When the lengths differ.
pub fn total<P: Pair, T: Float>(p: &P, x: &[T], t: &[T]) -> f64 {
    assert_eq!(x.len(), t.len());
    let n = x.len();
    if n < GRAIN / P::COST {
        return sum(p, x, t);
    }
    let mut parts = [0.0; PARTS];
    let shared = Parts::new(&mut parts);
    pool::run(PARTS, &|i| {
        let r = pool::share(n, PARTS, i);
        // Each share owns one number.
        unsafe { shared.part(i..i + 1)[0] = sum(p, &x[r.clone()], &t[r]) }
    });
    parts.iter().sum()
}

/// Gradients by `x` into `dx` and by `t` into `dt`, each times `g`: one number for all, or one for each.
///
/// # Panics
/// When lengths differ.
pub fn gradients<P: Pair, T: Float>(p: &P, x: &[T], t: &[T], g: &[T], dx: Option<&mut [T]>, dt: Option<&mut [T]>) {
    for (k, out) in [dx, dt].into_iter().enumerate() {
        let Some(out) = out else { continue };
        assert!(x.len() == out.len() && t.len() == out.len() && (g.len() == out.len() || g.len() == 1));
        let shared = Parts::new(out);
        split(x.len(), L, GRAIN / P::COST, &|r| {
            // Disjoint ranges.
            let out = unsafe { shared.part(r.clone()) };
            let g = if g.len() == 1 { g } else { &g[r.clone()] };
            match k {
                0 => slope::<P, T, 0>(p, &x[r.clone()], &t[r], g, out),
                _ => slope::<P, T, 1>(p, &x[r.clone()], &t[r], g, out),
            }
        })
    }
}

simd! {
    fn values<P: Pair, T: Float>(p: &P, x: &[T], t: &[T], out: &mut [T]) {
        for ((out, x), t) in out.iter_mut().zip(x).zip(t) { *out = p.value(*x, *t) }
    }

    fn sum<P: Pair, T: Float>(p: &P, x: &[T], t: &[T]) -> f64 {
        let mut total = 0.0;
        for (x, t) in x.chunks(BLOCK).zip(t.chunks(BLOCK)) {
            let mut s = [T::ZERO; L];
            let whole = x.len() / L * L;
            for at in (0..whole).step_by(L) {
                let (x, t) = (&x[at..at + L], &t[at..at + L]);
                for l in 0..L { s[l] += p.value(x[l], t[l]) }
            }
            for i in whole..x.len() { s[i - whole] += p.value(x[i], t[i]) }
            let mut w = L / 2;
            while w > 0 {
                for l in 0..w { s[l] += s[l + w] }
                w /= 2;
            }
            total += s[0].f64();
        }
        total
    }

    /// By the prediction (`K` 0) or by the target (1).
    fn slope<P: Pair, T: Float; const K>(p: &P, x: &[T], t: &[T], g: &[T], out: &mut [T]) {
        if g.len() == 1 {
            let g = g[0];
            for ((out, x), t) in out.iter_mut().zip(x).zip(t) { *out = g * p.slopes(*x, *t)[K] }
        } else {
            for (((out, x), t), g) in out.iter_mut().zip(x).zip(t).zip(g) { *out = *g * p.slopes(*x, *t)[K] }
        }
    }
}
