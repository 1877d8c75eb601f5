//! One structured error: what went wrong, in which op, on what.
use crate::shape::Spec;
use smallvec::SmallVec;
use std::fmt;

/// What went wrong; the door turns each into its own Python exception.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Shapes do not fit.
    Shape,
    /// A dtype that the op does not take.
    DType,
    /// A value out of its range: an attribute, a label, an index.
    Value,
    /// A layout that can not be used in place.
    Layout,
    /// Tensors on different devices, or a device that is lost.
    Device,
    /// The device has no kernel for this.
    Unsupported,
    /// A gradient that does not exist.
    NoGradient,
    /// A value that backward needs was changed in place.
    Overwritten,
    /// The host read a value while a step was being recorded.
    HostRead,
    /// A step that can not be captured.
    Capture,
    /// A captured step was called with something else than it was recorded with.
    Guard,
    /// No memory left.
    Memory,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// Code outside the core failed, which the caller knows more about.
    Foreign,
}

/// An error with the op and the specs that it was given. The dispatcher fills in `op` and `specs`, so that no op has to
/// repeat its own name.
#[derive(Clone, Debug)]
pub struct Error {
    pub kind: Kind,
    pub op: &'static str,
    pub text: String,
    pub specs: SmallVec<[Spec; 4]>,
}

/// Boxed: the error must not make every result large.
pub type Result<T, E = Box<Error>> = std::result::Result<T, E>;

/// An error without its op.
#[cold]
pub fn err(kind: Kind, text: impl Into<String>) -> Box<Error> {
    Box::new(Error { kind, op: "", text: text.into(), specs: SmallVec::new() })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if !self.op.is_empty() {
            write!(f, "{}: ", self.op)?;
        }
        f.write_str(&self.text)?;
        if !self.specs.is_empty() {
            f.write_str("; given ")?;
            for (i, s) in self.specs.iter().enumerate() {
                write!(f, "{}{s}", if i > 0 { ", " } else { "" })?;
            }
        }
        Ok(())
    }
}
impl std::error::Error for Error {}
