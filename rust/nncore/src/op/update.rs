//! Steps of optimizers: a scalar function of parameter, gradient and states is the whole kernel.
use super::*;
use crate::dtype::DType;
use crate::shape::Spec;
use nncore_kernels::num::Float;
use nncore_kernels::optim::{self, Rule, States};

/// What all elements of a parameter share, such as a corrected rate: up to 12 numbers, the rest 0.
pub type Numbers<T> = [T; 12];

/// A few numbers, and zeros.
pub fn numbers<const N: usize>(given: [f64; N]) -> Numbers<f64> {
    let mut all = [0.0; 12];
    all[..N].copy_from_slice(&given);
    all
}
/// Weight decay as two numbers: the parameter's factor, and what is added to the gradient, times the parameter. `decoupled`
/// (AdamW) shrinks the parameter by `lr` of it; else it is a penalty's gradient.
pub fn decays(decoupled: bool, lr: f64, weight_decay: f64) -> (f64, f64) {
    if decoupled {
        (1.0 - lr * weight_decay, 0.0)
    } else {
        (1.0, weight_decay)
    }
}

/// One step of an optimizer over all parameters at once, in place. Its inputs are lists `params` and `grads`, then up to
/// three lists of states, then a list of steps made (and others of scalars, up to [`Update::COUNTS`]), then `lr`. A list
/// that is not in use may be left out.
///
/// Implement it, and write `update!(MyStep: 0b01)` below: the macro makes the op. The masks are all that `states` gives.
pub trait Update: Signature {
    /// Which lists of states are in use with these attributes, by bit. A step without states counts no steps either.
    fn states(&self) -> usize;
    /// Lists of float64 scalars, one for each parameter: the first is the number of steps.
    const COUNTS: usize = 1;
    /// Whether the step goes up the gradient, which is then negated before `eval` sees it.
    fn maximize(&self) -> bool;
    /// What the elements of a parameter share, computed in float64. `counts[0]` is this step's number, from 1; further
    /// counts are changed here.
    fn numbers(&self, lr: f64, counts: &mut [f64]) -> Numbers<f64>;
    /// The new parameter and the new states. Mark it `#[inline(always)]`: it becomes the inner loop.
    fn eval<T: Float>(&self, numbers: &Numbers<T>, p: T, g: T, s: States<T>) -> (T, States<T>);

    /// Set for a step that is scaled by norms: `measure` runs over all elements first, then `trust`, then `eval`.
    const NORMS: bool = false;
    /// The two numbers whose norms `trust` is given, and the new states.
    #[inline(always)]
    fn measure<T: Float>(&self, _numbers: &Numbers<T>, _p: T, _g: T, s: States<T>) -> ([T; 2], States<T>) {
        ([T::ZERO; 2], s)
    }
    /// Puts what follows from the norms among the numbers.
    fn trust(&self, _numbers: &mut Numbers<f64>, _norms: [f64; 2]) {}

    /// Arithmetic operations an element.
    const FLOPS: u64;
    /// The attributes to test with; inputs are made from the signature.
    fn sample_ops() -> Vec<Self>;
}

/// Makes an op of an [`Update`]: `update!(AdamStep: 0b011, 0b111)`, with every mask of states that it may have.
#[macro_export]
macro_rules! update {
    ($S:ty: $($mask:literal),+) => {
        impl $crate::op::Op for $S {
            fn infer(&self, x: $crate::op::Specs, _out: &mut $crate::op::Outs) -> $crate::Result<()> {
                $crate::op::update::infer(self, x)
            }
            fn cpu(&self, cx: &$crate::op::Cpu) -> $crate::Result<()> {
                match $crate::op::Update::states(self) {
                    $($mask => $crate::op::update::run::<Self, $mask>(self, cx),)+
                    other => unreachable!("the mask {other:#b} is not listed"),
                }
                Ok(())
            }
            fn cost(&self, x: $crate::op::Specs, _outs: &$crate::op::Outs) -> $crate::op::Cost {
                $crate::op::update::cost(self, x)
            }
            fn samples() -> $crate::op::Samples<Self> {
                $crate::op::update::samples()
            }
            fn refusals() -> $crate::op::Refusals<Self> {
                $crate::op::update::refused()
            }
        }
    };
}

/// How the inputs lie: `params`, `grads`, states, counts, each for `n` parameters, then the rate.
struct Lists {
    n: usize,
    states: usize,
}
impl Lists {
    fn of<U: Update>(inputs: usize) -> Lists {
        let lists = U::info().inputs.len() - 1;
        Lists { n: inputs.saturating_sub(1) / lists, states: lists - 2 - U::COUNTS }
    }
    /// Where the i-th member of a list of states is.
    fn state(&self, k: usize, i: usize) -> usize {
        (2 + k) * self.n + i
    }
    fn count(&self, k: usize, i: usize) -> usize {
        (2 + self.states + k) * self.n + i
    }
}

pub fn infer<U: Update>(op: &U, x: Specs) -> Result<()> {
    let names = U::info().inputs;
    let at = Lists::of::<U>(x.len());
    let in_use = op.states();
    debug_assert_eq!(
        x.len(),
        at.n * (names.len() - 1) + 1,
        "lists are of one length: the door and the dispatcher hold that"
    );
    let scalar = |i: usize, name: &str| match x.opt(i) {
        Some(s) if s.dtype == DType::F64 && s.numel() == 1 => Ok(()),
        Some(s) => Err(err(Kind::DType, format!("{name} is a float64 scalar, got {s}"))),
        None => Err(err(Kind::Value, format!("{name} is missing"))),
    };
    scalar(x.len() - 1, "lr")?;
    for i in 0..at.n {
        let (Some(p), Some(g)) = (x.opt(i), x.opt(at.n + i)) else {
            return Err(err(Kind::Value, format!("parameter {i} or its gradient is missing")));
        };
        // Strides of an empty tensor mean nothing.
        let fits = |s: &Spec| s.dtype == p.dtype && s.dims() == p.dims() && (s.numel() == 0 || s.same_walk(p));
        if !p.dtype.is_float() || !p.is_dense() || !fits(g) {
            return Err(err(Kind::Shape, format!("parameter {i} is {p:?}, its gradient {g:?}")));
        }
        for k in 0..at.states {
            let name = names[2 + k].name;
            match (x.opt(at.state(k, i)), in_use >> k & 1 == 1) {
                (Some(s), true) if fits(s) => {}
                (Some(s), true) => {
                    return Err(err(Kind::Shape, format!("parameter {i} is {p:?}, its member of {name} {s:?}")))
                }
                (None, true) => return Err(err(Kind::Value, format!("{name} are in use, and missing"))),
                (Some(_), false) => return Err(err(Kind::Value, format!("{name} are not in use, and given"))),
                (None, false) => {}
            }
        }
        for k in 0..if in_use == 0 { 0 } else { U::COUNTS } {
            scalar(at.count(k, i), names[2 + at.states + k].name)?;
        }
    }
    Ok(())
}

pub fn run<U: Update, const MASK: usize>(op: &U, cx: &Cpu) {
    let at = Lists::of::<U>(cx.ins.len());
    let lr = cx.get::<f64>(cx.ins.len() - 1)[0];
    let mut counts = [0.0; 4];
    let counts = &mut counts[..if MASK == 0 { 0 } else { U::COUNTS }];
    for i in 0..at.n {
        for (k, c) in counts.iter_mut().enumerate() {
            *c = cx.mutated::<f64>(at.count(k, i))[0];
        }
        // Each parameter counts its own steps: one may get its first gradient late.
        if let Some(step) = counts.first_mut() {
            *step += 1.0
        }
        let numbers = op.numbers(lr, counts);
        for (k, c) in counts.iter().enumerate() {
            cx.mutated::<f64>(at.count(k, i))[0] = *c;
        }
        crate::floats!(cx.spec(i).dtype, T => step::<T, U, MASK>(op, numbers, cx, &at, i));
    }
}
fn step<T: Float, U: Update, const MASK: usize>(op: &U, mut numbers: Numbers<f64>, cx: &Cpu, at: &Lists, i: usize) {
    let sign = if op.maximize() { -T::ONE } else { T::ONE };
    let (p, g) = (cx.mutated::<T>(i), cx.get::<T>(at.n + i));
    let states = || -> [&mut [T]; 3] {
        std::array::from_fn(|k| if MASK >> k & 1 == 1 { cx.mutated(at.state(k, i)) } else { &mut [][..] })
    };
    if U::NORMS {
        let rule = Eval { op, numbers: numbers.map(T::of), sign };
        let squares = optim::measure::<T, _, MASK>(&rule, p, g, states());
        op.trust(&mut numbers, squares.map(f64::sqrt));
    }
    let rule = Eval { op, numbers: numbers.map(T::of), sign };
    optim::update::<T, _, MASK>(&rule, p, g, states())
}

/// A step as the kernels take it.
struct Eval<'a, U, T> {
    op: &'a U,
    numbers: Numbers<T>,
    sign: T,
}
impl<T: Float, U: Update> Rule<T> for Eval<'_, U, T> {
    #[inline(always)]
    fn eval(&self, p: T, g: T, s: States<T>) -> (T, States<T>) {
        self.op.eval(&self.numbers, p, g * self.sign, s)
    }
    #[inline(always)]
    fn measure(&self, p: T, g: T, s: States<T>) -> ([T; 2], States<T>) {
        self.op.measure(&self.numbers, p, g * self.sign, s)
    }
}

pub fn cost<U: Update>(op: &U, x: Specs) -> Cost {
    let n = Lists::of::<U>(x.len()).n;
    let (elements, bytes) = x.iter().take(n).fold((0, 0), |(e, b), p| (e + p.numel(), b + p.bytes()));
    // Parameter and states are read and written, the gradient is read; norms take a pass before that.
    let passes = 3 + 2 * op.states().count_ones() as usize;
    let bytes = bytes * if U::NORMS { 2 * passes - 1 } else { passes };
    Cost { flops: U::FLOPS * elements as u64, bytes: bytes as u64 }
}

/// Two parameters with their states after three steps (and one that has made none), and a rate.
pub fn samples<U: Update>() -> Samples<U> {
    let made = |op: U| {
        let at = Lists::of::<U>(U::info().inputs.len());
        let scalar = |x: f64| Some(Tensor::scalar(x).expect("a scalar"));
        let list = |k: u64| {
            let sizes: [&[crate::shape::Dim]; 3] = [&[2, 3], &[4], &[]];
            // States as they may be: the mean of squares, which comes first, is not below the square of a mean.
            let (low, high) = if k <= 2 { (0.5, 1.0) } else { (0.1, 0.5) };
            sizes.map(|d| Some(crate::ops::sample_in(5 * k + d.len() as u64, d, low, high)))
        };
        let mut inputs: Vec<Option<Tensor>> = (0..2).flat_map(list).collect();
        for k in 0..at.states {
            inputs.extend(if op.states() >> k & 1 == 1 { list(2 + k as u64) } else { [None, None, None] });
        }
        for k in 0..U::COUNTS {
            let counts = if k == 0 { [3.0, 0.0, 1.0] } else { [0.5, 1.0, 0.9] };
            inputs.extend(counts.map(|c| if op.states() == 0 { None } else { scalar(c) }));
        }
        inputs.push(scalar(0.1));
        (op, inputs)
    };
    U::sample_ops().into_iter().map(made).collect()
}

/// Each sample with one thing wrong.
pub fn refused<U: Update>() -> Refusals<U> {
    let scalar = || Some(Tensor::scalar(1.0f32).expect("a scalar"));
    let mut all: Refusals<U> = vec![];
    for (op, inputs) in samples::<U>() {
        let at = Lists::of::<U>(inputs.len());
        let mut refuse = |k: usize, with: Option<Tensor>, kind: Kind, says: &'static str| {
            let mut wrong = inputs.clone();
            wrong[k] = with;
            all.push((op.clone(), wrong, kind, says));
        };
        let other = || Some(crate::ops::sample(1, &[3, 2]));
        refuse(inputs.len() - 1, scalar(), Kind::DType, "lr is a float64 scalar, got float32");
        refuse(at.n, other(), Kind::Shape, "parameter 0 is float64(2, 3), its gradient float64(3, 2)");
        refuse(at.n, None, Kind::Value, "parameter 0 or its gradient is missing");
        for k in 0..at.states {
            if op.states() >> k & 1 == 1 {
                refuse(at.state(k, 0), other(), Kind::Shape, "parameter 0 is float64(2, 3), its member of");
                refuse(at.state(k, 1), None, Kind::Value, "are in use, and missing");
                refuse(at.count(0, 1), scalar(), Kind::DType, "steps is a float64 scalar, got float32");
                refuse(at.count(0, 1), None, Kind::Value, "steps is missing");
            } else {
                refuse(at.state(k, 0), inputs[0].clone(), Kind::Value, "are not in use, and given");
            }
        }
    }
    all
}
