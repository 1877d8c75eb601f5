//! `ln(sum(exp(x)))` in one pass over memory, without overflow: of each block the largest element, then the exponentials
//! below it; blocks are joined with their largest elements brought to one.
use super::fold::{halves, Fold, Max, LANES, ROUNDS};
use crate::math;
use crate::num::Float;

#[derive(Clone, Copy)]
pub(super) struct LogSumExp;
#[derive(Clone, Copy)]
pub(super) struct Total<T> {
    largest: T,
    /// Of `exp(x - largest)`.
    sum: T,
}
/// `exp(x - largest)`, where an infinity equals itself.
#[inline(always)]
fn below<T: Float>(x: T, largest: T) -> T {
    let d = if x == largest { T::ZERO } else { x - largest };
    math::exp(d)
}
#[inline(always)]
fn joined<T: Float>(a: Total<T>, b: Total<T>) -> Total<T> {
    let largest = Fold::<T>::pair(&Max, a.largest, b.largest);
    Total { largest, sum: a.sum * below(a.largest, largest) + b.sum * below(b.largest, largest) }
}

impl<T: Float> Fold<T> for LogSumExp {
    type Lane = T;
    type Total = Total<T>;
    type Out = T;
    const ROWS: usize = 64;
    #[inline(always)]
    fn lane(&self) -> T {
        T::LOWEST
    }
    #[inline(always)]
    fn start(&self) -> Total<T> {
        Total { largest: T::LOWEST, sum: T::ZERO }
    }
    #[inline(always)]
    fn push(&self, lane: T, x: T) -> T {
        Fold::<T>::pair(&Max, lane, x)
    }
    #[inline(always)]
    fn pair(&self, a: T, b: T) -> T {
        Fold::<T>::pair(&Max, a, b)
    }
    #[inline(always)]
    fn join(&self, total: Total<T>, lane: T) -> Total<T> {
        joined(total, Total { largest: lane, sum: T::ONE })
    }
    #[inline(always)]
    fn merge(&self, a: Total<T>, b: Total<T>) -> Total<T> {
        joined(a, b)
    }
    #[inline(always)]
    fn end(&self, total: Total<T>, _: usize) -> T {
        total.largest + math::ln(total.sum)
    }
    #[inline(always)]
    unsafe fn run(&self, mut total: Total<T>, x: *const T, n: usize) -> Total<T> {
        let mut i = 0;
        while i < n {
            let m = (n - i).min(LANES * ROUNDS);
            total = joined(total, stretch(x.add(i), m));
            i += m;
        }
        total
    }
    #[inline(always)]
    unsafe fn run_strided(&self, mut total: Total<T>, x: *const T, stride: isize, n: usize) -> Total<T> {
        let mut i = 0;
        while i < n {
            let m = (n - i).min(256);
            let mut near = [T::ZERO; 256];
            for (l, near) in near[..m].iter_mut().enumerate() {
                *near = *x.offset((i + l) as isize * stride);
            }
            total = joined(total, stretch(near.as_ptr(), m));
            i += m;
        }
        total
    }
    #[inline(always)]
    unsafe fn band<const L: usize>(&self, totals: &mut [Total<T>], x: *const T, stride: isize, rows: usize) {
        let (mut largest, mut sums) = ([T::LOWEST; L], [T::ZERO; L]);
        for r in 0..rows as isize {
            for l in 0..L {
                largest[l] = Fold::<T>::pair(&Max, largest[l], *x.offset(r * stride).add(l));
            }
        }
        for r in 0..rows as isize {
            // In steps, or the loop is not vectorised.
            let mut e = *(x.offset(r * stride) as *const [T; L]);
            for l in 0..L {
                e[l] = if e[l] == largest[l] { T::ZERO } else { e[l] - largest[l] };
            }
            for l in 0..L {
                e[l] = math::exp(e[l]);
            }
            for l in 0..L {
                sums[l] += e[l];
            }
        }
        for l in 0..L {
            totals[l] = joined(totals[l], Total { largest: largest[l], sum: sums[l] });
        }
    }
}
const WIDTH: usize = 32;

/// Adds the first `few` exponentials: in steps, or the loop is not vectorised.
#[inline(always)]
fn add<T: Float>(sums: &mut [T; LANES], x: &[T; WIDTH], largest: T, few: usize) {
    let mut e = [T::ZERO; WIDTH];
    for l in 0..WIDTH {
        e[l] = if x[l] == largest { T::ZERO } else { x[l] - largest };
    }
    for e in &mut e {
        *e = math::exp(*e);
    }
    for l in 0..WIDTH {
        sums[l] += if l < few { e[l] } else { T::ZERO };
    }
}

/// At most a block of contiguous elements.
#[inline(always)]
unsafe fn stretch<T: Float>(x: *const T, n: usize) -> Total<T> {
    let x = std::slice::from_raw_parts(x, n);
    let mut lanes = [T::LOWEST; WIDTH];
    for x in x.chunks_exact(WIDTH) {
        for l in 0..WIDTH {
            lanes[l] = Fold::<T>::pair(&Max, lanes[l], x[l]);
        }
    }
    let (whole, rest) = x.split_at(n / WIDTH * WIDTH);
    let mut largest = lanes.iter().fold(T::LOWEST, |a, b| Fold::<T>::pair(&Max, a, *b));
    for x in rest {
        largest = Fold::<T>::pair(&Max, largest, *x);
    }
    let mut sums = [T::ZERO; LANES];
    for x in whole.chunks_exact(WIDTH) {
        add(&mut sums, x.try_into().expect("a whole chunk"), largest, WIDTH)
    }
    // The rest as one vector too: single exponentials are slow.
    if !rest.is_empty() {
        let mut last = [T::LOWEST; WIDTH];
        last[..rest.len()].copy_from_slice(rest);
        add(&mut sums, &last, largest, rest.len())
    }
    Total { largest, sum: halves(&sums) }
}
