use crate::ops::assign::Assign;
use crate::ops::batch_norm::BatchNorm;
use crate::ops::group_norm::GroupNorm;
use crate::ops::{add::add, mean::Mean, mul::mul, scale::scale, sub::sub};
use crate::op::*;
use crate::{dispatch, err, no_grad, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Instance normalization: every channel of every sample by its own mean and biased variance over the positions, then
    /// `* weight + bias` by channel.
    ///
    /// Shapes: `input` (N, C, ...); statistics, `weight` and `bias` (C,) or None. The running statistics, where given, move
    /// towards the samples' average of means and *unbiased* variances by `momentum`, in place; with `use_input_stats` off they
    /// normalise instead. Raises `ShapeError` where a channel has one position only.
    /// Source: Ulyanov, Vedaldi and Lempitsky, 2016.
    pub InstanceNorm = "instance_norm"(input: One + float @ Any, running_mean: Optional @ Any, running_var: Optional @ Any,
        weight: Optional @ Any, bias: Optional @ Any) -> (output; 1) {
        use_input_stats: bool = true, momentum: f64 = 0.1, eps: f64 = 1e-5,
    }
}
impl Function for InstanceNorm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("input");
        if !self.use_input_stats {
            let op = BatchNorm { training: false, momentum: Some(self.momentum), eps: self.eps };
            return op.call(&[ins[0], ins[1], ins[2], ins[3], ins[4], None]);
        }
        let positions: usize = (2..x.spec.rank()).map(|i| x.spec.d(i)).product();
        if x.spec.rank() < 3 || positions == 1 {
            let text = format!("an input (N, C, ...) with several positions expected, got {:?}", x.spec.dims());
            return Err(err(Kind::Shape, text));
        }
        for (t, name) in ins.iter().zip(["input", "running_mean", "running_var"]).skip(1) {
            // Before one of them is changed.
            let dtype = x.spec.dtype.to_float();
            if let Some(t) = t.filter(|t| t.spec.dims() != &x.spec.dims()[1..2] || t.spec.dtype != dtype) {
                let text = format!("{name} of {dtype}({},) expected, got {}", x.spec.d(1), t.spec);
                return Err(err(Kind::Shape, text));
            }
        }
        let op = GroupNorm { num_groups: x.spec.d(1) as i64, eps: self.eps };
        let mut y = dispatch::apply(&op, &[Some(x), ins[3], ins[4]])?;
        no_grad(|| self.track(&x.detach(), ins[1], ins[2], positions))?;
        y.truncate(1);
        Ok(y)
    }
    fn cases() -> Vec<Case> {
        let case = |use_input_stats, tracked: bool, d: &[u32], affine: bool| {
            let c = [d[1]];
            let one = |seed, given: bool| Some(crate::ops::sample_in(seed, &c, 0.5, 1.5)).filter(|_| given);
            Case {
                attrs: InstanceNorm { use_input_stats, momentum: 0.1, eps: 1e-5 }.attrs(),
                inputs: vec![Some(crate::ops::sample(1, d)), one(2, tracked), one(3, tracked), one(4, affine), one(5, affine)],
            }
        };
        vec![case(true, false, &[2, 3, 4], true), case(true, false, &[2, 3, 2, 3], false), case(false, true, &[2, 3, 4], true)]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = || InstanceNorm { use_input_stats: true, momentum: 0.1, eps: 1e-5 };
        let with = |x: &[u32], mean: Option<Tensor>| vec![s(x), mean, None, None, None];
        refusals(vec![
            (op(), with(&[2, 3, 1], None), Kind::Shape, "several positions expected, got [2, 3, 1]"),
            (op(), vec![s(&[2, 3, 4]), s(&[3]), given::zeros(DType::F32, &[3]), None, None], Kind::Shape, "running_var of float64(3,) expected, got float32(3,)"),
            (op(), vec![s(&[2, 3, 4]), None, None, s(&[2]), None], Kind::Shape, "weight of float64(3,) expected, got float64(2,)"),
            (op(), vec![s(&[2, 3, 4]), None, None, None, s(&[2])], Kind::Shape, "bias of float64(3,) expected, got float64(2,)"),
            (InstanceNorm { use_input_stats: false, ..op() }, vec![given::zeros(DType::I64, &[2, 3, 4]), None, None, None, None], Kind::DType, "float32 or float64 expected, got int64"),
            (InstanceNorm { use_input_stats: false, eps: -1.0, ..op() }, with(&[2, 3, 4], None), Kind::Value, "at least 0 outside, got -1"),
            (InstanceNorm { use_input_stats: false, ..op() }, with(&[2, 3, 4], None), Kind::Value, "running_mean is needed outside training, got None"),
            (InstanceNorm { use_input_stats: false, ..op() }, with(&[2, 3, 4], s(&[3])), Kind::Value, "running_var is needed outside training, got None"),
            (InstanceNorm { use_input_stats: false, ..op() }, with(&[3], None), Kind::Shape, "an input (N, C, ...) expected, got [3]"),
            (op(), with(&[2, 3], None), Kind::Shape, "got [2, 3]"),
            (op(), with(&[2, 3, 4], s(&[4])), Kind::Shape, "running_mean of float64(3,) expected, got float64(4,)"),
        ])
    }
}
impl InstanceNorm {
    /// Moves the running statistics.
    fn track(&self, x: &Tensor, mean: Option<&Tensor>, var: Option<&Tensor>, positions: usize) -> Result<()> {
        if mean.is_none() && var.is_none() {
            return Ok(());
        }
        let over = |x: &Tensor, dim: Ints| dispatch::one(&Mean { dim: Some(dim), keepdim: true }, &[x]);
        let places: Ints = (2..x.spec.rank() as i64).collect();
        let follow = |running: Option<&Tensor>, each: &Tensor| -> Result<()> {
            let Some(running) = running else { return Ok(()) };
            let now = crate::ops::reshape::reshape(&over(each, smallvec![0])?, &running.spec.shape())?;
            let next = add(running, &scale(&sub(&now, running)?, self.momentum)?)?;
            dispatch::apply(&Assign {}, &[Some(running), Some(&next)]).map(|_| ())
        };
        let own = over(x, places.clone())?;
        follow(mean, &own)?;
        let d = sub(x, &own)?;
        let unbias = positions as f64 / (positions as f64 - 1.0);
        follow(var, &scale(&over(&mul(&d, &d)?, places)?, unbias)?)
    }
}
