use crate::ops::cat::cat;
use crate::ops::slice::{narrow, window};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Cuts a tensor along `dim`: into pieces of `split_size_or_sections` elements, the last one smaller where it does not
    /// divide the size; or into pieces of the sizes in a list. Views.
    ///
    /// Shapes: the input's, with a piece's size at `dim`. Raises `ShapeError` for a dimension that is out of range, a negative
    /// size, or sizes that do not add up.
    pub Split = "split"(input: One @ Any) -> (pieces; *) { split_size_or_sections: OneOrMore, dim: i64 = 0 }
}
impl Function for Split {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = &ins[0].expect("a required input").spec;
        let n = length(x, self.dim)?;
        let sizes = match &self.split_size_or_sections {
            OneOrMore::More(sizes) => sizes.clone(),
            OneOrMore::One(size) => match (*size, n) {
                (size, _) if size < 0 => return Err(err(Kind::Value, format!("a piece's size must not be negative, got {size}"))),
                (0, 0) => smallvec![0],
                (0, n) => return Err(err(Kind::Value, format!("pieces of size 0 never cover a dimension of size {n}"))),
                (size, n) => pieces_of(size, n),
            },
        };
        dispatch::apply(&Pieces { sizes, dim: self.dim }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |by: OneOrMore, dim, d: &[u32]| {
            let op = Split { split_size_or_sections: by, dim };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![
            case(OneOrMore::One(2), 0, &[5, 3]),
            case(OneOrMore::More(smallvec![1, 0, 3]), -1, &[2, 4]),
            case(OneOrMore::More(smallvec![2, 1]), 1, &[2, 3, 2, 2]),
            case(OneOrMore::One(3), 0, &[0, 2]),
            case(OneOrMore::One(9), -2, &[4, 3]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let one = |size| Split { split_size_or_sections: OneOrMore::One(size), dim: 0 };
        let list = |sizes: &[i64]| Split { split_size_or_sections: OneOrMore::More(sizes.into()), dim: 0 };
        refusals(vec![
            (one(-1), given::floats(&[&[3]]), Kind::Value, "must not be negative, got -1"),
            (one(0), given::floats(&[&[3]]), Kind::Value, "pieces of size 0 never cover a dimension of size 3"),
            (one(1), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to cut"),
            (list(&[1, 1]), given::floats(&[&[3]]), Kind::Shape, "sizes that add up to 3 expected, got [1, 1]"),
            (list(&[4, -1]), given::floats(&[&[3]]), Kind::Shape, "got [4, -1]"),
            (list(&[i64::MAX, i64::MAX]), given::floats(&[&[3]]), Kind::Shape, "sizes that add up to 3"),
        ])
    }
}
op! {
    /// Cuts a tensor along `dim` into at most `chunks` pieces of equal size, the last one smaller where they do not divide the
    /// size. Views.
    ///
    /// Shapes: the input's, with `ceil(size / chunks)` or less at `dim`: there may be fewer pieces than asked for, see
    /// `tensor_split`. Raises `ShapeError` for a dimension that is out of range, `ValueError` unless `chunks > 0`.
    pub Chunk = "chunk"(input: One @ Any) -> (pieces; *) { chunks: i64, dim: i64 = 0 }
}
impl Function for Chunk {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let n = length(&ins[0].expect("a required input").spec, self.dim)?;
        let chunks = pieces("chunks", self.chunks, n)?;
        // Of nothing there are as many pieces as asked for.
        let sizes = if n == 0 { smallvec![0; chunks as usize] } else { pieces_of((n + chunks - 1) / chunks, n) };
        dispatch::apply(&Pieces { sizes, dim: self.dim }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |chunks, dim, d: &[u32]| {
            let op = Chunk { chunks, dim };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(2, 0, &[5, 3]), case(4, -1, &[2, 6]), case(3, 1, &[2, 0]), case(1, 0, &[3])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |chunks| Chunk { chunks, dim: 0 };
        refusals(vec![
            (op(0), given::floats(&[&[3]]), Kind::Value, "chunks from 1 to 1048576 expected, got 0"),
            (op(1 << 40), given::floats(&[&[0]]), Kind::Value, "got 1099511627776"),
            (op(1), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to cut"),
        ])
    }
}
op! {
    /// Cuts a tensor along `dim`: into exactly `indices_or_sections` pieces, the first ones one larger where these do not divide
    /// the size; or before each of the indices in a list, as Python's slices do. Views.
    ///
    /// Shapes: the input's, with a piece's size at `dim`. Raises `ShapeError` for a dimension that is out of range, `ValueError`
    /// unless there is at least one piece.
    pub TensorSplit = "tensor_split"(input: One @ Any) -> (pieces; *) { indices_or_sections: OneOrMore, dim: i64 = 0 }
}
impl Function for TensorSplit {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let n = length(&ins[0].expect("a required input").spec, self.dim)?;
        let cuts: Ints = match &self.indices_or_sections {
            OneOrMore::One(sections) => {
                let sections = pieces("indices_or_sections", *sections, n)?;
                (1..sections).map(|i| i * (n / sections) + i.min(n % sections)).collect()
            }
            OneOrMore::More(indices) => indices.iter().map(|&i| (if i < 0 { i + n } else { i }).clamp(0, n)).collect(),
        };
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        let ends = cuts.iter().copied().chain([n]);
        if starts.clone().zip(ends.clone()).any(|(a, b)| a > b) {
            // Indices that go back make pieces that overlap.
            let x = ins[0].expect("a required input");
            return starts.zip(ends).map(|(a, b)| narrow(x, self.dim, a, b.max(a))).collect();
        }
        dispatch::apply(&Pieces { sizes: starts.zip(ends).map(|(a, b)| b - a).collect(), dim: self.dim }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |by: OneOrMore, dim, d: &[u32]| {
            let op = TensorSplit { indices_or_sections: by, dim };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![
            case(OneOrMore::One(3), 0, &[7, 2]),
            case(OneOrMore::One(4), -1, &[2, 3]),
            case(OneOrMore::More(smallvec![1, -1]), 1, &[2, 5]),
            case(OneOrMore::More(smallvec![3, 1]), 0, &[5]),
            case(OneOrMore::More(smallvec![]), 0, &[3]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |n| TensorSplit { indices_or_sections: OneOrMore::One(n), dim: 0 };
        refusals(vec![
            (op(0), given::floats(&[&[3]]), Kind::Value, "indices_or_sections from 1 to 1048576 expected, got 0"),
            (op(1 << 40), given::floats(&[&[3]]), Kind::Value, "got 1099511627776"),
            (op(1), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to cut"),
        ])
    }
}

op! {
    /// A tensor cut along `dim` into pieces of these sizes, which add up: what `split`, `chunk` and `tensor_split` do.
    Pieces = "pieces"(input: One @ Any) -> (pieces; *) { sizes: Ints, dim: i64 }
}
impl Op for Pieces {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let n = length(&x[0], self.dim)?;
        if self.sizes.iter().any(|s| *s < 0) || self.sizes.iter().fold(0i64, |n, s| n.saturating_add(*s)) != n {
            let text = format!("sizes that add up to {n} expected, got {:?}", &self.sizes[..]);
            return Err(err(Kind::Shape, text));
        }
        let (axis, mut start) = (x[0].axis(self.dim)?, 0);
        for &size in &self.sizes {
            let (spec, offset) = window(&x[0], axis, start, size as usize, 1);
            out.view(0, spec, offset)?;
            start += size as usize;
        }
        Ok(())
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("views have no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    /// The pieces' gradients, joined in one pass; zeros for those that nothing came from.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let dtype = cx.spec(0).dtype;
        let whole = |i: usize| cx.opt_dy(i).cloned().map_or_else(|| zeros(cx.out_spec(i), dtype), Ok);
        let all = (0..self.sizes.len()).map(whole).collect::<Result<Vec<_>>>()?;
        Ok(smallvec![Some(cat(&all.iter().collect::<Vec<_>>(), self.dim)?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Pieces> {
        vec![(Pieces { sizes: smallvec![1, 2], dim: -1 }, vec![Some(crate::ops::sample(1, &[2, 3]))])]
    }
    fn refusals() -> Refusals<Pieces> {
        vec![
            (Pieces { sizes: smallvec![1, 1], dim: 0 }, given::floats(&[&[3]]), Kind::Shape, "sizes that add up to 3 expected, got [1, 1]"),
        ]
    }
}

/// The size of dimension `dim`, which there must be.
fn length(x: &Spec, dim: i64) -> Result<i64> {
    if x.rank() == 0 {
        return Err(err(Kind::Shape, "a 0-d tensor has no dimension to cut"));
    }
    Ok(x.d(x.axis(dim)?) as i64)
}
/// `n` in pieces of `size`.
fn pieces_of(size: i64, n: i64) -> Ints {
    // Nothing is one piece of nothing.
    (0..n.max(1)).step_by(size.max(1) as usize).map(|at| size.min(n - at)).collect()
}
/// A number of pieces of `n` elements, some of which may be empty. Many more of these are a mistake, and would only fill
/// memory.
fn pieces(name: &str, x: i64, n: i64) -> Result<i64> {
    let most = n.max(1 << 20);
    match (1..=most).contains(&x) {
        true => Ok(x),
        false => Err(err(Kind::Value, format!("{name} from 1 to {most} expected, got {x}"))),
    }
}
/// Zeros of a shape, as a view of one.
pub fn zeros(like: &Spec, dtype: crate::DType) -> Result<Tensor> {
    let zero = crate::ops::full::zero(dtype)?;
    crate::ops::expand::expand(&zero, &like.shape())
}
