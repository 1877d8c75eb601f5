//! Steps of optimizers: one evaluation on scalars, compiled once for each instruction set, over a parameter, its gradient
//! and its states in one pass.
//!
//! ```
//! use nncore_kernels::optim::{update, Rule, States};
//! /// Momentum: `m = 0.5 m + g; p -= m`.
//! struct Momentum;
//! impl Rule<f32> for Momentum {
//!     #[inline(always)]
//!     fn eval(&self, p: f32, g: f32, [m, ..]: States<f32>) -> (f32, States<f32>) {
//!         let m = 0.5 * m + g;
//!         (p - m, [m, 0.0, 0.0])
//!     }
//! }
//! let (mut p, mut m) = ([1.0, 2.0], [2.0, 0.0]);
//! // The first state is in use, the others are not.
//! update::<_, _, 0b001>(&Momentum, &mut p, &[0.5, 1.0], [&mut m, &mut [], &mut []]);
//! assert_eq!((p, m), ([-0.5, 1.0], [1.5, 1.0]));
//! ```
use crate::num::Float;
use crate::pool;
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 16;
/// Norms are sums of at most this many parts, joined in order, so that their bits do not depend on the threads.
const PARTS: usize = 64;
/// What a part has at least.
const PART: usize = 4096;
/// Elements between one look at the rule and the sums.
const BLOCK: usize = 256;
/// Sums that run side by side.
const LANES: usize = 16;

/// The states of an element; those that are not in use are 0.
pub type States<T> = [T; 3];

/// What a step does to one element. Mark the methods `#[inline(always)]`: they become the inner loop.
pub trait Rule<T>: Sync {
    /// The new parameter and the new states.
    fn eval(&self, param: T, grad: T, states: States<T>) -> (T, States<T>);
    /// For [`measure`]: the two numbers whose norms are wanted, and the new states.
    fn measure(&self, _param: T, _grad: T, states: States<T>) -> ([T; 2], States<T>)
    where
        T: Float,
    {
        ([T::ZERO; 2], states)
    }
}

/// The larger of two numbers, or NaN where one of them is.
#[inline(always)]
pub fn larger<T: Float>(a: T, b: T) -> T {
    if a > b || a.is_nan() {
        a
    } else {
        b
    }
}

/// 1, -1, or the number itself where it is 0 or NaN.
#[inline(always)]
pub fn sign<T: Float>(x: T) -> T {
    let up = if x > T::ZERO { T::ONE } else { x };
    if x < T::ZERO {
        -T::ONE
    } else {
        up
    }
}

/// One step: `(param, states) = eval(param, grad, states)` for each element. `MASK` tells which states are in use (bit k =
/// state k); the slices of the others are empty.
///
/// # Panics
/// When the lengths differ.
pub fn update<T: Float, R: Rule<T>, const MASK: usize>(rule: &R, param: &mut [T], grad: &[T], states: [&mut [T]; 3]) {
    let n = param.len();
    check::<T, MASK>(n, grad, &states);
    let (p, [a, b, c]) = (Parts::new(param), states.map(|s| Parts::new(s)));
    split(n, 16, GRAIN, &|r| {
        let held = |k: usize| if MASK >> k & 1 == 1 { r.clone() } else { 0..0 };
        // Disjoint ranges.
        let (p, a, b, c) = unsafe { (p.part(r.clone()), a.part(held(0)), b.part(held(1)), c.part(held(2))) };
        run::<T, R, MASK>(rule, p, &grad[r.clone()], a, b, c)
    })
}

/// The first of two passes, for steps that are scaled by norms: moves the states by [`Rule::measure`], leaves the
/// parameter, and gives the sums of the squares of the two numbers, in float64. The same bits for any number of threads.
///
/// # Panics
/// When the lengths differ.
pub fn measure<T: Float, R: Rule<T>, const MASK: usize>(
    rule: &R,
    param: &[T],
    grad: &[T],
    states: [&mut [T]; 3],
) -> [f64; 2] {
    let n = param.len();
    check::<T, MASK>(n, grad, &states);
    let [a, b, c] = states.map(|s| Parts::new(s));
    let (parts, units) = (n.div_ceil(PART).clamp(1, PARTS), n.div_ceil(LANES));
    let mut sums = [[0.0; 2]; PARTS];
    let out = Parts::new(&mut sums[..parts]);
    split(parts, 1, if n >= GRAIN { 0 } else { usize::MAX }, &|share| {
        for k in share {
            let units = pool::share(units, parts, k);
            let r = units.start * LANES..(units.end * LANES).min(n);
            let held = |k: usize| if MASK >> k & 1 == 1 { r.clone() } else { 0..0 };
            // Disjoint ranges.
            let (out, a, b, c) = unsafe { (out.part(k..k + 1), a.part(held(0)), b.part(held(1)), c.part(held(2))) };
            squares::<T, R, MASK>(rule, &param[r.clone()], &grad[r.clone()], a, b, c, &mut out[0])
        }
    });
    sums[..parts].iter().fold([0.0; 2], |[x, y], [a, b]| [x + a, y + b])
}

fn check<T, const MASK: usize>(n: usize, grad: &[T], states: &[&mut [T]; 3]) {
    assert_eq!(grad.len(), n);
    for (k, s) in states.iter().enumerate() {
        assert_eq!(s.len(), if MASK >> k & 1 == 1 { n } else { 0 });
    }
}

/// The states of element `i`.
macro_rules! states {
    ($mask:ident, $i:expr, $($at:literal $s:ident),*) => {
        [$(if $mask >> $at & 1 == 1 { $s[$i] } else { T::ZERO }),*]
    };
}
/// Writes the states of element `i`.
macro_rules! keep {
    ($mask:ident, $i:expr, $new:ident, $($at:literal $s:ident),*) => {
        $(if $mask >> $at & 1 == 1 { $s[$i] = $new[$at] })*
    };
}
simd! {
    fn run<T: Float, R: Rule<T>; const MASK>(rule: &R, p: &mut [T], g: &[T], a: &mut [T], b: &mut [T], c: &mut [T]) {
        let n = p.len();
        // The compiler sees that no index is out of range.
        let g = &g[..n];
        let (a, b, c) = (&mut a[..(MASK & 1) * n], &mut b[..(MASK >> 1 & 1) * n], &mut c[..(MASK >> 2 & 1) * n]);
        for i in 0..n {
            let (new, s) = rule.eval(p[i], g[i], states!(MASK, i, 0 a, 1 b, 2 c));
            p[i] = new;
            keep!(MASK, i, s, 0 a, 1 b, 2 c);
        }
    }

    fn squares<T: Float, R: Rule<T>; const MASK>(rule: &R, p: &[T], g: &[T], a: &mut [T], b: &mut [T], c: &mut [T], out: &mut [f64; 2]) {
        let n = p.len();
        let g = &g[..n];
        let (a, b, c) = (&mut a[..(MASK & 1) * n], &mut b[..(MASK >> 1 & 1) * n], &mut c[..(MASK >> 2 & 1) * n]);
        let mut sums = [[0.0; LANES]; 2];
        let mut wanted = [[T::ZERO; BLOCK]; 2];
        let mut at = 0;
        while at < n {
            let m = BLOCK.min(n - at);
            let [x, y] = &mut wanted;
            for (j, i) in (0..m).zip(at..n) {
                let (new, s) = rule.measure(p[i], g[i], states!(MASK, i, 0 a, 1 b, 2 c));
                keep!(MASK, i, s, 0 a, 1 b, 2 c);
                (x[j], y[j]) = (new[0], new[1]);
            }
            for k in 0..2 {
                wanted[k][m..].fill(T::ZERO);
                for lanes in wanted[k].chunks_exact(LANES) {
                    for j in 0..LANES {
                        sums[k][j] = lanes[j].f64().mul_add(lanes[j].f64(), sums[k][j]);
                    }
                }
            }
            at += m;
        }
        *out = sums.map(|lanes| lanes.iter().sum());
    }
}
