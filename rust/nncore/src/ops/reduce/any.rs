//! Reductions that tell, or count, which elements are not zero.
use crate::ops::extreme::{each_once, ordered};
use crate::ops::sum::{listed, reduce, reduced, remaining};
use crate::op::*;
use crate::shape::Spec;
use crate::{DType, Result};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

macro_rules! nonzero {
    ($($S:ident = $name:literal, $kernel:ident -> $dtype:expr, $mask:ident, $($flag:ident = $default:literal)?, $doc:literal, $more:literal;)*) => { $(
        op! {
            #[doc = $doc]
            #[doc = $more]
            ///
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. NaN is not zero. There is no gradient. Raises
            /// `ShapeError` for a dimension that is out of range or named twice.
            pub $S = $name(input: One @ Any) -> (output; 1) { dim: Option<Ints> = None, $($flag: bool = $default)? }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                let keepdim = false $(|| self.$flag)?;
                out.fresh(Spec::new($dtype(x[0].dtype), &remaining(&x[0], $mask(&x[0], &self.dim)?, keepdim)))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                let mask = $mask(cx.spec(0), &self.dim)?;
                ordered!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::$kernel::<T>));
                Ok(())
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                each_once(x, outs)
            }
            fn samples() -> Samples<$S> {
                let case = |dim: Option<Ints>, _keepdim: bool, d: &[u32]| {
                    let x = crate::ops::sample_in(1, d, -1.6, 1.6);
                    // Whole numbers, so that some are zero.
                    let x = crate::ops::cast::cast(&x, DType::I64).and_then(|x| crate::ops::cast::cast(&x, DType::F64));
                    ($S { dim, $($flag: _keepdim)? }, vec![Some(x.expect("a cast"))])
                };
                vec![
                    case(None, false, &[3, 4]),
                    case(Some(smallvec![1]), true, &[7, 2]),
                    case(Some(smallvec![0, 2]), false, &[2, 5, 2]),
                    case(Some(smallvec![-1]), false, &[3, 0]),
                    case(Some(smallvec![]), false, &[2, 3]),
                    case(None, false, &[]),
                ]
            }
        }
    )* };
}
nonzero! {
    Any = "any", any -> truth, named, keepdim = false,
        " Is some element over the dimensions in `dim` (all of them when None, none when empty) not zero? Of nothing: false. The",
        " result is bool; of uint8 it is uint8.";
    All = "all", all -> truth, named, keepdim = false,
        " Are all elements over the dimensions in `dim` (all of them when None, none when empty) other than zero? Of nothing: true.",
        " The result is bool; of uint8 it is uint8.";
    CountNonzero = "count_nonzero", count_nonzero -> number, reduced, ,
        " How many elements over the dimensions in `dim` (all of them when None or empty) are not zero, in int64.", "";
}
/// uint8 was the type of truths before bool: PyTorch keeps it. In memory both are the bytes 0 and 1.
fn truth(of: DType) -> DType {
    if of == DType::U8 { DType::U8 } else { DType::Bool }
}
fn number(_: DType) -> DType {
    DType::I64
}
/// The dimensions that are named: all without a list, none in an empty one.
fn named(x: &Spec, dim: &Option<Ints>) -> Result<u32> {
    dim.as_ref().map_or_else(|| reduced(x, &None), |dim| listed(x, dim))
}
