use crate::ops::full::zeros_like;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

macro_rules! roundings {
    ($($S:ident = $name:literal $fn:ident $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: any; the result has the same. Integers stay as they are. The gradient is 0.
            pub $S = $name(input: One @ Any) -> (output; 1) {}
        }
        impl Pointwise for $S {
            #[inline(always)]
            fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
                x.$fn()
            }
            const INTEGERS: bool = true;
            fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
                x
            }
            fn keeps(&self, _needs: u32) -> Keep {
                Keep::NONE
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                Ok(smallvec![Some(zeros_like(cx.dy(0))?)])
            }
        }

        #[doc = $doc]
        pub fn $fn(x: &Tensor) -> Result<Tensor> {
            dispatch::one(&$S {}, &[x])
        }
    )* };
}
roundings! {
    Floor = "floor" floor "The greatest whole number that is not above `input`, elementwise.";
    Ceil = "ceil" ceil "The least whole number that is not below `input`, elementwise.";
    Trunc = "trunc" trunc "The whole part of `input`, elementwise.";
}
