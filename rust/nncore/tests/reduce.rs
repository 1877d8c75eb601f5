//! Reductions against float64 sums over plain loops, for any set of dimensions, layout and dtype.
mod reference;
use nncore::op::Attr;
use nncore::{DType, Kind, Tensor};
use proptest::prelude::*;
use reference::*;

/// The elements that meet in each place of a reduction over `mask`, in row-major order.
fn groups(x: &Array, mask: usize, keepdim: bool) -> (Vec<usize>, Vec<Vec<f64>>) {
    let kept = |i: usize| mask >> i & 1 == 0;
    let ones: Vec<usize> = x.dims.iter().enumerate().map(|(i, d)| if kept(i) { *d } else { 1 }).collect();
    let places = Array::build(&ones, |_| 0.0);
    let mut groups = vec![vec![]; places.data.len()];
    for flat in 0..x.data.len() {
        let place =
            unravel(flat, &x.dims).iter().enumerate().fold(0, |n, (i, k)| n * ones[i] + if kept(i) { *k } else { 0 });
        groups[place].push(x.data[flat]);
    }
    let dims =
        if keepdim { ones } else { x.dims.iter().enumerate().filter(|(i, _)| kept(*i)).map(|(_, d)| *d).collect() };
    (dims, groups)
}
fn dims_of(mask: usize, rank: usize, from_end: bool) -> Attr {
    let shift = if from_end { rank as i64 } else { 0 };
    ints(&(0..rank).filter(|i| mask >> i & 1 != 0).map(|i| i as i64 - shift).collect::<Vec<_>>())
}
fn largest(v: &[f64]) -> f64 {
    v.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

proptest! {
    #[test]
    fn sum_and_mean_add_up_each_group(x in arrays(0..=4), mask in 0usize..16, keepdim: bool, turned: bool, from_end: bool) {
        let mask = mask & ((1 << x.dims.len()) - 1);
        let attrs = [dims_of(mask, x.dims.len(), from_end), Attr::Bool(keepdim)];
        // An empty list of dimensions means all of them.
        let (dims, groups) = groups(&x, if mask == 0 { usize::MAX } else { mask }, keepdim);
        let sums = Array { dims: dims.clone(), data: groups.iter().map(|g| g.iter().sum()).collect() };
        for (dtype, result) in [
            (DType::F64, DType::F64), (DType::F32, DType::F32), (DType::I64, DType::I64), (DType::I32, DType::I64),
        ] {
            let y = call("sum", &attrs, &[&x.tensor(dtype, turned)]);
            prop_assert_eq!(y.spec.dtype, result);
            same(&y, &sums, 0.0);
        }
        let true_ones = call("ne", &[], &[&x.tensor(DType::I32, turned), &Tensor::scalar(0i32).unwrap()]);
        let count = |g: &Vec<f64>| g.iter().filter(|v| **v != 0.0).count() as f64;
        same(&call("sum", &attrs, &[&true_ones]), &Array { dims: dims.clone(), data: groups.iter().map(count).collect() }, 0.0);
        // The mean of nothing is NaN.
        let means = Array { dims, data: groups.iter().map(|g| g.iter().sum::<f64>() / g.len() as f64).collect() };
        same(&call("mean", &attrs, &[&x.tensor(DType::F64, turned)]), &means, 1e-15);
        same(&call("mean", &attrs, &[&x.tensor(DType::F32, turned)]), &means, 1e-7);
        let from_ints = call("mean", &attrs, &[&x.tensor(DType::I64, turned)]);
        prop_assert_eq!(from_ints.spec.dtype, DType::F32);
        same(&from_ints, &means, 1e-7);
    }

    #[test]
    fn extremes_are_those_of_each_group(x in arrays(0..=4), mask in 0usize..16, keepdim: bool, turned: bool) {
        let mask = mask & ((1 << x.dims.len()) - 1);
        prop_assume!((0..x.dims.len()).all(|i| (mask != 0 && mask >> i & 1 == 0) || x.dims[i] > 0));
        let attrs = [dims_of(mask, x.dims.len(), false), Attr::Bool(keepdim)];
        // An empty list of dimensions means all of them.
        let (dims, groups) = groups(&x, if mask == 0 { usize::MAX } else { mask }, keepdim);
        let of = |f: &dyn Fn(&[f64]) -> f64| Array { dims: dims.clone(), data: groups.iter().map(|g| f(g)).collect() };
        let smallest = |g: &[f64]| -largest(&g.iter().map(|v| -v).collect::<Vec<_>>());
        for dtype in [DType::F64, DType::F32, DType::I64, DType::I32] {
            same(&call("amax", &attrs, &[&x.tensor(dtype, turned)]), &of(&largest), 0.0);
            same(&call("amin", &attrs, &[&x.tensor(dtype, turned)]), &of(&smallest), 0.0);
        }
        // Equal elements share the gradient.
        let leaf = x.tensor(DType::F64, turned).leaf();
        let y = call("amax", &attrs, &[&leaf]);
        let ones = Array { dims: dims.clone(), data: vec![1.0; groups.len()] };
        if !x.data.is_empty() {
            let back = Array { dims: x.dims.clone(), data: gradient(&y, &ones, &leaf) };
            let (_, shares) = self::groups(&back, mask, keepdim);
            for (g, s) in groups.iter().zip(&shares) {
                let hits = g.iter().filter(|v| **v == largest(g)).count() as f64;
                for (v, s) in g.iter().zip(s) {
                    prop_assert_eq!(*s, if *v == largest(g) { 1.0 / hits } else { 0.0 });
                }
            }
        }
    }

    #[test]
    fn the_first_of_equal_ones_is_named(x in arrays(0..=4), dim in prop::option::of(0usize..4), keepdim: bool, turned: bool) {
        let rank = x.dims.len();
        let axis = dim.map(|d| d % rank.max(1));
        let mask = axis.map_or((1 << rank) - 1, |a| if rank == 0 { 0 } else { 1 << a });
        prop_assume!((0..rank).all(|i| mask >> i & 1 == 0 || x.dims[i] > 0));
        let attrs = [axis.map_or(Attr::None, |a| Attr::Int(a as i64)), Attr::Bool(keepdim)];
        let (dims, groups) = groups(&x, mask, keepdim);
        let first = |g: &Vec<f64>| g.iter().position(|v| *v == largest(g)).unwrap() as f64;
        let last = |g: &Vec<f64>| g.iter().position(|v| g.iter().all(|w| v <= w)).unwrap() as f64;
        let (max, min) = (groups.iter().map(first).collect(), groups.iter().map(last).collect());
        let (max, min) = (Array { dims: dims.clone(), data: max }, Array { dims: dims.clone(), data: min });
        let t = x.tensor(DType::F32, turned);
        same(&call("argmax", &attrs, &[&t]), &max, 0.0);
        same(&call("argmin", &attrs, &[&t]), &min, 0.0);
        // Along a dimension max gives both, and its gradient goes to that one element.
        let leaf = x.tensor(DType::F64, turned).leaf();
        let y = run("max", &attrs, &[&leaf]).unwrap();
        same(&y[0], &Array { dims: dims.clone(), data: groups.iter().map(|g| largest(g)).collect() }, 0.0);
        if axis.is_some() {
            same(&y[1], &max, 0.0);
            let ones = Array { dims, data: vec![1.0; groups.len()] };
            let back = Array { dims: x.dims.clone(), data: gradient(&y[0], &ones, &leaf) };
            for (g, place) in self::groups(&back, mask, keepdim).1.iter().zip(&max.data) {
                prop_assert!(g.iter().enumerate().all(|(i, v)| *v == (i == *place as usize) as u8 as f64));
            }
        } else {
            prop_assert_eq!(y.len(), 1);
        }
    }
}

#[test]
fn nan_is_the_largest_and_the_smallest() {
    let x = Tensor::from_slice(&[1.0f32, f32::NAN, 5.0, f32::NAN, f32::INFINITY, -1.0], &[2, 3]).unwrap();
    for name in ["max", "min"] {
        let y = run(name, &[Attr::Int(1), Attr::Bool(false)], &[&x]).unwrap();
        assert!(y[0].to_f64s().unwrap().iter().all(|v| v.is_nan()), "{name}");
        assert_eq!(y[1].to_f64s().unwrap(), [1.0, 0.0], "{name}");
        assert!(call(name, &[Attr::None, Attr::Bool(false)], &[&x]).item().unwrap().is_nan());
    }
    assert_eq!(call("argmax", &[Attr::None, Attr::Bool(false)], &[&x]).item().unwrap(), 1.0);
}

#[test]
fn long_float32_sums_keep_their_digits() {
    // A running float32 sum of 4 million tenths is off by a percent.
    let n = 1 << 22;
    let values: Vec<f32> = (0..n).map(|i| 0.1 + (i % 7) as f32 * 1e-3).collect();
    let want: f64 = values.iter().map(|v| *v as f64).sum();
    let whole = [Attr::None, Attr::Bool(false)];
    let x = Tensor::from_slice(&values, &[n]).unwrap();
    assert!((call("sum", &whole, &[&x]).item().unwrap() / want - 1.0).abs() < 1e-6);
    assert!((call("mean", &whole, &[&x]).item().unwrap() / (want / n as f64) - 1.0).abs() < 1e-6);
    // Down the columns, as a bias gradient is: 7 does not divide the rows, so that columns differ.
    let x = Tensor::from_slice(&values, &[n / 8, 8]).unwrap();
    let got = call("sum", &[ints(&[0]), Attr::Bool(false)], &[&x]).to_f64s().unwrap();
    for (c, got) in got.iter().enumerate() {
        let want: f64 = values.iter().skip(c).step_by(8).map(|v| *v as f64).sum();
        assert!((got / want - 1.0).abs() < 1e-6, "column {c}: {got}, expected {want}");
    }
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let x = nncore::ops::cast::cast(&nncore::ops::sample(1, &[64, 33, 100]), DType::F32).unwrap();
    let all = || -> Vec<u64> {
        let mut bits = vec![];
        for mask in 1..8 {
            for name in ["sum", "mean"] {
                let y = call(name, &[dims_of(mask, 3, false), Attr::Bool(false)], &[&x]);
                bits.extend(y.to_f64s().unwrap().iter().map(|v| v.to_bits()))
            }
        }
        bits
    };
    let one = nncore_kernels::pool::with_threads(1, all);
    for n in [2, 3, 7] {
        assert!(nncore_kernels::pool::with_threads(n, all) == one, "{n} threads");
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let x = Array::build(&[2, 3], |_| 0.0).tensor(DType::F32, false);
    let empty = Array::build(&[2, 0], |_| 0.0).tensor(DType::F32, false);
    let over = |d: &[i64]| [ints(d), Attr::Bool(false)];
    let along = |d: i64| [Attr::Int(d), Attr::Bool(false)];
    for name in ["sum", "mean", "amax", "amin"] {
        assert_eq!(refused(name, &over(&[2]), &[&x], &["dim 2"]), Kind::Shape);
        assert_eq!(refused(name, &over(&[1, -1]), &[&x], &["twice"]), Kind::Shape);
    }
    assert_eq!(refused("amax", &over(&[1]), &[&empty], &["size 0 of dim 1"]), Kind::Shape);
    for name in ["argmax", "argmin"] {
        assert_eq!(refused(name, &along(-3), &[&x], &["dim -3"]), Kind::Shape);
        assert_eq!(refused(name, &along(1), &[&empty], &["size 0 of dim 1"]), Kind::Shape);
    }
}
