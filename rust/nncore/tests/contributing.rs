//! The op and the optimizer's step that CONTRIBUTING.md shows, compiled and held to what the page says of it. `tests/docs` compares the two texts.
#[macro_use]
extern crate nncore;
// The file is written as one of the core's own: what it imports from `crate` is found here.
use nncore::op::{Function, Op, Signature};
pub use nncore::{backward, capture, dispatch, grad, op, ops, Options, Result, Tensor};

#[path = "contributing/squareplus.rs"]
mod squareplus;
use squareplus::{squareplus, Squareplus};
#[path = "contributing/signum.rs"]
mod signum;
use signum::SignumStep;

const POINTS: [f64; 7] = [-30.0, -2.5, -1e-3, 0.0, 0.75, 3.0, 200.0];

fn close(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance * (1.0 + want.abs()), "{what}: {got}, expected {want}")
}

#[test]
fn it_is_the_formula_in_both_precisions() -> Result<()> {
    for b in [4.0, 0.5] {
        let x64 = Tensor::from_slice(&POINTS, &[7])?;
        let x32 = Tensor::from_slice(&POINTS.map(|x| x as f32), &[7])?;
        let (y64, y32) = (squareplus(&x64, b)?.to_vec::<f64>()?, squareplus(&x32, b)?.to_vec::<f32>()?);
        for (k, x) in POINTS.iter().enumerate() {
            let want = (x + (x * x + b).sqrt()) / 2.0;
            close(y64[k], want, 1e-12, "float64");
            close(y32[k] as f64, want, 1e-6, "float32");
        }
    }
    Ok(())
}

#[test]
fn its_gradient_and_the_gradient_of_that_are_the_derivatives() -> Result<()> {
    let b = 4.0;
    let x = Tensor::from_slice(&POINTS, &[7])?.leaf();
    let y = ops::sum::sum(&squareplus(&x, b)?)?;
    let first = grad(&y, &[&x], None, Options { create_graph: true, retain_graph: true })?;
    let first = first[0].as_ref().expect("y depends on x");
    let second = grad(&ops::sum::sum(first)?, &[&x], None, Default::default())?;
    let (first, second) = (first.to_vec::<f64>()?, second[0].as_ref().expect("a slope").to_vec::<f64>()?);
    for (k, x) in POINTS.iter().enumerate() {
        let root = (x * x + b).sqrt();
        close(first[k], (1.0 + x / root) / 2.0, 1e-12, "first");
        close(second[k], b / (2.0 * root.powi(3)), 1e-12, "second");
    }
    Ok(())
}

#[test]
fn it_is_captured_and_described() -> Result<()> {
    let x = Tensor::from_slice(&[1.0f32, -2.0], &[2])?;
    let (_, mut program) = capture::record(&[x], |args| Ok(vec![squareplus(&args[0], 4.0)?]))?;
    let other = Tensor::from_slice(&[0.0f32, 3.0], &[2])?;
    let replayed = program.replay(&[&other])?;
    assert_eq!(replayed[0].to_vec::<f32>()?, squareplus(&other, 4.0)?.to_vec::<f32>()?);
    let info = Squareplus::info();
    assert_eq!((info.name, info.public, info.attrs[0].name), ("squareplus", true, "b"));
    assert_eq!(<Squareplus as Function>::cases().len(), <Squareplus as Op>::samples().len());
    Ok(())
}

#[test]
fn the_step_is_its_formula_in_both_precisions() -> Result<()> {
    let (start, grads) = ([1.0, -2.0, 0.5], [[0.3, -0.1, 0.0], [-0.9, -0.2, 0.4], [0.1, 0.6, -0.1]]);
    let (lr, momentum) = (0.25, 0.5);
    let (mut want, mut m) = (start, [0.0f64; 3]);
    let (p64, p32) = (Tensor::from_slice(&start, &[3])?, Tensor::from_slice(&start.map(|x| x as f32), &[3])?);
    let (m64, m32) = (Tensor::from_slice(&[0.0f64; 3], &[3])?, Tensor::from_slice(&[0.0f32; 3], &[3])?);
    let (counts, rate) = ([Tensor::scalar(0.0f64)?, Tensor::scalar(0.0f64)?], Tensor::scalar(lr)?);
    for g in grads {
        let (g64, g32) = (Tensor::from_slice(&g, &[3])?, Tensor::from_slice(&g.map(|x| x as f32), &[3])?);
        let ins = [&p64, &p32, &g64, &g32, &m64, &m32, &counts[0], &counts[1], &rate].map(Some);
        dispatch::apply(&SignumStep { momentum, maximize: false }, &ins)?;
        for i in 0..3 {
            m[i] = momentum * m[i] + (1.0 - momentum) * g[i];
            want[i] -= lr * if m[i] == 0.0 { 0.0 } else { m[i].signum() };
        }
    }
    // Steps of a quarter are exact.
    assert_eq!(p64.to_vec::<f64>()?, want);
    assert_eq!(p32.to_vec::<f32>()?, want.map(|x| x as f32));
    assert_eq!(counts.each_ref().map(|c| c.item().expect("a scalar")), [3.0, 3.0]);
    assert_eq!(<SignumStep as Function>::cases().len(), 1);
    Ok(())
}
