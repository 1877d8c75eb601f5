use crate::ops::cast::cast;
use crate::op::*;
use crate::{dispatch, DType, Result, Tensor};
use nncore_kernels::num::Element;
use nncore_kernels::pointwise::Map;
use std::marker::PhantomData;

/// A relation of two elements of one type. With NaN all but `!=` are false.
pub trait Relation: Send + Sync {
    fn holds<T: Element>(a: T, b: T) -> bool;
}
macro_rules! comparisons {
    ($($S:ident = $name:literal $sign:tt $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first. NaN equals
            /// nothing and has no order. There is no gradient.
            pub $S = $name(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
        }
        impl Relation for $S {
            #[inline(always)]
            fn holds<T: Element>(a: T, b: T) -> bool {
                a $sign b
            }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                out.fresh(elementwise(x)?.with_dtype(DType::Bool))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                relate::<$S>(cx);
                Ok(())
            }
            fn samples() -> Samples<$S> {
                whole_pairs().into_iter().map(|ins| ($S {}, ins)).collect()
            }
            fn refusals() -> Refusals<$S> {
                given::apart($S {})
            }
        }
    )* };
}
comparisons! {
    Eq = "eq" == "Elementwise `input == other`.";
    Ne = "ne" != "Elementwise `input != other`.";
    Lt = "lt" < "Elementwise `input < other`.";
    Le = "le" <= "Elementwise `input <= other`.";
    Gt = "gt" > "Elementwise `input > other`.";
    Ge = "ge" >= "Elementwise `input >= other`.";
}

/// A relation as the kernels take it.
struct Holds<R, T>(PhantomData<(R, T)>);
impl<R: Relation, T: Element> Map for Holds<R, T> {
    type In = [T; 2];
    type Out = bool;
    #[inline(always)]
    fn eval(&self, [a, b]: [T; 2]) -> bool {
        R::holds(a, b)
    }
}
/// Where the relation holds.
pub fn relate<R: Relation>(cx: &Cpu) {
    elements!(cx.spec(0).dtype, T => map(&Holds::<R, T>(PhantomData), cx))
}
/// Whole numbers, so that some are equal; one pair that broadcasts, one of mixed dtypes, one empty, one 0-d.
pub fn whole_pairs() -> Vec<Vec<Option<Tensor>>> {
    let whole = |seed, d: &[u32], dtype| {
        let x = crate::ops::sample_in(seed, d, -2.0, 2.0);
        let x = cast(&x, DType::I64).and_then(|x| cast(&x, dtype)).expect("a cast");
        Some(x)
    };
    let pair = |a: &[u32], b: &[u32]| vec![whole(1, a, DType::F64), whole(2, b, DType::F64)];
    vec![
        pair(&[3, 4], &[3, 4]),
        pair(&[3, 1], &[2, 1, 4]),
        pair(&[2, 3, 2, 2], &[]),
        pair(&[0, 3], &[3]),
        pair(&[], &[]),
        vec![whole(3, &[4], DType::Bool), whole(4, &[2, 4], DType::I32)],
    ]
}

/// Where `a == b`.
pub fn eq(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Eq {}, &[a, b])
}
