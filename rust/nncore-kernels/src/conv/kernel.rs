//! The register-block kernels: a product reduced over taps (forward, input gradient), and sums of outer products over
//! pixels (weight gradient).
//!
//! Rows and vectors are unrolled by macro, since the compiler leaves long loops over accumulators rolled, with the
//! accumulators in memory.
use super::lanes::Lanes;

macro_rules! rows {
    ($i:ident => $b:block) => { rows!(@ $i $b 0 1 2 3 4 5 6 7 8 9 10 11) };
    (@ $i:ident $b:block $($n:literal)*) => {{ $( { let $i: usize = $n; if $i < MR $b } )* }};
}
macro_rules! vecs {
    ($j:ident => $b:block) => { vecs!(@ $j $b 0 1 2 3 4 5) };
    (@ $j:ident $b:block $($n:literal)*) => {{ $( { let $j: usize = $n; if $j < NV $b } )* }};
}

pub(super) use {rows, vecs};

/// One place of the kernel window: how far its pixel lies from a block row's base pixel (in elements), and which row
/// and column of the window it is (to look up whether that pixel exists).
#[derive(Clone, Copy)]
pub(super) struct Tap {
    pub offset: isize,
    pub row: u32,
    pub col: u32,
}

/// What the tap product reads and writes. A block row is one output pixel.
pub(super) struct Product<T> {
    pub taps: *const Tap,
    pub tap_count: usize,
    /// Base pixel of each block row, and the first channel to read there.
    pub x: *const *const T,
    pub channel: usize,
    /// For each row, then each column of the window, a bit per block row: does the pixel exist? Null: all do.
    pub row_bits: *const u16,
    pub col_bits: *const u16,
    /// How far ahead of what is read to ask for memory, in elements; 0 where every pixel is read several times anyway.
    pub ahead: usize,
    /// `k` zeros, read in place of a pixel that does not exist.
    pub zeros: *const T,
    /// Packed weights `[tap][k][columns]`.
    pub weights: *const T,
    pub k: usize,
    /// Output pixel of each block row, and the first column to write there.
    pub y: *const *mut T,
    pub column: usize,
    /// Columns of the last vector.
    pub last: usize,
    /// Added to every row when not null; ignored when `accumulate`.
    pub bias: *const T,
    /// Add to what the output holds (a later chunk of taps).
    pub accumulate: bool,
}

/// `y[row][columns] (+)= bias + sum over taps and k of x * weights`, for `MR` pixels and `NV` vectors of columns.
#[inline(always)]
pub(super) unsafe fn product<S: Lanes, const MR: usize, const NV: usize>(a: &Product<S::T>) {
    let mut acc = [[S::zero(); NV]; MR];
    rows!(i => { vecs!(j => { S::prefetch((*a.y.add(i) as *const S::T).wrapping_add(a.column + j * S::N)) }) });
    let mut w = a.weights;
    for t in 0..a.tap_count {
        let tap = &*a.taps.add(t);
        let mut x = [std::ptr::null::<S::T>(); MR];
        rows!(i => { x[i] = (*a.x.add(i)).wrapping_offset(tap.offset + a.channel as isize) });
        if !a.row_bits.is_null() {
            let live = *a.row_bits.add(tap.row as usize) & *a.col_bits.add(tap.col as usize);
            if live == 0 {
                w = w.add(a.k * NV * S::N);
                continue;
            }
            rows!(i => { if live >> i & 1 == 0 { x[i] = a.zeros } });
        }
        let mut k = 0;
        macro_rules! step {
            () => {
                let mut b = [S::zero(); NV];
                vecs!(j => { b[j] = S::load(w.add(j * S::N)) });
                rows!(i => {
                    let v = S::splat(*x[i].add(k));
                    vecs!(j => { acc[i][j] = S::fma(v, b[j], acc[i][j]) })
                });
                k += 1;
                w = w.add(NV * S::N);
            };
        }
        for q in 0..a.k / 4 {
            // A line of each row for each line that is read.
            if a.ahead > 0 && q.is_multiple_of(16 / size_of::<S::T>()) {
                rows!(i => { S::prefetch(x[i].wrapping_add(k + a.ahead)) });
            }
            step!();
            step!();
            step!();
            step!();
        }
        for _ in 0..a.k % 4 {
            step!();
        }
        let _ = k;
    }
    let mask = S::mask(a.last);
    let mut bias = [S::zero(); NV];
    if !a.bias.is_null() && !a.accumulate {
        vecs!(j => {
            let p = a.bias.add(a.column + j * S::N);
            bias[j] = if j + 1 < NV { S::load(p) } else { S::load_masked(p, mask) }
        });
    }
    rows!(i => { vecs!(j => {
        let p = (*a.y.add(i)).add(a.column + j * S::N);
        if j + 1 < NV {
            let c = if a.accumulate { S::load(p) } else { bias[j] };
            S::store(p, S::add(acc[i][j], c))
        } else {
            let c = if a.accumulate { S::load_masked(p, mask) } else { bias[j] };
            S::store_masked(p, mask, S::add(acc[i][j], c))
        }
    }) });
}

/// Copies `count` pieces of `len` elements.
#[inline(always)]
pub(super) unsafe fn copy<S: Lanes>(
    mut from: *const S::T,
    from_step: usize,
    len: usize,
    count: usize,
    mut to: *mut S::T,
    to_step: usize,
) {
    let (whole, mask) = (len / S::N * S::N, S::mask(len % S::N));
    for _ in 0..count {
        for i in (0..whole).step_by(S::N) {
            S::store(to.add(i), S::load(from.add(i)));
        }
        if whole < len {
            S::store_masked(to.add(whole), mask, S::load_masked(from.add(whole), mask));
        }
        // One past the last piece may lie outside: formed, never read.
        (from, to) = (from.wrapping_add(from_step), to.wrapping_add(to_step));
    }
}
pub(super) type CopyFn<T> = unsafe fn(*const T, usize, usize, usize, *mut T, usize);

/// A run of pixels: the gradient's and the input's first element.
#[derive(Clone, Copy)]
pub(super) struct Run<T> {
    pub dy: *const T,
    pub x: *const T,
    pub len: usize,
}

/// What the sum of outer products reads and writes.
pub(super) struct Outer<T> {
    pub runs: *const Run<T>,
    pub run_count: usize,
    /// First output channel (row of the block) and first input channel.
    pub dy_offset: usize,
    pub x_offset: usize,
    /// From one pixel to the next.
    pub dy_step: usize,
    pub x_step: usize,
    /// The block of the weight gradient, its rows `dw_row` apart.
    pub dw: *mut T,
    pub dw_row: usize,
    /// Columns of the last vector.
    pub last: usize,
    pub accumulate: bool,
}

/// `dw[MR rows][NV vectors] (+)= sum over the pixels of all runs of dy (rows) times x (vectors)`.
#[inline(always)]
pub(super) unsafe fn outer<S: Lanes, const MR: usize, const NV: usize>(a: &Outer<S::T>) {
    let mut acc = [[S::zero(); NV]; MR];
    let mask = S::mask(a.last);
    for r in 0..a.run_count {
        let run = &*a.runs.add(r);
        let (mut dy, mut x) = (run.dy.add(a.dy_offset), run.x.add(a.x_offset));
        macro_rules! step {
            () => {
                let mut b = [S::zero(); NV];
                vecs!(j => {
                    let p = x.add(j * S::N);
                    b[j] = if j + 1 < NV { S::load(p) } else { S::load_masked(p, mask) }
                });
                rows!(i => {
                    let v = S::splat(*dy.add(i));
                    vecs!(j => { acc[i][j] = S::fma(v, b[j], acc[i][j]) })
                });
                // One past the last pixel may lie outside the buffer: formed, never read.
                dy = dy.wrapping_add(a.dy_step);
                x = x.wrapping_add(a.x_step);
            };
        }
        for _ in 0..run.len / 2 {
            step!();
            step!();
        }
        if run.len % 2 == 1 {
            step!();
        }
        let _ = (dy, x);
    }
    rows!(i => { vecs!(j => {
        let p = a.dw.add(i * a.dw_row + j * S::N);
        if j + 1 < NV {
            let c = if a.accumulate { S::load(p) } else { S::zero() };
            S::store(p, S::add(acc[i][j], c))
        } else {
            let c = if a.accumulate { S::load_masked(p, mask) } else { S::zero() };
            S::store_masked(p, mask, S::add(acc[i][j], c))
        }
    }) });
}
