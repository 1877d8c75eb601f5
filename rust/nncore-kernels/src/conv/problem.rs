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
    /// Without the first and last taps that find their index for no output at all.
    fn trimmed(self, stride: usize, size: usize, outputs: usize) -> Axis {
        let live = |i: &usize| !self.range(*i, stride, size, outputs).is_empty();
        let (Some(first), Some(last)) = ((0..self.taps).find(live), (0..self.taps).rfind(live)) else {
            return Axis { taps: 0, ..self };
        };
        Axis {
            taps: last + 1 - first,
            at: self.at + (first * self.step) as isize,
            weight: self.weight + first as isize * self.weight_step,
            ..self
        }
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

/// `y[n, d, h, w, :m] = sum over taps of x[n, d * sd + dd, h * sh + dh, w * sw + dw, :c] * weight[tap]`, for each group;
/// strides in elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    pub n: usize,
    /// Reduced and produced channels of one group.
    pub c: usize,
    pub m: usize,
    pub groups: usize,
    /// Every channel by itself: `m` of them, nothing reduced but taps (`c` is 1). Or in groups of `c`, see `grouped`.
    pub depthwise: bool,
    /// Input extents and strides (image, plane, row, pixel).
    pub d: usize,
    pub h: usize,
    pub w: usize,
    pub xi: usize,
    pub xd: usize,
    pub xr: usize,
    pub xp: usize,
    /// Output extents, strides, and the first element.
    pub od: usize,
    pub oh: usize,
    pub ow: usize,
    pub yi: usize,
    pub yd: usize,
    pub yr: usize,
    pub yp: usize,
    pub y0: usize,
    pub sd: usize,
    pub sh: usize,
    pub sw: usize,
    pub planes: Axis,
    pub rows: Axis,
    pub cols: Axis,
    /// Rows and columns of the whole window, to number weight taps.
    pub kh: usize,
    pub kw: usize,
    pub weights: WeightView,
}

impl Problem {
    /// The same with less to walk: planes that do not mix are images, groups of one channel each are taken together.
    fn simplified(self) -> Problem {
        let mut p = self;
        if p.planes.taps == 1
            && p.planes.at == 0
            && p.sd == 1
            && p.od == p.d
            && p.xi == p.d * p.xd
            && p.yi == p.od * p.yd
        {
            (p.n, p.d, p.od, p.xi, p.yi) = (p.n * p.d, 1, 1, p.xd, p.yd);
        }
        p.channelwise()
    }
    fn channelwise(self) -> Problem {
        if self.groups == 1 || self.c != 1 || self.m != 1 {
            return self;
        }
        let weights = WeightView { column: self.weights.group, ..self.weights };
        Problem { m: self.groups, groups: 1, depthwise: true, weights, ..self }
    }
    /// The same without taps that lie in the border for every output: a 3x3 window over one pixel has one tap, and needs
    /// one of nine weights. Not for weight gradients, whose layout has all taps.
    pub fn trimmed(&self) -> Problem {
        Problem {
            planes: self.planes.trimmed(self.sd, self.d, self.od),
            rows: self.rows.trimmed(self.sh, self.h, self.oh),
            cols: self.cols.trimmed(self.sw, self.w, self.ow),
            ..*self
        }
    }
    /// Rows of the window, over all of its planes: tap row `i` is row `i % rows.taps` of plane `i / rows.taps`.
    pub fn tap_rows(&self) -> usize {
        self.planes.taps * self.rows.taps
    }
    pub fn taps(&self) -> usize {
        self.tap_rows() * self.cols.taps
    }
    /// Rows of output pixels, over all planes and images.
    pub fn lines(&self) -> usize {
        self.n * self.od * self.oh
    }
    pub fn pixels(&self) -> usize {
        self.lines() * self.ow
    }
    /// Plain images: no depth to speak of.
    pub fn flat(&self) -> bool {
        self.d == 1 && self.od == 1 && self.planes.taps == 1 && self.planes.at == 0
    }
    /// The image, plane and row of a line.
    #[inline]
    pub fn line(&self, r: usize) -> (usize, usize, usize) {
        (r / (self.od * self.oh), r / self.oh % self.od, r % self.oh)
    }
    /// The tap rows that find their index for outputs (d, h), a bit each. Needs at most 32 of them.
    #[inline]
    pub fn live_rows(&self, d: usize, h: usize) -> u32 {
        let rows = self.rows.live(h, self.sh, self.h);
        if self.flat() {
            return rows;
        }
        let planes = self.planes.live(d, self.sd, self.d);
        (0..self.planes.taps).filter(|i| planes >> i & 1 != 0).fold(0, |bits, i| bits | rows << (i * self.rows.taps))
    }
    pub fn flops(&self) -> usize {
        2 * self.pixels() * self.m * self.c * self.taps() * self.groups
    }
    /// First weight of tap (i, j), in units of taps; `i` counts tap rows.
    pub fn weight_tap(&self, i: usize, j: usize) -> usize {
        let plane = self.planes.weight + (i / self.rows.taps) as isize * self.planes.weight_step;
        let row = self.rows.weight + (i % self.rows.taps) as isize * self.rows.weight_step;
        let col = self.cols.weight + j as isize * self.cols.weight_step;
        (plane as usize * self.kh + row as usize) * self.kw + col as usize
    }
    /// Few channels: a window's row, adjacent in a zero-padded copy, can stand in for the channels.
    pub fn mergeable(&self) -> bool {
        self.cols.taps > 1 && self.cols.step == 1 && self.xp == self.c && self.c <= 8 && self.c * self.cols.taps <= 128
    }
    /// Does every window lie inside the input? Then few channels with their taps side by side are read as they lie.
    pub fn whole(&self) -> bool {
        let over = [
            self.planes.overhang(self.od, self.sd, self.d),
            self.rows.overhang(self.oh, self.sh, self.h),
            self.cols.overhang(self.ow, self.sw, self.w),
        ];
        over == [(0, 0); 3] && self.cols.taps == 1
    }
    /// Must the input be copied into a zero-padded buffer? Also where a window has more rows than there are bits.
    pub fn padded(&self) -> bool {
        self.mergeable() || self.tap_rows() > 32 || self.cols.taps > 32
    }
    /// This problem over the padded copy, merged where possible, and how to make the copy: not at all when no window
    /// reaches beyond the input.
    pub fn pad(&self) -> (Problem, Option<Padding>) {
        let (front, back) = self.planes.overhang(self.od, self.sd, self.d);
        let (top, bottom) = self.rows.overhang(self.oh, self.sh, self.h);
        let (left, right) = self.cols.overhang(self.ow, self.sw, self.w);
        let mut p = *self;
        let mut padding = None;
        if front + back + top + bottom + left + right > 0 {
            let (d, h, w) = (self.d + front + back, self.h + top + bottom, self.w + left + right);
            let pixel = self.xp;
            padding = Some(Padding { n: self.n, d, h, w, front, top, left, pixel, from: *self });
            (p.d, p.h, p.w) = (d, h, w);
            (p.xi, p.xd, p.xr) = (d * h * w * pixel, h * w * pixel, w * pixel);
            p.planes.at += front as isize;
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
    pub d: usize,
    pub h: usize,
    pub w: usize,
    pub front: usize,
    pub top: usize,
    pub left: usize,
    pub pixel: usize,
    pub from: Problem,
}

/// Input or output of a convolution as a problem sees it: strides of image, plane, row and pixel.
fn strides(size: [usize; 3], channels: usize) -> [usize; 4] {
    let row = size[2] * channels;
    [size[0] * size[1] * row, size[1] * row, row, channels]
}

/// The forward pass as a problem.
pub(super) fn forward(c: &Conv) -> Problem {
    let (ci, co) = (c.ci / c.groups, c.co / c.groups);
    let row = c.kernel.iter().product::<usize>() * ci;
    let axis = |a: usize| Axis {
        taps: c.kernel[a],
        at: -(c.padding[a] as isize),
        step: c.dilation[a],
        weight: 0,
        weight_step: 1,
    };
    let (x, y) = (strides(c.input, c.ci), strides(c.output, c.co));
    Problem {
        n: c.n,
        c: ci,
        m: co,
        groups: c.groups,
        depthwise: false,
        d: c.input[0],
        h: c.input[1],
        w: c.input[2],
        xi: x[0],
        xd: x[1],
        xr: x[2],
        xp: x[3],
        od: c.output[0],
        oh: c.output[1],
        ow: c.output[2],
        yi: y[0],
        yd: y[1],
        yr: y[2],
        yp: y[3],
        y0: 0,
        sd: c.stride[0],
        sh: c.stride[1],
        sw: c.stride[2],
        planes: axis(0),
        rows: axis(1),
        cols: axis(2),
        kh: c.kernel[1],
        kw: c.kernel[2],
        weights: WeightView { tap: ci, k: 1, column: row, group: co * row },
    }
    .simplified()
}

/// Calls `f` with the problem of each phase of the stride that has outputs; one without taps is all zeros.
pub(super) fn input_gradient(c: &Conv, mut f: impl FnMut(&Problem)) {
    let (ci, co) = (c.ci / c.groups, c.co / c.groups);
    let row = c.kernel.iter().product::<usize>() * ci;
    let phases = [0, 1, 2].map(|a| c.stride[a].min(c.input[a]));
    let (dy, dx) = (strides(c.output, c.co), strides(c.input, c.ci));
    for i in 0..phases.iter().product() {
        let at = [i / (phases[1] * phases[2]), i / phases[2] % phases[1], i % phases[2]];
        let axis = |a: usize| phase(at[a], c.kernel[a], c.stride[a], c.padding[a], c.dilation[a]);
        let count = |a: usize| (c.input[a] - at[a]).div_ceil(c.stride[a]);
        let p = Problem {
            n: c.n,
            c: co,
            m: ci,
            groups: c.groups,
            depthwise: false,
            d: c.output[0],
            h: c.output[1],
            w: c.output[2],
            xi: dy[0],
            xd: dy[1],
            xr: dy[2],
            xp: dy[3],
            od: count(0),
            oh: count(1),
            ow: count(2),
            yi: dx[0],
            yd: c.stride[0] * dx[1],
            yr: c.stride[1] * dx[2],
            yp: c.stride[2] * dx[3],
            y0: at[0] * dx[1] + at[1] * dx[2] + at[2] * dx[3],
            sd: 1,
            sh: 1,
            sw: 1,
            planes: axis(0),
            rows: axis(1),
            cols: axis(2),
            kh: c.kernel[1],
            kw: c.kernel[2],
            weights: WeightView { tap: ci, k: row, column: 1, group: co * row },
        };
        f(&p.simplified())
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
