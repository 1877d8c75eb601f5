//! Where windows lie, and how the work is cut.
use crate::split::split;
use std::ops::Range;

/// Sizes of a pooling over (batch, height, width, channels) memory; pairs are (height, width). The output's size is the
/// caller's to choose (floor or ceil); windows may hang over the end.
#[derive(Clone, Copy, Debug)]
pub struct Pool2d {
    pub batch: usize,
    pub channels: usize,
    pub input: [usize; 2],
    pub output: [usize; 2],
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
}

/// One axis of one window: where it begins (maybe in the padding) and which of its places are inside.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub start: isize,
    pub first: usize,
    pub end: usize,
}

/// From this many elements on threads share the work.
pub(super) const GRAIN: usize = 1 << 15;

impl Pool2d {
    pub(super) fn check(&self, input: usize, output: usize) {
        assert_eq!(input, self.batch * self.input[0] * self.input[1] * self.channels);
        assert_eq!(output, self.batch * self.output[0] * self.output[1] * self.channels);
        assert!(self.stride.iter().chain(&self.kernel).chain(&self.dilation).all(|&n| n > 0));
    }

    #[inline(always)]
    pub(super) fn span(&self, axis: usize, at: usize) -> Span {
        let (d, n) = (self.dilation[axis], self.input[axis] as isize);
        let start = (at * self.stride[axis]) as isize - self.padding[axis] as isize;
        // Division only where there is dilation.
        let steps = |x: isize| {
            if x <= 0 {
                0
            } else if d == 1 {
                x as usize
            } else {
                (x as usize).div_ceil(d)
            }
        };
        let end = steps(n - start).min(self.kernel[axis]);
        Span { start, first: steps(-start).min(end), end }
    }

    /// Element offset of a place of a window within its image.
    #[inline(always)]
    pub(super) fn place(&self, y: &Span, x: &Span, i: usize, j: usize) -> usize {
        let row = (y.start + (i * self.dilation[0]) as isize) as usize;
        let column = (x.start + (j * self.dilation[1]) as isize) as usize;
        (row * self.input[1] + column) * self.channels
    }

    /// Does no input element lie in two windows?
    pub(super) fn apart(&self) -> bool {
        (0..2).all(|a| self.output[a] <= 1 || self.stride[a] > self.dilation[a] * (self.kernel[a] - 1))
    }

    /// Do the windows cover every input element, each exactly once?
    pub(super) fn tiles(&self) -> bool {
        (0..2).all(|a| {
            self.stride[a] == self.kernel[a]
                && self.dilation[a] == 1
                && self.padding[a] == 0
                && self.output[a] * self.stride[a] >= self.input[a]
        })
    }

    /// Shares `f(row of the output, counted over the batch)` out to threads.
    pub(super) fn rows(&self, f: &(dyn Fn(usize) + Sync)) {
        let each = (self.output[1] * self.channels * self.kernel[0] * self.kernel[1]).max(1);
        split(self.batch * self.output[0], 1, (GRAIN / each).max(2), &|r| r.for_each(f));
    }

    /// Shares `f(image, channels)` out to threads: for gradients whose windows overlap.
    pub(super) fn images(&self, f: &(dyn Fn(usize, Range<usize>) + Sync)) {
        let chunks = self.channels.div_ceil(64).max(1);
        let each = (self.output[0] * self.output[1] * 64.min(self.channels) * self.kernel[0] * self.kernel[1]).max(1);
        split(self.batch * chunks, 1, (GRAIN / each).max(2), &|r| {
            for u in r {
                let c = u % chunks * 64;
                f(u / chunks, c..(c + 64).min(self.channels))
            }
        });
    }
}

/// Runs `$f::<.., L>($c, ..)` over a range of channels in pieces of constant width: 1, 3 or 6 whole, else 16, 8, 4 and 1.
macro_rules! pieces {
    ($range:expr, $f:ident::<$($g:ty),*>($($before:expr),*; $c:ident)) => {{
        let r: std::ops::Range<usize> = $range;
        let mut $c = r.start;
        match r.len() {
            3 => $f::<$($g,)* 3>($($before,)* $c),
            6 => $f::<$($g,)* 6>($($before,)* $c),
            _ => {
                while $c + 16 <= r.end { $f::<$($g,)* 16>($($before,)* $c); $c += 16 }
                while $c + 8 <= r.end { $f::<$($g,)* 8>($($before,)* $c); $c += 8 }
                while $c + 4 <= r.end { $f::<$($g,)* 4>($($before,)* $c); $c += 4 }
                while $c < r.end { $f::<$($g,)* 1>($($before,)* $c); $c += 1 }
            }
        }
    }};
}
pub(super) use pieces;

#[inline(always)]
pub(super) fn lanes<T, const L: usize>(x: &[T], at: usize) -> &[T; L] {
    x[at..at + L].try_into().unwrap()
}

#[inline(always)]
pub(super) fn lanes_mut<T, const L: usize>(x: &mut [T], at: usize) -> &mut [T; L] {
    (&mut x[at..at + L]).try_into().unwrap()
}
