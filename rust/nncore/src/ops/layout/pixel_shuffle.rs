use crate::ops::permute::Permute;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Spreads channels over space: (*, C r^2, H, W) becomes (*, C, H r, W r), with r the `upscale_factor`.
    ///
    /// Raises `ShapeError` where r^2 does not divide the channels. Source: Shi et al., 2016.
    pub PixelShuffle = "pixel_shuffle"(input: One @ Any) -> (output; 1) { upscale_factor: i64 }
}
op! {
    /// Undoes `pixel_shuffle`: (*, C, H r, W r) becomes (*, C r^2, H, W), with r the `downscale_factor`.
    ///
    /// Raises `ShapeError` where r does not divide height and width.
    pub PixelUnshuffle = "pixel_unshuffle"(input: One @ Any) -> (output; 1) { downscale_factor: i64 }
}
op! {
    /// Deals the channels out: those of each of `groups` groups of neighbours end up `groups` apart.
    ///
    /// Shape: (N, C, ...); the result has the same. Raises `ShapeError` where the groups do not divide the channels.
    /// Source: Zhang et al., 2018 (ShuffleNet).
    pub ChannelShuffle = "channel_shuffle"(input: One @ Any) -> (output; 1) { groups: i64 }
}
/// Reshape, permute the dimensions from `lead` on, reshape.
fn deal(x: &Tensor, lead: usize, split: &[i64], order: &[i64], joined: &[i64]) -> Result<Outputs> {
    let own = x.spec.shape();
    let with = |rest: &[i64]| -> Ints { own[..lead].iter().chain(rest).copied().collect() };
    let dims: Ints = (0..lead as i64).chain(order.iter().map(|d| d + lead as i64)).collect();
    let turned = dispatch::one(&Permute { dims }, &[&reshape(x, &with(split))?])?;
    Ok(smallvec![reshape(&turned, &with(joined))?])
}
fn image(x: &Tensor, r: i64) -> Result<(usize, [i64; 3])> {
    let (n, s) = (x.spec.rank(), x.spec.shape());
    if n < 3 || !(1..1 << 31).contains(&r) {
        return Err(err(Kind::Shape, format!("an input (*, C, H, W) and a positive factor below 2**31 expected, got {:?} and {r}", x.spec.dims())));
    }
    Ok((n - 3, [s[n - 3], s[n - 2], s[n - 1]]))
}
impl Function for PixelShuffle {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, r) = (ins[0].expect("input"), self.upscale_factor);
        let (lead, [c, h, w]) = image(x, r)?;
        if c % (r * r) != 0 {
            return Err(err(Kind::Shape, format!("channels that are a multiple of {} expected, got {c}", r * r)));
        }
        let c = c / (r * r);
        deal(x, lead, &[c, r, r, h, w], &[0, 3, 1, 4, 2], &[c, h * r, w * r])
    }
    fn cases() -> Vec<Case> {
        let case = |r, d: &[u32]| Case { attrs: PixelShuffle { upscale_factor: r }.attrs(), inputs: vec![Some(crate::ops::sample(1, d))] };
        vec![case(2, &[2, 8, 2, 3]), case(1, &[3, 2, 2]), case(3, &[9, 1, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |upscale_factor| PixelShuffle { upscale_factor };
        refusals(vec![
            (op(2), vec![s(&[6, 2, 2])], Kind::Shape, "a multiple of 4 expected, got 6"),
            (op(1), given::floats(&[&[1; 8]]), Kind::Shape, "at most 8 dimensions"),
            (op(2), vec![s(&[4, 2])], Kind::Shape, "(*, C, H, W)"),
        ])
    }
}
impl Function for PixelUnshuffle {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, r) = (ins[0].expect("input"), self.downscale_factor);
        let (lead, [c, h, w]) = image(x, r)?;
        if h % r != 0 || w % r != 0 {
            return Err(err(Kind::Shape, format!("height and width that are multiples of {r} expected, got {h} and {w}")));
        }
        deal(x, lead, &[c, h / r, r, w / r, r], &[0, 2, 4, 1, 3], &[c * r * r, h / r, w / r])
    }
    fn cases() -> Vec<Case> {
        let case = |r, d: &[u32]| Case { attrs: PixelUnshuffle { downscale_factor: r }.attrs(), inputs: vec![Some(crate::ops::sample(1, d))] };
        vec![case(2, &[2, 2, 4, 6]), case(3, &[1, 3, 6])]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = |downscale_factor| PixelUnshuffle { downscale_factor };
        refusals(vec![(op(2), vec![s(&[1, 3, 2])], Kind::Shape, "multiples of 2 expected, got 3 and 2"),
            (op(0), vec![s(&[1, 2, 2])], Kind::Shape, "a positive factor below 2**31 expected, got [1, 2, 2] and 0"),
            (op(1), given::floats(&[&[1; 8]]), Kind::Shape, "at most 8 dimensions")])
    }
}
impl Function for ChannelShuffle {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, g) = (ins[0].expect("input"), self.groups);
        if x.spec.rank() < 3 {
            return Err(err(Kind::Shape, format!("an input (N, C, ...) of 3 dimensions or more expected, got {:?}", x.spec.dims())));
        }
        let c = x.spec.d(1) as i64;
        if g < 1 || c % g != 0 {
            return Err(err(Kind::Shape, format!("groups divide the channels, got {g} groups of {c} channels")));
        }
        let rest = x.spec.shape()[2..].iter().product();
        let y = deal(x, 1, &[g, c / g, rest], &[1, 0, 2], &[c, rest])?;
        Ok(smallvec![reshape(&y[0], &x.spec.shape())?])
    }
    fn cases() -> Vec<Case> {
        let case = |groups, d: &[u32]| Case { attrs: ChannelShuffle { groups }.attrs(), inputs: vec![Some(crate::ops::sample(1, d))] };
        vec![case(2, &[2, 6, 3]), case(3, &[1, 6, 2, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        let op = || ChannelShuffle { groups: 4 };
        refusals(vec![
            (op(), vec![s(&[1, 6, 2])], Kind::Shape, "4 groups of 6 channels"),
            (op(), vec![s(&[1, 8])], Kind::Shape, "got [1, 8]"),
        ])
    }
}
