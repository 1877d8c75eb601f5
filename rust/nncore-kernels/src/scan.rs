//! Running sums, products and extremes along one axis of row-major memory, seen as (outer, n, inner).
//!
//! Floats are added up and multiplied in float64. Long single lines are cut into blocks of a fixed length, so that bits do not
//! depend on the number of threads.
use crate::num::{Float, Number};
use crate::reduce::Accumulate;
use crate::split::{split, Parts};

/// An axis with what lies around it.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    pub outer: usize,
    pub n: usize,
    pub inner: usize,
}
impl Axis {
    fn len(&self) -> usize {
        self.outer * self.n * self.inner
    }
}
/// From the end to the start; without the element itself.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub reverse: bool,
    pub exclusive: bool,
}

/// What runs along a line.
trait Scan<T: Accumulate>: Send + Sync + 'static {
    const START: T::Wide;
    fn push(total: T::Wide, x: T::Wide) -> T::Wide;
}
struct Sums;
impl<T: Accumulate> Scan<T> for Sums {
    const START: T::Wide = T::Wide::ZERO;
    #[inline(always)]
    fn push(total: T::Wide, x: T::Wide) -> T::Wide {
        total.add(x)
    }
}
struct Products;
impl<T: Accumulate> Scan<T> for Products {
    const START: T::Wide = T::Wide::ONE;
    #[inline(always)]
    fn push(total: T::Wide, x: T::Wide) -> T::Wide {
        total.mul(x)
    }
}

/// Running sums. Integers wrap.
pub fn cumsum<T: Accumulate>(axis: Axis, order: Order, x: &[T], out: &mut [T]) {
    drive::<T, Sums>(axis, order, x, out)
}
/// Running products. Integers wrap.
pub fn cumprod<T: Accumulate>(axis: Axis, order: Order, x: &[T], out: &mut [T]) {
    drive::<T, Products>(axis, order, x, out)
}

/// Lines that run side by side: one alone would wait for each addition.
const SIDE: usize = 8;
/// Elements of a block of a long line.
const BLOCK: usize = 4096;
/// Blocks that are scanned from one start: the totals of the blocks lie on the stack.
const GROUP: usize = 64;
/// Columns at a time.
const WIDTH: usize = 64;
/// Elements from which on threads share.
const GRAIN: usize = 1 << 15;

fn drive<T: Accumulate, S: Scan<T>>(axis: Axis, order: Order, x: &[T], out: &mut [T]) {
    let Axis { outer, n, inner } = axis;
    assert!(x.len() == axis.len() && out.len() == axis.len(), "a scan keeps its shape");
    if x.is_empty() {
        return;
    }
    let (x, y) = (x.as_ptr() as usize, out.as_mut_ptr() as usize);
    // All that follows stays within both: shares are disjoint in `out`.
    if inner > 1 {
        let chunks = inner.div_ceil(WIDTH);
        let grain = (GRAIN / (n * inner.min(WIDTH))).max(2);
        return split(outer * chunks, 1, grain, &|r| {
            for unit in r {
                let c = unit % chunks * WIDTH;
                let at = unit / chunks * n * inner + c;
                unsafe {
                    columns::<T, S>(
                        (x as *const T).add(at),
                        (y as *mut T).add(at),
                        n,
                        inner,
                        WIDTH.min(inner - c),
                        order,
                    )
                }
            }
        });
    }
    let first = |line: usize| line * n + if order.reverse { n - 1 } else { 0 };
    if n < 4 * BLOCK || outer >= 2 * SIDE {
        let grain = (GRAIN / n).max(2);
        return split(outer, SIDE, grain, &|r| {
            for line in r.clone().step_by(SIDE) {
                let starts = [<S as Scan<T>>::START; SIDE];
                let places: [usize; SIDE] = std::array::from_fn(|l| first((line + l).min(r.end - 1)));
                lines::<T, S>(x as *const T, y as *mut T, &places, starts, SIDE.min(r.end - line), n, order)
            }
        });
    }
    for line in 0..outer {
        let blocks = n.div_ceil(BLOCK);
        let mut carry = <S as Scan<T>>::START;
        for group in (0..blocks).step_by(GROUP) {
            let many = GROUP.min(blocks - group);
            let place = |b: usize| {
                let skip = (group + b) * BLOCK;
                if order.reverse {
                    first(line) - skip
                } else {
                    first(line) + skip
                }
            };
            let size = |b: usize| BLOCK.min(n - (group + b) * BLOCK);
            let mut totals = [<S as Scan<T>>::START; GROUP];
            let shared = Parts::new(&mut totals[..many]);
            split(many, 1, 2, &|r| {
                for b in r {
                    let start = if order.reverse { place(b) + 1 - size(b) } else { place(b) };
                    unsafe { shared.part(b..b + 1)[0] = total::<T, S>((x as *const T).add(start), size(b)) }
                }
            });
            // Each block's total becomes what came before it.
            for t in &mut totals[..many] {
                (*t, carry) = (carry, S::push(carry, *t));
            }
            let totals = &totals;
            split(many, SIDE, 2, &|r| {
                let mut b = r.start;
                while b < r.end {
                    // The last block may be shorter, and then goes alone.
                    let like = (b..r.end).take(SIDE).take_while(|&k| size(k) == size(b)).count();
                    let places: [usize; SIDE] = std::array::from_fn(|l| place(b + l.min(like - 1)));
                    let starts: [T::Wide; SIDE] = std::array::from_fn(|l| totals[b + l.min(like - 1)]);
                    lines::<T, S>(x as *const T, y as *mut T, &places, starts, like, size(b), order);
                    b += like;
                }
            });
        }
    }
}

simd! {
    /// Everything in a block, in fixed lanes.
    fn total<T: Accumulate, S: Scan<T>>(x: *const T, n: usize) -> T::Wide {
        let mut lanes = [S::START; 32];
        let whole = n / 32 * 32;
        // Within the block.
        unsafe {
            for i in (0..whole).step_by(32) {
                for l in 0..32 { lanes[l] = S::push(lanes[l], (*x.add(i + l)).widen()) }
            }
            for i in whole..n { lanes[i - whole] = S::push(lanes[i - whole], (*x.add(i)).widen()) }
        }
        lanes.iter().fold(S::START, |a, b| S::push(a, *b))
    }

    /// `many` lines of `n` elements that begin at `places` with the totals `starts`, in step.
    fn lines<T: Accumulate, S: Scan<T>>(x: *const T, y: *mut T, places: &[usize; SIDE], starts: [T::Wide; SIDE], many: usize, n: usize, order: Order) {
        let step = if order.reverse { -1 } else { 1 };
        // Within the lines.
        unsafe {
            if many == SIDE {
                let mut totals = starts;
                for i in 0..n as isize {
                    for l in 0..SIDE {
                        let v = (*x.add(places[l]).offset(i * step)).widen();
                        let next = S::push(totals[l], v);
                        *y.add(places[l]).offset(i * step) = T::narrow(if order.exclusive { totals[l] } else { next });
                        totals[l] = next;
                    }
                }
                return;
            }
            for l in 0..many {
                let mut total = starts[l];
                for i in 0..n as isize {
                    let next = S::push(total, (*x.add(places[l]).offset(i * step)).widen());
                    *y.add(places[l]).offset(i * step) = T::narrow(if order.exclusive { total } else { next });
                    total = next;
                }
            }
        }
    }

    /// `width` columns side by side, `stride` from one row to the next.
    fn columns<T: Accumulate, S: Scan<T>>(x: *const T, y: *mut T, n: usize, stride: usize, width: usize, order: Order) {
        let mut totals = [S::START; WIDTH];
        for i in 0..n {
            let row = if order.reverse { n - 1 - i } else { i } * stride;
            // Within the rows.
            unsafe {
                if width == WIDTH {
                    for c in 0..WIDTH {
                        let next = S::push(totals[c], (*x.add(row + c)).widen());
                        *y.add(row + c) = T::narrow(if order.exclusive { totals[c] } else { next });
                        totals[c] = next;
                    }
                } else {
                    for c in 0..width {
                        let next = S::push(totals[c], (*x.add(row + c)).widen());
                        *y.add(row + c) = T::narrow(if order.exclusive { totals[c] } else { next });
                        totals[c] = next;
                    }
                }
            }
        }
    }

    /// `y[i] = b[i] + a[i] * y[i - 1]` along each of `width` neighbouring lines, whose elements are `stride` apart.
    fn recur<T: Float>(a: *const T, b: *const T, y: *mut T, n: usize, stride: usize, width: usize, reverse: bool) {
        for c in 0..width {
            let mut last = T::ZERO;
            for i in 0..n {
                let at = if reverse { n - 1 - i } else { i } * stride + c;
                // Within the lines. The first element has nothing before it, whatever `a` is there.
                unsafe {
                    last = if i == 0 { *b.add(at) } else { (*a.add(at)).mul_add(last, *b.add(at)) };
                    *y.add(at) = last;
                }
            }
        }
    }

    /// The extreme so far and where it stands, along `width` neighbouring lines.
    fn extremes<T: Number; const MIN>(x: *const T, values: *mut T, places: *mut i64, n: usize, stride: usize, width: usize) {
        for c in 0..width {
            // Within the lines.
            unsafe {
                let (mut best, mut place) = (*x.add(c), 0);
                for i in 0..n {
                    let v = *x.add(i * stride + c);
                    // The last of equal ones, and of NaNs: as in PyTorch.
                    let better = if MIN == 1 { v <= best } else { v >= best };
                    if v.is_nan() || !best.is_nan() && better { (best, place) = (v, i) }
                    *values.add(i * stride + c) = best;
                    *places.add(i * stride + c) = place as i64;
                }
            }
        }
    }
}

/// `y[i] = b[i] + a[i] * y[i - 1]` along the axis, from the end to the start when `reverse`.
pub fn linear<T: Float>(axis: Axis, reverse: bool, a: &[T], b: &[T], out: &mut [T]) {
    assert!(a.len() == axis.len() && b.len() == axis.len() && out.len() == axis.len(), "one shape");
    let (a, b, y) = (a.as_ptr() as usize, b.as_ptr() as usize, out.as_mut_ptr() as usize);
    blocks(axis, &|at, width| unsafe {
        recur::<T>(
            (a as *const T).add(at),
            (b as *const T).add(at),
            (y as *mut T).add(at),
            axis.n,
            axis.inner,
            width,
            reverse,
        )
    })
}
/// The largest (smallest with `MIN`) element so far, and the last place where it stands. A NaN stays.
pub fn cumulative_extreme<T: Number, const MIN: usize>(axis: Axis, x: &[T], values: &mut [T], places: &mut [i64]) {
    assert!(x.len() == axis.len() && values.len() == axis.len() && places.len() == axis.len(), "one shape");
    let (x, v, p) = (x.as_ptr() as usize, values.as_mut_ptr() as usize, places.as_mut_ptr() as usize);
    blocks(axis, &|at, width| unsafe {
        extremes::<T, MIN>(
            (x as *const T).add(at),
            (v as *mut T).add(at),
            (p as *mut i64).add(at),
            axis.n,
            axis.inner,
            width,
        )
    })
}
/// Calls `f(offset, width)` for stretches of neighbouring lines, on several threads where that pays.
fn blocks(axis: Axis, f: &(dyn Fn(usize, usize) + Sync)) {
    let Axis { outer, n, inner } = axis;
    if axis.len() == 0 {
        return;
    }
    let chunks = inner.div_ceil(WIDTH);
    split(outer * chunks, 1, (GRAIN / (n * inner.min(WIDTH))).max(2), &|r| {
        for unit in r {
            let c = unit % chunks * WIDTH;
            f(unit / chunks * n * inner + c, WIDTH.min(inner - c))
        }
    })
}
