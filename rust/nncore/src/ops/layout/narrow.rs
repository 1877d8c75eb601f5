use crate::ops::slice;
use crate::op::*;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The `length` elements from `start` on along dimension `dim`; `start` counts from the end when negative. A view.
    ///
    /// Shape: the input's, with `length` at `dim`. Raises `ShapeError` for a dimension that is out of range, `ValueError` where
    /// the window leaves the dimension.
    pub Narrow = "narrow"(input: One @ Any) -> (output; 1) { dim: i64, start: i64, length: i64 }
}
impl Function for Narrow {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        if x.spec.rank() == 0 {
            return Err(err(Kind::Shape, "a 0-d tensor can not be narrowed"));
        }
        let n = x.spec.d(x.spec.axis(self.dim)?) as i64;
        let start = if self.start < 0 { self.start.saturating_add(n) } else { self.start };
        if self.length < 0 || start < 0 || start.saturating_add(self.length) > n {
            let text = format!("start and length within dim {} of size {n} expected, got {} and {}", self.dim, self.start, self.length);
            return Err(err(Kind::Value, text));
        }
        Ok(smallvec![slice::narrow(x, self.dim, start, start + self.length)?])
    }
    fn cases() -> Vec<Case> {
        let case = |dim, start, length, d: &[u32]| {
            let attrs = vec![Attr::Int(dim), Attr::Int(start), Attr::Int(length)];
            Case { attrs, inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(0, 1, 2, &[4, 3]), case(-1, -3, 2, &[2, 5]), case(1, 3, 0, &[2, 3]), case(1, 0, 2, &[2, 3, 2, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |start, length| Narrow { dim: 0, start, length };
        refusals(vec![
            (op(0, 0), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor can not be narrowed"),
            (op(1, 3), given::floats(&[&[3]]), Kind::Value, "start and length within dim 0 of size 3 expected, got 1 and 3"),
            (op(-4, 1), given::floats(&[&[3]]), Kind::Value, "got -4 and 1"),
            (op(0, -1), given::floats(&[&[3]]), Kind::Value, "got 0 and -1"),
        ])
    }
}
