//! Integer and boolean indexing, comparisons and selection by condition.
mod reference;
use nncore::op::Attr;
use nncore::{DType, Kind, Tensor};
use proptest::prelude::*;
use reference::*;

proptest! {
    #[test]
    fn index_select_takes_entries_in_order(x in arrays(1..=4), dim in 0usize..4, picks in prop::collection::vec(0usize..100, 0..6), turned: bool) {
        let axis = dim % x.dims.len();
        let n = x.dims[axis];
        prop_assume!(n > 0 || picks.is_empty());
        // Every other entry counts from the end.
        let from_end = |(k, p): (usize, &usize)| if k % 2 == 0 { (p % n) as i64 } else { (p % n) as i64 - n as i64 };
        let index: Vec<i64> = picks.iter().enumerate().map(from_end).collect();
        let mut dims = x.dims.clone();
        dims[axis] = picks.len();
        let want = Array::build(&dims, |i| { let mut i = i.to_vec(); i[axis] = picks[i[axis]] % n; x.at(&i) });
        for dtype in [DType::F64, DType::F32, DType::I64, DType::I32] {
            same(&call("index_select", &[Attr::Int(axis as i64)], &[&x.tensor(dtype, turned), &int64(&index)]), &want, 0.0);
        }
        // Gradients of entries that are taken several times add up.
        if !want.data.is_empty() {
            let leaf = x.tensor(DType::F64, turned).leaf();
            let y = call("index_select", &[Attr::Int(axis as i64 - x.dims.len() as i64)], &[&leaf, &int64(&index)]);
            let times = |i: usize| picks.iter().filter(|p| *p % n == i).count() as f64;
            let back = Array::build(&x.dims, |i| times(i[axis]) * x.at(i));
            prop_assert_eq!(gradient(&y, &want, &leaf), back.data);
        }
    }

    #[test]
    fn gather_takes_one_element_an_entry(x in arrays(1..=4), dim in 0usize..4, seed in 0usize..1000, cut in 0usize..3, along in 0usize..6) {
        let axis = dim % x.dims.len();
        let n = x.dims[axis];
        let mut dims: Vec<usize> = x.dims.iter().map(|d| d.saturating_sub(cut)).collect();
        dims[axis] = if n == 0 { 0 } else { along };
        let mut next = seed;
        let index = Array::build(&dims, |_| { next = (next * 1103515245 + 12345) % 2147483648; (next / 65536 % n) as f64 });
        let want = Array::build(&dims, |i| { let mut j = i.to_vec(); j[axis] = index.at(i) as usize; x.at(&j) });
        let leaf = x.tensor(DType::F64, false).leaf();
        let y = call("gather", &[Attr::Int(axis as i64)], &[&leaf, &index.tensor(DType::I64, true)]);
        same(&y, &want, 0.0);
        if !want.data.is_empty() {
            let mut back = Array::build(&x.dims, |_| 0.0);
            for flat in 0..want.data.len() {
                let mut i = unravel(flat, &dims);
                i[axis] = index.data[flat] as usize;
                let place = i.iter().zip(&x.dims).fold(0, |n, (i, d)| n * d + i);
                back.data[place] += want.data[flat];
            }
            prop_assert_eq!(gradient(&y, &want, &leaf), back.data);
        }
    }

    #[test]
    fn a_mask_selects_in_row_major_order(x in arrays(0..=3), turned: bool) {
        let leaf = x.tensor(DType::F64, turned).leaf();
        let mask = call("gt", &[], &[&leaf, &Tensor::scalar(0i64).unwrap()]);
        prop_assert_eq!(mask.spec.dtype, DType::Bool);
        let y = call("masked_select", &[], &[&leaf, &mask]);
        let want: Vec<f64> = x.data.iter().copied().filter(|v| *v > 0.0).collect();
        prop_assert_eq!(y.to_f64s().unwrap(), &want[..]);
        if !want.is_empty() {
            let weights = Array { dims: vec![want.len()], data: want };
            let back: Vec<f64> = x.data.iter().map(|v| v.max(0.0)).collect();
            prop_assert_eq!(gradient(&y, &weights, &leaf), back);
        }
    }

    #[test]
    fn comparisons_and_where_broadcast(x in arrays(0..=4), keep in prop::collection::vec(any::<bool>(), 4), drop in 0usize..4, turned: bool) {
        // The other operand: some sizes 1, some leading dimensions missing.
        let mut dims: Vec<usize> = x.dims.iter().zip(&keep).map(|(d, k)| if *k { *d } else { 1 }).collect();
        dims.drain(..drop.min(dims.len()));
        let lead = x.dims.len() - dims.len();
        let b = Array::build(&dims, |i| i.iter().sum::<usize>() as f64 - 1.0);
        let other = |i: &[usize]| { let j: Vec<usize> = i[lead..].iter().zip(&dims).map(|(i, d)| if *d == 1 { 0 } else { *i }).collect(); b.at(&j) };
        // An empty dimension broadcasts with a size of 1 only where this one is 1, which zip above gives.
        let (p, q) = (x.tensor(DType::I32, turned), b.tensor(DType::F32, false));
        let table: [(&str, fn(&f64, &f64) -> bool); 6] =
            [("eq", f64::eq), ("ne", f64::ne), ("lt", f64::lt), ("le", f64::le), ("gt", f64::gt), ("ge", f64::ge)];
        for (name, f) in table {
            let y = call(name, &[], &[&p, &q]);
            prop_assert_eq!(y.spec.dtype, DType::Bool);
            same(&y, &Array::build(&x.dims, |i| f(&x.at(i), &other(i)) as u8 as f64), 0.0);
            let flipped = call(name, &[], &[&q, &p]);
            same(&flipped, &Array::build(&x.dims, |i| f(&other(i), &x.at(i)) as u8 as f64), 0.0);
        }
        let condition = call("lt", &[], &[&p, &q]);
        let y = call("where", &[], &[&condition, &p, &q]);
        prop_assert_eq!(y.spec.dtype, DType::F32);
        same(&y, &Array::build(&x.dims, |i| x.at(i).min(other(i))), 0.0);
    }
}

#[test]
fn nan_equals_nothing_and_has_no_order() {
    let (nan, one) = (Tensor::scalar(f32::NAN).unwrap(), Tensor::scalar(1f32).unwrap());
    for (name, want) in [("eq", 0.0), ("ne", 1.0), ("lt", 0.0), ("le", 0.0), ("gt", 0.0), ("ge", 0.0)] {
        for pair in [[&nan, &nan], [&nan, &one], [&one, &nan]] {
            assert_eq!(call(name, &[], &pair).item().unwrap(), want, "{name}");
        }
    }
}

#[test]
fn what_where_does_not_take_gets_no_gradient() {
    let (ones, x) = (Array { dims: vec![2], data: vec![1.0, 1.0] }, f64s(&[0.0, 4.0]).leaf());
    let positive = call("gt", &[], &[&x, &Tensor::scalar(0.0).unwrap()]);
    let untaken = f64s(&[f64::NAN, 1.0]).leaf();
    let y = call("where", &[], &[&positive, &untaken, &x]);
    assert_eq!(y.to_f64s().unwrap(), [0.0, 1.0]);
    assert_eq!(gradient(&y, &ones, &untaken), [0.0, 1.0]);
    assert_eq!(gradient(&y, &ones, &x), [1.0, 0.0]);
    // Not even an infinite one: the gradient is chosen, not multiplied by 0.
    let infinite = Array { dims: vec![2], data: vec![f64::INFINITY, 1.0] };
    assert_eq!(gradient(&y, &infinite, &untaken), [0.0, 1.0]);
}

#[test]
fn what_does_not_fit_is_named() {
    let x = Array::build(&[2, 3], |_| 0.0).tensor(DType::F32, false);
    let at = |d| [Attr::Int(d)];
    assert_eq!(
        refused("index_select", &at(1), &[&x, &int64(&[0, 3])], &["index 3", "element 1", "size 3"]),
        Kind::Value
    );
    assert_eq!(refused("index_select", &at(0), &[&x, &int64(&[-3])], &["index -3", "size 2"]), Kind::Value);
    assert_eq!(refused("index_select", &at(2), &[&x, &int64(&[0])], &["dim 2"]), Kind::Shape);
    assert_eq!(refused("index_select", &at(0), &[&x, &f64s(&[0.0])], &["int64", "float64"]), Kind::DType);
    let grid = Tensor::from_slice(&[0i64, 1, 2, 0], &[2, 2]).unwrap();
    assert_eq!(refused("index_select", &at(0), &[&x, &grid], &["one dimension"]), Kind::Shape);
    assert_eq!(refused("gather", &at(0), &[&x, &grid], &["index 2", "size 2"]), Kind::Value);
    assert_eq!(refused("gather", &at(1), &[&x, &int64(&[0])], &["does not fit"]), Kind::Shape);
    let large = Tensor::from_slice(&[0i64; 9], &[3, 3]).unwrap();
    assert_eq!(refused("gather", &at(1), &[&x, &large], &["does not fit"]), Kind::Shape);
    assert_eq!(refused("where", &[], &[&x, &x, &x], &["bool", "float32"]), Kind::DType);
    assert_eq!(refused("masked_select", &[], &[&x, &x], &["bool", "float32"]), Kind::DType);
    assert_eq!(
        refused("eq", &[], &[&x, &Array::build(&[2], |_| 0.0).tensor(DType::F32, false)], &["broadcast"]),
        Kind::Shape
    );
}
