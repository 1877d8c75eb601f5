//! The tape: for each op that a gradient passes, what it was, what it read, and where its inputs came from.
use crate::backward::{grad, Options, Reach};
use crate::dispatch;
use crate::error::{err, Kind, Result};
use crate::op::{DynOp, Grads, Outputs};
use crate::ops::{mul::mul, reshape::reshape, sum::sum};
use crate::profile;
use crate::shape::Spec;
use crate::storage::Storage;
use crate::tensor::{Edge, Tensor};
use smallvec::{smallvec, SmallVec};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A tape entry. It holds the op as data, never a closure, and never its own outputs' edges: that would be a cycle.
pub struct Node {
    pub op: Box<dyn DynOp>,
    /// Entries are numbered in the order in which they ran: the order to go back in.
    pub seq: u64,
    pub ins: SmallVec<[NodeIn; 2]>,
    pub outs: SmallVec<[Spec; 1]>,
    /// The layer that called it, if a profile ran.
    pub layer: u32,
    saved: Mutex<Option<SmallVec<[Saved; 2]>>>,
}
pub struct NodeIn {
    pub spec: Option<Spec>,
    pub edge: Edge,
}
/// A value that backward reads, and the version that it had.
#[derive(Clone)]
pub struct Saved {
    index: u32,
    storage: Arc<Storage>,
    offset: usize,
    version: u32,
    spec: Spec,
}
impl Saved {
    /// Is this value kept in that block?
    pub fn is_in(&self, storage: &Arc<Storage>) -> bool {
        Arc::ptr_eq(&self.storage, storage)
    }
}
/// Marks an output's index in `Saved`.
const OUT: u32 = 1 << 31;

static SEQ: AtomicU64 = AtomicU64::new(0);

/// Appends an op that has run. `laid` are the inputs as the kernel saw them.
pub fn append(op: Box<dyn DynOp>, ins: &[Option<&Tensor>], laid: &[Option<&Tensor>], outs: &mut Outputs) {
    let mut needs = 0u32;
    for (i, t) in ins.iter().enumerate().take(32) {
        if t.is_some_and(|t| t.requires_grad()) {
            needs |= 1 << i
        }
    }
    let keep = op.keeps(needs);
    let mut saved: SmallVec<[Saved; 2]> = SmallVec::new();
    let save = |index: u32, t: &Tensor| Saved {
        index,
        storage: t.storage.clone(),
        offset: t.offset,
        version: t.storage.version(),
        spec: t.spec,
    };
    if keep.inputs != 0 {
        for (i, t) in laid.iter().enumerate().take(32) {
            if let (true, Some(t)) = (keep.inputs >> i & 1 != 0, t) {
                saved.push(save(i as u32, t))
            }
        }
    }
    if keep.outputs != 0 {
        for (i, t) in outs.iter().enumerate() {
            if keep.outputs >> i & 1 != 0 {
                saved.push(save(i as u32 | OUT, t))
            }
        }
    }
    let ins = ins
        .iter()
        .map(|t| NodeIn {
            spec: t.map(|t| t.spec),
            edge: match t {
                Some(t) if t.requires_grad() => t.edge.clone(),
                _ => Edge::None,
            },
        })
        .collect();
    let node = Arc::new(Node {
        op,
        seq: SEQ.fetch_add(1, Relaxed),
        ins,
        outs: outs.iter().map(|t| t.spec).collect(),
        layer: profile::place().layer,
        saved: Mutex::new(Some(saved)),
    });
    for (i, t) in outs.iter_mut().enumerate() {
        if t.spec.dtype.is_float() {
            t.edge = Edge::Node(node.clone(), i as u32)
        }
    }
}

/// Puts an op on the tape whose forward pass ran by other means: a composition with a gradient of its own.
pub fn record_custom(op: Box<dyn DynOp>, ins: &[Option<&Tensor>], outs: &mut Outputs) {
    let tracked = ins.iter().flatten().any(|t| t.requires_grad());
    if tracked && dispatch::grad_enabled() {
        append(op, ins, ins, outs)
    }
}

impl Node {
    fn lock(&self) -> MutexGuard<'_, Option<SmallVec<[Saved; 2]>>> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The saved values; they are let go unless `keep`.
    pub fn saved(&self, keep: bool) -> Result<SmallVec<[Saved; 2]>> {
        let mut lock = self.lock();
        let saved = if keep { lock.clone() } else { lock.take() };
        saved.ok_or_else(|| {
            err(
                Kind::NoGradient,
                "backward went through here before and let the saved values go; pass retain_graph=True the first time",
            )
        })
    }
}

impl Drop for Node {
    /// A long tape (a recurrent net over 10,000 steps) must not be dropped recursively.
    fn drop(&mut self) {
        let mut todo: Vec<Arc<Node>> = vec![];
        let take = |ins: &mut SmallVec<[NodeIn; 2]>, todo: &mut Vec<Arc<Node>>| {
            for i in ins.iter_mut() {
                if let Edge::Node(n, _) = std::mem::replace(&mut i.edge, Edge::None) {
                    todo.push(n)
                }
            }
        };
        take(&mut self.ins, &mut todo);
        while let Some(n) = todo.pop() {
            // Whoever takes the last count empties the node before it goes, so that its own drop finds nothing.
            if let Some(mut n) = Arc::into_inner(n) {
                take(&mut n.ins, &mut todo)
            }
        }
    }
}

/// What an op's `grad` sees.
pub struct GradCx<'a> {
    pub node: &'a Arc<Node>,
    pub saved: &'a [Saved],
    pub dys: &'a [Option<Tensor>],
    pub(crate) reach: &'a Reach,
    /// Are these gradients to be differentiated in turn?
    pub create_graph: bool,
}
impl GradCx<'_> {
    /// The gradient of output `i`; of an op with one output it is always there.
    pub fn dy(&self, i: usize) -> &Tensor {
        self.dys[i].as_ref().expect("the gradient of the only output")
    }
    pub fn opt_dy(&self, i: usize) -> Option<&Tensor> {
        self.dys[i].as_ref()
    }
    /// Is a gradient of input `i` wanted?
    pub fn needs(&self, i: usize) -> bool {
        self.node.ins.get(i).is_some_and(|n| self.reach.wants(&n.edge))
    }
    /// Was input `i` given?
    pub fn has(&self, i: usize) -> bool {
        self.node.ins.get(i).is_some_and(|n| n.spec.is_some())
    }
    pub fn spec(&self, i: usize) -> &Spec {
        self.node.ins[i].spec.as_ref().expect("a required input")
    }
    pub fn out_spec(&self, i: usize) -> &Spec {
        &self.node.outs[i]
    }
    /// How many inputs there were (an op with a list has many).
    pub fn inputs(&self) -> usize {
        self.node.ins.len()
    }
    /// The value of input `i`, which `keeps` names.
    pub fn input(&self, i: usize) -> Result<Tensor> {
        self.value(i as u32, || self.node.ins[i].edge.clone())
    }
    /// The value of output `i`, which `keeps` names.
    pub fn output(&self, i: usize) -> Result<Tensor> {
        self.value(i as u32 | OUT, || Edge::Node(self.node.clone(), i as u32))
    }
    fn value(&self, index: u32, edge: impl Fn() -> Edge) -> Result<Tensor> {
        let name = self.node.op.info().name;
        let s = self.saved.iter().find(|s| s.index == index);
        let s = s.unwrap_or_else(|| panic!("{name}: grad reads a value that keeps() does not name"));
        let now = s.storage.version();
        if s.version != now {
            let what = if index & OUT != 0 { "output" } else { "input" };
            let text = format!(
                "{what} {} was changed in place after the forward pass (version {}, now {now}), and its gradient needs the old \
                 values; change it after backward(), or work on a copy",
                index & !OUT,
                s.version
            );
            return Err(err(Kind::Overwritten, text));
        }
        let edge = if self.create_graph { edge() } else { Edge::None };
        Ok(Tensor { storage: s.storage.clone(), offset: s.offset, spec: s.spec, edge })
    }
    /// The gradients through `f`, ops that compute output 0 from these inputs (which `keeps` names): what an op with a fused
    /// gradient does where `create_graph` asks for gradients that can be differentiated. Inputs left out get none.
    pub fn through(&self, inputs: &[usize], f: impl FnOnce(&[Option<Tensor>]) -> Result<Tensor>) -> Result<Grads> {
        let mut own: SmallVec<[Option<Tensor>; 4]> = smallvec![None; inputs.len()];
        for (own, &i) in own.iter_mut().zip(inputs) {
            if self.has(i) {
                let t = self.input(i)?;
                // An entry of its own, below which the walk does not go: what the inputs depend on is not asked for.
                *own = Some(if self.needs(i) { reshape(&t, &t.spec.shape())? } else { t });
            }
        }
        let mut grads: Grads = smallvec![None; self.inputs()];
        let places: SmallVec<[usize; 4]> = (0..inputs.len()).filter(|&k| self.needs(inputs[k])).collect();
        if let (Some(dy), false) = (self.opt_dy(0), places.is_empty()) {
            let wanted: SmallVec<[&Tensor; 4]> = places.iter().filter_map(|&k| own[k].as_ref()).collect();
            // The gradient is a factor here, not a seed: it is to be differentiated too.
            let total = sum(&mul(&f(&own)?, dy)?)?;
            let options = Options { create_graph: self.create_graph, retain_graph: self.create_graph };
            for (g, &k) in grad(&total, &wanted, None, options)?.into_iter().zip(&places) {
                grads[inputs[k]] = g
            }
        }
        Ok(grads)
    }
    /// Emits an op with one result, all of whose inputs are given.
    pub fn emit(&self, op: &dyn DynOp, ins: &[&Tensor]) -> Result<Tensor> {
        dispatch::one(op, ins)
    }
    /// Emits any op.
    pub fn emit_all(&self, op: &dyn DynOp, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        dispatch::apply(op, ins)
    }
}
