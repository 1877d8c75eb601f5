use crate::ops::cast::cast;
use crate::ops::scale::scale;
use crate::ops::sum::{reduce, reduced, remaining, spread};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

op! {
    /// Mean over the dimensions in `dim` (all of them when None or empty). The order of additions is fixed. Integers become
    /// float32; `dtype` casts first.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. The mean of nothing is NaN.
    /// Raises `ShapeError` for a dimension that is out of range or named twice, `DTypeError` for a dtype that is no float.
    pub MeanAs = "mean"(input: One @ Any) -> (output; 1) {
        dim: Option<Ints> = None, keepdim: bool = false, dtype: Option<DType> = None,
    }
}
impl Function for MeanAs {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let mean = Mean { dim: self.dim.clone(), keepdim: self.keepdim };
        match self.dtype {
            None => dispatch::apply(&mean, ins),
            Some(dtype) => dispatch::apply(&mean, &[Some(&as_float(ins[0].expect("a required input"), dtype)?)]),
        }
    }
    fn cases() -> Vec<Case> {
        let of = |mean: Mean, dtype| MeanAs { dim: mean.dim, keepdim: mean.keepdim, dtype }.attrs();
        let mut all: Vec<Case> =
            Mean::samples().into_iter().map(|(mean, inputs)| Case { attrs: of(mean, None), inputs }).collect();
        let inputs = vec![Some(crate::ops::sample(1, &[2, 3]))];
        all.push(Case { attrs: of(Mean { dim: Some(smallvec![]), keepdim: true }, Some(DType::F64)), inputs });
        all
    }
    fn refusals() -> Vec<Refusal> {
        let op = MeanAs { dim: None, keepdim: false, dtype: Some(DType::I64) };
        let x = vec![Some(crate::ops::sample(1, &[3]))];
        refusals(vec![(op, x, Kind::DType, "dtype is float32 or float64, got int64")])
    }
}
/// The input as a float dtype that was asked for.
pub fn as_float(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if !dtype.is_float() {
        return Err(err(Kind::DType, format!("dtype is float32 or float64, got {dtype}")));
    }
    cast(x, dtype)
}
op! {
    /// What `mean` does once the dtype is known.
    Mean = "mean_over"(input: One + float @ Any) -> (output; 1) { dim: Option<Ints> = None, keepdim: bool = false }
}
/// How many elements one element of the result stands for.
pub fn count(x: &Spec, mask: u32) -> f64 {
    (0..x.rank()).filter(|i| mask >> i & 1 != 0).map(|i| x.d(i) as f64).product()
}
impl Op for Mean {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        out.fresh(Spec::new(x[0].dtype, &remaining(&x[0], reduced(&x[0], &self.dim)?, self.keepdim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = reduced(cx.spec(0), &self.dim)?;
        floats!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::mean::<T>));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let mask = reduced(cx.spec(0), &self.dim)?;
        let each = scale(cx.dy(0), 1.0 / count(cx.spec(0), mask))?;
        Ok(smallvec![Some(spread(&each, cx.spec(0), mask, self.keepdim)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Mean> {
        let case = |dim: Option<Ints>, keepdim, d: &[u32]| (Mean { dim, keepdim }, vec![Some(crate::ops::sample(1, d))]);
        vec![
            case(None, false, &[3, 4]),
            case(Some(smallvec![0, 2, 3]), true, &[2, 3, 4, 2]),
            case(Some(smallvec![-1]), false, &[3, 37]),
            case(Some(smallvec![1]), false, &[0, 3]),
            case(None, false, &[]),
        ]
    }
    fn refusals() -> Refusals<Mean> {
        vec![
            (Mean { dim: Some(smallvec![0, -2]), keepdim: false }, given::floats(&[&[2, 3]]), Kind::Shape, "dim -2 is named twice in [0, -2]"),
        ]
    }
}

/// The mean of all elements.
pub fn mean(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Mean { dim: None, keepdim: false }, &[x])
}
