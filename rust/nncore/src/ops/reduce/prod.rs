use crate::ops::cumsum::{wide, ProductsAlong};
use crate::ops::extreme::each_once;
use crate::ops::sum::{reduce, reduced, remaining};
use crate::ops::{mul::mul, reshape::reshape};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

op! {
    /// Product along `dim`, or of all elements when None.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64; `dtype` casts first;
    /// an empty product is 1. The gradient is right where elements are zero, too. Raises `ShapeError` for a dimension that is
    /// out of range.
    pub Prod = "prod"(input: One @ Any) -> (output; 1) { dim: Option<i64> = None, keepdim: bool = false, dtype: Option<DType> = None }
}
impl Function for Prod {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = wide(ins[0].expect("a required input"), self.dtype)?;
        dispatch::apply(&ProdAlong { dim: self.dim, keepdim: self.keepdim }, &[Some(&x)])
    }
    fn cases() -> Vec<Case> {
        let case = |dim, keepdim, d: &[u32]| {
            let op = Prod { dim, keepdim, dtype: None };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample_in(1, d, -1.5, 1.5))] }
        };
        let mut all = vec![
            case(None, false, &[3, 4]),
            case(Some(1), true, &[2, 3, 2]),
            case(Some(-1), false, &[3, 7]),
            case(Some(0), false, &[0, 3]),
            case(None, false, &[]),
        ];
        // No zero, one and several in a line.
        let zeros = Tensor::from_slice(&[1.5, -2.0, 0.5, 0.0, 2.0, 3.0, 0.0, -1.0, 0.0], &[3, 3]).expect("a small tensor");
        all.push(Case { inputs: vec![Some(zeros)], ..case(Some(1), false, &[]) });
        all
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Prod { dim: None, keepdim: false, dtype: Some(DType::Bool) }, given::floats(&[&[2]]), Kind::DType, "a dtype of numbers expected, got bool"),
        ])
    }
}
op! {
    /// What `prod` does once the dtype is known.
    ProdAlong = "prod_along"(input: One @ Any) -> (output; 1) { dim: Option<i64>, keepdim: bool }
}
impl ProdAlong {
    fn mask(&self, x: &Spec) -> Result<u32> {
        reduced(x, &self.dim.map(|d| smallvec![d]))
    }
}
impl Op for ProdAlong {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dtype == DType::Bool {
            return Err(err(Kind::DType, "numbers expected, got bool"));
        }
        out.fresh(Spec::new(x[0].dtype, &remaining(&x[0], self.mask(&x[0])?, self.keepdim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = self.mask(cx.spec(0))?;
        numbers!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::prod::<T>));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    /// What stands before an element, times what stands behind it: no division by what may be zero.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (x, mask) = (cx.input(0)?, self.mask(cx.spec(0))?);
        let kept: Ints = remaining(&x.spec, mask, true).iter().map(|d| *d as i64).collect();
        let dy = reshape(cx.dy(0), &kept)?;
        let (line, dim) = match self.dim {
            Some(dim) => (x.clone(), dim),
            None => (reshape(&x, &[-1])?, 0),
        };
        let part = |reverse| cx.emit(&ProductsAlong { dim, reverse, exclusive: true }, &[&line]);
        let others = mul(&part(false)?, &part(true)?)?;
        Ok(smallvec![Some(mul(&dy, &reshape(&others, &x.spec.shape())?)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        each_once(x, outs)
    }
    fn samples() -> Samples<ProdAlong> {
        let case = |dim, d: &[u32]| (ProdAlong { dim, keepdim: false }, vec![Some(crate::ops::sample(1, d))]);
        vec![case(None, &[2, 3]), case(Some(0), &[2, 3])]
    }
    fn refusals() -> Refusals<ProdAlong> {
        vec![
            (ProdAlong { dim: None, keepdim: false }, vec![given::bools(&[2])], Kind::DType, "numbers expected, got bool"),
        ]
    }
}
