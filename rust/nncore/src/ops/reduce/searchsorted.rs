//! Places in sorted lines, and counts of what falls where.
use crate::ops::cast::cast;
use crate::ops::extreme::ordered;
use crate::ops::gather::Gather;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::Number;
use nncore_kernels::{pool, sort as kernels};

/// Searches from which on threads share.
const GRAIN: usize = 1 << 12;

choice! {
    /// Before or behind equal elements.
    Side { Left = "left", Right = "right" }
}
op! {
    /// Where each element of `input` could be put into the last dimension of `sorted_sequence` so that it stays sorted: before its
    /// equals, or behind them with `right`, or `side="right"`.
    ///
    /// Shapes: `sorted_sequence` is a vector, or has the input's shape but for the last size; the result has the input's, in
    /// int64 (int32 with `out_int32`). A sequence that is not sorted takes `sorter` beside it, of its shape: the int64 indices
    /// that sort its lines, as `argsort` gives them. Dtypes promote. NaN comes last. That the sequence is sorted is not checked.
    /// Raises `ShapeError` for other shapes, `ValueError` where `right` and `side="left"` are given together.
    pub Searchsorted = "searchsorted"(sorted_sequence: One + promote, input: One + promote, sorter: Optional) -> (output; 1) {
        out_int32: bool = false, right: bool = false, side: Option<Side> = None,
    } [sorted_sequence, input, out_int32, right, side, sorter]
}
impl Function for Searchsorted {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        if self.right && self.side == Some(Side::Left) {
            return Err(err(Kind::Value, "right=True and side=\"left\" ask for opposites"));
        }
        let (line, x) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let right = self.right || self.side == Some(Side::Right);
        let search = SearchLines { out_int32: self.out_int32, right };
        let Some(sorter) = ins[2] else { return dispatch::apply(&search, &[Some(line), Some(x)]) };
        if sorter.spec.dims() != line.spec.dims() || sorter.spec.dtype != DType::I64 {
            let text = format!("a sorter of the sequence's shape, {:?}, in int64 expected, got {}", line.spec.dims(), sorter.spec);
            return Err(err(if sorter.spec.dtype == DType::I64 { Kind::Shape } else { Kind::DType }, text));
        }
        let line = dispatch::apply(&Gather { dim: -1 }, &[Some(&line.detach()), Some(sorter)])?.swap_remove(0);
        dispatch::apply(&search, &[Some(&line), Some(x)])
    }
    fn cases() -> Vec<Case> {
        let of = |op: SearchLines, side| Searchsorted { out_int32: op.out_int32, right: op.right, side }.attrs();
        let widened = |(op, mut inputs): (SearchLines, Vec<Option<Tensor>>)| {
            inputs.push(None);
            Case { attrs: of(op, None), inputs }
        };
        let mut all: Vec<Case> = SearchLines::samples().into_iter().map(widened).collect();
        let tensor = |t: Result<Tensor>| Some(t.expect("a small tensor"));
        let line = tensor(Tensor::from_slice(&[0.5, -1.0, 1.0, 0.0], &[4]));
        let sorter = tensor(Tensor::from_slice(&[1i64, 3, 0, 2], &[4]));
        let x = tensor(Tensor::from_slice(&[0.0, 0.7, -2.0, 1.0], &[2, 2]));
        let op = SearchLines { out_int32: false, right: false };
        all.push(Case { attrs: of(op, Some(Side::Right)), inputs: vec![line, x, sorter] });
        all
    }
    fn refusals() -> Vec<Refusal> {
        let op = |right, side| Searchsorted { out_int32: false, right, side };
        let with = |shapes: [&[u32]; 2], sorter| {
            let mut inputs = given::floats(&shapes);
            inputs.push(sorter);
            inputs
        };
        let index = |values: &[i64]| with([&[3], &[2]], given::int64(values));
        refusals(vec![
            (op(true, Some(Side::Left)), with([&[3], &[2]], None), Kind::Value, "ask for opposites"),
            (op(false, None), index(&[0, 1]), Kind::Shape, "of the sequence's shape, [3], in int64 expected, got int64(2,)"),
            (op(false, None), with([&[3], &[2]], given::float(&[3])), Kind::DType, "in int64 expected, got float64(3,)"),
            (op(false, None), index(&[0, 1, 7]), Kind::Value, "index 7 (element 2 of the index) is out of range for size 3"),
            (op(false, None), with([&[2, 3], &[3, 3]], None), Kind::Shape, "a vector, or lines for those of [3, 3], expected, got [2, 3]"),
            (op(false, None), with([&[], &[3]], None), Kind::Shape, "got []"),
        ])
    }
}
op! {
    /// What `searchsorted` does in lines that are sorted.
    SearchLines = "search_lines"(sorted_sequence: One + promote, input: One + promote) -> (output; 1) {
        out_int32: bool, right: bool,
    }
}
impl Op for SearchLines {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (line, x) = (&x[0], &x[1]);
        let alike = line.rank() == x.rank() && line.rank() > 0 && line.dims()[..line.rank() - 1] == x.dims()[..x.rank() - 1];
        if line.rank() != 1 && !alike {
            let text = format!("a vector, or lines for those of {:?}, expected, got {:?}", x.dims(), line.dims());
            return Err(err(Kind::Shape, text));
        }
        out.fresh(Spec::new(if self.out_int32 { DType::I32 } else { DType::I64 }, x.dims()))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (line, x) = (cx.spec(0), cx.spec(1));
        let n = line.d(line.rank() - 1);
        // Searches in one line.
        let each = if line.rank() == 1 { x.numel() } else { x.d(x.rank() - 1) };
        ordered!(line.dtype, T => {
            let (lines, values) = (cx.get::<T>(0), cx.get::<T>(1));
            let at = |i: usize| {
                let start = if line.rank() == 1 { 0 } else { i / each * n };
                kernels::search(&lines[start..start + n], values[i], self.right)
            };
            if self.out_int32 {
                fill(cx.out::<i32>(0), &|i| at(i) as i32)
            } else {
                fill(cx.out::<i64>(0), &|i| at(i) as i64)
            }
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = if x[0].rank() == 0 { 1 } else { x[0].d(x[0].rank() - 1) };
        Cost { flops: x[1].numel() as u64 * (n.max(2).ilog2() as u64 + 1), bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<SearchLines> {
        let case = |right, line: &[f64], d: &[u32], di: &[u32]| {
            let line = Tensor::from_slice(line, d).expect("a small tensor");
            (SearchLines { out_int32: false, right }, vec![Some(line), Some(crate::ops::sample_in(1, di, -2.0, 2.0))])
        };
        vec![
            case(false, &[-1.0, 0.0, 0.5, 1.0], &[4], &[3, 5]),
            case(true, &[-1.0, 0.0, 0.5, 1.0], &[4], &[]),
            case(false, &[-1.0, 0.0, 0.5, 0.0, 0.2, 1.0], &[2, 3], &[2, 4]),
            case(false, &[], &[0], &[3]),
        ]
    }
    fn refusals() -> Refusals<SearchLines> {
        let op = || SearchLines { out_int32: false, right: false };
        vec![
            (op(), given::floats(&[&[2, 3], &[3, 3]]), Kind::Shape, "a vector, or lines for those of [3, 3], expected, got [2, 3]"),
            (op(), given::floats(&[&[], &[3]]), Kind::Shape, "got []"),
        ]
    }
}
/// `f(i)` into each place.
fn fill<T: Copy + Send + Sync>(out: &mut [T], f: &(dyn Fn(usize) -> T + Sync)) {
    let (n, y) = (out.len(), out.as_mut_ptr() as usize);
    let parts = (n / GRAIN).clamp(1, pool::threads());
    pool::run(parts, &|i| {
        for at in pool::share(n, parts, i) {
            // Each place belongs to one share.
            unsafe { *(y as *mut T).add(at) = f(at) }
        }
    })
}
op! {
    /// The number of the bucket that each element falls into, between sorted `boundaries`: `searchsorted` with the arguments
    /// changed over. With `right` a bucket holds its left boundary, else its right one.
    ///
    /// Shapes: any, and a vector of boundaries; the result has the input's, in int64 (int32 with `out_int32`). Raises
    /// `ShapeError` for boundaries that are no vector.
    pub Bucketize = "bucketize"(input: One + promote, boundaries: One + promote) -> (output; 1) {
        out_int32: bool = false, right: bool = false,
    }
}
impl Function for Bucketize {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let boundaries = ins[1].expect("a required input");
        if boundaries.spec.rank() != 1 {
            return Err(err(Kind::Shape, format!("a vector of boundaries expected, got {:?}", boundaries.spec.dims())));
        }
        dispatch::apply(&SearchLines { out_int32: self.out_int32, right: self.right }, &[ins[1], ins[0]])
    }
    fn cases() -> Vec<Case> {
        let case = |right| {
            let boundaries = Tensor::from_slice(&[-0.5, 0.0, 0.5], &[3]).expect("a small tensor");
            let op = Bucketize { out_int32: false, right };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, &[2, 3])), Some(boundaries)] }
        };
        vec![case(false), case(true)]
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Bucketize { out_int32: false, right: false };
        refusals(vec![
            (op(), given::floats(&[&[3], &[2, 3]]), Kind::Shape, "a vector of boundaries expected, got [2, 3]"),
        ])
    }
}

op! {
    /// How often each of 0, 1, 2, … occurs in a vector of integers; with `weights`, the sum of the weights of those places.
    ///
    /// Shape: `(n,)` to the largest number and one, at least `minlength`; int64, or the weights' dtype (integers and bool as
    /// float64). The host reads the input to tell the length, so that a captured step refuses it. Raises `ShapeError` for what
    /// is no vector, `DTypeError` for floats, `ValueError` for a negative number.
    pub Bincount = "bincount"(input: One + constant, weights: Optional + constant) -> (output; 1) { minlength: i64 = 0 }
}
impl Function for Bincount {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        if x.spec.rank() != 1 || x.spec.dtype.is_float() || x.spec.dtype == DType::Bool {
            let kind = if x.spec.rank() == 1 { Kind::DType } else { Kind::Shape };
            return Err(err(kind, format!("a vector of integers expected, got {}", x.spec)));
        }
        if self.minlength < 0 {
            return Err(err(Kind::Value, format!("minlength must not be negative, got {}", self.minlength)));
        }
        if let Some(w) = ins[1].filter(|w| w.spec.dims() != x.spec.dims()) {
            return Err(err(Kind::Shape, format!("one weight a number expected, got {:?} for {:?}", w.spec.dims(), x.spec.dims())));
        }
        let x = cast(&x.detach(), DType::I64)?;
        let values = x.to_vec::<i64>()?;
        if let Some(v) = values.iter().find(|v| **v < 0) {
            return Err(err(Kind::Value, format!("numbers must not be negative, got {v}")));
        }
        let bins = values.iter().max().map_or(0, |v| v.saturating_add(1)).max(self.minlength);
        let weights = ins[1].map(|w| cast(&w.detach(), if w.spec.dtype.is_float() { w.spec.dtype } else { DType::F64 }));
        let weights = weights.transpose()?;
        dispatch::apply(&CountEach { bins }, &[Some(&x), weights.as_ref()])
    }
    fn cases() -> Vec<Case> {
        let case = |x: &[i64], weights: Option<u64>, minlength| {
            let n = x.len() as u32;
            let x = Tensor::from_slice(x, &[n]).expect("a small tensor");
            Case { attrs: vec![Attr::Int(minlength)], inputs: vec![Some(x), weights.map(|seed| crate::ops::sample(seed, &[n]))] }
        };
        vec![case(&[1, 3, 1, 0], None, 0), case(&[2, 2, 5], Some(1), 0), case(&[1], None, 4), case(&[], None, 2), case(&[], None, 0)]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |minlength| Bincount { minlength };
        refusals(vec![
            (op(0), vec![given::float(&[3]), None], Kind::DType, "a vector of integers expected, got float64(3,)"),
            (op(0), vec![given::zeros(DType::I64, &[2, 2]), None], Kind::Shape, "a vector of integers expected"),
            (op(-1), vec![given::int64(&[1]), None], Kind::Value, "minlength must not be negative, got -1"),
            (op(0), vec![given::int64(&[1, -2]), None], Kind::Value, "numbers must not be negative, got -2"),
            (op(0), vec![given::int64(&[i64::MAX]), None], Kind::Shape, "a tensor holds at most"),
            (op(0), vec![given::int64(&[1, 2]), given::float(&[3])], Kind::Shape, "one weight a number expected, got [3] for [2]"),
        ])
    }
}
op! {
    /// What `bincount` does once the number of bins is known.
    CountEach = "count_each"(input: One + constant, weights: Optional + constant) -> (output; 1) { bins: i64 = 0 }
}
impl Op for CountEach {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let fits = |w: &Spec| w.dims() == x[0].dims() && w.dtype.is_float();
        if x[0].dtype != DType::I64 || !x.opt(1).is_none_or(fits) {
            let text = format!("int64 numbers, and a float weight for each, expected, got {}", x[0]);
            return Err(err(Kind::DType, text));
        }
        let dtype = x.opt(1).map_or(DType::I64, |w| w.dtype);
        out.fresh(Spec::checked(dtype, &[self.bins])?)
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        match cx.get::<i64>(0).iter().find(|v| !(0..self.bins).contains(*v)) {
            Some(v) => Err(err(Kind::Value, format!("numbers from 0 to below {} expected, got {v}", self.bins))),
            None => Ok(()),
        }
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        fn go<T: Number>(cx: &Cpu, weight: &dyn Fn(usize) -> T) {
            let out = cx.out::<T>(0);
            out.fill(T::ZERO);
            // In order, by one thread: many may meet in one bin.
            for (i, v) in cx.get::<i64>(0).iter().enumerate() {
                out[*v as usize] = Number::add(out[*v as usize], weight(i))
            }
        }
        if !cx.has(1) {
            go::<i64>(cx, &|_| 1);
            return Ok(());
        }
        floats!(cx.spec(1).dtype, T => go::<T>(cx, &|i| cx.get::<T>(1)[i]));
        Ok(())
    }
    fn samples() -> Samples<CountEach> {
        let x = Tensor::from_slice(&[1i64, 0, 1], &[3]).expect("a small tensor");
        vec![(CountEach { bins: 3 }, vec![Some(x.clone()), None]), (CountEach { bins: 2 }, vec![Some(x), Some(crate::ops::sample(1, &[3]))])]
    }
    fn refusals() -> Refusals<CountEach> {
        vec![
            (CountEach { bins: 2 }, vec![given::int64(&[1, 2]), None], Kind::Value, "numbers from 0 to below 2 expected, got 2"),
            (CountEach { bins: 2 }, vec![given::int64(&[1]), given::float(&[2])], Kind::DType, "a float weight for each, expected, got int64(1,)"),
            (CountEach { bins: -1 }, vec![given::int64(&[]), None], Kind::Shape, "must not be negative, got -1"),
        ]
    }
}

op! {
    /// A histogram: how many elements fall into each of `bins` equal parts of `[min, max]`. What is outside is not counted, NaN
    /// neither; where both bounds are 0 they are the smallest and the largest element.
    ///
    /// Shape: any to `(bins,)`, in the input's dtype, float32 or float64. There is no gradient. Raises `DTypeError` for other
    /// dtypes, `ValueError` unless `bins > 0` and `min <= max`, or for bounds that are not finite.
    pub Histc = "histc"(input: One + constant) -> (output; 1) { bins: i64 = 100, min: f64 = 0.0, max: f64 = 0.0 }
}
impl Op for Histc {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        if self.bins <= 0 || self.min > self.max || !self.min.is_finite() || !self.max.is_finite() {
            let text = format!("bins > 0 and finite min <= max expected, got {}, {} and {}", self.bins, self.min, self.max);
            return Err(err(Kind::Value, text));
        }
        out.fresh(Spec::checked(x[0].dtype, &[self.bins])?)
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            if let (true, Some(v)) = (self.min == self.max, cx.get::<T>(0).iter().find(|v| !v.is_finite())) {
                let text = format!("the smallest and the largest element must be finite, got {v}; pass min and max");
                return Err(err(Kind::Value, text));
            }
        });
        Ok(())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            let (x, out) = (cx.get::<T>(0), cx.out::<T>(0));
            out.fill(T::ZERO);
            let (mut low, mut high) = (T::of(self.min), T::of(self.max));
            if low == high && !x.is_empty() {
                (low, high) = x.iter().fold((T::HIGHEST, T::LOWEST), |(a, b), v| (a.min(*v), b.max(*v)));
            }
            if low == high {
                (low, high) = (low - T::ONE, high + T::ONE);
            }
            for v in x.iter().filter(|v| **v >= low && **v <= high) {
                let at = ((*v - low) / (high - low) * T::of(self.bins as f64)) as usize;
                // The last part holds its right bound.
                out[at.min(self.bins as usize - 1)] += T::ONE
            }
        });
        Ok(())
    }
    fn samples() -> Samples<Histc> {
        let case = |bins, min, max, d: &[u32]| (Histc { bins, min, max }, vec![Some(crate::ops::sample(1, d))]);
        vec![case(4, 0.0, 0.0, &[3, 4]), case(5, -0.5, 0.5, &[20]), case(3, 0.0, 1.0, &[0])]
    }
    fn refusals() -> Refusals<Histc> {
        let op = |bins, min, max| Histc { bins, min, max };
        let endless = Some(Tensor::from_slice(&[1.0, f64::INFINITY], &[2]).expect("a small tensor"));
        vec![
            (op(0, 0.0, 1.0), given::floats(&[&[3]]), Kind::Value, "bins > 0 and finite min <= max expected, got 0, 0 and 1"),
            (op(1 << 40, 0.0, 1.0), given::floats(&[&[3]]), Kind::Shape, "a tensor holds at most"),
            (op(4, 1.0, 0.0), given::floats(&[&[3]]), Kind::Value, "got 4, 1 and 0"),
            (op(4, 0.0, f64::INFINITY), given::floats(&[&[3]]), Kind::Value, "got 4, 0 and inf"),
            (op(4, 0.0, 0.0), vec![endless], Kind::Value, "must be finite, got inf"),
            (op(4, 0.0, 1.0), vec![given::int64(&[1])], Kind::DType, "float32 or float64 expected, got int64"),
        ]
    }
}
