//! Matrix products, `C = A B`, with any transposition read in place.
//!
//! Bits depend on the shapes, on the strides and on the path ([`crate::cpu::path`]), never on the number of threads:
//! threads split rows and columns of C, never the sum over k, and the sum's blocks are cut by the whole product's shape.
//!
//! Large products copy blocks of A and B into scratch memory in the order in which the innermost kernel reads them;
//! small ones read both in place. Products of few rows, bound by reading B, have kernels of their own.
use crate::num::Float;
use crate::pool::{self, share};
use std::mem::MaybeUninit;
use std::ops::Range;

mod kernels;
mod narrow;
mod pack;
mod plan;
mod tile;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

use kernels::{Kernels, NV};
use plan::{Plan, Route};

/// A matrix to read: element (i, j) is at `ptr[i * row + j * col]`. One stride should be 1; others work, slowly.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<T> {
    pub ptr: *const T,
    pub row: usize,
    pub col: usize,
}
// What is read by several threads at once; the caller of `gemm` vouches for the memory.
unsafe impl<T: Sync> Send for Matrix<T> {}
unsafe impl<T: Sync> Sync for Matrix<T> {}

impl<T> Matrix<T> {
    /// Rows that are contiguous, one every `ld` elements.
    pub fn rows(ptr: *const T, ld: usize) -> Self {
        Matrix { ptr, row: ld, col: 1 }
    }
    /// Columns that are contiguous, one every `ld` elements: the transpose of what `rows` would read.
    pub fn cols(ptr: *const T, ld: usize) -> Self {
        Matrix { ptr, row: 1, col: ld }
    }
    /// The transpose.
    pub fn t(self) -> Self {
        Matrix { ptr: self.ptr, row: self.col, col: self.row }
    }
    /// The strides, as [`scratch_bytes`] takes them.
    pub fn strides(self) -> (usize, usize) {
        (self.row, self.col)
    }
    #[inline(always)]
    unsafe fn at(self, i: usize, j: usize) -> *const T {
        self.ptr.add(i * self.row + j * self.col)
    }
}

/// The matrix to write: contiguous rows, one every `ld` elements.
#[derive(Clone, Copy, Debug)]
pub struct Output<T> {
    pub ptr: *mut T,
    pub ld: usize,
    /// A row of n numbers added to each row of C; may be null.
    pub bias: *const T,
    /// Add the product to what C holds, instead of overwriting it.
    pub accumulate: bool,
}
// Each thread writes its own part of C.
unsafe impl<T: Send> Send for Output<T> {}
unsafe impl<T: Send> Sync for Output<T> {}

impl<T> Output<T> {
    pub fn new(ptr: *mut T, ld: usize) -> Self {
        Output { ptr, ld, bias: std::ptr::null(), accumulate: false }
    }
    pub fn bias(self, bias: *const T) -> Self {
        Output { bias, ..self }
    }
    pub fn accumulate(self) -> Self {
        Output { accumulate: true, ..self }
    }
    #[inline(always)]
    unsafe fn at(self, i: usize, j: usize) -> *mut T {
        self.ptr.add(i * self.ld + j)
    }
    #[inline(always)]
    unsafe fn bias_at(self, j: usize) -> *const T {
        if self.bias.is_null() {
            self.bias
        } else {
            self.bias.add(j)
        }
    }
}

/// Bytes of scratch that [`gemm`] needs for these shapes, (row, column) strides and threads; often 0.
pub fn scratch_bytes<T: Float>(
    m: usize,
    n: usize,
    k: usize,
    a: (usize, usize),
    b: (usize, usize),
    threads: usize,
) -> usize {
    Plan::<T>::new(m, n, k, a, b, threads).scratch_bytes()
}

/// `C = A B (+ C) (+ bias)` with A of m rows and k columns, B of k rows and n columns.
///
/// `threads` is the most that it uses; small products use fewer.
///
/// # Safety
/// A, B, C and the bias must be valid as they are described, C must overlap none of the others, and `scratch` must have
/// [`scratch_bytes`] bytes, computed for the same arguments (64-byte alignment makes it faster). It may be null where
/// these are 0.
pub unsafe fn gemm<T: Float>(
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<T>,
    b: Matrix<T>,
    c: Output<T>,
    scratch: *mut u8,
    threads: usize,
) {
    let plan = Plan::<T>::new(m, n, k, a.strides(), b.strides(), threads);
    let shares = plan.shares();
    if shares == 1 {
        return part(&plan, a, b, c, scratch as *mut T, 0);
    }
    // A pointer is not Sync; shares use disjoint pieces of it.
    let scratch = scratch as usize;
    pool::run(shares, &|s| unsafe { part(&plan, a, b, c, scratch as *mut T, s) });
}

/// One share of the product.
unsafe fn part<T: Float>(plan: &Plan<T>, a: Matrix<T>, b: Matrix<T>, c: Output<T>, scratch: *mut T, s: usize) {
    let (rows, cols) = plan.part(s);
    if rows.is_empty() || cols.is_empty() {
        return;
    }
    let (m, n, k, x) = (plan.m, cols.len(), plan.k, plan.kernels);
    let (i0, j0) = (rows.start, cols.start);
    match plan.route {
        Route::Fill => {
            for i in rows {
                for j in cols.clone() {
                    let c_ij = c.at(i, j);
                    let start = if c.accumulate { *c_ij } else { T::ZERO };
                    *c_ij = if c.bias.is_null() { start } else { start + *c.bias.add(j) };
                }
            }
        }
        Route::Gemv => {
            gemv(x, k, (a.ptr, a.col), (b.at(0, j0), b.row), n, c.at(0, j0), 1, (c.bias_at(j0), 1), c.accumulate)
        }
        Route::GemvT => {
            let (x_col, a_rows) = ((b.ptr, b.row), (a.at(i0, 0), a.col));
            gemv(x, k, x_col, a_rows, rows.len(), c.at(i0, 0), c.ld, (c.bias, 0), c.accumulate)
        }
        Route::Dots => {
            let dots = x.dots[m - 1];
            dots(k, n, a.ptr, a.row, b.at(0, j0), b.col, c.at(0, j0), c.ld, 1, c.bias_at(j0), 1, c.accumulate)
        }
        Route::DotsT => {
            let dots = x.dots[0];
            dots(k, rows.len(), b.ptr, 0, a.at(i0, 0), a.row, c.at(i0, 0), 0, c.ld, c.bias, 0, c.accumulate)
        }
        Route::Tiles { pack_a, pack_b } => {
            let (a_size, b_size) = plan.packed();
            let a_pack = scratch.wrapping_add(s * (a_size + b_size));
            let b_pack = a_pack.wrapping_add(a_size);
            let packs = (pack_a.then_some(a_pack), pack_b.then_some(b_pack));
            tiles(plan, a, b, c, rows, cols, packs)
        }
    }
}

/// One row times rows of `n` numbers, by way of memory of this thread's own: threads that write one line of memory in
/// turn, pass by pass, would wait for each other. C has stride `cs`, the bias its own.
unsafe fn gemv<T: Float>(
    kernels: &Kernels<T>,
    k: usize,
    (x, xs): (*const T, usize),
    (b, ldb): (*const T, usize),
    n: usize,
    c: *mut T,
    cs: usize,
    (bias, bs): (*const T, usize),
    accumulate: bool,
) {
    const CHUNK: usize = 1024;
    let mut y = [const { MaybeUninit::<T>::uninit() }; CHUNK];
    for j in (0..n).step_by(CHUNK) {
        let w = CHUNK.min(n - j);
        (kernels.gemv)(k, w, x, xs, b.add(j), ldb, y.as_mut_ptr().cast());
        for q in 0..w {
            let (mut v, out) = (y[q].assume_init(), c.add((j + q) * cs));
            if accumulate {
                v += *out;
            }
            if !bias.is_null() {
                v += *bias.add((j + q) * bs);
            }
            *out = v;
        }
    }
}

/// Bytes of B that stay in the first cache while C is written row by row, which its long rows like better.
const SMALL_B: usize = 32 << 10;

/// Rows and columns of C by blocks in registers, one k-block after the other.
unsafe fn tiles<T: Float>(
    plan: &Plan<T>,
    a: Matrix<T>,
    b: Matrix<T>,
    c: Output<T>,
    rows: Range<usize>,
    cols: Range<usize>,
    (a_pack, b_pack): (Option<*mut T>, Option<*mut T>),
) {
    let (x, l, k) = (plan.kernels, plan.kernels.lanes, plan.k);
    let width = NV * l;
    // Blocks of nearly equal size, none larger than planned.
    let i_blocks = rows.len().div_ceil(plan.mc);
    let j_step = cols.len().div_ceil(cols.len().div_ceil(plan.nc)).next_multiple_of(width);
    for j0 in cols.clone().step_by(j_step) {
        let j1 = (j0 + j_step).min(cols.end);
        for p in (0..k).step_by(plan.kb) {
            let kk = plan.kb.min(k - p);
            let add = c.accumulate || p > 0;
            let c = if p == 0 { c } else { Output { bias: std::ptr::null(), ..c } };
            if let Some(dst) = b_pack {
                for j in (j0..j1).step_by(width) {
                    let w = width.min(j1 - j);
                    (x.pack_b)(b.at(p, j), b.row, b.col, w, kk, dst.add((j - j0) * kk));
                }
            }
            for block in 0..i_blocks {
                let block = share(rows.len(), i_blocks, block);
                let i0 = rows.start + block.start;
                // Panels of nearly equal height too: a thin one would leave the multipliers waiting.
                let panels = block.len().div_ceil(x.mr);
                if let Some(dst) = a_pack {
                    for q in 0..panels {
                        let r = share(block.len(), panels, q);
                        (x.pack_a)(a.at(i0 + r.start, p), a.row, a.col, r.len(), kk, dst.add(r.start * kk));
                    }
                }
                // One block of C in registers.
                let one = |j: usize, q: usize| {
                    let w = width.min(j1 - j);
                    let vecs = w.div_ceil(l);
                    let (bp, ldb) = match b_pack {
                        Some(dst) => (dst.add((j - j0) * kk) as *const T, vecs * l),
                        None => (b.at(p, j), b.row),
                    };
                    let r = share(block.len(), panels, q);
                    let i = i0 + r.start;
                    let (ap, rs, cs) = match a_pack {
                        Some(dst) => (dst.add(r.start * kk) as *const T, 1, r.len()),
                        None => (a.at(i, p), a.row, a.col),
                    };
                    let last = w - (vecs - 1) * l;
                    let tile = x.tile(a_pack.is_some(), vecs, r.len());
                    tile(kk, ap, rs, cs, bp, ldb, c.at(i, j), c.ld, last, c.bias_at(j), add)
                };
                if (j1 - j0) * kk * size_of::<T>() <= SMALL_B {
                    (0..panels).for_each(|q| (j0..j1).step_by(width).for_each(|j| one(j, q)));
                } else {
                    (j0..j1).step_by(width).for_each(|j| (0..panels).for_each(|q| one(j, q)));
                }
            }
        }
    }
}
