//! Writes down every op of a step.
use crate::error::{err, Kind, Result};
use crate::op::DynOp;
use crate::profile;
use crate::shape::Spec;
use crate::storage::Storage;
use crate::tensor::{Edge, Leaf, Tensor};
use smallvec::SmallVec;
use std::collections::HashMap;
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

#[derive(Default)]
pub struct Recorder {
    pub calls: Vec<Call>,
    pub bufs: Vec<Buf>,
    pub views: usize,
    pub leaves: Vec<Arc<Leaf>>,
    pub sinks: Vec<Sink>,
    ids: HashMap<usize, u32>,
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
    pub fn host_data(&mut self, t: &Tensor) -> Result<()> {
        self.host.push(t.storage.clone());
        Ok(())
    }
    /// The step is about to read a leaf's `.grad` (or to add to it), or to set it.
    pub fn grad(&mut self, leaf: &Arc<Leaf>, reads: bool) {
        if !self.sinks.iter().any(|s| Arc::ptr_eq(&s.leaf, leaf)) {
            let before = reads.then(|| leaf.grad().as_ref().map(|g| g.storage.clone()));
            self.sinks.push(Sink { leaf: leaf.clone(), before });
        }
    }
    pub fn push(&mut self, op: &dyn DynOp, ins: &[Option<&Tensor>], outs: &[Tensor], runs: bool) -> Result<()> {
        for t in ins.iter().flatten() {
            if let Edge::Leaf(l) = &t.edge {
                if !self.leaves.iter().any(|m| Arc::ptr_eq(l, m)) {
                    self.leaves.push(l.clone())
                }
            }
            if self.host.iter().any(|h| Arc::ptr_eq(h, &t.storage)) {
                return Err(err(
                    Kind::Capture,
                    "an input was made from the host's data inside the captured step, where it would stay what it is now; \
                     make it outside, or pass it as an argument of the step",
                ));
            }
        }
        if !runs {
            // A view is only another operand on the same buffer.
            self.views += 1;
            return Ok(());
        }
        let at = self.calls.len();
        let ins = ins.iter().map(|t| t.map(|t| self.operand(t, None))).collect();
        let outs = outs.iter().map(|t| self.operand(t, Some(at))).collect();
        self.calls.push(Call { op: op.boxed(), ins, outs, site: site(), place: profile::place() });
        Ok(())
    }
}
