//! Max pooling over one, two and three dimensions.
use crate::op::*;
use crate::ops::conv2d::numbers;
use crate::ops::max_pool::Tiling;
use crate::ops::window::{batched, spatial, under, Window};
use crate::{dispatch, Kind, Result, Tensor};

op! {
    /// Maximum over windows along a line. NaN is the maximum of its window; of equal values the first one gets the gradient.
    ///
    /// Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with
    /// `L' = (L + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). `stride` is
    /// `kernel_size` unless given. Padding counts as minus infinity, and is at most half of the window. With `return_indices`
    /// also the place of each maximum, int64, for `max_unpool1d`. Raises `ShapeError` where the window is larger than the input.
    pub MaxPool1d = "max_pool1d"(input: One + float @ Any) -> (output, indices; +) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0),
        dilation: OneOrMore = OneOrMore::One(1), ceil_mode: bool = false, return_indices: bool = false,
    }
}
op! {
    /// Maximum over sliding windows. NaN is the maximum of its window; of equal values the first one gets the gradient.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    /// `H' = (H + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). Each of the
    /// sizes is one number or (vertical, horizontal); `stride` is `kernel_size` unless given. Padding counts as minus
    /// infinity, and is at most half of the window. With `return_indices` also the place of each maximum in its channel's image,
    /// row-major, int64, for `max_unpool2d`. Raises `ShapeError` where the window is larger than the image.
    pub MaxPool2d = "max_pool2d"(input: One + float @ Any) -> (output, indices; +) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0),
        dilation: OneOrMore = OneOrMore::One(1), ceil_mode: bool = false, return_indices: bool = false,
    }
}
op! {
    /// Maximum over windows of a volume. NaN is the maximum of its window; of equal values the first one gets the gradient.
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    /// `D' = (D + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1` (rounded up with `ceil_mode`). Each of the sizes
    /// is one number or (depth, vertical, horizontal); `stride` is `kernel_size` unless given. Padding counts as minus infinity,
    /// and is at most half of the window. With `return_indices` also the place of each maximum in its channel's volume,
    /// row-major, int64, for `max_unpool3d`. Raises `ShapeError` where the window is larger than the volume.
    pub MaxPool3d = "max_pool3d"(input: One + float @ Any) -> (output, indices; +) {
        kernel_size: OneOrMore, stride: Option<OneOrMore> = None, padding: OneOrMore = OneOrMore::One(0),
        dilation: OneOrMore = OneOrMore::One(1), ceil_mode: bool = false, return_indices: bool = false,
    }
}

/// The maxima, and with `indices` their places in the plane.
pub fn maxima(x: &Tensor, tiling: &Tiling, indices: bool) -> Result<Outputs> {
    let mut outs = dispatch::apply(&tiling.max_pool(), &[Some(x)])?;
    let places = outs.pop().expect("places");
    if indices {
        outs.push(dispatch::one(&tiling.indices(spatial(&x.spec)), &[&places])?);
    }
    Ok(outs)
}

macro_rules! pools {
    ($($S:ident $name:literal $n:literal: $samples:expr;)*) => { $(impl Function for $S {
        fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
            let run = || {
                let window = Window::new($n, &self.kernel_size, &self.stride, &self.padding, &self.dilation)?;
                batched(&[ins[0].expect("a required input")], $n, |x| {
                    let output = window.slide(spatial(&x[0].spec), self.ceil_mode, $n)?;
                    maxima(&x[0], &Tiling::sliding(&window, output), self.return_indices)
                })
            };
            run().map_err(under($name, ins))
        }
        fn cases() -> Vec<Case> {
            let case = |kernel: &[i64], stride: &[i64], v: [&[i64]; 2], ceil_mode, return_indices, x: &[u32]| {
                let op = $S {
                    kernel_size: numbers(kernel),
                    stride: (!stride.is_empty()).then(|| numbers(stride)),
                    padding: numbers(v[0]),
                    dilation: numbers(v[1]),
                    ceil_mode,
                    return_indices,
                };
                Case { attrs: op.attrs(), inputs: vec![Some(crate::ops::sample(1, x))] }
            };
            #[allow(clippy::redundant_closure_call)]
            ($samples)(&case)
        }
        fn refusals() -> Vec<Refusal> {
            let one = || numbers(&[1]);
            let plain = || $S {
                kernel_size: numbers(&[3]),
                stride: None,
                padding: numbers(&[0]),
                dilation: one(),
                ceil_mode: false,
                return_indices: false,
            };
            let (fits, low) = (|| vec![refused_image($n, 5)], vec![Some(crate::ops::sample(1, &[4]))]);
            refusals(vec![
                ($S { kernel_size: numbers(&[0]), ..plain() }, fits(), Kind::Value, "kernel_size must be at least 1"),
                ($S { stride: Some(numbers(&[1; 4])), ..plain() }, fits(), Kind::Value, "stride must be one number"),
                ($S { dilation: numbers(&[0]), ..plain() }, fits(), Kind::Value, "dilation must be at least 1"),
                ($S { padding: numbers(&[2]), ..plain() }, fits(), Kind::Value, "at most half of the window"),
                (plain(), vec![refused_image($n, 2)], Kind::Shape, "does not fit an image of 2"),
                (plain(), low, Kind::Shape, "got 1 dimensions"),
            ])
        }
    })* };
}
type Make<'a> = &'a dyn Fn(&[i64], &[i64], [&[i64]; 2], bool, bool, &[u32]) -> Case;
pools! {
    MaxPool1d "max_pool1d" 1: |case: Make| vec![
        case(&[2], &[], [&[0], &[1]], false, false, &[2, 3, 5]),
        case(&[3], &[2], [&[1], &[2]], true, true, &[3, 7]),
        case(&[2], &[1], [&[0], &[1]], false, true, &[0, 2, 3]),
    ];
    MaxPool2d "max_pool2d" 2: |case: Make| vec![
        case(&[2], &[], [&[0], &[1]], false, false, &[2, 3, 5, 4]),
        case(&[3, 2], &[2, 1], [&[1, 0], &[1]], false, true, &[2, 2, 6, 5]),
        case(&[2], &[2], [&[0], &[1]], true, false, &[1, 2, 5, 5]),
        case(&[2], &[1], [&[1], &[2, 1]], false, false, &[2, 4, 4]),
        case(&[16, 17], &[], [&[0], &[1]], true, true, &[1, 1, 2, 3]),
    ];
    MaxPool3d "max_pool3d" 3: |case: Make| vec![
        case(&[2], &[], [&[0], &[1]], false, false, &[1, 2, 2, 4, 3]),
        case(&[2, 1, 3], &[1, 2, 2], [&[1, 0, 1], &[1]], true, true, &[2, 3, 2, 4]),
    ];
}

/// An image of that size in every dimension.
pub fn refused_image(n: usize, size: u32) -> Option<Tensor> {
    Some(crate::ops::sample(1, &[&[1, 2][..], &vec![size; n]].concat()))
}

/// Maximum over square windows that do not overlap.
pub fn max_pool2d(x: &Tensor, kernel: i64) -> Result<Tensor> {
    let op = MaxPool2d {
        kernel_size: OneOrMore::One(kernel),
        stride: None,
        padding: OneOrMore::One(0),
        dilation: OneOrMore::One(1),
        ceil_mode: false,
        return_indices: false,
    };
    Ok(op.call(&[Some(x)])?.swap_remove(0))
}
