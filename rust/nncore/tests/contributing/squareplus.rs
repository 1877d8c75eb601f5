use crate::ops::{add::add, div::div, full::Full, mul::mul};
use crate::{dispatch, op::*, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// A smooth ReLU without exponentials: `(input + sqrt(input ** 2 + b)) / 2`, elementwise.
    ///
    /// Shape: any; the result has the same. Source: Barron, 2021 (arXiv 2112.11687).
    pub Squareplus = "squareplus"(input: One + float @ Any) -> (output; 1) { b: f64 = 4.0 }
}
impl Pointwise for Squareplus {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let (b, two) = (T::of(self.b), T::of(2.0));
        let root = (x * x + b).sqrt();
        // The same value without cancellation on the left.
        if x < T::ZERO {
            b / (two * (root - x))
        } else {
            (x + root) / two
        }
    }
    /// The gradient reads the output alone.
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    /// `dy * y / (y + b / (4 * y))`, in ops that have gradients themselves.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let y = cx.output(0)?;
        let quarter = Full { shape: smallvec![], value: self.b / 4.0, dtype: y.spec.dtype };
        let quarter = cx.emit(&quarter, &[])?;
        let slope = div(&y, &add(&y, &div(&quarter, &y)?)?)?;
        Ok(smallvec![Some(mul(cx.dy(0), &slope)?)])
    }
    fn sample_ops() -> Vec<Squareplus> {
        vec![Squareplus { b: 4.0 }, Squareplus { b: 0.5 }]
    }
}

/// For Rust.
pub fn squareplus(x: &Tensor, b: f64) -> Result<Tensor> {
    dispatch::one(&Squareplus { b }, &[x])
}
