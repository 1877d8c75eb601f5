"""What is no difference between an op and PyTorch's function, and what is one on purpose.

A rule says why, and holds for all ops. What differs in one op on purpose is in `INTENDED`, as a pattern that is looked for in
`name(arguments) -> what was found`, with the reason.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

__all__ = ["ALONE", "CRASHES", "INTENDED", "OWN", "PARSER", "RENAMED", "excused"]

ALONE = {
    "arange": "plain numbers, in the signature's order",
    "linspace": "as arange",
    "full": "the dtype is an argument of its own",
    "eye": "as full",
}
"""Ops that are not compared, and why."""
RENAMED = {"expand": {"shape": "size"}}
"""Arguments that torch calls otherwise."""
OWN = {"local_response_norm": ["average"]}
"""Arguments that torch does not have: only cases with their defaults are compared."""
PARSER = re.compile(
    r"^TypeError: .*(invalid combination of arguments|must be .*, not |takes .* arguments? but|unexpected keyword|missing)"
    r"|not iterable|object of type '\w+' has no len|is not subscriptable|not enough values to unpack|tuple index out of range"
)
"""What torch says where it takes no such Python value (None, an int where it wants a list): what an argument may be, not what
it means. A call is tried in several ways before, so that only values are left."""
CRASHES = {"grid_sample": 1e6}
"""Ops in which torch may read beyond its inputs where these hold numbers above a limit, or none: such cases are left out."""
WIDER = re.compile(
    "not implemented for|does not support|not supported for|[Nn]ot differentiable with respect to|could not infer output dtype"
    "|same dtype|should be the same|expected scalar type|only Tensors of floating point dtype|[Ii]ntegral inputs? not supported"
    "|only supports? floating[- ]point|must be either float or double|[Ee]xpected (a|input to have|theta to have) floating point"
    "|result type \\w+ can't be cast|Type promoting not supported|expected dtype|Input dtypes must be the same"
    "|Found dtype|expected common dtype|Autograd not support dtype|two bool tensors is not supported|bool tensor is not supported"
    "|Integer division with addcdiv|must be float|input tensors must have the same dtype|dtype to be equal to"
    "|to have the same dtype|integral input tensors, argument|For integral input|Boolean (alpha|beta) only supported"
    "|must match dtype|only be applied to floating|Expected (floating|out tensor to have dtype)|have dtype .* but got"
    "|floating point and complex|value cannot be converted to type uint8_t"
)
"""What torch says of dtypes that it does not take, or not together, while ours promote (integers to floats, and inputs to
their common dtype): more is taken, nothing means something else."""


def excused(op: dict[str, Any], theirs: str, given: list[np.ndarray], taken: bool) -> bool:
    """Is what torch says no difference, where ours has a result (`taken`) or none?"""
    if WIDER.search(theirs):
        return True
    negative = any(a.dtype.kind == "i" and bool((a < 0).any()) for a in given)
    # Indices below 0 count from the end here.
    return taken and negative and bool(re.search("out of (range|bounds|DATA)", theirs))


_UNPOOLED = [
    (
        "we refuse: .*(kernel_size|stride|padding|output_size) must (be|have)",
        "arguments that no pooling has are refused, though the result has a size of its own",
    ),
    ("we refuse: .*planes of 0 elements", "places outside of the result are refused"),
]
_BROADCAST = [("torch says .*(same (number of )?dimension|same number of dimensions)", "all inputs broadcast")]
_BYTES = [("\\(uint8.*-> values", "torch subtracts bytes from bytes, which wraps; here they become floats first")]
_SOURCES = [
    (
        "torch says .*(invalid gradient at index 1|must match the size of tensor b)",
        "torch's gradient of a source that is larger than the index fails",
    ),
    (
        "torch says .*(no larger than self|same number of dimensions as src)",
        "a source without dimensions is a number for all entries",
    ),
    ("torch says .*derivative for .* is not implemented", "sums have a gradient here"),
    (
        "we refuse: .*(shape \\[\\] does not fit|too small for an index of shape \\[\\])",
        "an index has as many dimensions as the input",
    ),
    ("\\(bool.*we refuse: DTypeError: numbers expected", "bools are not added up"),
]
_QUANTILES = [("torch says .*must be non-empty", "of no lines there are no quantiles, which is no error")]
_MIXED_NORM = [
    (
        "we refuse: .*(weight|bias) of float\\d+",
        "weights have the input's dtype; torch does not look where nothing is computed",
    )
]
_ALL_DIMENSIONS = [
    (
        "dim=\\[\\].*-> gradient",
        "torch's gradient divides by the size of no dimensions, while its result is over all of them",
    ),
    ("correction=[2-9.]+,.*-> gradient .*nan", "without degrees of freedom the slope is unknown"),
]
_NUMBERS = [("\\(u?int.*beta=0.5.*we refuse: DTypeError", "half of a whole number is none; torch rounds beta to 0")]
INTENDED: dict[str, list[tuple[str, str]]] = {
    "adaptive_avg_pool2d": [("got 5 dimensions", "an image has no more dimensions")],
    "addbmm": _NUMBERS,
    "addmm": _NUMBERS,
    "addmv": _NUMBERS,
    "addr": _NUMBERS,
    "baddbmm": _NUMBERS,
    "binary_cross_entropy_with_logits": [("torch has float32", "input and target promote like those of any loss")],
    "bmm": [("=\\[\\], .*torch has float32", "torch does not promote what is empty")],
    "cdist": [
        ("=\\[\\], .*torch has float32", "torch does not promote what is empty"),
        ("p=inf.*-> values: .*nan", "a NaN among the differences is the largest, as in max"),
    ],
    "celu": [("alpha=0.3.*-> gradient", "torch rounds alpha to float32 in its gradient")],
    "conv1d": [("we refuse: .*dilation must be at least 1", "torch does not look where the batch is empty")],
    "conv3d": [("torch says .*Only zero batch or zero channel", "an empty image has an empty result")],
    "conv_transpose1d": [("-> values: .*nan", "zeros that pad the input meet infinite weights")],
    "conv_transpose2d": [("-> values: .*nan", "zeros that pad the input meet infinite weights")],
    "conv_transpose3d": [("-> values: .*nan", "zeros that pad the input meet infinite weights")],
    "cross_entropy": [
        ("we refuse: .*label_smoothing lies in", "outside of [0, 1] it is no smoothing"),
        ("we refuse: .*class probabilities are finite", "labels are looked at before anything is computed"),
    ],
    "embedding": [
        ("we refuse: .*max_norm=.* is not supported", "not there yet"),
        ("we refuse: .*sparse.* not supported", "there are no sparse tensors"),
    ],
    "floor_divide": [("torch says .*derivative .* is not implemented", "its slope is 0")],
    "fold": [("\\(bool.*we refuse", "bools are not added up")],
    "gather": [
        ("we refuse: .*shape \\[\\] does not fit", "an index has as many dimensions as the input"),
        ("=\\[\\[\\], \\[\\]\\]\\) -> we refuse", "so has an empty one"),
    ],
    "gaussian_nll_loss": [
        ("we refuse: .*eps is positive", "else a variance of 0 would divide"),
        (
            "(we refuse: .*a variance of shape|torch says .*var is of incorrect size)",
            "the target's shape counts, and inputs broadcast",
        ),
        (
            "torch says .*var has negative",
            "it becomes eps, like others below it; to look at values would stop a captured step",
        ),
    ],
    "group_norm": [*_MIXED_NORM, ("torch says .*Expected HxW to be greater", "an empty image has an empty result")],
    "hinge_embedding_loss": [("(torch has|and np.int64)", "input and target promote like those of any loss")],
    "index_add": [("\\(bool.*we refuse", "bools are not added up")],
    "index_copy": [("we refuse: .*a source of shape", "a source has as many dimensions as the input")],
    "index_put": [("\\(bool.*True\\) -> we refuse", "bools are not added up")],
    "interpolate": [
        ("we refuse: .*antialias", "not there yet"),
        ("torch says .*same number of spatial dimensions", "one number serves all dimensions, alone in a list too"),
        ("we refuse: .*sizes of at least 1", "an image of size 0 can not be filled"),
    ],
    "linear": [("float64\\[4\\].*we refuse: .*got \\[1, 2\\]", "a vector's result is a vector")],
    "local_response_norm": [
        ("(alpha=-|k=-|beta=-?inf).*-> values: .*nan", "the power's base is positive, its exponent finite"),
        ("\\(u?int.*-> values", "torch rounds in whole numbers"),
        ("we refuse: .*size is a number", "torch does not look where the input is empty"),
    ],
    "logsumexp": [("dim=\\[\\].*torch says", "no dimensions are all of them, as in other reductions")],
    "margin_ranking_loss": [*_BROADCAST, *_BYTES],
    "max_unpool1d": _UNPOOLED,
    "max_unpool2d": _UNPOOLED,
    "max_unpool3d": _UNPOOLED,
    "multi_margin_loss": [("we refuse: .*or \\(C,\\) and \\(\\) expected", "one row has one label in a vector")],
    "multilabel_margin_loss": [
        ("=\\[\\], .*-> values", "the mean of no rows is NaN, and their sum 0; torch leaves what was in memory"),
        ("-> values: .*nan", "NaN does not vanish"),
    ],
    "nanquantile": _QUANTILES,
    "nll_loss": [("we refuse: .*a weight of", "a weight has one dimension")],
    "norm": [("torch says .*dim must be a 2-tuple", "any number of dimensions counts as one vector")],
    "pairwise_distance": _BYTES,
    "pixel_unshuffle": [("torch has float", "torch leaves what is empty in its old shape")],
    "quantile": _QUANTILES,
    "repeat_interleave": [("\\[\\]=.*torch says .*Dimension out of range", "a 0-d tensor is a line of one")],
    "rms_norm": _MIXED_NORM,
    "roll": [
        ("\\[\\]=.*torch says .*no dimensions", "a 0-d tensor takes dim 0"),
        ("we refuse: .*dim 2 is out of range", "torch does not look where the input is empty"),
    ],
    "rot90": [("we refuse: .*two dimensions", "one number is no list of two")],
    "scatter": _SOURCES,
    "scatter_add": _SOURCES,
    "scatter_reduce": [
        *_SOURCES,
        ("'prod'.*-> gradient 1", "torch's gradient flows to parts of the source that no entry reads"),
        ("'am(ax|in)', False.*-> gradient 1", "torch shares it with an element that takes no part"),
    ],
    "searchsorted": [("-> values", "the sequence of this case is not sorted")],
    "softshrink": [("lambd=inf.*torch says", "an infinite lambd leaves nothing, which is no error")],
    "square": [("\\(bool.*we refuse", "a bool is no number to be multiplied")],
    "std": _ALL_DIMENSIONS,
    "std_mean": _ALL_DIMENSIONS,
    "take_along_dim": [("we refuse: .*out of range", "torch reads beyond the input where it has broadcast the index")],
    "topk": [
        ("sorted=False", "an order that is not asked for is not specified; here it is sorted"),
        ("k=0.*torch has float", "torch leaves a 0-d tensor in its shape, with a value of its memory"),
    ],
    "triplet_margin_loss": [*_BROADCAST, *_BYTES],
    "unfold": [
        ("\\(bool.*we refuse", "windows are of numbers"),
        ("torch says .*non-zero dimensions", "an empty image has windows of padding"),
    ],
    "unique": [
        ("float64\\[\\].*torch says .*no dimensions", "a 0-d tensor takes dim 0"),
        ("dim=-?[0-9].*-> values", "NaN comes last in rows, too"),
    ],
    "var": _ALL_DIMENSIONS,
    "var_mean": _ALL_DIMENSIONS,
}
"""What differs on purpose: for each op patterns, and the reason of each."""
