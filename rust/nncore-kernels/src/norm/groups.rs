//! Group normalization (and instance normalization, where every channel is a group), in either order of memory.
use super::columns::{fold, Grads, Moments};
use super::{apply, lanes};
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the samples.
const GRAIN: usize = 1 << 14;

/// How an operand lies: (samples, channels, positions), or (samples, positions, channels) where channels are `last`.
#[derive(Clone, Copy, Debug)]
pub struct Groups {
    pub samples: usize,
    pub channels: usize,
    pub positions: usize,
    /// A divisor of `channels`.
    pub groups: usize,
    pub last: bool,
}

impl Groups {
    fn sample(&self) -> usize {
        self.channels * self.positions
    }
    /// Channels of a group.
    fn width(&self) -> usize {
        self.channels / self.groups
    }
    fn check(&self, len: usize) {
        assert!(self.groups > 0 && self.channels.is_multiple_of(self.groups), "whole groups");
        assert_eq!(len, self.samples * self.sample());
    }
    /// Calls `f(sample)` for each sample, on all threads where that pays.
    fn each(&self, f: &(dyn Fn(usize) + Sync)) {
        split(self.samples, 1, (GRAIN / self.sample().max(1)).max(2), &|r| r.for_each(f))
    }
}

/// `y = (x - mean) * rstd * weight + bias`: `mean` and `rstd` of every group (samples, groups), `weight` and `bias` of
/// every channel.
///
/// # Panics
/// When lengths do not fit.
pub fn groups<T: Float>(
    g: &Groups,
    x: &[T],
    weight: Option<&[T]>,
    bias: Option<&[T]>,
    eps: f64,
    y: &mut [T],
    mean: &mut [T],
    rstd: &mut [T],
) {
    g.check(x.len());
    let (c, size, w, n) = (g.channels, g.sample(), g.width(), g.positions);
    assert!(y.len() == x.len() && mean.len() == g.samples * g.groups && rstd.len() == mean.len());
    assert!(weight.is_none_or(|v| v.len() == c) && bias.is_none_or(|v| v.len() == c));
    let (y, m, r) = (Parts::new(y), Parts::new(mean), Parts::new(rstd));
    g.each(&|s| {
        let at = s * size..(s + 1) * size;
        let own = s * g.groups..(s + 1) * g.groups;
        // Each sample has its own part of every output.
        let (y, mean, rstd) = unsafe { (y.part(at.clone()), m.part(own.clone()), r.part(own)) };
        let x = &x[at];
        let root = |r: &mut T| *r = T::of(1.0 / (r.f64() + eps).sqrt());
        let of =
            |i: usize, mean: T, rstd: T| [mean, rstd * weight.map_or(T::ONE, |v| v[i]), bias.map_or(T::ZERO, |v| v[i])];
        if g.last {
            statistics(g, x, mean, rstd);
            rstd.iter_mut().for_each(root);
            return apply::forward(x, y, n, c, &|i| of(i, mean[i / w], rstd[i / w]));
        }
        // Group by group: the second pass finds its planes in the cache.
        for (j, (mean, rstd)) in mean.iter_mut().zip(rstd).enumerate() {
            (*mean, *rstd) = plane_moments(x, j * w * n, w * n);
            root(rstd);
            for i in j * w..(j + 1) * w {
                plane(x, y, i * n, n, of(i, *mean, *rstd))
            }
        }
    });
}

/// Gradients of [`groups`]: by the input into `dx`, by weight and bias into `dw` and `db`. `sums` is scratch of two
/// numbers for each channel of each sample.
///
/// # Panics
/// When lengths do not fit.
pub fn groups_gradient<T: Float>(
    g: &Groups,
    x: &[T],
    dy: &[T],
    mean: &[T],
    rstd: &[T],
    weight: Option<&[T]>,
    dx: &mut [T],
    dw: &mut [T],
    db: &mut [T],
    sums: &mut [[f64; 2]],
) {
    g.check(x.len());
    let (c, size, w, n) = (g.channels, g.sample(), g.width(), g.positions);
    assert!(dy.len() == x.len() && dx.len() == x.len() && dw.len() == c && db.len() == c);
    assert!(mean.len() == g.samples * g.groups && rstd.len() == mean.len() && sums.len() == g.samples * c);
    assert!(weight.is_none_or(|v| v.len() == c));
    let (out, shared) = (Parts::new(dx), Parts::new(&mut *sums));
    g.each(&|s| {
        let at = s * size..(s + 1) * size;
        // Each sample has its own part of both.
        let (dx, sums) = unsafe { (out.part(at.clone()), shared.part(s * c..(s + 1) * c)) };
        let (x, dy) = (&x[at.clone()], &dy[at]);
        let (mean, rstd) = (&mean[s * g.groups..(s + 1) * g.groups], &rstd[s * g.groups..(s + 1) * g.groups]);
        // dx = rstd (g - mean(g) - xhat mean(g xhat)) with g = dy weight, both means over the group.
        let of = |i: usize, sums: &[[f64; 2]]| {
            let own = i / w * w..(i / w + 1) * w;
            let mut total = [0.0; 2];
            for j in own {
                let scale = weight.map_or(1.0, |v| v[j].f64());
                total = [total[0] + scale * sums[j][0], total[1] + scale * sums[j][1]];
            }
            let (r, k) = (rstd[i / w].f64(), 1.0 / (w * n) as f64);
            let scale = rstd[i / w] * weight.map_or(T::ONE, |v| v[i]);
            [mean[i / w], scale, T::of(-r * k * total[0]), T::of(-r * r * r * k * total[1])]
        };
        if g.last {
            fold(&Grads { x, dy, mean: &|i| mean[i / w] }, n, c, |i, t| sums[i] = t);
            let sums = &*sums;
            return apply::backward(x, dy, dx, n, c, &|i| of(i, sums));
        }
        for j in 0..g.groups {
            let own = j * w..(j + 1) * w;
            own.clone().for_each(|i| sums[i] = plane_sums(x, dy, i * n, n, mean[j]));
            own.for_each(|i| plane_combine(x, dy, dx, i * n, n, of(i, sums)));
        }
    });
    for i in 0..c {
        let (mut a, mut b) = (0.0, 0.0);
        for s in 0..g.samples {
            a += sums[s * c + i][1] * rstd[s * g.groups + i / w].f64();
            b += sums[s * c + i][0];
        }
        (dw[i], db[i]) = (T::of(a), T::of(b));
    }
}

/// Mean and biased variance of each group of one sample whose channels are last.
fn statistics<T: Float>(g: &Groups, x: &[T], mean: &mut [T], var: &mut [T]) {
    let (w, n) = (g.width(), g.positions as f64);
    // Channels arrive in order: each joins those of its group before it.
    let mut group = [0.0; 2];
    fold(&Moments { x }, g.positions, g.channels, |i, [m, m2]| {
        let before = (i % w) as f64;
        let d = m - group[0];
        group = match i % w {
            0 => [m, m2],
            _ => [group[0] + d / (before + 1.0), group[1] + m2 + d * d * n * before / (before + 1.0)],
        };
        if i % w == w - 1 {
            (mean[i / w], var[i / w]) = (T::of(group[0]), T::of(group[1] / (n * w as f64)));
        }
    });
}

simd! {
    fn plane_moments<T: Float>(x: &[T], at: usize, n: usize) -> (T, T) {
        let (m, v) = if n == 0 { (0.0, 0.0) } else { lanes::moments(&x[at..at + n]) };
        (T::of(m), T::of(v))
    }

    pub(super) fn plane<T: Float>(x: &[T], y: &mut [T], at: usize, n: usize, k: [T; 3]) {
        let [mean, scale, bias] = k;
        for (y, x) in y[at..at + n].iter_mut().zip(&x[at..at + n]) { *y = (*x - mean).mul_add(scale, bias) }
    }

    pub(super) fn plane_sums<T: Float>(x: &[T], dy: &[T], at: usize, n: usize, mean: T) -> [f64; 2] {
        lanes::products(&x[at..at + n], &dy[at..at + n], mean)
    }

    pub(super) fn plane_combine<T: Float>(x: &[T], dy: &[T], dx: &mut [T], at: usize, n: usize, k: [T; 4]) {
        let [mean, scale, shift, slope] = k;
        let (x, dy) = (&x[at..at + n], &dy[at..at + n]);
        for (i, dx) in dx[at..at + n].iter_mut().enumerate() {
            *dx = dy[i].mul_add(scale, (x[i] - mean).mul_add(slope, shift))
        }
    }
}
