use crate::ops::full::Value;
use crate::op::*;
use crate::shape::Spec;
use crate::{err, DType, Kind, Result};

op! {
    /// The numbers `start, start + step, …` before `end`: int64 unless `dtype` says otherwise.
    ///
    /// Shape: `(ceil((end - start) / step),)`, empty where `end` lies on the other side. Each element is `start + i step`,
    /// computed in float64. Raises `ValueError` for a step of 0, or numbers that are not finite.
    pub Arange = "arange"() -> (output; 1) { start: f64, end: f64, step: f64 = 1.0, dtype: DType = DType::I64 }
}
impl Op for Arange {
    fn infer(&self, _x: Specs, out: &mut Outs) -> Result<()> {
        let count = ((self.end - self.start) / self.step).ceil();
        if self.step == 0.0 || ![self.start, self.end, self.step, count].iter().all(|x| x.is_finite()) {
            let text = format!(
                "finite numbers and a step other than 0 expected, got start {}, end {} and step {}",
                self.start, self.end, self.step
            );
            return Err(err(Kind::Value, text));
        }
        out.fresh(Spec::checked(self.dtype, &[count.max(0.0) as i64])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        elements!(self.dtype, T => {
            for (i, y) in cx.out::<T>(0).iter_mut().enumerate() {
                *y = Value::of(self.start + i as f64 * self.step)
            }
        });
        Ok(())
    }
    fn samples() -> Samples<Arange> {
        let case = |start, end, step, dtype| (Arange { start, end, step, dtype }, vec![]);
        vec![
            case(0.0, 5.0, 1.0, DType::I64),
            case(3.0, -3.0, -2.0, DType::I32),
            case(0.0, 1.0, 0.3, DType::F64),
            case(2.0, 1.0, 1.0, DType::F32),
        ]
    }
    fn refusals() -> Refusals<Arange> {
        let op = |start, end, step| Arange { start, end, step, dtype: DType::I64 };
        vec![
            (op(0.0, 5.0, 0.0), vec![], Kind::Value, "a step other than 0 expected, got start 0, end 5 and step 0"),
            (op(0.0, f64::INFINITY, 1.0), vec![], Kind::Value, "end inf"),
            (op(f64::NAN, 1.0, 1.0), vec![], Kind::Value, "start NaN"),
            (op(0.0, 1e15, 1.0), vec![], Kind::Shape, "a tensor holds at most"),
        ]
    }
}
