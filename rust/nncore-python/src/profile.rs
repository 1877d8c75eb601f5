//! The profile's clock, as Python's `nncore.profile` uses it.
use crate::errors::OrRaise;
use nncore::profile::{self, Place};
use pyo3::prelude::*;

/// Begins a profile of all threads.
#[pyfunction(name = "_profile_start")]
pub fn profile_start() -> PyResult<()> {
    profile::start().or_raise()
}
type Row = (&'static str, u32, bool, u64, u64, u64, u64, usize, u64);
/// Ends it. A list of (op, layer, backward, start and time in nanoseconds, FLOPs, bytes, bytes of a number, MACs).
#[pyfunction(name = "_profile_stop")]
pub fn profile_stop() -> Vec<Row> {
    let row = |r: profile::Record| {
        (r.op, r.place.layer, r.place.backward, r.start, r.time, r.cost.flops, r.cost.bytes, r.item, r.macs)
    };
    profile::stop().into_iter().map(row).collect()
}
/// Moves this thread into a layer, by number; gives back the layer that it was in.
#[pyfunction(name = "_profile_go")]
pub fn profile_go(layer: u32) -> u32 {
    profile::go(Place { layer, backward: false }).layer
}
/// Operations and bytes a second that this machine was just seen to reach: float32 in a product of 1024x1024, and copying.
#[pyfunction(name = "_machine_peaks")]
pub fn machine_peaks(py: Python) -> PyResult<(f64, f64)> {
    py.detach(profile::peaks).or_raise()
}
