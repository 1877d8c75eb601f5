use crate::ops::cast::cast;
use crate::op::*;
use crate::{err, DType, Kind, Result, Tensor};
use nncore_kernels::num::Element;
use nncore_kernels::pointwise::Map;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, BitXor, Not};

/// Elements that are bits.
trait Bits: Element + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self> {}
impl Bits for bool {}
impl Bits for u8 {}
impl Bits for i32 {}
impl Bits for i64 {}
trait Combine: Send + Sync {
    fn combine<T: Bits>(a: T, b: T) -> T;
}
/// A combination of `N` inputs as the kernels take it.
struct Combined<C, T, const N: usize>(PhantomData<(C, T)>);
impl<C: Combine, T: Bits, const N: usize> Map for Combined<C, T, N> {
    type In = [T; N];
    type Out = T;
    #[inline(always)]
    fn eval(&self, x: [T; N]) -> T {
        C::combine(x[0], x[N - 1])
    }
}
fn run<C: Combine, const N: usize>(cx: &Cpu) {
    match cx.out_spec(0).dtype {
        DType::Bool => map(&Combined::<C, bool, N>(PhantomData), cx),
        DType::U8 => map(&Combined::<C, u8, N>(PhantomData), cx),
        DType::I32 => map(&Combined::<C, i32, N>(PhantomData), cx),
        DType::I64 => map(&Combined::<C, i64, N>(PhantomData), cx),
        other => unreachable!("infer let {other} through"),
    }
}
fn whole(x: Specs) -> Result<crate::shape::Spec> {
    match x[0].dtype {
        d if d.is_float() => Err(err(Kind::DType, format!("integers or bool expected, got {d}"))),
        _ => elementwise(x),
    }
}

macro_rules! bitwise {
    ($($S:ident = $name:literal $n:literal ($($input:ident $(+ $flag:ident)?),*) |$a:ident, $b:ident| $value:expr, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. There is no gradient. Raises
            /// `DTypeError` for floats.
            pub $S = $name($($input: One $(+ $flag)? @ Any),*) -> (output; 1) {}
        }
        impl Combine for $S {
            #[inline(always)]
            fn combine<T: Bits>($a: T, $b: T) -> T {
                $value
            }
        }
        impl Op for $S {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                out.fresh(whole(x)?)
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                run::<$S, $n>(cx);
                Ok(())
            }
            const REUSES: u32 = !0;
            fn samples() -> Samples<$S> {
                samples().into_iter().map(|mut ins| ($S {}, ins.drain(..$n).collect())).collect()
            }
            fn refusals() -> Refusals<$S> {
                refused($S {}, $n)
            }
        }
    )* };
}
bitwise! {
    BitwiseAnd = "bitwise_and" 2 (input + promote, other + promote) |a, b| a & b, "The bits that both have, elementwise; of bool, whether both are true.";
    BitwiseOr = "bitwise_or" 2 (input + promote, other + promote) |a, b| a | b, "The bits that either has, elementwise; of bool, whether one is true.";
    BitwiseXor = "bitwise_xor" 2 (input + promote, other + promote) |a, b| a ^ b, "The bits that one of them has, elementwise; of bool, whether they differ.";
    BitwiseNot = "bitwise_not" 1 (input) |a, _b| !a, "The other bits, elementwise; of bool, the other value.";
}

fn refused<S: Clone>(op: S, n: usize) -> Refusals<S> {
    let mut all = vec![(op.clone(), given::floats(&vec![&[2][..]; n]), Kind::DType, "integers or bool expected, got float64")];
    if n == 2 {
        let inputs = vec![given::bools(&[2, 3]), given::bools(&[4])];
        all.push((op, inputs, Kind::Shape, "shapes do not broadcast: [2, 3] with [4]"));
    }
    all
}
fn samples() -> Vec<Vec<Option<Tensor>>> {
    let whole = |seed, d: &[u32], dtype| {
        let x = crate::ops::sample_in(seed, d, 0.0, 9.0);
        Some(cast(&cast(&x, DType::I64).expect("a cast"), dtype).expect("a cast"))
    };
    let pair = |a: &[u32], b: &[u32], d, e| vec![whole(1, a, d), whole(2, b, e)];
    vec![
        pair(&[3, 4], &[3, 4], DType::I64, DType::I64),
        pair(&[3, 1], &[2, 1, 4], DType::I32, DType::U8),
        pair(&[2, 3, 2, 2], &[], DType::Bool, DType::Bool),
        pair(&[0, 3], &[3], DType::U8, DType::U8),
        pair(&[], &[], DType::I64, DType::Bool),
    ]
}
