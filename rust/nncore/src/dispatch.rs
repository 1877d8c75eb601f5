//! The one way through: promote, lay out, infer, allocate, run, tape, record.
use crate::capture::recorder::Recorder;
use crate::device::{self, Device};
use crate::error::{err, Error, Kind, Result};
use crate::op::*;
use crate::ops::{cast, copy};
use crate::profile;
use crate::shape::Spec;
use crate::tape;
use crate::tensor::{Edge, Leaf, Tensor};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

const NO_GRAD: u8 = 1;
const RECORD: u8 = 2;
thread_local! {
    static MODE: Cell<u8> = const { Cell::new(0) };
    static RECORDER: RefCell<Option<Box<Recorder>>> = const { RefCell::new(None) };
}

/// Is a step being recorded on this thread?
#[inline]
pub fn recording() -> bool {
    MODE.get() & RECORD != 0
}
#[inline]
pub fn grad_enabled() -> bool {
    MODE.get() & NO_GRAD == 0
}
/// Sets this thread's mode back when it goes.
pub struct Mode(u8);
impl Drop for Mode {
    fn drop(&mut self) {
        MODE.set(self.0)
    }
}
/// Turns the tape on or off until the guard goes.
#[must_use]
pub fn set_grad(on: bool) -> Mode {
    let old = MODE.get();
    MODE.set(if on { old & !NO_GRAD } else { old | NO_GRAD });
    Mode(old)
}
/// Turns the tape on or off for good; gives back what it was.
pub fn switch_grad(on: bool) -> bool {
    let was = grad_enabled();
    std::mem::forget(set_grad(on));
    was
}
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    let _mode = set_grad(false);
    f()
}
/// Runs `f` while `recorder` writes down every op of this thread.
pub fn record<R>(recorder: Recorder, f: impl FnOnce() -> R) -> Result<(R, Recorder)> {
    if recording() {
        return Err(err(Kind::Capture, "a captured step can not be recorded inside another one"));
    }
    struct Stop(u8);
    impl Drop for Stop {
        fn drop(&mut self) {
            MODE.set(self.0);
            RECORDER.with_borrow_mut(|r| *r = None);
        }
    }
    let stop = Stop(MODE.get());
    RECORDER.with_borrow_mut(|r| *r = Some(Box::new(recorder)));
    MODE.set(MODE.get() | RECORD);
    let out = f();
    MODE.set(stop.0);
    let recorder = RECORDER.with_borrow_mut(|r| r.take()).expect("a recorder");
    Ok((out, *recorder))
}
/// Tells the recorder, if there is one, of a tensor that was made from the host's data.
pub fn note_host_data(t: &Tensor) {
    recorder(|r| r.host_data(t))
}
/// Tells the recorder, if there is one, that this step can not become a program. The step itself goes on: cut off in the
/// middle it would leave half of its changes.
#[cold]
pub fn refuse(e: Box<Error>) {
    recorder(|r| r.refuse(e))
}
#[inline]
fn recorder(f: impl FnOnce(&mut Recorder)) {
    if recording() {
        RECORDER.with_borrow_mut(|r| r.as_deref_mut().map(f));
    }
}
/// Tells the recorder, if there is one, that a leaf's `.grad` is about to be read (or added to), or set.
#[inline]
pub fn note_grad(leaf: &Arc<Leaf>, reads: bool) {
    recorder(|r| r.grad(leaf, reads))
}
/// Tells the recorder, if there is one, that a leaf is about to be turned on or off.
pub fn note_leaf(leaf: &Arc<Leaf>) {
    recorder(|r| r.leaf(leaf))
}

#[cold]
fn tag(mut e: Box<Error>, info: &OpInfo, specs: &[Option<&Spec>]) -> Box<Error> {
    if e.op.is_empty() {
        e.op = info.name;
        e.specs = specs.iter().flatten().take(8).map(|s| **s).collect();
    }
    e
}
/// An error that names no op yet, with this one's name and inputs.
#[cold]
pub fn tag_tensors(e: Box<Error>, info: &OpInfo, ins: &[Option<&Tensor>]) -> Box<Error> {
    tag(e, info, &ins.iter().map(|t| t.map(|t| &t.spec)).collect::<Vec<_>>())
}

/// An error inside a function, in the name that the user called and with what they gave: which ops it is made of is not
/// theirs to know.
#[cold]
pub fn named(mut e: Box<Error>, info: &OpInfo, ins: &[Option<&Tensor>]) -> Box<Error> {
    (e.op, e.specs) = ("", Default::default());
    tag_tensors(e, info, ins)
}

/// A slice of optional references on the stack up to eight, on the heap beyond (optimizers).
macro_rules! on_stack {
    ($n:expr, $ty:ty, $none:expr, $f:expr, $name:ident) => {
        let mut few: [$ty; 8] = [$none; 8];
        let mut many: Vec<$ty>;
        let $name: &[$ty] = if $n <= 8 {
            for i in 0..$n {
                few[i] = $f(i)
            }
            &few[..$n]
        } else {
            many = Vec::with_capacity($n);
            for i in 0..$n {
                many.push($f(i))
            }
            &many
        };
    };
}

/// All inputs given, first result.
#[inline]
pub fn one(op: &dyn DynOp, ins: &[&Tensor]) -> Result<Tensor> {
    on_stack!(ins.len(), Option<&Tensor>, None, |i: usize| Some(ins[i]), v);
    Ok(apply(op, v)?.swap_remove(0))
}
/// Runs an op on the device of its inputs (the CPU where it has none).
pub fn apply(op: &dyn DynOp, ins: &[Option<&Tensor>]) -> Result<Outputs> {
    let info = op.info();
    let mut tracked = false;
    let mut first: Option<&Tensor> = None;
    let mut fits = true;
    for (i, t) in ins.iter().enumerate() {
        let Some(t) = t else { continue };
        tracked |= t.requires_grad();
        let p = info.input(i, ins.len());
        if info.promotes && (p.promote || p.float) {
            match first {
                None if p.float && !t.spec.dtype.is_float() => return promoted(op, ins),
                None => first = Some(t),
                Some(f) if f.spec.dtype != t.spec.dtype => return promoted(op, ins),
                Some(_) => {}
            }
        }
        // All dtypes are looked at before anything is copied: what is cast comes out in another layout.
        fits &= p.layout == Layout::Any || p.layout.accepts(&t.spec);
        if p.mutated {
            may_mutate(t, p).map_err(|e| tag_tensors(e, info, ins))?
        }
    }
    match fits {
        true => run(op, info, ins, ins, tracked),
        false => copied(op, ins),
    }
}
fn may_mutate(t: &Tensor, p: &Input) -> Result<()> {
    if t.storage.read_only {
        return Err(err(Kind::Value, format!("{} is changed in place, but its memory is read-only", p.name)));
    }
    // Strides of an empty tensor mean nothing.
    if !t.spec.is_contiguous() && t.spec.numel() > 0 && t.spec.overlaps() {
        let text =
            format!("{} is changed in place, but it shows one element in several places; change a clone()", p.name);
        return Err(err(Kind::Layout, text));
    }
    if t.requires_grad() && grad_enabled() {
        return Err(err(
            Kind::NoGradient,
            format!("{} is changed in place, but it is on the tape; do it under no_grad(), or write x = x + y", p.name),
        ));
    }
    Ok(())
}
/// Inputs that promote are cast to their common dtype, on the tape.
#[cold]
fn promoted(op: &dyn DynOp, ins: &[Option<&Tensor>]) -> Result<Outputs> {
    let info = op.info();
    let takes_part = |i: usize| {
        let p = info.input(i, ins.len());
        (p.promote || p.float).then_some(p)
    };
    let mut to = None;
    for (i, t) in ins.iter().enumerate() {
        if let (Some(t), Some(p)) = (t, takes_part(i)) {
            let d = if p.float { t.spec.dtype.to_float() } else { t.spec.dtype };
            to = Some(to.map_or(d, |o| d.promote(o)))
        }
    }
    let Some(to) = to else { unreachable!("{}: nothing to promote", info.name) };
    let mut casts: Vec<Option<Tensor>> = vec![None; ins.len()];
    for (i, t) in ins.iter().enumerate() {
        if let (Some(t), Some(p)) = (t, takes_part(i)) {
            if t.spec.dtype != to {
                if p.mutated {
                    let e = err(Kind::DType, format!("{} is changed in place and can not become {to}", p.name));
                    return Err(tag_tensors(e, info, ins));
                }
                casts[i] = Some(cast::cast(t, to)?)
            }
        }
    }
    let ins: Vec<Option<&Tensor>> = ins.iter().zip(&casts).map(|(t, c)| c.as_ref().or(*t)).collect();
    apply(op, &ins)
}
/// Inputs that the kernel can not walk are copied first, by an op of its own, so that a plan sees it.
#[cold]
fn copied(op: &dyn DynOp, ins: &[Option<&Tensor>]) -> Result<Outputs> {
    let info = op.info();
    let mut copies: Vec<Option<Tensor>> = vec![None; ins.len()];
    for (i, t) in ins.iter().enumerate() {
        let Some(t) = t else { continue };
        let p = info.input(i, ins.len());
        if p.layout.accepts(&t.spec) {
            continue;
        }
        if p.mutated {
            let e =
                err(Kind::Layout, format!("{} is changed in place, so it must be {:?} in memory", p.name, p.layout));
            return Err(tag_tensors(e, info, ins));
        }
        copies[i] = Some(no_grad(|| copy::to_layout(&t.detach(), p.layout))?);
    }
    let laid: Vec<Option<&Tensor>> = ins.iter().zip(&copies).map(|(t, c)| c.as_ref().or(*t)).collect();
    run(op, info, ins, &laid, ins.iter().flatten().any(|t| t.requires_grad()))
}

#[inline(always)]
fn run(
    op: &dyn DynOp,
    info: &'static OpInfo,
    ins: &[Option<&Tensor>],
    laid: &[Option<&Tensor>],
    tracked: bool,
) -> Result<Outputs> {
    let n = laid.len();
    on_stack!(n, Option<&Spec>, None, |i: usize| laid[i].map(|t| &t.spec), specs);
    let mut plan = Outs::new();
    if let Err(e) = op.infer(Specs(specs), &mut plan) {
        return Err(tag(e, info, specs));
    }
    let device = device_of(info, laid)?;
    let mut outs = Outputs::new();
    // One that only changes its inputs, or only checks them, has no outputs; one whose outputs are all views, or none, has
    // no kernel.
    let mut runs = plan.is_empty() && (info.mutates || op.facts().checks != 0);
    for o in plan.iter() {
        outs.push(if o.of < 0 {
            runs = true;
            Tensor::empty_on(device, o.spec).map_err(|e| tag(e, info, specs))?
        } else {
            let t = laid[o.of as usize].expect("a view is of an input that was given");
            let offset = (t.offset as isize + o.offset as isize) as usize;
            Tensor { storage: t.storage.clone(), offset, spec: o.spec, edge: Edge::None }
        });
    }
    if runs {
        let view = |t: &'_ Tensor| -> View<'_> {
            View {
                storage: unsafe { &*(&*t.storage as *const _) },
                offset: t.offset,
                spec: unsafe { &*(&t.spec as *const _) },
            }
        };
        on_stack!(n, Option<View>, None, |i: usize| laid[i].map(view), in_views);
        let mut out_views: smallvec::SmallVec<[View; 4]> = smallvec::SmallVec::new();
        for t in &outs {
            out_views.push(view(t))
        }
        if op.facts().checks != 0 {
            if let Err(e) = device.check(op, in_views) {
                return Err(tag(e, info, specs));
            }
        }
        if let Err(e) = profile::execute(device, op, in_views, &out_views) {
            return Err(tag(e, info, specs));
        }
        if info.mutates {
            bump(info, laid)
        }
    }
    if recording() {
        recorder(|r| r.push(op, ins, laid, &outs, runs))
    }
    // An op without a gradient goes on the tape too: backward through it is then an error, not a silent zero.
    if tracked && grad_enabled() && outs.iter().any(|t| t.spec.dtype.is_float()) {
        tape::append(op.boxed(), ins, laid, &mut outs)
    }
    Ok(outs)
}
#[inline]
fn device_of(info: &OpInfo, ins: &[Option<&Tensor>]) -> Result<&'static dyn Device> {
    let mut device: Option<&'static dyn Device> = None;
    for t in ins.iter().flatten() {
        let d = t.device();
        match device {
            None => device = Some(d),
            Some(first) if std::ptr::addr_eq(first, d) => {}
            Some(first) => {
                let text = format!("all tensors must be on one device, got {} and {}", first.name(), d.name());
                return Err(tag_tensors(err(Kind::Device, text), info, ins));
            }
        }
    }
    Ok(device.unwrap_or_else(device::cpu))
}
fn bump(info: &OpInfo, ins: &[Option<&Tensor>]) {
    for (i, t) in ins.iter().enumerate() {
        if let (Some(t), true) = (t, info.input(i, ins.len()).mutated) {
            t.storage.bump()
        }
    }
}
