//! What a reduction does to elements: lanes of the element's type, joined into a total of a wider one.
use crate::num::{Float, Number};

/// Elements that can be summed: floats into a float64 total, integers into an int64 one.
pub trait Accumulate: Number {
    type Wide: Number;
    fn widen(self) -> Self::Wide;
    fn narrow(x: Self::Wide) -> Self;
}
macro_rules! accumulate {
    ($($t:ident $wide:ident)*) => { $(impl Accumulate for $t {
        type Wide = $wide;
        #[inline(always)] fn widen(self) -> $wide { self as $wide }
        #[inline(always)] fn narrow(x: $wide) -> $t { x as $t }
    })* };
}
accumulate!(f32 f64 f64 f64 i64 i64 i32 i64 u8 i64);

/// One kind of reduction. All methods are `#[inline(always)]`. What a fold is asked for beside its elements (an exponent) lies
/// in it.
pub(super) trait Fold<T: Number>: Copy + Send + Sync + 'static {
    /// What runs beside others in a vector.
    type Lane: Copy;
    type Total: Copy + Send + Sync + 'static;
    type Out: Copy + Send + 'static;
    /// Rows that are folded before they flow into the totals of their columns.
    const ROWS: usize = ROUNDS;
    fn lane(&self) -> Self::Lane;
    fn start(&self) -> Self::Total;
    fn push(&self, lane: Self::Lane, x: T) -> Self::Lane;
    fn pair(&self, a: Self::Lane, b: Self::Lane) -> Self::Lane;
    fn join(&self, total: Self::Total, lane: Self::Lane) -> Self::Total;
    fn merge(&self, a: Self::Total, b: Self::Total) -> Self::Total;
    fn end(&self, total: Self::Total, count: usize) -> Self::Out;

    /// Folds `n` contiguous elements.
    ///
    /// # Safety
    /// They are valid, here and below.
    #[inline(always)]
    unsafe fn run(&self, total: Self::Total, x: *const T, n: usize) -> Self::Total {
        run(self, total, x, n)
    }
    /// Folds `n` elements a stride apart.
    #[inline(always)]
    unsafe fn run_strided(&self, total: Self::Total, x: *const T, stride: isize, n: usize) -> Self::Total {
        run_strided(self, total, x, stride, n)
    }
    /// Folds `L` columns of up to `ROWS` rows.
    #[inline(always)]
    unsafe fn band<const L: usize>(&self, totals: &mut [Self::Total], x: *const T, stride: isize, rows: usize) {
        band::<T, Self, L>(self, totals, x, stride, rows)
    }
}
/// A fold that keeps one of the elements.
pub(super) trait Extreme<T: Number>: Fold<T, Lane = T, Total = T, Out = T> + Default {
    fn beats(&self, x: T, best: T) -> bool;
}

macro_rules! sums {
    ($($(#[$m:meta])* $name:ident: $bound:path, $zero:ident, ($lane:ident, $x:ident) $push:expr, $pair:ident, ($total:ident, $count:ident) $end:expr;)*) => { $(
        $(#[$m])*
        #[derive(Clone, Copy, Default)]
        pub(super) struct $name;
        impl<T: Accumulate + $bound> Fold<T> for $name {
            type Lane = T;
            type Total = T::Wide;
            type Out = T;
            #[inline(always)]
            fn lane(&self) -> T {
                T::$zero
            }
            #[inline(always)]
            fn start(&self) -> T::Wide {
                T::Wide::$zero
            }
            #[inline(always)]
            fn push(&self, $lane: T, $x: T) -> T {
                $push
            }
            #[inline(always)]
            fn pair(&self, a: T, b: T) -> T {
                Number::$pair(a, b)
            }
            #[inline(always)]
            fn join(&self, total: T::Wide, lane: T) -> T::Wide {
                Number::$pair(total, lane.widen())
            }
            #[inline(always)]
            fn merge(&self, a: T::Wide, b: T::Wide) -> T::Wide {
                Number::$pair(a, b)
            }
            #[inline(always)]
            fn end(&self, $total: T::Wide, $count: usize) -> T {
                $end
            }
        }
    )* };
}
sums! {
    Sum: Number, ZERO, (lane, x) lane.add(x), add, (total, _n) T::narrow(total);
    Mean: Float, ZERO, (lane, x) Number::add(lane, x), add, (total, n) T::of(total.f64() / n as f64);
    Prod: Number, ONE, (lane, x) lane.mul(x), mul, (total, _n) T::narrow(total);
    /// A sum that passes over NaN.
    NanSum: Number, ZERO, (lane, x) lane.add(if x.is_nan() { T::ZERO } else { x }), add, (total, _n) T::narrow(total);
    /// Sum of absolute values.
    Absolute: Float, ZERO, (lane, x) Number::add(lane, x.abs()), add, (total, _n) T::narrow(total);
    /// Root of the sum of squares.
    Euclidean: Float, ZERO, (lane, x) x.mul_add(x, lane), add, (total, _n) T::of(total.f64().sqrt());
}

macro_rules! extreme {
    ($($name:ident $start:ident $op:tt ($x:ident: $bound:path) $of:expr;)*) => { $(
        #[derive(Clone, Copy, Default)]
        pub(super) struct $name;
        impl<T: $bound> Fold<T> for $name {
            type Lane = T;
            type Total = T;
            type Out = T;
            #[inline(always)]
            fn lane(&self) -> T {
                T::$start
            }
            #[inline(always)]
            fn start(&self) -> T {
                T::$start
            }
            #[inline(always)]
            fn push(&self, lane: T, $x: T) -> T {
                self.pair(lane, $of)
            }
            #[inline(always)]
            fn pair(&self, lane: T, x: T) -> T {
                // A NaN enters by the second choice and, comparing false, never leaves.
                let y = if x $op lane { x } else { lane };
                if x.is_nan() { x } else { y }
            }
            #[inline(always)]
            fn join(&self, total: T, lane: T) -> T {
                self.pair(total, lane)
            }
            #[inline(always)]
            fn merge(&self, a: T, b: T) -> T {
                self.pair(a, b)
            }
            #[inline(always)]
            fn end(&self, total: T, _: usize) -> T {
                total
            }
        }
    )* };
}
extreme! {
    Max LOWEST > (x: Number) x;
    Min HIGHEST < (x: Number) x;
    MaxAbsolute ZERO > (x: Float) x.abs();
    MinAbsolute HIGHEST < (x: Float) x.abs();
}
impl<T: Number> Extreme<T> for Max {
    #[inline(always)]
    fn beats(&self, x: T, best: T) -> bool {
        x > best
    }
}
impl<T: Number> Extreme<T> for Min {
    #[inline(always)]
    fn beats(&self, x: T, best: T) -> bool {
        x < best
    }
}

/// Lanes of the long loops, and how many rounds they run before they flow into the total.
pub(super) const LANES: usize = 64;
pub(super) const ROUNDS: usize = 16;

/// Folds `n` contiguous elements.
#[inline(always)]
unsafe fn run<T: Number, F: Fold<T>>(f: &F, mut total: F::Total, x: *const T, n: usize) -> F::Total {
    let mut i = 0;
    while i + LANES <= n {
        let rounds = ((n - i) / LANES).min(ROUNDS);
        let mut lanes = [f.lane(); LANES];
        for _ in 0..rounds {
            for l in 0..LANES {
                lanes[l] = f.push(lanes[l], *x.add(i + l));
            }
            i += LANES;
        }
        for l in 0..16 {
            lanes[l] = f.pair(f.pair(lanes[l], lanes[l + 32]), f.pair(lanes[l + 16], lanes[l + 48]));
        }
        total = f.join(total, halve(f, &mut lanes));
    }
    if n - i >= 16 {
        let mut lanes = [f.lane(); LANES];
        while i + 16 <= n {
            for l in 0..16 {
                lanes[l] = f.push(lanes[l], *x.add(i + l));
            }
            i += 16;
        }
        total = f.join(total, halve(f, &mut lanes));
    }
    let mut lane = f.lane();
    while i < n {
        lane = f.push(lane, *x.add(i));
        i += 1;
    }
    f.join(total, lane)
}

/// The first 16 lanes as one.
#[inline(always)]
fn halve<T: Number, F: Fold<T>>(f: &F, lanes: &mut [F::Lane; LANES]) -> F::Lane {
    for l in 0..8 {
        lanes[l] = f.pair(lanes[l], lanes[l + 8]);
    }
    for l in 0..4 {
        lanes[l] = f.pair(lanes[l], lanes[l + 4]);
    }
    f.pair(f.pair(lanes[0], lanes[2]), f.pair(lanes[1], lanes[3]))
}

/// Folds `n` elements a stride apart.
#[inline(always)]
unsafe fn run_strided<T: Number, F: Fold<T>>(
    f: &F,
    mut total: F::Total,
    x: *const T,
    stride: isize,
    n: usize,
) -> F::Total {
    let mut i = 0;
    while i < n {
        // Four lanes, since one would wait for each addition; short, so that the error stays small.
        let end = (i + 64).min(n);
        let mut lanes = [f.lane(); 4];
        while i + 4 <= end {
            for l in 0..4 {
                lanes[l] = f.push(lanes[l], *x.offset((i + l) as isize * stride));
            }
            i += 4;
        }
        while i < end {
            lanes[0] = f.push(lanes[0], *x.offset(i as isize * stride));
            i += 1;
        }
        total = f.join(total, f.pair(f.pair(lanes[0], lanes[2]), f.pair(lanes[1], lanes[3])));
    }
    total
}

/// Folds the columns of `rows` rows, `stride` apart, each of `totals.len()` contiguous elements.
#[inline(always)]
pub(super) unsafe fn columns<T: Number, F: Fold<T>>(
    f: &F,
    totals: &mut [F::Total],
    x: *const T,
    stride: isize,
    rows: usize,
) {
    let width = totals.len();
    let mut r = 0;
    while r < rows {
        let n = (rows - r).min(F::ROWS);
        let p = x.offset(r as isize * stride);
        let mut c = 0;
        while c + 64 <= width {
            f.band::<64>(&mut totals[c..c + 64], p.add(c), stride, n);
            c += 64;
        }
        while c + 16 <= width {
            f.band::<16>(&mut totals[c..c + 16], p.add(c), stride, n);
            c += 16;
        }
        while c + 4 <= width {
            f.band::<4>(&mut totals[c..c + 4], p.add(c), stride, n);
            c += 4;
        }
        while c < width {
            f.band::<1>(&mut totals[c..c + 1], p.add(c), stride, n);
            c += 1;
        }
        r += n;
    }
}

#[inline(always)]
unsafe fn band<T: Number, F: Fold<T>, const L: usize>(
    f: &F,
    totals: &mut [F::Total],
    x: *const T,
    stride: isize,
    rows: usize,
) {
    let mut lanes = [f.lane(); L];
    for r in 0..rows as isize {
        let x = x.offset(r * stride);
        for l in 0..L {
            lanes[l] = f.push(lanes[l], *x.add(l));
        }
    }
    for l in 0..L {
        totals[l] = f.join(totals[l], lanes[l]);
    }
}

/// The sum of all lanes, in a fixed order.
#[inline(always)]
pub(super) fn halves<T: Float>(lanes: &[T; LANES]) -> T {
    let mut few = [T::ZERO; 16];
    for l in 0..16 {
        few[l] = (lanes[l] + lanes[l + 32]) + (lanes[l + 16] + lanes[l + 48]);
    }
    for l in 0..8 {
        few[l] += few[l + 8];
    }
    for l in 0..4 {
        few[l] += few[l + 4];
    }
    (few[0] + few[2]) + (few[1] + few[3])
}
