//! The numbers of nncore: SIMD kernels over plain memory, and the thread pool that runs them.
//!
//! Nothing here knows tensors or allocates: a caller owns inputs, outputs and scratch. Every kernel gives the same bits
//! for any number of threads (work is split over outputs, or into a fixed number of parts that are joined in a fixed
//! order). Instructions are chosen at run time, see [`cpu::path`].

pub mod conv;
pub mod cpu;
pub mod gemm;
pub mod num;
pub mod pool;
#[macro_use]
mod simd;
pub mod attention;
pub mod distance;
pub mod grid;
pub mod loss;
pub mod math;
pub mod norm;
pub mod optim;
pub mod places;
pub mod pointwise;
pub mod pooling;
pub mod quantile;
pub mod random;
pub mod reduce;
pub mod resample;
pub mod rnn;
pub mod scan;
pub mod softmax;
pub mod sort;
mod split;
pub mod transpose;
