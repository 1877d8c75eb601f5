//! A planned step: flat instructions with their memory resolved.
use crate::device::Device;
use crate::dispatch::no_grad;
use crate::error::{err, Error, Kind, Result};
use crate::interrupt;
use crate::op::{Cost, DynOp, View};
use crate::ops::copy;
use crate::profile;
use crate::shape::Spec;
use crate::storage::Storage;
use crate::tensor::{Edge, Leaf, Tensor};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub(super) struct Instruction {
    pub op: Box<dyn DynOp>,
    pub ins: Range<usize>,
    pub outs: Range<usize>,
    /// Where it was called, if it was recorded under a profile.
    pub place: profile::Place,
}
/// An input that looks at an argument: where, which one, and how many elements from its start.
pub(super) struct Patch {
    pub view: usize,
    pub arg: usize,
    pub offset: isize,
}

/// From the first byte that a tensor may reach to behind the last one.
pub(super) type Window = (usize, usize);
pub(super) fn window(storage: &Storage, offset: usize, spec: &Spec) -> Window {
    let (low, high) = spec.reach();
    let at = |elements: isize| {
        (storage.ptr() as usize).wrapping_add_signed((offset as isize + elements) * spec.dtype.size() as isize)
    };
    (at(low), at(high))
}

/// A leaf whose `.grad` the step reads or sets.
pub(super) struct Sink {
    pub leaf: Arc<Leaf>,
    /// What `.grad` must be for the step to begin: a block of memory, or nothing. None where it does not matter.
    pub before: Option<Option<Arc<Storage>>>,
    /// What it is afterwards.
    pub after: Option<Tensor>,
}

/// One step, ready to run again and again.
pub struct Program {
    device: &'static dyn Device,
    pub(super) instructions: Vec<Instruction>,
    /// Instructions whose checks can be made before the first one runs.
    pub(super) early: Vec<usize>,
    pub(super) ins: Vec<Option<View<'static>>>,
    pub(super) outs: Vec<View<'static>>,
    pub(super) patches: Vec<Patch>,
    /// Arguments that the step changes in place.
    pub(super) changes: Vec<usize>,
    pub(super) arena: Arc<Storage>,
    pub(super) mutated: Vec<Arc<Storage>>,
    /// The memory outside the arena that the step looks at, arguments aside, and whether it writes there.
    pub(super) pinned: Vec<(Window, bool)>,
    pub(super) results: Vec<(Tensor, Option<(usize, isize)>)>,
    pub(super) sinks: Vec<Sink>,
    /// Leaves that the step uses: whether each collects a gradient before it, and after it.
    pub(super) flags: Vec<(bool, bool, Arc<Leaf>)>,
    /// What the views point into; never grows past its first capacity, so that it never moves.
    specs: Vec<Spec>,
    keep: Vec<Arc<Storage>>,
    report: Report,
}
// The views' storages are kept by `keep`, their specs by `specs`; `replay` takes `&mut self`.
unsafe impl Send for Program {}

impl Program {
    pub(super) fn new(device: &'static dyn Device, operands: usize, arena: Arc<Storage>, report: Report) -> Program {
        Program {
            device,
            instructions: vec![],
            early: vec![],
            ins: vec![],
            outs: vec![],
            patches: vec![],
            changes: vec![],
            arena,
            mutated: vec![],
            pinned: vec![],
            results: vec![],
            sinks: vec![],
            flags: vec![],
            specs: Vec::with_capacity(operands),
            keep: vec![],
            report,
        }
    }
    /// A view that lives as long as this program.
    pub(super) fn pin(&mut self, storage: Arc<Storage>, offset: usize, spec: Spec) -> View<'static> {
        assert!(self.specs.len() < self.specs.capacity());
        self.specs.push(spec);
        let at = Arc::as_ptr(&storage);
        if !self.keep.iter().rev().take(8).any(|k| Arc::ptr_eq(k, &storage)) {
            self.keep.push(storage);
        }
        // Both are owned by this program and never move.
        unsafe { View { storage: &*at, offset, spec: &*(self.specs.last().expect("just pushed") as *const Spec) } }
    }

    /// Runs the step on new arguments, whose specs must be the recorded ones. Results are fresh tensors. Ctrl-C is answered
    /// before the step, never in the middle of one.
    ///
    /// A step that is refused by a guard or by an early check has changed nothing. One that fails later has changed what the
    /// instructions before did, and the versions of all that it may have changed have moved.
    pub fn replay(&mut self, args: &[&Tensor]) -> Result<Vec<Tensor>> {
        self.guard(args)?;
        interrupt::poll(0)?;
        for p in &self.patches {
            let a = args[p.arg];
            let view = self.ins[p.view].as_mut().expect("a patched input");
            view.offset = (a.offset as isize + p.offset) as usize;
            // The caller holds the argument until the step is done, and no view of it is read after that.
            view.storage = unsafe { &*Arc::as_ptr(&a.storage) };
        }
        for &k in &self.early {
            let i = &self.instructions[k];
            self.device.check(&*i.op, &self.ins[i.ins.clone()]).map_err(|e| named(e, i))?;
        }
        // Before the first instruction: one that fails leaves the changes of those before it.
        for s in &self.mutated {
            s.bump()
        }
        for &a in &self.changes {
            args[a].storage.bump()
        }
        let mut early = self.early.iter().peekable();
        for (k, i) in self.instructions.iter().enumerate() {
            let ins = &self.ins[i.ins.clone()];
            if early.next_if_eq(&&k).is_none() && i.op.facts().checks != 0 {
                self.device.check(&*i.op, ins).map_err(|e| named(e, i))?;
            }
            let _place = profile::within(i.place);
            profile::execute(self.device, &*i.op, ins, &self.outs[i.outs.clone()]).map_err(|e| named(e, i))?;
        }
        for (_, after, leaf) in &self.flags {
            leaf.turn(*after)
        }
        for s in &self.sinks {
            let mut grad = s.leaf.grad();
            if storage_of(&grad) != s.after.as_ref().map(|g| Arc::as_ptr(&g.storage)) {
                *grad = s.after.clone()
            }
        }
        let own = |(t, arg): &(Tensor, Option<(usize, isize)>)| match arg {
            None => copy::fresh(t),
            Some((a, offset)) => {
                let storage = args[*a].storage.clone();
                copy::fresh(&Tensor {
                    storage,
                    offset: (args[*a].offset as isize + offset) as usize,
                    spec: t.spec,
                    edge: Edge::None,
                })
            }
        };
        no_grad(|| self.results.iter().map(own).collect())
    }
    fn guard(&self, args: &[&Tensor]) -> Result<()> {
        let want = &self.report.arguments;
        if args.len() != want.len() {
            return Err(err(
                Kind::Guard,
                format!("the step was recorded with {} arguments, got {}", want.len(), args.len()),
            ));
        }
        for (i, (a, s)) in args.iter().zip(want).enumerate() {
            if a.spec != *s || !std::ptr::addr_eq(a.device(), self.device) {
                return Err(err(
                    Kind::Guard,
                    format!(
                        "argument {i} was {s:?} on {} when recorded and is {:?} on {}",
                        self.device.name(),
                        a.spec,
                        a.device().name()
                    ),
                ));
            }
        }
        // Recording anew gives the error that an eager call would.
        if let Some(i) = self.changes.iter().find(|&&i| args[i].storage.read_only) {
            return Err(err(Kind::Guard, format!("argument {i} is changed in place, but its memory is read-only")));
        }
        if let Some((before, ..)) = self.flags.iter().find(|(before, _, leaf)| leaf.is_on() != *before) {
            let (was, now) = if *before { ("on", "off") } else { ("off", "on") };
            let text =
                format!("requires_grad of a tensor that the step uses was {was} when recorded, and is {now} now");
            return Err(err(Kind::Guard, text));
        }
        if self.entangled(args) {
            let text =
                "arguments share memory that the step changes in place, with each other or with what the step reads \
                        from around it; such a call runs without being recorded";
            return Err(err(Kind::Guard, text));
        }
        for s in &self.sinks {
            let Some(want) = &s.before else { continue };
            let want = want.as_ref().map(Arc::as_ptr);
            if storage_of(&s.leaf.grad()) != want {
                let was = if want.is_some() { "there" } else { "not there" };
                let text = format!(
                    "a gradient that the step adds to, or reads, was {was} when recorded, and is {} now; clear gradients inside \
                     the step, as in optimizer.zero_grad()",
                    if want.is_some() { "another one or none" } else { "there" }
                );
                return Err(err(Kind::Guard, text));
            }
        }
        Ok(())
    }
    /// Does the step change memory that one of these arguments shares with another one, or with what was there before the
    /// step? It was recorded with arguments apart: which checks may be made early, and whether a change comes between an
    /// op and its gradient, depends on that.
    pub fn entangled(&self, args: &[&Tensor]) -> bool {
        let own = |i: usize| window(&args[i].storage, args[i].offset, &args[i].spec);
        let meet = |a: &Window, b: &Window| a.0 < b.1 && b.0 < a.1;
        (0..args.len()).any(|i| {
            let (a, changed) = (own(i), self.changes.contains(&i));
            self.pinned.iter().any(|(p, written)| (changed || *written) && meet(&a, p))
                || changed && (0..args.len()).any(|j| i != j && meet(&a, &own(j)))
        })
    }
    /// Do these arguments fit what was recorded?
    pub fn fits(&self, args: &[&Tensor]) -> bool {
        self.guard(args).is_ok()
    }
    pub fn report(&self) -> &Report {
        &self.report
    }
}
fn storage_of(grad: &Option<Tensor>) -> Option<*const Storage> {
    grad.as_ref().map(|g| Arc::as_ptr(&g.storage))
}
#[cold]
fn named(mut e: Box<Error>, i: &Instruction) -> Box<Error> {
    if e.op.is_empty() {
        e.op = i.op.info().name;
    }
    e
}

/// What was recorded, planned and pinned.
#[derive(Clone, Debug)]
pub struct Report {
    /// Calls that became nothing: views.
    pub views: usize,
    /// Blocks of memory touched.
    pub buffers: usize,
    /// Blocks that live in the arena.
    pub planned: usize,
    pub arena_bytes: usize,
    /// What those blocks would take side by side.
    pub sum_bytes: usize,
    /// Blocks that outlive the step, arguments aside: parameters, their gradients, states, results.
    pub pinned: usize,
    /// Outputs that took over the memory of an input.
    pub reused: usize,
    pub arguments: Vec<Spec>,
    pub lines: Vec<ReportLine>,
}
/// One instruction.
#[derive(Clone, Debug)]
pub struct ReportLine {
    pub op: &'static str,
    pub inputs: Vec<Spec>,
    pub outputs: Vec<Spec>,
    pub cost: Cost,
    /// The line of the user's code that called it.
    pub site: Option<String>,
}
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let flops: u64 = self.lines.iter().map(|l| l.cost.flops).sum();
        writeln!(f, "{} instructions and {} views recorded, {flops} FLOPs a step", self.lines.len(), self.views)?;
        writeln!(
            f,
            "{} buffers: {} planned into {} bytes ({} side by side, {} in place), {} pinned",
            self.buffers, self.planned, self.arena_bytes, self.sum_bytes, self.reused, self.pinned
        )?;
        for l in &self.lines {
            let list = |specs: &[Spec]| specs.iter().take(6).map(|s| s.to_string()).collect::<Vec<_>>().join(", ");
            let more = if l.inputs.len() > 6 { format!(", … {} in all", l.inputs.len()) } else { String::new() };
            let site = l.site.as_ref().map_or(String::new(), |s| format!("  # {s}"));
            writeln!(f, "  {}({}{more}) -> {}{site}", l.op, list(&l.inputs), list(&l.outputs))?;
        }
        Ok(())
    }
}
