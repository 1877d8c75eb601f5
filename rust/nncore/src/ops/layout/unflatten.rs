use crate::ops::reshape::reshape;
use crate::op::*;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Cuts dimension `dim` into several of the given `sizes`, one of which may be -1. A view where strides allow it.
    ///
    /// Shape: the input's with `sizes` in the place of `dim`. Raises `ShapeError` for a dimension that is out of range, or where
    /// the sizes do not multiply to its size.
    pub Unflatten = "unflatten"(input: One @ Any) -> (output; 1) { dim: i64, sizes: Ints }
}
impl Function for Unflatten {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        if x.spec.rank() == 0 {
            return Err(err(Kind::Shape, "a 0-d tensor has no dimension to cut"));
        }
        let axis = x.spec.axis(self.dim)?;
        let (n, mut sizes) = (x.spec.d(axis) as i64, self.sizes.clone());
        let known = sizes.iter().filter(|d| **d != -1).try_fold(1i64, |n, &d| n.checked_mul(d));
        if let (Some(at), Some(known)) = (sizes.iter().position(|d| *d == -1), known) {
            if known > 0 && n % known == 0 {
                sizes[at] = n / known
            }
        }
        let whole = sizes.iter().try_fold(1i64, |n, &d| n.checked_mul(d));
        if whole != Some(n) || sizes.is_empty() || sizes.iter().any(|d| *d < 0) {
            let text = format!("sizes that multiply to {n} expected, got {:?}", &self.sizes[..]);
            return Err(err(Kind::Shape, text));
        }
        let mut shape = x.spec.shape();
        shape.remove(axis);
        shape.insert_many(axis, sizes);
        Ok(smallvec![reshape(x, &shape)?])
    }
    fn cases() -> Vec<Case> {
        let case = |dim, sizes: &[i64], d: &[u32]| {
            let op = Unflatten { dim, sizes: sizes.into() };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(1, &[2, 3], &[2, 6, 2]), case(-1, &[-1, 2], &[3, 4]), case(0, &[3], &[3, 2]), case(0, &[2, 0], &[0, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |sizes: &[i64]| Unflatten { dim: 0, sizes: sizes.into() };
        refusals(vec![
            (op(&[2]), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to cut"),
            (op(&[4, 2]), given::floats(&[&[6]]), Kind::Shape, "sizes that multiply to 6 expected, got [4, 2]"),
            (op(&[6, 1]), given::floats(&[&[6, 1, 1, 1, 1, 1, 1, 1]]), Kind::Shape, "at most 8 dimensions, got 9"),
            (op(&[-1, 4]), given::floats(&[&[6]]), Kind::Shape, "got [-1, 4]"),
            (op(&[]), given::floats(&[&[1]]), Kind::Shape, "got []"),
            (op(&[1 << 62, 4]), given::floats(&[&[6]]), Kind::Shape, "sizes that multiply to 6"),
        ])
    }
}
