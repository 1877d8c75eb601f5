use crate::op::*;
use crate::ops::rng::{check_ticket, generator, seed_and_draw};
use crate::shape::Spec;
use crate::{DType, Kind, Result};
use nncore_kernels::random::draws::permutation;

op! {
    /// 0 to `n - 1` in random order, int64: a function of the ticket alone.
    ///
    /// Raises `ShapeError` for a negative `n`.
    Randperm = "randperm"(ticket: One) -> (output; 1) { n: i64 }
}
impl Op for Randperm {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[0])?;
        out.fresh(Spec::checked(DType::I64, &[self.n])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 0);
        permutation(seed, draw, cx.out(0));
        Ok(())
    }
    fn samples() -> Samples<Randperm> {
        [0, 1, 9].map(|n| (Randperm { n }, vec![Some(generator(3))])).into()
    }
    fn refusals() -> Refusals<Randperm> {
        vec![
            (Randperm { n: -1 }, vec![Some(generator(3))], Kind::Shape, "must not be negative, got -1"),
            (Randperm { n: 1 << 40 }, vec![Some(generator(3))], Kind::Shape, "a tensor holds at most"),
            (Randperm { n: 2 }, given::floats(&[&[2]]), Kind::DType, "a ticket is int64 of shape [2]"),
        ]
    }
}
