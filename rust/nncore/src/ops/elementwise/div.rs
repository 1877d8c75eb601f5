use crate::ops::mul::Mul;
use crate::ops::neg::Neg;
use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// Elementwise quotient, `input / other`, with broadcasting and promotion. Integers become float32.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. A division by zero gives an infinity or NaN.
    pub Div = "div"(input: One + float @ Any, other: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Div {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        a / b
    }
    fn keeps(&self, needs: u32) -> Keep {
        // d/da = 1 / b; d/db = -(a / b) / b
        Keep::both(0b10, needs >> 1 & 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let over = cx.emit(&Div {}, &[cx.dy(0), &cx.input(1)?])?;
        let left = cx.needs(0).then(|| sum_to(&over, cx.spec(0).dims())).transpose()?;
        let right = match cx.needs(1) {
            true => {
                let g = cx.emit(&Mul {}, &[&over, &cx.output(0)?])?;
                Some(cx.emit(&Neg {}, &[&sum_to(&g, cx.spec(1).dims())?])?)
            }
            false => None,
        };
        Ok(smallvec![left, right])
    }
    fn sample_ops() -> Vec<Div> {
        vec![Div {}]
    }
    const SAMPLES: (f64, f64) = (0.5, 2.0);
}

/// `a / b`.
pub fn div(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Div {}, &[a, b])
}
