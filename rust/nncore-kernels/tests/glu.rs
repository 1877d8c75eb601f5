//! The gated linear unit against its definition in float64, and its gradient against differences.
mod common;
use common::*;
use nncore_kernels::pointwise::{glu, glu_gradient};

/// Rows and lengths of halves: short, whole vectors, several tiles, and long with a rest.
const SHAPES: [(usize, usize); 9] =
    [(0, 0), (1, 1), (7, 3), (300, 5), (40, 16), (3, 48), (9, 100), (5, 513), (2, 40_000)];

fn gate(b: f64) -> f64 {
    1.0 / (1.0 + (-b).exp())
}
/// Where element `i` of the result has its two halves.
fn places(i: usize, inner: usize) -> (usize, usize) {
    let a = i / inner * 2 * inner + i % inner;
    (a, a + inner)
}

#[test]
fn halves_are_gated_as_defined() {
    on_every_path(|| {
        for (rows, inner) in SHAPES {
            let n = rows * inner;
            let x: Vec<f32> = noise(2 * n, 1).iter().map(|x| 4.0 * x).collect();
            let mut y = vec![f32::NAN; n];
            glu(&x, inner, &mut y);
            let want: Vec<f64> = (0..n)
                .map(|i| {
                    let (a, b) = places(i, inner);
                    x[a] as f64 * gate(x[b] as f64)
                })
                .collect();
            close(&y, &want, 1e-6, "glu");
        }
    });
}

#[test]
fn gradients_are_the_slopes() {
    on_every_path(|| {
        for (rows, inner) in SHAPES {
            let n = rows * inner;
            let (x, dy) = (noise(2 * n, 2), noise(n, 3));
            let mut dx = vec![f32::NAN; 2 * n];
            glu_gradient(&x, &dy, inner, &mut dx);
            let mut want = vec![0.0; 2 * n];
            for i in 0..n {
                let (a, b) = places(i, inner);
                let h = 1e-5;
                let bend = (gate(x[b] as f64 + h) - gate(x[b] as f64 - h)) / (2.0 * h);
                want[a] = dy[i] as f64 * gate(x[b] as f64);
                want[b] = dy[i] as f64 * x[a] as f64 * bend;
            }
            close(&dx, &want, 1e-6, "gradient of glu");
            // float64 takes the same way.
            let mut wider = vec![0.0; 2 * n];
            glu_gradient(&wide(&x), &wide(&dy), inner, &mut wider);
            close(&wider, &want, 1e-9, "gradient of glu in float64");
        }
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (rows, inner) in [(2000, 7), (700, 32), (3, 30_001)] {
        let (x, dy) = (noise(2 * rows * inner, 1), noise(rows * inner, 2));
        same_for_any_threads("glu", || {
            let (mut y, mut dx) = (vec![0f32; rows * inner], vec![0f32; 2 * rows * inner]);
            glu(&x, inner, &mut y);
            glu_gradient(&x, &dy, inner, &mut dx);
            (y, dx)
        });
    }
}
