//! `max`, `min` and their kin: each pair is written once.
use crate::ops::comparison::eq;
use crate::ops::full::zero;
use crate::ops::gather::scatter;
use crate::ops::reshape::reshape;
use crate::ops::sum::{reduce, reduced, remaining, spread};
use crate::ops::where_::where_;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::{num::Number, reduce as kernels};
use smallvec::smallvec;

/// Runs `$body` with `$T` bound to a type that has an order; bool lies in memory as the numbers 0 and 1.
macro_rules! ordered {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::DType::Bool => {
                type $T = u8;
                $body
            }
            other => numbers!(other, $T => $body),
        }
    };
}
pub(in crate::ops) use ordered;

macro_rules! extremes {
    ($(
        $Either:ident = $either:literal, $either_doc:literal;
        $Over:ident = $over:literal, $over_doc:literal, $fold:ident;
        $Along:ident = $along:literal, $along_doc:literal, $arg:ident;
    )*) => { $(
        op! {
            #[doc = $either_doc]
            ///
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64, of the first such element.
            /// Along `dim` the gradient goes to the element that `indices` names; without `dim` equal ones share it evenly.
            /// Raises `ShapeError` for a dimension that is out of range or empty.
            pub $Either = $either(input: One @ Any) -> (values, indices; 2) { dim: Option<i64> = None, keepdim: bool = false }
        }
        impl Function for $Either {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                match self.dim {
                    Some(dim) => dispatch::apply(&$Along { dim, keepdim: self.keepdim }, ins),
                    None => dispatch::apply(&$Over { dim: None, keepdim: self.keepdim }, ins),
                }
            }
            fn cases() -> Vec<Case> {
                along_cases().into_iter().map(|(dim, keepdim, x)| case(&$Either { dim, keepdim }, x)).collect()
            }
            fn refusals() -> Vec<Refusal> {
                refusals(given::nothing($Either { dim: Some(0), keepdim: false }))
            }
        }
        op! {
            #[doc = $over_doc]
            ///
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
            /// Raises `ShapeError` for a dimension that is out of range, named twice or empty.
            pub $Over = $over(input: One @ Any) -> (output; 1) { dim: Option<Ints> = None, keepdim: bool = false }
        }
        impl Op for $Over {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                out.fresh(extreme_spec(&x[0], &self.dim, self.keepdim)?)
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                let mask = reduced(cx.spec(0), &self.dim)?;
                ordered!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::$fold::<T>));
                Ok(())
            }
            const DIFFERENTIABLE: bool = true;
            fn keeps(&self, _needs: u32) -> Keep {
                Keep::both(1, 1)
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                Ok(smallvec![Some(share(cx, &self.dim, self.keepdim)?)])
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                each_once(x, outs)
            }
            fn samples() -> Samples<$Over> {
                over_cases().into_iter().map(|(dim, keepdim, x)| ($Over { dim, keepdim }, vec![x])).collect()
            }
            fn refusals() -> Refusals<$Over> {
                given::nothing($Over { dim: None, keepdim: false })
            }
        }
        op! {
            #[doc = $along_doc]
            $Along = $along(input: One @ Any) -> (values, indices; 2) { dim: i64, keepdim: bool = false }
        }
        impl Op for $Along {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                let values = extreme_spec(&x[0], &Some(smallvec![self.dim]), self.keepdim)?;
                out.fresh(values)?;
                out.fresh(values.with_dtype(DType::I64))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                ordered!(cx.spec(0).dtype, T => both::<T>(cx, self.dim, kernels::$arg::<T>));
                Ok(())
            }
            const DIFFERENTIABLE: bool = true;
            fn keeps(&self, _needs: u32) -> Keep {
                Keep::outputs(0b10)
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                Ok(smallvec![back_along(cx, self.dim)?])
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                each_once(x, outs)
            }
            fn samples() -> Samples<$Along> {
                along_ops().into_iter().map(|(dim, keepdim, x)| ($Along { dim, keepdim }, vec![x])).collect()
            }
            fn refusals() -> Refusals<$Along> {
                given::nothing($Along { dim: 0, keepdim: false })
            }
        }
    )* };
}
extremes! {
    Max = "max", " The largest element along `dim`, as (values, indices); without `dim` the largest of all, as one 0-d tensor. NaN counts as\n the largest.";
    Amax = "amax", " The largest elements over the dimensions in `dim` (all when None or empty). NaN counts as the largest.", max;
    MaxDim = "max_dim", " The largest element along one dimension, and where it is: what `max` does with `dim`.", argmax;
    Min = "min", " The smallest element along `dim`, as (values, indices); without `dim` the smallest of all, as one 0-d tensor. NaN counts as\n the smallest.";
    Amin = "amin", " The smallest elements over the dimensions in `dim` (all when None or empty). NaN counts as the smallest.", min;
    MinDim = "min_dim", " The smallest element along one dimension, and where it is: what `min` does with `dim`.", argmin;
}

/// One operation an element, each of which is read once.
pub fn each_once(x: Specs, outs: &Outs) -> Cost {
    Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
}
/// The spec of what is left by a reduction that has no answer for nothing.
pub fn extreme_spec(x: &Spec, dim: &Option<Ints>, keepdim: bool) -> Result<Spec> {
    let mask = reduced(x, dim)?;
    let dims = remaining(x, mask, keepdim);
    let out = Spec::new(x.dtype, &dims);
    if let Some(i) = (0..x.rank()).find(|i| mask >> i & 1 != 0 && x.d(*i) == 0) {
        let text = format!("at least one element to choose from expected, got size 0 of dim {i} of {:?}", x.dims());
        return Err(err(Kind::Shape, text));
    }
    Ok(out)
}
/// Indices by `arg` into output 1, and the values there into output 0.
pub fn both<T: Number>(
    cx: &Cpu,
    dim: i64,
    arg: unsafe fn(&[usize], &[isize], u32, *const T, &mut [i64]),
) {
    let (s, r) = (cx.spec(0), cx.spec(0).rank());
    let (values, places) = (cx.out::<T>(0), cx.out::<i64>(1));
    let axis = s.axis(dim).expect("infer");
    let mask = if r == 0 { 0 } else { 1 << axis };
    // Valid at every index of its spec.
    unsafe { arg(&s.usize_dims()[..r], &s.isize_strides()[..r], mask, cx.ptr(0), places) };
    let x = cx.ptr::<T>(0);
    let (kept, step) = if r == 0 { (*s, 0) } else { (lines(s, axis), s.s(axis)) };
    let out = Spec::new(s.dtype, kept.dims());
    walk(&out, &[kept], &mut |at, o, run, steps, o_step| {
        for i in 0..run as isize {
            let place = (o + i * o_step) as usize;
            // An index along the axis, from where its line begins.
            values[place] = unsafe { *x.offset(at[0] + i * steps[0] + places[place] as isize * step) }
        }
    });
}
/// Where the lines along `axis` begin.
fn lines(s: &Spec, axis: usize) -> Spec {
    let (mut dims, mut strides) = (s.dims().to_vec(), s.strides().to_vec());
    dims.remove(axis);
    strides.remove(axis);
    Spec::strided(s.dtype, &dims, &strides)
}
/// The gradient of `values` along one dimension goes where `indices` says.
pub fn back_along(cx: &GradCx, dim: i64) -> Result<Option<Tensor>> {
    let Some(dy) = cx.opt_dy(0) else { return Ok(None) };
    let (whole, mut kept) = (cx.spec(0), cx.spec(0).shape());
    if let Some(d) = kept.get_mut(whole.axis(dim)?) {
        *d = 1
    }
    let index = cx.output(1)?.detach();
    Ok(Some(scatter(&reshape(dy, &kept)?, &reshape(&index, &kept)?, whole, dim)?))
}
/// The gradient of an extreme over several dimensions: evenly among the elements that equal it.
pub fn share(cx: &GradCx, dim: &Option<Ints>, keepdim: bool) -> Result<Tensor> {
    let (x, y, dtype) = (cx.input(0)?.detach(), cx.output(0)?.detach(), cx.dy(0).spec.dtype);
    let mask = reduced(&x.spec, dim)?;
    let hit = eq(&x, &spread(&y, &x.spec, mask, keepdim)?)?;
    let axes: Ints = (0..x.spec.rank()).filter(|i| mask >> i & 1 != 0).map(|i| i as i64).collect();
    let ties = dispatch::one(&crate::ops::sum::Sum { dim: Some(axes), keepdim }, &[&hit])?;
    let each = crate::ops::div::div(cx.dy(0), &crate::ops::cast::cast(&ties, dtype)?)?;
    where_(&hit, &spread(&each, &x.spec, mask, keepdim)?, &zero(dtype)?)
}

/// Attributes and inputs for reductions along one dimension.
pub fn along_ops() -> Vec<(i64, bool, Option<Tensor>)> {
    let case = |dim, keepdim, d: &[u32]| (dim, keepdim, Some(crate::ops::sample(1, d)));
    vec![
        case(1, false, &[3, 4]),
        case(0, true, &[5, 3]),
        case(-2, false, &[2, 3, 4, 2]),
        case(0, false, &[1]),
        case(0, false, &[]),
        case(0, false, &[3, 0]),
    ]
}
/// The same, and the whole at once.
pub fn along_cases() -> Vec<(Option<i64>, bool, Option<Tensor>)> {
    let whole = |keepdim, d: &[u32]| (None, keepdim, Some(crate::ops::sample(2, d)));
    let along = along_ops().into_iter().map(|(dim, keepdim, x)| (Some(dim), keepdim, x));
    along.chain([whole(false, &[3, 4]), whole(false, &[]), whole(true, &[2, 3])]).collect()
}
/// Attributes and inputs for reductions over several dimensions.
pub fn over_cases() -> Vec<(Option<Ints>, bool, Option<Tensor>)> {
    let case = |dim: Option<Ints>, keepdim, d: &[u32]| (dim, keepdim, Some(crate::ops::sample(1, d)));
    vec![
        case(None, false, &[3, 4]),
        case(Some(smallvec![0, 2]), true, &[2, 3, 4]),
        case(Some(smallvec![-1]), false, &[3, 37]),
        case(Some(smallvec![1]), false, &[0, 3]),
        case(None, true, &[]),
    ]
}
pub fn case<S: Signature>(op: &S, x: Option<Tensor>) -> Case {
    Case { attrs: Signature::attrs(op), inputs: vec![x] }
}
