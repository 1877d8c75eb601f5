use crate::ops::cast::cast;
use crate::ops::neg::Neg;
use crate::ops::softmax::Softmax;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use smallvec::smallvec;

op! {
    /// `softmax(-input, dim)`: the smallest elements get the largest shares.
    ///
    /// Shape: any; the result has the same, and sums to 1 along `dim`. Raises `ShapeError` for a `dim` that is out of range.
    pub Softmin = "softmin"(input: One + float @ Any) -> (output; 1) { dim: i64 }
}
impl Function for Softmin {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("input");
        let minus = dispatch::one(&Neg {}, &[&cast(x, x.spec.dtype.to_float())?])?;
        Ok(smallvec![dispatch::one(&Softmax { dim: self.dim }, &[&minus])?])
    }
    fn cases() -> Vec<Case> {
        let case = |dim, d: &[u32]| Case { attrs: Softmin { dim }.attrs(), inputs: vec![Some(crate::ops::sample(1, d))] };
        vec![case(-1, &[3, 4]), case(0, &[2, 3, 2])]
    }
}
