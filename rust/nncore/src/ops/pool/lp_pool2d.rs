//! Power-average pooling over one, two and three dimensions.
use crate::op::*;
use crate::ops::conv2d::numbers;
use crate::ops::max_pool::Tiling;
use crate::ops::max_pool2d::{maxima, refused_image};
use crate::ops::window::{batched, spatial, under, Window};
use crate::ops::{abs, cast::cast, mul::mul, pow::pow_number, relu::relu, scale::scale};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The p-norm of each window along a line: `sum(input ** p) ** (1 / p)` with p = `norm_type`, of the numbers themselves, not
    /// of their sizes. With 1 the sum, with infinity the largest size.
    ///
    /// Shapes: `input` (N, C, L) or (C, L); the result is (N, C, L') or (C, L') with `L' = (L - kernel_size) // stride + 1` (rounded up
    /// with `ceil_mode`; a window that hangs over counts as if it were full). `stride` is `kernel_size` unless given.
    /// Raises `ValueError` for a `norm_type` of 0, `ShapeError` where the window is larger than the input.
    pub LpPool1d = "lp_pool1d"(input: One + float @ Any) -> (output; 1) {
        norm_type: f64, kernel_size: OneOrMore, stride: Option<OneOrMore> = None, ceil_mode: bool = false,
    }
}
op! {
    /// The p-norm of each window: `sum(input ** p) ** (1 / p)` with p = `norm_type`, of the numbers themselves, not of their sizes.
    /// With 1 the sum, with infinity the largest size.
    ///
    /// Shapes: `input` (N, C, H, W) or (C, H, W); the result is (N, C, H', W') or (C, H', W') with
    /// `H' = (H - kernel_size) // stride + 1` (rounded up with `ceil_mode`; a window that hangs over counts as if it were full). Each
    /// of the sizes is one number or (vertical, horizontal); `stride` is `kernel_size` unless given.
    /// Raises `ValueError` for a `norm_type` of 0, `ShapeError` where the window is larger than the image.
    pub LpPool2d = "lp_pool2d"(input: One + float @ Any) -> (output; 1) {
        norm_type: f64, kernel_size: OneOrMore, stride: Option<OneOrMore> = None, ceil_mode: bool = false,
    }
}
op! {
    /// The p-norm of each window of a volume: `sum(input ** p) ** (1 / p)` with p = `norm_type`, of the numbers themselves, not of
    /// their sizes. With 1 the sum, with infinity the largest size.
    ///
    /// Shapes: `input` (N, C, D, H, W) or (C, D, H, W); the result is (N, C, D', H', W') or (C, D', H', W') with
    /// `D' = (D - kernel_size) // stride + 1` (rounded up with `ceil_mode`; a window that hangs over counts as if it were full). Each
    /// of the sizes is one number or (depth, vertical, horizontal); `stride` is `kernel_size` unless given.
    /// Raises `ValueError` for a `norm_type` of 0, `ShapeError` where the window is larger than the volume.
    pub LpPool3d = "lp_pool3d"(input: One + float @ Any) -> (output; 1) {
        norm_type: f64, kernel_size: OneOrMore, stride: Option<OneOrMore> = None, ceil_mode: bool = false,
    }
}

macro_rules! pools {
    ($($S:ident $name:literal $n:literal: $samples:expr;)*) => { $(impl Function for $S {
        fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
            let run = || {
                if self.norm_type == 0.0 {
                    return Err(err(Kind::Value, "norm_type must not be 0"));
                }
                let (none, one) = (OneOrMore::One(0), OneOrMore::One(1));
                let window = Window::new($n, &self.kernel_size, &self.stride, &none, &one)?;
                batched(&[ins[0].expect("a required input")], $n, |x| {
                    let output = window.slide(spatial(&x[0].spec), self.ceil_mode, $n)?;
                    let tiling = Tiling::sliding(&window, output);
                    let x = cast(&x[0], x[0].spec.dtype.to_float())?;
                    if self.norm_type.is_infinite() {
                        // The largest size, or the smallest.
                        let sign = self.norm_type.signum();
                        let most = maxima(&scale(&abs::abs(&x)?, sign)?, &tiling, false)?;
                        return Ok(smallvec![scale(&most[0], sign)?]);
                    }
                    let powers = dispatch::one(&tiling.avg_pool(true, None), &[&pow_number(&x, self.norm_type)?])?;
                    // PyTorch's way, whose gradient at 0 is that of relu.
                    let sums = scale(
                        &mul(&abs::sign(&powers)?, &relu(&abs::abs(&powers)?)?)?,
                        window.kernel.iter().product::<i64>() as f64,
                    )?;
                    Ok(smallvec![pow_number(&sums, 1.0 / self.norm_type)?])
                })
            };
            run().map_err(under($name, ins))
        }
        fn cases() -> Vec<Case> {
            let case = |norm_type: f64, kernel: &[i64], stride: Option<i64>, ceil_mode, x: &[u32]| {
                let stride = stride.map(OneOrMore::One);
                let op = $S { norm_type, kernel_size: numbers(kernel), stride, ceil_mode };
                Case { attrs: op.attrs(), inputs: vec![Some(crate::ops::sample_in(1, x, 0.2, 1.0))] }
            };
            #[allow(clippy::redundant_closure_call)]
            ($samples)(&case)
        }
        fn refusals() -> Vec<Refusal> {
            let op = |norm_type| $S { norm_type, kernel_size: numbers(&[3]), stride: None, ceil_mode: false };
            refusals(vec![
                (op(0.0), vec![refused_image($n, 5)], Kind::Value, "norm_type must not be 0"),
                (op(2.0), given::floats(&[&[4]]), Kind::Shape, "got 1 dimensions"),
                (op(2.0), vec![refused_image($n, 2)], Kind::Shape, "does not fit an image of 2"),
            ])
        }
    })* };
}
type Make<'a> = &'a dyn Fn(f64, &[i64], Option<i64>, bool, &[u32]) -> Case;
pools! {
    LpPool1d "lp_pool1d" 1: |case: Make| vec![
        case(2.0, &[2], None, false, &[2, 3, 5]),
        case(3.0, &[3], Some(2), true, &[2, 6]),
    ];
    LpPool2d "lp_pool2d" 2: |case: Make| vec![
        case(2.0, &[2, 3], None, false, &[1, 2, 4, 6]),
        case(1.0, &[2], Some(1), false, &[2, 3, 3]),
        case(1.5, &[3], Some(2), true, &[1, 1, 4, 5]),
        case(f64::INFINITY, &[2], None, false, &[1, 1, 4, 2]),
    ];
    LpPool3d "lp_pool3d" 3: |case: Make| vec![case(2.0, &[2], None, false, &[1, 2, 2, 4, 3])];
}
