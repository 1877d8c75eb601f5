use crate::ops::full::zero;
use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::{num::Element, pointwise::Map};
use smallvec::smallvec;
use std::marker::PhantomData;

op! {
    /// `input` where `condition` is true, else `other`, elementwise.
    ///
    /// Shapes: any three that broadcast; the result has the broadcast shape. `input` and `other` promote to one dtype.
    /// Where an element is not taken, no gradient flows to it, whatever its value. Raises `DTypeError` unless the condition
    /// is bool.
    pub Where = "where"(condition: One @ Any, input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Op for Where {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dtype != DType::Bool {
            return Err(err(Kind::DType, format!("the condition must be bool, got {}", x[0].dtype)));
        }
        out.fresh(elementwise(x)?.with_dtype(x[1].dtype))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        elements!(cx.out_spec(0).dtype, T => map(&Pick::<T>(PhantomData), cx));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (condition, none) = (cx.input(0)?, zero(cx.dy(0).spec.dtype)?);
        let to = |i: usize, a: &Tensor, b: &Tensor| -> Result<Option<Tensor>> {
            let g = || sum_to(&cx.emit(&Where {}, &[&condition, a, b])?, cx.spec(i).dims());
            cx.needs(i).then(g).transpose()
        };
        Ok(smallvec![None, to(1, cx.dy(0), &none)?, to(2, &none, cx.dy(0))?])
    }
    fn samples() -> Samples<Where> {
        let case = |c: &[u32], a: &[u32], b: &[u32]| {
            let condition = crate::ops::comparison::eq(
                &crate::ops::cast::cast(&crate::ops::sample_in(3, c, 0.0, 2.0), DType::I64).expect("a cast"),
                &Tensor::scalar(0i64).expect("a scalar"),
            );
            (Where {}, vec![Some(condition.expect("a comparison")), Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))])
        };
        vec![
            case(&[3, 4], &[3, 4], &[3, 4]),
            case(&[3, 1], &[2, 1, 4], &[4]),
            case(&[2, 3, 2, 2], &[2, 3, 2, 2], &[]),
            case(&[], &[], &[]),
            case(&[0, 3], &[3], &[]),
        ]
    }
    fn refusals() -> Refusals<Where> {
        vec![
            (Where {}, given::floats(&[&[2], &[2], &[2]]), Kind::DType, "the condition must be bool, got float64"),
            (Where {}, vec![given::bools(&[2, 3]), given::float(&[4]), given::float(&[])], Kind::Shape, "[2, 3] with [4]"),
        ]
    }
}

struct Pick<T>(PhantomData<T>);
impl<T: Element> Map for Pick<T> {
    type In = (bool, [T; 2]);
    type Out = T;
    #[inline(always)]
    fn eval(&self, (condition, [a, b]): Self::In) -> T {
        if condition {
            a
        } else {
            b
        }
    }
}

/// `a` where `condition`, else `b`.
pub fn where_(condition: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Where {}, &[condition, a, b])
}
