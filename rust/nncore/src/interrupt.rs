//! How a user's Ctrl-C reaches the middle of long work: whoever embeds the core says how to ask.
use crate::error::{err, Kind, Result};
use std::cell::Cell;
use std::sync::OnceLock;

static ASK: OnceLock<fn() -> bool> = OnceLock::new();
thread_local! {
    static WORK: Cell<usize> = const { Cell::new(0) };
}
/// Elements between two questions: some milliseconds of work.
const EVERY: usize = 4 << 20;
/// What an op counts besides its elements.
const OP: usize = 1 << 12;

/// Sets how to find out whether the user wants to stop. Only the first call counts.
pub fn set(ask: fn() -> bool) {
    let _ = ASK.set(ask);
}
/// Called between ops by long work.
#[inline]
pub fn poll(elements: usize) -> Result<()> {
    let work = WORK.get() + elements + OP;
    if work < EVERY {
        WORK.set(work);
        return Ok(());
    }
    WORK.set(0);
    match ASK.get() {
        Some(ask) if ask() => Err(err(Kind::Interrupted, "interrupted")),
        _ => Ok(()),
    }
}
