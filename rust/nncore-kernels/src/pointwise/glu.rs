//! The gated linear unit on dense memory: `(outer, 2, inner)`, a row's first half gated by its second.
use super::kernel::PARALLEL;
use crate::math;
use crate::num::Float;
use crate::split::{split, Parts};

/// Elements that are computed at a time.
const STEP: usize = 16;
/// Elements in a tile that gathers short halves.
const TILE: usize = 256;
/// From this length on a half is computed where it lies; what is left beyond whole steps no longer counts.
const LONG: usize = 512;
/// An element's work, as [`super::Map::COST`] has it.
const COST: usize = 12;

/// `y = a * sigmoid(b)`, where every `2 * inner` elements of `x` are `inner` of `a` and then `inner` of `b`.
///
/// # Panics
/// When `x` is not twice as long as `y`, or `y` not a whole number of halves.
pub fn glu<T: Float>(x: &[T], inner: usize, y: &mut [T]) {
    check(x, inner, y.len());
    let y = Parts::new(y);
    split(y.len(), 64, PARALLEL / COST, &|r| {
        // Disjoint stretches.
        let out = unsafe { y.part(r.clone()) };
        forward(x, inner, r.start, out)
    })
}

/// Gradient of [`glu`] by `x`: both halves of `dx` in one pass.
///
/// # Panics
/// When lengths do not fit.
pub fn glu_gradient<T: Float>(x: &[T], dy: &[T], inner: usize, dx: &mut [T]) {
    check(x, inner, dy.len());
    assert_eq!(dx.len(), x.len());
    let dx = Parts::new(dx);
    split(dy.len(), 64, PARALLEL / COST, &|r| backward(x, &dy[r.clone()], inner, r.start, dx))
}

fn check<T>(x: &[T], inner: usize, len: usize) {
    assert_eq!(x.len(), 2 * len, "two halves");
    assert!(len == 0 || inner > 0 && len.is_multiple_of(inner), "whole halves");
}

/// Calls `f(done, at, count)` for the stretches of halves that cover `start..start + len` of the result: `done` counts
/// from `start`, `at` is the place of the stretch's first `a`.
#[inline(always)]
fn stretches(inner: usize, start: usize, len: usize, mut f: impl FnMut(usize, usize, usize)) {
    if len == 0 {
        return; // Halves of no elements have no rows to count.
    }
    let (mut row, mut column, mut done) = (start / inner, start % inner, 0);
    while done < len {
        let n = (inner - column).min(len - done);
        f(done, 2 * inner * row + column, n);
        done += n;
        (row, column) = (row + 1, 0);
    }
}

/// Is a half worth computing in place? Short ones are gathered, so that only a tile's end is not a whole vector.
#[inline(always)]
fn direct(inner: usize) -> bool {
    inner >= LONG || inner.is_multiple_of(STEP)
}

#[inline(always)]
fn slopes<T: Float>(a: T, b: T, dy: T) -> (T, T) {
    let s = math::sigmoid(b);
    let da = dy * s;
    (da, da * a * (T::ONE - s))
}

simd! {
    fn gated<T: Float>(a: &[T], b: &[T], y: &mut [T]) {
        for ((y, a), b) in y.iter_mut().zip(a).zip(b) { *y = *a * math::sigmoid(*b) }
    }

    fn ungated<T: Float>(a: &[T], b: &[T], dy: &[T], da: &mut [T], db: &mut [T]) {
        for ((((da, db), dy), a), b) in da.iter_mut().zip(db).zip(dy).zip(a).zip(b) {
            (*da, *db) = slopes(*a, *b, *dy);
        }
    }
}

/// Elements `start..start + y.len()` of the result.
fn forward<T: Float>(x: &[T], inner: usize, start: usize, y: &mut [T]) {
    if direct(inner) {
        return stretches(inner, start, y.len(), |done, at, n| {
            gated(&x[at..at + n], &x[at + inner..at + inner + n], &mut y[done..done + n])
        });
    }
    let (mut a, mut b) = ([T::ZERO; TILE], [T::ZERO; TILE]);
    for (i, y) in y.chunks_mut(TILE).enumerate() {
        stretches(inner, start + i * TILE, y.len(), |done, at, n| {
            a[done..done + n].copy_from_slice(&x[at..at + n]);
            b[done..done + n].copy_from_slice(&x[at + inner..at + inner + n]);
        });
        gated(&a, &b, y);
    }
}

/// Writes the halves of `dx` that belong to `dy`, which starts at `start` of the whole gradient.
fn backward<T: Float>(x: &[T], dy: &[T], inner: usize, start: usize, dx: Parts<T>) {
    // Halves of disjoint stretches are disjoint, and the two of one stretch lie apart.
    let halves = |at: usize, n: usize| unsafe { (dx.part(at..at + n), dx.part(at + inner..at + inner + n)) };
    if direct(inner) {
        return stretches(inner, start, dy.len(), |done, at, n| {
            let (da, db) = halves(at, n);
            ungated(&x[at..at + n], &x[at + inner..at + inner + n], &dy[done..done + n], da, db)
        });
    }
    let (mut a, mut b, mut da, mut db) = ([T::ZERO; TILE], [T::ZERO; TILE], [T::ZERO; TILE], [T::ZERO; TILE]);
    for (i, dy) in dy.chunks(TILE).enumerate() {
        let from = start + i * TILE;
        stretches(inner, from, dy.len(), |done, at, n| {
            a[done..done + n].copy_from_slice(&x[at..at + n]);
            b[done..done + n].copy_from_slice(&x[at + inner..at + inner + n]);
        });
        ungated(&a, &b, dy, &mut da, &mut db);
        stretches(inner, from, dy.len(), |done, at, n| {
            let (to_a, to_b) = halves(at, n);
            to_a.copy_from_slice(&da[done..done + n]);
            to_b.copy_from_slice(&db[done..done + n]);
        });
    }
}
