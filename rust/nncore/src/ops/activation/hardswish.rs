use crate::ops::hardtanh::hardtanh_grad;
use crate::ops::{mul::mul, scale::scale};
use crate::op::*;
use crate::Result;
use nncore_kernels::num::Float;
use smallvec::smallvec;

/// `min(max(x + 3, 0), 6)`.
#[inline(always)]
fn ramp<T: Float>(x: T) -> T {
    let six = T::of(6.0);
    let y = x + T::of(3.0);
    let y = if y < T::ZERO { T::ZERO } else { y };
    if y > six {
        six
    } else {
        y
    }
}

op! {
    /// `input * relu6(input + 3) / 6`, elementwise: a `silu` without exponential. Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Howard et al., 2019 (arXiv 1905.02244).
    pub Hardswish = "hardswish"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Hardswish {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * ramp(x) / T::of(6.0)
    }
    const COST: usize = 2;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&HardswishGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
    const SAMPLES: (f64, f64) = (-5.0, 5.0);
}

op! {
    /// Gradient of `hardswish`: 0 up to -3, `grad` from 3 on, between them `grad * (input / 3 + 1 / 2)`.
    HardswishGrad = "hardswish_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for HardswishGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let three = T::of(3.0);
        let inner = dy * (x / three + T::of(0.5));
        let right = if x >= three { dy } else { inner };
        if x <= -three {
            T::ZERO
        } else {
            right
        }
    }
    const COST: usize = 2;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        let right = || scale(&hardtanh_grad(&mul(g, &cx.input(0)?)?, &x, -3.0, 3.0)?, 1.0 / 3.0);
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
    const SAMPLES: (f64, f64) = (-5.0, 5.0);
}

op! {
    /// `relu6(input + 3) / 6`, elementwise: a sigmoid of straight lines. Integers become float32.
    ///
    /// Shape: any; the result has the same, within [0, 1].
    pub Hardsigmoid = "hardsigmoid"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Hardsigmoid {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        ramp(x) / T::of(6.0)
    }
    const COST: usize = 2;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let g = hardtanh_grad(cx.dy(0), &cx.input(0)?, -3.0, 3.0)?;
        Ok(smallvec![Some(scale(&g, 1.0 / 6.0)?)])
    }
    const SAMPLES: (f64, f64) = (-5.0, 5.0);
}
