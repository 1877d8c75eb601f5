//! Views of other ranks: `broadcast_to`, `expand_as`, `atleast_1d` and its kin, `meshgrid`.
use crate::ops::expand::expand;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Repeats without copying, as `expand`, under NumPy's name. A view.
    ///
    /// Raises `ShapeError` where the input does not broadcast to that shape.
    pub BroadcastTo = "broadcast_to"(input: One @ Any) -> (output; 1) { size: Ints }
}
impl Function for BroadcastTo {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        Ok(smallvec![expand(ins[0].expect("a required input"), &self.size)?])
    }
    fn cases() -> Vec<Case> {
        let case = |size: &[i64], d: &[u32]| {
            let op = BroadcastTo { size: size.into() };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(&[2, 3, 4], &[3, 1]), case(&[3], &[])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |size: &[i64]| BroadcastTo { size: size.into() };
        refusals(vec![
            (op(&[2, 4]), given::floats(&[&[3]]), Kind::Shape, "[3] does not expand to [2, 4]"),
            (op(&[1; 9]), given::floats(&[&[3]]), Kind::Shape, "at most 8 dimensions, got 9"),
            (op(&[1 << 40, 3]), given::floats(&[&[3]]), Kind::Shape, "a tensor holds at most"),
            (op(&[3]), given::floats(&[&[2, 3]]), Kind::Shape, "[2, 3] does not expand to [3]"),
            (op(&[-2, 3]), given::floats(&[&[3]]), Kind::Shape, "must not be negative, got -2"),
        ])
    }
}
op! {
    /// Repeats without copying to the shape of `other`, whose values are not looked at. A view.
    ///
    /// Raises `ShapeError` where the input does not broadcast to that shape.
    pub ExpandAs = "expand_as"(input: One @ Any, other: One @ Any) -> (output; 1) {}
}
impl Function for ExpandAs {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, other) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        Ok(smallvec![expand(x, &other.spec.shape())?])
    }
    fn cases() -> Vec<Case> {
        vec![Case { attrs: vec![], inputs: vec![Some(crate::ops::sample(1, &[3, 1])), Some(crate::ops::sample(2, &[2, 3, 4]))] }]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (ExpandAs {}, given::floats(&[&[3], &[2, 4]]), Kind::Shape, "[3] does not expand to [2, 4]"),
        ])
    }
}
macro_rules! atleast {
    ($($S:ident = $name:literal, $shape:expr, $doc:literal, $least:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: the input's with ones added; the input's own where it has as many dimensions.
            pub $S = $name(input: One @ Any) -> (output; 1) {}
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let x = ins[0].expect("a required input");
                let shape: fn(&[i64]) -> Ints = $shape;
                let own = x.spec.shape();
                Ok(smallvec![reshape(x, &if own.len() >= $least { own } else { shape(&own) })?])
            }
            fn cases() -> Vec<Case> {
                let shapes: [&[u32]; 4] = [&[], &[3], &[2, 3], &[2, 1, 3]];
                shapes.map(|d| Case { attrs: vec![], inputs: vec![Some(crate::ops::sample(1, d))] }).into()
            }
        }
    )* };
}
atleast! {
    Atleast1d = "atleast_1d", |_| smallvec![1], " A view with at least one dimension.", 1;
    Atleast2d = "atleast_2d", |d| smallvec![1, d.first().copied().unwrap_or(1)], " A view with at least two dimensions; a vector becomes a row.", 2;
    Atleast3d = "atleast_3d", |d| match d {
        [] => smallvec![1, 1, 1],
        [n] => smallvec![1, *n, 1],
        d => smallvec![d[0], d[1], 1],
    }, " A view with at least three dimensions; a matrix gets a last one, a vector one on either side.", 3;
}

choice! {
    /// Which of the first two tensors runs along which dimension.
    Indexing { Ij = "ij", Xy = "xy" }
}
op! {
    /// The coordinates of a grid, one tensor a dimension, from vectors of coordinates. With "xy" the first two dimensions change
    /// places, as in plots. Views.
    ///
    /// Shapes: vectors (or numbers) of sizes n0, n1, … to as many tensors of shape `(n0, n1, …)`. Raises `ShapeError` for anything
    /// else, `DTypeError` where dtypes differ.
    pub Meshgrid = "meshgrid"(tensors: List @ Any) -> (grids; *) { indexing: Indexing = Indexing::Ij }
}
impl Function for Meshgrid {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let tensors: Vec<&Tensor> = ins.iter().copied().flatten().collect();
        if tensors.is_empty() {
            return Err(err(Kind::Shape, "at least one tensor expected, got none"));
        }
        if let Some(t) = tensors.iter().find(|t| t.spec.rank() > 1) {
            return Err(err(Kind::Shape, format!("vectors expected, got {:?}", t.spec.dims())));
        }
        if let Some(t) = tensors.iter().find(|t| t.spec.dtype != tensors[0].spec.dtype) {
            return Err(err(Kind::DType, format!("one dtype expected, got {} and {}", tensors[0].spec.dtype, t.spec.dtype)));
        }
        let swap = self.indexing == Indexing::Xy && tensors.len() > 1;
        let axis = |k: usize| if swap && k < 2 { 1 - k } else { k };
        let mut shape: Ints = smallvec![1; tensors.len()];
        for (k, t) in tensors.iter().enumerate() {
            shape[axis(k)] = t.spec.numel() as i64
        }
        let grid = |(k, t): (usize, &&Tensor)| {
            let mut line: Ints = smallvec![1; tensors.len()];
            line[axis(k)] = t.spec.numel() as i64;
            expand(&reshape(t, &line)?, &shape)
        };
        tensors.iter().enumerate().map(grid).collect()
    }
    fn cases() -> Vec<Case> {
        let case = |indexing, sizes: &[u32]| {
            let inputs = sizes.iter().zip(1..).map(|(n, seed)| Some(crate::ops::sample(seed, &[*n]))).collect();
            Case { attrs: Signature::attrs(&Meshgrid { indexing }), inputs }
        };
        vec![case(Indexing::Ij, &[2, 3]), case(Indexing::Xy, &[2, 3, 2]), case(Indexing::Xy, &[3])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Meshgrid { indexing: Indexing::Ij };
        refusals(vec![
            (op(), given::floats(&[&[3], &[2, 2]]), Kind::Shape, "vectors expected, got [2, 2]"),
            (op(), vec![given::float(&[3]), given::int64(&[1])], Kind::DType, "one dtype expected, got float64 and int64"),
            (op(), given::floats(&[&[2][..]; 9]), Kind::Shape, "at most 8 dimensions, got 9"),
            (op(), vec![], Kind::Shape, "at least one tensor expected, got none"),
        ])
    }
}
