//! Captured steps: record one step as a list of calls, plan its memory, replay it in one go.
mod plan;
mod program;
pub mod recorder;

pub use program::{Program, Report};

use crate::dispatch;
use crate::error::Result;
use crate::storage::Storage;
use crate::tensor::Tensor;
use std::sync::Arc;

/// Runs `step` eagerly on `args` while recording it, then plans it. `args` are what changes from call to call; all else
/// that the step reads (parameters, optimizer state, generators) is pinned where it is.
///
/// Gives what the step returned, detached, and the program.
pub fn record(args: &[Tensor], step: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<(Vec<Tensor>, Program)> {
    // Each argument gets an identity of its own, even where two of them look at the same memory.
    let aliases: Vec<Tensor> = args.iter().map(alias).collect();
    let recorder = recorder::Recorder::new(&aliases);
    let (results, recorder) = dispatch::record(recorder, || step(&aliases))?;
    let results: Vec<Tensor> = results?.iter().map(|t| t.detach()).collect();
    let program = plan::plan(recorder, &aliases, &results)?;
    // What is returned must survive the next replay, which writes the same buffers.
    let own = dispatch::no_grad(|| results.iter().map(crate::ops::copy::fresh).collect::<Result<_>>())?;
    Ok((own, program))
}
fn alias(t: &Tensor) -> Tensor {
    let s = &t.storage;
    // The guard keeps the memory alive.
    let storage = unsafe { Storage::foreign(s.device(), s.ptr(), s.bytes(), s.read_only, Box::new(s.clone())) };
    Tensor { storage: storage as Arc<Storage>, ..t.clone() }
}
