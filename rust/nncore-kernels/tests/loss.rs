//! Losses: derivatives against differences, sums against float64, and values far out.
mod common;
use common::*;
use nncore_kernels::loss::*;

const KINDS: [Kind; 13] = [
    Kind::Square,
    Kind::Absolute,
    Kind::SmoothL1(0.3),
    Kind::Huber(0.2),
    Kind::Bce,
    Kind::BceLogits,
    Kind::SoftMargin,
    Kind::HingeEmbedding(0.7),
    Kind::MarginRanking(0.2),
    Kind::Poisson(1e-3),
    Kind::PoissonLog,
    Kind::Kl,
    Kind::KlLog,
];
/// Predictions and targets in (0, 1), where all of them are defined.
fn pairs(n: usize) -> (Vec<f32>, Vec<f32>) {
    let inside = |seed| noise(n, seed).iter().map(|x| 0.5 + 0.45 * x).collect();
    (inside(1), inside(2))
}

#[test]
fn derivatives_are_slopes() {
    on_every_path(|| {
        for kind in KINDS {
            let (x, t) = pairs(150);
            let (x, t, g) = (wide(&x), wide(&t), wide(&noise(150, 3)));
            let (mut dx, mut dt) = (vec![0.0; 150], vec![0.0; 150]);
            with_pair!(kind, p => gradients(p, &x, &t, &g, Some(&mut dx), Some(&mut dt)));
            let value = |x: f64, t: f64| {
                let mut y = [0.0];
                with_pair!(kind, p => each(p, &[x], &[t], &mut y));
                y[0]
            };
            for i in 0..150 {
                let h = 1e-6;
                let by_x = (value(x[i] + h, t[i]) - value(x[i] - h, t[i])) / (2.0 * h) * g[i];
                let by_t = (value(x[i], t[i] + h) - value(x[i], t[i] - h)) / (2.0 * h) * g[i];
                assert!((dx[i] - by_x).abs() < 1e-7, "{kind:?} at {} {}: {} {by_x}", x[i], t[i], dx[i]);
                // The labels of this one are 1 and -1: it has no slope by them.
                let moves = !matches!(kind, Kind::HingeEmbedding(_));
                assert!(!moves || (dt[i] - by_t).abs() < 1e-7, "{kind:?} by target: {} {by_t}", dt[i]);
            }
        }
    });
}

#[test]
fn sums_are_float64s_for_any_number_of_threads() {
    for kind in KINDS {
        for n in [0, 1, 63, 1000, 200_001] {
            let (x, t) = pairs(n);
            let mut losses = vec![0f32; n];
            with_pair!(kind, p => each(p, &x, &t, &mut losses));
            let want: f64 = wide(&losses).iter().sum();
            same_for_any_threads(&format!("{kind:?}"), || with_pair!(kind, p => total(p, &x, &t)));
            let got = with_pair!(kind, p => total(p, &x, &t));
            assert!((got - want).abs() <= 1e-6 * (1.0 + want.abs()), "{kind:?} {n}: {got} instead of {want}");
        }
    }
}

#[test]
fn logits_far_out_keep_their_digits() {
    on_every_path(|| {
        let x = [200.0f32, -200.0, 20.0, -20.0, 0.0, f32::INFINITY, f32::NAN];
        let loss = |t: f32| {
            let mut y = [0f32; 7];
            with_pair!(Kind::BceLogits, p => each(p, &x, &[t; 7], &mut y));
            y
        };
        let small = (-20f64).exp().ln_1p();
        let zero = loss(0.0);
        close(&zero[..5], &[200.0, 0.0, 20.0 + small, small, std::f64::consts::LN_2], 1e-7, "of 0");
        assert!((zero[3] as f64 / small - 1.0).abs() < 1e-6, "not rounded to 0: {}", zero[3]);
        assert!(zero[5].is_infinite() && zero[6].is_nan());
        // Probabilities of 0 and 1 give -100 for a logarithm.
        let mut y = [0f32; 2];
        with_pair!(Kind::Bce, p => each(p, &[0.0f32, 1.0], &[1.0, 1.0], &mut y));
        assert_eq!(y, [100.0, 0.0]);
    });
}

#[test]
fn labels_pick_scores() {
    // (2 samples, 3 classes, 2 positions).
    let x: Vec<f64> = (0..12).map(|i| i as f64).collect();
    let p = Nll { classes: 3, positions: 2, weights: Some(&[1.0, 2.0, 4.0]), ignore: -7 };
    let mut losses = [9.0; 4];
    let (sum, weights) = nll(&p, &x, &[2, 0, -7, 1], Some(&mut losses));
    assert_eq!(losses, [-16.0, -1.0, 0.0, -18.0]);
    assert_eq!((sum, weights), (-35.0, 7.0));
    let mut dx = [9.0; 12];
    nll_gradient(&p, &[2, 0, -7, 1], &[1.0, 10.0, 100.0, 1000.0], &mut dx);
    assert_eq!(dx, [0.0, -10.0, 0.0, 0.0, -4.0, 0.0, 0.0, 0.0, 0.0, -2000.0, 0.0, 0.0]);
}
