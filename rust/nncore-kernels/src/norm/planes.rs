//! Batch normalization of row-major (samples, channels, positions): every channel is a plane of each sample.
use super::groups::{plane, plane_combine, plane_sums};
use super::lanes;
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the planes.
const GRAIN: usize = 1 << 14;

/// Sizes of an operand.
#[derive(Clone, Copy, Debug)]
pub struct Planes {
    pub samples: usize,
    pub channels: usize,
    pub positions: usize,
}

impl Planes {
    fn len(&self) -> usize {
        self.samples * self.channels * self.positions
    }
    /// Calls `f(plane)` for all planes, on all threads where that pays.
    fn each(&self, f: &(dyn Fn(usize) + Sync)) {
        split(self.samples * self.channels, 1, (GRAIN / self.positions.max(1)).max(2), &|r| r.for_each(f))
    }
    /// Writes the two numbers `f(plane)` for each plane.
    fn sums(&self, sums: &mut [[f64; 2]], f: &(dyn Fn(usize) -> [f64; 2] + Sync)) {
        assert_eq!(sums.len(), self.samples * self.channels);
        let out = Parts::new(sums);
        // Each plane has its own numbers.
        self.each(&|i| unsafe { out.part(i..i + 1)[0] = f(i) });
    }
}

/// Mean and biased variance of every channel. `sums` is scratch of two numbers for each plane.
///
/// # Panics
/// When lengths do not fit.
pub fn planes_statistics<T: Float>(p: &Planes, x: &[T], mean: &mut [T], var: &mut [T], sums: &mut [[f64; 2]]) {
    assert!(x.len() == p.len() && mean.len() == p.channels && var.len() == p.channels);
    let n = p.positions;
    p.sums(sums, &|i| moments(x, i * n, n));
    for c in 0..p.channels {
        // Planes of one size join each other as their means lie apart (Chan, Golub and LeVeque, 1983).
        let (mut m, mut v) = (0.0, 0.0);
        for s in 0..p.samples {
            let [own, spread] = sums[s * p.channels + c];
            let (before, d) = (s as f64, own - m);
            m += d / (before + 1.0);
            v += spread + d * d * before / (before + 1.0);
        }
        (mean[c], var[c]) = (T::of(m), T::of(v / p.samples.max(1) as f64));
    }
}

/// `y = (x - mean) * rstd * weight + bias` by channel.
///
/// # Panics
/// When lengths do not fit.
pub fn planes_normalize<T: Float>(
    p: &Planes,
    x: &[T],
    mean: &[T],
    rstd: &[T],
    weight: Option<&[T]>,
    bias: Option<&[T]>,
    y: &mut [T],
) {
    assert!(x.len() == p.len() && y.len() == x.len());
    let out = Parts::new(y);
    let n = p.positions;
    p.each(&|i| {
        let c = i % p.channels;
        let scale = rstd[c] * weight.map_or(T::ONE, |w| w[c]);
        // Each plane has its own part.
        let y = unsafe { out.part(i * n..(i + 1) * n) };
        plane(&x[i * n..(i + 1) * n], y, 0, n, [mean[c], scale, bias.map_or(T::ZERO, |b| b[c])])
    });
}

/// Gradients of [`planes_normalize`], as [`super::gradient`] gives them. `sums` is scratch of two numbers for each plane.
///
/// # Panics
/// When lengths do not fit.
pub fn planes_gradient<T: Float>(
    p: &Planes,
    x: &[T],
    dy: &[T],
    mean: &[T],
    rstd: &[T],
    weight: Option<&[T]>,
    training: bool,
    dx: &mut [T],
    dw: &mut [T],
    db: &mut [T],
    sums: &mut [[f64; 2]],
) {
    assert!(x.len() == p.len() && dy.len() == x.len() && dx.len() == x.len());
    assert!(dw.len() == p.channels && db.len() == p.channels);
    let (n, channels) = (p.positions, p.channels);
    p.sums(sums, &|i| plane_sums(x, dy, i * n, n, mean[i % channels]));
    for c in 0..channels {
        let total = |k: usize| (0..p.samples).map(|s| sums[s * channels + c][k]).sum::<f64>();
        (db[c], dw[c]) = (T::of(total(0)), T::of(total(1) * rstd[c].f64()));
    }
    let (out, dw, db) = (Parts::new(dx), &*dw, &*db);
    let k = if training { -1.0 / (p.samples * n) as f64 } else { 0.0 };
    p.each(&|i| {
        let c = i % channels;
        let scale = rstd[c] * weight.map_or(T::ONE, |w| w[c]);
        let k = scale * T::of(k);
        let at = i * n..(i + 1) * n;
        // Each plane has its own part.
        let dx = unsafe { out.part(at.clone()) };
        plane_combine(&x[at.clone()], &dy[at], dx, 0, n, [mean[c], scale, k * db[c], k * rstd[c] * dw[c]])
    });
}

simd! {
    fn moments<T: Float>(x: &[T], at: usize, n: usize) -> [f64; 2] {
        let (m, v) = lanes::moments(&x[at..at + n]);
        [m, v]
    }
}
