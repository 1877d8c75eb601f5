//! Distances of all pairs of rows.
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many operations on threads share the work.
const GRAIN: usize = 1 << 15;
const LANES: usize = 16;

/// Two stacks of rows: `batch` times `rows` of the one, `others` of the other, each of `width` numbers, and the norm's order.
#[derive(Clone, Copy, Debug)]
pub struct Pairs {
    pub rows: usize,
    pub others: usize,
    pub width: usize,
    pub p: f64,
}
impl Pairs {
    fn grain(&self) -> usize {
        (GRAIN / (self.others * self.width).max(1)).max(2)
    }
}

/// `out[b][i][j]`: the `p`-norm of `x[b][i] - y[b][j]`.
///
/// # Panics
/// When lengths do not fit.
pub fn distances<T: Float>(s: &Pairs, x: &[T], y: &[T], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let all = out.len() / s.others;
    let batch = all / s.rows;
    assert!(x.len() == all * s.width && y.len() == batch * s.others * s.width);
    let parts = Parts::new(out);
    split(all, 1, s.grain(), &|r| {
        for i in r {
            let b = i / s.rows * s.others * s.width;
            // Disjoint rows.
            let out = unsafe { parts.part(i * s.others..(i + 1) * s.others) };
            row(s.p, &x[i * s.width..(i + 1) * s.width], &y[b..b + s.others * s.width], out)
        }
    })
}
/// The gradient of [`distances`] by `x`, from that by its result `out`.
///
/// # Panics
/// When lengths do not fit.
pub fn distances_gradient<T: Float>(s: &Pairs, dy: &[T], x: &[T], y: &[T], out: &[T], dx: &mut [T]) {
    dx.fill(T::ZERO);
    if dy.is_empty() || dx.is_empty() {
        return;
    }
    let all = dy.len() / s.others;
    let batch = all / s.rows;
    assert!(x.len() == all * s.width && y.len() == batch * s.others * s.width && out.len() == dy.len());
    let parts = Parts::new(dx);
    split(all, 1, s.grain(), &|r| {
        for i in r {
            let (b, pairs) = (i / s.rows * s.others * s.width, i * s.others..(i + 1) * s.others);
            let own = i * s.width..(i + 1) * s.width;
            // Disjoint rows.
            let dx = unsafe { parts.part(own.clone()) };
            row_gradient(s.p, &dy[pairs.clone()], &x[own], &y[b..b + s.others * s.width], &out[pairs], dx)
        }
    })
}

/// `d`'s part of the distance, before the root.
#[inline(always)]
fn term<T: Float>(p: f64, d: T) -> T {
    let d = d.abs();
    match p {
        0.0 => {
            if d == T::ZERO {
                T::ZERO
            } else {
                T::ONE
            }
        }
        1.0 | f64::INFINITY => d,
        2.0 => d * d,
        p => T::of(d.f64().powf(p)),
    }
}
#[inline(always)]
fn joined<T: Float>(p: f64, a: T, b: T) -> T {
    match p == f64::INFINITY {
        true if b > a || b.is_nan() => b,
        true => a,
        false => a + b,
    }
}
#[inline(always)]
fn folded<T: Float>(p: f64, x: &[T], y: &[T]) -> T {
    let mut lanes = [T::ZERO; LANES];
    let (a, b) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = a.remainder().iter().zip(b.remainder());
    for (a, b) in a.zip(b) {
        for l in 0..LANES {
            lanes[l] = joined(p, lanes[l], term(p, a[l] - b[l]));
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(rest) {
        *lane = joined(p, *lane, term(p, *a - *b));
    }
    let mut total = lanes[0];
    for lane in &lanes[1..] {
        total = joined(p, total, *lane);
    }
    total
}
#[inline(always)]
fn distances_of<T: Float>(p: f64, x: &[T], y: &[T], out: &mut [T]) {
    for (j, out) in out.iter_mut().enumerate() {
        let total = folded(p, x, &y[j * x.len()..(j + 1) * x.len()]);
        *out = match p {
            0.0 | 1.0 | f64::INFINITY => total,
            2.0 => total.sqrt(),
            p => T::of(total.f64().powf(1.0 / p)),
        };
    }
}

simd! {
    fn row<T: Float>(p: f64, x: &[T], y: &[T], out: &mut [T]) {
        // A copy of the loop for each order that vectors serve.
        match p {
            1.0 => distances_of(1.0, x, y, out),
            2.0 => distances_of(2.0, x, y, out),
            p => distances_of(p, x, y, out),
        }
    }

    fn row_gradient<T: Float>(p: f64, dy: &[T], x: &[T], y: &[T], out: &[T], dx: &mut [T]) {
        for (j, (g, far)) in dy.iter().zip(out).enumerate() {
            let y = &y[j * x.len()..(j + 1) * x.len()];
            if *far == T::ZERO || p == 0.0 {
                continue;
            }
            // For p = 2 each difference counts in proportion.
            let part = *g / *far;
            for ((dx, x), y) in dx.iter_mut().zip(x).zip(y) {
                let d = *x - *y;
                if p == 2.0 {
                    *dx = part.mul_add(d, *dx);
                } else if d != T::ZERO {
                    let size = match p {
                        1.0 => T::ONE,
                        f64::INFINITY if d.abs() == *far => T::ONE,
                        f64::INFINITY => T::ZERO,
                        p => T::of((d.abs().f64() / far.f64()).powf(p - 1.0)),
                    };
                    *dx += *g * size.copysign(d);
                }
            }
        }
    }
}
