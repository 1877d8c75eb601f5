use crate::ops::cast::cast;
use crate::ops::comparison::eq;
use crate::ops::div::div;
use crate::ops::expand::expand;
use crate::ops::full::Full;
use crate::ops::gather::{each, fits, gather};
use crate::ops::index_select::{around, check_range};
use crate::ops::mul::mul;
use crate::ops::slice::narrow;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::{Element, Float, Number};
use nncore_kernels::places as kernels;
use smallvec::smallvec;

choice! {
    /// What an element and all that is scattered to it become together.
    Reduce { Sum = "sum", Prod = "prod", Mean = "mean", Amax = "amax", Amin = "amin" }
}
choice! {
    /// The two reductions that `scatter` knows.
    ScatterReduction { Add = "add", Multiply = "multiply" }
}
choice! {
    /// Like [`Reduce`], or the last one that comes.
    How { Replace = "replace", Sum = "sum", Prod = "prod", Mean = "mean", Amax = "amax", Amin = "amin" }
}

op! {
    /// A copy of `input` with the elements of `src` written where `index` points along `dim`: for `dim=0`,
    /// `out[index[i][j]][j] = src[i][j]`. `src` may be a number. Where entries of `index` meet, the last one in row-major order
    /// stays; with `reduce="add"` or `"multiply"` all of them are added to the element, or multiplied with it.
    ///
    /// `index` is int64, with as many dimensions as the input, no larger than `src`, and no larger than the input but in `dim`;
    /// what is left of `src` is not read. Negative entries count from the end. Shape and dtype: the input's. Entries should
    /// not meet where a gradient of `src` is wanted: each would get that of the place. Raises `DTypeError` or `ShapeError` for
    /// an index or a source that does not fit, `ValueError` for an entry out of range.
    pub Scatter = "scatter"(input: One + promote @ Any, index: One @ Any, src: One + promote @ Any) -> (output; 1) {
        dim: i64, reduce: Option<ScatterReduction> = None,
    } [input, dim, index, src, reduce]
}
impl Function for Scatter {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let how = match self.reduce {
            None => How::Replace,
            Some(ScatterReduction::Add) => How::Sum,
            Some(ScatterReduction::Multiply) => How::Prod,
        };
        run(ins, self.dim, how, true)
    }
    fn cases() -> Vec<Case> {
        let mut all: Vec<Case> =
            places(false).into_iter().map(|(dim, ins)| case(&Scatter { dim, reduce: None }, ins)).collect();
        for reduce in [ScatterReduction::Add, ScatterReduction::Multiply] {
            all.extend(places(true).into_iter().map(|(dim, ins)| case(&Scatter { dim, reduce: Some(reduce) }, ins)))
        }
        all
    }
    fn refusals() -> Vec<Refusal> {
        let op = |reduce| Scatter { dim: 0, reduce };
        refusals(vec![
            (op(None), vec![given::float(&[3]), given::int64(&[3]), given::float(&[1])], Kind::Value, "index 3 (element 0 of the index) is out of range for size 3"),
            (op(None), given::floats(&[&[3], &[1], &[1]]), Kind::DType, "index must be int64, got float64"),
            (op(None), vec![given::float(&[2, 3]), given::int64(&[0]), given::float(&[1])], Kind::Shape, "an index of shape [1] does not fit [2, 3] along dim 0"),
            (op(None), vec![given::float(&[3]), given::int64(&[0, 1]), given::float(&[1])], Kind::Shape, "a source of shape [1] is too small for an index of shape [2]"),
            (op(Some(ScatterReduction::Add)), vec![given::bools(&[3]), given::int64(&[0]), given::bools(&[1])], Kind::DType, "numbers expected, got bool"),
        ])
    }
}
op! {
    /// A copy of `input` to which the elements of `src` are added where `index` points along `dim`, in row-major order.
    ///
    /// Shapes, dtypes and errors as in `scatter`.
    pub ScatterAdd = "scatter_add"(input: One + promote @ Any, index: One @ Any, src: One + promote @ Any) -> (output; 1) {
        dim: i64,
    } [input, dim, index, src]
}
impl Function for ScatterAdd {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        run(ins, self.dim, How::Sum, true)
    }
    fn cases() -> Vec<Case> {
        places(true).into_iter().map(|(dim, ins)| case(&ScatterAdd { dim }, ins)).collect()
    }
    fn refusals() -> Vec<Refusal> {
        let op = || ScatterAdd { dim: 0 };
        refusals(vec![
            (op(), vec![given::bools(&[3]), given::int64(&[0]), given::bools(&[1])], Kind::DType, "numbers expected, got bool"),
            (op(), vec![given::float(&[3]), given::int64(&[3]), given::float(&[1])], Kind::Value, "index 3 (element 0 of the index) is out of range for size 3"),
            (op(), given::floats(&[&[3], &[1], &[1]]), Kind::DType, "index must be int64, got float64"),
            (op(), vec![given::float(&[2, 3]), given::int64(&[0]), given::float(&[1])], Kind::Shape, "an index of shape [1] does not fit [2, 3] along dim 0"),
            (op(), vec![given::float(&[3]), given::int64(&[0, 1]), given::float(&[1])], Kind::Shape, "a source of shape [1] is too small for an index of shape [2]"),
        ])
    }
}
op! {
    /// A copy of `input` in which each element that `index` points to along `dim` is the sum, product, mean, maximum or minimum
    /// of itself and of all elements of `src` that go there; without `include_self` of those alone.
    ///
    /// Means of integers are rounded down. Equal extremes share the gradient evenly. Shapes, dtypes and errors as in `scatter`.
    pub ScatterReduce = "scatter_reduce"(input: One + promote @ Any, index: One @ Any, src: One + promote @ Any) -> (output; 1) {
        dim: i64, reduce: Reduce, include_self: bool = true,
    } [input, dim, index, src, reduce, include_self]
}
impl Function for ScatterReduce {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let how = match self.reduce {
            Reduce::Sum => How::Sum,
            Reduce::Prod => How::Prod,
            Reduce::Mean => How::Mean,
            Reduce::Amax => How::Amax,
            Reduce::Amin => How::Amin,
        };
        run(ins, self.dim, how, self.include_self)
    }
    fn cases() -> Vec<Case> {
        let mut all = vec![];
        for reduce in [Reduce::Sum, Reduce::Prod, Reduce::Mean, Reduce::Amax, Reduce::Amin] {
            for (dim, ins) in places(true) {
                all.push(case(&ScatterReduce { dim, reduce, include_self: true }, ins.clone()));
                all.push(case(&ScatterReduce { dim, reduce, include_self: false }, ins));
            }
        }
        all
    }
    fn refusals() -> Vec<Refusal> {
        let op = || ScatterReduce { dim: 0, reduce: Reduce::Amax, include_self: true };
        refusals(vec![
            (op(), vec![given::bools(&[3]), given::int64(&[0]), given::bools(&[1])], Kind::DType, "numbers expected, got bool"),
            (op(), vec![given::float(&[3]), given::int64(&[3]), given::float(&[1])], Kind::Value, "index 3 (element 0 of the index) is out of range for size 3"),
            (op(), given::floats(&[&[3], &[1], &[1]]), Kind::DType, "index must be int64, got float64"),
            (op(), vec![given::float(&[2, 3]), given::int64(&[0]), given::float(&[1])], Kind::Shape, "an index of shape [1] does not fit [2, 3] along dim 0"),
            (op(), vec![given::float(&[3]), given::int64(&[0, 1]), given::float(&[1])], Kind::Shape, "a source of shape [1] is too small for an index of shape [2]"),
        ])
    }
}
fn case<S: Signature>(op: &S, inputs: Vec<Option<Tensor>>) -> Case {
    Case { attrs: Signature::attrs(op), inputs }
}
/// Dimensions, inputs, indices and sources. Entries of an index meet where `meet`.
fn places(meet: bool) -> Vec<(i64, Vec<Option<Tensor>>)> {
    let ins = |d: &[u32], index: &[i64], di: &[u32], ds: &[u32]| {
        let index = Tensor::from_slice(index, di).expect("a small tensor");
        vec![Some(crate::ops::sample(1, d)), Some(index), Some(crate::ops::sample(2, ds))]
    };
    let third = if meet { 2 } else { 1 };
    vec![
        (1, ins(&[2, 3], &[2, third, -3, 1], &[2, 2], &[2, 3])),
        (0, ins(&[3, 2, 2], &[0, 2, 1, 1], &[1, 2, 2], &[2, 2, 2])),
        (-1, ins(&[3], if meet { &[2, 0, 2, 2] } else { &[2, 0, 1] }, if meet { &[4] } else { &[3] }, &[5])),
        (0, ins(&[3], &[1, -1], &[2], &[])),
        (0, ins(&[], &[0], &[], &[])),
        (1, ins(&[2, 3], &[], &[2, 0], &[2, 3])),
    ]
}
fn run(ins: &[Option<&Tensor>], dim: i64, how: How, include_self: bool) -> Result<Outputs> {
    let (x, index) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
    let mut src = cast(ins[2].expect("a required input"), x.spec.dtype)?;
    fits(&x.spec, &index.spec, x.spec.axis(dim)?)?;
    let shape = index.spec.shape();
    if src.spec.rank() == 0 {
        src = expand(&src, &shape)?
    } else if src.spec.rank() != shape.len() || (0..shape.len()).any(|i| src.spec.d(i) < index.spec.d(i)) {
        let text = format!("a source of shape {:?} is too small for an index of shape {:?}", src.spec.dims(), &shape[..]);
        return Err(err(Kind::Shape, text));
    }
    for (i, &n) in shape.iter().enumerate() {
        if src.spec.d(i) as i64 != n {
            src = narrow(&src, i as i64, 0, n)?
        }
    }
    dispatch::apply(&ScatterInto { dim, how, include_self }, &[Some(x), Some(index), Some(&src)])
}

op! {
    /// What the functions of this file do, with an index and a source of one shape.
    ScatterInto = "scatter_into"(input: One, index: One, src: One) -> (output; 1) { dim: i64, how: How, include_self: bool }
}
impl Op for ScatterInto {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        fits(&x[0], &x[1], x[0].axis(self.dim)?)?;
        if x[2].dims() != x[1].dims() || x[2].dtype != x[0].dtype {
            let text = format!("a source of {} and shape {:?} expected, got {}", x[0].dtype, x[1].dims(), x[2]);
            return Err(err(Kind::Shape, text));
        }
        if x[0].dtype == DType::Bool && self.how != How::Replace {
            return Err(err(Kind::DType, "numbers expected, got bool"));
        }
        out.fresh(x[0].contiguous())
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_range(cx, 1, around(cx.spec(0), cx.spec(0).axis(self.dim)?).n)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let axis = cx.spec(0).axis(self.dim)?;
        match (self.how, cx.spec(0).dtype) {
            // By size alone: a copy does not look at its values.
            (How::Replace, dtype) => match dtype.size() {
                1 => replace::<u8>(cx, axis),
                4 => replace::<i32>(cx, axis),
                _ => replace::<i64>(cx, axis),
            },
            (_, dtype) => numbers!(dtype, T => self.combine::<T>(cx, axis)),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        match self.how {
            How::Replace | How::Sum | How::Mean => Keep::inputs(0b10),
            How::Prod => Keep::inputs(0b111),
            How::Amax | How::Amin => Keep::both(0b111, 1),
        }
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, index, dim) = (cx.dy(0), cx.input(1)?, self.dim);
        let dtype = dy.spec.dtype;
        let full = |s: &Spec, value: f64| cx.emit(&Full { shape: s.shape(), value, dtype }, &[]);
        // Zeros at all places that something was scattered to.
        let zeroed = |g: &Tensor| {
            let cut = ScatterInto { dim, how: How::Replace, include_self: true };
            cx.emit(&cut, &[g, &index, &full(&index.spec, 0.0)?])
        };
        let own = |g: &Tensor| if self.include_self && self.how != How::Replace { Ok(g.clone()) } else { zeroed(g) };
        let count = ScatterInto { how: How::Sum, ..self.clone() };
        let (to_input, to_src) = match self.how {
            How::Replace | How::Sum => (dy.clone(), dy.clone()),
            How::Mean => {
                let counts = cx.emit(&count, &[&full(cx.spec(0), 1.0)?, &index, &full(&index.spec, 1.0)?])?;
                let each = div(dy, &counts)?;
                (each.clone(), each)
            }
            How::Amax | How::Amin => {
                let (x, src, y) = (cx.input(0)?.detach(), cx.input(2)?.detach(), cx.output(0)?.detach());
                let hit = cast(&eq(&x, &y)?, dtype)?;
                let hits = cast(&eq(&src, &gather(&y, dim, &index)?)?, dtype)?;
                let each = div(dy, &cx.emit(&count, &[&hit, &index, &hits])?)?;
                let to_src = cx.needs(2).then(|| mul(&hits, &gather(&each, dim, &index)?)).transpose()?;
                return Ok(smallvec![cx.needs(0).then(|| own(&mul(&hit, &each)?)).transpose()?, None, to_src]);
            }
            How::Prod => {
                let back = ScatterProdGrad { dim, include_self: self.include_self };
                let ins = [Some(dy), Some(&cx.input(0)?), Some(&index), Some(&cx.input(2)?)];
                let got = cx.emit_all(&back, &ins)?;
                return Ok(smallvec![Some(got[0].clone()), None, Some(got[1].clone())]);
            }
        };
        let input = cx.needs(0).then(|| own(&to_input)).transpose()?;
        Ok(smallvec![input, None, cx.needs(2).then(|| gather(&to_src, dim, &index)).transpose()?])
    }
    fn samples() -> Samples<ScatterInto> {
        let fitting = |meet| places(meet).into_iter().filter(|(_, ins)| {
            let dims = |i: usize| ins[i].as_ref().map(|t| t.spec.shape());
            dims(1) == dims(2)
        });
        let with = |how, include_self| {
            fitting(how != How::Replace).map(move |(dim, ins)| (ScatterInto { dim, how, include_self }, ins))
        };
        with(How::Replace, true).chain(with(How::Sum, false)).chain(with(How::Amax, true)).collect()
    }
}
/// [`each`], entry by entry.
fn one_by_one(whole: &Spec, index: &Spec, axis: usize, entries: &[i64], f: &mut dyn FnMut(usize, usize)) {
    each(whole, index, axis, entries, &mut |from, to| {
        for (i, to) in to.iter().enumerate() {
            f(from + i, *to as usize)
        }
    })
}
fn replace<T: Element>(cx: &Cpu, axis: usize) {
    let (src, out) = (cx.get::<T>(2), cx.out::<T>(0));
    out.copy_from_slice(cx.get(0));
    each(&cx.spec(0).contiguous(), cx.spec(1), axis, cx.get(1), &mut |from, to| kernels::put(&src[from..], to, out))
}
impl ScatterInto {
    fn combine<T: Number>(&self, cx: &Cpu, axis: usize) {
        let (src, out) = (cx.get::<T>(2), cx.out::<T>(0));
        out.copy_from_slice(cx.get(0));
        let whole = cx.spec(0).contiguous();
        let every = |f: &mut dyn FnMut(usize, usize)| one_by_one(&whole, cx.spec(1), axis, cx.get(1), f);
        if !self.include_self {
            let neutral = match self.how {
                How::Replace | How::Sum | How::Mean => T::ZERO,
                How::Prod => T::ONE,
                How::Amax => T::LOWEST,
                How::Amin => T::HIGHEST,
            };
            every(&mut |_, to| out[to] = neutral)
        }
        match self.how {
            How::Replace => unreachable!("replaced by bytes"),
            How::Sum | How::Mean => {
                each(&whole, cx.spec(1), axis, cx.get(1), &mut |from, to| kernels::add(&src[from..], to, out))
            }
            How::Prod => every(&mut |from, to| out[to] = out[to].mul(src[from])),
            // NaN wins.
            How::Amax => every(&mut |from, to| {
                if src[from] > out[to] || src[from].is_nan() {
                    out[to] = src[from]
                }
            }),
            How::Amin => every(&mut |from, to| {
                if src[from] < out[to] || src[from].is_nan() {
                    out[to] = src[from]
                }
            }),
        }
        if self.how == How::Mean {
            let mut counts = vec![0u32; out.len()];
            every(&mut |_, to| counts[to] += 1);
            for (y, &n) in out.iter_mut().zip(&counts) {
                if n > 0 {
                    let mean = y.f64() / (n + self.include_self as u32) as f64;
                    *y = T::of(if whole.dtype.is_float() { mean } else { mean.floor() })
                }
            }
        }
    }
}

op! {
    /// Gradients of `scatter_reduce` with products: each factor gets the product of all the others, zeros among them or not.
    ScatterProdGrad = "scatter_prod_grad"(grad: One, input: One, index: One, src: One) -> (grad_input, grad_src; 2) {
        dim: i64, include_self: bool,
    }
}
impl Op for ScatterProdGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        fits(&x[1], &x[2], x[1].axis(self.dim)?)?;
        if x[0].dims() != x[1].dims() || x[3].dims() != x[2].dims() {
            let text = format!("gradient and input of one shape, source and index of one expected, got {}, {}", x[0], x[3]);
            return Err(err(Kind::Shape, text));
        }
        out.fresh(x[1].contiguous())?;
        out.fresh(x[3].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let axis = cx.spec(1).axis(self.dim)?;
        floats!(cx.spec(1).dtype, T => self.products::<T>(cx, axis));
        Ok(())
    }
    fn samples() -> Samples<ScatterProdGrad> {
        let (dim, mut ins) = places(true).swap_remove(4);
        ins.insert(0, Some(crate::ops::sample(3, &[])));
        vec![(ScatterProdGrad { dim, include_self: true }, ins)]
    }
}
impl ScatterProdGrad {
    fn products<T: Float>(&self, cx: &Cpu, axis: usize) {
        let (dy, x, src) = (cx.get::<T>(0), cx.get::<T>(1), cx.get::<T>(3));
        let (dx, dsrc) = (cx.out::<T>(0), cx.out::<T>(1));
        let whole = cx.spec(1).contiguous();
        let every = |f: &mut dyn FnMut(usize, usize)| one_by_one(&whole, cx.spec(2), axis, cx.get(2), f);
        // For each place: the product of the factors that are not 0, and how many are.
        let mut product = vec![T::ONE; x.len()];
        let mut zeros = vec![0u32; x.len()];
        let mut touched = vec![false; x.len()];
        every(&mut |_, to| touched[to] = true);
        for (i, &v) in x.iter().enumerate().filter(|(i, _)| self.include_self || !touched[*i]) {
            if v == T::ZERO {
                zeros[i] += 1
            } else {
                product[i] *= v
            }
        }
        every(&mut |from, to| {
            if src[from] == T::ZERO {
                zeros[to] += 1
            } else {
                product[to] *= src[from]
            }
        });
        let others = |v: T, at: usize| match (zeros[at], v == T::ZERO) {
            (0, _) => dy[at] * (product[at] / v),
            (1, true) => dy[at] * product[at],
            _ => T::ZERO,
        };
        every(&mut |from, to| dsrc[from] = others(src[from], to));
        for (i, d) in dx.iter_mut().enumerate() {
            *d = if self.include_self || !touched[i] { others(x[i], i) } else { T::ZERO }
        }
    }
}
