//! The contract. An op's file holds an `op!` declaration and one `impl Op` (or `impl Pointwise`, or `impl Function`).
#[macro_use]
mod attr;
mod context;
#[macro_use]
mod declare;
#[macro_use]
mod family;
pub mod given;
mod info;
mod pointwise;
#[macro_use]
pub mod update;

pub use attr::{Attr, AttrInfo, AttrKind, AttrType, Counts, Floats, Ints, OneOrMore, Padding, Pair, Sizes, NO_SIZE};
pub use context::{Cpu, Specs, View};
pub use info::{
    Arity, Autocast, Case, Cost, Input, Keep, Layout, OpInfo, Out, Outs, Precision, Refusal, Refusals, Samples,
};
pub use pointwise::{elementwise, map, walk, InputCount, Pointwise};
pub use update::{decays, numbers, Numbers, Update};

use crate::error::{err, Kind, Result};
pub use crate::tape::GradCx;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use std::fmt::Debug;

/// What a call gives back.
pub type Outputs = SmallVec<[Tensor; 2]>;
/// One gradient per input; None where nothing flows.
pub type Grads = SmallVec<[Option<Tensor>; 3]>;

/// Made by `op!`.
pub trait Signature: Clone + Debug + Send + Sync + 'static {
    /// How many inputs the signature names: elementwise kernels are compiled for that number alone.
    type Inputs: pointwise::Count;
    fn info() -> &'static OpInfo;
    /// With its attributes' defaults, where all of them have one.
    fn defaults() -> Option<Self>;
    /// The attributes as data, in the order of the signature.
    fn attrs(&self) -> Vec<Attr>;
}

/// An op: shape rule, kernel and gradient.
pub trait Op: Signature {
    /// Shapes, dtypes, layouts and errors: the only place that validates what can be known without data. Declares each
    /// output as fresh memory or as a view of an input.
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()>;
    /// Does `cpu` want scratch memory? Then `scratch` says how much.
    const SCRATCH: bool = false;
    /// Bytes of scratch for these inputs.
    fn scratch(&self, _x: Specs) -> usize {
        0
    }
    /// What only values can tell (a label out of range). Runs before anything is written; in a captured step, before its
    /// first instruction where the values are arguments of the step.
    /// The mask names the inputs whose values it reads (bit i = input i); 0 = nothing to check.
    const CHECKS: u32 = 0;
    fn check(&self, _cx: &Cpu) -> Result<()> {
        Ok(())
    }
    /// The kernel, on memory that the caller owns.
    fn cpu(&self, cx: &Cpu) -> Result<()>;
    const DIFFERENTIABLE: bool = false;
    /// Which values `grad` reads, given which inputs need a gradient (bit i = input i).
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    /// Emits ops. Gives fresh tensors, `dy`, or views of `dy`; None where nothing flows or `cx.needs(i)` is false.
    fn grad(&self, _cx: &GradCx) -> Result<Grads> {
        Err(err(Kind::NoGradient, "has no gradient"))
    }
    /// Inputs whose memory output 0 may take over when they die here (bit mask): the kernel reads each element before it
    /// writes it.
    const REUSES: u32 = 0;
    /// How autocast treats this op.
    const AUTOCAST: Autocast = Autocast::Keep;
    /// Set for products that follow the matrix precision setting.
    const PRECISION: Option<Precision> = None;
    /// Arithmetic and traffic, from shapes alone. By default one operation an output element, every operand once.
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: outs.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    /// Small float64 cases, from which tests and benches are made.
    fn samples() -> Samples<Self>;
    /// Calls that must fail: for each error of `infer` and `check` the op with its inputs, the kind, and words of the
    /// message, which says what was given and what is expected.
    fn refusals() -> Refusals<Self> {
        vec![]
    }
}

/// What Python calls. Every op is one; a composition (dropout with its generator, a loss with its reduction) implements
/// only this: it is differentiated and captured through the ops that it runs.
pub trait Function: Signature {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs>;
    fn cases() -> Vec<Case>;
    fn refusals() -> Vec<Refusal> {
        vec![]
    }
}
/// The refusals of a function from its own type and inputs.
pub fn refusals<S: Signature>(list: Refusals<S>) -> Vec<Refusal> {
    let one = |(op, inputs, kind, says): (S, Vec<Option<Tensor>>, Kind, &'static str)| Refusal {
        case: Case { attrs: op.attrs(), inputs },
        kind,
        says,
    };
    list.into_iter().map(one).collect()
}
impl<O: Op> Function for O {
    #[inline]
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        crate::dispatch::apply(self, ins)
    }
    fn cases() -> Vec<Case> {
        O::samples().into_iter().map(|(op, inputs)| Case { attrs: Signature::attrs(&op), inputs }).collect()
    }
    fn refusals() -> Vec<Refusal> {
        refusals(<O as Op>::refusals())
    }
}

/// What is static about an op, for those who hold it without its type.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub scratch: bool,
    pub checks: u32,
    pub differentiable: bool,
    pub reuses: u32,
    pub autocast: Autocast,
    pub precision: Option<Precision>,
    /// Its code comes from outside, and may hold on to the gradients that it gives.
    pub foreign: bool,
}

/// `Op` without its type: what dispatcher, tape, recorder and planner hold. Authors of ops never see it; what brings ops
/// from outside (a Python function, a foreign library) implements it.
pub trait DynOp: Debug + Send + Sync {
    fn info(&self) -> &'static OpInfo;
    fn facts(&self) -> &'static Facts;
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()>;
    fn scratch(&self, x: Specs) -> usize;
    fn check(&self, cx: &Cpu) -> Result<()>;
    fn cpu(&self, cx: &Cpu) -> Result<()>;
    fn keeps(&self, needs: u32) -> Keep;
    fn grad(&self, cx: &GradCx) -> Result<Grads>;
    fn cost(&self, x: Specs, outs: &Outs) -> Cost;
    fn attrs(&self) -> Vec<Attr>;
    /// A copy on the heap: free for an op without attributes.
    fn boxed(&self) -> Box<dyn DynOp>;
}
struct FactsOf<O>(std::marker::PhantomData<O>);
impl<O: Op> FactsOf<O> {
    const FACTS: Facts = Facts {
        scratch: O::SCRATCH,
        checks: O::CHECKS,
        differentiable: O::DIFFERENTIABLE,
        reuses: O::REUSES,
        autocast: O::AUTOCAST,
        precision: O::PRECISION,
        foreign: false,
    };
}
impl<O: Op> DynOp for O {
    #[inline]
    fn info(&self) -> &'static OpInfo {
        O::info()
    }
    #[inline]
    fn facts(&self) -> &'static Facts {
        &FactsOf::<O>::FACTS
    }
    #[inline]
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        Op::infer(self, x, out)
    }
    fn scratch(&self, x: Specs) -> usize {
        Op::scratch(self, x)
    }
    fn check(&self, cx: &Cpu) -> Result<()> {
        Op::check(self, cx)
    }
    #[inline]
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        Op::cpu(self, cx)
    }
    #[inline]
    fn keeps(&self, needs: u32) -> Keep {
        Op::keeps(self, needs)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Op::grad(self, cx)
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Op::cost(self, x, outs)
    }
    fn attrs(&self) -> Vec<Attr> {
        Signature::attrs(self)
    }
    #[inline]
    fn boxed(&self) -> Box<dyn DynOp> {
        Box::new(self.clone())
    }
}
