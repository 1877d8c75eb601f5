//! Batch normalization against two-pass float64, finite differences, and far-off means.
mod common;
use common::*;
use nncore_kernels::norm::*;

fn reference(x: &[f64], c: usize) -> (Vec<f64>, Vec<f64>) {
    let n = (x.len() / c) as f64;
    let column = |i: usize| x[i..].iter().step_by(c);
    let mean: Vec<f64> = (0..c).map(|i| column(i).sum::<f64>() / n).collect();
    let var = (0..c).map(|i| column(i).map(|x| (x - mean[i]).powi(2)).sum::<f64>() / n).collect();
    (mean, var)
}

const SHAPES: [(usize, usize); 12] = [
    (1, 1),
    (2, 3),
    (50, 6),
    (1003, 7),
    (333, 16),
    (100, 64),
    (77, 100),
    (40, 257),
    (9, 600),
    (20_001, 6),
    (5000, 16),
    (400, 300),
];

#[test]
fn statistics_are_float64s() {
    on_every_path(|| {
        for (n, c) in SHAPES {
            let x = noise(n * c, 1);
            let (mean, var) = reference(&wide(&x), c);
            let (mut m, mut v) = (vec![0f32; c], vec![0f32; c]);
            statistics(&x, &mut m, &mut v);
            close(&m, &mean, 2e-7, "mean");
            close(&v, &var, 3e-7, "variance");
            let (mut m, mut v) = (vec![0f64; c], vec![0f64; c]);
            statistics(&wide(&x), &mut m, &mut v);
            close(&m, &mean, 1e-14, "mean");
            close(&v, &var, 1e-14, "variance");
        }
    });
}

#[test]
fn a_variance_small_against_the_mean_keeps_its_digits() {
    on_every_path(|| {
        for (n, c) in SHAPES {
            let x: Vec<f32> = noise(n * c, 2).iter().map(|x| 1000.0 + x).collect();
            let (mean, var) = reference(&wide(&x), c);
            let (mut m, mut v) = (vec![0f32; c], vec![0f32; c]);
            statistics(&x, &mut m, &mut v);
            close(&m, &mean, 1e-7, "mean");
            close(&v, &var, 1e-6, "variance");
        }
    });
}

#[test]
fn normalized_channels_and_both_forms() {
    on_every_path(|| {
        for (n, c) in SHAPES {
            let x = noise(n * c, 3);
            let (w, b) = (noise(c, 4), noise(c, 5));
            let (mut m, mut v, mut r) = (vec![0f32; c], vec![0f32; c], vec![0f32; c]);
            statistics(&x, &mut m, &mut v);
            rstd(&v, 1e-5, &mut r);
            for affine in [false, true] {
                let (w, b) = (affine.then_some(&w[..]), affine.then_some(&b[..]));
                let mut y = vec![0f32; n * c];
                normalize(&x, &m, &r, w, b, &mut y);
                let want: Vec<f64> = (0..n * c)
                    .map(|i| {
                        let h = (x[i] as f64 - m[i % c] as f64) / (v[i % c] as f64 + 1e-5).sqrt();
                        w.map_or(1.0, |w| w[i % c] as f64) * h + b.map_or(0.0, |b| b[i % c] as f64)
                    })
                    .collect();
                close(&y, &want, 1e-6, "normalized");
            }
        }
    });
}

#[test]
fn gradients_are_the_slopes() {
    on_every_path(|| {
        for (n, c) in [(2, 1), (5, 3), (40, 6), (9, 20), (4, 258)] {
            for training in [true, false] {
                let (x, dy) = (wide(&noise(n * c, 6)), wide(&noise(n * c, 7)));
                let (w, b) = (wide(&noise(c, 8)), wide(&noise(c, 9)));
                let fixed = reference(&x, c);
                // The loss sum(dy y), by x, weight and bias.
                let loss = |x: &[f64], w: &[f64], b: &[f64]| {
                    let (mean, var) = if training { reference(x, c) } else { fixed.clone() };
                    let y = |i: usize| (x[i] - mean[i % c]) / (var[i % c] + 1e-2).sqrt() * w[i % c] + b[i % c];
                    (0..n * c).map(|i| dy[i] * y(i)).sum::<f64>()
                };
                let (mut m, mut v, mut r) = (vec![0.0; c], vec![0.0; c], vec![0.0; c]);
                statistics(&x, &mut m, &mut v);
                rstd(&v, 1e-2, &mut r);
                let (mut dx, mut dw, mut db) = (vec![0.0; n * c], vec![0.0; c], vec![0.0; c]);
                gradient(&x, &dy, &m, &r, Some(&w), training, Some(&mut dx), &mut dw, &mut db);
                let slope = |at: usize, of: &[f64], f: &dyn Fn(&[f64]) -> f64| {
                    let h = 1e-6;
                    let (mut up, mut down) = (of.to_vec(), of.to_vec());
                    (up[at], down[at]) = (up[at] + h, down[at] - h);
                    (f(&up) - f(&down)) / (2.0 * h)
                };
                for i in (0..n * c).step_by(1 + n * c / 60) {
                    assert!((dx[i] - slope(i, &x, &|x| loss(x, &w, &b))).abs() < 1e-6);
                }
                for i in (0..c).step_by(1 + c / 20) {
                    assert!((dw[i] - slope(i, &w, &|w| loss(&x, w, &b))).abs() < 1e-6);
                    assert!((db[i] - slope(i, &b, &|b| loss(&x, &w, b))).abs() < 1e-6);
                }
                // The same without the input's gradient.
                let (mut dw2, mut db2) = (vec![0.0; c], vec![0.0; c]);
                gradient(&x, &dy, &m, &r, None, training, None, &mut dw2, &mut db2);
                assert!(dw == dw2 && db == db2);
            }
        }
    });
}

#[test]
fn float32_gradients_follow_float64() {
    on_every_path(|| {
        for (n, c) in SHAPES.into_iter().filter(|s| s.0 > 2) {
            let (x, dy, w) = (noise(n * c, 1), noise(n * c, 2), noise(c, 3));
            let (mean, var) = reference(&wide(&x), c);
            let mut r64 = vec![0.0; c];
            rstd(&var, 1e-5, &mut r64);
            let (m, r): (Vec<f32>, Vec<f32>) =
                (mean.iter().map(|&x| x as f32).collect(), r64.iter().map(|&x| x as f32).collect());
            let (mut dx, mut dw, mut db) = (vec![0f32; n * c], vec![0f32; c], vec![0f32; c]);
            gradient(&x, &dy, &m, &r, Some(&w), true, Some(&mut dx), &mut dw, &mut db);
            let (mut ex, mut ew, mut eb) = (vec![0.0; n * c], vec![0.0; c], vec![0.0; c]);
            gradient(&wide(&x), &wide(&dy), &mean, &r64, Some(&wide(&w)), true, Some(&mut ex), &mut ew, &mut eb);
            close(&dx, &ex, 3e-6, "dx");
            close(&dw, &ew, 3e-5, "dw");
            close(&db, &eb, 3e-6, "db");
        }
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (n, c) in [(30_001, 6), (3000, 100), (500, 300)] {
        let (x, dy) = (noise(n * c, 1), noise(n * c, 2));
        same_for_any_threads("batch norm", || {
            let (mut m, mut v, mut r) = (vec![0f32; c], vec![0f32; c], vec![0f32; c]);
            let (mut y, mut dx, mut dw, mut db) = (vec![0f32; n * c], vec![0f32; n * c], vec![0f32; c], vec![0f32; c]);
            statistics(&x, &mut m, &mut v);
            rstd(&v, 1e-5, &mut r);
            normalize(&x, &m, &r, None, None, &mut y);
            gradient(&x, &dy, &m, &r, None, true, Some(&mut dx), &mut dw, &mut db);
            (m, v, y, dx, dw, db)
        });
    }
}
