use crate::op::*;
use crate::shape::{Dim, Spec};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::Float;
use nncore_kernels::rnn::{self, Backward, Cell, Forward, Layer};
use smallvec::smallvec;

choice! {
    /// What a step computes.
    RnnCell { Lstm = "lstm", Gru = "gru", Tanh = "tanh", Relu = "relu" }
}
impl RnnCell {
    fn kernel(self) -> Cell {
        match self {
            RnnCell::Lstm => Cell::Lstm,
            RnnCell::Gru => Cell::Gru,
            RnnCell::Tanh => Cell::Tanh,
            RnnCell::Relu => Cell::Relu,
        }
    }
}

op! {
    /// A recurrent layer in one direction: all steps, from the last to the first with `reverse`.
    ///
    /// Shapes: `input` (steps, batch, in), `h0` and an LSTM's `c0` (batch, hidden), `w_ih` (gates * hidden, in), `w_hh`
    /// (gates * hidden, hidden), biases (gates * hidden,) or None, `lengths`, int64 (batch,) or None. Gates in PyTorch's order:
    /// i, f, g, o and r, z, n. Row b has `lengths[b]` steps; behind them its state stays and its output is 0. Gives the outputs
    /// (steps, batch, hidden), the last hidden state and the last cell; the rest is for the gradient.
    RnnLayer = "rnn_layer"(
        input: One + float, h0: One + float, w_ih: One + float, w_hh: One + float,
        c0: Optional + float, b_ih: Optional + float, b_hh: Optional + float, lengths: Optional + constant
    ) -> (output, h, c, gates, kept; 3) { cell: RnnCell = RnnCell::Lstm, reverse: bool = false }
}
const INPUT: usize = 0;
const H0: usize = 1;
const W_IH: usize = 2;
const W_HH: usize = 3;
const C0: usize = 4;
const B_IH: usize = 5;
const B_HH: usize = 6;
const LENGTHS: usize = 7;

/// The sizes that inputs of those specs have.
fn layer(cell: RnnCell, reverse: bool, x: &Spec, h0: &Spec) -> Layer {
    Layer { cell: cell.kernel(), steps: x.d(0), batch: x.d(1), input: x.d(2), hidden: h0.d(1), reverse }
}
/// Of a layer: the shapes of its outputs, then of what it keeps.
fn outputs(s: &Layer) -> [Vec<Dim>; 5] {
    let (t, b, h) = (s.steps as Dim, s.batch as Dim, s.hidden as Dim);
    let lstm = s.cell == Cell::Lstm;
    [
        vec![t, b, h],
        vec![b, h],
        if lstm { vec![b, h] } else { vec![0] },
        vec![t, b, s.cell.gates() as Dim * h],
        if s.cell.keeps() { vec![t, b, h] } else { vec![0] },
    ]
}
impl Op for RnnLayer {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (i, h) = (&x[INPUT], &x[H0]);
        if i.rank() != 3 || h.rank() != 2 || i.d(1) != h.d(0) {
            let text = format!(
                "an input (steps, batch, in) and a state (batch, hidden) expected, got {:?} and {:?}",
                i.dims(),
                h.dims()
            );
            return Err(err(Kind::Shape, text));
        }
        let s = layer(self.cell, self.reverse, i, h);
        let wide = (s.cell.gates() * s.hidden) as Dim;
        let (b, input, hidden) = (s.batch as Dim, s.input as Dim, s.hidden as Dim);
        let fits = |k: usize, want: &[Dim]| match x.opt(k) {
            Some(got) if got.dims() != want => {
                let name = <Self as Signature>::info().inputs[k].name;
                Err(err(Kind::Shape, format!("{name} of shape {want:?} expected, got {:?}", got.dims())))
            }
            _ => Ok(()),
        };
        fits(W_IH, &[wide, input])?;
        fits(W_HH, &[wide, hidden])?;
        fits(C0, &[b, hidden])?;
        fits(B_IH, &[wide])?;
        fits(B_HH, &[wide])?;
        fits(LENGTHS, &[b])?;
        if (self.cell == RnnCell::Lstm) != x.opt(C0).is_some() {
            return Err(err(Kind::Value, match x.opt(C0) {
                None => "an LSTM takes c0, the cell to begin with; got none".into(),
                Some(c) => format!("c0 is for an LSTM, and a {:?} got {c}", self.cell),
            }));
        }
        if let Some(l) = x.opt(LENGTHS).filter(|l| l.dtype != DType::I64) {
            return Err(err(Kind::DType, format!("lengths must be int64, got {}", l.dtype)));
        }
        if !i.dtype.is_float() || [H0, W_IH, W_HH, C0, B_IH, B_HH].iter().any(|&k| x.opt(k).is_some_and(|t| t.dtype != i.dtype)) {
            return Err(err(Kind::DType, "floats of one dtype expected"));
        }
        outputs(&s).iter().try_for_each(|d| {
            let d: Ints = d.iter().map(|&d| d as i64).collect();
            out.fresh(Spec::checked(i.dtype, &d)?)
        })
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let s = layer(self.cell, self.reverse, &x[INPUT], &x[H0]);
        floats!(x[INPUT].dtype, T => rnn::forward_scratch::<T>(&s))
    }
    const CHECKS: u32 = 1 << LENGTHS;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let steps = cx.spec(INPUT).d(0) as i64;
        match cx.opt::<i64>(LENGTHS).and_then(|l| l.iter().find(|l| !(0..=steps).contains(l))) {
            None => Ok(()),
            Some(l) => Err(err(Kind::Value, format!("a length of {l} does not lie in 0..={steps}"))),
        }
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let s = layer(self.cell, self.reverse, cx.spec(INPUT), cx.spec(H0));
        floats!(cx.spec(INPUT).dtype, T => forward::<T>(&s, cx));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1 << INPUT | 1 << H0 | 1 << W_IH | 1 << W_HH | 1 << C0 | 1 << LENGTHS, 0b11001)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let wanted = (0..LENGTHS).filter(|&i| cx.needs(i)).fold(0, |mask, i| mask | 1 << i);
        let back = RnnLayerGrad { cell: self.cell, reverse: self.reverse, wanted };
        let input = |i: usize| if cx.has(i) { cx.input(i).map(Some) } else { Ok(None) };
        let all = [
            input(INPUT)?,
            input(H0)?,
            input(W_IH)?,
            input(W_HH)?,
            Some(cx.output(0)?),
            Some(cx.output(3)?),
            Some(cx.output(4)?),
            input(C0)?,
            input(LENGTHS)?,
            cx.opt_dy(0).cloned(),
            cx.opt_dy(1).cloned(),
            // No cell, no gradient of it.
            if self.cell == RnnCell::Lstm { cx.opt_dy(2).cloned() } else { None },
        ];
        let got = cx.emit_all(&back, &all.iter().map(|t| t.as_ref()).collect::<Vec<_>>())?;
        let mut grads: Grads = smallvec![None; LENGTHS + 1];
        for (i, g) in got.into_iter().enumerate().filter(|(i, _)| cx.needs(*i)) {
            grads[i] = Some(g)
        }
        Ok(grads)
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let s = layer(self.cell, self.reverse, &x[INPUT], &x[H0]);
        let products = 2 * s.steps * s.batch * s.cell.gates() * s.hidden * (s.input + s.hidden);
        Cost { flops: (products + 10 * outs.numel()) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<RnnLayer> {
        samples()
    }
    fn refusals() -> Refusals<RnnLayer> {
        let op = |cell| RnnLayer { cell, reverse: false };
        let with = |k: usize, t: Option<Tensor>| {
            let mut ins = samples().swap_remove(0).1;
            ins[k] = t;
            ins
        };
        vec![
            (op(RnnCell::Lstm), with(0, given::float(&[2, 3])), Kind::Shape, "an input (steps, batch, in) and a state (batch, hidden) expected, got [2, 3]"),
            (op(RnnCell::Lstm), with(W_IH, given::float(&[2, 3])), Kind::Shape, "w_ih of shape [8, 3] expected, got [2, 3]"),
            (op(RnnCell::Lstm), with(B_HH, given::float(&[3])), Kind::Shape, "b_hh of shape [8] expected, got [3]"),
            (op(RnnCell::Lstm), with(C0, None), Kind::Value, "an LSTM takes c0, the cell to begin with; got none"),
            (op(RnnCell::Lstm), with(LENGTHS, given::int64(&[1, 9])), Kind::Value, "a length of 9 does not lie in 0..=5"),
            (op(RnnCell::Lstm), with(LENGTHS, given::float(&[2])), Kind::DType, "lengths must be int64, got float64"),
        ]
    }
}
fn forward<T: Float>(s: &Layer, cx: &Cpu) {
    let f = Forward::<T> {
        x: cx.get(INPUT),
        h0: cx.get(H0),
        c0: cx.opt(C0).unwrap_or(&[]),
        w_ih: cx.get(W_IH),
        w_hh: cx.get(W_HH),
        b_ih: cx.opt(B_IH),
        b_hh: cx.opt(B_HH),
        lengths: cx.opt(LENGTHS),
        out: cx.out(0),
        h: cx.out(1),
        c: cx.out(2),
        gates: cx.out(3),
        kept: cx.out(4),
    };
    // `infer` has made everything of these sizes.
    unsafe { rnn::forward(s, f, cx.scratch) }
}

op! {
    /// Gradients of `rnn_layer` for its first seven inputs: all steps backward, and one product for each weight. Those whose
    /// bit is not in `wanted` are empty, but for the states'.
    RnnLayerGrad = "rnn_layer_grad"(
        input: One, h0: One, w_ih: One, w_hh: One, output: One, gates: One, kept: One, c0: Optional,
        lengths: Optional + constant, d_output: Optional, d_h: Optional, d_c: Optional
    ) -> (d_input, d_h0, d_w_ih, d_w_hh, d_c0, d_b_ih, d_b_hh; 7) {
        cell: RnnCell = RnnCell::Lstm, reverse: bool = false, wanted: i64 = 0,
    }
}
/// What the kernel walks has the sizes that the forward pass gave it.
fn check_gradients(op: &RnnLayerGrad, x: Specs) -> Result<()> {
    let (i, h) = (&x[0], &x[1]);
    if i.rank() != 3 || h.rank() != 2 || i.d(1) != h.d(0) || !i.dtype.is_float() {
        return Err(err(Kind::Shape, format!("an input (steps, batch, in) and a state (batch, hidden) expected, got {i} and {h}")));
    }
    let s = layer(op.cell, op.reverse, i, h);
    let (wide, sizes) = ((s.cell.gates() * s.hidden) as Dim, outputs(&s));
    let state = [s.batch as Dim, s.hidden as Dim];
    let fits = |k: usize, want: &[Dim]| match x.opt(k) {
        Some(got) if got.dims() != want || got.dtype != i.dtype => {
            let name = <RnnLayerGrad as Signature>::info().inputs[k].name;
            Err(err(Kind::Shape, format!("{name} of {} expected, got {got}", Spec::new(i.dtype, want))))
        }
        _ => Ok(()),
    };
    fits(2, &[wide, s.input as Dim])?;
    fits(3, &[wide, s.hidden as Dim])?;
    for (k, size) in [(4, 0), (5, 3), (6, 4), (9, 0), (10, 1), (11, 2)] {
        fits(k, &sizes[size])?
    }
    if s.cell == Cell::Lstm && x.opt(7).is_none() {
        return Err(err(Kind::Value, "an LSTM takes c0, the cell to begin with; got none"));
    }
    fits(7, &state)?;
    match x.opt(8) {
        Some(l) if l.dims() != &state[..1] || l.dtype != DType::I64 => {
            Err(err(Kind::Shape, format!("lengths of {} expected, got {l}", Spec::new(DType::I64, &state[..1]))))
        }
        _ => Ok(()),
    }
}
impl Op for RnnLayerGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_gradients(self, x)?;
        let none = Spec::new(x[0].dtype, &[0]);
        let bias = Spec::new(x[0].dtype, &x[W_HH].dims()[..1]);
        for (i, s) in [Some(&x[0]), Some(&x[1]), Some(&x[2]), Some(&x[3]), x.opt(7), Some(&bias), Some(&bias)].iter().enumerate() {
            let made = i == H0 || i == C0 || self.wanted >> i & 1 != 0;
            out.fresh(s.filter(|_| made).map_or(none, |s| s.contiguous()))?
        }
        Ok(())
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let s = layer(self.cell, self.reverse, &x[0], &x[1]);
        floats!(x[0].dtype, T => rnn::backward_scratch::<T>(&s))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let s = layer(self.cell, self.reverse, cx.spec(0), cx.spec(1));
        floats!(cx.spec(0).dtype, T => backward::<T>(&s, cx));
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let s = layer(self.cell, self.reverse, &x[0], &x[1]);
        let wide = s.cell.gates() * s.hidden;
        let products = 2 * s.steps * s.batch * wide * (2 * s.input + 2 * s.hidden);
        Cost { flops: products as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<RnnLayerGrad> {
        let (op, ins) = samples().swap_remove(0);
        let given: Vec<Option<&Tensor>> = ins.iter().map(|t| t.as_ref()).collect();
        let outs = dispatch::apply(&op, &given).expect("a sample");
        let some = |i: usize| ins[i].clone();
        let dy = |i: usize| Some(crate::ops::sample(20 + i as u64, outs[i].spec.dims()));
        let kept = [0, 3, 4].map(|i: usize| Some(outs[i].detach()));
        let mut all = vec![some(INPUT), some(H0), some(W_IH), some(W_HH)];
        all.extend(kept);
        all.extend([some(C0), some(LENGTHS), dy(0), dy(1), dy(2)]);
        vec![(RnnLayerGrad { cell: op.cell, reverse: op.reverse, wanted: 0x7f }, all)]
    }
    fn refusals() -> Refusals<RnnLayerGrad> {
        let op = || <RnnLayerGrad as Op>::samples().swap_remove(0).0;
        let with = |k: usize, t: Option<Tensor>| {
            let mut ins = <RnnLayerGrad as Op>::samples().swap_remove(0).1;
            ins[k] = t;
            ins
        };
        vec![
            (op(), with(0, given::float(&[2, 3])), Kind::Shape, "(steps, batch, in) and a state (batch, hidden) expected, got float64(2, 3)"),
            (op(), with(5, given::float(&[2])), Kind::Shape, "gates of float64(5, 2, 8) expected, got float64(2,)"),
            (op(), with(7, None), Kind::Value, "an LSTM takes c0"),
            (op(), with(8, given::int64(&[1])), Kind::Shape, "lengths of int64(2,) expected, got int64(1,)"),
        ]
    }
}
fn backward<T: Float>(s: &Layer, cx: &Cpu) {
    let f = Backward::<T> {
        x: cx.get(0),
        h0: cx.get(1),
        c0: cx.opt(7).unwrap_or(&[]),
        w_ih: cx.get(2),
        w_hh: cx.get(3),
        lengths: cx.opt(8),
        out: cx.get(4),
        gates: cx.get(5),
        kept: cx.get(6),
        d_out: cx.opt(9),
        d_h: cx.opt(10),
        d_c: cx.opt(11),
        dx: cx.out(INPUT),
        dh0: cx.out(H0),
        dc0: cx.out(C0),
        dw_ih: cx.out(W_IH),
        dw_hh: cx.out(W_HH),
        db_ih: cx.out(B_IH),
        db_hh: cx.out(B_HH),
    };
    // `infer` has made everything of these sizes.
    unsafe { rnn::backward(s, f, cx.scratch) }
}
fn samples() -> Samples<RnnLayer> {
    let case = |cell: RnnCell, [t, b, i, h]: [Dim; 4], reverse, biases: bool, lengths: Option<&[i64]>| {
        let wide = cell.kernel().gates() as Dim * h;
        let x = |k: u64, d: &[Dim]| Some(crate::ops::sample(k, d));
        let lengths = lengths.map(|l| Tensor::from_slice(l, &[b]).expect("a small tensor"));
        let ins = vec![
            x(1, &[t, b, i]),
            x(2, &[b, h]),
            x(3, &[wide, i]),
            x(4, &[wide, h]),
            if cell == RnnCell::Lstm { x(5, &[b, h]) } else { None },
            if biases { x(6, &[wide]) } else { None },
            if biases { x(7, &[wide]) } else { None },
            lengths,
        ];
        (RnnLayer { cell, reverse }, ins)
    };
    use RnnCell::*;
    let mut all = vec![];
    for cell in [Lstm, Gru, Tanh, Relu] {
        all.push(case(cell, [5, 2, 3, 2], false, true, None));
        all.push(case(cell, [3, 3, 1, 2], true, false, Some(&[3, 0, 2])));
    }
    all.push(case(Gru, [4, 2, 2, 3], false, true, Some(&[1, 4])));
    all.push(case(Lstm, [1, 2, 2, 1], true, true, None));
    all.push(case(Lstm, [0, 2, 2, 1], false, true, None));
    all
}
