//! Sampling of images and volumes at points of a grid, channels last (PyTorch's meanings of modes and paddings).
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 13;
/// Axes at most.
const AXES: usize = 3;

/// How values between the elements are found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Linear,
    Nearest,
    /// Cubic convolution with a = -0.75 (Keys, 1981).
    Cubic,
}
/// What lies outside of the image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Padding {
    Zeros,
    /// The nearest element of the border.
    Border,
    /// The image's mirror image.
    Reflection,
}
/// Which points are sampled how.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    /// Sizes of the axes, the slowest first; images have 1 in front.
    pub sizes: [usize; AXES],
    pub channels: usize,
    /// Coordinates of a point, x first: 2 or 3.
    pub coordinates: usize,
    /// Points an image.
    pub points: usize,
    pub mode: Mode,
    pub padding: Padding,
    /// Do -1 and 1 mean the middles of the outermost elements, or their outer edges?
    pub align_corners: bool,
}

/// The elements along one axis that a point is made of.
#[derive(Clone, Copy)]
struct Taps<T> {
    count: usize,
    /// None outside of the image.
    at: [Option<usize>; 4],
    weight: [T; 4],
    /// How fast the weight grows with the coordinate.
    slope: [T; 4],
}

impl Sampler {
    /// Elements of an image.
    #[inline(always)]
    fn image(&self) -> usize {
        self.sizes.iter().product::<usize>() * self.channels
    }
    /// A place moved into the image, with the factor of its slope.
    #[inline(always)]
    fn padded<T: Float>(&self, mut at: T, mut slope: T, size: usize) -> (T, T) {
        let (last, half) = (T::of(size as f64 - 1.0), T::of(0.5));
        if self.padding == Padding::Zeros {
            return (at, slope);
        }
        if self.padding == Padding::Reflection {
            let (low, span) = if self.align_corners { (T::ZERO, last) } else { (-half, last + T::ONE) };
            if span == T::ZERO {
                return (T::ZERO, T::ZERO);
            }
            at -= low;
            if at < T::ZERO {
                (at, slope) = (-at, -slope);
            }
            let (rest, flips) = (at.rem(span), (at / span).floor());
            if flips.rem(T::of(2.0)) == T::ZERO {
                at = rest + low;
            } else {
                (at, slope) = (span - rest + low, -slope);
            }
        }
        // NaN goes to the border, too. At the border itself nothing moves.
        if at <= T::ZERO || at.is_nan() {
            (T::ZERO, T::ZERO)
        } else if at >= last {
            (last, T::ZERO)
        } else {
            (at, slope)
        }
    }
    #[inline(always)]
    fn taps<T: Float>(&self, coordinate: T, size: usize) -> Taps<T> {
        let (n, half) = (T::of(size as f64), T::of(0.5));
        let (mut at, mut slope) = match self.align_corners {
            true => ((coordinate + T::ONE) * half * (n - T::ONE), (n - T::ONE) * half),
            false => (((coordinate + T::ONE) * n - T::ONE) * half, n * half),
        };
        if self.mode != Mode::Cubic {
            (at, slope) = self.padded(at, slope, size);
        }
        let inside = |at: T| (at >= T::ZERO && at <= n - T::ONE).then(|| at.f64() as usize);
        let low = at.floor();
        let t = at - low;
        let mut taps = Taps { count: 1, at: [None; 4], weight: [T::ONE; 4], slope: [T::ZERO; 4] };
        match self.mode {
            Mode::Nearest => taps.at[0] = inside(at.rint()),
            Mode::Linear => {
                taps.count = 2;
                taps.at[..2].copy_from_slice(&[inside(low), inside(low + T::ONE)]);
                taps.weight[..2].copy_from_slice(&[T::ONE - t, t]);
                taps.slope[..2].copy_from_slice(&[-slope, slope]);
            }
            Mode::Cubic => {
                taps.count = 4;
                for k in 0..4 {
                    let place = low + T::of(k as f64 - 1.0);
                    taps.at[k] = inside(self.padded(place, T::ZERO, size).0);
                    let (weight, steep) = cubic(t - T::of(k as f64 - 1.0));
                    (taps.weight[k], taps.slope[k]) = (weight, steep * slope);
                }
            }
        }
        taps
    }
    /// The taps of a point along all axes, the slowest first.
    #[inline(always)]
    fn point<T: Float>(&self, coordinates: &[T]) -> [Taps<T>; AXES] {
        let alone = Taps { count: 1, at: [Some(0), None, None, None], weight: [T::ONE; 4], slope: [T::ZERO; 4] };
        let mut all = [alone; AXES];
        for (k, c) in coordinates.iter().enumerate() {
            all[AXES - 1 - k] = self.taps(*c, self.sizes[AXES - 1 - k]);
        }
        all
    }
}
/// The weight of an element at distance `d` of up to 2, and its slope by `d`.
#[inline(always)]
fn cubic<T: Float>(d: T) -> (T, T) {
    let (x, n) = (d.abs(), T::of);
    let (weight, slope) = if x <= T::ONE {
        ((n(1.25) * x - n(2.25)) * x * x + n(1.0), (n(3.75) * x - n(4.5)) * x)
    } else {
        (((n(-0.75) * x + n(3.75)) * x - n(6.0)) * x + n(3.0), (n(-2.25) * x + n(7.5)) * x - n(6.0))
    };
    (weight, if d < T::ZERO { -slope } else { slope })
}

/// Samples images (n, sizes, channels) at a grid (n, points, coordinates) into (n, points, channels).
///
/// # Panics
/// When lengths do not fit.
pub fn sample<T: Float>(s: &Sampler, x: &[T], grid: &[T], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let all = out.len() / s.channels;
    assert!(grid.len() == all * s.coordinates && x.len() == all / s.points * s.image());
    let parts = Parts::new(out);
    split(all, 1, (GRAIN / s.channels).max(2), &|r| {
        // Disjoint points.
        let out = unsafe { parts.part(r.start * s.channels..r.end * s.channels) };
        sample_points(s, x, &grid[r.start * s.coordinates..r.end * s.coordinates], r.start, out)
    })
}
/// The gradients of [`sample`] by the images and by the grid, either of which may be empty for none.
///
/// # Panics
/// When lengths do not fit.
pub fn sample_gradient<T: Float>(s: &Sampler, x: &[T], grid: &[T], dy: &[T], dx: &mut [T], dgrid: &mut [T]) {
    let (image, part) = (s.image(), s.points * s.coordinates);
    assert!(dx.is_empty() || dx.len() == x.len());
    assert!(dgrid.is_empty() || dgrid.len() == grid.len());
    dx.fill(T::ZERO);
    dgrid.fill(T::ZERO);
    if dy.is_empty() || image == 0 {
        return;
    }
    let n = grid.len() / part;
    assert!(x.len() == n * image && dy.len() == n * s.points * s.channels);
    let all = [Parts::new(dx), Parts::new(dgrid)];
    split(n, 1, (GRAIN / (s.points * s.channels)).max(2), &|r| {
        for i in r {
            // An image is one share's: many points meet in its elements.
            let (dx, dgrid) = unsafe { (own(&all[0], i, image), own(&all[1], i, part)) };
            let (points, channels) = (i * s.points, s.channels);
            let dy = &dy[points * channels..(points + s.points) * channels];
            gradient_points(s, &x[i * image..(i + 1) * image], &grid[i * part..(i + 1) * part], dy, dx, dgrid)
        }
    })
}
/// The `i`-th of equal parts; nothing of nothing.
///
/// # Safety
/// As for [`Parts::part`].
#[allow(clippy::mut_from_ref)]
unsafe fn own<T>(p: &Parts<T>, i: usize, each: usize) -> &mut [T] {
    p.part(if p.len() == 0 { 0..0 } else { i * each..(i + 1) * each })
}

/// The elements inside of the image that a point is made of, by the numbers of their taps: loops without a closure, which would
/// be compiled without the instruction set.
macro_rules! each {
    ($s:ident, $taps:ident, |$at:ident, $i:ident, $j:ident, $k:ident| $body:block) => {
        for $i in 0..$taps[0].count {
            let Some(z) = $taps[0].at[$i] else { continue };
            for $j in 0..$taps[1].count {
                let Some(y) = $taps[1].at[$j] else { continue };
                for $k in 0..$taps[2].count {
                    let Some(x) = $taps[2].at[$k] else { continue };
                    let $at = ((z * $s.sizes[1] + y) * $s.sizes[2] + x) * $s.channels;
                    $body
                }
            }
        }
    };
}

simd! {
    fn sample_points<T: Float>(s: &Sampler, x: &[T], grid: &[T], first: usize, out: &mut [T]) {
        out.fill(T::ZERO);
        for (i, (point, out)) in grid.chunks_exact(s.coordinates).zip(out.chunks_exact_mut(s.channels)).enumerate() {
            let image = (first + i) / s.points * s.image();
            let taps = s.point(point);
            each!(s, taps, |at, a, b, c| {
                let w = taps[0].weight[a] * taps[1].weight[b] * taps[2].weight[c];
                let near = &x[image + at..image + at + out.len()];
                for (y, x) in out.iter_mut().zip(near) {
                    *y = w.mul_add(*x, *y)
                }
            });
        }
    }

    fn gradient_points<T: Float>(s: &Sampler, x: &[T], grid: &[T], dy: &[T], dx: &mut [T], dgrid: &mut [T]) {
        for (i, (point, dy)) in grid.chunks_exact(s.coordinates).zip(dy.chunks_exact(s.channels)).enumerate() {
            let taps = s.point(point);
            let mut slopes = [T::ZERO; AXES];
            each!(s, taps, |at, a, b, c| {
                let [wa, wb, wc] = [taps[0].weight[a], taps[1].weight[b], taps[2].weight[c]];
                if !dx.is_empty() {
                    let w = wa * wb * wc;
                    for (dx, dy) in dx[at..at + dy.len()].iter_mut().zip(dy) {
                        *dx = w.mul_add(*dy, *dx)
                    }
                }
                if !dgrid.is_empty() {
                    let mut dot = T::ZERO;
                    for (near, dy) in x[at..at + dy.len()].iter().zip(dy) {
                        dot = near.mul_add(*dy, dot)
                    }
                    slopes[0] += taps[0].slope[a] * wb * wc * dot;
                    slopes[1] += wa * taps[1].slope[b] * wc * dot;
                    slopes[2] += wa * wb * taps[2].slope[c] * dot;
                }
            });
            if !dgrid.is_empty() {
                for (k, g) in dgrid[i * s.coordinates..(i + 1) * s.coordinates].iter_mut().enumerate() {
                    *g = slopes[AXES - 1 - k]
                }
            }
        }
    }
}
