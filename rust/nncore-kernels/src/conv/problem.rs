//! A convolution lowered to what the kernels run: sums over taps, with strides for everything.
//!
//! The forward pass is one such problem. The input gradient is one for each phase of the stride, every one of them of
//! stride 1 over the output's gradient, so no zeros are ever interleaved. Dilation and groups are only strides.
use super::Conv;

/// One axis of the kernel window: tap `i` reads input index `o * stride + at + i * step`, and has weight index
/// `weight + i * weight_step`. Ascending in the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub taps: usize,
    pub at: isize,
    pub step: usize,
    pub weight: isize,
    pub weight_step: isize,
}

impl Axis {
    /// Input offset of the last tap.
    pub fn last(&self) -> isize {
        self.at + (self.taps.max(1) - 1) as isize * self.step as isize
    }
    /// The taps that find their index in `0..size` for output `o`, a bit each. Needs at most 32 taps.
    #[inline]
    pub fn live(&self, o: usize, stride: usize, size: usize) -> u32 {
        let first = (o * stride) as isize + self.at;
        let last = (o * stride) as isize + self.last();
        if first >= 0 && last < size as isize {
            return ((1u64 << self.taps) - 1) as u32;
        }
        let mut bits = 0;
        for i in 0..self.taps {
            let at = first + (i * self.step) as isize;
            bits |= u32::from(at >= 0 && at < size as isize) << i;
        }
        bits
    }
    /// Outputs in `0..outputs` for which tap `i` finds its index in `0..size`.
    pub fn range(&self, i: usize, stride: usize, size: usize, outputs: usize) -> std::ops::Range<usize> {
        let at = self.at + (i * self.step) as isize;
        let lo = ((-at).max(0) as usize).div_ceil(stride).min(outputs);
        let hi = if size as isize > at { ((size as isize - at) as usize).div_ceil(stride).min(outputs) } else { 0 };
        lo..hi.max(lo)
    }
    /// How far beyond `0..size` the window reaches, before and after.
    fn overhang(&self, outputs: usize, stride: usize, size: usize) -> (usize, usize) {
        let after = ((outputs.max(1) - 1) * stride) as isize + self.last() - (size as isize - 1);
        ((-self.at).max(0) as usize, after.max(0) as usize)
    }
}

/// Strides of the weights, seen by tap (row-major over the window), by reduced channel, by produced channel and group.
#[derive(Clone, Copy, Debug)]
pub(super) struct WeightView {
    pub tap: usize,
    pub k: usize,
    pub column: usize,
    pub group: usize,
}

/// `y[n, h, w, :m] = sum over taps of x[n, h * sh + dh, w * sw + dw, :c] * weight[tap]`, for each group; strides in
/// elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    pub n: usize,
    /// Reduced and produced channels of one group.
    pub c: usize,
    pub m: usize,
    pub groups: usize,
    /// Every channel by itself: `m` of them, nothing reduced but taps (`c` is 1).
    pub depthwise: bool,
    /// Input extents and strides (image, row, pixel).
    pub h: usize,
    pub w: usize,
    pub xi: usize,
    pub xr: usize,
    pub xp: usize,
    /// Output extents, strides, and the first element.
    pub oh: usize,
    pub ow: usize,
    pub yi: usize,
    pub yr: usize,
    pub yp: usize,
    pub y0: usize,
    pub sh: usize,
    pub sw: usize,
    pub rows: Axis,
    pub cols: Axis,
    /// Columns of the whole window, to number weight taps.
    pub kw: usize,
    pub weights: WeightView,
}

impl Problem {
    /// Groups of one channel each, taken together.
    fn channelwise(self) -> Problem {
        if self.groups == 1 || self.c != 1 || self.m != 1 {
            return self;
        }
        let weights = WeightView { column: self.weights.group, ..self.weights };
        Problem { m: self.groups, groups: 1, depthwise: true, weights, ..self }
    }
    pub fn taps(&self) -> usize {
        self.rows.taps * self.cols.taps
    }
    pub fn pixels(&self) -> usize {
        self.n * self.oh * self.ow
    }
    pub fn flops(&self) -> usize {
        2 * self.pixels() * self.m * self.c * self.taps() * self.groups
    }
    /// First weight of tap (i, j), in units of taps.
    pub fn weight_tap(&self, i: usize, j: usize) -> usize {
        let row = self.rows.weight + i as isize * self.rows.weight_step;
        let col = self.cols.weight + j as isize * self.cols.weight_step;
        row as usize * self.kw + col as usize
    }
    /// Few channels: a window's row, adjacent in a zero-padded copy, can stand in for the channels.
    pub fn mergeable(&self) -> bool {
        self.cols.taps > 1 && self.cols.step == 1 && self.xp == self.c && self.c <= 8 && self.c * self.cols.taps <= 128
    }
    /// Must the input be copied into a zero-padded buffer? Also where a window has more rows than there are bits.
    pub fn padded(&self) -> bool {
        self.mergeable() || self.rows.taps > 32 || self.cols.taps > 32
    }
    /// This problem over the padded copy, merged where possible, and how to make the copy: not at all when no window
    /// reaches beyond the input.
    pub fn pad(&self) -> (Problem, Option<Padding>) {
        let (top, bottom) = self.rows.overhang(self.oh, self.sh, self.h);
        let (left, right) = self.cols.overhang(self.ow, self.sw, self.w);
        let mut p = *self;
        let mut padding = None;
        if top + bottom + left + right > 0 {
            let (h, w, pixel) = (self.h + top + bottom, self.w + left + right, self.xp);
            padding = Some(Padding { n: self.n, h, w, top, left, pixel, from: *self });
            (p.h, p.w, p.xi, p.xr) = (h, w, h * w * pixel, w * pixel);
            p.rows.at += top as isize;
            p.cols.at += left as isize;
        }
        if self.mergeable() {
            p.c *= p.cols.taps;
            p.cols.taps = 1;
        }
        (p, padding)
    }
    /// Elements of the padded copy.
    pub fn padded_len(&self) -> usize {
        if !self.padded() {
            return 0;
        }
        self.pad().1.map_or(0, |p| p.len())
    }
}

/// A zero-padded copy of a problem's input: extents, where the input starts in it, elements of a pixel.
#[derive(Clone, Copy)]
pub(super) struct Padding {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub top: usize,
    pub left: usize,
    pub pixel: usize,
    pub from: Problem,
}

/// The forward pass as a problem.
pub(super) fn forward(c: &Conv) -> Problem {
    let (oh, ow) = (c.oh(), c.ow());
    let (ci, co) = (c.ci / c.groups, c.co / c.groups);
    let row = c.kh * c.kw * ci;
    let axis = |taps, pad: usize, step| Axis { taps, at: -(pad as isize), step, weight: 0, weight_step: 1 };
    Problem {
        n: c.n,
        c: ci,
        m: co,
        groups: c.groups,
        depthwise: false,
        h: c.h,
        w: c.w,
        xi: c.h * c.w * c.ci,
        xr: c.w * c.ci,
        xp: c.ci,
        oh,
        ow,
        yi: oh * ow * c.co,
        yr: ow * c.co,
        yp: c.co,
        y0: 0,
        sh: c.stride.0,
        sw: c.stride.1,
        rows: axis(c.kh, c.padding.0, c.dilation.0),
        cols: axis(c.kw, c.padding.1, c.dilation.1),
        kw: c.kw,
        weights: WeightView { tap: ci, k: 1, column: row, group: co * row },
    }
    .channelwise()
}

/// Calls `f` with the problem of each phase of the stride that has outputs; one without taps is all zeros.
pub(super) fn input_gradient(c: &Conv, mut f: impl FnMut(&Problem)) {
    let (oh, ow) = (c.oh(), c.ow());
    let (ci, co) = (c.ci / c.groups, c.co / c.groups);
    let row = c.kh * c.kw * ci;
    let (sh, sw) = c.stride;
    for a in 0..sh.min(c.h) {
        for b in 0..sw.min(c.w) {
            let p = Problem {
                n: c.n,
                c: co,
                m: ci,
                groups: c.groups,
                depthwise: false,
                h: oh,
                w: ow,
                xi: oh * ow * c.co,
                xr: ow * c.co,
                xp: c.co,
                oh: (c.h - a).div_ceil(sh),
                ow: (c.w - b).div_ceil(sw),
                yi: c.h * c.w * c.ci,
                yr: sh * c.w * c.ci,
                yp: sw * c.ci,
                y0: (a * c.w + b) * c.ci,
                sh: 1,
                sw: 1,
                rows: phase(a, c.kh, sh, c.padding.0, c.dilation.0),
                cols: phase(b, c.kw, sw, c.padding.1, c.dilation.1),
                kw: c.kw,
                weights: WeightView { tap: ci, k: row, column: 1, group: co * row },
            };
            f(&p.channelwise())
        }
    }
}

/// The taps that reach inputs `a, a + stride, …`: those with `a + pad - i * dilation` divisible by the stride. They are
/// `stride / gcd` apart in the weights and `dilation / gcd` in the output's gradient, backwards.
fn phase(a: usize, k: usize, stride: usize, pad: usize, dilation: usize) -> Axis {
    let at = |i: usize| (a + pad) as isize - (i * dilation) as isize;
    let gcd = gcd(stride, dilation);
    let apart = stride / gcd;
    let Some(first) = (0..apart.min(k)).find(|&i| at(i).rem_euclid(stride as isize) == 0) else {
        return Axis { taps: 0, at: 0, step: 1, weight: 0, weight_step: 0 };
    };
    let taps = (k - first).div_ceil(apart);
    let last = first + (taps - 1) * apart;
    Axis {
        taps,
        at: at(last).div_euclid(stride as isize),
        step: dilation / gcd,
        weight: last as isize,
        weight_step: -(apart as isize),
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}
