use crate::ops::cast::cast;
use crate::ops::expand::expand;
use crate::ops::full::zero;
use crate::ops::where_::where_;
use crate::op::*;
use crate::shape::{broadcast, Spec};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::Element;
use smallvec::smallvec;

op! {
    /// `input` with `value`, a number or a 0-d tensor, wherever `mask` is true.
    ///
    /// Shapes: any two that broadcast. Dtype: the input's. Raises `DTypeError` unless the mask is bool, `ShapeError` where the
    /// shapes do not fit.
    pub MaskedFill = "masked_fill"(input: One + promote @ Any, mask: One @ Any, value: One + promote @ Any) -> (output; 1) {}
}
impl Function for MaskedFill {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, mask, value) =
            (ins[0].expect("a required input"), ins[1].expect("a required input"), ins[2].expect("a required input"));
        if value.spec.rank() != 0 {
            return Err(err(Kind::Shape, format!("the value must be 0-d, got a shape of {:?}", value.spec.dims())));
        }
        whole(x, mask)?;
        Ok(smallvec![where_(mask, &cast(value, x.spec.dtype)?, x)?])
    }
    fn cases() -> Vec<Case> {
        let value = Tensor::scalar(-0.5).expect("a scalar");
        masks()
            .into_iter()
            .map(|(x, mask)| Case { attrs: vec![], inputs: vec![Some(x), Some(mask), Some(value.clone())] })
            .collect()
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (MaskedFill {}, given::floats(&[&[2], &[2], &[]]), Kind::DType, "the mask must be bool, got float64"),
            (MaskedFill {}, vec![given::float(&[2, 3]), given::bools(&[4]), given::float(&[])], Kind::Shape, "broadcasts with the input's [2, 3] expected, got [4]"),
            (MaskedFill {}, vec![given::float(&[2]), given::bools(&[2]), given::float(&[2])], Kind::Shape, "the value must be 0-d, got a shape of [2]"),
        ])
    }
}
/// The shape that input and mask make together.
pub(super) fn whole(x: &Tensor, mask: &Tensor) -> Result<Ints> {
    if mask.spec.dtype != DType::Bool {
        return Err(err(Kind::DType, format!("the mask must be bool, got {}", mask.spec.dtype)));
    }
    let (a, b) = (x.spec.dims(), mask.spec.dims());
    let wrong = || err(Kind::Shape, format!("a mask that broadcasts with the input's {a:?} expected, got {b:?}"));
    Ok(broadcast(a, b).ok_or_else(wrong)?.iter().map(|&d| d as i64).collect())
}
fn masks() -> Vec<(Tensor, Tensor)> {
    let mask = |v: &[bool], d: &[u32]| Tensor::from_slice(v, d).expect("a small tensor");
    let x = |d: &[u32]| crate::ops::sample(1, d);
    vec![
        (x(&[2, 3]), mask(&[true, false, true, false, false, true], &[2, 3])),
        (x(&[2, 3]), mask(&[true, false, true], &[3])),
        (x(&[3]), mask(&[true, false], &[2, 1])),
        (x(&[]), mask(&[true], &[])),
        (x(&[0, 2]), mask(&[], &[0, 2])),
    ]
}

op! {
    /// `input` with the elements of `source`, one after the other, wherever `mask` is true.
    ///
    /// Shapes: input and mask are any two that broadcast; `source` has at least as many elements as there are places. Dtype: the
    /// input's, which `source` must have. Raises `DTypeError` or `ShapeError` where they do not fit, `ValueError` for a source
    /// that is too short.
    pub MaskedScatter = "masked_scatter"(input: One @ Any, mask: One @ Any, source: One @ Any) -> (output; 1) {}
}
impl Function for MaskedScatter {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, mask) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let shape = whole(x, mask)?;
        let (x, mask) = (expand(x, &shape)?, expand(mask, &shape)?);
        dispatch::apply(&MaskedPut {}, &[Some(&x), Some(&mask), ins[2]])
    }
    fn cases() -> Vec<Case> {
        let source = crate::ops::sample(2, &[3, 2]);
        masks()
            .into_iter()
            .map(|(x, mask)| Case { attrs: vec![], inputs: vec![Some(x), Some(mask), Some(source.clone())] })
            .collect()
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (MaskedScatter {}, given::floats(&[&[2], &[2], &[2]]), Kind::DType, "the mask must be bool, got float64"),
            (MaskedScatter {}, vec![given::float(&[3]), given::bools(&[3]), given::float(&[2])], Kind::Value, "the mask has 3 places, the source only 2 elements"),
            (MaskedScatter {}, vec![given::float(&[3]), given::bools(&[3]), given::int64(&[1, 2, 3])], Kind::DType, "a source of float64 expected, got int64"),
            (MaskedScatter {}, vec![given::float(&[2, 3]), given::bools(&[4]), given::float(&[6])], Kind::Shape, "expected, got [4]"),
        ])
    }
}
op! {
    /// `masked_scatter` where input and mask have one shape.
    MaskedPut = "masked_put"(input: One, mask: One, source: One) -> (output; 1) {}
}
impl Op for MaskedPut {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dtype != x[2].dtype {
            return Err(err(Kind::DType, format!("a source of {} expected, got {}", x[0].dtype, x[2].dtype)));
        }
        if x[0].dims() != x[1].dims() || x[1].dtype != DType::Bool {
            return Err(err(Kind::Shape, format!("a mask of bool and shape {:?} expected, got {}", x[0].dims(), x[1])));
        }
        out.fresh(x[0].contiguous())
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let (places, n) = (cx.get::<bool>(1).iter().filter(|hit| **hit).count(), cx.spec(2).numel());
        if places > n {
            return Err(err(Kind::Value, format!("the mask has {places} places, the source only {n} elements")));
        }
        Ok(())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        elements!(cx.spec(0).dtype, T => put::<T>(cx));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, mask) = (cx.dy(0), cx.input(1)?);
        let input = cx.needs(0).then(|| where_(&mask, &zero(dy.spec.dtype)?, dy)).transpose()?;
        let taken = MaskedTake { shape: cx.spec(2).shape() };
        Ok(smallvec![input, None, cx.needs(2).then(|| cx.emit(&taken, &[dy, &mask])).transpose()?])
    }
    fn samples() -> Samples<MaskedPut> {
        let (x, mask) = masks().swap_remove(0);
        vec![(MaskedPut {}, vec![Some(x), Some(mask), Some(crate::ops::sample(2, &[4]))])]
    }
}
fn put<T: Element>(cx: &Cpu) {
    let (x, source, out) = (cx.get::<T>(0), cx.get::<T>(2), cx.out::<T>(0));
    let mut next = source.iter();
    for ((y, x), hit) in out.iter_mut().zip(x).zip(cx.get::<bool>(1)) {
        *y = if *hit { *next.next().expect("check has counted") } else { *x }
    }
}
op! {
    /// Gradient of `masked_scatter`: the elements of `grad` where `mask` is true, in order, and zeros up to `shape`.
    MaskedTake = "masked_take"(grad: One, mask: One) -> (grad_source; 1) { shape: Ints }
}
impl Op for MaskedTake {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dims() != x[1].dims() || x[1].dtype != DType::Bool {
            let text = format!("a mask of bool and shape {:?} expected, got {}", x[0].dims(), x[1]);
            return Err(err(Kind::Shape, text));
        }
        out.fresh(Spec::checked(x[0].dtype, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.out_spec(0).dtype, T => {
            let (g, out) = (cx.get::<T>(0), cx.out::<T>(0));
            out.fill(0.0);
            let hits = g.iter().zip(cx.get::<bool>(1)).filter(|(_, hit)| **hit);
            out.iter_mut().zip(hits).for_each(|(y, (g, _))| *y = *g)
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let none = zero(cx.dy(0).spec.dtype)?;
        let back = cx.emit(&MaskedPut {}, &[&expand(&none, &cx.spec(0).shape())?, &cx.input(1)?, cx.dy(0)])?;
        Ok(smallvec![Some(back), None])
    }
    fn samples() -> Samples<MaskedTake> {
        let (x, mask) = masks().swap_remove(0);
        vec![(MaskedTake { shape: smallvec![2, 2] }, vec![Some(x), Some(mask)])]
    }
    fn refusals() -> Refusals<MaskedTake> {
        vec![
            (MaskedTake { shape: smallvec![2] }, vec![given::float(&[3]), given::bools(&[2])], Kind::Shape, "a mask of bool and shape [3] expected, got bool(2,)"),
        ]
    }
}
