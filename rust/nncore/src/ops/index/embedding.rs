use crate::ops::cast::cast;
use crate::ops::comparison::eq;
use crate::ops::full::zero;
use crate::ops::index_select::{add_rows, from_start, select, Around};
use crate::ops::squeeze::unsqueeze;
use crate::ops::where_::where_;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Rows of a table: `weight[input]`, for words and other tokens.
    ///
    /// Shapes: `input`, int64 or int32, any; `weight` (rows, size); the result is that of `input`, and `size` behind it. The
    /// row `padding_idx` (negative: from the end) gets no gradient. With `scale_grad_by_freq` the gradient of a row is divided
    /// by how often it was taken. The gradients of one row add up in the order of `input`, for any number of threads. Raises
    /// `ValueError` for an entry out of range (negative ones too) and a `padding_idx` out of range, and for
    /// `max_norm` (which would change the weight while it is read) and for `sparse` gradients.
    pub Embedding = "embedding"(input: One @ Any, weight: One @ Any) -> (output; 1) {
        padding_idx: Option<i64> = None, max_norm: Option<f64> = None, norm_type: f64 = 2.0,
        scale_grad_by_freq: bool = false, sparse: bool = false,
    }
}
impl Function for Embedding {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (index, weight) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        if self.max_norm.is_some() || self.sparse {
            let what = self.max_norm.map_or("sparse=True".into(), |m| format!("max_norm={m}"));
            return Err(err(Kind::Value, format!("{what} is not supported; leave it out")));
        }
        let index = match index.spec.dtype {
            DType::I32 => cast(index, DType::I64)?,
            _ => index.clone(),
        };
        let rows = if weight.spec.rank() > 0 { weight.spec.d(0) as i64 } else { 0 };
        let padding = match self.padding_idx {
            Some(p) if p < -rows || p >= rows => {
                return Err(err(Kind::Value, format!("padding_idx {p} is out of range for {rows} rows")))
            }
            Some(p) => Some(from_start(p, rows as usize) as i64),
            None => None,
        };
        let op = EmbeddingRows { padding, scaled: self.scale_grad_by_freq };
        dispatch::apply(&op, &[Some(&index), Some(weight)])
    }
    fn cases() -> Vec<Case> {
        let case = |padding_idx, scale_grad_by_freq, v: &[i64], d: &[u32]| {
            let op = Embedding { padding_idx, max_norm: None, norm_type: 2.0, scale_grad_by_freq, sparse: false };
            let index = Tensor::from_slice(v, d).expect("a small tensor");
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(index), Some(crate::ops::sample(1, &[4, 3]))] }
        };
        vec![
            case(None, false, &[2, 0, 2, 3], &[2, 2]),
            case(None, false, &[1], &[]),
            case(None, false, &[], &[0, 2]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |padding_idx| Embedding { padding_idx, max_norm: None, norm_type: 2.0, scale_grad_by_freq: false, sparse: false };
        refusals(vec![
            (op(None), vec![given::int64(&[0, 4]), given::float(&[4, 3])], Kind::Value, "index 4 (element 1 of the input) is out of range for 4 rows"),
            (op(None), vec![given::int64(&[-1]), given::float(&[4, 3])], Kind::Value, "index -1 (element 0"),
            (op(Some(4)), vec![given::int64(&[0]), given::float(&[4, 3])], Kind::Value, "padding_idx 4 is out of range for 4 rows"),
            (op(None), given::floats(&[&[2], &[4, 3]]), Kind::DType, "the input must be int64 or int32, got float64"),
            (op(None), vec![given::int64(&[0]), given::float(&[4])], Kind::Shape, "a weight of shape (rows, size) expected, got [4]"),
            (Embedding { sparse: true, ..op(None) }, vec![given::int64(&[0]), given::float(&[4, 3])], Kind::Value, "sparse=True is not supported; leave it out"),
            (Embedding { max_norm: Some(1.0), ..op(None) }, vec![given::int64(&[0]), given::float(&[4, 3])], Kind::Value, "max_norm=1 is not supported; leave it out"),
        ])
    }
}

op! {
    /// `embedding` with its settings checked.
    EmbeddingRows = "embedding_rows"(input: One, weight: One) -> (output; 1) { padding: Option<i64>, scaled: bool }
}
impl Op for EmbeddingRows {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].dtype != DType::I64 {
            return Err(err(Kind::DType, format!("the input must be int64 or int32, got {}", x[0].dtype)));
        }
        if x[1].rank() != 2 {
            return Err(err(Kind::Shape, format!("a weight of shape (rows, size) expected, got {:?}", x[1].dims())));
        }
        let mut shape = x[0].shape();
        shape.push(x[1].d(1) as i64);
        out.fresh(Spec::checked(x[1].dtype, &shape)?)
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let rows = cx.spec(1).d(0) as i64;
        match cx.get::<i64>(0).iter().position(|k| !(0..rows).contains(k)) {
            None => Ok(()),
            Some(at) => {
                let k = cx.get::<i64>(0)[at];
                Err(err(Kind::Value, format!("index {k} (element {at} of the input) is out of range for {rows} rows")))
            }
        }
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let a = Around { outer: 1, n: cx.spec(1).d(0), inner: cx.spec(1).d(1) };
        match cx.spec(1).dtype.size() {
            1 => select::<u8>(cx.get(1), cx.get(0), &a, cx.out(0)),
            4 => select::<i32>(cx.get(1), cx.get(0), &a, cx.out(0)),
            _ => select::<i64>(cx.get(1), cx.get(0), &a, cx.out(0)),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = EmbeddingGrad { rows: cx.spec(1).d(0) as i64, padding: self.padding, scaled: self.scaled };
        Ok(smallvec![None, Some(cx.emit(&back, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn cost(&self, _x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: 2 * outs.bytes() as u64 }
    }
    fn samples() -> Samples<EmbeddingRows> {
        let index = Tensor::from_slice(&[2i64, 0, 2], &[3]).expect("a small tensor");
        vec![(EmbeddingRows { padding: None, scaled: false }, vec![Some(index), Some(crate::ops::sample(1, &[4, 3]))])]
    }
}

op! {
    /// Gradient of `embedding`: zeros of (rows, size), to which each row of `grad` is added where `input` took it from.
    EmbeddingGrad = "embedding_grad"(grad: One, input: One) -> (grad_weight; 1) {
        rows: i64, padding: Option<i64>, scaled: bool,
    }
}
impl Op for EmbeddingGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let size = match x[0].dims() {
            [lead @ .., size] if lead == x[1].dims() && x[1].dtype == DType::I64 => *size,
            _ => {
                let text = format!("a gradient of shape (*, size) for int64 (*) expected, got {} for {}", x[0], x[1]);
                return Err(err(Kind::Shape, text));
            }
        };
        out.fresh(Spec::checked(x[0].dtype, &[self.rows, size as i64])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (s, index) = (cx.out_spec(0), cx.get::<i64>(1));
        let a = Around { outer: 1, n: s.d(0), inner: s.d(1) };
        let padding = self.padding.unwrap_or(-1);
        floats!(s.dtype, T => {
            cx.out::<T>(0).fill(0.0);
            if self.scaled {
                let mut counts = vec![0u32; a.n];
                index.iter().for_each(|&k| counts[k as usize] += 1);
                let share = |k: usize| (index[k] != padding).then(|| 1.0 / counts[index[k] as usize] as T);
                add_rows::<T>(cx.get(0), index, &a, cx.out(0), &share)
            } else {
                add_rows::<T>(cx.get(0), index, &a, cx.out(0), &|k| (index[k] != padding).then_some(1.0))
            }
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        if self.scaled {
            return Err(err(Kind::NoGradient, "has no gradient"));
        }
        let index = cx.input(1)?;
        let mut g = cx.emit(&EmbeddingRows { padding: None, scaled: false }, &[&index, cx.dy(0)])?;
        if let Some(p) = self.padding {
            let padded = unsqueeze(&eq(&index, &Tensor::scalar(p)?)?, -1)?;
            g = where_(&padded, &zero(g.spec.dtype)?, &g)?
        }
        Ok(smallvec![Some(g), None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<EmbeddingGrad> {
        let index = || Some(Tensor::from_slice(&[2i64, 0, 2, 1], &[4]).expect("a small tensor"));
        let case = |padding, scaled| {
            (EmbeddingGrad { rows: 3, padding, scaled }, vec![Some(crate::ops::sample(1, &[4, 2])), index()])
        };
        vec![case(None, false), case(Some(2), false), case(Some(0), true)]
    }
    fn refusals() -> Refusals<EmbeddingGrad> {
        vec![
            (EmbeddingGrad { rows: 3, padding: None, scaled: false }, vec![given::float(&[3, 2]), given::int64(&[0])], Kind::Shape, "expected, got float64(3, 2) for int64(1,)"),
        ]
    }
}
