//! Captured steps: replayed equals eager to the bit, and what can not be captured is refused by name.
mod common;
use common::{batch, LeNet};
use nncore::{capture, dispatch, ops, Kind, Tensor};
use nncore_kernels::pool;

/// 100 steps with dropout, momentum and a changing learning rate.
fn run(captured: bool, threads: usize) -> (Vec<u32>, Vec<u32>) {
    pool::with_threads(threads, || {
        let net = LeNet::new(3, 0.4).unwrap();
        let mut program = None;
        let mut losses = vec![];
        for k in 0..100 {
            net.set_lr(0.05 / (1.0 + k as f64 / 30.0)).unwrap();
            let (x, y) = batch(10 + k, 16);
            let loss = match (&mut program, captured && k > 0) {
                (_, false) => net.step(&x, &y).unwrap(),
                (None, true) => {
                    let (mut out, p) = capture::record(&[x, y], |a| Ok(vec![net.step(&a[0], &a[1])?])).unwrap();
                    program = Some(p);
                    out.swap_remove(0)
                }
                (Some(p), true) => p.replay(&[&x, &y]).unwrap().swap_remove(0),
            };
            losses.push((loss.item().unwrap() as f32).to_bits());
        }
        (net.bits(), losses)
    })
}
#[test]
fn a_hundred_steps_replayed_give_the_bits_of_eager() {
    let (eager, eager_losses) = run(false, 1);
    let (replayed, replayed_losses) = run(true, 1);
    assert_eq!(eager_losses, replayed_losses);
    assert!(eager == replayed, "parameters or velocities differ");
    let (first, last) = (f32::from_bits(eager_losses[0]), f32::from_bits(eager_losses[99]));
    assert!(first.is_finite() && last.is_finite());
}
#[test]
fn a_hundred_steps_give_the_same_bits_on_one_and_two_threads() {
    assert!(run(false, 1) == run(false, 2), "eager bits depend on the number of threads");
    assert!(run(true, 1) == run(true, 2), "replayed bits depend on the number of threads");
}
#[test]
fn the_plan_takes_less_memory_than_its_buffers_side_by_side() {
    let net = LeNet::new(1, 0.0).unwrap();
    let (x, y) = batch(1, 16);
    net.step(&x, &y).unwrap();
    let (_, p) = capture::record(&[x, y], |a| Ok(vec![net.step(&a[0], &a[1])?])).unwrap();
    let r = p.report();
    assert!(r.arena_bytes < r.sum_bytes * 3 / 4, "{r}");
    assert!(r.reused > 0 && r.planned > 10 && r.pinned >= 10, "{r}");
}
#[test]
fn another_shape_is_a_guard_error_that_says_what_was_recorded() {
    let net = LeNet::new(1, 0.0).unwrap();
    let (x, y) = batch(1, 8);
    let (_, mut p) = capture::record(&[x, y], |a| Ok(vec![net.step(&a[0], &a[1])?])).unwrap();
    let (x, y) = batch(1, 4);
    let e = p.replay(&[&x, &y]).unwrap_err();
    assert_eq!(e.kind, Kind::Guard);
    assert!(e.text.contains("8, 1, 28, 28") && e.text.contains("4, 1, 28, 28"), "{e}");
}
#[test]
fn a_host_read_inside_a_step_is_refused() {
    let (x, _) = batch(1, 2);
    let e = capture::record(&[x], |a| {
        let y = ops::sum::sum(&a[0])?;
        y.item()?;
        Ok(vec![y])
    });
    let e = e.err().unwrap();
    assert_eq!(e.kind, Kind::HostRead);
    assert!(e.text.contains("ran to its end, once"), "{e}");
    assert!(!dispatch::recording());
}
#[test]
fn a_tensor_that_outlives_the_step_is_refused_by_the_name_of_its_op() {
    let (x, _) = batch(1, 2);
    let mut kept: Option<Tensor> = None;
    let e = capture::record(&[x], |a| {
        kept = Some(ops::relu::relu(&a[0])?);
        Ok(vec![ops::sum::sum(&a[0])?])
    });
    let e = e.err().unwrap();
    assert_eq!((e.kind, e.op), (Kind::Capture, "relu"));
}
#[test]
fn a_bad_label_is_refused_before_anything_is_changed() {
    let net = LeNet::new(1, 0.2).unwrap();
    let (x, y) = batch(1, 4);
    net.step(&x, &y).unwrap();
    let (_, mut p) = capture::record(&[x.clone(), y], |a| Ok(vec![net.step(&a[0], &a[1])?])).unwrap();
    let (bits, draws) = (net.bits(), net.generator.to_vec::<i64>().unwrap());
    let bad = Tensor::from_slice(&[1i64, 2, 10, 3], &[4]).unwrap();
    let e = p.replay(&[&x, &bad]).unwrap_err();
    assert_eq!(e.kind, Kind::Value);
    assert!(e.to_string().contains("10"), "{e}");
    assert!(
        bits == net.bits() && draws == net.generator.to_vec::<i64>().unwrap(),
        "the refused step changed something"
    );
}
#[test]
fn arguments_that_share_memory_stay_apart() {
    let base = Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0], &[4]).unwrap();
    let half = |start| Tensor { offset: start, spec: nncore::Spec::new(nncore::DType::F32, &[2]), ..base.clone() };
    let (_, mut p) = capture::record(&[half(0), half(2)], |a| Ok(vec![ops::sub::sub(&a[0], &a[1])?])).unwrap();
    let out = p.replay(&[&half(2), &half(0)]).unwrap();
    assert_eq!(out[0].to_vec::<f32>().unwrap(), [2.0, 2.0]);
}

/// `x += 1`, recorded.
fn counting() -> capture::Program {
    let one = Tensor::from_slice(&[1.0f32], &[1]).unwrap();
    let x = Tensor::from_slice(&[0.0f32], &[1]).unwrap();
    let step = |a: &[Tensor]| {
        dispatch::apply(&ops::assign::Accumulate {}, &[Some(&a[0]), Some(&one)])?;
        Ok(vec![])
    };
    capture::record(&[x], step).unwrap().1
}
#[test]
fn a_replay_bumps_the_version_of_an_argument_that_it_changes() {
    let x = Tensor::from_slice(&[5.0f32], &[1]).unwrap();
    let before = x.storage.version();
    counting().replay(&[&x]).unwrap();
    assert_eq!(x.to_vec::<f32>().unwrap(), [6.0]);
    assert!(x.storage.version() > before);
}
#[test]
fn a_replay_refuses_to_change_read_only_memory() {
    let own = Tensor::from_slice(&[5.0f32], &[1]).unwrap();
    let s = &own.storage;
    // The guard keeps the memory alive.
    let storage = unsafe { nncore::Storage::foreign(s.device(), s.ptr(), s.bytes(), true, Box::new(s.clone())) };
    let x = Tensor { storage, ..own.clone() };
    assert_eq!(counting().replay(&[&x]).unwrap_err().kind, Kind::Guard);
    assert_eq!(own.to_vec::<f32>().unwrap(), [5.0]);
}
#[test]
fn a_host_read_lets_the_step_run_to_its_end() {
    let x = Tensor::from_slice(&[0.0f32], &[1]).unwrap();
    let one = Tensor::from_slice(&[1.0f32], &[1]).unwrap();
    let add = || dispatch::apply(&ops::assign::Accumulate {}, &[Some(&x), Some(&one)]);
    let e = capture::record(&[], |_| {
        add()?;
        assert_eq!(x.item()?, 1.0);
        add()?;
        Ok(vec![])
    });
    assert_eq!(e.err().unwrap().kind, Kind::HostRead);
    assert_eq!(x.to_vec::<f32>().unwrap(), [2.0]);
}

#[test]
fn turning_a_gradient_off_is_a_guard_and_a_step_that_turns_it_leaves_it_so() {
    let leaf = || Tensor::from_slice(&[3.0f32], &[1]).unwrap().leaf();
    let (w, v, x) = (leaf(), leaf(), Tensor::from_slice(&[2.0f32], &[1]).unwrap());
    let step = |a: &[Tensor]| {
        v.set_requires_grad(false)?;
        w.set_grad(None)?;
        let y = ops::sum::sum(&ops::mul::mul(&ops::mul::mul(&a[0], &w)?, &v)?)?;
        nncore::backward(&y, None, Default::default())?;
        Ok(vec![])
    };
    let (_, mut p) = capture::record(std::slice::from_ref(&x), step).unwrap();
    v.set_requires_grad(true).unwrap();
    p.replay(&[&x]).unwrap();
    assert!(!v.requires_grad(), "the step turns it off");
    let e = p.replay(&[&x]).unwrap_err();
    assert_eq!(e.kind, Kind::Guard);
    v.set_requires_grad(true).unwrap();
    w.set_requires_grad(false).unwrap();
    let e = p.replay(&[&x]).unwrap_err();
    assert_eq!(e.kind, Kind::Guard);
    assert!(e.text.contains("requires_grad"), "{e}");
    w.set_requires_grad(true).unwrap();
    p.replay(&[&x]).unwrap();
}

/// Logits of one row of three classes.
fn logits() -> Tensor {
    Tensor::from_slice(&[0.5f32, 0.25, 0.125], &[1, 3]).unwrap()
}
/// `b` becomes 2, and then `a` holds the labels: a check that can be made early where the two are apart.
fn filled(a: &[Tensor]) -> nncore::Result<Vec<Tensor>> {
    let two = ops::full::Full { shape: [1].into_iter().collect(), value: 2.0, dtype: nncore::DType::I64 };
    let two = dispatch::one(&two, &[])?;
    dispatch::apply(&ops::assign::Assign {}, &[Some(&a[1]), Some(&two)])?;
    Ok(vec![ops::cross_entropy::cross_entropy(&a[2], &a[0])?])
}
#[test]
fn arguments_that_share_changed_memory_are_a_guard() {
    let label = |v: i64| Tensor::from_slice(&[v], &[1]).unwrap();
    let (a, b) = (label(1), label(0));
    let (_, mut p) = capture::record(&[a, b.clone(), logits()], filled).unwrap();
    p.replay(&[&label(1), &b, &logits()]).unwrap();
    let both = label(0);
    let e = p.replay(&[&both, &both, &logits()]).unwrap_err();
    assert_eq!(e.kind, Kind::Guard);
    assert!(p.entangled(&[&both, &both, &logits()]) && !p.entangled(&[&label(0), &both, &logits()]));
    assert_eq!(both.to_vec::<i64>().unwrap(), [0], "the refused step changed something");
}
#[test]
fn an_argument_on_memory_that_the_step_changes_is_a_guard() {
    let net = LeNet::new(1, 0.0).unwrap();
    let (x, y) = batch(1, 4);
    let bias = net.params[9].detach();
    let step = |a: &[Tensor]| {
        let loss = net.step(&a[0], &a[1])?;
        Ok(vec![ops::add::add(&loss, &ops::sum::sum(&a[2])?)?])
    };
    let other = Tensor::from_slice(&[0.0f32; 10], &[10]).unwrap();
    let (_, mut p) = capture::record(&[x.clone(), y.clone(), other.clone()], step).unwrap();
    p.replay(&[&x, &y, &other]).unwrap();
    assert_eq!(p.replay(&[&x, &y, &bias]).unwrap_err().kind, Kind::Guard);
}
#[test]
fn a_replay_that_fails_on_its_way_bumps_what_it_may_have_changed() {
    // The labels are made by the step, so that they can only be checked after the first change.
    let count = Tensor::from_slice(&[0i64], &[1]).unwrap();
    let one = Tensor::from_slice(&[1i64], &[1]).unwrap();
    let step = |a: &[Tensor]| {
        let value = ops::add::add(&count, &one)?;
        dispatch::apply(&ops::assign::Assign {}, &[Some(&count), Some(&value)])?;
        Ok(vec![ops::cross_entropy::cross_entropy(&a[0], &count)?])
    };
    let (_, mut p) = capture::record(&[logits()], step).unwrap();
    p.replay(&[&logits()]).unwrap();
    let version = count.storage.version();
    assert_eq!(p.replay(&[&logits()]).unwrap_err().kind, Kind::Value, "label 3 of 3 classes");
    assert_eq!(count.to_vec::<i64>().unwrap(), [3]);
    assert!(count.storage.version() > version);
}
#[test]
fn a_change_of_an_argument_is_seen_by_its_gradient_while_recording() {
    let w = Tensor::from_slice(&[3.0f32], &[1]).unwrap().leaf();
    let x = Tensor::from_slice(&[2.0f32], &[1]).unwrap();
    let e = capture::record(&[x.clone(), x], |a| {
        let y = ops::sum::sum(&ops::mul::mul(&w, &a[0])?)?;
        dispatch::apply(&ops::assign::Accumulate {}, &[Some(&a[1]), Some(&a[0])])?;
        nncore::backward(&y, None, Default::default())?;
        Ok(vec![])
    });
    assert_eq!(e.err().unwrap().kind, Kind::Overwritten);
}
