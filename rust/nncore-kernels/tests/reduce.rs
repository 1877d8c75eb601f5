//! Reductions against float64 walks in any layout; NaN, ties and empty axes; bits by threads.
mod common;
use common::*;
use nncore_kernels::pool;
use nncore_kernels::reduce::{self, *};
use proptest::prelude::*;

/// For each output the input offsets that it reduces, in row-major order.
fn groups(dims: &[usize], strides: &[isize], mask: u32) -> Vec<Vec<usize>> {
    let kept: usize = (0..dims.len()).filter(|i| mask >> i & 1 == 0).map(|i| dims[i]).product();
    let mut groups = vec![vec![]; kept];
    for mut i in 0..dims.iter().product::<usize>() {
        let (mut at, mut out, mut n) = (0, 0, 1);
        for d in (0..dims.len()).rev() {
            let k = i % dims[d];
            i /= dims[d];
            at += k as isize * strides[d];
            if mask >> d & 1 == 0 {
                out += k * n;
                n *= dims[d];
            }
        }
        groups[out].push(at as usize);
    }
    groups
}

fn row_major(dims: &[usize]) -> Vec<isize> {
    (0..dims.len()).map(|i| dims[i + 1..].iter().product::<usize>() as isize).collect()
}

fn check_all(dims: &[usize], strides: &[isize], mask: u32) {
    let total: usize = dims.iter().product();
    let x = noise(total, 0);
    let groups = groups(dims, strides, mask);
    let wide: Vec<f64> = x.iter().map(|&x| x as f64).collect();
    let ints: Vec<i64> = x.iter().map(|&x| (x * 1e3) as i64).collect();
    let (mut y, mut d, mut i) = (vec![0f32; groups.len()], vec![0f64; groups.len()], vec![0i64; groups.len()]);
    on_every_path(|| unsafe {
        sum(dims, strides, mask, x.as_ptr(), &mut y);
        sum(dims, strides, mask, wide.as_ptr(), &mut d);
        sum(dims, strides, mask, ints.as_ptr(), &mut i);
        for (k, g) in groups.iter().enumerate() {
            let want: f64 = g.iter().map(|&j| wide[j]).sum();
            let size: f64 = g.iter().map(|&j| wide[j].abs()).sum();
            assert!((y[k] as f64 - want).abs() <= 1e-6 * size.sqrt().max(1.0), "{} {want}", y[k]);
            assert!((d[k] - want).abs() <= 1e-14 * size);
            assert_eq!(i[k], g.iter().map(|&j| ints[j]).sum::<i64>());
        }
        if groups.iter().any(|g| g.is_empty()) {
            return;
        }
        mean(dims, strides, mask, wide.as_ptr(), &mut d);
        for (k, g) in groups.iter().enumerate() {
            assert!((d[k] - g.iter().map(|&j| wide[j]).sum::<f64>() / g.len() as f64).abs() < 1e-14);
        }
        max(dims, strides, mask, x.as_ptr(), &mut y);
        argmax(dims, strides, mask, x.as_ptr(), &mut i);
        for (k, g) in groups.iter().enumerate() {
            let want = g.iter().map(|&j| x[j]).fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(y[k], want);
            assert_eq!(i[k] as usize, g.iter().position(|&j| x[j] == want).unwrap());
        }
        min(dims, strides, mask, ints.as_ptr(), &mut i);
        for (k, g) in groups.iter().enumerate() {
            assert_eq!(i[k], g.iter().map(|&j| ints[j]).min().unwrap());
        }
        argmin(dims, strides, mask, ints.as_ptr(), &mut i);
        for (k, g) in groups.iter().enumerate() {
            let want = g.iter().map(|&j| ints[j]).min().unwrap();
            assert_eq!(i[k] as usize, g.iter().position(|&j| ints[j] == want).unwrap());
        }
    });
}

fn layouts() -> impl Strategy<Value = (Vec<usize>, Vec<usize>, u32)> {
    let dims = prop::collection::vec(prop_oneof![1usize..7, Just(20), Just(70)], 0..5);
    dims.prop_flat_map(|dims| {
        let order: Vec<usize> = (0..dims.len()).collect();
        (Just(dims), Just(order).prop_shuffle(), 0u32..32)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_axes_of_any_layout((dims, order, mask) in layouts()) {
        prop_assume!(dims.iter().product::<usize>() < 200_000);
        let mut strides = vec![0; dims.len()];
        let mut n = 1;
        for &i in order.iter().rev() {
            strides[i] = n;
            n *= dims[i] as isize;
        }
        check_all(&dims, &strides, mask);
    }
}

#[test]
fn the_shapes_that_networks_reduce() {
    for columns in [1, 6, 7, 10, 16, 84, 120, 255, 256, 257, 600] {
        check_all(&[1001, columns], &row_major(&[1001, columns]), 0b01);
        check_all(&[33, columns], &row_major(&[33, columns]), 0b10);
    }
    check_all(&[70_000, 6], &[6, 1], 0b01);
    check_all(&[300_000], &[1], 1);
    check_all(&[3, 100_000], &[100_000, 1], 0b10);
    // (N, C, H, W) over channels-last memory: per channel, and global pooling.
    check_all(&[8, 16, 14, 14], &[3136, 1, 224, 16], 0b1101);
    check_all(&[8, 16, 14, 14], &[3136, 1, 224, 16], 0b1100);
    // An expanded operand, a reversed one.
    check_all(&[5, 40], &[0, 1], 0b01);
    check_all(&[0, 4], &[4, 1], 0b01);
}

#[test]
fn long_sums_stay_accurate() {
    let n = 1 << 22;
    let x = vec![0.1f32; n];
    let mut y = [0.0];
    unsafe { sum(&[n], &[1], 1, x.as_ptr(), &mut y) };
    let want = n as f64 * 0.1f32 as f64;
    assert!((y[0] as f64 / want - 1.0).abs() < 1e-6, "{} instead of {want}", y[0]);
}

#[test]
fn nan_is_the_extreme_and_the_first_of_equals_wins() {
    on_every_path(|| {
        for n in [1, 3, 16, 40, 200, 70_000] {
            for at in [0, n / 2, n - 1] {
                let mut x = vec![1.0f32; n];
                x[at] = f32::NAN;
                let (mut y, mut i) = ([0.0], [9]);
                for (dims, strides, mask) in [(vec![n], vec![1], 1), (vec![n, 1], vec![1, 1], 1)] {
                    unsafe {
                        max(&dims, &strides, mask, x.as_ptr(), &mut y);
                        assert!(y[0].is_nan());
                        min(&dims, &strides, mask, x.as_ptr(), &mut y);
                        assert!(y[0].is_nan());
                        argmax(&dims, &strides, mask, x.as_ptr(), &mut i);
                        assert_eq!(i[0] as usize, at);
                        argmin(&dims, &strides, mask, x.as_ptr(), &mut i);
                        assert_eq!(i[0] as usize, at);
                    }
                }
                // Down columns, with a second NaN further on.
                let mut x = vec![1.0f32; (n + 1) * 20];
                x[at * 20 + 7] = f32::NAN;
                x[n * 20 + 7] = f32::NAN;
                let (mut y, mut i) = ([0.0; 20], [9; 20]);
                unsafe {
                    max(&[n + 1, 20], &[20, 1], 1, x.as_ptr(), &mut y);
                    argmax(&[n + 1, 20], &[20, 1], 1, x.as_ptr(), &mut i);
                }
                for c in 0..20 {
                    assert_eq!((y[c].is_nan(), i[c] as usize), if c == 7 { (true, at) } else { (false, 0) });
                }
            }
        }
        let x = [f32::NEG_INFINITY; 5];
        let mut i = [9];
        unsafe { argmax(&[5], &[1], 1, x.as_ptr(), &mut i) };
        assert_eq!(i, [0]);
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    let shapes: [(&[usize], u32); 5] =
        [(&[500_000], 1), (&[60_000, 6], 1), (&[9000, 300], 1), (&[300, 900], 2), (&[8, 400, 90], 0b101)];
    for (dims, mask) in shapes {
        let total: usize = dims.iter().product();
        let x = noise(total, 0);
        let outputs: usize = (0..dims.len()).filter(|i| mask >> i & 1 == 0).map(|i| dims[i]).product();
        let by = |threads: usize| {
            let (mut y, mut i) = (vec![0f32; outputs], vec![0i64; outputs]);
            pool::with_threads(threads, || unsafe {
                sum(dims, &row_major(dims), mask, x.as_ptr(), &mut y);
                argmax(dims, &row_major(dims), mask, x.as_ptr(), &mut i);
            });
            (y, i)
        };
        let want = by(1);
        for threads in 2..=4 {
            assert!(by(threads) == want, "{dims:?} with {threads} threads");
        }
    }
}

/// Every fold beside the sums, in layouts that run along, down and across, with lengths of several blocks.
#[test]
fn spreads_norms_and_counts_are_those_of_their_definitions() {
    let shapes: [(&[usize], u32); 9] = [
        (&[1], 1),
        (&[70], 1),
        (&[2500], 1),
        (&[3, 1100], 2),
        (&[150, 70], 1),
        (&[400, 5], 1),
        (&[4, 7, 33], 0b010),
        (&[5, 6, 9], 0b101),
        (&[70_000, 3], 1),
    ];
    for (dims, mask) in shapes {
        for turned in [false, true] {
            let mut strides = row_major(dims);
            if turned {
                // Column-major.
                let mut n = 1;
                for (s, d) in strides.iter_mut().zip(dims) {
                    (*s, n) = (n, n * *d as isize);
                }
            }
            let total: usize = dims.iter().product();
            // A large mean, and some zeros.
            let x: Vec<f32> =
                noise(total, 1).iter().enumerate().map(|(i, v)| if i % 11 == 0 { 0.0 } else { v + 100.0 }).collect();
            let wide: Vec<f64> = x.iter().map(|v| *v as f64).collect();
            let small: Vec<f64> = noise(total, 2).iter().map(|v| 1.0 + *v as f64 * 1e-2 / total as f64).collect();
            let groups = groups(dims, &strides, mask);
            let n = groups.len();
            on_every_path(|| unsafe {
                let (mut m, mut y, mut d, mut c, mut b) =
                    (vec![[0.0; 2]; n], vec![0f32; n], vec![0f64; n], vec![0i64; n], vec![false; n]);
                for double in [false, true] {
                    if double {
                        moments(dims, &strides, mask, wide.as_ptr(), &mut m)
                    } else {
                        moments(dims, &strides, mask, x.as_ptr(), &mut m)
                    }
                    for (g, [mean, squares]) in groups.iter().zip(&m) {
                        let want = g.iter().map(|i| wide[*i]).sum::<f64>() / g.len() as f64;
                        let spread: f64 = g.iter().map(|i| (wide[*i] - want).powi(2)).sum();
                        // The plain loop of the reference rounds too, 70,000 times.
                        let tolerance = if double { 1e-12 } else { 2e-6 };
                        assert!((mean - want).abs() <= tolerance * 100.0, "{dims:?} {mean} {want}");
                        assert!((squares - spread).abs() <= tolerance * (spread + 1.0), "{dims:?} {squares} {spread}");
                    }
                }
                logsumexp(dims, &strides, mask, x.as_ptr(), &mut y);
                logsumexp(dims, &strides, mask, wide.as_ptr(), &mut d);
                for (k, g) in groups.iter().enumerate() {
                    let most = g.iter().map(|i| wide[*i]).fold(f64::NEG_INFINITY, f64::max);
                    let want = most + g.iter().map(|i| (wide[*i] - most).exp()).sum::<f64>().ln();
                    assert!(
                        (y[k] as f64 - want).abs() < 2e-5 && (d[k] - want).abs() < 1e-12,
                        "{} {} {want}",
                        y[k],
                        d[k]
                    );
                }
                for p in [2.0, 1.0, 0.0, 3.0, 0.5, f64::INFINITY, f64::NEG_INFINITY] {
                    norm(p, dims, &strides, mask, wide.as_ptr(), &mut d);
                    for (k, g) in groups.iter().enumerate() {
                        let v = || g.iter().map(|i| wide[*i].abs());
                        let want = match p {
                            0.0 => v().filter(|v| *v != 0.0).count() as f64,
                            f64::INFINITY => v().fold(0.0, f64::max),
                            f64::NEG_INFINITY => v().fold(f64::INFINITY, f64::min),
                            p => v().map(|v| v.powf(p)).sum::<f64>().powf(1.0 / p),
                        };
                        assert!((d[k] - want).abs() <= 1e-11 * want, "norm {p}: {} {want}", d[k]);
                    }
                }
                prod(dims, &strides, mask, small.as_ptr(), &mut d);
                count_nonzero(dims, &strides, mask, x.as_ptr(), &mut c);
                for (k, g) in groups.iter().enumerate() {
                    assert!((d[k] - g.iter().map(|i| small[*i]).product::<f64>()).abs() < 1e-12);
                    assert_eq!(c[k] as usize, g.iter().filter(|i| x[**i] != 0.0).count());
                }
                reduce::any(dims, &strides, mask, x.as_ptr(), &mut b);
                assert!(b.iter().zip(&c).all(|(b, c)| *b == (*c > 0)));
                reduce::all(dims, &strides, mask, x.as_ptr(), &mut b);
                assert!(b.iter().zip(&c).zip(&groups).all(|((b, c), g)| *b == (*c as usize == g.len())));
                let holes: Vec<f32> = x.iter().map(|v| if *v == 0.0 { f32::NAN } else { *v }).collect();
                nansum(dims, &strides, mask, holes.as_ptr(), &mut y);
                for (k, g) in groups.iter().enumerate() {
                    let want: f64 = g.iter().map(|i| wide[*i]).sum();
                    assert!((y[k] as f64 - want).abs() <= 1e-6 * want.abs());
                }
            });
        }
    }
}

#[test]
fn infinities_pass_through_logsumexp() {
    let (inf, mut y) = (f64::INFINITY, [0.0]);
    let mut of = |x: &[f64]| {
        unsafe { logsumexp(&[x.len()], &[1], 1, x.as_ptr(), &mut y) };
        y[0]
    };
    assert_eq!(of(&[]), -inf);
    assert_eq!(of(&[-inf, -inf]), -inf);
    assert_eq!(of(&[-inf, 2.0]), 2.0);
    assert_eq!(of(&[1.0, inf, inf]), inf);
    assert!(of(&[1.0, f64::NAN]).is_nan());
    // Blocks whose largest elements are far apart, and infinite ones.
    let mut long = vec![-inf; 5000];
    long[3000] = -1000.0;
    assert_eq!(of(&long), -1000.0);
    long[10] = 1e300;
    assert_eq!(of(&long), 1e300);
}
