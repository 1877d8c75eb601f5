use crate::ops::reshape::reshape;
use crate::op::*;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Joins the dimensions from `start_dim` to `end_dim`, both included, into one. A view where strides allow it, else a
    /// copy in row-major order.
    ///
    /// Shape: `(N, C, H, W)` with `start_dim=1` to `(N, C H W)`; a 0-d tensor gives one element in one dimension.
    /// Raises `ShapeError` for a dimension that is out of range, or where `start_dim` comes after `end_dim`.
    pub Flatten = "flatten"(input: One @ Any) -> (output; 1) { start_dim: i64 = 0, end_dim: i64 = -1 }
}
impl Function for Flatten {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        let (start, end) = (x.spec.axis(self.start_dim)?, x.spec.axis(self.end_dim)?);
        if start > end {
            let text = format!("start_dim before end_dim expected, got {} and {}", self.start_dim, self.end_dim);
            return Err(err(Kind::Shape, text));
        }
        let mut shape = x.spec.shape();
        if shape.is_empty() {
            shape.push(1)
        }
        let joined = shape[start..=end].iter().product();
        shape.drain(start + 1..=end);
        shape[start] = joined;
        Ok(smallvec![reshape(x, &shape)?])
    }
    fn cases() -> Vec<Case> {
        let case = |start_dim, end_dim, d: &[u32]| {
            let op = Flatten { start_dim, end_dim };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(0, -1, &[2, 3, 2]), case(1, -1, &[2, 3, 2, 2]), case(1, 2, &[2, 3, 2, 2]), case(0, -1, &[])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Flatten { start_dim: 1, end_dim: 0 }, given::floats(&[&[2, 3]]), Kind::Shape, "start_dim before end_dim expected, got 1 and 0"),
        ])
    }
}

/// All but the first dimension as one: what a linear layer takes.
pub fn features(x: &Tensor) -> Result<Tensor> {
    Ok(Flatten { start_dim: 1, end_dim: -1 }.call(&[Some(x)])?.swap_remove(0))
}
