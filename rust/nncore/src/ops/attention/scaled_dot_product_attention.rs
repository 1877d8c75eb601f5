use crate::ops::attention_core::AttentionCore;
use crate::ops::pair_loss::{named, number, promoted};
use crate::ops::permute::Permute;
use crate::ops::{add::add, arange::Arange, cast::cast, comparison, dropout::RandomDropout, expand::expand, extreme};
use crate::ops::{matmul::matmul, reshape::reshape, scale::scale, softmax::Softmax, where_::where_};
use crate::op::*;
use crate::shape::{broadcast, Dims};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Attention: `softmax(scale * query key^T + attn_mask) value`. The matrix of weights is never held whole.
    ///
    /// Shapes: `query` (..., L, E), `key` (..., S, E), `value` (..., S, V) give (..., L, V); leading sizes broadcast. With
    /// `enable_gqa` the query has several heads (its third last size) for each of key and value. `attn_mask` broadcasts to
    /// (..., L, S): bool, true where a key takes part, or numbers that are added. `is_causal` lets query i see keys up to i, and
    /// takes no mask beside it. `scale` of None is 1 / sqrt(E). A query that sees no key gets zeros. `dropout_p` above 0
    /// drops weights and takes one draw from `generator`, int64 `[seed, draws so far]`.
    /// Sources: Vaswani et al., 2017; Dao et al., 2022 (arXiv 2205.14135).
    pub ScaledDotProductAttention = "scaled_dot_product_attention"(query: One + float @ Any, key: One + float @ Any,
        value: One + float @ Any, attn_mask: Optional @ Any, generator: Optional + mutated) -> (output; 1) {
        dropout_p: f64 = 0.0, is_causal: bool = false, scale: Option<f64> = None, enable_gqa: bool = false,
    } [query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa, generator]
}
impl Function for ScaledDotProductAttention {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |op: ScaledDotProductAttention, q: &[u32], k: &[u32], v: &[u32], mask: Option<Tensor>| {
            let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
            Case { attrs: op.attrs(), inputs: vec![s(1, q), s(2, k), s(3, v), mask, None] }
        };
        let op = |is_causal, scale, enable_gqa| ScaledDotProductAttention { dropout_p: 0.0, is_causal, scale, enable_gqa };
        let seen = |d: &[u32]| {
            let x = crate::ops::sample(5, d);
            dispatch::one(&comparison::Gt {}, &[&x, &number(-0.3, &x).expect("a number")]).expect("a comparison")
        };
        vec![
            case(op(false, None, false), &[2, 2, 3, 4], &[2, 2, 5, 4], &[2, 2, 5, 3], None),
            case(op(true, None, false), &[2, 4, 3], &[2, 5, 3], &[2, 5, 3], None),
            case(op(false, Some(0.7), false), &[2, 2, 3, 4], &[1, 2, 5, 4], &[2, 5, 2], Some(seen(&[2, 1, 3, 5]))),
            case(op(false, None, true), &[2, 4, 3, 2], &[2, 2, 4, 2], &[2, 2, 4, 2], Some(crate::ops::sample(6, &[3, 4]))),
            case(op(false, None, false), &[3, 2], &[4, 2], &[4, 2], None),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |dropout_p, is_causal, enable_gqa| ScaledDotProductAttention { dropout_p, is_causal, scale: None, enable_gqa };
        let with = |q: &[u32], k: &[u32], v: &[u32], mask: Option<Tensor>| vec![s(q), s(k), s(v), mask, None];
        refusals(vec![
            (op(0.0, true, false), with(&[3, 2], &[3, 2], &[3, 2], s(&[3, 3])), Kind::Value, "no attn_mask beside it"),
            (op(0.0, false, false), with(&[3, 2], &[3, 2], &[3, 2], s(&[4])), Kind::Shape, "[4] does not expand to [3, 3]"),
            (op(0.5, false, false), with(&[3, 2], &[3, 2], &[3, 2], None), Kind::Value, "takes a generator"),
            (op(1.0, false, false), with(&[3, 2], &[3, 2], &[3, 2], None), Kind::Value, "0 <= p < 1, got 1"),
            (op(0.0, false, false), with(&[3, 2], &[3, 4], &[3, 2], None), Kind::Shape, "a query of [3, 2] does not fit"),
            (op(0.0, false, false), with(&[3], &[3, 2], &[3, 2], None), Kind::Shape, "query (..., L, E)"),
            (op(0.0, false, false), with(&[3, 3, 2], &[2, 3, 2], &[2, 3, 2], None), Kind::Shape, "broadcast"),
            (op(0.0, false, true), with(&[3, 3, 2], &[2, 3, 2], &[2, 3, 2], None), Kind::Shape, "3 heads of the query"),
        ])
    }
}
impl ScaledDotProductAttention {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(&ins[..3])?;
        let [Some(q), Some(k), Some(v)] = &own[..] else { unreachable!("three are given") };
        let wrong = |text: String| Err(err(Kind::Shape, text));
        if !(0.0..1.0).contains(&self.dropout_p) {
            return Err(err(Kind::Value, format!("dropout_p is a probability, 0 <= p < 1, got {}", self.dropout_p)));
        }
        if self.is_causal && ins[3].is_some() {
            return Err(err(Kind::Value, "is_causal takes no attn_mask beside it; put both into one mask"));
        }
        if [q, k, v].iter().any(|t| t.spec.rank() < 2) {
            return wrong("query (..., L, E), key (..., S, E) and value (..., S, V) expected".into());
        }
        // One shape of leading sizes for all; heads of the query may share those of key and value.
        let lead = |t: &Tensor| -> Dims { t.spec.dims()[..t.spec.rank() - 2].into() };
        let (mut a, mut b, mut c) = (lead(q), lead(k), lead(v));
        let heads = if self.enable_gqa { (a.pop(), b.pop(), c.pop()) } else { (None, None, None) };
        if let (Some(of_q), of_k, of_v) = heads {
            if of_k != of_v || of_k.is_none_or(|h| h == 0 || !of_q.is_multiple_of(h)) {
                return wrong(format!("{of_q} heads of the query are no multiple of {:?} of the key", of_k.unwrap_or(0)));
            }
        }
        let mut common = broadcast(&a, &b).and_then(|d| broadcast(&d, &c));
        if let (Some(d), Some(m), None) = (&common, ins[3].filter(|m| m.spec.rank() > 2), heads.0) {
            // A mask may have batches of its own.
            common = broadcast(d, &lead(m));
        }
        let Some(common) = common else {
            return wrong("leading sizes that broadcast expected".into());
        };
        let whole = |t: &Tensor, heads: Option<u32>| -> Result<Tensor> {
            let r = t.spec.rank();
            let mut shape: Ints = common.iter().chain(&heads).map(|&d| d as i64).collect();
            shape.extend([t.spec.d(r - 2) as i64, t.spec.d(r - 1) as i64]);
            if t.spec.shape() == shape { Ok(t.clone()) } else { expand(t, &shape) }
        };
        let (q, k, v) = (whole(q, heads.0)?, whole(k, heads.1)?, whole(v, heads.2)?);
        let mask = match ins[3] {
            None => None,
            Some(m) => {
                let m = if m.spec.dtype == DType::Bool { m.clone() } else { cast(m, q.spec.dtype)? };
                let mut shape = q.spec.shape();
                let r = shape.len();
                shape[r - 1] = k.spec.d(k.spec.rank() - 2) as i64;
                Some(expand(&m, &shape)?)
            }
        };
        let factor = self.scale.unwrap_or(1.0 / (q.spec.d(q.spec.rank() - 1) as f64).sqrt());
        if self.dropout_p > 0.0 {
            let Some(generator) = ins[4] else {
                return Err(err(Kind::Value, "a dropout_p above 0 takes a generator to draw from"));
            };
            let weights = weights(&q, &k, mask.as_ref(), factor, self.is_causal)?;
            let drop = RandomDropout { p: self.dropout_p, training: true };
            let weights = drop.call(&[Some(&weights), Some(generator)])?.swap_remove(0);
            return matmul(&weights, &repeated(&v, &q)?);
        }
        if mask.as_ref().is_some_and(|m| m.requires_grad() && dispatch::grad_enabled()) {
            return composed(&q, &k, &v, mask.as_ref(), factor, self.is_causal);
        }
        let op = AttentionCore { scale: factor, causal: self.is_causal };
        Ok(dispatch::apply(&op, &[Some(&q), Some(&k), Some(&v), mask.as_ref()])?.swap_remove(0))
    }
}
/// Each head of keys or values as many times as queries share it.
fn repeated(k: &Tensor, q: &Tensor) -> Result<Tensor> {
    let n = k.spec.rank();
    if n < 3 || k.spec.d(n - 3) == q.spec.d(n - 3) {
        return Ok(k.clone());
    }
    let mut shape = k.spec.shape();
    shape.insert(n - 2, 1);
    let each = reshape(k, &shape)?;
    shape[n - 2] = (q.spec.d(n - 3) / k.spec.d(n - 3)) as i64;
    let wide = expand(&each, &shape)?;
    shape.remove(n - 2);
    shape[n - 3] = q.spec.d(n - 3) as i64;
    reshape(&wide, &shape)
}
/// `softmax(scale q k^T + mask)`, as a whole matrix.
fn weights(q: &Tensor, k: &Tensor, mask: Option<&Tensor>, factor: f64, causal: bool) -> Result<Tensor> {
    let k = repeated(k, q)?;
    let n = k.spec.rank();
    let mut dims: Ints = (0..n as i64).collect();
    dims.swap(n - 2, n - 1);
    let mut s = scale(&matmul(q, &dispatch::one(&Permute { dims }, &[&k])?)?, factor)?;
    let never = number(f64::NEG_INFINITY, &s)?;
    if causal {
        let numbers = |end: usize| dispatch::one(&Arange { start: 0.0, end: end as f64, step: 1.0, dtype: DType::I64 }, &[]);
        let rows = reshape(&numbers(q.spec.d(n - 2))?, &[-1, 1])?;
        s = where_(&dispatch::one(&comparison::Ge {}, &[&rows, &numbers(k.spec.d(n - 2))?])?, &s, &never)?;
    }
    match mask {
        None => {}
        Some(m) if m.spec.dtype == DType::Bool => s = where_(m, &s, &never)?,
        Some(m) => s = add(&s, m)?,
    }
    let softmax = |s: &Tensor| dispatch::one(&Softmax { dim: -1 }, &[s]);
    if mask.is_none() {
        return softmax(&s);
    }
    // Where nothing is seen, softmax has nothing to share out, and no slope: its NaN would reach every key.
    let largest = dispatch::one(&extreme::Amax { dim: Some(smallvec![-1]), keepdim: true }, &[&s.detach()])?;
    let (blind, zero) = (comparison::eq(&largest, &never)?, number(0.0, &s)?);
    where_(&blind, &zero, &softmax(&where_(&blind, &zero, &s)?)?)
}
/// The same by ops that have gradients of any order.
pub fn composed(q: &Tensor, k: &Tensor, v: &Tensor, mask: Option<&Tensor>, factor: f64, causal: bool) -> Result<Tensor> {
    matmul(&weights(q, k, mask, factor, causal)?, &repeated(v, q)?)
}
