use crate::op::*;
use crate::{DType, Result};
use nncore_kernels::num::{Element, Float};
use nncore_kernels::pointwise::Map;
use std::marker::PhantomData;

/// A question about a float. `WHOLE` is the answer for integers and bool.
trait Predicate: Send + Sync {
    const WHOLE: bool;
    fn holds<T: Float>(x: T) -> bool;
}
struct Asks<P, T>(PhantomData<(P, T)>);
impl<P: Predicate, T: Float + Element> Map for Asks<P, T> {
    type In = [T; 1];
    type Out = bool;
    #[inline(always)]
    fn eval(&self, [x]: [T; 1]) -> bool {
        P::holds(x)
    }
}
macro_rules! predicates {
    ($($S:ident = $name:literal $whole:literal |$x:ident| $value:expr, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: any; the result is bool, of the same. Integers are finite. There is no gradient.
            pub $S = $name(input: One @ Any) -> (output; 1) {}
        }
        impl Predicate for $S {
            const WHOLE: bool = $whole;
            #[inline(always)]
            fn holds<T: Float>($x: T) -> bool {
                $value
            }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                out.fresh(elementwise(x)?.with_dtype(DType::Bool))
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                match cx.spec(0).dtype {
                    d if d.is_float() => crate::floats!(d, T => map(&Asks::<$S, T>(PhantomData), cx)),
                    _ => cx.out::<bool>(0).fill(<$S>::WHOLE),
                }
                Ok(())
            }
            fn samples() -> Samples<$S> {
                samples().into_iter().map(|x| ($S {}, vec![Some(x)])).collect()
            }
        }
    )* };
}
predicates! {
    Isfinite = "isfinite" true |x| x.abs() < T::INFINITY, "Whether `input` is neither infinite nor NaN, elementwise.";
    Isinf = "isinf" false |x| x.abs() == T::INFINITY, "Whether `input` is infinite, elementwise.";
    Isnan = "isnan" false |x| x.is_nan(), "Whether `input` is NaN, elementwise.";
}

fn samples() -> Vec<crate::Tensor> {
    let mut values: Vec<f64> = crate::ops::sample(1, &[12]).to_f64s().expect("numbers");
    values[2] = f64::NAN;
    values[5] = f64::INFINITY;
    values[11] = f64::NEG_INFINITY;
    let of = |d: &[u32]| crate::Tensor::from_slice(&values[..d.iter().product::<u32>() as usize], d).expect("a tensor");
    let whole = crate::Tensor::from_slice(&[1i64, 0], &[2]).expect("a tensor");
    vec![of(&[3, 4]), of(&[1, 3, 2, 2]), of(&[]), of(&[2, 0]), whole]
}
