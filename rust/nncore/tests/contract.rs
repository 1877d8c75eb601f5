//! Tests made from the ops' definitions alone: every op of the list is held to its contract on its own samples.
use nncore::op::{Attr, Ints, OpInfo, Outputs};
use nncore::ops::{self, copy, mul, permute::Permute, sum};
use nncore::{backward, capture, dispatch, grad, no_grad, DType, Tensor};

type Inputs = Vec<Option<Tensor>>;

fn refs(v: &[Option<Tensor>]) -> Vec<Option<&Tensor>> {
    v.iter().map(|t| t.as_ref()).collect()
}
fn own(v: &[Option<Tensor>]) -> Inputs {
    v.iter().map(|t| t.as_ref().map(|t| copy::fresh(&t.detach()).unwrap())).collect()
}
fn call(info: &OpInfo, attrs: &[Attr], ins: &[Option<Tensor>]) -> Outputs {
    (info.call)(attrs, &refs(ins)).unwrap_or_else(|e| panic!("{} {attrs:?}: {e}", info.name))
}
fn values(t: &Tensor) -> Vec<f64> {
    t.to_f64s().unwrap()
}
/// Every bit, so that NaN equals itself.
fn bits(t: &Tensor) -> Vec<u64> {
    values(t).into_iter().map(f64::to_bits).collect()
}
/// The same values behind strides that are not row-major.
fn odd(t: &Tensor) -> Tensor {
    let order: Ints = (0..t.spec.rank() as i64).rev().collect();
    let flip = |t: &Tensor| dispatch::one(&Permute { dims: order.clone() }, &[t]).unwrap();
    let turned = copy::to_layout(&flip(&t.detach()), nncore::op::Layout::Contiguous).unwrap();
    flip(&copy::fresh(&turned).unwrap())
}
/// A scalar that depends on every float output, each element with a weight of its own.
fn total(outs: &[Tensor]) -> Option<Tensor> {
    let mut all: Option<Tensor> = None;
    for (k, t) in outs.iter().enumerate().filter(|(_, t)| t.spec.dtype.is_float()) {
        let w = no_grad(|| ops::cast::cast(&ops::sample(77 + k as u64, t.spec.dims()), t.spec.dtype)).unwrap();
        let s = sum::sum(&mul::mul(t, &w).unwrap()).unwrap();
        all = Some(match all {
            None => s,
            Some(a) => ops::add::add(&a, &s).unwrap(),
        })
    }
    all
}
fn each_case(mut f: impl FnMut(&'static OpInfo, &[Attr], &Inputs)) {
    for info in ops::all() {
        for case in (info.cases)() {
            f(info, &case.attrs, &case.inputs)
        }
    }
}
fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= tolerance * (1.0 + b.abs())
}

#[test]
fn every_op_has_samples_and_documentation() {
    for info in ops::all() {
        assert!(!(info.cases)().is_empty(), "{} has no samples", info.name);
        assert!(info.doc.trim().len() > 15, "{} has no documentation", info.name);
        // A parameter without a default must not follow one with a default.
        let inputs = info.inputs.iter().map(|i| (i.name, i.arity == nncore::op::Arity::Optional));
        let mut all: Vec<_> = inputs.chain(info.attrs.iter().map(|a| (a.name, a.default.is_some()))).collect();
        if !info.order.is_empty() {
            let place = |name| info.order.iter().position(|o| *o == name).expect("the order names every parameter");
            all.sort_by_key(|(name, _)| place(*name));
        }
        let optional = all.into_iter().map(|(_, optional)| optional);
        let mut seen = false;
        for o in optional {
            assert!(o || !seen, "{}: a parameter without a default follows one with a default", info.name);
            seen |= o;
        }
    }
    let mut names: Vec<_> = ops::all().map(|o| o.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "two ops of one name");
}

#[test]
fn strides_of_inputs_do_not_change_results() {
    each_case(|info, attrs, inputs| {
        // Steps of optimizers walk parameter, gradient and state as one: they must lie alike.
        if info.mutates && info.inputs.iter().any(|i| i.arity == nncore::op::Arity::List) {
            return;
        }
        let want = call(info, attrs, &own(inputs));
        let total = inputs.len();
        let strided: Inputs = inputs
            .iter()
            .enumerate()
            .map(|(i, t)| {
                t.as_ref().map(|t| if info.input(i, total).mutated { copy::fresh(t).unwrap() } else { odd(t) })
            })
            .collect();
        let got = call(info, attrs, &strided);
        for (a, b) in got.iter().zip(&want) {
            assert_eq!(a.spec.dims(), b.spec.dims(), "{}", info.name);
            for (a, b) in values(a).iter().zip(values(b)) {
                assert!(close(*a, b, 1e-12), "{} {attrs:?}: {a} with strides, {b} without", info.name)
            }
        }
    });
}

#[test]
fn dtypes_and_strides_may_differ_at_once() {
    each_case(|info, attrs, inputs| {
        let total_in = inputs.len();
        if info.mutates {
            return;
        }
        for (k, t) in inputs.iter().enumerate() {
            let p = info.input(k, total_in);
            let Some(t) = t.as_ref().filter(|t| (p.promote || p.float) && t.spec.dtype == DType::F64) else { continue };
            let single = ops::cast::cast(t, DType::F32).unwrap();
            let mixed: Inputs = (0..total_in)
                .map(|i| {
                    let t = inputs[i].as_ref().map(|t| if i == k { single.clone() } else { odd(t) })?;
                    Some(if t.spec.dtype.is_float() && !info.input(i, total_in).constant { t.leaf() } else { t })
                })
                .collect();
            let widened: Inputs = (0..total_in)
                .map(|i| if i == k { Some(ops::cast::cast(&single, DType::F64).unwrap()) } else { inputs[i].clone() })
                .collect();
            let got = match (info.call)(attrs, &refs(&mixed)) {
                // Inputs that do not promote may refuse to stand beside another dtype.
                Err(e) if matches!(e.kind, nncore::Kind::DType | nncore::Kind::Shape) => continue,
                got => got.unwrap(),
            };
            let want = call(info, attrs, &own(&widened));
            for (a, b) in got.iter().zip(&want) {
                for (a, b) in values(a).iter().zip(values(b)) {
                    assert!(close(*a, b, 1e-5), "{} {attrs:?} input {k} in float32: {a}, {b}", info.name)
                }
            }
            let Some(y) = total(&got[..1]).filter(|y| y.requires_grad()) else { continue };
            if backward(&y, None, Default::default()).is_ok() {
                for t in mixed.iter().flatten() {
                    let Some(g) = t.grad() else { continue };
                    assert_eq!(g.spec.dtype, t.spec.dtype, "{}: the dtype of a gradient", info.name);
                    assert_eq!(g.spec.dims(), t.spec.dims(), "{}: the shape of a gradient", info.name);
                }
            }
        }
    });
}

#[test]
fn float32_agrees_with_float64() {
    each_case(|info, attrs, inputs| {
        let to32 =
            |t: &Tensor| if t.spec.dtype == DType::F64 { ops::cast::cast(t, DType::F32).unwrap() } else { t.clone() };
        // Scalars that an optimizer reads stay float64.
        if info.mutates {
            return;
        }
        let want = call(info, attrs, &own(inputs));
        let single: Inputs = inputs.iter().map(|t| t.as_ref().map(to32)).collect();
        let got = call(info, attrs, &single);
        for (a, b) in got.iter().zip(&want) {
            for (a, b) in values(a).iter().zip(values(b)) {
                assert!(close(*a, b, 1e-5), "{} {attrs:?}: {a} in float32, {b} in float64", info.name)
            }
        }
    });
}

#[test]
fn replayed_equals_eager() {
    each_case(|info, attrs, inputs| {
        let (ins, twin) = (own(inputs), own(inputs));
        let recorded = capture::record(&[], |_| Ok((info.call)(attrs, &refs(&ins))?.into_vec()));
        // What the host has to read (how long a masked selection is) can not be recorded, and says so.
        if recorded.as_ref().is_err_and(|e| e.kind == nncore::Kind::HostRead) {
            return;
        }
        let (first, mut program) = recorded.unwrap();
        let replayed = program.replay(&[]).unwrap();
        let (once, twice) = (call(info, attrs, &twin), call(info, attrs, &twin));
        // Views of a mutated input see the second change too, so only fresh outputs tell the two calls apart.
        for ((f, r), (a, b)) in first.iter().zip(&replayed).zip(once.iter().zip(&twice)) {
            if !info.mutates {
                assert_eq!(bits(f), bits(a), "{}: recording changes the result", info.name);
            }
            assert_eq!(bits(r), bits(b), "{}: the replay differs", info.name);
        }
        for (a, b) in ins.iter().flatten().zip(twin.iter().flatten()) {
            assert_eq!(bits(a), bits(b), "{}: changed inputs differ after a replay", info.name);
        }
    });
}

/// Central differences of `f` at `x`, element by element.
fn numeric(x: &Tensor, f: &dyn Fn(&Tensor) -> f64) -> Vec<f64> {
    let (base, h) = (values(x), 1e-5);
    (0..base.len())
        .map(|e| {
            let at = |h: f64| {
                let mut moved = base.clone();
                moved[e] += h;
                f(&Tensor::from_slice(&moved, x.spec.dims()).unwrap())
            };
            (at(h) - at(-h)) / (2.0 * h)
        })
        .collect()
}
/// Gradients by `grad` and by differences, for every float64 input that is not changed in place.
fn check_gradients(info: &OpInfo, attrs: &[Attr], inputs: &Inputs, second: bool) {
    let total_of = inputs.len();
    let moves = |i: usize| {
        inputs[i].as_ref().is_some_and(|t| t.spec.dtype == DType::F64) && {
            let p = info.input(i, total_of);
            !p.mutated && !p.constant
        }
    };
    // What is differentiated: the op's total, or the total of the op's first gradients.
    let objective = |ins: &Inputs| -> Option<Tensor> {
        let outs = call(info, attrs, ins);
        // Differences of rounded values say nothing.
        if outs.iter().any(|t| t.spec.dtype == DType::F32) {
            return None;
        }
        // What is not returned is for the gradient alone.
        let out = total(&outs[..info.returns.min(outs.len())])?;
        if !second || !out.requires_grad() {
            return Some(out);
        }
        let wanted: Vec<&Tensor> = ins.iter().flatten().filter(|t| t.requires_grad()).collect();
        let options = nncore::Options { create_graph: true, retain_graph: true };
        let first = match grad(&out, &wanted, None, options) {
            Err(e) if e.text == "has no gradient" => return None,
            got => got.unwrap(),
        };
        let first: Vec<Tensor> = first.into_iter().flatten().collect();
        total(&first)
    };
    let leaves = |i: usize, moved: Option<&Tensor>| -> Inputs {
        let mut v = own(inputs);
        for (k, t) in v.iter_mut().enumerate() {
            if let (Some(m), true) = (moved, k == i) {
                *t = Some(m.clone())
            }
            if moves(k) {
                *t = t.as_ref().map(|t| t.leaf())
            }
        }
        v
    };
    let ins = leaves(0, None);
    let Some(out) = objective(&ins) else { return };
    if !out.requires_grad() {
        // The first gradient is constant.
        return;
    }
    let at: Vec<usize> = (0..inputs.len()).filter(|&i| moves(i)).collect();
    let wanted: Vec<&Tensor> = at.iter().map(|&i| ins[i].as_ref().unwrap()).collect();
    let got = match grad(&out, &wanted, None, Default::default()) {
        // A gradient may lack one of its own; what users call has one.
        Err(e) if e.text == "has no gradient" => {
            return assert!(second || !info.public, "{} has no gradient", info.name)
        }
        got => got.unwrap(),
    };
    for (g, &i) in got.iter().zip(&at) {
        let x = inputs[i].as_ref().unwrap();
        let want = numeric(x, &|m| objective(&leaves(i, Some(m))).unwrap().item().unwrap());
        let g = g.as_ref().map_or_else(|| vec![0.0; want.len()], values);
        for (e, (a, b)) in g.iter().zip(&want).enumerate() {
            assert!(
                close(*a, *b, 2e-6),
                "{} {attrs:?}: gradient of input {i}[{e}] is {a}, differences say {b} (second: {second})",
                info.name
            );
        }
    }
}
#[test]
fn gradients_agree_with_differences() {
    let mut checked = 0;
    each_case(|info, attrs, inputs| {
        if !info.outputs.is_empty() {
            check_gradients(info, attrs, inputs, false);
            checked += 1;
        }
    });
    assert!(checked > 20);
}
#[test]
fn gradients_of_gradients_agree_with_differences() {
    // Where an op's gradient has none itself, asking for it is an error, not a wrong number.
    each_case(|info, attrs, inputs| check_gradients(info, attrs, inputs, true));
}

#[test]
fn a_gradient_reaches_a_leaf_and_adds_up() {
    let x = Tensor::from_slice(&[1.0f32, 2.0], &[2]).unwrap().leaf();
    for n in 1..4 {
        backward(&sum::sum(&mul::mul(&x, &x).unwrap()).unwrap(), None, Default::default()).unwrap();
        assert_eq!(x.grad().unwrap().to_vec::<f32>().unwrap(), [2.0 * n as f32, 4.0 * n as f32]);
    }
}
#[test]
fn an_overwritten_value_is_caught_and_its_op_named() {
    let x = Tensor::from_slice(&[1.0f32, 2.0], &[2]).unwrap().leaf();
    let w = Tensor::from_slice(&[3.0f32, 4.0], &[2]).unwrap();
    let y = sum::sum(&mul::mul(&x, &w).unwrap()).unwrap();
    dispatch::apply(&ops::assign::Assign {}, &[Some(&w), Some(&Tensor::scalar(0f32).unwrap())]).unwrap();
    let e = backward(&y, None, Default::default()).unwrap_err();
    assert_eq!((e.kind, e.op), (nncore::Kind::Overwritten, "mul"));
}
#[test]
fn a_long_tape_is_walked_and_dropped_without_recursion() {
    let one = Tensor::scalar(1.0f32).unwrap();
    let x = Tensor::scalar(0.0f32).unwrap().leaf();
    let mut y = x.clone();
    for _ in 0..200_000 {
        y = ops::add::add(&y, &one).unwrap();
    }
    backward(&y, None, nncore::Options { retain_graph: true, ..Default::default() }).unwrap();
    assert_eq!(x.grad().unwrap().item().unwrap(), 1.0);
    drop(y);
}
