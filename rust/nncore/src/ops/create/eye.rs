use crate::ops::full::Value;
use crate::op::*;
use crate::shape::Spec;
use crate::{DType, Kind, Result};

op! {
    /// A matrix of `n` rows and `m` columns (`n` unless given) with ones on the diagonal and zeros elsewhere.
    ///
    /// Shape: `(n, m)`. Raises `ShapeError` for a negative size.
    pub Eye = "eye"() -> (output; 1) { n: i64, m: Option<i64> = None, dtype: DType = DType::F32 }
}
impl Op for Eye {
    fn infer(&self, _x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(Spec::checked(self.dtype, &[self.n, self.m.unwrap_or(self.n)])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let columns = cx.out_spec(0).d(1);
        elements!(self.dtype, T => {
            let out = cx.out::<T>(0);
            out.fill(Value::of(0.0));
            // Rows beyond the columns have no diagonal.
            let last = columns * columns.min(cx.out_spec(0).d(0));
            out[..last].iter_mut().step_by(columns + 1).for_each(|y| *y = Value::of(1.0));
        });
        Ok(())
    }
    fn samples() -> Samples<Eye> {
        let case = |n, m, dtype| (Eye { n, m, dtype }, vec![]);
        vec![case(3, None, DType::F64), case(2, Some(4), DType::F32), case(4, Some(2), DType::Bool), case(0, None, DType::F32)]
    }
    fn refusals() -> Refusals<Eye> {
        let op = |n, m| Eye { n, m, dtype: DType::F32 };
        vec![
            (op(-1, None), vec![], Kind::Shape, "a size must not be negative, got -1"),
            (op(2, Some(-3)), vec![], Kind::Shape, "got -3"),
            (op(1 << 40, None), vec![], Kind::Shape, "a tensor holds at most"),
        ]
    }
}
