//! Groups of few channels, as many in as out: the lanes hold the channels of several groups.
//!
//! Such a convolution goes the way of the depthwise one, but each output channel sums up the channels of its own group:
//! for each of them the input is rearranged so that every lane holds its group's.
use super::depthwise::AHEAD;
use super::kernel::rows;
use super::lanes::Spread;
use super::pack::Panels;
use super::problem::Problem;
use super::table::Kernels;
use super::{depthwise, Raw};
use crate::num::Float;

/// Taps of a sum, the most first.
const TAPS: [usize; 3] = [9, 3, 1];

/// The kernels of one instruction set.
#[derive(Clone, Copy)]
pub(super) struct Grouped<T> {
    pub strip: fn(pixels: usize) -> depthwise::StripFn<T>,
    pub sums: fn(taps: usize) -> SumsFn<T>,
}
pub(super) type SumsFn<T> = unsafe fn(&depthwise::Sums<T>, group: usize, k: usize);

/// The problem as all channels side by side, where this way suits it.
pub(super) fn lowered<T: Float>(kernels: &Kernels<T>, p: &Problem) -> Problem {
    let fits = kernels.grouped.is_some()
        && p.groups > 1
        && p.c == p.m
        && p.c > 1
        && p.c < kernels.lanes
        && p.c.is_power_of_two();
    if !fits {
        return *p;
    }
    Problem { m: p.m * p.groups, groups: 1, depthwise: true, ..*p }
}

/// Packs the weights of a lowered problem as `[panel][tap][channel of the group][column]`.
pub(super) unsafe fn pack<T: Float>(p: &Problem, panels: &Panels, w: *const T, out: *mut T) {
    let (w, out, view) = (Raw(w as *mut T), Raw(out), p.weights);
    for panel in (0..panels.count()).map(|j| panels.get(j)) {
        let width = panel.vectors * panels.lanes;
        for (t, k) in (0..p.taps()).flat_map(|t| (0..p.c).map(move |k| (t, k))) {
            let from = p.weight_tap(t / p.cols.taps, t % p.cols.taps) * view.tap + k * view.k;
            let to = out.get().add(panel.offset + (t * p.c + k) * width);
            for i in 0..width {
                let (j, inside) = (panel.first + i, i < panel.columns);
                let at = from + j / p.c * view.group + j % p.c * view.column;
                *to.add(i) = if inside { *w.get().add(at) } else { T::ZERO };
            }
        }
    }
}

/// [`depthwise::strip`] for one vector of channels in groups of `a.group`.
#[inline(always)]
pub(super) unsafe fn strip<S: Spread, const MR: usize>(a: &depthwise::Strip<S::T>) {
    let mask = S::mask(a.last);
    let mut acc = [S::zero(); MR];
    rows!(i => { S::prefetch((a.y as *const S::T).wrapping_add(i * a.y_step)) });
    if a.accumulate {
        rows!(i => { acc[i] = S::load_masked((a.y as *const S::T).add(i * a.y_step), mask) });
    } else if !a.bias.is_null() {
        acc = [S::load_masked(a.bias, mask); MR];
    }
    let firsts = S::firsts(a.group);
    for r in 0..a.rows {
        let mut x = (*a.x.add(r)).wrapping_add(a.offset + a.channel);
        let mut w = a.weights.add(*a.taps.add(r) * a.group * S::N);
        if r + 1 == a.rows {
            rows!(i => { S::prefetch(x.wrapping_add((i + AHEAD) * a.x_step)) });
        }
        for _ in 0..a.cols {
            let mut from = firsts;
            for _ in 0..a.group {
                let weight = S::load(w);
                rows!(i => {
                    let v = S::load_masked(x.wrapping_add(i * a.x_step), mask);
                    acc[i] = S::fma(S::spread(v, from), weight, acc[i])
                });
                from = S::next(from);
                w = w.wrapping_add(S::N);
            }
            x = x.wrapping_add(a.col_step);
        }
    }
    rows!(i => { S::store_masked(a.y.add(i * a.y_step), mask, acc[i]) });
}

/// `sums[tap] += sum over pixels of dy times channel k of its group in x[tap]`, for one vector of channels, `MR` taps.
#[inline(always)]
pub(super) unsafe fn sums<S: Spread, const MR: usize>(a: &depthwise::Sums<S::T>, group: usize, k: usize) {
    let mask = S::mask(a.channels);
    let mut from = S::firsts(group);
    for _ in 0..k {
        from = S::next(from);
    }
    let mut acc = [S::zero(); MR];
    rows!(i => { acc[i] = S::load_masked(a.sums[i], mask) });
    for p in 0..a.pixels {
        let dy = a.dy.wrapping_add(p * a.dy_step);
        if k == 0 {
            S::prefetch(dy.wrapping_add(AHEAD * a.dy_step));
            S::prefetch(a.x[MR - 1].wrapping_add((p + AHEAD) * a.x_step));
        }
        let g = S::load_masked(dy, mask);
        rows!(i => {
            let v = S::load_masked(a.x[i].wrapping_add(p * a.x_step), mask);
            acc[i] = S::fma(g, S::spread(v, from), acc[i])
        });
    }
    rows!(i => { S::store_masked(a.sums[i], mask, acc[i]) });
}

/// All channels of the run that `a` describes, with the sums' first channel of the group.
pub(super) unsafe fn add_taps<T: Float>(
    grouped: &Grouped<T>,
    lanes: usize,
    p: &Problem,
    a: &depthwise::Sums<T>,
    count: usize,
) {
    let mut at = 0;
    while at < count {
        let size = TAPS.into_iter().find(|size| *size <= count - at).unwrap_or(1);
        let run = (grouped.sums)(size);
        for (c, k) in (0..p.m).step_by(lanes).flat_map(|c| (0..p.c).map(move |k| (c, k))) {
            let mut some = depthwise::Sums { dy: a.dy.add(c), channels: (p.m - c).min(lanes), ..*a };
            for i in 0..size {
                (some.x[i], some.sums[i]) = (a.x[at + i].add(c), a.sums[at + i].add(k * p.m + c));
            }
            run(&some, p.c, k)
        }
        at += size;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{problem, table, Conv};
    use super::lowered;

    /// What [`lowered`] makes of a forward pass with so many channels in and out of each of four groups.
    fn taken(ci: usize, co: usize) -> bool {
        let geometry = Conv {
            n: 1,
            ci: 4 * ci,
            co: 4 * co,
            groups: 4,
            input: [1, 8, 8],
            kernel: [1, 3, 3],
            output: [1, 8, 8],
            stride: [1; 3],
            padding: [0, 1, 1],
            dilation: [1; 3],
        };
        lowered(table::kernels::<f32>(), &problem::forward(&geometry)).depthwise
    }

    #[test]
    fn groups_lie_side_by_side_where_lanes_can_be_rearranged() {
        let can = table::kernels::<f32>().grouped.is_some();
        assert_eq!(can, crate::cpu::path() != crate::cpu::Path::Portable);
        assert_eq!([2, 4].map(|c| taken(c, c)), [can; 2]);
        assert!(taken(1, 1), "depthwise needs no rearranging");
        assert!(![(3, 3), (4, 8), (16, 16)].into_iter().any(|(ci, co)| taken(ci, co)));
    }
}
