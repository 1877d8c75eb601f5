//! Walks the tape from the newest entry back. Gradients are ordinary ops, so with `create_graph` they are taped too.
use crate::dispatch::{apply, note_grad, one, set_grad};
use crate::error::{err, Kind, Result};
use crate::interrupt;
use crate::ops::{add::Add, assign::Accumulate, copy, full::Full};
use crate::profile;
use crate::tape::{GradCx, Node};
use crate::tensor::{Edge, Leaf, Tensor};
use smallvec::{smallvec, SmallVec};
use std::collections::HashSet;
use std::sync::Arc;

type Dys = SmallVec<[Option<Tensor>; 2]>;
/// An entry that a gradient has reached and that has not been walked yet.
struct Pending {
    node: Arc<Node>,
    dys: Dys,
}

/// How to walk.
#[derive(Clone, Copy, Default)]
pub struct Options {
    /// Put the gradients on the tape, so that they can be differentiated.
    pub create_graph: bool,
    /// Keep the saved values, so that backward can pass again.
    pub retain_graph: bool,
}

/// Adds the gradient of `root` (times `seed`, ones unless given) to the `.grad` of every leaf that it depends on.
pub fn backward(root: &Tensor, seed: Option<&Tensor>, options: Options) -> Result<()> {
    walk(root, seed, None, options).map(|_| ())
}
/// The gradients of `root` with respect to `wanted`, leaving every `.grad` alone; None where `root` does not depend on it.
pub fn grad(root: &Tensor, wanted: &[&Tensor], seed: Option<&Tensor>, options: Options) -> Result<Vec<Option<Tensor>>> {
    walk(root, seed, Some(wanted), options)
}

fn walk(
    root: &Tensor,
    seed: Option<&Tensor>,
    wanted: Option<&[&Tensor]>,
    options: Options,
) -> Result<Vec<Option<Tensor>>> {
    let named = |mut e: Box<crate::Error>| {
        if e.op.is_empty() {
            e.op = "backward";
        }
        e
    };
    let seed = first(root, seed).map_err(named)?;
    let reach = Reach::of(root, wanted);
    let _mode = set_grad(options.create_graph);
    let mut found: Vec<Option<Tensor>> = vec![None; wanted.map_or(0, |w| w.len())];
    // Sorted by age, the newest last.
    let mut front: Vec<Pending> = vec![];
    match &root.edge {
        Edge::Node(n, i) => {
            let mut dys: Dys = smallvec![None; n.outs.len()];
            dys[*i as usize] = Some(seed);
            front.push(Pending { node: n.clone(), dys });
        }
        _ => deliver(root, &seed, true, wanted, &mut found, options)?,
    }
    while let Some(p) = front.pop() {
        for (k, t) in wanted.unwrap_or(&[]).iter().enumerate() {
            if let Edge::Node(n, i) = &t.edge {
                if Arc::ptr_eq(n, &p.node) {
                    found[k] = p.dys[*i as usize].clone()
                }
            }
        }
        if reach.passes(&p.node) {
            step(&p, &mut front, wanted, &reach, &mut found, options)?;
        }
        interrupt::poll(p.node.outs.iter().map(|s| s.numel()).sum())?;
    }
    Ok(found)
}
/// Where a walk goes: everywhere, or only through the entries below which something wanted lies. What lies deeper costs
/// nothing then, and keeps its saved values.
pub(crate) struct Reach {
    everywhere: bool,
    /// By address: entries that lead to something wanted, entries and leaves that are wanted themselves.
    leads: HashSet<*const Node>,
    entries: HashSet<*const Node>,
    leaves: HashSet<*const Leaf>,
}
impl Reach {
    fn of(root: &Tensor, wanted: Option<&[&Tensor]>) -> Reach {
        let none = HashSet::new;
        let mut reach = Reach { everywhere: wanted.is_none(), leads: none(), entries: none(), leaves: HashSet::new() };
        let Some(wanted) = wanted else { return reach };
        for t in wanted {
            match &t.edge {
                Edge::Node(n, _) => drop(reach.entries.insert(Arc::as_ptr(n))),
                Edge::Leaf(l) => drop(reach.leaves.insert(Arc::as_ptr(l))),
                Edge::None => {}
            }
        }
        // Every entry below the root, and then from the oldest up: an entry's inputs are older than itself.
        let (mut all, mut seen) = (vec![], HashSet::new());
        let mut todo: Vec<&Arc<Node>> = vec![];
        if let Edge::Node(n, _) = &root.edge {
            todo.push(n)
        }
        while let Some(n) = todo.pop() {
            if seen.insert(Arc::as_ptr(n)) {
                all.push(n);
                todo.extend(n.ins.iter().filter_map(|i| match &i.edge {
                    Edge::Node(m, _) => Some(m),
                    _ => None,
                }));
            }
        }
        all.sort_unstable_by_key(|n| n.seq);
        for n in all {
            if n.ins.iter().any(|i| reach.wants(&i.edge)) {
                reach.leads.insert(Arc::as_ptr(n));
            }
        }
        reach
    }
    /// Does the walk go on below this entry?
    fn passes(&self, n: &Arc<Node>) -> bool {
        self.everywhere || self.leads.contains(&Arc::as_ptr(n))
    }
    /// Is a gradient wanted there, or further on?
    pub(crate) fn wants(&self, edge: &Edge) -> bool {
        match edge {
            Edge::None => false,
            _ if self.everywhere => true,
            Edge::Leaf(l) => self.leaves.contains(&Arc::as_ptr(l)),
            Edge::Node(n, _) => self.leads.contains(&Arc::as_ptr(n)) || self.entries.contains(&Arc::as_ptr(n)),
        }
    }
}
/// The gradient to start from, once it is known that there is a way to go.
fn first(root: &Tensor, seed: Option<&Tensor>) -> Result<Tensor> {
    if !root.requires_grad() {
        return Err(err(Kind::NoGradient, "this tensor depends on nothing that requires a gradient"));
    }
    match seed {
        Some(s) if s.spec.dims() != root.spec.dims() => Err(err(
            Kind::Shape,
            format!("the gradient given has shape {:?}, the tensor {:?}", s.spec.dims(), root.spec.dims()),
        )),
        Some(s) => Ok(s.detach()),
        None if root.spec.numel() != 1 => Err(err(
            Kind::Shape,
            format!("a gradient must be given for a tensor of more than one element, got {}", root.spec),
        )),
        None => {
            let ones = Full { shape: root.spec.shape(), value: 1.0, dtype: root.spec.dtype };
            Ok(apply(&ones, &[])?.swap_remove(0))
        }
    }
}
/// One entry: its op's gradients, each carried to where its input came from.
fn step(
    p: &Pending,
    front: &mut Vec<Pending>,
    wanted: Option<&[&Tensor]>,
    reach: &Reach,
    found: &mut [Option<Tensor>],
    options: Options,
) -> Result<()> {
    let info = p.node.op.info();
    let _place = profile::within(profile::Place { layer: p.node.layer, backward: true });
    let named = |mut e: Box<crate::Error>| {
        if e.op.is_empty() {
            e.op = info.name
        }
        e
    };
    let saved = p.node.saved(options.retain_graph || options.create_graph).map_err(named)?;
    let cx = GradCx { node: &p.node, saved: &saved, dys: &p.dys, reach, create_graph: options.create_graph };
    let grads = p.node.op.grad(&cx).map_err(named)?;
    debug_assert_eq!(grads.len(), p.node.ins.len(), "{}: one gradient an input", info.name);
    for (i, g) in grads.iter().enumerate() {
        let Some(g) = g else { continue };
        debug_assert!(
            p.node.ins[i].spec.is_none_or(|s| s.dims() == g.spec.dims() && s.dtype == g.spec.dtype),
            "{}: the gradient of input {i} is {}, the input {:?}",
            info.name,
            g.spec,
            p.node.ins[i].spec
        );
        match &p.node.ins[i].edge {
            edge if !reach.wants(edge) => {}
            Edge::None => {}
            Edge::Node(n, o) => {
                let at = match front.binary_search_by_key(&n.seq, |q| q.node.seq) {
                    Ok(at) => at,
                    Err(at) => {
                        front.insert(at, Pending { node: n.clone(), dys: smallvec![None; n.outs.len()] });
                        at
                    }
                };
                let slot = &mut front[at].dys[*o as usize];
                *slot = Some(match slot.take() {
                    None => g.clone(),
                    Some(sum) => one(&Add {}, &[&sum, g])?,
                });
            }
            Edge::Leaf(_) => {
                // `.grad` is changed in place later, so it must own its memory. Decided by identity, never by reference
                // counts: a recorder holds references too, and eager and recorded must go the same way.
                let shared = p.node.op.facts().foreign
                    || p.dys.iter().flatten().any(|d| d.shares_memory(g))
                    || grads.iter().enumerate().any(|(j, h)| j != i && h.as_ref().is_some_and(|h| h.shares_memory(g)))
                    || saved_shares(&saved, g);
                let leaf = Tensor {
                    edge: p.node.ins[i].edge.clone(),
                    spec: p.node.ins[i].spec.unwrap_or(g.spec),
                    ..g.detach()
                };
                deliver(&leaf, g, shared, wanted, found, options)?
            }
        }
    }
    Ok(())
}
fn saved_shares(saved: &[crate::tape::Saved], g: &Tensor) -> bool {
    saved.iter().any(|s| s.is_in(&g.storage))
}
/// A gradient has reached a leaf. Of `leaf` only edge and spec are looked at: `.grad` lies in memory like its parameter, so
/// that an optimizer walks both as one.
fn deliver(
    leaf: &Tensor,
    g: &Tensor,
    shared: bool,
    wanted: Option<&[&Tensor]>,
    found: &mut [Option<Tensor>],
    options: Options,
) -> Result<()> {
    let Edge::Leaf(l) = &leaf.edge else { return Ok(()) };
    if let Some(wanted) = wanted {
        for (k, t) in wanted.iter().enumerate() {
            if matches!(&t.edge, Edge::Leaf(m) if Arc::ptr_eq(l, m)) {
                found[k] = Some(match found[k].take() {
                    None => g.clone(),
                    Some(sum) => one(&Add {}, &[&sum, g])?,
                })
            }
        }
        return Ok(());
    }
    note_grad(l, true);
    let old = l.grad().clone();
    let new = match old {
        None if shared || !g.spec.same_walk(&leaf.spec) => copy::like(g, &leaf.spec)?,
        None => g.clone(),
        Some(sum) if options.create_graph => one(&Add {}, &[&sum, g])?,
        Some(sum) => {
            apply(&Accumulate {}, &[Some(&sum), Some(g)])?;
            return Ok(());
        }
    };
    *l.grad() = Some(new);
    Ok(())
}
