use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{at_least, named, number, pair_loss, promoted, reduced, PairKind};
use crate::ops::{add::add, div::div, log::log, reshape::reshape, scale::scale, sub::sub};
use crate::op::*;
use crate::{err, Kind, Result, Tensor};

op! {
    /// Negative log-likelihood under normal distributions of means `input` and variances `var`:
    /// `(log(var) + (input - target) ** 2 / var) / 2`, plus log(2 pi) / 2 where `full`. Variances count as `eps` at least, but
    /// their gradients pass.
    ///
    /// Shapes: `input` and `target` broadcast; `var` has their shape, or 1 for the last dimension, or lacks it.
    /// `reduction`: "mean" of all elements, "sum", or "none" for each. Raises `ValueError` unless `eps` is positive.
    /// Source: Nix and Weigend, 1994.
    pub GaussianNllLoss = "gaussian_nll_loss"(input: One + float @ Any, target: One + float @ Any, var: One + float @ Any)
        -> (loss; 1) { full: bool = false, eps: f64 = 1e-6, reduction: Reduction = Reduction::Mean }
}
impl Function for GaussianNllLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |full, reduction, v: &[u32]| {
            let s = |seed| Some(crate::ops::sample(seed, &[3, 4]));
            let inputs = vec![s(1), s(2), Some(crate::ops::sample_in(3, v, 0.5, 2.0))];
            Case { attrs: GaussianNllLoss { full, eps: 1e-6, reduction }.attrs(), inputs }
        };
        vec![
            case(false, Reduction::Mean, &[3, 4]),
            case(true, Reduction::Sum, &[3, 1]),
            case(false, Reduction::None, &[3]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let op = |eps| GaussianNllLoss { full: false, eps, reduction: Reduction::Mean };
        refusals(vec![
            (op(1e-6), vec![s(&[3]), s(&[2]), s(&[3])], Kind::Shape, "shapes that broadcast expected, got [3] and [2]"),
            (op(0.0), vec![s(&[3]), s(&[3]), s(&[3])], Kind::Value, "eps is positive, got 0"),
            (op(1e-6), vec![s(&[3, 4]), s(&[3, 4]), s(&[4])], Kind::Shape, "expected, got [4]"),
        ])
    }
}
impl GaussianNllLoss {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        if self.eps <= 0.0 {
            return Err(err(Kind::Value, format!("eps is positive, got {}", self.eps)));
        }
        let ins = promoted(ins)?;
        let (x, var) = (ins[0].as_ref().expect("input"), ins[2].as_ref().expect("var"));
        let squares = pair_loss(PairKind::Square, 0.0, Reduction::None, &[Some(x), ins[1].as_ref()])?;
        let (d, v) = (squares.spec.shape(), var.spec.shape());
        let last = d.len().saturating_sub(1);
        let var = match v == d || v.len() == d.len() && v[..last] == d[..last] && v[last] == 1 {
            true => var.clone(),
            // One for each row.
            false if v[..] == d[..last] => reshape(var, &[&v[..], &[1]].concat())?,
            false => {
                let text = format!("a variance of shape {:?}, with or without its last size, expected, got {:?}", &d[..], &v[..]);
                return Err(err(Kind::Shape, text));
            }
        };
        // Raised to eps, with the gradient of the variance itself.
        let raised = at_least(&var.detach(), self.eps)?;
        let var = add(&var, &sub(&raised, &var.detach())?)?;
        let mut y = scale(&add(&log(&var)?, &div(&squares, &var)?)?, 0.5)?;
        if self.full {
            y = add(&y, &number(0.5 * std::f64::consts::TAU.ln(), &y)?)?;
        }
        reduced(&y, self.reduction)
    }
}
