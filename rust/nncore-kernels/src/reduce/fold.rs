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

/// One kind of reduction. All methods are `#[inline(always)]`.
pub(super) trait Fold<T: Number>: 'static {
    type Total: Copy + Send + Sync + 'static;
    /// Fresh lane and fresh total.
    const START: T;
    fn start() -> Self::Total;
    /// Joins an element, or another lane, to a lane.
    fn push(lane: T, x: T) -> T;
    fn join(total: Self::Total, lane: T) -> Self::Total;
    fn merge(a: Self::Total, b: Self::Total) -> Self::Total;
    fn end(total: Self::Total, count: usize) -> T;
}

pub(super) struct Sum;
impl<T: Accumulate> Fold<T> for Sum {
    type Total = T::Wide;
    const START: T = T::ZERO;
    #[inline(always)]
    fn start() -> T::Wide {
        T::Wide::ZERO
    }
    #[inline(always)]
    fn push(lane: T, x: T) -> T {
        lane.add(x)
    }
    #[inline(always)]
    fn join(total: T::Wide, lane: T) -> T::Wide {
        total.add(lane.widen())
    }
    #[inline(always)]
    fn merge(a: T::Wide, b: T::Wide) -> T::Wide {
        a.add(b)
    }
    #[inline(always)]
    fn end(total: T::Wide, _: usize) -> T {
        T::narrow(total)
    }
}

pub(super) struct Mean;
impl<T: Accumulate + Float> Fold<T> for Mean {
    type Total = T::Wide;
    const START: T = T::ZERO;
    #[inline(always)]
    fn start() -> T::Wide {
        T::Wide::ZERO
    }
    #[inline(always)]
    fn push(lane: T, x: T) -> T {
        lane + x
    }
    #[inline(always)]
    fn join(total: T::Wide, lane: T) -> T::Wide {
        total.add(lane.widen())
    }
    #[inline(always)]
    fn merge(a: T::Wide, b: T::Wide) -> T::Wide {
        a.add(b)
    }
    #[inline(always)]
    fn end(total: T::Wide, count: usize) -> T {
        T::of(total.f64() / count as f64)
    }
}

macro_rules! extreme {
    ($name:ident $start:ident $op:tt) => {
        pub(super) struct $name;
        impl<T: Number> Fold<T> for $name {
            type Total = T;
            const START: T = T::$start;
            #[inline(always)]
            fn start() -> T {
                T::$start
            }
            #[inline(always)]
            fn push(lane: T, x: T) -> T {
                // A NaN enters by the second choice and, comparing false, never leaves.
                let y = if x $op lane { x } else { lane };
                if x.is_nan() { x } else { y }
            }
            #[inline(always)]
            fn join(total: T, lane: T) -> T {
                <Self as Fold<T>>::push(total, lane)
            }
            #[inline(always)]
            fn merge(a: T, b: T) -> T {
                <Self as Fold<T>>::push(a, b)
            }
            #[inline(always)]
            fn end(total: T, _: usize) -> T {
                total
            }
        }
    };
}
extreme!(Max LOWEST >);
extreme!(Min HIGHEST <);

/// Lanes of the long loops, and how many rounds they run before they flow into the total.
const LANES: usize = 64;
const ROUNDS: usize = 16;

/// Folds `n` contiguous elements.
#[inline(always)]
pub(super) unsafe fn run<T: Number, F: Fold<T>>(mut total: F::Total, x: *const T, n: usize) -> F::Total {
    let mut i = 0;
    while i + LANES <= n {
        let rounds = ((n - i) / LANES).min(ROUNDS);
        let mut lanes = [F::START; LANES];
        for _ in 0..rounds {
            for l in 0..LANES {
                lanes[l] = F::push(lanes[l], *x.add(i + l));
            }
            i += LANES;
        }
        for l in 0..16 {
            lanes[l] = F::push(F::push(lanes[l], lanes[l + 32]), F::push(lanes[l + 16], lanes[l + 48]));
        }
        total = F::join(total, halve::<T, F>(&mut lanes));
    }
    if n - i >= 16 {
        let mut lanes = [F::START; LANES];
        while i + 16 <= n {
            for l in 0..16 {
                lanes[l] = F::push(lanes[l], *x.add(i + l));
            }
            i += 16;
        }
        total = F::join(total, halve::<T, F>(&mut lanes));
    }
    let mut lane = F::START;
    while i < n {
        lane = F::push(lane, *x.add(i));
        i += 1;
    }
    F::join(total, lane)
}

/// The first 16 lanes as one.
#[inline(always)]
fn halve<T: Number, F: Fold<T>>(lanes: &mut [T; LANES]) -> T {
    for l in 0..8 {
        lanes[l] = F::push(lanes[l], lanes[l + 8]);
    }
    for l in 0..4 {
        lanes[l] = F::push(lanes[l], lanes[l + 4]);
    }
    F::push(F::push(lanes[0], lanes[2]), F::push(lanes[1], lanes[3]))
}

/// Folds `n` elements a stride apart.
#[inline(always)]
pub(super) unsafe fn run_strided<T: Number, F: Fold<T>>(
    mut total: F::Total,
    x: *const T,
    stride: isize,
    n: usize,
) -> F::Total {
    let mut i = 0;
    while i < n {
        // Four lanes, since one would wait for each addition; short, so that the error stays small.
        let end = (i + 64).min(n);
        let mut lanes = [F::START; 4];
        while i + 4 <= end {
            for l in 0..4 {
                lanes[l] = F::push(lanes[l], *x.offset((i + l) as isize * stride));
            }
            i += 4;
        }
        while i < end {
            lanes[0] = F::push(lanes[0], *x.offset(i as isize * stride));
            i += 1;
        }
        total = F::join(total, F::push(F::push(lanes[0], lanes[2]), F::push(lanes[1], lanes[3])));
    }
    total
}

/// Folds the columns of `rows` rows, `stride` apart, each of `totals.len()` contiguous elements.
#[inline(always)]
pub(super) unsafe fn columns<T: Number, F: Fold<T>>(totals: &mut [F::Total], x: *const T, stride: isize, rows: usize) {
    let width = totals.len();
    let mut r = 0;
    while r < rows {
        let n = (rows - r).min(ROUNDS);
        let p = x.offset(r as isize * stride);
        let mut c = 0;
        while c + 64 <= width {
            band::<T, F, 64>(&mut totals[c..c + 64], p.add(c), stride, n);
            c += 64;
        }
        while c + 16 <= width {
            band::<T, F, 16>(&mut totals[c..c + 16], p.add(c), stride, n);
            c += 16;
        }
        while c + 4 <= width {
            band::<T, F, 4>(&mut totals[c..c + 4], p.add(c), stride, n);
            c += 4;
        }
        while c < width {
            band::<T, F, 1>(&mut totals[c..c + 1], p.add(c), stride, n);
            c += 1;
        }
        r += n;
    }
}

#[inline(always)]
unsafe fn band<T: Number, F: Fold<T>, const L: usize>(
    totals: &mut [F::Total],
    x: *const T,
    stride: isize,
    rows: usize,
) {
    let mut lanes = [F::START; L];
    for r in 0..rows as isize {
        let x = x.offset(r * stride);
        for l in 0..L {
            lanes[l] = F::push(lanes[l], *x.add(l));
        }
    }
    for l in 0..L {
        totals[l] = F::join(totals[l], lanes[l]);
    }
}
