use crate::op::*;
use crate::ops::rng::{check_ticket, generator, seed_and_draw};
use crate::{err, DType, Kind, Result};
use nncore_kernels::num::Number;
use nncore_kernels::random::draws::{bits, open_unit};
use smallvec::smallvec;

op! {
    /// 1 with the probability that each element of `p` says, else 0, in its dtype. Element i (row-major) is a function of the
    /// ticket and i alone.
    ///
    /// Shape: that of `p`. No gradient flows to the probabilities. Raises `ValueError` for one outside [0, 1], NaN included.
    Bernoulli = "bernoulli"(p: One, ticket: One) -> (output; 1) {}
}
impl Op for Bernoulli {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[1])?;
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        out.fresh(x[0].contiguous())
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let wrong = match cx.spec(0).dtype {
            DType::F32 => cx.get::<f32>(0).iter().map(|p| *p as f64).find(|p| !(0.0..=1.0).contains(p)),
            _ => cx.get::<f64>(0).iter().copied().find(|p| !(0.0..=1.0).contains(p)),
        };
        wrong.map_or(Ok(()), |p| Err(err(Kind::Value, format!("a probability lies in [0, 1], got {p}"))))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 1);
        floats!(cx.spec(0).dtype, T => {
            for (i, (y, p)) in cx.out::<T>(0).iter_mut().zip(cx.get::<T>(0)).enumerate() {
                *y = (open_unit(bits(seed, draw, i)) < p.f64()) as u8 as T
            }
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, _cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![None, None])
    }
    fn samples() -> Samples<Bernoulli> {
        // Sure things, whose differences are as flat as their gradients.
        let p = |v: &[f64], d: &[u32]| Some(crate::Tensor::from_slice(v, d).expect("a small tensor"));
        let sure = |v: &[f64], d: &[u32]| crate::ops::cast::cast(&p(v, d).expect("given"), DType::F32).ok();
        vec![
            (Bernoulli {}, vec![sure(&[0.3, 1.0, 0.0, 0.9, 0.5, 0.1], &[2, 3]), Some(generator(3))]),
            (Bernoulli {}, vec![sure(&[0.5], &[]), Some(generator(4))]),
            (Bernoulli {}, vec![p(&[], &[0, 2]), Some(generator(4))]),
        ]
    }
    fn refusals() -> Refusals<Bernoulli> {
        let above = Some(crate::Tensor::from_slice(&[0.5, 1.5], &[2]).expect("a small tensor"));
        vec![
            (Bernoulli {}, vec![above, Some(generator(3))], Kind::Value, "a probability lies in [0, 1], got 1.5"),
            (Bernoulli {}, vec![given::int64(&[1]), Some(generator(3))], Kind::DType, "float32 or float64 expected, got int64"),
        ]
    }
}
