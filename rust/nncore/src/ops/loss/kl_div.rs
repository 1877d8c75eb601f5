use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, pair_refusals, PairKind};
use crate::ops::scale::scale;
use crate::op::*;
use crate::{Result, Tensor};

choice! {
    /// What becomes of the losses of a batch; "batchmean" divides their sum by its size.
    KlReduction { None = "none", Mean = "mean", Sum = "sum", BatchMean = "batchmean" }
}
op! {
    /// Kullback-Leibler divergence of a target distribution from the input's logarithms: `target * (log(target) - input)`,
    /// 0 where the target is. With `log_target` the target is given as its logarithm.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "batchmean" (the divergence itself: the sum over
    /// the first size), "sum", or "none" for each.
    pub KlDiv = "kl_div"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        reduction: KlReduction = KlReduction::Mean, log_target: bool = false,
    }
}
impl Function for KlDiv {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let kind = if self.log_target { PairKind::KlLog } else { PairKind::Kl };
        let reduction = match self.reduction {
            KlReduction::None => Reduction::None,
            KlReduction::Mean => Reduction::Mean,
            KlReduction::Sum | KlReduction::BatchMean => Reduction::Sum,
        };
        let run = || {
            let y = pair_loss(kind, 0.0, reduction, ins)?;
            let x = &ins[0].expect("input").spec;
            match self.reduction == KlReduction::BatchMean && x.rank() > 0 {
                true => scale(&y, 1.0 / x.d(0) as f64),
                false => Ok(y),
            }
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let kind = |reduction| match reduction {
            Reduction::None => KlReduction::None,
            Reduction::Mean => KlReduction::BatchMean,
            Reduction::Sum => KlReduction::Sum,
        };
        let mut cases = pair_cases(|r| KlDiv { reduction: kind(r), log_target: false });
        cases.extend(pair_cases(|r| KlDiv { reduction: kind(r), log_target: true }));
        cases.truncate(7);
        cases.push(Case { attrs: KlDiv { reduction: KlReduction::Mean, log_target: false }.attrs(), ..pair_cases(|r| KlDiv { reduction: kind(r), log_target: true }).remove(0) });
        cases
    }
    fn refusals() -> Vec<Refusal> {
        refusals(pair_refusals(KlDiv { reduction: KlReduction::Mean, log_target: false }))
    }
}
