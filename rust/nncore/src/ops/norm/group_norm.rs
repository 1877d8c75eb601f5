use crate::ops::layer_norm::standardized;
use crate::ops::{copy, mul::mul, reshape::reshape, sum::Sum};
use crate::op::*;
use crate::shape::{Dim, Spec};
use crate::{err, Kind, Result, Tensor};
use nncore_kernels::norm::{self, Groups};
use smallvec::smallvec;

op! {
    /// Group normalization: the channels of each sample, in `num_groups` groups of neighbours, are normalised by the group's
    /// mean and biased variance over channels and positions; then `* weight + bias` by channel.
    ///
    /// Shapes: `input` (N, C) or (N, C, ...) with C a multiple of `num_groups`; `weight` and `bias` (C,) or None; the result
    /// has the input's shape, and its order in memory. Raises `ShapeError` where the groups do not divide the channels.
    /// Source: Wu and He, 2018.
    pub GroupNorm = "group_norm"(input: One + float @ Dense, weight: Optional, bias: Optional) -> (output, mean, rstd; 1) {
        num_groups: i64, eps: f64 = 1e-5,
    } [input, num_groups, weight, bias, eps]
}
op! {
    /// Gradients of `group_norm`: input, weight and bias in one pass.
    GroupNormGrad = "group_norm_grad"(grad: One @ Dense, input: One @ Dense, mean: One, rstd: One, weight: Optional)
        -> (grad_input, grad_weight, grad_bias; 3) {}
}
/// How the kernels see (N, C, ...).
fn layout(x: &Spec, groups: usize) -> Groups {
    let positions = (2..x.rank()).map(|i| x.d(i)).product();
    // One position a channel is both; the rows of channels are the faster way.
    let last = positions == 1 || !x.is_contiguous();
    Groups { samples: x.d(0), channels: x.d(1), positions, groups, last }
}
impl Op for GroupNorm {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let a = &x[0];
        if !a.dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", a.dtype)));
        }
        if a.rank() < 2 {
            return Err(err(Kind::Shape, format!("an input (N, C, ...) expected, got {:?}", a.dims())));
        }
        let g = self.num_groups;
        if g < 1 || a.d(1) as i64 % g != 0 {
            return Err(err(Kind::Shape, format!("num_groups divides the channels, got {g} groups of {} channels", a.d(1))));
        }
        for (i, name) in [(1, "weight"), (2, "bias")] {
            if let Some(s) = x.opt(i).filter(|s| s.dims() != &a.dims()[1..2] || s.dtype != a.dtype) {
                return Err(err(Kind::Shape, format!("{name} of {}({},) expected, got {s}", a.dtype, a.d(1))));
            }
        }
        let each = Spec::new(a.dtype, &[a.dims()[0], g as Dim]);
        out.fresh(*a)?;
        out.fresh(each)?;
        out.fresh(each)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let g = layout(cx.spec(0), self.num_groups as usize);
        floats!(cx.spec(0).dtype, T => {
            norm::groups::<T>(&g, cx.get(0), cx.opt(1), cx.opt(2), self.eps, cx.out(0), cx.out(1), cx.out(2));
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b11, 0b110)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None, None, None]) };
        let x = cx.input(0)?;
        if cx.create_graph {
            let mut grads = cx.through(&[0, 1], |ins| self.composed(ins))?;
            if cx.needs(2) {
                let others = (0..x.spec.rank() as i64).filter(|&d| d != 1).collect();
                grads[2] = Some(cx.emit(&Sum { dim: Some(others), keepdim: false }, &[dy])?);
            }
            return Ok(grads);
        }
        let weight = if cx.has(1) { Some(cx.input(1)?) } else { None };
        let dy = if dy.spec.same_walk(&x.spec) { dy.clone() } else { copy::like(dy, &x.spec)? };
        let (mean, rstd) = (cx.output(1)?.detach(), cx.output(2)?.detach());
        let o = cx.emit_all(&GroupNormGrad {}, &[Some(&dy), Some(&x), Some(&mean), Some(&rstd), weight.as_ref()])?;
        Ok((0..3).map(|i| cx.needs(i).then(|| o[i].clone())).collect())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 8 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<GroupNorm> {
        let case = |num_groups, x: Tensor, affine: bool| {
            let c = [x.spec.dims()[1]];
            let one = |seed| Some(crate::ops::sample(seed, &c)).filter(|_| affine);
            (GroupNorm { num_groups, eps: 1e-5 }, vec![Some(x), one(2), one(3)])
        };
        let s = |d: &[Dim]| crate::ops::sample(1, d);
        let last = copy::to_layout(&s(&[2, 6, 3, 2]), Layout::ChannelsLast).expect("a copy");
        vec![
            case(2, s(&[2, 4, 3, 2]), true),
            case(3, last, true),
            case(1, s(&[3, 4]), true),
            case(4, s(&[2, 4, 5]), false),
            case(2, s(&[0, 4, 3]), true),
        ]
    }
    fn refusals() -> Refusals<GroupNorm> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |num_groups| GroupNorm { num_groups, eps: 1e-5 };
        vec![
            (op(4), vec![s(&[2, 6, 3]), None, None], Kind::Shape, "4 groups of 6 channels"),
            (op(0), vec![s(&[2, 6, 3]), None, None], Kind::Shape, "0 groups"),
            (op(1), vec![s(&[6]), None, None], Kind::Shape, "(N, C, ...) expected, got [6]"),
            (op(2), vec![s(&[2, 6]), None, s(&[2])], Kind::Shape, "bias of float64(6,) expected"),
            (op(2), vec![s(&[2, 6]), s(&[2]), None], Kind::Shape, "weight of float64(6,) expected"),
        ]
    }
}
impl GroupNorm {
    /// Input and weight, without the bias.
    fn composed(&self, ins: &[Option<Tensor>]) -> Result<Tensor> {
        let x = ins[0].as_ref().expect("input");
        let rest = x.spec.numel() as i64 / (x.spec.d(0) as i64 * self.num_groups).max(1);
        let rows = reshape(x, &[x.spec.d(0) as i64, self.num_groups, rest])?;
        let y = reshape(&standardized(&rows, &smallvec![2], self.eps, true)?, &x.spec.shape())?;
        let Some(w) = &ins[1] else { return Ok(y) };
        let mut shape: Ints = smallvec![1; x.spec.rank() - 1];
        shape[0] = -1;
        mul(&y, &reshape(w, &shape)?)
    }
}
impl Op for GroupNormGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].same_walk(&x[1]) {
            return Err(err(Kind::Layout, "gradient and input of one layout expected"));
        }
        let c = Spec::new(x[1].dtype, &x[1].dims()[1..2]);
        out.fresh(x[1])?;
        out.fresh(c)?;
        out.fresh(c)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        16 * x[1].d(0) * x[1].d(1)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let g = layout(cx.spec(1), cx.spec(2).d(1));
        let sums: &mut [[f64; 2]] = match g.samples * g.channels {
            0 => &mut [],
            // The scratch is aligned and holds two numbers for each.
            n => unsafe { std::slice::from_raw_parts_mut(cx.scratch.cast(), n) },
        };
        floats!(cx.spec(1).dtype, T => {
            let (dx, dw, db) = (cx.out(0), cx.out(1), cx.out(2));
            norm::groups_gradient::<T>(&g, cx.get(1), cx.get(0), cx.get(2), cx.get(3), cx.opt(4), dx, dw, db, sums);
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 12 * x[1].numel() as u64, bytes: (2 * x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<GroupNormGrad> {
        let s = |seed, d: &[Dim]| Some(crate::ops::sample_in(seed, d, 0.5, 1.5));
        vec![(GroupNormGrad {}, vec![s(1, &[2, 4, 3]), s(2, &[2, 4, 3]), s(3, &[2, 2]), s(4, &[2, 2]), s(5, &[4])])]
    }
}
