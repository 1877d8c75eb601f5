use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::num::Float;

#[inline(always)]
fn part<T: Float>(x: T) -> T {
    x - x.trunc()
}
unary! {
    /// What follows the point, with the sign of `input`, elementwise: `input - trunc(input)`. Integers become float32.
    ///
    /// Shape: any; the result has the same. An infinity gives NaN.
    Frac = "frac" frac { part, cost 1, samples -2.0 to 2.0, from input |g, _x| g.clone() }
}
