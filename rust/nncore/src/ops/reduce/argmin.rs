use crate::ops::argmax::{axes, index_spec};
use crate::ops::max::{along_cases, ordered};
use crate::ops::sum::reduce;
use crate::op::*;
use crate::Result;
use nncore_kernels::reduce as kernels;

op! {
    /// Where the smallest element along `dim` is, or of all elements in row-major order when None; the first of equal ones. NaN
    /// counts as the smallest.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`; int64. Raises `ShapeError` for a dimension that
    /// is out of range or empty.
    pub Argmin = "argmin"(input: One @ Any) -> (output; 1) { dim: Option<i64> = None, keepdim: bool = false }
}
impl Op for Argmin {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(index_spec(&x[0], self.dim, self.keepdim)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = axes(cx.spec(0), self.dim)?;
        ordered!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::argmin::<T>));
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Argmin> {
        along_cases().into_iter().map(|(dim, keepdim, x)| (Argmin { dim, keepdim }, vec![x])).collect()
    }
}
