//! Orders against the standard library's stable sort: ties, NaN, both zeros, lengths of every method; bits by threads.
mod common;
use common::*;
use nncore_kernels::scan::Axis;
use nncore_kernels::sort::*;
use proptest::prelude::*;
use std::cmp::Ordering;

/// Scratch, aligned for all.
fn space<T: Key>(axis: Axis) -> Vec<u128> {
    vec![0; scratch::<T>(axis) / 16 + 1]
}
/// NaN is the largest.
fn compare(a: f32, b: f32) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}
fn wanted(x: &[f32], descending: bool) -> Vec<i64> {
    let mut order: Vec<i64> = (0..x.len() as i64).collect();
    let by = |a: &i64, b: &i64| compare(x[*a as usize], x[*b as usize]);
    order.sort_by(|a, b| if descending { by(b, a) } else { by(a, b) });
    order
}
fn awkward(n: usize, seed: u64) -> Vec<f32> {
    let special = [0.0, -0.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.0, 1.0];
    noise(n, seed)
        .iter()
        .enumerate()
        .map(|(i, v)| if i % 5 == 0 { special[i / 5 % 8] } else { (v * 64.0).round() / 8.0 })
        .collect()
}

proptest! {
    #[test]
    fn lines_come_in_stable_order(outer in 1usize..4, n in 0usize..400, inner in 1usize..3, descending: bool, seed in 0u64..9) {
        let axis = Axis { outer, n, inner };
        let x = awkward(outer * n * inner, seed);
        let (mut v, mut p) = (vec![0f32; x.len()], vec![0i64; x.len()]);
        unsafe { sort(axis, descending, &x, &mut v, &mut p, space::<f32>(axis).as_mut_ptr().cast()) };
        for (o, c) in (0..outer).flat_map(|o| (0..inner).map(move |c| (o, c))) {
            let at = |i: usize| (o * n + i) * inner + c;
            let line: Vec<f32> = (0..n).map(|i| x[at(i)]).collect();
            for (i, want) in wanted(&line, descending).into_iter().enumerate() {
                prop_assert_eq!(p[at(i)], want);
                // The value itself, with its sign.
                prop_assert_eq!(v[at(i)].to_bits(), line[want as usize].to_bits());
            }
        }
    }

    #[test]
    fn the_first_few_are_those_of_the_whole_order(n in 1usize..700, part in 0f64..1.0, largest: bool, seed in 0u64..9) {
        let k = (n as f64 * part * part) as usize;
        let axis = Axis { outer: 1, n, inner: 1 };
        let x = awkward(n, seed);
        let (mut v, mut p) = (vec![0f32; k], vec![0i64; k]);
        unsafe { top(axis, k, largest, &x, &mut v, &mut p, space::<f32>(axis).as_mut_ptr().cast()) };
        prop_assert_eq!(&p[..], &wanted(&x, largest)[..k]);
    }

    #[test]
    fn wide_keys_and_integers_come_in_order(x in prop::collection::vec(any::<i64>(), 1..600), narrow: bool) {
        let axis = Axis { outer: 1, n: x.len(), inner: 1 };
        let x: Vec<i64> = x.iter().map(|v| if narrow { v % 7 } else { *v }).collect();
        let f: Vec<f64> = x.iter().map(|v| *v as f64 * 1e-3).collect();
        let (mut v, mut w, mut p) = (vec![0i64; x.len()], vec![0f64; x.len()], vec![0i64; x.len()]);
        unsafe { sort(axis, false, &x, &mut v, &mut p, space::<i64>(axis).as_mut_ptr().cast()) };
        prop_assert!(v.is_sorted());
        unsafe { sort(axis, true, &f, &mut w, &mut p, space::<f64>(axis).as_mut_ptr().cast()) };
        prop_assert!(w.iter().rev().is_sorted());
        let line: Vec<i64> = v.clone();
        for y in x.iter().take(20) {
            let (a, b) = (search(&line, *y, false), search(&line, *y, true));
            prop_assert!(line[..a].iter().all(|v| v < y) && line[a..b].iter().all(|v| v == y) && line[b..].iter().all(|v| v > y));
        }
    }
}

#[test]
fn long_lines_do_not_depend_on_threads() {
    let axis = Axis { outer: 3, n: 20_000, inner: 2 };
    let x = awkward(120_000, 3);
    let sorted = || {
        let (mut v, mut p) = (vec![0f32; x.len()], vec![0i64; x.len()]);
        unsafe { sort(axis, true, &x, &mut v, &mut p, space::<f32>(axis).as_mut_ptr().cast()) };
        p
    };
    same_for_any_threads("sort", sorted);
    let places = sorted();
    let line: Vec<f32> = (0..axis.n).map(|i| x[i * 2]).collect();
    let got: Vec<i64> = (0..axis.n).map(|i| places[i * 2]).collect();
    assert_eq!(got, wanted(&line, true));
}

#[test]
fn the_median_is_the_lower_one_and_nan_where_there_is_one() {
    let axis = Axis { outer: 3, n: 4, inner: 1 };
    let nan = f32::NAN;
    let x = [4.0, 1.0, 3.0, 2.0, 5.0, nan, 1.0, nan, nan, nan, nan, nan];
    let (mut v, mut p) = ([0f32; 3], [0i64; 3]);
    unsafe { select(axis, Rank::Median, &x, &mut v, &mut p, space::<f32>(axis).as_mut_ptr().cast()) };
    assert!(v[0] == 2.0 && v[1].is_nan() && v[2].is_nan());
    assert_eq!(p, [3, 1, 0]);
    unsafe { select(axis, Rank::NanMedian, &x, &mut v, &mut p, space::<f32>(axis).as_mut_ptr().cast()) };
    assert!(v[0] == 2.0 && v[1] == 1.0 && v[2].is_nan());
    assert_eq!(&p[..2], [3, 2]);
}
