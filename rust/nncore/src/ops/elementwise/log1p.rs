use crate::ops::{add::add, div::div, full::scalar, scale::scale};
use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::math;
use std::f64::consts::{LN_10, LN_2};

unary! {
    /// `ln(1 + input)`, elementwise, accurate near 0. Integers become float32.
    ///
    /// Shape: any; the result has the same. -1 gives minus infinity, what is below NaN.
    Log1p = "log1p" log1p {
        math::ln_1p, cost 10, samples -0.75 to 4.0, from input |g, x| div(g, &add(x, &scalar(1.0, x.spec.dtype)?)?)?
    }
    /// The logarithm to base 2, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    Log2 = "log2" log2 {
        math::log2, cost 10, samples 0.25 to 4.0, from input |g, x| div(&scale(g, 1.0 / LN_2)?, x)?
    }
    /// The logarithm to base 10, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    Log10 = "log10" log10 {
        math::log10, cost 10, samples 0.25 to 4.0, from input |g, x| div(&scale(g, 1.0 / LN_10)?, x)?
    }
}
