//! Norms of rows, of groups and across channels: against float64 by their definitions, with gradients by differences.
mod common;
use common::*;
use nncore_kernels::norm::*;
use nncore_kernels::pool::with_threads;

/// A norm of one row, plainly.
fn row(x: &[f64], centred: bool, eps: f64) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = if centred { x.iter().sum::<f64>() / n } else { 0.0 };
    let var = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    x.iter().map(|x| (x - mean) / (var + eps).sqrt()).collect()
}
const SHAPES: [(usize, usize); 8] = [(1, 1), (3, 5), (2, 64), (70, 100), (5, 1025), (1000, 17), (33, 768), (1, 5000)];

#[test]
fn rows_are_normalized_as_defined() {
    on_every_path(|| {
        for (count, n) in SHAPES {
            // A mean that is large beside the deviation.
            let x: Vec<f32> = noise(count * n, 1).iter().map(|x| 30.0 + x).collect();
            let (w, b) = (noise(n, 2), noise(n, 3));
            for centred in [true, false] {
                let (mut y, mut m, mut r) = (vec![0f32; x.len()], vec![0f32; count], vec![0f32; count]);
                rows(&x, Some(&w), Some(&b), 1e-5, &mut y, centred.then_some(&mut m[..]), &mut r);
                let want: Vec<f64> = wide(&x)
                    .chunks(n)
                    .flat_map(|x| {
                        let y = row(x, centred, 1e-5);
                        (0..n).map(|i| y[i] * w[i] as f64 + b[i] as f64).collect::<Vec<_>>()
                    })
                    .collect();
                close(&y, &want, 2e-5, "row");
            }
        }
    });
}

/// `f` with one element moved, as a central difference of the sum of its results times `g`.
fn slope(x: &[f64], at: usize, g: &[f64], f: impl Fn(&[f64]) -> Vec<f64>) -> f64 {
    let side = |h: f64| {
        let mut x = x.to_vec();
        x[at] += h;
        f(&x).iter().zip(g).map(|(y, g)| y * g).sum::<f64>()
    };
    (side(1e-5) - side(-1e-5)) / 2e-5
}

#[test]
fn gradients_of_rows_agree_with_differences() {
    on_every_path(|| {
        for (count, n) in [(1, 3), (3, 5), (100, 3), (2, 70)] {
            let (x, g) = (wide(&noise(count * n, 4)), wide(&noise(count * n, 5)));
            let w = wide(&noise(n, 6));
            for centred in [true, false] {
                let run = |x: &[f64], w: &[f64]| {
                    let (mut y, mut m, mut r) = (vec![0.0; x.len()], vec![0.0; count], vec![0.0; count]);
                    rows(x, Some(w), None, 1e-2, &mut y, centred.then_some(&mut m[..]), &mut r);
                    (y, m, r)
                };
                let (_, m, r) = run(&x, &w);
                let (mut dx, mut dw, mut db) = (vec![0.0; x.len()], vec![0.0; n], vec![0.0; n]);
                let mut scratch = vec![0.0; rows_scratch(count, n)];
                let affine = Some((&mut dw[..], &mut db[..], &mut scratch[..]));
                rows_gradient(&x, &g, centred.then_some(&m[..]), &r, Some(&w), &mut dx, affine);
                for i in 0..x.len() {
                    let want = slope(&x, i, &g, |x| run(x, &w).0);
                    assert!((dx[i] - want).abs() < 1e-6, "{centred} dx[{i}]: {} {want}", dx[i]);
                }
                for i in 0..n {
                    let want = slope(&w, i, &g, |w| run(&x, w).0);
                    assert!((dw[i] - want).abs() < 1e-6, "dw[{i}]: {} {want}", dw[i]);
                    let want: f64 = g[i..].iter().step_by(n).sum();
                    assert!((db[i] - want).abs() < 1e-12);
                }
            }
        }
    });
}

#[test]
fn sums_over_many_rows_keep_their_digits_and_their_bits() {
    let (count, n) = (20_000, 24);
    let (x, g) = (noise(count * n, 7), noise(count * n, 8).iter().map(|g| g + 1.0).collect::<Vec<f32>>());
    let run = |threads| {
        with_threads(threads, || {
            let (mut y, mut m, mut r) = (vec![0f32; x.len()], vec![0f32; count], vec![0f32; count]);
            rows(&x, None, None, 1e-5, &mut y, Some(&mut m), &mut r);
            let (mut dx, mut dw, mut db) = (vec![0f32; x.len()], vec![0f32; n], vec![0f32; n]);
            let mut scratch = vec![0.0; rows_scratch(count, n)];
            rows_gradient(&x, &g, Some(&m), &r, None, &mut dx, Some((&mut dw, &mut db, &mut scratch)));
            (y, dx, dw, db)
        })
    };
    let (one, three) = (run(1), run(3));
    assert!(one == three);
    let want: Vec<f64> = (0..n).map(|i| g[i..].iter().step_by(n).map(|g| *g as f64).sum()).collect();
    close(&one.3, &want, 1e-7, "bias");
}

/// (samples, channels, positions) as (samples, positions, channels).
fn turned<T: Copy>(x: &[T], c: usize, n: usize) -> Vec<T> {
    x.chunks(c * n).flat_map(|x| (0..n * c).map(|i| x[i % c * n + i / c]).collect::<Vec<_>>()).collect()
}

#[test]
fn groups_are_normalized_as_defined_in_both_orders() {
    on_every_path(|| {
        for (samples, channels, positions, count) in
            [(2, 6, 5, 3), (1, 4, 1, 2), (3, 32, 49, 8), (2, 3, 100, 3), (1, 64, 3000, 4), (2, 7, 9, 1)]
        {
            let x = noise(samples * channels * positions, 9);
            let (w, b) = (noise(channels, 10), noise(channels, 11));
            let size = channels * positions / count;
            let y: Vec<f64> = wide(&x).chunks(size).flat_map(|x| row(x, true, 1e-5)).collect();
            let channel = |i: usize| i / positions % channels;
            let want: Vec<f64> = (0..y.len()).map(|i| y[i] * w[channel(i)] as f64 + b[channel(i)] as f64).collect();
            for last in [false, true] {
                let g = Groups { samples, channels, positions, groups: count, last };
                let x = if last { turned(&x, channels, positions) } else { x.clone() };
                let want = if last { turned(&want, channels, positions) } else { want.clone() };
                let each = samples * count;
                let (mut y, mut m, mut r) = (vec![0f32; x.len()], vec![0f32; each], vec![0f32; each]);
                groups(&g, &x, Some(&w), Some(&b), 1e-5, &mut y, &mut m, &mut r);
                close(&y, &want, 2e-5, "group");
            }
        }
    });
}

#[test]
fn gradients_of_groups_agree_with_differences() {
    on_every_path(|| {
        for (samples, channels, positions, count) in [(2, 4, 3, 2), (1, 3, 5, 3), (3, 4, 1, 2), (2, 2, 70, 1)] {
            let x = wide(&noise(samples * channels * positions, 12));
            let dy = wide(&noise(x.len(), 13));
            let w = wide(&noise(channels, 14));
            for last in [false, true] {
                let g = Groups { samples, channels, positions, groups: count, last };
                let run = |x: &[f64], w: &[f64]| {
                    let each = samples * count;
                    let (mut y, mut m, mut r) = (vec![0.0; x.len()], vec![0.0; each], vec![0.0; each]);
                    groups(&g, x, Some(w), None, 1e-2, &mut y, &mut m, &mut r);
                    (y, m, r)
                };
                let (_, m, r) = run(&x, &w);
                let (mut dx, mut dw, mut db) = (vec![0.0; x.len()], vec![0.0; channels], vec![0.0; channels]);
                let mut sums = vec![[0.0; 2]; samples * channels];
                groups_gradient(&g, &x, &dy, &m, &r, Some(&w), &mut dx, &mut dw, &mut db, &mut sums);
                for i in 0..x.len() {
                    let want = slope(&x, i, &dy, |x| run(x, &w).0);
                    assert!((dx[i] - want).abs() < 1e-6, "{g:?} dx[{i}]: {} {want}", dx[i]);
                }
                for i in 0..channels {
                    let want = slope(&w, i, &dy, |w| run(&x, w).0);
                    assert!((dw[i] - want).abs() < 1e-6, "{g:?} dw[{i}]: {} {want}", dw[i]);
                }
            }
        }
    });
}

#[test]
fn float32_gradients_of_groups_follow_float64_in_both_orders() {
    on_every_path(|| {
        // With few channels, rows lie side by side; 64 and their divisors have kernels of their own.
        for (samples, channels, positions, count) in
            [(2, 32, 49, 8), (1, 64, 3000, 4), (3, 16, 65, 1), (2, 64, 70, 64), (1, 12, 90, 3), (1, 300, 40, 6)]
        {
            let (x, dy, w) = (
                noise(samples * channels * positions, 9),
                noise(samples * channels * positions, 10),
                noise(channels, 11),
            );
            let each = samples * count;
            for last in [false, true] {
                let g = Groups { samples, channels, positions, groups: count, last };
                let (mut y, mut m, mut r) = (vec![0.0; x.len()], vec![0.0; each], vec![0.0; each]);
                groups(&g, &wide(&x), None, None, 1e-5, &mut y, &mut m, &mut r);
                let mut sums = vec![[0.0; 2]; samples * channels];
                let (mut ex, mut ew, mut eb) = (y, vec![0.0; channels], vec![0.0; channels]);
                groups_gradient(
                    &g,
                    &wide(&x),
                    &wide(&dy),
                    &m,
                    &r,
                    Some(&wide(&w)),
                    &mut ex,
                    &mut ew,
                    &mut eb,
                    &mut sums,
                );
                let narrow = |x: &[f64]| x.iter().map(|&x| x as f32).collect::<Vec<_>>();
                let (mut dx, mut dw, mut db) = (vec![0f32; x.len()], vec![0f32; channels], vec![0f32; channels]);
                groups_gradient(&g, &x, &dy, &narrow(&m), &narrow(&r), Some(&w), &mut dx, &mut dw, &mut db, &mut sums);
                close(&dx, &ex, 1e-5, "dx");
                close(&dw, &ew, 3e-5, "dw");
                close(&db, &eb, 1e-5, "db");
            }
        }
    });
}

#[test]
fn responses_are_as_defined_and_their_gradients_differences() {
    on_every_path(|| {
        for (outer, channels, inner, size) in
            [(2, 6, 7, 5), (3, 96, 1, 5), (1, 3, 200, 4), (2, 2, 1, 7), (40, 130, 1, 3), (1, 1, 3, 1)]
        {
            let x = wide(&noise(outer * channels * inner, 15));
            let dy = wide(&noise(x.len(), 16));
            for beta in [0.75, 0.6] {
                let p = Response { channels, inner, before: size / 2, after: (size - 1) / 2, alpha: 0.3, beta, k: 1.5 };
                let run = |x: &[f64]| {
                    let (mut y, mut d) = (vec![0.0; x.len()], vec![0.0; x.len()]);
                    response(&p, x, &mut y, &mut d);
                    (y, d)
                };
                let (y, d) = run(&x);
                for i in 0..x.len() {
                    let (block, c) = (i / (channels * inner) * channels * inner + i % inner, i / inner % channels);
                    let low = c.saturating_sub(size / 2);
                    let high = (c + (size - 1) / 2).min(channels - 1);
                    let sum: f64 = (low..=high).map(|j| x[block + j * inner].powi(2)).sum();
                    let want = x[i] / (1.5 + 0.3 * sum).powf(beta);
                    assert!((y[i] - want).abs() < 1e-12, "{p:?} [{i}]: {} {want}", y[i]);
                }
                let (mut dx, mut scratch) = (vec![0.0; x.len()], vec![0.0; x.len()]);
                response_gradient(&p, &x, &d, &dy, &mut dx, &mut scratch);
                for i in (0..x.len()).step_by(1 + x.len() / 50) {
                    let want = slope(&x, i, &dy, |x| run(x).0);
                    assert!((dx[i] - want).abs() < 1e-6, "{p:?} dx[{i}]: {} {want}", dx[i]);
                }
            }
        }
    });
}

#[test]
fn planes_are_channels_in_another_order() {
    on_every_path(|| {
        for (samples, channels, positions) in [(2, 3, 5), (7, 4, 100), (1, 2, 70), (20, 3, 3000)] {
            let p = Planes { samples, channels, positions };
            let (x, dy) = (noise(samples * channels * positions, 17), noise(samples * channels * positions, 18));
            let (w, b) = (noise(channels, 19), noise(channels, 20));
            let (tx, tdy) = (turned(&x, channels, positions), turned(&dy, channels, positions));
            let each = || (vec![0f32; channels], vec![0f32; channels]);
            let mut sums = vec![[0.0; 2]; samples * channels];
            let ((mut m, mut v), (mut tm, mut tv)) = (each(), each());
            planes_statistics(&p, &x, &mut m, &mut v, &mut sums);
            statistics(&tx, &mut tm, &mut tv);
            close(&m, &wide(&tm), 1e-6, "mean");
            close(&v, &wide(&tv), 1e-6, "variance");
            let mut r = vec![0f32; channels];
            rstd(&v, 1e-5, &mut r);
            let (mut y, mut ty) = (vec![0f32; x.len()], vec![0f32; x.len()]);
            planes_normalize(&p, &x, &m, &r, Some(&w), Some(&b), &mut y);
            normalize(&tx, &m, &r, Some(&w), Some(&b), &mut ty);
            assert!(turned(&y, channels, positions) == ty);
            for training in [true, false] {
                let ((mut dw, mut db), (mut tdw, mut tdb)) = (each(), each());
                let (mut dx, mut tdx) = (y.clone(), y.clone());
                planes_gradient(&p, &x, &dy, &m, &r, Some(&w), training, &mut dx, &mut dw, &mut db, &mut sums);
                gradient(&tx, &tdy, &m, &r, Some(&w), training, Some(&mut tdx), &mut tdw, &mut tdb);
                // Sums of 60,000 terms of both signs, by blocks in float32 each way.
                close(&dw, &wide(&tdw), 3e-5, "weight");
                close(&db, &wide(&tdb), 1e-5, "bias");
                close(&turned(&dx, channels, positions), &wide(&tdx), 1e-5, "input");
            }
        }
    });
}
