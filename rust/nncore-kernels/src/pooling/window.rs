//! Where windows lie, and how the work is cut.
use crate::split::split;
use std::ops::Range;

/// Sizes of a pooling over (batch, depth, height, width, channels) memory; triples are (depth, height, width), with fewer
/// dimensions the first ones are 1 (0 for padding). The output's size is the caller's to choose (floor or ceil); windows
/// may hang over the end.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub batch: usize,
    pub channels: usize,
    pub input: [usize; 3],
    pub output: [usize; 3],
    /// With adaptive windows the size of the largest.
    pub kernel: [usize; 3],
    pub stride: [usize; 3],
    pub padding: [usize; 3],
    pub dilation: [usize; 3],
    /// Window `i` of `n` reaches from `floor(i * size / n)` to `ceil((i + 1) * size / n)`; stride, padding and dilation
    /// mean nothing.
    pub adaptive: bool,
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

impl Pool {
    /// Largest window of an adaptive pooling from `input` to `output` places.
    pub fn adaptive_kernel(input: usize, output: usize) -> usize {
        let exact = output > 0 && input.is_multiple_of(output);
        (input.div_ceil(output.max(1)) + usize::from(!exact)).clamp(1, input.max(1))
    }
    /// Elements of one image, and of its pooled form.
    pub(super) fn image(&self) -> usize {
        self.input.iter().product::<usize>() * self.channels
    }
    pub(super) fn pooled(&self) -> usize {
        self.output.iter().product::<usize>() * self.channels
    }
    /// Rows of the output of one image.
    pub(super) fn lines(&self) -> usize {
        self.output[0] * self.output[1]
    }
    /// Places of a window.
    pub(super) fn places(&self) -> usize {
        self.kernel.iter().product()
    }
    pub(super) fn check(&self, input: usize, output: usize) {
        assert_eq!(input, self.batch * self.image());
        assert_eq!(output, self.batch * self.pooled());
        assert!(self.stride.iter().chain(&self.kernel).chain(&self.dilation).all(|&n| n > 0));
    }

    #[inline(always)]
    pub(super) fn span(&self, axis: usize, at: usize) -> Span {
        if self.adaptive {
            let (n, m) = (self.input[axis], self.output[axis]);
            let start = at * n / m;
            return Span { start: start as isize, first: 0, end: ((at + 1) * n).div_ceil(m) - start };
        }
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

    /// The window's planes and rows for a row of the output.
    #[inline(always)]
    pub(super) fn spans(&self, line: usize) -> (Span, Span) {
        (self.span(0, line / self.output[1]), self.span(1, line % self.output[1]))
    }

    /// Number of a place of a window within its image.
    #[inline(always)]
    pub(super) fn pixel(&self, s: [&Span; 3], at: [usize; 3]) -> usize {
        let index = |a: usize| (s[a].start + (at[a] * self.dilation[a]) as isize) as usize;
        (index(0) * self.input[1] + index(1)) * self.input[2] + index(2)
    }
    /// The same for a window that may lie outside: of the nearest place inside.
    pub(super) fn pixel_within(&self, s: [&Span; 3], at: [usize; 3]) -> usize {
        let index = |a: usize| {
            let place = s[a].start + (at[a] * self.dilation[a]) as isize;
            place.clamp(0, self.input[a].max(1) as isize - 1) as usize
        };
        (index(0) * self.input[1] + index(1)) * self.input[2] + index(2)
    }
    /// Number of a place within its window.
    #[inline(always)]
    pub(super) fn number(&self, at: [usize; 3]) -> usize {
        (at[0] * self.kernel[1] + at[1]) * self.kernel[2] + at[2]
    }

    /// Does no input element lie in two windows?
    pub(super) fn apart(&self) -> bool {
        let clear = |a: usize| self.output[a] <= 1 || self.stride[a] > self.dilation[a] * (self.kernel[a] - 1);
        !self.adaptive && (0..3).all(clear)
    }

    /// Do the windows cover every input element, each exactly once?
    pub(super) fn tiles(&self) -> bool {
        !self.adaptive
            && (0..3).all(|a| {
                self.stride[a] == self.kernel[a]
                    && self.dilation[a] == 1
                    && self.padding[a] == 0
                    && self.output[a] * self.stride[a] >= self.input[a]
            })
    }

    /// Shares `f(row of the output, counted over the batch)` out to threads.
    pub(super) fn rows(&self, f: &(dyn Fn(usize) + Sync)) {
        let each = (self.output[2] * self.channels * self.places()).max(1);
        split(self.batch * self.lines(), 1, (GRAIN / each).max(2), &|r| r.for_each(f));
    }

    /// Shares `f(image, channels)` out to threads: for gradients whose windows overlap.
    pub(super) fn images(&self, f: &(dyn Fn(usize, Range<usize>) + Sync)) {
        let chunks = self.channels.div_ceil(64).max(1);
        let pixels = self.lines() * self.output[2];
        let each = (pixels * 64.min(self.channels) * self.places()).max(1);
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

/// Runs code for each place `[plane, row, column]` of a window that lies inside.
macro_rules! each_place {
    ($spans:expr, $at:ident => $b:block) => {{
        let [planes, rows, columns]: [&super::window::Span; 3] = $spans;
        for d in planes.first..planes.end {
            for i in rows.first..rows.end {
                for j in columns.first..columns.end {
                    let $at = [d, i, j];
                    $b
                }
            }
        }
    }};
}
pub(super) use each_place;
