use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, DType, Kind, Result, Tensor};

op! {
    /// A tensor of `shape` filled with `value`.
    pub Full = "full"() -> (output; 1) { shape: Ints, value: f64, dtype: DType = DType::F32 }
}
impl Op for Full {
    fn infer(&self, _x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(Spec::checked(self.dtype, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        elements!(self.dtype, T => cx.out::<T>(0).fill(Value::of(self.value)));
        Ok(())
    }
    fn samples() -> Samples<Full> {
        vec![(Full { shape: smallvec::smallvec![2, 3], value: 2.5, dtype: DType::F64 }, vec![])]
    }
    fn refusals() -> Refusals<Full> {
        let op = |shape: &[i64]| Full { shape: shape.into(), value: 0.0, dtype: DType::F32 };
        vec![
            (op(&[2, -1]), vec![], Kind::Shape, "a size must not be negative, got -1 in [2, -1]"),
            (op(&[1; 9]), vec![], Kind::Shape, "at most 8 dimensions, got 9"),
            (op(&[1 << 20, 1 << 20]), vec![], Kind::Shape, "a tensor holds at most 2147483647 elements"),
        ]
    }
}
/// A Python number as an element.
pub(in crate::ops) trait Value {
    fn of(x: f64) -> Self;
}
macro_rules! value {
    ($($t:ident)*) => { $(impl Value for $t { fn of(x: f64) -> $t { x as $t } })* };
}
value!(u8 i32 i64 f32 f64);
impl Value for bool {
    fn of(x: f64) -> bool {
        x != 0.0
    }
}

/// A 0-d constant.
pub fn scalar(value: f64, dtype: DType) -> Result<Tensor> {
    Ok(dispatch::apply(&Full { shape: Ints::new(), value, dtype }, &[])?.swap_remove(0))
}
/// A 0-d zero.
pub fn zero(dtype: DType) -> Result<Tensor> {
    scalar(0.0, dtype)
}
/// Zeros in the shape and dtype of `x`: the gradient of what does not move.
pub fn zeros_like(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Full { shape: x.spec.shape(), value: 0.0, dtype: x.spec.dtype }, &[])
}
