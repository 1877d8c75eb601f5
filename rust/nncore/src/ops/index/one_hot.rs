use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};

op! {
    /// Classes as vectors: zeros with a 1 at the place that each entry of `input` names.
    ///
    /// `input` is int64. Shape: the input's, and `num_classes` behind it; the result is int64. With `num_classes=-1` there are
    /// as many as the largest entry asks for, which the host reads: inside a captured step this is an error. Raises
    /// `DTypeError` for another dtype, `ValueError` for an entry out of range, or for no entry to tell the number from.
    pub OneHot = "one_hot"(input: One @ Any) -> (output; 1) { num_classes: i64 = -1 }
}
impl Function for OneHot {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        if x.spec.dtype != DType::I64 {
            return Err(err(Kind::DType, format!("classes must be int64, got {}", x.spec.dtype)));
        }
        let classes = match self.num_classes {
            -1 => {
                let most = x.to_vec::<i64>()?.into_iter().max();
                most.ok_or_else(|| err(Kind::Value, "an input with elements or num_classes expected, got neither"))?.max(-1).saturating_add(1)
            }
            n if n >= 1 => n,
            n => return Err(err(Kind::Value, format!("num_classes is positive, or -1, got {n}"))),
        };
        dispatch::apply(&OneHotRows { classes }, &[Some(x)])
    }
    fn cases() -> Vec<Case> {
        let case = |num_classes, v: &[i64], d: &[u32]| {
            let x = Tensor::from_slice(v, d).expect("a small tensor");
            Case { attrs: Signature::attrs(&OneHot { num_classes }), inputs: vec![Some(x)] }
        };
        vec![case(-1, &[0, 2, 1, 2], &[2, 2]), case(4, &[3, 0], &[2]), case(3, &[1], &[]), case(2, &[], &[0])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |num_classes| OneHot { num_classes };
        refusals(vec![
            (op(2), vec![given::int64(&[0, 2])], Kind::Value, "class 2 (element 1) is out of range for 2"),
            (op(-1), vec![given::int64(&[-1])], Kind::Value, "class -1 (element 0)"),
            (op(-1), vec![given::int64(&[])], Kind::Value, "an input with elements or num_classes expected, got neither"),
            (op(0), vec![given::int64(&[0])], Kind::Value, "num_classes is positive, or -1, got 0"),
            (op(2), given::floats(&[&[2]]), Kind::DType, "classes must be int64, got float64"),
            (op(1 << 62), vec![given::int64(&[0])], Kind::Shape, "a tensor holds at most"),
        ])
    }
}
op! {
    /// `one_hot` where the number of classes is known.
    OneHotRows = "one_hot_rows"(input: One) -> (output; 1) { classes: i64 }
}
impl Op for OneHotRows {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let mut shape = x[0].shape();
        shape.push(self.classes);
        out.fresh(Spec::checked(DType::I64, &shape)?)
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        match cx.get::<i64>(0).iter().position(|k| !(0..self.classes).contains(k)) {
            None => Ok(()),
            Some(at) => {
                let text = format!("class {} (element {at}) is out of range for {}", cx.get::<i64>(0)[at], self.classes);
                Err(err(Kind::Value, text))
            }
        }
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let out = cx.out::<i64>(0);
        out.fill(0);
        for (row, &k) in out.chunks_exact_mut(self.classes as usize).zip(cx.get::<i64>(0)) {
            row[k as usize] = 1
        }
        Ok(())
    }
    fn samples() -> Samples<OneHotRows> {
        let x = Tensor::from_slice(&[1i64, 0], &[2]).expect("a small tensor");
        vec![(OneHotRows { classes: 3 }, vec![Some(x)])]
    }
}
