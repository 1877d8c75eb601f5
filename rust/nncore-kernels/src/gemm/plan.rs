//! How one product is done: which kernels, what is packed, how threads share it.
use super::kernels::{kernels, Kernels, DOT_ROWS, NV};
use crate::cpu;
use crate::num::Float;
use crate::pool::share;
use std::ops::Range;

/// Multiply-adds below which one thread is faster than two (0.15 MFLOP).
const ONE_THREAD: usize = 75_000;
/// Longest k-block where A and B are packed: a block of A's rows and one of B's columns then stay in the second cache.
const KC: usize = 512;
/// Longest k-block where they are read in place.
const KC_PLAIN: usize = 512;
/// The same for few rows and a large B, which is read once: short, so that few pages are open at a time.
const KC_STREAM: usize = 128;
/// Rows of A that are packed at a time.
const MC: usize = 168;
/// Columns of B that are packed at a time.
const NC: usize = 2048;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// No terms to sum: bias or zero.
    Fill,
    /// One row of A times rows of B.
    Gemv,
    /// Columns of A (that is, rows of its transpose) times one column of B.
    GemvT,
    /// Few rows of A dotted with columns of B.
    Dots,
    /// One column of B dotted with rows of A.
    DotsT,
    /// Blocks in registers.
    Tiles { pack_a: bool, pack_b: bool },
}

/// The decisions for one product. Those that bits depend on (`route`, `kb`) are made from the whole product and the path;
/// the rest may depend on the number of threads.
pub struct Plan<T: 'static> {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub kernels: &'static Kernels<T>,
    pub route: Route,
    /// Length of a k-block; the last one may be shorter.
    pub kb: usize,
    /// Shares along rows and along columns.
    pub grid: (usize, usize),
    /// Most rows and columns that are packed at a time (multiples of nothing; the packed copy is no larger).
    pub mc: usize,
    pub nc: usize,
}

impl<T: Float> Plan<T> {
    /// `a` and `b` are (row, column) strides.
    pub fn new(m: usize, n: usize, k: usize, a: (usize, usize), b: (usize, usize), threads: usize) -> Plan<T> {
        let kernels = kernels::<T>(cpu::path());
        let (lanes, width) = (kernels.lanes, NV * kernels.lanes);
        let route = route(m, n, k, a, b, kernels);
        let threads = threads.min(m.saturating_mul(n).saturating_mul(k) / ONE_THREAD).max(1);
        let kc = match route {
            Route::Tiles { pack_a: true, .. } => KC,
            Route::Tiles { pack_b: false, .. } if m <= kernels.mr && n * k > 1 << 17 => KC_STREAM,
            _ => KC_PLAIN,
        };
        let kb = k.div_ceil(k.div_ceil(kc).max(1));
        let (grid, mc, nc) = match route {
            Route::Tiles { pack_a, pack_b } => {
                let grid = grid(m, n, k, kernels.mr, lanes, threads, pack_a, pack_b);
                let nc = match (pack_a, pack_b) {
                    (true, _) => NC,
                    // Packed just before use, for all rows.
                    (false, true) => width,
                    (false, false) => usize::MAX,
                };
                (grid, if pack_a { MC } else { usize::MAX }, nc)
            }
            // Split what the outputs run along.
            Route::GemvT | Route::DotsT => ((threads.min(m.div_ceil(lanes)).max(1), 1), usize::MAX, usize::MAX),
            _ => ((1, threads.min(n.div_ceil(lanes)).max(1)), usize::MAX, usize::MAX),
        };
        Plan { m, n, k, kernels, route, kb, grid, mc, nc }
    }

    pub fn shares(&self) -> usize {
        self.grid.0 * self.grid.1
    }

    /// Rows and columns of one share.
    pub fn part(&self, s: usize) -> (Range<usize>, Range<usize>) {
        let (rows, cols) = self.grid;
        // Columns go by whole registers, rows by ones.
        let l = self.kernels.lanes;
        let j = share(self.n.div_ceil(l), cols, s % cols);
        (share(self.m, rows, s / cols), j.start * l..(j.end * l).min(self.n))
    }

    /// Numbers of scratch for a share: the packed block of A, and that of B.
    pub fn packed(&self) -> (usize, usize) {
        let Route::Tiles { pack_a, pack_b } = self.route else { return (0, 0) };
        let l = self.kernels.lanes;
        let rows = self.m.div_ceil(self.grid.0).min(self.mc);
        let cols = (self.n.div_ceil(l).div_ceil(self.grid.1) * l).min(self.nc);
        // Whole lines of 64 bytes, since threads write them at once.
        let size = |on: bool, lines: usize| if on { (lines * self.kb).next_multiple_of(16) } else { 0 };
        (size(pack_a, rows), size(pack_b, cols))
    }

    pub fn scratch_bytes(&self) -> usize {
        let (a, b) = self.packed();
        self.shares() * (a + b) * size_of::<T>()
    }
}

fn route<T>(m: usize, n: usize, k: usize, a: (usize, usize), b: (usize, usize), kernels: &Kernels<T>) -> Route {
    if k == 0 || m == 0 || n == 0 {
        return Route::Fill;
    }
    // Strides along a length of one mean nothing.
    let a_rows = a.1 == 1 || k == 1;
    let b_cols = b.0 == 1 || k == 1;
    let long = k >= 2 * kernels.lanes;
    if m == 1 && b.1 == 1 {
        return Route::Gemv;
    }
    if n == 1 && a_rows && long {
        return if b_cols { Route::DotsT } else { Route::Tiles { pack_a: false, pack_b: true } };
    }
    if m <= DOT_ROWS && a_rows && b_cols && b.1 != 1 && long {
        return Route::Dots;
    }
    if n == 1 && a.0 == 1 {
        return Route::GemvT;
    }
    let small = m <= kernels.mr || m * n * k <= 1 << 24 || (m <= 128 && k * n <= 1 << 19);
    let partial = !kernels.masked && !n.is_multiple_of(kernels.lanes);
    Route::Tiles { pack_a: !small, pack_b: !small || b.1 != 1 || partial }
}

/// Shares along rows and columns, by an estimate of the cycles of the slowest share.
fn grid(
    m: usize,
    n: usize,
    k: usize,
    mr: usize,
    l: usize,
    threads: usize,
    pack_a: bool,
    pack_b: bool,
) -> (usize, usize) {
    let mut best = (f64::INFINITY, (1, 1));
    for tr in 1..=threads.min(m) {
        let tc = (threads / tr).min(n.div_ceil(l));
        let (rows, vecs) = (m.div_ceil(tr), n.div_ceil(l).div_ceil(tc));
        let (down, across) = (rows.div_ceil(mr) as f64, vecs.div_ceil(NV) as f64);
        // Two multiply-adds a cycle, each of which takes four.
        let tile = (rows as f64 * vecs as f64 / down / across / 2.0).max(4.0);
        // Packing handles about two numbers a cycle.
        let pack = if pack_a { rows as f64 } else { 0.0 } + if pack_b { (vecs * l) as f64 } else { 0.0 };
        // Where columns are split, every row of C has a line of memory that two threads write in turn.
        let shared = if tc > 1 { 100.0 * rows as f64 } else { 0.0 };
        let cycles = k as f64 * (down * across * tile + pack / 2.0) + shared;
        if cycles < best.0 {
            best = (cycles, (tr, tc));
        }
    }
    best.1
}
