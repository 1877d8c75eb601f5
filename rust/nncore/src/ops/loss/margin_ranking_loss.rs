use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_loss, PairKind};
use crate::ops::sub::sub;
use crate::op::*;
use crate::{Kind, Result, Tensor};

op! {
    /// `max(0, margin - target * (input1 - input2))`: a target of 1 wants the first input higher, -1 the second.
    ///
    /// Shapes: any three that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    pub MarginRankingLoss = "margin_ranking_loss"(input1: One + float @ Any, input2: One + float @ Any, target: One + float @ Any)
        -> (loss; 1) { margin: f64 = 0.0, reduction: Reduction = Reduction::Mean }
}
impl Function for MarginRankingLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let run = || {
            let d = sub(ins[0].expect("input1"), ins[1].expect("input2"))?;
            pair_loss(PairKind::MarginRanking, self.margin, self.reduction, &[Some(&d), ins[2]])
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let case = |reduction, d: &[u32]| {
            let s = |seed| Some(crate::ops::sample(seed, d));
            Case { attrs: MarginRankingLoss { margin: 0.2, reduction }.attrs(), inputs: vec![s(1), s(2), s(3)] }
        };
        vec![case(Reduction::Mean, &[5]), case(Reduction::None, &[2, 3]), case(Reduction::Sum, &[])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = || MarginRankingLoss { margin: 0.0, reduction: Reduction::Mean };
        refusals(vec![
            (op(), given::floats(&[&[3], &[2], &[3]]), Kind::Shape, "shapes do not broadcast: [3] with [2]"),
            (op(), given::floats(&[&[3], &[3], &[2]]), Kind::Shape, "shapes that broadcast expected, got [3] and [2]"),
        ])
    }
}
