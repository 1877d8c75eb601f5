use crate::op::*;
use crate::Result;
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input` where it is above `threshold`, else `value`, elementwise. NaN stays NaN.
    ///
    /// Shape: any; the result has the same. With integers both numbers are cut off to integers.
    pub Threshold = "threshold"(input: One @ Any) -> (output; 1) { threshold: f64, value: f64 }
}
impl Pointwise for Threshold {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        if x <= T::of(self.threshold) {
            T::of(self.value)
        } else {
            x
        }
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        if x <= self.threshold as i64 {
            self.value as i64
        } else {
            x
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let op = ThresholdGrad { threshold: self.threshold };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn sample_ops() -> Vec<Threshold> {
        vec![Threshold { threshold: 0.25, value: -3.0 }]
    }
}

op! {
    /// Gradient of `threshold`: 0 where `input` is not above it, else `grad`.
    ThresholdGrad = "threshold_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) { threshold: f64 }
}
impl Pointwise for ThresholdGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        if x <= T::of(self.threshold) {
            T::ZERO
        } else {
            dy
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![cx.needs(0).then(|| cx.emit(self, &[cx.dy(0), &cx.input(1)?])).transpose()?, None])
    }
    fn sample_ops() -> Vec<ThresholdGrad> {
        vec![ThresholdGrad { threshold: 0.25 }]
    }
}
