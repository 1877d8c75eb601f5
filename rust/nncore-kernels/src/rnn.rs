//! Recurrent layers: all time steps of one layer in one direction, forward and backward.
//!
//! Inputs of all steps are projected by one product; each step then adds the product of the hidden state and applies the
//! gates. Rows of a batch do not touch each other, so they go in groups through all steps, one group a thread, without
//! waiting in between. Groups are cut by the size of the batch alone: bits do not depend on the number of threads.
use crate::gemm::{gemm, scratch_bytes, Matrix, Output};
use crate::num::Float;
use crate::pool;
use crate::transpose;
use std::ops::Range;

mod backward;
mod gates;
pub use backward::{backward, backward_scratch, Backward};

/// What a step computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cell {
    Lstm,
    Gru,
    Tanh,
    Relu,
}
impl Cell {
    /// Gates of a cell: blocks of rows of its weights, in PyTorch's order (i, f, g, o and r, z, n).
    pub fn gates(self) -> usize {
        match self {
            Cell::Lstm => 4,
            Cell::Gru => 3,
            Cell::Tanh | Cell::Relu => 1,
        }
    }
    /// Does a step keep more than its gates: an LSTM's cell, what a GRU's reset gate multiplies?
    pub fn keeps(self) -> bool {
        matches!(self, Cell::Lstm | Cell::Gru)
    }
}

/// The sizes of a layer, and the way through time.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    pub cell: Cell,
    pub steps: usize,
    pub batch: usize,
    pub input: usize,
    pub hidden: usize,
    pub reverse: bool,
}
/// Rows of a batch that go through time together.
const GROUP: usize = 16;
/// From this many steps on the hidden weight is turned once, so that no step has to.
const TURN: usize = 4;

impl Layer {
    /// Columns of the gates.
    fn wide(&self) -> usize {
        self.cell.gates() * self.hidden
    }
    fn groups(&self) -> usize {
        self.batch.div_ceil(GROUP).max(1)
    }
    fn group(&self, g: usize) -> Range<usize> {
        pool::share(self.batch, self.groups(), g)
    }
    /// Threads within a group's products: all of them where there is one group.
    fn threads(&self) -> usize {
        if self.groups() == 1 {
            pool::threads()
        } else {
            1
        }
    }
    /// The steps in the order in which they run.
    fn time(&self, i: usize) -> usize {
        if self.reverse {
            self.steps - 1 - i
        } else {
            i
        }
    }
    /// The step that ran before step `t`; None for the first.
    fn before(&self, t: usize) -> Option<usize> {
        if self.reverse {
            (t + 1 < self.steps).then_some(t + 1)
        } else {
            t.checked_sub(1)
        }
    }
    /// Scratch for a group's product of `n` columns and `k` terms.
    fn step_scratch<T: Float>(&self, n: usize, k: usize, b: (usize, usize)) -> usize {
        let bytes = |m: usize| scratch_bytes::<T>(m, n, k, (k, 1), b, self.threads());
        let most = self.batch.div_ceil(self.groups());
        bytes(most).max(bytes(most.saturating_sub(1)))
    }
    fn turns(&self) -> bool {
        self.steps >= TURN
    }
    /// Strides of the hidden weight's transpose, as the steps read it.
    fn hidden_strides(&self) -> (usize, usize) {
        if self.turns() {
            (self.wide(), 1)
        } else {
            (1, self.hidden)
        }
    }
}
/// Hands out aligned pieces of scratch memory, or counts how much they are.
#[derive(Default)]
struct Pieces(usize);
impl Pieces {
    fn take(&mut self, bytes: usize) -> usize {
        let at = self.0;
        self.0 += bytes.next_multiple_of(64);
        at
    }
}
/// A pointer that threads share; each uses a part of its own.
struct Shared<T>(*mut T);
unsafe impl<T> Sync for Shared<T> {}
unsafe impl<T> Send for Shared<T> {}
impl<T> Shared<T> {
    /// # Safety
    /// The range is within the memory, and no other thread uses it meanwhile.
    #[allow(clippy::mut_from_ref)]
    unsafe fn part(&self, at: usize, len: usize) -> &mut [T] {
        std::slice::from_raw_parts_mut(self.0.add(at), len)
    }
}

/// What a layer reads and writes. Row-major: steps, then batch, then features.
pub struct Forward<'a, T> {
    pub x: &'a [T],
    pub h0: &'a [T],
    /// Empty but for an LSTM, and so are the other cells below.
    pub c0: &'a [T],
    pub w_ih: &'a [T],
    pub w_hh: &'a [T],
    pub b_ih: Option<&'a [T]>,
    pub b_hh: Option<&'a [T]>,
    /// How many steps each row of the batch has; then its state stays, and its output is 0.
    pub lengths: Option<&'a [i64]>,
    pub out: &'a mut [T],
    pub h: &'a mut [T],
    pub c: &'a mut [T],
    /// The gates' values, for backward.
    pub gates: &'a mut [T],
    /// Cells after each step, or what the reset gates multiplied.
    pub kept: &'a mut [T],
}

struct Places {
    turned: usize,
    bias: usize,
    project: usize,
    steps: usize,
    each: usize,
    product: usize,
    total: usize,
}
fn places<T: Float>(s: &Layer) -> Places {
    let (mut p, size) = (Pieces::default(), size_of::<T>());
    let turned = p.take(if s.turns() { s.hidden * s.wide() * size } else { 0 });
    let bias = p.take(s.wide() * size);
    let project =
        p.take(scratch_bytes::<T>(s.steps * s.batch, s.wide(), s.input, (s.input, 1), (1, s.input), pool::threads()));
    // Of each group: its product where that is not added to the gates in place, then the product's own scratch.
    let product = if s.cell == Cell::Gru { (GROUP * s.wide() * size).next_multiple_of(64) } else { 0 };
    let each = product + s.step_scratch::<T>(s.wide(), s.hidden, s.hidden_strides()).next_multiple_of(64);
    let steps = p.take(s.groups() * each);
    Places { turned, bias, project, steps, each, product, total: p.0 }
}
/// Bytes of scratch that [`forward`] needs.
pub fn forward_scratch<T: Float>(s: &Layer) -> usize {
    places::<T>(s).total
}

/// All steps of a layer.
///
/// # Safety
/// The slices must have the sizes that `s` says, and `scratch` [`forward_scratch`] bytes, aligned to 64.
pub unsafe fn forward<T: Float>(s: &Layer, f: Forward<T>, scratch: *mut u8) {
    let (wide, hidden) = (s.wide(), s.hidden);
    f.h.copy_from_slice(f.h0);
    f.c.copy_from_slice(f.c0);
    if s.steps * s.batch == 0 || hidden == 0 {
        return;
    }
    let at = places::<T>(s);
    // What is added to every step. The new gate of a GRU takes the hidden bias under its reset gate.
    let bias = std::slice::from_raw_parts_mut(scratch.add(at.bias) as *mut T, wide);
    let outer = if s.cell == Cell::Gru { 2 * hidden } else { wide };
    for (j, y) in bias.iter_mut().enumerate() {
        let of = |b: Option<&[T]>| b.map_or(T::ZERO, |b| b[j]);
        *y = if j < outer { of(f.b_ih) + of(f.b_hh) } else { of(f.b_ih) }
    }
    let rows = s.steps * s.batch;
    gemm(
        rows,
        wide,
        s.input,
        Matrix::rows(f.x.as_ptr(), s.input),
        Matrix::cols(f.w_ih.as_ptr(), s.input),
        Output::new(f.gates.as_mut_ptr(), wide).bias(bias.as_ptr()),
        scratch.add(at.project),
        pool::threads(),
    );
    let weight = if s.turns() {
        let turned = scratch.add(at.turned) as *mut T;
        transpose::band(f.w_hh.as_ptr(), hidden as isize, turned, wide as isize, hidden, wide);
        Matrix::rows(turned as *const T, wide)
    } else {
        Matrix::cols(f.w_hh.as_ptr(), hidden)
    };
    let (out, h, c) = (Shared(f.out.as_mut_ptr()), Shared(f.h.as_mut_ptr()), Shared(f.c.as_mut_ptr()));
    let (gates, kept, work) = (Shared(f.gates.as_mut_ptr()), Shared(f.kept.as_mut_ptr()), Shared(scratch));
    let (lengths, b_n) = (f.lengths, f.b_hh.map(|b| &b[wide - hidden..]));
    pool::run(s.groups(), &|g| {
        let rows = s.group(g);
        let (first, m) = (rows.start, rows.len());
        // This group's own piece.
        let own = work.part(at.steps + g * at.each, at.each).as_mut_ptr();
        for t in (0..s.steps).map(|i| s.time(i)) {
            let row = t * s.batch + first;
            let (a, y) = (Matrix::rows(h.0.add(first * hidden) as *const T, hidden), gates.0.add(row * wide));
            let product = own as *mut T;
            let to = match s.cell {
                Cell::Gru => Output::new(product, wide),
                _ => Output::new(y, wide).accumulate(),
            };
            gemm(m, wide, hidden, a, weight, to, own.add(at.product), s.threads());
            for b in 0..m {
                let (gates, out) = (gates.part((row + b) * wide, wide), out.part((row + b) * hidden, hidden));
                let h = h.part((first + b) * hidden, hidden);
                let kept = if s.cell.keeps() { kept.part((row + b) * hidden, hidden) } else { &mut [] };
                let over = lengths.is_some_and(|l| t as i64 >= l[first + b]);
                if over {
                    out.fill(T::ZERO);
                    match s.cell {
                        Cell::Lstm => kept.copy_from_slice(c.part((first + b) * hidden, hidden)),
                        _ => kept.fill(T::ZERO),
                    }
                    continue;
                }
                match s.cell {
                    Cell::Lstm => {
                        let c = c.part((first + b) * hidden, hidden);
                        gates::lstm(gates, c, h);
                        kept.copy_from_slice(c)
                    }
                    Cell::Gru => {
                        let product = std::slice::from_raw_parts(product.add(b * wide), wide);
                        gates::gru(gates, product, b_n, h, kept)
                    }
                    Cell::Tanh => gates::tanh(gates, h),
                    Cell::Relu => gates::relu(gates, h),
                }
                out.copy_from_slice(h)
            }
        }
    });
}
