//! What is done to blocks of scores, row by row. Rows are whole vectors: scores past the last key count as masked.
use super::Mask;
use crate::math::{exp, ln};
use crate::num::Float;

const L: usize = 16;

/// A block of scores: where it lies, and what is added.
pub(super) struct Scores<T> {
    pub mask: Mask<T>,
    pub causal: bool,
    pub scale: T,
    pub query: usize,
    pub key: usize,
    pub keys: usize,
    pub ld: usize,
}

/// Row `i` of a block: scaled, masked, its end filled up.
#[inline(always)]
fn masked<T: Float>(s: &Scores<T>, i: usize, row: &mut [T]) {
    for x in row.iter_mut() {
        *x *= s.scale;
    }
    let (query, key) = ((s.query + i) as isize, s.key as isize);
    // Valid for every query and key, as the caller of the kernel vouches.
    match s.mask {
        Mask::None => {}
        Mask::Bool(p, r, c) => {
            let p = unsafe { p.offset(query * r + key * c) };
            for (j, x) in row[..s.keys].iter_mut().enumerate() {
                if !unsafe { *p.offset(j as isize * c) } {
                    *x = T::LOWEST;
                }
            }
        }
        Mask::Added(p, r, c) => {
            let p = unsafe { p.offset(query * r + key * c) };
            for (j, x) in row[..s.keys].iter_mut().enumerate() {
                *x += unsafe { *p.offset(j as isize * c) };
            }
        }
    }
    let seen = if s.causal { (s.query + i + 1).saturating_sub(s.key).min(s.keys) } else { s.keys };
    row[seen..].fill(T::LOWEST);
}
#[inline(always)]
fn join<T: Float>(mut v: [T; L], f: impl Fn(T, T) -> T) -> T {
    for w in [8, 4, 2, 1] {
        for l in 0..w {
            v[l] = f(v[l], v[l + w]);
        }
    }
    v[0]
}
#[inline(always)]
fn larger<T: Float>(a: T, b: T) -> T {
    if b > a {
        b
    } else {
        a
    }
}

simd! {
    /// Turns a block's scores into weights `e^(score - largest)`, and brings what was there before to the new largest.
    pub(super) fn softmax<T: Float>(s: &Scores<T>, scores: &mut [T], largest: &mut [T], total: &mut [T], out: &mut [T], values: usize) {
        for (i, row) in scores.chunks_exact_mut(s.ld).enumerate() {
            masked(s, i, row);
            let mut m = [T::LOWEST; L];
            for x in row.chunks_exact(L) {
                for l in 0..L { m[l] = larger(m[l], x[l]) }
            }
            let old = largest[i];
            let m = larger(join(m, larger), old);
            if m == T::LOWEST {
                // Nothing is seen so far; a NaN would come here too, and returns with its own score.
                for x in row.iter_mut() { *x = if x.is_nan() { *x } else { T::ZERO } }
                for x in row.iter() { total[i] += if x.is_nan() { *x } else { T::ZERO } }
                continue;
            }
            let mut sum = [T::ZERO; L];
            for x in row.chunks_exact_mut(L) {
                for l in 0..L {
                    x[l] = exp(x[l] - m);
                    sum[l] += x[l];
                }
            }
            let sum = join(sum, |a, b| a + b);
            if old != m && old != T::LOWEST {
                let k = exp(old - m);
                total[i] *= k;
                for y in &mut out[i * values..(i + 1) * values] { *y *= k }
            }
            largest[i] = m;
            total[i] += sum;
        }
    }

    /// Divides outputs by their sums of weights, and gives the logarithms of the sums.
    pub(super) fn normalize<T: Float>(out: &mut [T], sums: &mut [T], largest: &[T], total: &[T], values: usize) {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = largest[i] + ln(total[i]);
            let k = if total[i] == T::ZERO { T::ZERO } else { T::ONE / total[i] };
            for y in &mut out[i * values..(i + 1) * values] { *y *= k }
        }
    }

    /// Sums of `a * b` by rows of `n`.
    pub(super) fn products<T: Float>(a: &[T], b: &[T], sums: &mut [T], n: usize) {
        for (i, sum) in sums.iter_mut().enumerate() {
            let (a, b) = (&a[i * n..(i + 1) * n], &b[i * n..(i + 1) * n]);
            let mut s = [T::ZERO; L];
            let whole = n / L * L;
            for at in (0..whole).step_by(L) {
                for l in 0..L { s[l] = a[at + l].mul_add(b[at + l], s[l]) }
            }
            for at in whole..n { s[at - whole] = a[at].mul_add(b[at], s[at - whole]) }
            *sum = join(s, |a, b| a + b);
        }
    }

    /// Turns a block's scores into the weights that they had.
    pub(super) fn weights<T: Float>(s: &Scores<T>, scores: &mut [T], sums: &[T]) {
        for (i, row) in scores.chunks_exact_mut(s.ld).enumerate() {
            masked(s, i, row);
            let m = sums[i];
            if m == T::LOWEST {
                row.fill(T::ZERO);
                continue;
            }
            for x in row.chunks_exact_mut(L) {
                for l in 0..L { x[l] = exp(x[l] - m) }
            }
        }
    }

    /// Turns derivatives by weights into those by products of queries and keys: `scale * weight * (slope - mean)`.
    pub(super) fn derivatives<T: Float>(s: &Scores<T>, weights: &[T], slopes: &mut [T], means: &[T]) {
        for (i, (w, d)) in weights.chunks_exact(s.ld).zip(slopes.chunks_exact_mut(s.ld)).enumerate() {
            let mean = means[i];
            for (d, w) in d[..s.keys].iter_mut().zip(w) { *d = s.scale * *w * (*d - mean) }
        }
    }
}
