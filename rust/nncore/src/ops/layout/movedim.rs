use crate::ops::permute::{Permute, Transpose};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::{smallvec, SmallVec};

macro_rules! moves {
    ($($S:ident = $name:literal, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: the input's, reordered. Raises `ShapeError` for a dimension that is out of range or named twice, or where
            /// `source` and `destination` have different lengths.
            pub $S = $name(input: One @ Any) -> (output; 1) { source: Ints, destination: Ints }
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                moved(&self.source, &self.destination, ins)
            }
            fn cases() -> Vec<Case> {
                let case = |source, destination, d: &[u32]| {
                    let op = $S { source, destination };
                    Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
                };
                vec![
                    case(smallvec![0], smallvec![-1], &[2, 3, 4]),
                    case(smallvec![2, 0], smallvec![0, 1], &[2, 3, 4]),
                    case(smallvec![-1, 1], smallvec![-2, 0], &[2, 3, 4, 2]),
                    case(smallvec![], smallvec![], &[2, 3]),
                ]
            }
            fn refusals() -> Vec<Refusal> {
                let op = |source, destination| $S { source, destination };
                refusals(vec![
                    (op(smallvec![0], smallvec![0, 1]), given::floats(&[&[2, 3]]), Kind::Shape, "got [0] and [0, 1]"),
                    (op(smallvec![0, -2], smallvec![0, 1]), given::floats(&[&[2, 3]]), Kind::Shape, "twice in [0, -2]"),
                    (op(smallvec![0], smallvec![2]), given::floats(&[&[2, 3]]), Kind::Shape, "dim 2 is out of range"),
                ])
            }
        }
    )* };
}
moves! {
    Movedim = "movedim", " Moves the dimensions in `source` to the places in `destination`; the others keep their order. A view.";
    Moveaxis = "moveaxis", " What `movedim` does, under NumPy's name. A view.";
}
fn moved(source: &Ints, destination: &Ints, ins: &[Option<&Tensor>]) -> Result<Outputs> {
    let x = &ins[0].expect("a required input").spec;
    if source.len() != destination.len() {
        let text = format!("as many sources as destinations expected, got {:?} and {:?}", &source[..], &destination[..]);
        return Err(err(Kind::Shape, text));
    }
    let axes = |dims: &Ints| -> Result<SmallVec<[usize; 8]>> {
        let axes = dims.iter().map(|d| x.axis(*d)).collect::<Result<SmallVec<[usize; 8]>>>()?;
        match (1..axes.len()).find(|&i| axes[..i].contains(&axes[i])) {
            Some(i) => Err(err(Kind::Shape, format!("dim {} is named twice in {:?}", dims[i], &dims[..]))),
            None => Ok(axes),
        }
    };
    let (from, to) = (axes(source)?, axes(destination)?);
    if x.rank() == 0 {
        return dispatch::apply(&Permute { dims: smallvec![] }, ins);
    }
    let mut rest = (0..x.rank()).filter(|i| !from.contains(i));
    let place = |i: usize| to.iter().position(|t| *t == i).map(|k| from[k]);
    let dims = (0..x.rank()).map(|i| place(i).or_else(|| rest.next()).expect("as many places as dimensions") as i64);
    dispatch::apply(&Permute { dims: dims.collect() }, ins)
}

macro_rules! swaps {
    ($($S:ident = $name:literal($a:ident, $b:ident), $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: the input's with the two sizes swapped. Raises `ShapeError` for a dimension that is out of range.
            pub $S = $name(input: One @ Any) -> (output; 1) { $a: i64, $b: i64 }
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                dispatch::apply(&Transpose { dim0: self.$a, dim1: self.$b }, ins)
            }
            fn cases() -> Vec<Case> {
                vec![Case { attrs: vec![Attr::Int(0), Attr::Int(-1)], inputs: vec![Some(crate::ops::sample(1, &[2, 3, 4]))] }]
            }
        }
    )* };
}
swaps! {
    Swapaxes = "swapaxes"(axis0, axis1), " Swaps two dimensions: `transpose` under NumPy's name. A view.";
    Swapdims = "swapdims"(dim0, dim1), " Swaps two dimensions: another name of `transpose`. A view.";
}
