use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

/// Masks of gradients: linear in the gradient, flat in what is compared.
macro_rules! passes {
    ($($S:ident = $name:literal $fn:ident, $doc:literal, |$dy:ident, $a:ident, $b:ident| $value:expr;)*) => { $(
        op! {
            #[doc = $doc]
            $S = $name(grad: One @ Any, input: One @ Any, other: One @ Any) -> (grad_input; 1) {}
        }
        impl Pointwise for $S {
            #[inline(always)]
            fn eval<T: Float>(&self, [$dy, $a, $b]: [T; 3]) -> T {
                $value
            }
            fn keeps(&self, _needs: u32) -> Keep {
                Keep::inputs(0b110)
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                let g = || sum_to(&$fn(cx.dy(0), &cx.input(1)?, &cx.input(2)?)?, cx.spec(0).dims());
                Ok(smallvec![cx.needs(0).then(g).transpose()?, None, None])
            }
        }

        #[doc = $doc]
        pub fn $fn(grad: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
            dispatch::one(&$S {}, &[grad, a, b])
        }
    )* };
}
passes! {
    PassGe = "pass_ge" pass_ge, "`grad` where `input >= other`, else 0.", |dy, a, b| if a >= b { dy } else { T::ZERO };
    PassAbove = "pass_above" pass_above, "`grad` where `input > other`, else 0.", |dy, a, b| if a > b { dy } else { T::ZERO };
    PassLarger = "pass_larger" pass_larger,
        "`grad` where `input` is the larger one, half of it where both are equal, 0 where it is the smaller one.",
        |dy, a, b| {
            let tied = if a == b { T::of(0.5) * dy } else { dy };
            if a < b { T::ZERO } else { tied }
        };
}
