use crate::op::*;
use crate::{err, Kind, Result};
use nncore_kernels::num::Number;

op! {
    /// Refuses a target of `cross_entropy` that holds no class probabilities: a negative number, an infinite one or NaN.
    /// It computes nothing, so that a captured step can make this check before its first instruction.
    ClassProbabilities = "class_probabilities"(target: One @ Any) -> (; 0) {}
}
impl Op for ClassProbabilities {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        match x[0].dtype.is_float() {
            true => Ok(()),
            false => Err(err(Kind::DType, format!("class probabilities are float32 or float64, got {}", x[0].dtype))),
        }
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let spec = cx.spec(0);
        let mut wrong = None;
        floats!(spec.dtype, T => {
            let right = |v: T| (T::ZERO..T::HIGHEST).contains(&v);
            // All of a stretch at once, without a branch, and only then which it was.
            if spec.is_dense() {
                let values = cx.get::<T>(0);
                if !values.iter().fold(true, |all, &v| all & right(v)) {
                    wrong = values.iter().copied().find(|&v| !right(v)).map(|v| v.f64());
                }
            } else {
                let p = cx.ptr::<T>(0);
                walk(spec, &[*spec], &mut |at, _, run, steps, _| {
                    // Within the target: the walk follows its own sizes and strides.
                    let values = (0..run as isize).map(|i| unsafe { *p.offset(at[0] + i * steps[0]) });
                    wrong = wrong.or(values.filter(|&v| !right(v)).map(|v| v.f64()).next());
                });
            }
        });
        match wrong {
            Some(v) => Err(err(Kind::Value, format!("target holds {v}; class probabilities are finite and not negative"))),
            None => Ok(()),
        }
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        Ok(())
    }
    fn cost(&self, x: Specs, _outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: x.bytes() as u64 }
    }
    fn refusals() -> Refusals<ClassProbabilities> {
        let soft = |v: f64| vec![Some(crate::Tensor::from_slice(&[0.5, v, 0.0], &[3]).expect("a target"))];
        let says = "class probabilities are finite and not negative";
        let wrong = [f64::NAN, -1e-300, f64::INFINITY];
        let mut all: Refusals<_> = wrong.map(|v| (ClassProbabilities {}, soft(v), Kind::Value, says)).into();
        let labels = crate::Tensor::from_slice(&[1i64, 0], &[2]).expect("labels");
        all.push((ClassProbabilities {}, vec![Some(labels)], Kind::DType, "got int64"));
        all
    }
    fn samples() -> Samples<ClassProbabilities> {
        let soft = |dims| vec![Some(crate::ops::sample_in(5, dims, 0.0, 1.0))];
        vec![(ClassProbabilities {}, soft(&[3, 4])), (ClassProbabilities {}, soft(&[])), (ClassProbabilities {}, soft(&[0, 4]))]
    }
}
