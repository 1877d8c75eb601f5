//! Which buffer lives where: what is pinned, what shares memory, how large the arena is.
use super::program::{window, Instruction, Patch, Program, Report, ReportLine, Sink};
use super::recorder::{Call, Flag, Operand, Recorder};
use crate::device::{self, Device};
use crate::error::{err, Kind, Result};
use crate::op::{Outs, Specs, View};
use crate::shape::Spec;
use crate::storage::{Storage, ALIGN};
use crate::tensor::Tensor;
use std::sync::Arc;

/// When a buffer is first and last touched, by call.
struct Life {
    first: Vec<usize>,
    last: Vec<usize>,
}

pub fn plan(rec: Recorder, args: &[Tensor], results: &[Tensor]) -> Result<Program> {
    let device = args.first().or(results.first()).map_or_else(device::cpu, |t| t.device());
    let pinned = pinned(&rec, results)?;
    let mut life = lives(&rec);
    let (root, reused) = share(&rec, &pinned, &mut life);
    let sizes = sizes(&rec);
    let (at, arena_bytes, planned) = place(&rec, &pinned, &root, &life, &sizes);
    let arena = device.allocate(arena_bytes.max(1))?;
    let report = Report {
        views: rec.views,
        buffers: rec.bufs.len(),
        planned,
        arena_bytes,
        sum_bytes: (0..rec.bufs.len()).filter(|&b| !pinned[b]).map(|b| sizes[b]).sum(),
        pinned: (0..rec.bufs.len()).filter(|&b| pinned[b]).count() - args.len(),
        reused,
        arguments: args.iter().map(|a| a.spec).collect(),
        lines: rec.calls.iter().map(line).collect(),
    };
    Ok(build(rec, device, args, results, &pinned, &root, &at, arena, report))
}

/// What outlives the step: what was there before it, results, and `.grad`s. Anything else that somebody still holds would
/// never change again: an error.
fn pinned(rec: &Recorder, results: &[Tensor]) -> Result<Vec<bool>> {
    let grads: Vec<Tensor> = rec.flags.iter().filter_map(|f| f.leaf.grad().clone()).collect();
    rec.bufs
        .iter()
        .map(|b| {
            let Some(call) = b.made_by else { return Ok(true) };
            let held = |ts: &[Tensor]| ts.iter().filter(|t| Arc::ptr_eq(&t.storage, &b.storage)).count();
            let known = held(results) + held(&grads);
            // One count is the recorder's, and each gradient is held by its leaf as well as by the list above.
            if Arc::strong_count(&b.storage) > 1 + known + held(&grads) {
                return Err(escaped(&rec.calls[call]));
            }
            Ok(known > 0)
        })
        .collect()
}
#[cold]
fn escaped(c: &Call) -> Box<crate::Error> {
    let place = c.site.as_ref().map_or(String::new(), |s| format!(" (at {s})"));
    let name = c.op.info().name;
    let mut e = err(
        Kind::Capture,
        format!(
            "a tensor made by {name}{place} inside the captured step outlives it without being returned: it would keep the \
             values of the first call for ever; return it from the step, or let it go"
        ),
    );
    e.op = name;
    e.specs = c.outs.iter().map(|o| o.spec).collect();
    e
}

fn lives(rec: &Recorder) -> Life {
    let n = rec.bufs.len();
    let mut life = Life { first: vec![usize::MAX; n], last: vec![0; n] };
    for (k, c) in rec.calls.iter().enumerate() {
        for o in c.ins.iter().flatten().chain(&c.outs) {
            let b = o.buf as usize;
            life.first[b] = life.first[b].min(k);
            life.last[b] = k;
        }
    }
    life
}
/// Output 0 takes over the memory of an input that dies there, where its op allows it. Gives each buffer's root.
fn share(rec: &Recorder, pinned: &[bool], life: &mut Life) -> (Vec<usize>, usize) {
    let mut root: Vec<usize> = (0..rec.bufs.len()).collect();
    let mut reused = 0;
    for (k, c) in rec.calls.iter().enumerate() {
        let (Some(o), mask) = (c.outs.first(), c.op.facts().reuses) else { continue };
        let out = o.buf as usize;
        if pinned[out] || mask == 0 {
            continue;
        }
        for (i, x) in c.ins.iter().enumerate().take(32) {
            let Some(x) = x else { continue };
            let from = root[x.buf as usize];
            let fits = mask >> i & 1 != 0 && x.offset == 0 && x.spec.same_walk(&o.spec) && x.spec.dtype == o.spec.dtype;
            if !fits || pinned[from] || life.last[from] != k || from == out || !x.spec.is_dense() {
                continue;
            }
            // Nobody else reads that memory in this call.
            let alone = c.ins.iter().enumerate().all(|(j, y)| j == i || y.is_none_or(|y| root[y.buf as usize] != from));
            if alone {
                root[out] = from;
                life.last[from] = life.last[from].max(life.last[out]);
                reused += 1;
                break;
            }
        }
    }
    (root, reused)
}
/// Exact sizes, large ones moved off powers of two: else every buffer starts at the same place in a page and the caches'
/// sets collide.
fn sizes(rec: &Recorder) -> Vec<usize> {
    let mut sizes = vec![0; rec.bufs.len()];
    for o in rec.calls.iter().flat_map(|c| &c.outs) {
        let bytes = o.spec.bytes().max(1).next_multiple_of(ALIGN);
        sizes[o.buf as usize] = bytes + if bytes > 1 << 14 { 5 * ALIGN } else { 0 };
    }
    sizes
}
/// The largest first, each at the lowest offset that is free during its whole life.
fn place(rec: &Recorder, pinned: &[bool], root: &[usize], life: &Life, sizes: &[usize]) -> (Vec<usize>, usize, usize) {
    let n = rec.bufs.len();
    let mut todo: Vec<usize> = (0..n).filter(|&b| !pinned[b] && root[b] == b && life.first[b] != usize::MAX).collect();
    todo.sort_by_key(|&b| (std::cmp::Reverse(sizes[b]), life.first[b]));
    let mut at = vec![0; n];
    let mut end = 0;
    for (k, &b) in todo.iter().enumerate() {
        let overlaps = |p: usize| life.first[p] <= life.last[b] && life.first[b] <= life.last[p];
        let mut busy: Vec<(usize, usize)> =
            todo[..k].iter().filter(|&&p| overlaps(p)).map(|&p| (at[p], at[p] + sizes[p])).collect();
        busy.sort_unstable();
        let mut offset = 0;
        for (from, to) in busy {
            if offset + sizes[b] <= from {
                break;
            }
            offset = offset.max(to);
        }
        at[b] = offset;
        end = end.max(offset + sizes[b]);
    }
    (at, end, todo.len())
}

fn line(c: &Call) -> ReportLine {
    let specs: Vec<Option<&Spec>> = c.ins.iter().map(|o| o.as_ref().map(|o| &o.spec)).collect();
    let mut outs = Outs::new();
    for o in &c.outs {
        // Specs that were inferred once already.
        let _ = outs.fresh(o.spec);
    }
    ReportLine {
        op: c.op.info().name,
        inputs: c.ins.iter().flatten().map(|o| o.spec).collect(),
        outputs: c.outs.iter().map(|o| o.spec).collect(),
        cost: c.op.cost(Specs(&specs), &outs),
        site: c.site.clone(),
    }
}

fn build(
    rec: Recorder,
    device: &'static dyn Device,
    args: &[Tensor],
    results: &[Tensor],
    pinned: &[bool],
    root: &[usize],
    at: &[usize],
    arena: Arc<Storage>,
    report: Report,
) -> Program {
    // The recorder numbers the arguments first.
    let arg_of = |b: u32| ((b as usize) < args.len()).then_some(b as usize);
    let count = rec.calls.iter().map(|c| c.ins.len() + c.outs.len()).sum();
    let mut p = Program::new(device, count, arena, report);
    // Which buffers somebody inside the step changes: what a check reads from them is known only when it runs.
    let mut changed = vec![false; rec.bufs.len()];
    for c in &rec.calls {
        let mutated = |i: usize| c.op.info().input(i, c.ins.len()).mutated;
        let ins = c.ins.iter().enumerate().filter_map(|(i, o)| Some((o.as_ref()?, mutated(i))));
        for (o, changes) in ins.chain(c.outs.iter().map(|o| (o, true))) {
            let b = o.buf as usize;
            changed[b] |= changes;
            match arg_of(o.buf) {
                Some(arg) if changes => p.changes.push(arg),
                None if pinned[b] => {
                    p.pinned.push((window(&rec.bufs[b].storage, o.offset as usize, &o.spec), changes));
                    if changes {
                        p.mutated.push(rec.bufs[b].storage.clone())
                    }
                }
                _ => {}
            }
        }
    }
    p.mutated.sort_unstable_by_key(Arc::as_ptr);
    p.mutated.dedup_by(|a, b| Arc::ptr_eq(a, b));
    p.changes.sort_unstable();
    p.changes.dedup();
    p.pinned.sort_unstable();
    p.pinned.dedup();
    if p.changes.is_empty() {
        p.pinned.retain(|(_, written)| *written)
    }
    let Recorder { calls, bufs, sinks, flags, .. } = rec;
    p.flags = flags.into_iter().map(|Flag { leaf, before }| (before, leaf.is_on(), leaf)).collect();
    for s in sinks {
        let after = s.leaf.grad().clone();
        p.sinks.push(Sink { leaf: s.leaf, before: s.before, after })
    }
    for (k, c) in calls.into_iter().enumerate() {
        let place = |o: &Operand| -> (Arc<Storage>, usize) {
            let b = o.buf as usize;
            match pinned[b] {
                true => (bufs[b].storage.clone(), o.offset as usize),
                false => (p.arena.clone(), at[root[b]] / o.spec.dtype.size() + o.offset as usize),
            }
        };
        let ins: Vec<_> = c.ins.iter().map(|o| o.as_ref().map(|o| (place(o), o.spec))).collect();
        let outs: Vec<_> = c.outs.iter().map(|o| (place(o), o.spec)).collect();
        let checks = c.op.facts().checks;
        let known = |o: &Operand| bufs[o.buf as usize].made_by.is_none() && !changed[o.buf as usize];
        if checks != 0 && c.ins.iter().enumerate().all(|(i, o)| checks >> i & 1 == 0 || o.as_ref().is_none_or(known)) {
            p.early.push(k)
        }
        for (i, o) in c.ins.iter().enumerate() {
            if let Some((o, arg)) = o.as_ref().and_then(|o| Some((o, arg_of(o.buf)?))) {
                let relative = o.offset as isize - args[arg].offset as isize;
                p.patches.push(Patch { view: p.ins.len() + i, arg, offset: relative });
            }
        }
        let (i0, o0) = (p.ins.len(), p.outs.len());
        for x in ins {
            let view = x.map(|((storage, offset), spec)| p.pin(storage, offset, spec));
            p.ins.push(view)
        }
        for ((storage, offset), spec) in outs {
            let view: View<'static> = p.pin(storage, offset, spec);
            p.outs.push(view)
        }
        p.instructions.push(Instruction { op: c.op, ins: i0..p.ins.len(), outs: o0..p.outs.len(), place: c.place });
    }
    for r in results {
        // A result that is an argument, or a view of one, is copied from what is passed then.
        let arg = rec_arg(args, r);
        p.results.push((r.clone(), arg));
    }
    p
}
fn rec_arg(args: &[Tensor], r: &Tensor) -> Option<(usize, isize)> {
    let at = args.iter().position(|a| Arc::ptr_eq(&a.storage, &r.storage))?;
    Some((at, r.offset as isize - args[at].offset as isize))
}
