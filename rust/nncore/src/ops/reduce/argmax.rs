use crate::ops::max::{along_cases, extreme_spec, ordered};
use crate::ops::sum::{reduce, reduced};
use crate::op::*;
use crate::shape::Spec;
use crate::{DType, Result};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

op! {
    /// Where the largest element along `dim` is, or of all elements in row-major order when None; the first of equal ones. NaN
    /// counts as the largest.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`; int64. Raises `ShapeError` for a dimension that
    /// is out of range or empty.
    pub Argmax = "argmax"(input: One @ Any) -> (output; 1) { dim: Option<i64> = None, keepdim: bool = false }
}
impl Op for Argmax {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(index_spec(&x[0], self.dim, self.keepdim)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = axes(cx.spec(0), self.dim)?;
        ordered!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::argmax::<T>));
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Argmax> {
        along_cases().into_iter().map(|(dim, keepdim, x)| (Argmax { dim, keepdim }, vec![x])).collect()
    }
}

/// The dimensions to reduce, as bits.
pub fn axes(x: &Spec, dim: Option<i64>) -> Result<u32> {
    reduced(x, &dim.map(|d| smallvec![d]))
}
/// The spec of an index along a dimension.
pub fn index_spec(x: &Spec, dim: Option<i64>, keepdim: bool) -> Result<Spec> {
    Ok(extreme_spec(x, &dim.map(|d| smallvec![d]), keepdim)?.with_dtype(DType::I64))
}
