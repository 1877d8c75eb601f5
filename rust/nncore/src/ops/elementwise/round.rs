use crate::ops::full::zeros_like;
use crate::op::*;
use crate::{err, Kind, Result};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// To the nearest number with `decimals` digits after the point (before it where negative), half to the even one,
    /// elementwise. The gradient is 0.
    ///
    /// Shape: any; the result has the same. Integers stay as they are. Raises `ValueError` unless `-30 <= decimals <= 30`.
    pub Round = "round"(input: One @ Any) -> (output; 1) { decimals: i64 = 0 }
}
impl Pointwise for Round {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let ten = |n: i64| T::of(10f64.powi(n.max(0) as i32));
        // One of the two is 1, and multiplying by it exact.
        let (up, down) = (ten(self.decimals), ten(-self.decimals));
        (x * up / down).rint() * down / up
    }
    const COST: usize = 4;
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        x
    }
    fn valid(&self) -> Result<()> {
        match self.decimals {
            -30..=30 => Ok(()),
            d => Err(err(Kind::Value, format!("decimals is a number of digits, -30 to 30, got {d}"))),
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(zeros_like(cx.dy(0))?)])
    }
    fn sample_ops() -> Vec<Round> {
        [0, 1, -1].map(|decimals| Round { decimals }).into()
    }
    const SAMPLES: (f64, f64) = (-9.0, 9.0);
    fn refusals() -> Refusals<Round> {
        vec![
            (Round { decimals: 31 }, given::floats(&[&[2]]), Kind::Value, "-30 to 30, got 31"),
        ]
    }
}
