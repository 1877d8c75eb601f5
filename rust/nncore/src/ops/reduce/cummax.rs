use crate::ops::cumsum::axis_of;
use crate::ops::extreme::{each_once, ordered};
use crate::ops::gather::scatter;
use crate::op::*;
use crate::{DType, Result};
use nncore_kernels::scan;
use smallvec::smallvec;

macro_rules! extremes {
    ($($S:ident = $name:literal, $min:literal, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            /// NaN stays once it is met.
            ///
            /// Shapes: the input's, for both. Indices are int64, of the last of equal ones; the gradient goes to the elements that they
            /// name. Raises `ShapeError` for a dimension that is out of range.
            pub $S = $name(input: One) -> (values, indices; 2) { dim: i64 }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                x[0].axis(self.dim)?;
                out.fresh(x[0].contiguous())?;
                out.fresh(x[0].contiguous().with_dtype(DType::I64))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                let axis = axis_of(cx.spec(0), self.dim);
                ordered!(cx.spec(0).dtype, T => {
                    scan::cumulative_extreme::<T, $min>(axis, cx.get(0), cx.out(0), cx.out(1))
                });
                Ok(())
            }
            const DIFFERENTIABLE: bool = true;
            fn keeps(&self, _needs: u32) -> Keep {
                Keep::outputs(0b10)
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None]) };
                Ok(smallvec![Some(scatter(dy, &cx.output(1)?.detach(), cx.spec(0), self.dim)?)])
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                each_once(x, outs)
            }
            fn samples() -> Samples<$S> {
                let case = |dim, d: &[u32]| ($S { dim }, vec![Some(crate::ops::sample(1, d))]);
                vec![case(0, &[6]), case(1, &[3, 5]), case(-2, &[2, 4, 3]), case(0, &[]), case(0, &[0, 2])]
            }
        }
    )* };
}
extremes! {
    Cummax = "cummax", 0, " The largest element so far along dimension `dim`, and where it is, as (values, indices).";
    Cummin = "cummin", 1, " The smallest element so far along dimension `dim`, and where it is, as (values, indices).";
}
