use crate::ops::movedim::Movedim;
use crate::ops::{cast::cast, index_select::index_select, reshape::reshape};
use crate::op::*;
use crate::{err, DType, Kind, Result, Tensor};
use smallvec::smallvec;
use std::cmp::Ordering;

op! {
    /// The elements that differ from each other, in ascending order; with `dim` the slices along it, in the order of their first
    /// elements, then their second ones, and so on.
    ///
    /// With `return_inverse` comes which of them each element is, with `return_counts` how often each of them is there, in this
    /// order, as one tuple. Shapes: `(n,)`, or the input's with n at `dim`; the inverse has the input's shape, or `(size,)` of
    /// `dim`; the counts `(n,)`, both int64. They come in order whether `sorted` or not. Each NaN differs from all others, and
    /// comes last. There is no gradient. The host reads the input to tell n, so that a captured step refuses it. Raises
    /// `ShapeError` for a dimension that is out of range.
    pub Unique = "unique"(input: One + constant) -> (output, inverse, counts; +) {
        sorted: bool = true, return_inverse: bool = false, return_counts: bool = false, dim: Option<i64> = None,
    }
}
impl Function for Unique {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input").detach();
        let (line, axis) = match self.dim {
            Some(dim) if x.spec.rank() > 0 => (x.clone(), x.spec.axis(dim)?),
            Some(dim) => (reshape(&x, &[1])?, x.spec.axis(dim)?),
            None => (reshape(&x, &[-1])?, 0),
        };
        // One row a slice.
        let front = Movedim { source: smallvec![axis as i64], destination: smallvec![0] }.call(&[Some(&line)])?.swap_remove(0);
        let (n, width) = (line.spec.d(axis), line.spec.numel() / line.spec.d(axis).max(1));
        if n > 0 && width == 0 {
            return Err(err(Kind::Shape, format!("slices of at least one element expected, got {:?}", x.spec.dims())));
        }
        let places = match x.spec.dtype.is_float() {
            true => Places::of(&cast(&front, DType::F64)?.to_vec::<f64>()?, n, width),
            false => Places::of(&cast(&front, DType::I64)?.to_vec::<i64>()?, n, width),
        };
        let vector = |values: &[i64]| Tensor::from_slice(values, &[values.len() as u32]);
        let mut outs: Outputs = smallvec![index_select(&line, axis as i64, &vector(&places.first)?)?];
        if self.return_inverse {
            let inverse = vector(&places.inverse)?;
            outs.push(if self.dim.is_none() { reshape(&inverse, &x.spec.shape())? } else { inverse });
        }
        if self.return_counts {
            outs.push(vector(&places.counts)?)
        }
        Ok(outs)
    }
    fn cases() -> Vec<Case> {
        let case = |return_inverse, return_counts, dim, values: &[f64], d: &[u32]| Case {
            attrs: Unique { sorted: true, return_inverse, return_counts, dim }.attrs(),
            inputs: vec![Some(Tensor::from_slice(values, d).expect("a small tensor"))],
        };
        let values = [1.0, 0.5, 1.0, 2.0, 0.5, 1.0, 0.5, 1.0];
        vec![
            case(false, false, None, &values, &[2, 4]),
            case(true, false, None, &values, &[8]),
            case(false, true, None, &values, &[2, 2, 2]),
            case(true, true, Some(0), &values, &[4, 2]),
            case(true, true, Some(-1), &values, &[2, 4]),
            case(true, true, None, &[], &[0]),
            case(true, true, None, &[3.0], &[]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = Unique { sorted: true, return_inverse: false, return_counts: false, dim: Some(0) };
        refusals(vec![(op, vec![Some(crate::ops::sample(1, &[2, 0]))], Kind::Shape, "of at least one element")])
    }
}
/// Where the rows lie that differ, which of them each row is, and how many of each there are.
struct Places {
    first: Vec<i64>,
    inverse: Vec<i64>,
    counts: Vec<i64>,
}
impl Places {
    fn of<T: PartialOrd>(values: &[T], n: usize, width: usize) -> Places {
        let row = |i: &usize| &values[i * width..(i + 1) * width];
        // NaN lies behind all numbers, and is equal to nothing.
        let order = |a: &T, b: &T| a.partial_cmp(b).unwrap_or_else(|| nan(a).cmp(&nan(b)));
        let rows = |a: &usize, b: &usize| {
            let pairs = row(a).iter().zip(row(b)).map(|(a, b)| order(a, b));
            pairs.fold(Ordering::Equal, Ordering::then)
        };
        let mut sorted: Vec<usize> = (0..n).collect();
        sorted.sort_by(rows);
        let mut places = Places { first: vec![], inverse: vec![0; n], counts: vec![] };
        for (k, i) in sorted.iter().enumerate() {
            if k == 0 || row(&sorted[k - 1]) != row(i) {
                places.first.push(*i as i64);
                places.counts.push(0);
            }
            places.inverse[*i] = places.first.len() as i64 - 1;
            *places.counts.last_mut().expect("a first row") += 1;
        }
        places
    }
}
fn nan<T: PartialOrd>(x: &T) -> bool {
    x.partial_cmp(x).is_none()
}
