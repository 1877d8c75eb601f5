//! Arrays of float64 with plain indexing, to hold ops against; and calls of ops by name, as the door makes them.
#![allow(dead_code)] // each test file uses a part
use nncore::op::{Attr, Ints, Outputs};
use nncore::{dispatch, ops, DType, Error, Tensor};
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub dims: Vec<usize>,
    pub data: Vec<f64>,
}
impl Array {
    /// Each element from its index.
    pub fn build(dims: &[usize], mut f: impl FnMut(&[usize]) -> f64) -> Array {
        let n: usize = dims.iter().product();
        let mut data = Vec::with_capacity(n);
        for flat in 0..n {
            data.push(f(&unravel(flat, dims)))
        }
        Array { dims: dims.into(), data }
    }
    pub fn of(t: &Tensor) -> Array {
        Array { dims: t.spec.dims().iter().map(|&d| d as usize).collect(), data: t.to_f64s().unwrap() }
    }
    pub fn at(&self, index: &[usize]) -> f64 {
        self.data[index.iter().zip(&self.dims).fold(0, |n, (i, d)| n * d + i)]
    }
    /// In a dtype, behind strides that are not row-major where `turned`.
    pub fn tensor(&self, dtype: DType, turned: bool) -> Tensor {
        let t = Tensor::from_slice(&self.data, &self.dims.iter().map(|&d| d as u32).collect::<Vec<_>>()).unwrap();
        let t = ops::cast::cast(&t, dtype).unwrap();
        if !turned {
            return t;
        }
        let order: Ints = (0..self.dims.len() as i64).rev().collect();
        let flip = |t: &Tensor| dispatch::one(&ops::permute::Permute { dims: order.clone() }, &[t]).unwrap();
        flip(&ops::copy::to_layout(&flip(&t), nncore::op::Layout::Contiguous).unwrap())
    }
}
pub fn unravel(mut flat: usize, dims: &[usize]) -> Vec<usize> {
    let mut index = vec![0; dims.len()];
    for (i, d) in dims.iter().enumerate().rev() {
        index[i] = flat % d;
        flat /= d;
    }
    index
}
#[track_caller]
pub fn same(got: &Tensor, want: &Array, tolerance: f64) {
    let got = Array::of(got);
    assert_eq!(got.dims, want.dims);
    for (i, (a, b)) in got.data.iter().zip(&want.data).enumerate() {
        let close = a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= tolerance * (1.0 + b.abs());
        assert!(close, "element {i} of {:?}: {a}, expected {b}", want.dims);
    }
}

/// Optional attributes at the end may be left out.
pub fn run(name: &str, attrs: &[Attr], ins: &[&Tensor]) -> Result<Outputs, Box<Error>> {
    let ins: Vec<_> = ins.iter().map(|t| Some(*t)).collect();
    let info = ops::find(name).unwrap_or_else(|| panic!("no op {name}"));
    let mut attrs = attrs.to_vec();
    attrs.resize(info.attrs.len(), Attr::None);
    (info.call)(&attrs, &ins)
}
/// The first result.
#[track_caller]
pub fn call(name: &str, attrs: &[Attr], ins: &[&Tensor]) -> Tensor {
    run(name, attrs, ins).unwrap_or_else(|e| panic!("{e}")).swap_remove(0)
}
/// The error, which must name the op and what it was given, and say all of `words`.
#[track_caller]
pub fn refused(name: &str, attrs: &[Attr], ins: &[&Tensor], words: &[&str]) -> nncore::Kind {
    let e = run(name, attrs, ins).expect_err("an error");
    let text = e.to_string();
    assert!(text.starts_with(&format!("{name}: ")), "{text}");
    for t in ins {
        assert!(text.contains(&t.spec.to_string()), "{text} does not name {}", t.spec);
    }
    for w in words {
        assert!(text.contains(w), "{text:?} does not say {w:?}");
    }
    e.kind
}
pub fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.into())
}
pub fn int64(v: &[i64]) -> Tensor {
    Tensor::from_slice(v, &[v.len() as u32]).unwrap()
}
pub fn f64s(v: &[f64]) -> Tensor {
    Tensor::from_slice(v, &[v.len() as u32]).unwrap()
}
/// The gradient of the sum of `y * weights` with respect to `x`.
pub fn gradient(y: &Tensor, weights: &Array, x: &Tensor) -> Vec<f64> {
    let w = weights.tensor(y.spec.dtype, false);
    let total = ops::sum::sum(&ops::mul::mul(y, &w).unwrap()).unwrap();
    let again = nncore::Options { retain_graph: true, ..Default::default() };
    let g = nncore::grad(&total, &[x], None, again).unwrap().swap_remove(0);
    g.map_or_else(|| vec![0.0; x.spec.numel()], |g| g.to_f64s().unwrap())
}

/// Whole numbers in an array of up to `rank` dimensions, which may be empty.
pub fn arrays(rank: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Array> {
    prop::collection::vec(0usize..5, rank).prop_flat_map(|dims| {
        let n: usize = dims.iter().product();
        prop::collection::vec(-9i32..10, n)
            .prop_map(move |v| Array { dims: dims.clone(), data: v.into_iter().map(f64::from).collect() })
    })
}
