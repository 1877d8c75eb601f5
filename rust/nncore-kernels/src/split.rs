//! Sharing out loops whose bits do not depend on where they are cut.
use crate::pool;
use std::ops::Range;

/// Runs `f` over `0..n`, cut at multiples of `unit`, on all threads when `n >= grain` and else in one call.
#[inline]
pub(crate) fn split(n: usize, unit: usize, grain: usize, f: &(dyn Fn(Range<usize>) + Sync)) {
    let shares = if n >= grain { pool::threads().min(n.div_ceil(unit)) } else { 1 };
    if shares <= 1 {
        return f(0..n);
    }
    let units = n.div_ceil(unit);
    pool::run(shares, &|i| {
        let part = pool::share(units, shares, i);
        f(part.start * unit..(part.end * unit).min(n))
    })
}

/// A mutable slice that shares of a parallel region take disjoint parts of.
pub(crate) struct Parts<T>(*mut T, usize);
impl<T> Clone for Parts<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Parts<T> {}
// Only disjoint parts are taken, see `part`.
unsafe impl<T: Send> Sync for Parts<T> {}
unsafe impl<T: Send> Send for Parts<T> {}
impl<T> Parts<T> {
    #[inline(always)]
    pub fn new(x: &mut [T]) -> Self {
        Parts(x.as_mut_ptr(), x.len())
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.1
    }
    /// The stretch of `len` elements from `at` on.
    #[inline(always)]
    pub fn shifted(&self, at: usize, len: usize) -> Self {
        assert!(at + len <= self.1);
        Parts(self.0.wrapping_add(at), len)
    }
    /// # Safety
    /// No two parts that live at a time overlap.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn part(&self, r: Range<usize>) -> &mut [T] {
        assert!(r.start <= r.end && r.end <= self.1);
        std::slice::from_raw_parts_mut(self.0.add(r.start), r.end - r.start)
    }
}

/// How many rows of `width` elements, side by side, make a wide row of at most `most`: of whole vectors where possible.
#[inline(always)]
pub(crate) fn side_by_side(width: usize, most: usize) -> usize {
    let most = (most / width).max(1);
    let whole = (1..=16).find(|s| (s * width).is_multiple_of(16)).unwrap_or(1);
    if whole <= most {
        most / whole * whole
    } else {
        most
    }
}
