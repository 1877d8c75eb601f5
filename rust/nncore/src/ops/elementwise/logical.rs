use crate::ops::comparison::{relate, whole_pairs, Relation};
use crate::op::*;
use crate::{DType, Result};
use nncore_kernels::num::Element;
use nncore_kernels::pointwise::Map;
use std::marker::PhantomData;

macro_rules! logical {
    ($($S:ident = $name:literal |$a:ident, $b:ident| $value:expr, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shapes: any two that broadcast; the result is bool, of the broadcast shape. Dtypes promote first; all but 0
            /// is true, NaN too. There is no gradient.
            pub $S = $name(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
        }
        impl Relation for $S {
            #[inline(always)]
            fn holds<T: Element>(a: T, b: T) -> bool {
                let ($a, $b) = (a != T::default(), b != T::default());
                $value
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
logical! {
    LogicalAnd = "logical_and" |a, b| a & b, "Whether `input` and `other` both are true, elementwise.";
    LogicalOr = "logical_or" |a, b| a | b, "Whether `input` or `other` or both are true, elementwise.";
    LogicalXor = "logical_xor" |a, b| a ^ b, "Whether one of `input` and `other` is true and the other is not, elementwise.";
}

macro_rules! negation {
    ($S:ident = $name:literal $doc:literal) => {
        op! {
            #[doc = $doc]
            ///
            /// Shape: any; the result is bool, of the same. All but 0 is true, NaN too. There is no gradient.
            pub $S = $name(input: One @ Any) -> (output; 1) {}
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                out.fresh(elementwise(x)?.with_dtype(DType::Bool))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                crate::elements!(cx.spec(0).dtype, T => map(&IsZero::<T>(PhantomData), cx));
                Ok(())
            }
            fn samples() -> Samples<$S> {
                whole_pairs().into_iter().map(|mut ins| ($S {}, ins.drain(..1).collect())).collect()
            }
        }
    };
}
negation! { LogicalNot = "logical_not" "Whether `input` is 0 or false, elementwise." }
struct IsZero<T>(PhantomData<T>);
impl<T: Element> Map for IsZero<T> {
    type In = [T; 1];
    type Out = bool;
    #[inline(always)]
    fn eval(&self, [x]: [T; 1]) -> bool {
        x == T::default()
    }
}
