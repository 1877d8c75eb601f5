//! Backward through all steps of a layer.
use super::{gates, Cell, Layer, Pieces, Shared};
use crate::gemm::{gemm, scratch_bytes, Matrix, Output};
use crate::num::Float;
use crate::pool;

/// What the forward pass read and kept, the gradients of what it gave (None where there is none), and those that are made.
pub struct Backward<'a, T> {
    pub x: &'a [T],
    pub h0: &'a [T],
    pub c0: &'a [T],
    pub w_ih: &'a [T],
    pub w_hh: &'a [T],
    pub lengths: Option<&'a [i64]>,
    pub out: &'a [T],
    pub gates: &'a [T],
    pub kept: &'a [T],
    pub d_out: Option<&'a [T]>,
    pub d_h: Option<&'a [T]>,
    pub d_c: Option<&'a [T]>,
    /// Empty where nobody wants it, and so are those of the weights and biases.
    pub dx: &'a mut [T],
    pub dh0: &'a mut [T],
    pub dc0: &'a mut [T],
    pub dw_ih: &'a mut [T],
    pub dw_hh: &'a mut [T],
    pub db_ih: &'a mut [T],
    pub db_hh: &'a mut [T],
}

struct Places {
    d: usize,
    dp: usize,
    before: usize,
    both: usize,
    products: usize,
    sums: usize,
    steps: usize,
    each: usize,
    total: usize,
}
/// Steps of a group whose gradients are added up before they are added to the rest, so that rounding stays small.
const BLOCK: usize = 4;
/// Do both weights see the same gradients? Then inputs and states stand side by side, and one product serves both.
fn joint(s: &Layer) -> bool {
    s.cell != Cell::Gru
}
/// Numbers of a row of states, and of the inputs beside them.
fn line(s: &Layer) -> usize {
    s.hidden + if joint(s) { s.input } else { 0 }
}
/// Numbers of a group's sums over its rows: of all columns of `d`, and of the new gate's of `dp`, which a GRU has besides.
fn columns(s: &Layer) -> usize {
    s.wide() + if s.cell == Cell::Gru { s.hidden } else { 0 }
}
/// Those, and as many of the steps that are being added up.
fn sums(s: &Layer) -> usize {
    2 * columns(s)
}
fn places<T: Float>(s: &Layer) -> Places {
    let (mut p, size, rows, wide) = (Pieces::default(), size_of::<T>(), s.steps * s.batch, s.wide());
    let d = p.take(rows * wide * size);
    // Of a GRU the hidden state's part has gradients of its own.
    let dp = if s.cell == Cell::Gru { p.take(rows * wide * size) } else { d };
    let before = p.take(rows * line(s) * size);
    // The gradients of both weights, before they are taken apart.
    let both = p.take(if joint(s) { wide * line(s) * size } else { 0 });
    let threads = pool::threads();
    let dx = scratch_bytes::<T>(rows, s.input, wide, (wide, 1), (s.input, 1), threads);
    let dw = |n: usize| scratch_bytes::<T>(wide, n, rows, (1, wide), (n, 1), threads);
    let products = p.take(dx.max(dw(s.input)).max(dw(s.hidden)).max(if joint(s) { dw(line(s)) } else { 0 }));
    let sums = p.take(s.groups() * sums(s) * size);
    let each = s.step_scratch::<T>(s.hidden, wide, (s.hidden, 1)).next_multiple_of(64);
    let steps = p.take(s.groups() * each);
    Places { d, dp, before, both, products, sums, steps, each, total: p.0 }
}
/// Bytes of scratch that [`backward`] needs.
pub fn backward_scratch<T: Float>(s: &Layer) -> usize {
    places::<T>(s).total
}

/// The gradients of a layer.
///
/// # Safety
/// The slices must have the sizes that `s` says, and `scratch` [`backward_scratch`] bytes, aligned to 64.
pub unsafe fn backward<T: Float>(s: &Layer, f: Backward<T>, scratch: *mut u8) {
    let (wide, hidden, rows) = (s.wide(), s.hidden, s.steps * s.batch);
    let seed = |y: &mut [T], from: Option<&[T]>| match from {
        Some(g) => y.copy_from_slice(g),
        None => y.fill(T::ZERO),
    };
    seed(f.dh0, f.d_h);
    seed(f.dc0, f.d_c);
    let at = places::<T>(s);
    let (d, dp, before) = (
        Shared(scratch.add(at.d) as *mut T),
        Shared(scratch.add(at.dp) as *mut T),
        Shared(scratch.add(at.before) as *mut T),
    );
    let (dh, dc, work) = (Shared(f.dh0.as_mut_ptr()), Shared(f.dc0.as_mut_ptr()), Shared(scratch));
    let (line, aside) = (line(s), line(s) - hidden);
    let weight = Matrix::rows(f.w_hh.as_ptr(), hidden);
    let (columns, sums) = (columns(s), Shared(scratch.add(at.sums) as *mut T));
    let biased = !f.db_ih.is_empty() || !f.db_hh.is_empty();
    let over = |t: usize, b: usize| f.lengths.is_some_and(|l| t as i64 >= l[b]);
    if rows > 0 && hidden > 0 {
        pool::run(s.groups(), &|g| {
            let group = s.group(g);
            let (first, m) = (group.start, group.len());
            // This group's own piece.
            let own = work.part(at.steps + g * at.each, at.each).as_mut_ptr();
            let (all, block) = sums.part(g * 2 * columns, 2 * columns).split_at_mut(columns);
            all.fill(T::ZERO);
            block.fill(T::ZERO);
            for (i, t) in (0..s.steps).rev().map(|i| (i, s.time(i))) {
                for b in group.clone() {
                    let row = t * s.batch + b;
                    let (dh, d_row) = (dh.part(b * hidden, hidden), d.part(row * wide, wide));
                    let state = before.part(row * line + aside, hidden);
                    before.part(row * line, aside).copy_from_slice(&f.x[row * s.input..][..aside]);
                    // Where the step before had nothing to do either, there is none: padding is at the end.
                    let last = s.before(t).filter(|&t| !over(t, b)).map(|t| t * s.batch + b);
                    state.copy_from_slice(match last {
                        Some(row) => &f.out[row * hidden..][..hidden],
                        None => &f.h0[b * hidden..][..hidden],
                    });
                    if over(t, b) {
                        d_row.fill(T::ZERO);
                        if s.cell == Cell::Gru {
                            dp.part(row * wide, wide).fill(T::ZERO)
                        }
                        continue;
                    }
                    if let Some(g) = f.d_out {
                        gates::add(dh, &g[row * hidden..][..hidden])
                    }
                    let gates_row = &f.gates[row * wide..][..wide];
                    match s.cell {
                        Cell::Lstm => {
                            let cell = match last {
                                Some(row) => &f.kept[row * hidden..][..hidden],
                                None => &f.c0[b * hidden..][..hidden],
                            };
                            let (c, dc) = (&f.kept[row * hidden..][..hidden], dc.part(b * hidden, hidden));
                            gates::lstm_back(gates_row, c, cell, dh, dc, d_row)
                        }
                        Cell::Gru => {
                            let kept = &f.kept[row * hidden..][..hidden];
                            gates::gru_back(gates_row, kept, state, dh, d_row, dp.part(row * wide, wide))
                        }
                        Cell::Tanh => gates::tanh_back(gates_row, dh, d_row),
                        Cell::Relu => gates::relu_back(gates_row, dh, d_row),
                    }
                    if biased {
                        gates::add(&mut block[..wide], d_row);
                        if s.cell == Cell::Gru {
                            gates::add(&mut block[wide..], dp.part(row * wide + 2 * hidden, hidden));
                        }
                    }
                }
                if i % BLOCK == 0 {
                    gates::add(all, block);
                    block.fill(T::ZERO);
                }
                // What flows to the hidden state before through the weights.
                let a = Matrix::rows(dp.0.add((t * s.batch + first) * wide) as *const T, wide);
                let to = Output::new(dh.0.add(first * hidden), hidden).accumulate();
                gemm(m, hidden, wide, a, weight, to, own, s.threads());
            }
        });
    }
    let product = |m: usize, n: usize, k: usize, a: Matrix<T>, b: Matrix<T>, c: *mut T| {
        gemm(m, n, k, a, b, Output::new(c, n), scratch.add(at.products), pool::threads())
    };
    let (d, dp) = (d.0 as *const T, dp.0 as *const T);
    if !f.dx.is_empty() {
        let weight = Matrix::rows(f.w_ih.as_ptr(), s.input);
        product(rows, s.input, wide, Matrix::rows(d, wide), weight, f.dx.as_mut_ptr());
    }
    if joint(s) && !f.dw_ih.is_empty() && !f.dw_hh.is_empty() {
        let both = scratch.add(at.both) as *mut T;
        product(wide, line, rows, Matrix::cols(d, wide), Matrix::rows(before.0, line), both);
        for (row, (ih, hh)) in f.dw_ih.chunks_exact_mut(s.input).zip(f.dw_hh.chunks_exact_mut(hidden)).enumerate() {
            let from = std::slice::from_raw_parts(both.add(row * line), line);
            ih.copy_from_slice(&from[..s.input]);
            hh.copy_from_slice(&from[s.input..]);
        }
    } else {
        if !f.dw_ih.is_empty() {
            let x = Matrix::rows(f.x.as_ptr(), s.input);
            product(wide, s.input, rows, Matrix::cols(d, wide), x, f.dw_ih.as_mut_ptr());
        }
        if !f.dw_hh.is_empty() {
            let states = Matrix::rows(before.0.add(aside), line);
            product(wide, hidden, rows, Matrix::cols(dp, wide), states, f.dw_hh.as_mut_ptr());
        }
    }
    let groups = if rows > 0 && hidden > 0 { s.groups() } else { 0 };
    for y in [&mut *f.db_ih, &mut *f.db_hh] {
        y.fill(T::ZERO)
    }
    for g in 0..groups {
        let all = sums.part(g * 2 * columns, columns);
        // The hidden state's part of a GRU's new gate has gradients of its own.
        let own = if s.cell == Cell::Gru { 2 * hidden } else { wide };
        if !f.db_ih.is_empty() {
            gates::add(f.db_ih, &all[..wide])
        }
        if !f.db_hh.is_empty() {
            let (outer, new) = f.db_hh.split_at_mut(own);
            gates::add(outer, &all[..own]);
            gates::add(new, &all[wide..])
        }
    }
}
