use crate::ops::{div::div, mul::mul, scale::scale, sum::sum_to};
use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input + value * tensor1 * tensor2`, elementwise.
    ///
    /// Shapes: any three that broadcast; the result has the broadcast shape. Dtypes promote; with integers `value` is cut off
    /// to one.
    pub Addcmul = "addcmul"(input: One + promote @ Any, tensor1: One + promote @ Any, tensor2: One + promote @ Any)
        -> (output; 1) { value: f64 = 1.0 }
}
impl Pointwise for Addcmul {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, a, b]: [T; 3]) -> T {
        x + T::of(self.value) * a * b
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, a, b]: [i64; 3]) -> i64 {
        x.wrapping_add((self.value as i64).wrapping_mul(a).wrapping_mul(b))
    }
    const FLOPS: u64 = 3;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs((needs >> 1 & 1) << 2 | (needs >> 2 & 1) << 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let factor = |i: usize, other: usize| -> Result<Option<Tensor>> {
            let g = || sum_to(&scale(&mul(cx.dy(0), &cx.input(other)?)?, self.value)?, cx.spec(i).dims());
            cx.needs(i).then(g).transpose()
        };
        let first = cx.needs(0).then(|| sum_to(cx.dy(0), cx.spec(0).dims())).transpose()?;
        Ok(smallvec![first, factor(1, 2)?, factor(2, 1)?])
    }
    fn sample_ops() -> Vec<Addcmul> {
        [1.0, -0.5].map(|value| Addcmul { value }).into()
    }
}

op! {
    /// `input + value * tensor1 / tensor2`, elementwise. Integers become float32.
    ///
    /// Shapes: any three that broadcast; the result has the broadcast shape.
    pub Addcdiv = "addcdiv"(input: One + float @ Any, tensor1: One + float @ Any, tensor2: One + float @ Any)
        -> (output; 1) { value: f64 = 1.0 }
}
impl Pointwise for Addcdiv {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, a, b]: [T; 3]) -> T {
        x + T::of(self.value) * a / b
    }
    const COST: usize = 3;
    const FLOPS: u64 = 3;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(if needs & 0b100 != 0 { 0b110 } else { needs << 1 & 0b100 })
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let first = cx.needs(0).then(|| sum_to(cx.dy(0), cx.spec(0).dims())).transpose()?;
        if !cx.needs(1) && !cx.needs(2) {
            return Ok(smallvec![first, None, None]);
        }
        let over = scale(&div(cx.dy(0), &cx.input(2)?)?, self.value)?;
        let above = cx.needs(1).then(|| sum_to(&over, cx.spec(1).dims())).transpose()?;
        let below = || {
            let g = scale(&div(&mul(&over, &cx.input(1)?)?, &cx.input(2)?)?, -1.0)?;
            sum_to(&g, cx.spec(2).dims())
        };
        Ok(smallvec![first, above, cx.needs(2).then(below).transpose()?])
    }
    fn sample_ops() -> Vec<Addcdiv> {
        [1.0, -0.5].map(|value| Addcdiv { value }).into()
    }
    const SAMPLES: (f64, f64) = (0.5, 2.0);
}
