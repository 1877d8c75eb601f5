use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{at_least, named, number, reduced};
use crate::ops::pairwise_distance::pairwise_distance;
use crate::ops::{add::add, comparison::Lt, sub::sub, where_::where_};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};

op! {
    /// `max(0, d(anchor, positive) - d(anchor, negative) + margin)`, d the `pairwise_distance`. With `swap` the negative's
    /// distance from the positive counts where it is smaller.
    ///
    /// Shapes: three of (*, D) that broadcast. `reduction`: "mean" of all, "sum", or "none" for each. Raises
    /// `ValueError` unless `margin > 0`.
    /// Source: Balntas et al., 2016.
    pub TripletMarginLoss = "triplet_margin_loss"(anchor: One + float @ Any, positive: One + float @ Any, negative: One + float @ Any)
        -> (loss; 1) { margin: f64 = 1.0, p: f64 = 2.0, eps: f64 = 1e-6, swap: bool = false, reduction: Reduction = Reduction::Mean }
}
impl Function for TripletMarginLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let run = || {
            if self.margin <= 0.0 {
                return Err(err(Kind::Value, format!("margin > 0 expected, got {}", self.margin)));
            }
            let (a, p, n) = (ins[0].expect("anchor"), ins[1].expect("positive"), ins[2].expect("negative"));
            let distance = |x: &Tensor, y: &Tensor| pairwise_distance(x, y, self.p, self.eps, false);
            let (near, mut far) = (distance(a, p)?, distance(a, n)?);
            if self.swap {
                let other = distance(p, n)?;
                far = where_(&dispatch::one(&Lt {}, &[&other, &far])?, &other, &far)?;
            }
            let d = sub(&near, &far)?;
            reduced(&at_least(&add(&d, &number(self.margin, &d)?)?, 0.0)?, self.reduction)
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let case = |p, swap, reduction, d: &[u32]| {
            let s = |seed| Some(crate::ops::sample(seed, d));
            let op = TripletMarginLoss { margin: 1.0, p, eps: 1e-6, swap, reduction };
            Case { attrs: op.attrs(), inputs: vec![s(1), s(2), s(3)] }
        };
        vec![
            case(2.0, false, Reduction::Mean, &[3, 4]),
            case(1.0, true, Reduction::None, &[5, 2]),
            case(2.0, true, Reduction::Sum, &[4]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = || TripletMarginLoss { margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: Reduction::Mean };
        refusals(vec![
            (op(), given::floats(&[&[2, 3], &[4], &[2, 3]]), Kind::Shape, "shapes do not broadcast: [2, 3] with [4]"),
            (op(), given::floats(&[&[2, 3], &[2, 3], &[2]]), Kind::Shape, "[2, 3] with [2]"),
            (TripletMarginLoss { margin: 0.0, ..op() }, given::floats(&[&[2, 3], &[2, 3], &[2, 3]]), Kind::Value, "margin > 0 expected, got 0"),
        ])
    }
}
