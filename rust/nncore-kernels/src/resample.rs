//! Resampling along one axis: every output is a weighted sum of a few inputs. Images are resampled axis by axis.
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 14;

/// How values between the samples are found (PyTorch's meanings).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The sample at or before: `floor(i * scale)`.
    Nearest,
    /// The sample whose middle is nearest.
    NearestExact,
    Linear,
    /// Cubic convolution with a = -0.75 (Keys, 1981).
    Cubic,
    /// The mean of what an output covers.
    Area,
}

/// One axis, from `input` to `output` samples.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    pub input: usize,
    pub output: usize,
    pub mode: Mode,
    /// The first and the last samples of both sides lie on each other.
    pub align_corners: bool,
    /// Outputs an input where that was given, else 0: the ratio of the sizes.
    pub factor: f64,
}

impl Axis {
    /// How many inputs an output sums up at most.
    pub fn taps(&self) -> usize {
        match self.mode {
            Mode::Nearest | Mode::NearestExact => 1,
            Mode::Linear => 2,
            Mode::Cubic => 4,
            // A window that begins inside a sample reaches into one more.
            Mode::Area => self.input.div_ceil(self.output.max(1)) + 1,
        }
    }
    /// Inputs an output, in T's precision, as PyTorch computes it.
    fn scale<T: Float>(&self) -> T {
        let (a, b) = (self.input as f64, self.output as f64);
        match self.mode {
            Mode::Linear | Mode::Cubic if self.align_corners => match self.output {
                0 | 1 => T::ZERO,
                _ => T::of(a - 1.0) / T::of(b - 1.0),
            },
            _ if self.factor > 0.0 => T::of(1.0 / self.factor),
            _ => T::of(a) / T::of(b),
        }
    }
    /// Where output `j` lies among the inputs.
    fn source<T: Float>(&self, j: usize) -> T {
        let scale = self.scale::<T>();
        match self.align_corners {
            true => scale * T::of(j as f64),
            false => scale * (T::of(j as f64) + T::of(0.5)) - T::of(0.5),
        }
    }
    /// Writes the inputs of output `j` and their weights.
    fn fill<T: Float>(&self, j: usize, places: &mut [u32], weights: &mut [T]) {
        let last = self.input - 1;
        match self.mode {
            Mode::Nearest | Mode::NearestExact => {
                // PyTorch finds the nearest sample in float32 whatever the values are, or by integers.
                let middle = if self.mode == Mode::NearestExact { 0.5f32 } else { 0.0 };
                let at = match self.mode == Mode::Nearest {
                    true if self.output == self.input => j,
                    true if self.output == 2 * self.input => j / 2,
                    _ => ((j as f32 + middle) * self.scale::<f32>()).floor() as usize,
                };
                (places[0], weights[0]) = (at.min(last) as u32, T::ONE);
            }
            Mode::Linear => {
                let at = if self.input == self.output { j as f64 } else { self.source::<T>(j).f64().max(0.0) };
                let low = (at.floor() as usize).min(last);
                let t = (at - low as f64).clamp(0.0, 1.0);
                places.copy_from_slice(&[low as u32, (low + 1).min(last) as u32]);
                weights.copy_from_slice(&[T::ONE - T::of(t), T::of(t)]);
            }
            Mode::Cubic => {
                let at = self.source::<T>(j).f64();
                let low = at.floor().min(last as f64);
                let t = (at - low).clamp(0.0, 1.0);
                let near = |x: f64| (1.25 * x - 2.25) * x * x + 1.0;
                let far = |x: f64| ((-0.75 * x + 3.75) * x - 6.0) * x + 3.0;
                for (k, w) in [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)].into_iter().enumerate() {
                    places[k] = (low + k as f64 - 1.0).clamp(0.0, last as f64) as u32;
                    weights[k] = T::of(w);
                }
            }
            Mode::Area => {
                let start = j * self.input / self.output;
                let end = ((j + 1) * self.input).div_ceil(self.output);
                let (mut rest, n) = (T::of(1.0 / (end - start) as f64), places.len());
                for k in 0..n {
                    places[k] = (start + k).min(end - 1) as u32;
                    weights[k] = rest;
                    // Taps that are too many share the last sample's weight by halves: times 0 another's NaN would be NaN.
                    if start + k + 1 >= end && k + 1 < n {
                        rest *= T::of(0.5);
                        weights[k] = rest;
                    }
                }
            }
        }
    }
    /// Writes the table that [`resample`] and [`resample_gradient`] take: [`Axis::taps`] places and weights for each output.
    ///
    /// # Panics
    /// When lengths do not fit, or there is nothing to take samples from.
    pub fn table<T: Float>(&self, places: &mut [u32], weights: &mut [T]) {
        let n = self.taps();
        assert!(places.len() == n * self.output && weights.len() == places.len() && self.input > 0);
        for (j, (p, w)) in places.chunks_exact_mut(n).zip(weights.chunks_exact_mut(n)).enumerate() {
            self.fill(j, p, w)
        }
    }
}

/// `y[o, j, :] = sum over k of weights[j, k] x[o, places[j, k], :]`, of x (outer, input, inner) and y (outer, output, inner).
///
/// # Panics
/// When lengths do not fit, or a place is outside.
pub fn resample<T: Float>(a: &Axis, inner: usize, places: &[u32], weights: &[T], x: &[T], y: &mut [T]) {
    let (from, to) = (a.input * inner, a.output * inner);
    if y.is_empty() {
        return;
    }
    let outer = y.len() / to;
    assert!(x.len() == outer * from && y.len() == outer * to);
    let out = Parts::new(y);
    if inner == 1 {
        return split(outer, 1, (GRAIN / to).max(2), &|r| {
            for o in r {
                // Disjoint rows.
                let y = unsafe { out.part(o * to..(o + 1) * to) };
                points(places, weights, &x[o * from..(o + 1) * from], y, a.taps())
            }
        });
    }
    split(outer * a.output, 1, (GRAIN / inner).max(2), &|r| {
        for row in r {
            let (o, j) = (row / a.output, row % a.output);
            // Disjoint rows.
            let y = unsafe { out.part(row * inner..(row + 1) * inner) };
            let taps = j * a.taps()..(j + 1) * a.taps();
            rows(&places[taps.clone()], &weights[taps], &x[o * from..(o + 1) * from], y)
        }
    })
}

/// The gradient of [`resample`]: `dx[o, places[j, k], :] += weights[j, k] dy[o, j, :]`, from zeros.
///
/// # Panics
/// When lengths do not fit, or a place is outside.
pub fn resample_gradient<T: Float>(a: &Axis, inner: usize, places: &[u32], weights: &[T], dy: &[T], dx: &mut [T]) {
    let (from, to) = (a.input * inner, a.output * inner);
    if dx.is_empty() {
        return;
    }
    let outer = dx.len() / from;
    assert!(dx.len() == outer * from && dy.len() == outer * to);
    let out = Parts::new(dx);
    split(outer, 1, (GRAIN / to.max(from)).max(2), &|r| {
        for o in r {
            // Disjoint blocks.
            let dx = unsafe { out.part(o * from..(o + 1) * from) };
            scatter(places, weights, &dy[o * to..(o + 1) * to], dx, inner, a.taps())
        }
    })
}

simd! {
    fn points<T: Float>(places: &[u32], weights: &[T], x: &[T], y: &mut [T], taps: usize) {
        if taps == 1 {
            // Nearest: copies alone.
            for (y, p) in y.iter_mut().zip(places) { *y = x[*p as usize] }
        } else if taps == 2 {
            for (j, y) in y.iter_mut().enumerate() {
                let (a, b) = (x[places[2 * j] as usize], x[places[2 * j + 1] as usize]);
                *y = weights[2 * j].mul_add(a, weights[2 * j + 1] * b);
            }
        } else {
            for ((y, p), w) in y.iter_mut().zip(places.chunks_exact(taps)).zip(weights.chunks_exact(taps)) {
                let mut sum = T::ZERO;
                for k in 0..taps { sum = w[k].mul_add(x[p[k] as usize], sum) }
                *y = sum;
            }
        }
    }

    fn rows<T: Float>(places: &[u32], weights: &[T], x: &[T], y: &mut [T]) {
        let n = y.len();
        let row = |k: usize| &x[places[k] as usize * n..(places[k] as usize + 1) * n];
        if weights.len() == 1 {
            return y.copy_from_slice(row(0));
        }
        let (a, b, wa, wb) = (row(0), row(1), weights[0], weights[1]);
        for i in 0..n { y[i] = wa.mul_add(a[i], wb * b[i]) }
        for k in 2..weights.len() {
            let (x, w) = (row(k), weights[k]);
            for i in 0..n { y[i] = w.mul_add(x[i], y[i]) }
        }
    }

    fn scatter<T: Float>(places: &[u32], weights: &[T], dy: &[T], dx: &mut [T], inner: usize, taps: usize) {
        dx.fill(T::ZERO);
        for (j, dy) in dy.chunks_exact(inner).enumerate() {
            for k in j * taps..(j + 1) * taps {
                let (at, w) = (places[k] as usize * inner, weights[k]);
                if inner == 1 {
                    dx[at] = w.mul_add(dy[0], dx[at]);
                } else {
                    for (dx, dy) in dx[at..at + inner].iter_mut().zip(dy) { *dx = w.mul_add(*dy, *dx) }
                }
            }
        }
    }
}
