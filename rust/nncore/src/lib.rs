//! nncore without Python: tensors, ops, tape, backward, captured steps.
//!
//! ```
//! use nncore::{ops, Tensor};
//! let x = Tensor::from_slice(&[1.0f32, -2.0, 3.0], &[3])?.leaf();
//! let y = ops::sum::sum(&ops::mul::mul(&x, &x)?)?;
//! nncore::backward(&y, None, Default::default())?;
//! assert_eq!(x.grad().unwrap().to_vec::<f32>()?, [2.0, -4.0, 6.0]);
//! # Ok::<(), Box<nncore::Error>>(())
//! ```

#[macro_use]
pub mod dtype;
#[macro_use]
pub mod op;
mod backward;
pub mod capture;
pub mod device;
pub mod dispatch;
pub mod error;
pub mod interrupt;
pub mod ops;
pub mod profile;
pub mod shape;
pub mod storage;
pub mod tape;
pub mod tensor;

pub use backward::{backward, grad, Options};
pub use dispatch::no_grad;
pub use dtype::{DType, Element};
pub use error::{err, Error, Kind, Result};
pub use shape::Spec;
pub use storage::Storage;
pub use tensor::Tensor;
