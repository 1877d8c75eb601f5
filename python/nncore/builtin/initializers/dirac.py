"""A convolution that hands its input on."""

import math

import numpy as np

from nncore.api import Array, Shape, ShapeError, Stream, spread
from nncore.builtin._checks import whole


def _std(shape: Shape, fan_in: int, fan_out: int, groups: int = 1) -> float:
    each = _checked(shape, groups)
    share = groups * min(each, shape[1]) / max(math.prod(shape), 1)
    return math.sqrt(share * (1 - share))


def _checked(shape: Shape, groups: int) -> int:
    """Outputs of a group."""
    whole("dirac", "groups", groups, least=1)
    if not 3 <= len(shape) <= 5:
        raise ShapeError(
            f"dirac takes a convolution's weight, of 3 to 5 dimensions; got a parameter of shape {tuple(shape)}"
        )
    if shape[0] % groups:
        raise ShapeError(f"dirac: {shape[0]} outputs do not come in {groups} groups")
    return shape[0] // groups


@spread("1 in the middle of an output's own input, 0 elsewhere", std=_std)
def dirac(shape: Shape, fan_in: int, fan_out: int, stream: Stream, dtype: str, *, groups: int = 1) -> Array:
    """1 in the middle of the window where output and input are the same channel, 0 elsewhere.

    The convolution then hands on as many channels as it can. With padding of half the window it keeps their size.

    Args:
        groups: Groups of the convolution; each hands on its own channels.

    Raises:
        InvalidValueError: Groups that are no integer of at least 1.
        ShapeError: Other than 3 to 5 dimensions, or outputs that do not come in these groups.

    Source: Zagoruyko and Komodakis 2017 (arXiv 1706.00388); the arguments are PyTorch's.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn
        >>> nn.Parameter((2, 2, 3), init="dirac").tolist()
        [[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]
    """
    each = _checked(shape, groups)
    made = np.zeros(tuple(shape), dtype)
    if made.size:
        middle = tuple(size // 2 for size in shape[2:])
        for group in range(groups):
            for channel in range(min(each, shape[1])):
                made[(group * each + channel, channel, *middle)] = 1
    return made
