//! Generators, tickets and what is drawn with them; ranges of numbers that are not random.
mod reference;
use nncore::op::Attr;
use nncore::ops::rng::{generator, next};
use nncore::{capture, dispatch, DType, Kind, Tensor};
use reference::*;

fn uniform(shape: &[i64], low: f64, high: f64, dtype: DType) -> [Attr; 4] {
    [ints(shape), Attr::Float(low), Attr::Float(high), Attr::DType(dtype)]
}
fn dropout(p: f64, training: bool) -> [Attr; 2] {
    [Attr::Float(p), Attr::Bool(training)]
}
fn ones(n: usize) -> Tensor {
    f64s(&vec![1.0; n])
}
fn values(t: &Tensor) -> Vec<f64> {
    t.to_f64s().unwrap()
}

#[test]
fn a_generator_counts_its_draws() {
    let g = generator(-5);
    for draw in 0..3 {
        assert_eq!(next(&g).unwrap().to_vec::<i64>().unwrap(), [-5, draw]);
        assert_eq!(g.to_vec::<i64>().unwrap(), [-5, draw + 1]);
    }
}

#[test]
fn the_first_numbers_are_those_of_philox() {
    // Random123's known answer for a key and a counter of zeros: the upper 24 bits of its first word.
    let x = call("uniform", &uniform(&[3, 5], 0.0, 1.0, DType::F32), &[&generator(0)]);
    assert_eq!(values(&x)[0], (0x6627_e8d5u32 >> 8) as f64 / 16_777_216.0);
}

#[test]
fn numbers_depend_on_ticket_and_place_alone() {
    let state = generator(11);
    let (a, b) = (next(&state).unwrap(), next(&state).unwrap());
    for (name, x) in
        [("uniform", uniform(&[1000], -1.0, 1.0, DType::F32)), ("normal", uniform(&[1000], 0.0, 1.0, DType::F64))]
    {
        let first = values(&call(name, &x, &[&a]));
        assert_eq!(first, values(&call(name, &x, &[&a])));
        assert_ne!(first, values(&call(name, &x, &[&b])));
        // A shorter draw is the beginning of a longer one, whatever its shape.
        let mut few = x.clone();
        few[0] = ints(&[3, 7]);
        assert_eq!(first[..21], values(&call(name, &few, &[&a])));
    }
}

#[test]
fn ranges_and_moments_are_as_asked() {
    let n = 1 << 18;
    let t = generator(2);
    for dtype in [DType::F32, DType::F64] {
        let x = values(&call("uniform", &uniform(&[n], -3.0, 5.0, dtype), &[&t]));
        assert!(x.iter().all(|x| (-3.0..5.0).contains(x)));
        let mean = x.iter().sum::<f64>() / n as f64;
        // Five standard errors: (8 / sqrt 12) / sqrt n each.
        assert!((mean - 1.0).abs() < 5.0 * 2.31 / 512.0, "{mean}");
        let x = values(&call("normal", &uniform(&[n], 10.0, 3.0, dtype), &[&t]));
        let mean = x.iter().sum::<f64>() / n as f64;
        let var = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        assert!(
            (mean - 10.0).abs() < 5.0 * 3.0 / 512.0 && (var - 9.0).abs() < 5.0 * 9.0 * 1.42 / 512.0,
            "{mean} {var}"
        );
    }
    // float32 is coarse here; the upper end stays out.
    let x = values(&call("uniform", &uniform(&[n], 1e8, 1e8 + 16.0, DType::F32), &[&t]));
    assert!(x.iter().all(|x| (1e8..1e8 + 16.0).contains(x)));
}

#[test]
fn dropout_zeroes_a_share_and_scales_the_rest() {
    let n = 1 << 16;
    for p in [0.1, 0.5, 0.9] {
        let y = values(&call("random_dropout", &dropout(p, true), &[&ones(n), &generator(3)]));
        let dropped = y.iter().filter(|y| **y == 0.0).count() as f64 / n as f64;
        assert!((dropped - p).abs() < 5.0 * (p * (1.0 - p)).sqrt() / 256.0, "{dropped} of {p}");
        assert!(y.iter().all(|y| *y == 0.0 || *y == 1.0 / (1.0 - p)));
    }
}

#[test]
fn the_gradient_sees_the_same_mask() {
    let x = nncore::ops::sample(1, &[500]).leaf();
    let y = call("random_dropout", &dropout(0.3, true), &[&x, &generator(4)]);
    let weights = Array::of(&ones(500));
    for ((y, g), x) in values(&y).iter().zip(gradient(&y, &weights, &x)).zip(values(&x)) {
        assert_eq!(g, if *y == 0.0 { 0.0 } else { 1.0 / 0.7 });
        assert!((y - x * g).abs() < 1e-15);
    }
}

#[test]
fn without_training_nothing_is_drawn() {
    let (x, g) = (ones(8), generator(4));
    for attrs in [dropout(0.5, false), dropout(0.0, true)] {
        assert_eq!(values(&call("random_dropout", &attrs, &[&x, &g])), values(&x));
        assert_eq!(g.to_vec::<i64>().unwrap(), [4, 0]);
    }
}

#[test]
fn each_replay_draws_anew_and_as_eagerly() {
    let (x, g) = (ones(256), generator(9));
    let step = |x: &Tensor| run("random_dropout", &dropout(0.5, true), &[x, &g]).map(|o| o.into_vec());
    let (first, mut program) = capture::record(std::slice::from_ref(&x), |a| step(&a[0])).unwrap();
    let mut seen = vec![values(&first[0])];
    for _ in 0..3 {
        seen.push(values(&program.replay(&[&x]).unwrap()[0]))
    }
    let eager = generator(9);
    for (k, mask) in seen.iter().enumerate() {
        assert_eq!(*mask, values(&call("random_dropout", &dropout(0.5, true), &[&x, &eager])), "draw {k}");
        assert!(seen[..k].iter().all(|other| other != mask), "draw {k} repeats an earlier one");
    }
}

#[test]
fn a_generator_must_not_be_on_the_tape_or_of_another_kind() {
    let x = ones(2);
    let wrong = f64s(&[0.0, 0.0]);
    for p in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            refused("random_dropout", &dropout(p, true), &[&x, &generator(0)], &["p", "0 <= p < 1"]),
            Kind::Value
        );
        assert_eq!(refused("random_dropout", &dropout(p, false), &[&x, &generator(0)], &["0 <= p < 1"]), Kind::Value);
    }
    assert_eq!(refused("rng_next", &[], &[&wrong], &["int64"]), Kind::DType);
    assert_eq!(refused("uniform", &uniform(&[2], 0.0, 1.0, DType::F32), &[&wrong], &["ticket"]), Kind::DType);
    let t = generator(0);
    assert_eq!(refused("uniform", &uniform(&[2], 1.0, 0.0, DType::F32), &[&t], &["low <= high"]), Kind::Value);
    assert_eq!(refused("uniform", &uniform(&[2], 0.0, 1.0, DType::I64), &[&t], &["int64"]), Kind::DType);
    assert_eq!(refused("uniform", &uniform(&[-2], 0.0, 1.0, DType::F32), &[&t], &["-2"]), Kind::Shape);
    assert_eq!(refused("normal", &uniform(&[2], 0.0, -1.0, DType::F32), &[&t], &["std >= 0"]), Kind::Value);
    assert_eq!(refused("dropout", &[Attr::Float(0.5)], &[&int64(&[1]), &t], &["int64"]), Kind::DType);
}

#[test]
fn ranges_hold_what_numpy_says() {
    let arange = |start, end, step, dtype| {
        let attrs = [Attr::Float(start), Attr::Float(end), Attr::Float(step), Attr::DType(dtype)];
        values(&call("arange", &attrs, &[]))
    };
    assert_eq!(arange(0.0, 5.0, 1.0, DType::I64), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(arange(5.0, 0.0, -2.0, DType::I32), [5.0, 3.0, 1.0]);
    assert_eq!(arange(1.0, 2.0, 0.25, DType::F32), [1.0, 1.25, 1.5, 1.75]);
    assert!(arange(1.0, 0.0, 1.0, DType::I64).is_empty());
    let linspace = |start, end, steps, dtype| {
        let attrs = [Attr::Float(start), Attr::Float(end), Attr::Int(steps), Attr::DType(dtype)];
        values(&call("linspace", &attrs, &[]))
    };
    assert_eq!(linspace(0.0, 1.0, 5, DType::F32), [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(linspace(0.1, 0.7, 4, DType::F64)[3], 0.7);
    assert_eq!(linspace(3.0, 9.0, 1, DType::F64), [3.0]);
    let eye = |n, m| values(&call("eye", &[Attr::Int(n), m, Attr::DType(DType::F32)], &[]));
    assert_eq!(eye(2, Attr::None), [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(eye(3, Attr::Int(2)), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(eye(2, Attr::Int(3)), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let none = [Attr::Float(0.0), Attr::Float(1.0), Attr::Float(0.0), Attr::DType(DType::I64)];
    let e = dispatch::no_grad(|| run("arange", &none, &[]).unwrap_err());
    assert_eq!((e.kind, e.op), (Kind::Value, "arange"));
}
