//! Views and joins: slices as Python takes them, selection, dimensions of size 1, cat and stack.
mod reference;
use nncore::op::Attr;
use nncore::{DType, Kind};
use proptest::prelude::*;
use reference::*;

fn slice(dim: i64, start: Option<i64>, stop: Option<i64>, step: i64) -> [Attr; 4] {
    let bound = |b: Option<i64>| b.map_or(Attr::None, Attr::Int);
    [Attr::Int(dim), bound(start), bound(stop), Attr::Int(step)]
}

#[test]
fn bounds_are_cut_off_as_in_python() {
    let x = f64s(&[0.0, 1.0, 2.0, 3.0, 4.0]);
    // list(range(5))[start:stop:step]
    let cases: &[(Option<i64>, Option<i64>, i64, &[f64])] = &[
        (None, None, 1, &[0.0, 1.0, 2.0, 3.0, 4.0]),
        (Some(-3), Some(-1), 1, &[2.0, 3.0]),
        (Some(1), Some(100), 3, &[1.0, 4.0]),
        (Some(-100), Some(2), 1, &[0.0, 1.0]),
        (Some(3), Some(1), 1, &[]),
        (Some(5), None, 1, &[]),
        (None, None, 7, &[0.0]),
        (None, Some(-5), 1, &[]),
        (Some(i64::MIN), Some(i64::MAX), i64::MAX, &[0.0]),
    ];
    for (start, stop, step, want) in cases {
        let y = call("slice", &slice(0, *start, *stop, *step), &[&x]);
        assert_eq!(y.to_f64s().unwrap(), *want, "[{start:?}:{stop:?}:{step}]");
        assert!(y.shares_memory(&x));
    }
}

proptest! {
    #[test]
    fn a_slice_takes_what_python_takes(
        x in arrays(1..=4), dim in 0usize..4, start in prop::option::of(-7i64..7), stop in prop::option::of(-7i64..7),
        step in 1i64..4, turned: bool, from_end: bool,
    ) {
        let axis = dim % x.dims.len();
        let n = x.dims[axis] as i64;
        // Which indices survive, by looking at each of them.
        let from = start.map_or(0, |s| if s < 0 { s + n } else { s }).max(0);
        let to = stop.map_or(n, |s| if s < 0 { s + n } else { s });
        let taken: Vec<usize> = (0..n).filter(|i| *i >= from && *i < to && (i - from) % step == 0).map(|i| i as usize).collect();
        let mut dims = x.dims.clone();
        dims[axis] = taken.len();
        let want = Array::build(&dims, |i| { let mut i = i.to_vec(); i[axis] = taken[i[axis]]; x.at(&i) });
        let named = if from_end { axis as i64 - x.dims.len() as i64 } else { axis as i64 };
        let leaf = x.tensor(DType::F64, turned).leaf();
        let y = call("slice", &slice(named, start, stop, step), &[&leaf]);
        same(&y, &want, 0.0);
        // The gradient lands where the elements came from.
        if y.spec.numel() > 0 {
            let back = gradient(&y, &want, &leaf);
            let want = Array::build(&x.dims, |i| if taken.contains(&i[axis]) { x.at(i) } else { 0.0 });
            prop_assert_eq!(back, want.data);
        }
    }

    #[test]
    fn select_is_a_slice_without_its_dimension(x in arrays(1..=4), dim in -4i64..4, index in -5i64..5, turned: bool) {
        let rank = x.dims.len() as i64;
        prop_assume!((-rank..rank).contains(&dim));
        let axis = dim.rem_euclid(rank) as usize;
        let n = x.dims[axis] as i64;
        let t = x.tensor(DType::F32, turned);
        if !(-n..n).contains(&index) {
            let size = format!("size {n}");
            prop_assert_eq!(refused("select", &[Attr::Int(dim), Attr::Int(index)], &[&t], &["out of range", &size]), Kind::Value);
            return Ok(());
        }
        let at = index.rem_euclid(n) as usize;
        let mut dims = x.dims.clone();
        dims.remove(axis);
        let want = Array::build(&dims, |i| { let mut i = i.to_vec(); i.insert(axis, at); x.at(&i) });
        same(&call("select", &[Attr::Int(dim), Attr::Int(index)], &[&t]), &want, 0.0);
    }

    #[test]
    fn dimensions_of_size_one_come_and_go(x in arrays(0..=4), dim in -5i64..5, turned: bool) {
        let t = x.tensor(DType::F32, turned);
        let places = x.dims.len() as i64 + 1;
        prop_assume!((-places..places).contains(&dim));
        let wide = call("unsqueeze", &[Attr::Int(dim)], &[&t]);
        let mut dims = x.dims.clone();
        dims.insert(dim.rem_euclid(places) as usize, 1);
        same(&wide, &Array { dims, data: x.data.clone() }, 0.0);
        same(&call("squeeze", &[ints(&[dim])], &[&wide]), &x, 0.0);
        let dims = x.dims.iter().copied().filter(|d| *d != 1).collect();
        same(&call("squeeze", &[Attr::None], &[&wide]), &Array { dims, data: x.data.clone() }, 0.0);
        prop_assert!(wide.shares_memory(&t));
    }

    #[test]
    fn flatten_joins_a_range_of_dimensions(x in arrays(1..=4), a in 0usize..4, b in 0usize..4, turned: bool) {
        let rank = x.dims.len();
        let (a, b) = (a.min(b) % rank, a.max(b) % rank);
        prop_assume!(a <= b);
        let mut dims = x.dims[..a].to_vec();
        dims.push(x.dims[a..=b].iter().product());
        dims.extend(&x.dims[b + 1..]);
        let y = call("flatten", &[Attr::Int(a as i64), Attr::Int(b as i64 - rank as i64)], &[&x.tensor(DType::F32, turned)]);
        same(&y, &Array { dims, data: x.data.clone() }, 0.0);
    }

    #[test]
    fn cat_joins_parts_in_order(x in arrays(1..=4), dim in 0usize..4, cuts in prop::collection::vec(0usize..5, 0..3), turned: bool) {
        // A whole cut into parts and joined again is the whole.
        let axis = dim % x.dims.len();
        let n = x.dims[axis];
        let mut ends: Vec<usize> = cuts.into_iter().map(|c| c.min(n)).chain([n]).collect();
        ends.sort_unstable();
        let whole = x.tensor(DType::F64, turned).leaf();
        let (mut at, mut parts) = (0, vec![]);
        for end in ends {
            parts.push(call("slice", &slice(axis as i64, Some(at as i64), Some(end as i64), 1), &[&whole]));
            at = end;
        }
        let y = call("cat", &[Attr::Int(axis as i64)], &parts.iter().collect::<Vec<_>>());
        same(&y, &x, 0.0);
        prop_assert_eq!(gradient(&y, &x, &whole), x.data);
    }

    #[test]
    fn stack_and_select_are_inverse(x in arrays(0..=3), n in 1usize..4, dim in 0i64..4) {
        prop_assume!(dim <= x.dims.len() as i64);
        let t = x.tensor(DType::F32, false);
        let others: Vec<_> = (0..n).map(|k| Array { dims: x.dims.clone(), data: x.data.iter().map(|v| v + k as f64).collect() }).collect();
        let tensors: Vec<_> = others.iter().map(|a| a.tensor(DType::F32, false)).collect();
        let y = call("stack", &[Attr::Int(dim)], &tensors.iter().collect::<Vec<_>>());
        prop_assert_eq!(y.spec.rank(), t.spec.rank() + 1);
        for (k, a) in others.iter().enumerate() {
            same(&call("select", &[Attr::Int(dim), Attr::Int(k as i64)], &[&y]), a, 0.0);
        }
    }
}

#[test]
fn channels_last_images_join_as_they_are() {
    let image = |c: usize, seed: u64| nncore::ops::sample(seed, &[2, c as u32, 3, 4]);
    let last = |t: &nncore::Tensor| nncore::ops::copy::to_layout(t, nncore::op::Layout::ChannelsLast).unwrap();
    let (a, b) = (image(2, 1), image(3, 2));
    let plain = call("cat", &[Attr::Int(1)], &[&a, &b]);
    let y = call("cat", &[Attr::Int(1)], &[&last(&a), &last(&b)]);
    assert!(y.spec.is_channels_last() && plain.spec.is_contiguous());
    assert_eq!(y.to_f64s().unwrap(), plain.to_f64s().unwrap());
}

#[test]
fn dtypes_of_joined_tensors_promote() {
    let y = call("cat", &[Attr::Int(0)], &[&int64(&[1, 2]), &f64s(&[0.5])]);
    assert_eq!((y.spec.dtype, y.to_f64s().unwrap()), (DType::F64, vec![1.0, 2.0, 0.5]));
}

#[test]
fn what_does_not_fit_is_named() {
    let x = Array::build(&[2, 3], |_| 0.0).tensor(DType::F32, false);
    let y = Array::build(&[2, 4], |_| 0.0).tensor(DType::F32, false);
    let scalar = nncore::Tensor::scalar(1f32).unwrap();
    let int = Attr::Int;
    assert_eq!(refused("slice", &slice(2, None, None, 1), &[&x], &["dim 2"]), Kind::Shape);
    assert_eq!(refused("slice", &slice(0, None, None, 0), &[&x], &["step", "0"]), Kind::Value);
    assert_eq!(refused("slice", &slice(0, None, None, 1), &[&scalar], &["0-d"]), Kind::Shape);
    assert_eq!(refused("select", &[int(-3), int(0)], &[&x], &["dim -3"]), Kind::Shape);
    assert_eq!(refused("unsqueeze", &[int(4)], &[&x], &["dim 4"]), Kind::Shape);
    assert_eq!(refused("squeeze", &[ints(&[0, -2])], &[&x], &["twice"]), Kind::Shape);
    assert_eq!(refused("flatten", &[int(1), int(0)], &[&x], &["start_dim before end_dim", "1 and 0"]), Kind::Shape);
    assert_eq!(refused("cat", &[int(0)], &[&x, &y], &["[2, 3]", "[2, 4]"]), Kind::Shape);
    assert_eq!(refused("cat", &[int(0)], &[&scalar, &scalar], &["stack"]), Kind::Shape);
    assert_eq!(refused("stack", &[int(0)], &[&x, &y], &["one shape"]), Kind::Shape);
}
