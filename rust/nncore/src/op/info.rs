//! All that is static about an op's signature: data that dispatcher, planner, door, docs and tests read.
use super::{Attr, AttrInfo, Outputs};
use crate::error::{Kind, Result};
use crate::shape::Spec;
use crate::tensor::Tensor;
use smallvec::SmallVec;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arity {
    One,
    Optional,
    /// Several tensors; all list inputs of an op have equal lengths.
    List,
}
/// What a kernel can walk. The dispatcher inserts a copy, by an op of its own, where an input does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Any strides.
    Any,
    /// Row-major.
    Contiguous,
    /// Channels-last with three to five dimensions, else row-major.
    ChannelsLast,
    /// Row-major or channels-last: every element once, without holes.
    Dense,
    /// The last two dimensions with one unit stride: transposes come for free.
    Matrix,
}
impl Layout {
    #[inline]
    pub fn accepts(self, s: &Spec) -> bool {
        match self {
            Layout::Any => true,
            Layout::Contiguous => s.is_contiguous(),
            Layout::ChannelsLast if (3..=5).contains(&s.ndim) => s.is_channels_last(),
            Layout::ChannelsLast => s.is_contiguous(),
            Layout::Dense => s.is_dense(),
            Layout::Matrix => is_matrix(s),
        }
    }
}
fn is_matrix(s: &Spec) -> bool {
    if s.is_contiguous() {
        return true;
    }
    let n = s.rank();
    if !(2..=3).contains(&n) || n == 3 && s.s(0) < 0 {
        return false;
    }
    let (r, c) = (n - 2, n - 1);
    let unit =
        |a: usize, b: usize| (s.s(a) == 1 || s.d(a) == 1) && (s.s(b) >= s.d(a) as isize || s.d(b) == 1 && s.s(b) > 0);
    unit(c, r) || unit(r, c)
}

/// A tensor parameter.
#[derive(Debug)]
pub struct Input {
    pub name: &'static str,
    pub arity: Arity,
    /// Changed in place. Never copied to another layout: that would lose the change.
    pub mutated: bool,
    /// Inputs that promote are cast to their common dtype.
    pub promote: bool,
    /// Like `promote`, and integers become float32.
    pub float: bool,
    /// Not differentiated: the op refuses an input that asks for it.
    pub constant: bool,
    /// A list in which members may be missing.
    pub gaps: bool,
    pub layout: Layout,
}

/// How autocast treats an op: leave its inputs, run it in bfloat16, or keep it in float32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Autocast {
    Keep,
    Low,
    High,
}
/// What a matrix product computes with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// IEEE float32 products and sums.
    Highest,
}
/// Arithmetic operations and bytes moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    pub flops: u64,
    pub bytes: u64,
}

/// A signature.
pub struct OpInfo {
    pub name: &'static str,
    pub doc: &'static str,
    /// Is it a function of `nncore.ops`? Gradients and other internal ops are not.
    pub public: bool,
    pub inputs: &'static [Input],
    pub attrs: &'static [AttrInfo],
    /// The parameters' names in the order in which the function takes them; empty where that is inputs, then attributes.
    pub order: &'static [&'static str],
    pub outputs: &'static [&'static str],
    /// How many of the outputs the function returns; the rest are for the gradient.
    pub returns: usize,
    /// Does a call decide how many there are? Then the function returns a tuple, even of one or of none.
    pub many: bool,
    pub mutates: bool,
    pub promotes: bool,
    /// Builds the op from data and runs it: the way in for the door, for foreign ops and for saved programs.
    pub call: fn(&[Attr], &[Option<&Tensor>]) -> Result<Outputs>,
    pub cases: fn() -> Vec<Case>,
    pub refusals: fn() -> Vec<Refusal>,
}
impl OpInfo {
    /// The parameter that the `i`-th of `total` actual inputs belongs to.
    #[inline]
    pub fn input(&self, i: usize, total: usize) -> &'static Input {
        if self.inputs.len() == total && i < total {
            return &self.inputs[i];
        }
        let lists = self.inputs.iter().filter(|p| p.arity == Arity::List).count().max(1);
        let each = (total + lists - self.inputs.len()) / lists;
        let mut end = 0;
        for p in self.inputs {
            end += if p.arity == Arity::List { each } else { 1 };
            if i < end {
                return p;
            }
        }
        unreachable!("{}: input {i} of {total}", self.name)
    }
}
impl std::fmt::Debug for OpInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A call for tests and benches: attributes and inputs (list inputs flattened).
pub struct Case {
    pub attrs: Vec<Attr>,
    pub inputs: Vec<Option<Tensor>>,
}
pub type Samples<S> = Vec<(S, Vec<Option<Tensor>>)>;
/// A call that must fail, how, and words of what it says.
pub struct Refusal {
    pub case: Case,
    pub kind: Kind,
    pub says: &'static str,
}
pub type Refusals<S> = Vec<(S, Vec<Option<Tensor>>, Kind, &'static str)>;

/// Which inputs and outputs (by bit) backward reads. Shapes are always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub inputs: u32,
    pub outputs: u32,
}
impl Keep {
    pub const NONE: Keep = Keep { inputs: 0, outputs: 0 };
    pub const fn inputs(mask: u32) -> Keep {
        Keep { inputs: mask, outputs: 0 }
    }
    pub const fn outputs(mask: u32) -> Keep {
        Keep { inputs: 0, outputs: mask }
    }
    pub const fn both(inputs: u32, outputs: u32) -> Keep {
        Keep { inputs, outputs }
    }
    /// For products: each factor is read by the other's gradient.
    pub const fn crossed(needs: u32) -> Keep {
        Keep::inputs((needs & 1) << 1 | (needs >> 1 & 1))
    }
}

/// One output as `infer` decides it: fresh memory, or a window on an input (which then has no kernel to run).
#[derive(Clone, Debug)]
pub struct Out {
    pub spec: Spec,
    /// Index of the input that this is a view of, or -1.
    pub of: i32,
    /// Elements from the start of that input.
    pub offset: i32,
}
/// Filled by `infer` in place: returning it by value costs 20 ns an op.
#[derive(Default)]
pub struct Outs(SmallVec<[Out; 3]>);
impl Outs {
    #[inline(always)]
    pub fn new() -> Outs {
        Outs(SmallVec::new())
    }
    #[inline]
    pub fn fresh(&mut self, spec: Spec) -> Result<()> {
        self.0.push(Out { spec, of: -1, offset: 0 });
        Ok(())
    }
    #[inline]
    pub fn view(&mut self, of: usize, spec: Spec, offset: isize) -> Result<()> {
        self.0.push(Out { spec, of: of as i32, offset: offset as i32 });
        Ok(())
    }
    // Only costs ask for these two, and there is a cost an op: inlined, they were a quarter of a megabyte.
    #[inline(never)]
    pub fn numel(&self) -> usize {
        self.0.iter().map(|o| o.spec.numel()).sum()
    }
    #[inline(never)]
    pub fn bytes(&self) -> usize {
        self.0.iter().filter(|o| o.of < 0).map(|o| o.spec.bytes()).sum()
    }
}
impl std::ops::Deref for Outs {
    type Target = [Out];
    #[inline]
    fn deref(&self) -> &[Out] {
        &self.0
    }
}
