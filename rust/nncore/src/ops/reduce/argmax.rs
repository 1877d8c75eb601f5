//! `argmax` and `argmin`, written once.
use crate::ops::extreme::{along_cases, each_once, extreme_spec, ordered};
use crate::ops::sum::{reduce, reduced};
use crate::op::*;
use crate::{DType, Result};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

macro_rules! places {
    ($($S:ident = $name:literal, $kernel:ident, $doc:literal, $nan:literal;)*) => { $(
        op! {
            #[doc = $doc]
            #[doc = $nan]
            ///
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`; int64. Raises `ShapeError` for a dimension that
            /// is out of range or empty.
            pub $S = $name(input: One @ Any) -> (output; 1) { dim: Option<i64> = None, keepdim: bool = false }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                out.fresh(extreme_spec(&x[0], &self.dim.map(|d| smallvec![d]), self.keepdim)?.with_dtype(DType::I64))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                let mask = reduced(cx.spec(0), &self.dim.map(|d| smallvec![d]))?;
                ordered!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::$kernel::<T>));
                Ok(())
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                each_once(x, outs)
            }
            fn samples() -> Samples<$S> {
                along_cases().into_iter().map(|(dim, keepdim, x)| ($S { dim, keepdim }, vec![x])).collect()
            }
            fn refusals() -> Refusals<$S> {
                given::nothing($S { dim: None, keepdim: false })
            }
        }
    )* };
}
places! {
    Argmax = "argmax", argmax,
        " Where the largest element along `dim` is, or of all elements in row-major order when None; the first of equal ones.",
        " NaN counts as the largest.";
    Argmin = "argmin", argmin,
        " Where the smallest element along `dim` is, or of all elements in row-major order when None; the first of equal ones.",
        " NaN counts as the smallest.";
}
