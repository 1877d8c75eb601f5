//! Average pooling over one, two and three dimensions.
use crate::op::*;
use crate::ops::conv2d::numbers;
use crate::ops::max_pool2d::refused_image;
use crate::ops::max_pool::Tiling;
use crate::ops::window::{batched, spatial, under, Window};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Mean over windows along a line.
    ///
    /// Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with `L' = (L + 2 * padding - kernel_size) // stride + 1`
    /// (rounded up with `ceil_mode`). `stride` is `kernel_size` unless given. Padding, at most half of the window, counts as
    /// zeros, or not at all without `count_include_pad`. Raises `ShapeError` where the window is larger than the input.
    pub AvgPool1d = "avg_pool1d"(input: One + float @ Any) -> (output; 1) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0), ceil_mode: bool = false,
        count_include_pad: bool = true,
    }
}
op! {
    /// Mean over sliding windows.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    /// `H' = (H + 2 * padding - kernel_size) // stride + 1` (rounded up with `ceil_mode`). Each of the sizes is one number or
    /// (vertical, horizontal); `stride` is `kernel_size` unless given. Padding, at most half of the window, counts as zeros, or
    /// not at all without `count_include_pad`. `divisor_override` divides the sum instead of the number of elements.
    /// Raises `ShapeError` where the window is larger than the image.
    pub AvgPool2d = "avg_pool2d"(input: One + float @ Any) -> (output; 1) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0), ceil_mode: bool = false,
        count_include_pad: bool = true, divisor_override: Option<i64> = None,
    }
}
op! {
    /// Mean over windows of a volume.
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    /// `D' = (D + 2 * padding - kernel_size) // stride + 1` (rounded up with `ceil_mode`). Each of the sizes is one number or
    /// (depth, vertical, horizontal); `stride` is `kernel_size` unless given. Padding, at most half of the window, counts as
    /// zeros, or not at all without `count_include_pad`. `divisor_override` divides the sum instead of the number of elements.
    /// Raises `ShapeError` where the window is larger than the volume.
    pub AvgPool3d = "avg_pool3d"(input: One + float @ Any) -> (output; 1) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0), ceil_mode: bool = false,
        count_include_pad: bool = true, divisor_override: Option<i64> = None,
    }
}

macro_rules! pools {
    ($($S:ident $name:literal $n:literal $($divisor:ident)?: $samples:expr;)*) => { $(impl Function for $S {
        fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
            let run = || {
                #[allow(unused_mut, unused_assignments)]
                let mut by = None;
                $(by = self.$divisor;)?
                if by == Some(0) {
                    return Err(err(Kind::Value, "divisor_override must not be 0"));
                }
                let (none, one) = (&self.padding, OneOrMore::One(1));
                let window = Window::new($n, &self.kernel_size, &self.stride, none, &one)?;
                batched(&[ins[0].expect("a required input")], $n, |x| {
                    let output = window.slide(spatial(&x[0].spec), self.ceil_mode, $n)?;
                    let op = Tiling::sliding(&window, output).avg_pool(self.count_include_pad, by);
                    Ok(smallvec![dispatch::one(&op, &[&x[0]])?])
                })
            };
            run().map_err(under($name, ins))
        }
        fn cases() -> Vec<Case> {
            let case = |kernel: &[i64], stride: &[i64], padding: &[i64], ceil_mode, count_include_pad, by: Option<i64>, x: &[u32]| {
                let _ = by;
                let op = $S {
                    kernel_size: numbers(kernel),
                    stride: (!stride.is_empty()).then(|| numbers(stride)),
                    padding: numbers(padding),
                    ceil_mode,
                    count_include_pad,
                    $($divisor: by,)?
                };
                Case { attrs: op.attrs(), inputs: vec![Some(crate::ops::sample(1, x))] }
            };
            #[allow(clippy::redundant_closure_call)]
            ($samples)(&case)
        }
        fn refusals() -> Vec<Refusal> {
            let plain = || $S {
                kernel_size: numbers(&[3]),
                stride: None,
                padding: numbers(&[0]),
                ceil_mode: false,
                count_include_pad: true,
                $($divisor: None,)?
            };
            let fits = || vec![refused_image($n, 5)];
            refusals(vec![
                ($S { padding: numbers(&[2]), ..plain() }, fits(), Kind::Value, "at most half of the window"),
                $(($S { $divisor: Some(0), ..plain() }, fits(), Kind::Value, "divisor_override must not be 0"),)?
                (plain(), given::floats(&[&[4]]), Kind::Shape, "got 1 dimensions"),
                (plain(), vec![refused_image($n, 2)], Kind::Shape, "does not fit an image of 2"),
            ])
        }
    })* };
}
type Make<'a> = &'a dyn Fn(&[i64], &[i64], &[i64], bool, bool, Option<i64>, &[u32]) -> Case;
pools! {
    AvgPool1d "avg_pool1d" 1: |case: Make| vec![
        case(&[2], &[], &[0], false, true, None, &[2, 3, 5]),
        case(&[3], &[2], &[1], true, false, None, &[2, 6]),
        case(&[3], &[2], &[1], true, true, None, &[1, 2, 6]),
    ];
    AvgPool2d "avg_pool2d" 2 divisor_override: |case: Make| vec![
        case(&[2], &[], &[0], false, true, None, &[2, 3, 5, 4]),
        case(&[3, 2], &[2, 1], &[1], false, true, None, &[1, 2, 6, 5]),
        case(&[3], &[2], &[1], true, false, None, &[1, 2, 6, 6]),
        case(&[2], &[1], &[1], false, true, Some(-3), &[2, 3, 3]),
    ];
    AvgPool3d "avg_pool3d" 3 divisor_override: |case: Make| vec![
        case(&[2], &[], &[0], false, true, None, &[1, 2, 2, 4, 3]),
        case(&[2, 1, 3], &[1, 2, 2], &[1, 0, 1], true, false, None, &[2, 3, 2, 4]),
        case(&[2], &[1], &[0], false, true, Some(5), &[1, 1, 2, 3, 2]),
    ];
}
