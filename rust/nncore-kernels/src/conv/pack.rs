//! Copies that make the kernels' reads plain: weights in panels, inputs with a border of zeros, tables.
use super::depthwise;
use super::kernel::Tap;
use super::problem::{Padding, Problem};
use super::table::{panel_vectors, Kernels};
use super::Raw;
use crate::num::Float;
use crate::pool::{self, share};

/// Elements below which a copy is not worth a second thread.
const SERIAL: usize = 1 << 16;

/// Hands out pieces of the caller's scratch; with a null base it only measures.
pub(super) struct Arena {
    base: *mut u8,
    pub used: usize,
}

impl Arena {
    pub fn new(base: *mut u8) -> Arena {
        Arena { base, used: 0 }
    }
    pub fn take<T>(&mut self, count: usize) -> *mut T {
        let at = self.base.wrapping_add(self.used) as *mut T;
        self.used += (count * size_of::<T>()).next_multiple_of(64);
        at
    }
}

/// One panel of packed weights: its first column, how many it has, its vectors, and where it starts.
pub(super) struct Panel {
    pub first: usize,
    pub columns: usize,
    pub vectors: usize,
    pub offset: usize,
}

/// The panels of a problem's `m` columns. All but the last are full; the last has as many vectors as it needs.
#[derive(Clone, Copy)]
pub(super) struct Panels {
    columns: usize,
    pub lanes: usize,
    /// Vectors of a full panel.
    pub vectors: usize,
    /// Rows of packed weights: taps times channels.
    depth: usize,
}

impl Panels {
    pub fn new<T: Float>(kernels: &Kernels<T>, p: &Problem) -> Panels {
        let most = match p.depthwise {
            true if p.c > 1 => 1,
            true => depthwise::VECTORS,
            false => kernels.dense.vectors,
        };
        Panels {
            columns: p.m,
            lanes: kernels.lanes,
            vectors: panel_vectors(p.m, kernels.lanes, most),
            depth: p.taps() * p.c,
        }
    }
    pub fn width(&self) -> usize {
        self.vectors * self.lanes
    }
    pub fn count(&self) -> usize {
        self.columns.div_ceil(self.width())
    }
    /// Elements of one group's packed weights.
    pub fn len(&self) -> usize {
        self.columns.next_multiple_of(self.lanes) * self.depth
    }
    pub fn get(&self, i: usize) -> Panel {
        let first = i * self.width();
        let columns = (self.columns - first).min(self.width());
        Panel { first, columns, vectors: columns.div_ceil(self.lanes), offset: first * self.depth }
    }
}

/// Packs every group's weights as `[panel][tap][channel][column]`, columns padded with zeros to whole vectors.
pub(super) unsafe fn weights<T: Float>(kernels: &Kernels<T>, p: &Problem, w: *const T, out: *mut T) {
    let panels = Panels::new(kernels, p);
    let per_group = panels.count() * p.tap_rows();
    let units = per_group * p.groups;
    let (w, out) = (Raw(w as *mut T), Raw(out));
    let shares = if p.groups * panels.len() < SERIAL { 1 } else { pool::threads().min(units) };
    pool::run(shares, &|s| {
        for u in share(units, shares, s) {
            let (g, panel, i) = (u / per_group, panels.get(u % per_group / p.tap_rows()), u % p.tap_rows());
            // Units write disjoint pieces of the packed weights.
            unsafe {
                let width = panel.vectors * panels.lanes;
                let row = p.cols.taps * p.c * width;
                let mut d = out.get().add(g * panels.len() + panel.offset + i * row);
                for j in 0..p.cols.taps {
                    let view = p.weights;
                    let from = g * view.group + p.weight_tap(i, j) * view.tap + panel.first * view.column;
                    let (w, columns) = (w.get().add(from), panel.columns);
                    match view.column {
                        1 => copy_rows(w, view.k, p.c, columns, width, d),
                        column => (kernels.pack)(w, column, p.c, columns, width, d),
                    }
                    d = d.add(p.c * width);
                }
            }
        }
    });
}

/// Transposes `k` weights, adjacent in each of `columns`, to rows of `width`, zeros beyond the columns.
pub(super) type PackFn<T> = unsafe fn(w: *const T, column: usize, k: usize, columns: usize, width: usize, out: *mut T);

/// [`PackFn`] for any instruction set.
pub(super) unsafe fn transpose<T: Float>(
    w: *const T,
    column: usize,
    k: usize,
    columns: usize,
    width: usize,
    out: *mut T,
) {
    // Sixteen columns at a time: that many streams the hardware still follows, and a line is written whole.
    for j0 in (0..width).step_by(16) {
        let (end, used) = ((j0 + 16).min(width), (j0 + 16).min(columns).max(j0));
        for k in 0..k {
            let row = out.add(k * width);
            for j in j0..used {
                *row.add(j) = *w.add(j * column + k);
            }
            for j in used..end {
                *row.add(j) = T::ZERO;
            }
        }
    }
}

/// Copies `k` rows of adjacent columns, zeros beyond them.
unsafe fn copy_rows<T: Float>(w: *const T, row: usize, k: usize, columns: usize, width: usize, out: *mut T) {
    for k in 0..k {
        let to = out.add(k * width);
        std::ptr::copy_nonoverlapping(w.add(k * row), to, columns);
        for j in columns..width {
            *to.add(j) = T::ZERO;
        }
    }
}

/// Fills the table of a problem's taps.
pub(super) unsafe fn taps(p: &Problem, out: *mut Tap) {
    for i in 0..p.tap_rows() {
        let plane = p.planes.at + (i / p.rows.taps * p.planes.step) as isize;
        let row = p.rows.at + (i % p.rows.taps * p.rows.step) as isize;
        for j in 0..p.cols.taps {
            let col = p.cols.at + (j * p.cols.step) as isize;
            let offset = plane * p.xd as isize + row * p.xr as isize + col * p.xp as isize;
            *out.add(i * p.cols.taps + j) = Tap { offset, row: i as u32, col: j as u32 };
        }
    }
}

impl Padding {
    /// Elements of the copy.
    pub fn len(&self) -> usize {
        self.n * self.d * self.h * self.w * self.pixel
    }
    /// Copies the input into the middle of zeros.
    pub unsafe fn copy<T: Float>(&self, x: *const T, out: *mut T) {
        let (x, out) = (Raw(x as *mut T), Raw(out));
        let units = self.n * self.d * self.h;
        let shares = if self.len() < SERIAL { 1 } else { pool::threads().min(units) };
        pool::run(shares, &|s| {
            for u in share(units, shares, s) {
                // Each unit writes its own row.
                unsafe { self.copy_row(u, x.get(), out.get()) }
            }
        });
    }
    unsafe fn copy_row<T: Float>(&self, u: usize, x: *const T, out: *mut T) {
        let f = &self.from;
        let (n, d, h) = (u / (self.d * self.h), u / self.h % self.d, u % self.h);
        let row = out.add(u * self.w * self.pixel);
        if h < self.top || h >= self.top + f.h || d < self.front || d >= self.front + f.d {
            return zero(row, self.w * self.pixel);
        }
        let (left, len) = (self.left * self.pixel, f.w * self.pixel);
        zero(row, left);
        std::ptr::copy_nonoverlapping(
            x.add(n * f.xi + (d - self.front) * f.xd + (h - self.top) * f.xr),
            row.add(left),
            len,
        );
        zero(row.add(left + len), self.w * self.pixel - left - len);
    }
}

#[inline]
pub(super) unsafe fn zero<T: Float>(p: *mut T, n: usize) {
    std::ptr::write_bytes(p, 0, n)
}
