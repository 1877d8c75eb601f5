use crate::op::*;
use crate::ops::mul::mul;
use crate::ops::reshape::reshape;
use crate::shape::MAX_NDIM;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Kronecker product: each element of `input` becomes a block of it times `other`.
    ///
    /// Shapes: leading sizes of 1 make up for missing dimensions; sizes multiply. Raises `ShapeError` for more than 4 dimensions.
    pub Kron = "kron"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Function for Kron {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let n = a.spec.rank().max(b.spec.rank());
        if 2 * n > MAX_NDIM {
            return Err(err(Kind::Shape, format!("at most {} dimensions, got {n}", MAX_NDIM / 2)));
        }
        let size = |t: &Tensor, i: usize| (i + t.spec.rank()).checked_sub(n).map_or(1, |i| t.spec.d(i) as i64);
        // (a0, 1, a1, 1, …) times (1, b0, 1, b1, …).
        let left: Ints = (0..n).flat_map(|i| [size(a, i), 1]).collect();
        let right: Ints = (0..n).flat_map(|i| [1, size(b, i)]).collect();
        let whole: Ints = (0..n).map(|i| size(a, i) * size(b, i)).collect();
        Ok(smallvec![reshape(&mul(&reshape(a, &left)?, &reshape(b, &right)?)?, &whole)?])
    }
    fn cases() -> Vec<Case> {
        let case = |a: &[u32], b: &[u32]| Case {
            attrs: vec![],
            inputs: vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))],
        };
        vec![case(&[2, 3], &[3, 2]), case(&[3], &[2, 2]), case(&[], &[2]), case(&[2, 1, 2], &[2])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Kron {}, given::floats(&[&[1; 5], &[2]]), Kind::Shape, "at most 4 dimensions, got 5"),
        ])
    }
}
