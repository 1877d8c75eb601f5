//! Orders along one axis of row-major memory: sorted lines, the first few, one of a rank, and places in sorted lines.
//!
//! An element becomes an unsigned number of the same order, followed by its index: these are all different, so that every
//! way to sort them is stable. NaN is the largest, and -0 equals 0.
use crate::num::Number;
use crate::pool;
use crate::scan::Axis;

/// An element with an order that unsigned numbers show.
pub trait Key: Number {
    /// The number with the index behind it.
    type Entry: Entry;
    /// Its bits in the order of values.
    fn key(self) -> u64;
}
/// A key of 32 or 64 bits above an index of 32.
pub trait Entry: Copy + Ord + Send + Sync + Default {
    const KEY_BITS: u32;
    fn new(key: u64, index: usize) -> Self;
    fn index(self) -> usize;
    /// Some bits of the key.
    fn digit(self, shift: u32, mask: usize) -> usize;
}
macro_rules! entries {
    ($($t:ident $bits:literal;)*) => { $(impl Entry for $t {
        const KEY_BITS: u32 = $bits;
        #[inline(always)] fn new(key: u64, index: usize) -> $t { (key as $t) << 32 | index as $t }
        #[inline(always)] fn index(self) -> usize { self as u32 as usize }
        #[inline(always)] fn digit(self, shift: u32, mask: usize) -> usize { (self >> (32 + shift)) as usize & mask }
    })* };
}
entries!(u64 32; u128 64;);
macro_rules! keys {
    ($($t:ident $entry:ident ($x:ident) $key:expr;)*) => { $(impl Key for $t {
        type Entry = $entry;
        #[inline(always)]
        fn key(self) -> u64 { let $x = self; $key }
    })* };
}
keys! {
    // A negative number's bits fall as it rises; adding 0 makes -0 a 0.
    f32 u64 (x) if x.is_nan() { u32::MAX as u64 } else {
        let b = (x + 0.0).to_bits();
        (b ^ (((b as i32 >> 31) as u32) | 1 << 31)) as u64
    };
    f64 u128 (x) if x.is_nan() { u64::MAX } else {
        let b = (x + 0.0).to_bits();
        b ^ (((b as i64 >> 63) as u64) | 1 << 63)
    };
    i64 u128 (x) x as u64 ^ 1 << 63;
    i32 u64 (x) (x as u32 ^ 1 << 31) as u64;
    u8 u64 (x) x as u64;
}
#[inline(always)]
fn entry<T: Key>(x: T, index: usize, descending: bool) -> T::Entry {
    let all = if T::Entry::KEY_BITS == 64 { u64::MAX } else { u32::MAX as u64 };
    T::Entry::new(if descending { all - x.key() } else { x.key() }, index)
}

/// Lines are shared out in this many parts, each with scratch memory of its own.
const PARTS: usize = 16;
fn parts(axis: Axis) -> usize {
    (axis.outer * axis.inner).min(PARTS)
}
/// Bytes of scratch that all functions here take.
pub fn scratch<T: Key>(axis: Axis) -> usize {
    parts(axis) * 2 * axis.n * size_of::<T::Entry>()
}

/// Calls `f(where the line begins, its number, entries, spare)` for each line.
///
/// # Safety
/// `space` has [`scratch`] bytes, aligned for an entry.
unsafe fn each<T: Key>(
    axis: Axis,
    space: *mut u8,
    f: &(dyn Fn(usize, usize, &mut [T::Entry], &mut [T::Entry]) + Sync),
) {
    let Axis { outer, n, inner } = axis;
    let (lines, parts, space) = (outer * inner, parts(axis), space as usize);
    let work = |i: usize| {
        // Each part has its own stretch, of zeros first since entries are read through slices.
        let (mine, spare) = unsafe {
            let p = (space as *mut T::Entry).add(i * 2 * n);
            p.write_bytes(0, 2 * n);
            (std::slice::from_raw_parts_mut(p, n), std::slice::from_raw_parts_mut(p.add(n), n))
        };
        for line in pool::share(lines, parts, i) {
            f(line / inner * n * inner + line % inner, line, mine, spare)
        }
    };
    if lines * n < 1 << 13 {
        (0..parts).for_each(work)
    } else {
        pool::run(parts, &work)
    }
}

/// Sorts entries whose indices rise already.
fn sort_entries<E: Entry>(x: &mut [E], spare: &mut [E]) {
    match x.len() {
        0..=192 => x.sort_unstable(),
        193..=8191 => radix::<E, 8, { 1 << 8 }>(x, spare),
        _ => radix::<E, 11, { 1 << 11 }>(x, spare),
    }
}
/// From the lowest digit to the highest, each time stable. Digits that are all alike are passed over.
fn radix<E: Entry, const BITS: u32, const SIZE: usize>(x: &mut [E], spare: &mut [E]) {
    let (mut from, mut to) = (x, spare);
    let mut swapped = false;
    let mut shift = 0;
    while shift < E::KEY_BITS {
        let mut counts = [0u32; SIZE];
        for e in from.iter() {
            counts[e.digit(shift, SIZE - 1)] += 1;
        }
        if counts[from[0].digit(shift, SIZE - 1)] as usize != from.len() {
            let mut at = 0;
            for c in &mut counts {
                (*c, at) = (at, at + *c);
            }
            for e in from.iter() {
                let place = &mut counts[e.digit(shift, SIZE - 1)];
                to[*place as usize] = *e;
                *place += 1;
            }
            std::mem::swap(&mut from, &mut to);
            swapped = !swapped;
        }
        shift += BITS;
    }
    if swapped {
        to.copy_from_slice(from);
    }
}

/// Sorts each line: values and the places that they had. Equal elements keep their order.
///
/// # Safety
/// `space` has [`scratch`] bytes, aligned to 16.
pub unsafe fn sort<T: Key>(
    axis: Axis,
    descending: bool,
    x: &[T],
    values: &mut [T],
    places: &mut [i64],
    space: *mut u8,
) {
    top(axis, axis.n, descending, x, values, places, space)
}
/// The `k` smallest (largest) of each line in order, with the first of equal ones first.
///
/// # Safety
/// `space` has [`scratch`] bytes, aligned to 16.
pub unsafe fn top<T: Key>(
    axis: Axis,
    k: usize,
    largest: bool,
    x: &[T],
    values: &mut [T],
    places: &mut [i64],
    space: *mut u8,
) {
    let Axis { outer, n, inner } = axis;
    assert!(
        k <= n && x.len() == outer * n * inner && values.len() == outer * k * inner && places.len() == values.len()
    );
    if values.is_empty() {
        return;
    }
    let (v, p) = (values.as_mut_ptr() as usize, places.as_mut_ptr() as usize);
    each::<T>(axis, space, &|start, line, entries, spare| {
        let found = if k == n || k > n / 4 {
            for (i, e) in entries.iter_mut().enumerate() {
                *e = entry(x[start + i * inner], i, largest);
            }
            sort_entries(entries, spare);
            entries
        } else {
            first(x, start, inner, n, k, largest, entries)
        };
        let to = line / inner * k * inner + line % inner;
        for (i, e) in found[..k].iter().enumerate() {
            // Lines are disjoint.
            unsafe {
                *(v as *mut T).add(to + i * inner) = x[start + e.index() * inner];
                *(p as *mut i64).add(to + i * inner) = e.index() as i64;
            }
        }
    })
}
/// The first `k` entries of a line, in order: candidates below the worst of the best are gathered, and thinned out to `k` when
/// there are many.
fn first<'a, T: Key>(
    x: &[T],
    start: usize,
    inner: usize,
    n: usize,
    k: usize,
    descending: bool,
    entries: &'a mut [T::Entry],
) -> &'a mut [T::Entry] {
    let room = (4 * k).max(64).min(n);
    let (mut many, mut worst) = (0, None);
    for i in 0..n {
        let e = entry(x[start + i * inner], i, descending);
        if worst.is_some_and(|w| e >= w) {
            continue;
        }
        entries[many] = e;
        many += 1;
        if many == room && i + 1 < n {
            let (_, last, _) = entries[..many].select_nth_unstable(k - 1);
            (worst, many) = (Some(*last), k);
        }
    }
    if many > k {
        entries[..many].select_nth_unstable(k - 1);
    }
    entries[..k].sort_unstable();
    &mut entries[..k]
}

/// Which element of a line.
#[derive(Clone, Copy, Debug)]
pub enum Rank {
    /// The k-th smallest, from 0; NaN is the largest.
    Kth(usize),
    /// The lower one in the middle; NaN where there is one.
    Median,
    /// The lower one in the middle of those that are no NaN.
    NanMedian,
}
/// The element of a rank in each line, and its place.
///
/// # Safety
/// `space` has [`scratch`] bytes, aligned to 16.
pub unsafe fn select<T: Key>(axis: Axis, rank: Rank, x: &[T], values: &mut [T], places: &mut [i64], space: *mut u8) {
    let Axis { outer, n, inner } = axis;
    assert!(n > 0 && x.len() == outer * n * inner && values.len() == outer * inner && places.len() == values.len());
    let (v, p) = (values.as_mut_ptr() as usize, places.as_mut_ptr() as usize);
    each::<T>(axis, space, &|start, line, entries, _| {
        let mut nans = (0..n).filter(|i| x[start + i * inner].is_nan());
        let k = match rank {
            Rank::Kth(k) => k,
            Rank::Median => match nans.next() {
                Some(first) => n - (0..n).filter(|i| *i >= first && x[start + i * inner].is_nan()).count(),
                None => (n - 1) / 2,
            },
            Rank::NanMedian => (n - nans.count()).saturating_sub(1) / 2,
        };
        for (i, e) in entries.iter_mut().enumerate() {
            *e = entry(x[start + i * inner], i, false);
        }
        let (_, found, _) = entries.select_nth_unstable(k);
        // Lines are disjoint.
        unsafe {
            *(v as *mut T).add(line) = x[start + found.index() * inner];
            *(p as *mut i64).add(line) = found.index() as i64;
        }
    })
}

/// Where `x` could be put into a sorted line: before (or, with `right`, behind) its equals. NaN comes last.
#[inline]
pub fn search<T: Key>(line: &[T], x: T, right: bool) -> usize {
    let x = x.key();
    line.partition_point(|v| if right { v.key() <= x } else { v.key() < x })
}
