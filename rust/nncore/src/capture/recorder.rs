//! Writes down every op of a step.
use crate::error::{err, Error, Kind};
use crate::op::DynOp;
use crate::profile;
use crate::shape::Spec;
use crate::storage::Storage;
use crate::tensor::{Edge, Leaf, Tensor};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

static SITE: OnceLock<fn() -> Option<String>> = OnceLock::new();
/// Sets how to find out which line of the user's code is running. Only the first call counts.
pub fn set_site(ask: fn() -> Option<String>) {
    let _ = SITE.set(ask);
}
/// The line of the user's code that is running, where an embedder can tell.
pub fn site() -> Option<String> {
    SITE.get().and_then(|ask| ask())
}

/// A window on a buffer of the step.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    pub buf: u32,
    /// In elements.
    pub offset: u32,
    pub spec: Spec,
}
/// An op that ran.
pub struct Call {
    pub op: Box<dyn DynOp>,
    pub ins: SmallVec<[Option<Operand>; 4]>,
    pub outs: SmallVec<[Operand; 2]>,
    pub site: Option<String>,
    pub place: profile::Place,
}
/// A block of memory that the step touched. Holding it keeps its address from being handed out again.
pub struct Buf {
    pub storage: Arc<Storage>,
    /// The call that made it; None for what was there before.
    pub made_by: Option<usize>,
}

/// A leaf whose `.grad` the step reads or sets.
pub struct Sink {
    pub leaf: Arc<Leaf>,
    /// What `.grad` was when the step first looked at it (the block, or nothing); None where the step set it first, so that
    /// it does not matter.
    pub before: Option<Option<Arc<Storage>>>,
}

/// A leaf that the step uses, and whether it collected a gradient when the step first met it.
pub struct Flag {
    pub leaf: Arc<Leaf>,
    pub before: bool,
}

#[derive(Default)]
pub struct Recorder {
    pub calls: Vec<Call>,
    pub bufs: Vec<Buf>,
    pub views: usize,
    pub flags: Vec<Flag>,
    pub sinks: Vec<Sink>,
    /// Why the step can not become a program: the first reason.
    pub refused: Option<Box<Error>>,
    ids: HashMap<usize, u32>,
    known: HashSet<usize>,
    host: Vec<Arc<Storage>>,
}
impl Recorder {
    pub fn new(args: &[Tensor]) -> Recorder {
        let mut r = Recorder::default();
        for a in args {
            r.id(&a.storage, None);
        }
        r
    }
    fn id(&mut self, s: &Arc<Storage>, made_by: Option<usize>) -> u32 {
        let bufs = &mut self.bufs;
        *self.ids.entry(Arc::as_ptr(s) as usize).or_insert_with(|| {
            bufs.push(Buf { storage: s.clone(), made_by });
            bufs.len() as u32 - 1
        })
    }
    fn operand(&mut self, t: &Tensor, made_by: Option<usize>) -> Operand {
        Operand { buf: self.id(&t.storage, made_by), offset: t.offset as u32, spec: t.spec }
    }
    /// A tensor was made from the host's data: as an input of an op it would be frozen.
    pub fn host_data(&mut self, t: &Tensor) {
        self.host.push(t.storage.clone())
    }
    /// The step can not become a program, for a reason that the line of the user's code gave which runs now.
    pub fn refuse(&mut self, mut e: Box<Error>) {
        if self.refused.is_none() {
            if let Some(site) = site() {
                e.text.push_str(&format!(" (at {site})"));
            }
            self.refused = Some(e)
        }
    }
    /// The step uses a leaf, or is about to turn it on or off.
    pub fn leaf(&mut self, leaf: &Arc<Leaf>) {
        if self.known.insert(Arc::as_ptr(leaf) as usize) {
            self.flags.push(Flag { leaf: leaf.clone(), before: leaf.is_on() });
        }
    }
    /// The step is about to read a leaf's `.grad` (or to add to it), or to set it.
    pub fn grad(&mut self, leaf: &Arc<Leaf>, reads: bool) {
        if !self.sinks.iter().any(|s| Arc::ptr_eq(&s.leaf, leaf)) {
            let before = reads.then(|| leaf.grad().as_ref().map(|g| g.storage.clone()));
            self.sinks.push(Sink { leaf: leaf.clone(), before });
        }
    }
    /// An op ran: on `ins` as it was called, on `laid` as its kernel saw them.
    pub fn push(
        &mut self,
        op: &dyn DynOp,
        ins: &[Option<&Tensor>],
        laid: &[Option<&Tensor>],
        outs: &[Tensor],
        runs: bool,
    ) {
        for t in ins.iter().flatten() {
            if let Edge::Leaf(l) = &t.edge {
                self.leaf(l)
            }
        }
        if self.refused.is_some() {
            // There will be no program.
            return;
        }
        if laid.iter().flatten().any(|t| self.host.iter().any(|h| Arc::ptr_eq(h, &t.storage))) {
            let mut e = err(
                Kind::Capture,
                "an input was made from the host's data inside the captured step, where it would stay what it is now; make it \
                 outside, or pass it as an argument of the step",
            );
            e.op = op.info().name;
            e.specs = laid.iter().flatten().take(8).map(|t| t.spec).collect();
            return self.refuse(e);
        }
        if !runs {
            // A view is only another operand on the same buffer.
            self.views += 1;
            return;
        }
        let at = self.calls.len();
        let ins = laid.iter().map(|t| t.map(|t| self.operand(t, None))).collect();
        let outs = outs.iter().map(|t| self.operand(t, Some(at))).collect();
        self.calls.push(Call { op: op.boxed(), ins, outs, site: site(), place: profile::place() });
    }
}
