use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::pointwise;
use smallvec::smallvec;

choice! {
    /// How a tensor lies in memory.
    MemoryFormat { Preserve = "preserve", Contiguous = "contiguous", ChannelsLast = "channels_last" }
}
op! {
    /// The same values in fresh memory: row-major ("contiguous"), channels-last with three to five dimensions ("channels_last"), or in the
    /// input's own order ("preserve").
    ///
    /// Shape: any; the result has the same.
    pub Copy = "copy"(input: One @ Any) -> (output; 1) { memory_format: MemoryFormat = MemoryFormat::Preserve }
}
impl Op for Copy {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(match self.memory_format {
            MemoryFormat::Preserve if x[0].is_dense() => x[0],
            MemoryFormat::ChannelsLast => x[0].channels_last(),
            _ => x[0].contiguous(),
        })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        unsafe { copy_strided(cx.spec(0), cx.ptr(0), cx.out_spec(0), cx.out_ptr(0)) };
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.dy(0).clone())])
    }
    fn samples() -> Samples<Copy> {
        [MemoryFormat::Preserve, MemoryFormat::Contiguous, MemoryFormat::ChannelsLast]
            .map(|memory_format| (Copy { memory_format }, vec![Some(crate::ops::sample(1, &[2, 3, 4, 5]))]))
            .into()
    }
}

/// Copies elements between two walks of one shape and dtype.
///
/// # Safety
/// Both pointers must be valid for their spec, and the memory must not overlap.
pub unsafe fn copy_strided(from: &Spec, src: *const u8, to: &Spec, dst: *mut u8) {
    if from.same_walk(to) && to.is_dense() {
        return std::ptr::copy_nonoverlapping(src, dst, to.bytes());
    }
    let (dims, r) = (to.usize_dims(), to.rank());
    let (a, b) = (from.isize_strides(), to.isize_strides());
    pointwise::copy(&dims[..r], src, &a[..r], dst, &b[..r], to.dtype.size());
}

/// `x` in a layout that a kernel can walk; `x` itself where it is in it already.
pub fn to_layout(x: &Tensor, layout: Layout) -> Result<Tensor> {
    if layout.accepts(&x.spec) {
        return Ok(x.clone());
    }
    let memory_format = if layout == Layout::ChannelsLast { MemoryFormat::ChannelsLast } else { MemoryFormat::Contiguous };
    dispatch::one(&Copy { memory_format }, &[x])
}
/// The same values in memory of their own.
pub fn fresh(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Copy { memory_format: MemoryFormat::Preserve }, &[x])
}
/// The same values in memory of their own, in the layout of `spec` where that is one that we make.
pub fn like(x: &Tensor, spec: &Spec) -> Result<Tensor> {
    let memory_format = match spec.is_channels_last() && !spec.is_contiguous() {
        true => MemoryFormat::ChannelsLast,
        false => MemoryFormat::Contiguous,
    };
    dispatch::one(&Copy { memory_format }, &[x])
}
