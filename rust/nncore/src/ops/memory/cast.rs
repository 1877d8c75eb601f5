use crate::op::*;
use crate::{dispatch, DType, Result, Tensor};
use nncore_kernels::{num::Element, pointwise::Map};
use smallvec::smallvec;
use std::marker::PhantomData;

op! {
    /// The values in another dtype. Floats are cut off towards zero on their way to integers; to bool, all but 0 is true.
    ///
    /// Shape: any; the result has the same.
    pub Cast = "cast"(input: One @ Any) -> (output; 1) { dtype: DType }
}
impl Op for Cast {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let s = x[0].with_dtype(self.dtype);
        out.fresh(if s.is_dense() { s } else { s.contiguous() })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (from, to) = (cx.spec(0), cx.out_spec(0));
        elements!(from.dtype, A => elements!(to.dtype, B => map(&Convert::<A, B>(PhantomData), cx)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // An integer does not move with its input.
        let flows = cx.spec(0).dtype.is_float() && self.dtype.is_float();
        Ok(smallvec![flows.then(|| cast(cx.dy(0), cx.spec(0).dtype)).transpose()?])
    }
    fn samples() -> Samples<Cast> {
        let x = || vec![Some(crate::ops::sample_in(1, &[2, 3], -3.0, 3.0))];
        DType::ALL.iter().map(|&dtype| (Cast { dtype }, x())).collect()
    }
}

/// A conversion as NumPy does it.
trait To<B> {
    fn to(self) -> B;
}
macro_rules! casts {
    ($($a:ident)*) => { $(
        casts!(@ $a: u8 i32 i64 f32 f64);
        impl To<bool> for $a {
            #[inline(always)]
            fn to(self) -> bool { self != 0 as $a }
        }
        impl To<$a> for bool {
            #[inline(always)]
            fn to(self) -> $a { self as u8 as $a }
        }
    )* };
    (@ $a:ident: $($b:ident)*) => { $(impl To<$b> for $a {
        #[inline(always)]
        fn to(self) -> $b { self as $b }
    })* };
}
casts!(u8 i32 i64 f32 f64);
impl To<bool> for bool {
    fn to(self) -> bool {
        self
    }
}

struct Convert<A, B>(PhantomData<(A, B)>);
impl<A: Element + To<B>, B: Element> Map for Convert<A, B> {
    type In = [A; 1];
    type Out = B;
    #[inline(always)]
    fn eval(&self, [x]: [A; 1]) -> B {
        x.to()
    }
}

/// `x` as `dtype`; `x` itself where it is that already.
pub fn cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if x.spec.dtype == dtype {
        return Ok(x.clone());
    }
    dispatch::one(&Cast { dtype }, &[x])
}
