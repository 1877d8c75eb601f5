use crate::ops::full::Value;
use crate::op::*;
use crate::shape::Spec;
use crate::{err, DType, Kind, Result};

op! {
    /// `steps` numbers, evenly spaced from `start` to `end`, both included exactly.
    ///
    /// Shape: `(steps,)`; one step gives `start`. Computed in float64, from the nearer end, so that the spacing is symmetric.
    /// Raises `ShapeError` for a negative number of steps, `DTypeError` unless `dtype` is a float.
    pub Linspace = "linspace"() -> (output; 1) { start: f64, end: f64, steps: i64, dtype: DType = DType::F32 }
}
impl Op for Linspace {
    fn infer(&self, _x: Specs, out: &mut Outs) -> Result<()> {
        if !self.dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", self.dtype)));
        }
        if self.steps < 0 {
            return Err(err(Kind::Value, format!("steps must not be negative, got {}", self.steps)));
        }
        out.fresh(Spec::checked(self.dtype, &[self.steps])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let n = self.steps as usize;
        let step = (self.end - self.start) / (n.max(2) - 1) as f64;
        floats!(self.dtype, T => {
            for (i, y) in cx.out::<T>(0).iter_mut().enumerate() {
                let near = i < n.div_ceil(2);
                *y = Value::of(if near { self.start + i as f64 * step } else { self.end - (n - 1 - i) as f64 * step })
            }
        });
        Ok(())
    }
    fn samples() -> Samples<Linspace> {
        let case = |start, end, steps, dtype| (Linspace { start, end, steps, dtype }, vec![]);
        vec![
            case(0.0, 1.0, 5, DType::F64),
            case(2.0, -1.0, 4, DType::F32),
            case(3.0, 9.0, 1, DType::F64),
            case(0.0, 1.0, 0, DType::F32),
        ]
    }
    fn refusals() -> Refusals<Linspace> {
        let op = |steps, dtype| Linspace { start: 0.0, end: 1.0, steps, dtype };
        vec![
            (op(-1, DType::F32), vec![], Kind::Value, "steps must not be negative, got -1"),
            (op(3, DType::I64), vec![], Kind::DType, "float32 or float64 expected, got int64"),
            (op(1 << 40, DType::F32), vec![], Kind::Shape, "a tensor holds at most"),
        ]
    }
}
