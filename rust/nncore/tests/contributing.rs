//! The op that CONTRIBUTING.md shows, compiled and held to what the page says of it. `tests/docs` compares the two texts.
#[macro_use]
extern crate nncore;
// The file is written as one of the core's own: what it imports from `crate` is found here.
use nncore::op::{Function, Op, Signature};
pub use nncore::{backward, capture, dispatch, grad, op, ops, Options, Result, Tensor};

#[path = "contributing/squareplus.rs"]
mod squareplus;
use squareplus::{squareplus, Squareplus};

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
