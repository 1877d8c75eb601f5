//! Softmax and cross-entropy against float64 formulas and finite differences.
mod common;
use common::*;
use nncore_kernels::num::Float;
use nncore_kernels::softmax::*;

/// ln softmax along the middle of (outer, cols, inner), in float64.
fn reference(x: &[f64], cols: usize, inner: usize) -> Vec<f64> {
    let mut y = x.to_vec();
    for i in 0..x.len() / cols {
        let at = |c: usize| i / inner * cols * inner + c * inner + i % inner;
        let m = (0..cols).map(|c| x[at(c)]).fold(f64::NEG_INFINITY, f64::max);
        let s: f64 = (0..cols).map(|c| (x[at(c)] - m).exp()).sum();
        (0..cols).for_each(|c| y[at(c)] = x[at(c)] - m - s.ln());
    }
    y
}

fn of<T: Float>(x: &[f64]) -> Vec<T> {
    x.iter().map(|&x| T::of(x)).collect()
}

fn check<T: Float + Into<f64>>(tolerance: f64) {
    for (outer, cols, inner) in [
        (5, 1, 1),
        (7, 10, 1),
        (3, 16, 1),
        (3, 37, 1),
        (2, 1000, 1),
        (4, 5, 3),
        (2, 10, 16),
        (2, 3, 100),
        (0, 4, 1),
        (40, 1000, 1),
    ] {
        let n = outer * cols * inner;
        let x: Vec<f64> = noise(n, 1).iter().map(|x| *x as f64 * 20.0).collect();
        let dy = wide(&noise(n, 2));
        let log = reference(&x, cols, inner);
        let p: Vec<f64> = log.iter().map(|x| x.exp()).collect();
        let (mut want, mut want_log) = (vec![0.0; n], vec![0.0; n]);
        for i in 0..n / cols {
            let at = |c: usize| i / inner * cols * inner + c * inner + i % inner;
            let (dot, sum) = (0..cols).fold((0.0, 0.0), |(d, s), c| (d + p[at(c)] * dy[at(c)], s + dy[at(c)]));
            for c in 0..cols {
                want[at(c)] = p[at(c)] * (dy[at(c)] - dot);
                want_log[at(c)] = dy[at(c)] - p[at(c)] * sum;
            }
        }
        let (x, dy) = (of::<T>(&x), of::<T>(&dy));
        let (mut y, mut d) = (vec![T::ZERO; n], vec![T::ZERO; n]);
        softmax(&x, &mut y, cols, inner);
        close(&y, &p, tolerance, "softmax");
        softmax_grad(&y, &dy, &mut d, cols, inner);
        close(&d, &want, tolerance, "softmax_grad");
        log_softmax(&x, &mut y, cols, inner);
        close(&y, &log, tolerance, "log_softmax");
        log_softmax_grad(&y, &dy, &mut d, cols, inner);
        close(&d, &want_log, tolerance * 20.0, "log_softmax_grad");
    }
}

#[test]
fn softmax_is_float64s_along_any_axis() {
    on_every_path(|| {
        check::<f32>(2e-6);
        check::<f64>(1e-13);
    });
}

#[test]
fn huge_and_infinite_logits() {
    let mut y = [0.0f32; 4];
    softmax(&[1e30, 1e30, -1e30, f32::NEG_INFINITY], &mut y, 4, 1);
    assert_eq!(y, [0.5, 0.5, 0.0, 0.0]);
    log_softmax(&[1e30, 0.0, -1e30, f32::NEG_INFINITY], &mut y, 4, 1);
    assert_eq!(y, [0.0, -1e30, -2e30, f32::NEG_INFINITY]);
    for inner in [1, 2] {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut x = vec![0.0; 20 * inner];
            x[9 * inner] = bad;
            let mut y = x.clone();
            softmax(&x, &mut y, 20, inner);
            assert!((0..20).all(|c| y[c * inner].is_nan()), "it reaches its whole row");
            assert!(inner == 1 || (0..20).all(|c| y[c * inner + 1] == 0.05), "and no other");
        }
    }
}

/// PyTorch's formula, in float64: (losses, weights).
fn loss(k: &Classes<f64>, x: &[f64], labels: &[i64]) -> (Vec<f64>, Vec<f64>) {
    let log = reference(x, k.count, 1);
    let row = |(i, &label): (usize, &i64)| {
        if Some(label) == k.ignore {
            return (0.0, 0.0);
        }
        let (w, p) = (|c: usize| k.weights.map_or(1.0, |w| w[c]), &log[i * k.count..(i + 1) * k.count]);
        let spread: f64 = (0..k.count).map(|c| w(c) * p[c]).sum();
        let hard = w(label as usize) * p[label as usize];
        (-(1.0 - k.smoothing) * hard - k.smoothing / k.count as f64 * spread, w(label as usize))
    };
    labels.iter().enumerate().map(row).unzip()
}

#[test]
fn cross_entropy_is_pytorchs_with_every_option() {
    on_every_path(|| {
        for (n, c) in [(1, 2), (7, 10), (33, 16), (5, 130), (300, 100)] {
            let x: Vec<f64> = noise(n * c, 3).iter().map(|x| *x as f64 * 4.0).collect();
            let labels: Vec<i64> = (0..n).map(|i| if i % 5 == 4 { -100 } else { (i * 7 % c) as i64 }).collect();
            let w: Vec<f64> = (0..c).map(|i| 0.5 + i as f64 * 0.25).collect();
            for (weights, smoothing) in [(None, 0.0), (Some(&w[..]), 0.0), (None, 0.1), (Some(&w[..]), 0.3)] {
                let k = Classes { count: c, weights, smoothing, ignore: Some(-100) };
                let want = loss(&k, &x, &labels);
                let (mut p, mut l, mut r, mut dx) = (vec![0.0; n * c], vec![0.0; n], vec![0.0; n], vec![0.0; n * c]);
                cross_entropy(&k, &x, &labels, &mut p, &mut l, &mut r);
                close(&l, &want.0, 1e-12, "losses");
                close(&r, &want.1, 0.0, "weights");
                close(&p, &reference(&x, c, 1).iter().map(|x| x.exp()).collect::<Vec<_>>(), 1e-13, "probabilities");
                let scale: Vec<f64> = (0..n).map(|i| 1.0 + i as f64).collect();
                cross_entropy_grad(&k, &p, &labels, &scale, &mut dx);
                for j in (0..n * c).step_by(1 + n * c / 100) {
                    let h = 1e-5;
                    let at = |d: f64| {
                        let mut x = x.clone();
                        x[j] += d;
                        loss(&k, &x, &labels).0[j / c]
                    };
                    let slope = (at(h) - at(-h)) / (2.0 * h) * scale[j / c];
                    assert!((dx[j] - slope).abs() < 1e-7 * scale[j / c], "{} {slope}", dx[j]);
                }
                // One factor for all rows is the same factor for each.
                let (mut one, mut each) = (vec![0.0; n * c], vec![0.0; n * c]);
                cross_entropy_grad(&k, &p, &labels, &[0.25], &mut one);
                cross_entropy_grad(&k, &p, &labels, &vec![0.25; n], &mut each);
                assert_eq!(one, each);
                // float32 follows.
                let w32 = weights.map(of::<f32>);
                let k = Classes { count: c, weights: w32.as_deref(), smoothing, ignore: Some(-100) };
                let x: Vec<f32> = of(&x);
                let (mut p, mut l, mut r) = (vec![0.0; n * c], vec![0.0; n], vec![0.0; n]);
                cross_entropy(&k, &x, &labels, &mut p, &mut l, &mut r);
                close(&l, &want.0, 4e-6, "float32 losses");
            }
        }
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    let (n, c) = (900, 100);
    let x = noise(n * c, 5);
    let labels: Vec<i64> = (0..n as i64).map(|i| i % 100).collect();
    let k = Classes { count: c, weights: None, smoothing: 0.1, ignore: None };
    same_for_any_threads("softmax", || {
        let mut y = vec![vec![0f32; n * c]; 5];
        let (mut l, mut r) = (vec![0.0; n], vec![0.0; n]);
        softmax(&x, &mut y[0], c, 1);
        log_softmax(&x, &mut y[1], 10, 10);
        let (p, rest) = y.split_at_mut(2);
        softmax_grad(&p[0], &x, &mut rest[0], c, 1);
        cross_entropy(&k, &x, &labels, &mut rest[1], &mut l, &mut r);
        let (p, dx) = rest.split_at_mut(2);
        cross_entropy_grad(&k, &p[1], &labels, &[0.5], &mut dx[0]);
        (y, l)
    });
}
