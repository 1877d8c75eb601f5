//! Captured steps: record one step as a list of calls, plan its memory, replay it in one go.
mod plan;
mod program;
pub mod recorder;

pub use program::{Program, Report};

use crate::dispatch;
use crate::error::Result;
use crate::storage::Storage;
use crate::tensor::Tensor;

/// Runs `step` eagerly on `args` while recording it, then plans it. `args` are what changes from call to call; all else
/// that the step reads (parameters, optimizer state, generators) is pinned where it is.
///
/// Gives what the step returned, in memory of its own, and the program.
///
/// A step that can not become a program (it reads a value on the host, say) runs to its end all the same, so that it has
/// changed what one step changes; then it is an error, which says so.
pub fn record(args: &[Tensor], step: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<(Vec<Tensor>, Program)> {
    // Each argument gets an identity of its own, even where two of them look at the same memory.
    let aliases: Vec<Tensor> = args.iter().map(alias).collect();
    let recorder = recorder::Recorder::new(&aliases);
    let (results, mut recorder) = dispatch::record(recorder, || step(&aliases))?;
    let results: Vec<Tensor> = results?.iter().map(|t| t.detach()).collect();
    let program = match recorder.refused.take() {
        Some(e) => Err(e),
        None => plan::plan(recorder, &aliases, &results),
    };
    let program = program.map_err(|mut e| {
        e.text.push_str(ONCE);
        e
    })?;
    // What is returned must survive the next replay, which writes the same buffers.
    let own = dispatch::no_grad(|| results.iter().map(crate::ops::copy::fresh).collect::<Result<_>>())?;
    Ok((own, program))
}
/// What the errors of a step end with that ran and can not be recorded.
const ONCE: &str = "; the step itself ran to its end, once, as without capture";
fn alias(t: &Tensor) -> Tensor {
    Tensor { storage: Storage::alias(&t.storage), ..t.clone() }
}
