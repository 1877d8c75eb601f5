use crate::ops::layer_norm::{check_rows, row_grads, row_samples};
use crate::op::*;
use crate::{DType, Kind, Result};
use nncore_kernels::norm;

op! {
    /// Root mean square normalization over the last dimensions: `x / sqrt(mean(x ** 2) + eps) * weight`.
    ///
    /// Shapes: `input` (*, normalized_shape); `weight` of normalized_shape, or None; the result has the input's shape. `eps` of
    /// None is the distance from 1 to the next number of the input's dtype. Raises `ShapeError` where the input does not end
    /// in normalized_shape. Source: Zhang and Sennrich, 2019.
    pub RmsNorm = "rms_norm"(input: One + float, weight: Optional) -> (output, rstd; 1) {
        normalized_shape: Ints, eps: Option<f64> = None,
    } [input, normalized_shape, weight, eps]
}
impl RmsNorm {
    fn eps(&self, dtype: DType) -> f64 {
        self.eps.unwrap_or(if dtype == DType::F64 { f64::EPSILON } else { f32::EPSILON as f64 })
    }
}
impl Op for RmsNorm {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let rows = check_rows(x, &self.normalized_shape)?;
        out.fresh(x[0].contiguous())?;
        out.fresh(rows)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let eps = self.eps(cx.spec(0).dtype);
        floats!(cx.spec(0).dtype, T => norm::rows::<T>(cx.get(0), cx.opt(1), None, eps, cx.out(0), None, cx.out(1)));
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b11, 0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        row_grads(cx, self.normalized_shape.len(), self.eps(cx.spec(0).dtype), false)
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 5 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<RmsNorm> {
        let case = |(normalized_shape, mut ins): (Ints, Vec<_>)| {
            ins.truncate(2);
            (RmsNorm { normalized_shape, eps: Some(1e-6) }, ins)
        };
        row_samples().into_iter().map(case).collect()
    }
    fn refusals() -> Refusals<RmsNorm> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |shape: &[i64]| RmsNorm { normalized_shape: shape.into(), eps: None };
        vec![
            (op(&[4]), vec![s(&[3, 5]), None], Kind::Shape, "ends in normalized_shape [4]"),
            (op(&[5]), vec![s(&[3, 5]), s(&[4])], Kind::Shape, "weight of float64(5,) expected"),
        ]
    }
}
