//! Properties of shapes and strides, for any of them: what `infer` relies on.
use nncore::op::Layout;
use nncore::ops::{add, copy, mul, permute::Permute};
use nncore::shape::{broadcast, Dim, Spec, MAX_NDIM};
use nncore::{dispatch, DType, Tensor};
use proptest::prelude::*;

/// Sizes of up to four dimensions, empty ones and ones included.
fn sizes() -> impl Strategy<Value = Vec<Dim>> {
    prop::collection::vec(0u32..5, 0..5)
}
/// Two shapes that broadcast: one whole shape, with some sizes replaced by 1 and some leading ones dropped.
fn pairs() -> impl Strategy<Value = (Vec<Dim>, Vec<Dim>, Vec<Dim>)> {
    let flags = || prop::collection::vec(any::<bool>(), 5);
    (prop::collection::vec(1u32..5, 0..5), flags(), flags(), 0usize..5, any::<bool>()).prop_map(
        |(whole, ones_a, ones_b, dropped, first)| {
            let thin = |ones: &[bool]| -> Vec<Dim> {
                whole.iter().zip(ones).map(|(&d, &one)| if one { 1 } else { d }).collect()
            };
            let (mut a, mut b) = (thin(&ones_a), thin(&ones_b));
            let cut = if first { &mut a } else { &mut b };
            cut.drain(..dropped.min(cut.len()));
            let full = broadcast(&a, &b).expect("made to broadcast").to_vec();
            (a, b, full)
        },
    )
}
fn order(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, (seed >> (8 * i)) as usize % (i + 1));
    }
    order
}
/// Every index of a shape, row-major.
fn indices(dims: &[Dim]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for &d in dims {
        all = all.iter().flat_map(|i| (0..d as usize).map(move |k| [&i[..], &[k]].concat())).collect();
    }
    all
}
fn at(s: &Spec, index: &[usize]) -> isize {
    index.iter().enumerate().map(|(k, &i)| i as isize * s.s(k)).sum()
}
/// Distinct values behind permuted strides.
fn turned(dims: &[Dim], seed: u64) -> Tensor {
    let order = order(dims.len(), seed);
    let stored: Vec<Dim> = order.iter().map(|&a| dims[a]).collect();
    let n = stored.iter().product::<Dim>() as usize;
    let values: Vec<f64> = (0..n).map(|i| (i * 7 % 23) as f64 - 11.0).collect();
    let t = Tensor::from_slice(&values, &stored).unwrap();
    // Dimension order[i] of the result is dimension i of what is stored.
    let mut back = vec![0i64; dims.len()];
    order.iter().enumerate().for_each(|(i, &a)| back[a] = i as i64);
    dispatch::one(&Permute { dims: back.into() }, &[&t]).unwrap()
}

proptest! {
    #[test]
    fn both_layouts_number_each_element_once(dims in sizes()) {
        for s in [Spec::new(DType::F32, &dims), Spec::new(DType::F32, &dims).channels_last()] {
            let mut places: Vec<isize> = indices(&dims).iter().map(|i| at(&s, i)).collect();
            prop_assert_eq!(places.len(), s.numel());
            places.sort_unstable();
            prop_assert_eq!(places, (0..s.numel() as isize).collect::<Vec<_>>());
            prop_assert!(s.is_dense());
        }
        prop_assert!(Spec::new(DType::F32, &dims).is_contiguous());
    }
    #[test]
    fn broadcasting_is_symmetric_and_contains_both((a, b, full) in pairs()) {
        prop_assert_eq!(broadcast(&b, &a).unwrap().to_vec(), full.clone());
        for dims in [&a, &b] {
            let wide = Spec::new(DType::F32, dims).broadcast_to(&full).unwrap();
            prop_assert_eq!(wide.dims(), &full[..]);
            // Each index of the whole reads the element that NumPy's rule names.
            let narrow = Spec::new(DType::F32, dims);
            let lead = full.len() - dims.len();
            for i in indices(&full) {
                let own: Vec<usize> = i[lead..].iter().zip(dims).map(|(&k, &d)| if d == 1 { 0 } else { k }).collect();
                prop_assert_eq!(at(&wide, &i), at(&narrow, &own));
            }
        }
    }
    #[test]
    fn shapes_that_differ_do_not_broadcast(dims in prop::collection::vec(2u32..5, 1..4), which in any::<prop::sample::Index>()) {
        let mut other = dims.clone();
        let k = which.index(dims.len());
        other[k] += 1;
        prop_assert!(broadcast(&dims, &other).is_none());
        let zeros = |d: &[Dim]| Tensor::from_slice(&vec![0f32; d.iter().product::<Dim>() as usize], d).unwrap();
        let e = add::add(&zeros(&dims), &zeros(&other)).unwrap_err();
        prop_assert_eq!((e.kind, e.op), (nncore::Kind::Shape, "add"));
        prop_assert_eq!((e.specs[0].dims(), e.specs[1].dims()), (&dims[..], &other[..]));
    }
    #[test]
    fn permuting_back_gives_the_spec_again(dims in sizes(), seed: u64) {
        let s = Spec::new(DType::F64, &dims);
        let there = order(dims.len(), seed);
        let mut back = vec![0; dims.len()];
        there.iter().enumerate().for_each(|(i, &a)| back[a] = i);
        prop_assert_eq!(s.permute(&there).permute(&back), s);
    }
    #[test]
    fn reach_covers_every_element_and_no_more(dims in sizes(), seed: u64) {
        let s = turned(&dims, seed).spec;
        let places: Vec<isize> = indices(&dims).iter().map(|i| at(&s, i)).collect();
        let (low, high) = (places.iter().min(), places.iter().max());
        prop_assert_eq!(s.reach(), low.map_or((0, 0), |l| (*l, high.unwrap() + 1)));
    }
    #[test]
    fn elementwise_results_do_not_depend_on_strides((a, b, full) in pairs(), p: u64, q: u64) {
        let (x, y) = (turned(&a, p), turned(&b, q));
        let z = mul::mul(&x, &y).unwrap();
        prop_assert_eq!(z.spec.dims(), &full[..]);
        let values = |t: &Tensor| {
            let plain = copy::to_layout(t, Layout::Contiguous).unwrap();
            let wide = plain.spec.broadcast_to(&full).unwrap();
            let v = plain.to_vec::<f64>().unwrap();
            indices(&full).iter().map(|i| v[at(&wide, i) as usize]).collect::<Vec<_>>()
        };
        let want: Vec<f64> = values(&x).iter().zip(values(&y)).map(|(a, b)| a * b).collect();
        prop_assert_eq!(z.to_vec::<f64>().unwrap(), want);
    }
    #[test]
    fn copies_have_the_layout_that_was_asked_for(dims in sizes(), seed: u64) {
        let t = turned(&dims, seed);
        for layout in [Layout::Contiguous, Layout::ChannelsLast] {
            let c = copy::to_layout(&t, layout).unwrap();
            prop_assert!(layout.accepts(&c.spec));
            prop_assert_eq!(c.to_vec::<f64>().unwrap(), t.to_vec::<f64>().unwrap());
        }
    }
    #[test]
    fn sizes_from_outside_are_checked(dims in prop::collection::vec(-2i64..1 << 20, 0..12)) {
        let elements = dims.iter().fold(1i128, |n, &d| n.saturating_mul(d.max(1) as i128));
        let fits = dims.len() <= MAX_NDIM && dims.iter().all(|&d| d >= 0) && elements <= i32::MAX as i128;
        match Spec::checked(DType::F32, &dims) {
            Ok(s) => prop_assert!(fits && s.dims().iter().zip(&dims).all(|(a, b)| *a as i64 == *b)),
            Err(e) => prop_assert!(!fits && e.kind == nncore::Kind::Shape),
        }
    }
}

#[test]
fn a_result_with_too_many_elements_is_refused_by_name() {
    let tall = nncore::ops::expand::expand(&nncore::Tensor::scalar(1.0f32).unwrap(), &[65_536, 1]).unwrap();
    let wide = nncore::ops::expand::expand(&nncore::Tensor::scalar(1.0f32).unwrap(), &[1, 65_536]).unwrap();
    for e in [nncore::ops::add::add(&tall, &wide), nncore::ops::matmul::matmul(&tall, &wide)] {
        let e = e.unwrap_err();
        assert_eq!(e.kind, nncore::Kind::Shape);
        assert!(e.op == "add" || e.op == "matmul", "{e}");
        assert!(e.text.contains("at most 2147483647 elements"), "{e}");
    }
}

#[test]
fn sizes_beyond_the_machine_do_not_wrap() {
    // 2^32 - 1 to the fourth: wrapped, it would be a small number.
    let huge = Spec::new(DType::F64, &[Dim::MAX; 4]);
    assert_eq!((huge.numel(), huge.bytes()), (usize::MAX, usize::MAX));
    // A size of zero wins in any place.
    for zero in 0..5 {
        let mut dims = vec![Dim::MAX; 5];
        dims[zero] = 0;
        assert_eq!(Spec::new(DType::F32, &dims).numel(), 0);
    }
}

#[test]
fn adding_in_place_reads_what_was_there_before() {
    let n = 300u32;
    let x = nncore::ops::sample(3, &[n, n]);
    let before = x.to_f64s().unwrap();
    let turned = nncore::ops::permute::t(&x).unwrap();
    nncore::dispatch::apply(&nncore::ops::assign::Accumulate {}, &[Some(&x), Some(&turned)]).unwrap();
    let after = x.to_f64s().unwrap();
    let n = n as usize;
    assert!((0..n * n).all(|i| after[i] == before[i] + before[i % n * n + i / n]));
}
#[test]
fn what_shows_one_element_twice_is_not_changed_in_place() {
    let two = nncore::ops::sample(3, &[2]);
    let many = nncore::ops::expand::expand(&two, &[3, 2]).unwrap();
    let value = nncore::ops::sample(4, &[3, 2]);
    for op in [&nncore::ops::assign::Accumulate {} as &dyn nncore::op::DynOp, &nncore::ops::assign::Assign {}] {
        let e = nncore::dispatch::apply(op, &[Some(&many), Some(&value)]).unwrap_err();
        assert_eq!(e.kind, nncore::Kind::Layout);
    }
    assert_eq!(two.to_f64s().unwrap(), nncore::ops::sample(3, &[2]).to_f64s().unwrap());
}

#[test]
fn windows_of_absurd_numbers_are_refused() {
    let (x, w) = (ops_sample(&[1, 1, 1, 1]), ops_sample(&[1, 1, 1, 1]));
    for padding in [1i64 << 31, i64::MAX, i32::MAX as i64] {
        let e = nncore::ops::conv2d::conv2d(&x, &w, None, 1, padding).unwrap_err();
        assert_eq!(e.op, "conv2d");
    }
}
fn ops_sample(dims: &[u32]) -> nncore::Tensor {
    nncore::ops::sample(1, dims)
}
