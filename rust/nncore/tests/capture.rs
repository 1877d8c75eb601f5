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
    assert_eq!(e.err().unwrap().kind, Kind::HostRead);
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
