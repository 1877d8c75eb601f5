//! Running values against plain loops, in any order, long enough for blocks; bits by threads.
mod common;
use common::*;
use nncore_kernels::pool;
use nncore_kernels::scan::*;
use proptest::prelude::*;

fn line(x: &[f64], order: Order, start: f64, push: fn(f64, f64) -> f64) -> Vec<f64> {
    let mut y = vec![0.0; x.len()];
    let mut total = start;
    for i in 0..x.len() {
        let at = if order.reverse { x.len() - 1 - i } else { i };
        let next = push(total, x[at]);
        (y[at], total) = (if order.exclusive { total } else { next }, next);
    }
    y
}
/// The lines of an axis, each as its places.
fn lines(axis: Axis) -> Vec<Vec<usize>> {
    let place = |o, c| (0..axis.n).map(|i| (o * axis.n + i) * axis.inner + c).collect();
    (0..axis.outer).flat_map(|o| (0..axis.inner).map(move |c| (o, c))).map(|(o, c)| place(o, c)).collect()
}

proptest! {
    #[test]
    fn sums_and_products_run_as_in_a_loop(
        outer in 0usize..20, n in 0usize..40, inner in prop::sample::select(vec![1usize, 1, 2, 63, 64, 70]),
        reverse: bool, exclusive: bool,
    ) {
        let (axis, order) = (Axis { outer, n, inner }, Order { reverse, exclusive });
        let x = noise(outer * n * inner, 3);
        let wide: Vec<f64> = x.iter().map(|v| *v as f64).collect();
        let (mut y, mut z) = (vec![0f32; x.len()], vec![0f64; x.len()]);
        on_every_path(|| {
            cumsum(axis, order, &x, &mut y);
            cumprod(axis, order, &wide, &mut z);
            for places in lines(axis) {
                let values: Vec<f64> = places.iter().map(|p| wide[*p]).collect();
                let (sums, products) = (line(&values, order, 0.0, |a, b| a + b), line(&values, order, 1.0, |a, b| a * b));
                for (k, p) in places.iter().enumerate() {
                    assert!((y[*p] as f64 - sums[k]).abs() <= 1e-6 * (1.0 + sums[k].abs()));
                    assert!((z[*p] - products[k]).abs() <= 1e-13 * (1.0 + products[k].abs()));
                }
            }
        });
    }

    #[test]
    fn a_recurrence_runs_as_in_a_loop(outer in 0usize..4, n in 0usize..20, inner in 1usize..5, reverse: bool) {
        let axis = Axis { outer, n, inner };
        let total = outer * n * inner;
        let wide = |seed| noise(total, seed).iter().map(|v| *v as f64).collect::<Vec<f64>>();
        let (a, b, mut y) = (wide(1), wide(2), vec![0f64; total]);
        linear(axis, reverse, &a, &b, &mut y);
        for places in lines(axis) {
            let mut last = None;
            let order: Vec<usize> = if reverse { places.iter().rev().copied().collect() } else { places };
            for p in order {
                let want = b[p] + last.map_or(0.0, |l: f64| a[p] * l);
                prop_assert!((y[p] - want).abs() <= 1e-12 * (1.0 + want.abs()));
                last = Some(y[p]);
            }
        }
    }
}

#[test]
fn long_lines_are_scanned_in_blocks_with_the_same_bits_for_any_number_of_threads() {
    for (outer, n) in [(1, 300_001), (3, 50_000), (40, 20_000)] {
        for reverse in [false, true] {
            let (axis, order) = (Axis { outer, n, inner: 1 }, Order { reverse, exclusive: false });
            let ints: Vec<i64> = (0..outer * n).map(|i| (i * 7919 % 1000) as i64 - 400).collect();
            let x = noise(outer * n, 5);
            let mut all = vec![];
            for threads in [1, 2, 3] {
                pool::with_threads(threads, || {
                    let (mut y, mut i) = (vec![0f32; x.len()], vec![0i64; x.len()]);
                    cumsum(axis, order, &x, &mut y);
                    cumsum(axis, order, &ints, &mut i);
                    all.push((y, i));
                });
            }
            assert!(all.iter().all(|a| a.0.iter().zip(&all[0].0).all(|(a, b)| a.to_bits() == b.to_bits())));
            for places in lines(axis) {
                let mut sum = 0;
                let order: Vec<usize> = if reverse { places.iter().rev().copied().collect() } else { places };
                for p in order {
                    sum += ints[p];
                    assert_eq!(all[0].1[p], sum);
                }
            }
        }
    }
}

#[test]
fn the_last_of_equal_extremes_is_named_and_a_nan_stays() {
    let x = [1.0, 3.0, 2.0, 3.0, f64::NAN, 5.0, f64::NAN, 1.0];
    let (mut v, mut p) = ([0.0; 8], [0; 8]);
    let axis = Axis { outer: 1, n: 8, inner: 1 };
    cumulative_extreme::<f64, 0>(axis, &x, &mut v, &mut p);
    assert_eq!(&v[..4], [1.0, 3.0, 3.0, 3.0]);
    assert!(v[4..].iter().all(|v| v.is_nan()));
    assert_eq!(p, [0, 1, 1, 3, 4, 4, 6, 6]);
    cumulative_extreme::<f64, 1>(axis, &x, &mut v, &mut p);
    assert_eq!((&v[..4], p), (&[1.0; 4][..], [0, 0, 0, 0, 4, 4, 6, 6]));
}
