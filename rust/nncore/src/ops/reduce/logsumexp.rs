use crate::ops::extreme::each_once;
use crate::ops::sum::{reduce, reduced, remaining, sum_to};
use crate::ops::{mul::mul, reshape::reshape, scale::scale};
use crate::op::*;
use crate::shape::Spec;
use crate::Result;
use nncore_kernels::{math, num::Float, reduce as kernels};
use smallvec::smallvec;

op! {
    /// `log(sum(exp(input)))` over the dimensions in `dim` (all when empty), without overflow.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of nothing it is minus infinity. Integers become
    /// float32. Raises `ShapeError` for a dimension that is out of range or named twice.
    pub Logsumexp = "logsumexp"(input: One + float @ Any) -> (output; 1) { dim: Ints, keepdim: bool = false }
}
impl Op for Logsumexp {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let mask = reduced(&x[0], &Some(self.dim.clone()))?;
        out.fresh(Spec::new(x[0].dtype, &remaining(&x[0], mask, self.keepdim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = reduced(cx.spec(0), &Some(self.dim.clone()))?;
        floats!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::logsumexp::<T>));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, 1)
    }
    /// The softmax of the input, times `dy`.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let x = cx.spec(0);
        let kept: Ints = remaining(x, reduced(x, &Some(self.dim.clone()))?, true).iter().map(|d| *d as i64).collect();
        let (dy, y) = (reshape(cx.dy(0), &kept)?, reshape(&cx.output(0)?, &kept)?);
        Ok(smallvec![Some(cx.emit(&LogsumexpGrad {}, &[&dy, &cx.input(0)?, &y])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 12 * x[0].numel() as u64, ..each_once(x, outs) }
    }
    fn samples() -> Samples<Logsumexp> {
        let case = |dim: Ints, keepdim, d: &[u32]| {
            (Logsumexp { dim, keepdim }, vec![Some(crate::ops::sample_in(1, d, -3.0, 3.0))])
        };
        vec![
            case(smallvec![1], false, &[3, 4]),
            case(smallvec![0, -1], true, &[2, 3, 4]),
            case(smallvec![0], false, &[70, 5]),
            case(smallvec![0, 2, 3], false, &[2, 3, 2, 2]),
            case(smallvec![0], false, &[]),
        ]
    }
}

op! {
    /// Gradient of `logsumexp`: `grad * exp(input - output)`, elementwise with broadcasting.
    LogsumexpGrad = "logsumexp_grad"(grad: One @ Any, input: One @ Any, output: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for LogsumexpGrad {
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, y]: [T; 3]) -> T {
        dy * math::exp(x - y)
    }
    const COST: usize = 4;
    const FLOPS: u64 = 12;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b111)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, dy, x, y) = (cx.dy(0), cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let to_dy = cx.emit(self, &[g, &x, &y])?;
        let to_x = mul(&to_dy, &dy)?;
        let fit = |t, i: usize| sum_to(t, cx.spec(i).dims());
        Ok(smallvec![Some(fit(&to_dy, 0)?), Some(fit(&to_x, 1)?), Some(fit(&scale(&to_x, -1.0)?, 2)?)])
    }
    fn sample_ops() -> Vec<LogsumexpGrad> {
        vec![LogsumexpGrad {}]
    }
}
