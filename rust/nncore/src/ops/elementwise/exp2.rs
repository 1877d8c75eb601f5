use crate::ops::{add::add, mul::mul, scale::scale};
use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::math;

unary! {
    /// `2^input`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Exact for whole numbers; float32 overflows to infinity from 128 on.
    Exp2 = "exp2" exp2 {
        math::exp2, cost 8, samples -2.0 to 2.0, from output |g, y| scale(&mul(g, y)?, std::f64::consts::LN_2)?
    }
    /// `e^input - 1`, elementwise, accurate near 0. Integers become float32.
    ///
    /// Shape: any; the result has the same.
    Expm1 = "expm1" expm1 {
        math::expm1, cost 8, samples -2.0 to 2.0, from output |g, y| add(&mul(g, y)?, g)?
    }
}
