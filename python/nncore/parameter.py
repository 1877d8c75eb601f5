"""`Parameter`: a tensor that a module trains, with what it was drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self, TypeAlias

import numpy as np

from nncore import _core, _modes, streams
from nncore._core import Tensor
from nncore.errors import InvalidValueError, ShapeError
from nncore.plugins import make

__all__ = ["Array", "Parameter", "Shape", "fans"]

Array: TypeAlias = np.ndarray[Any, Any]
Shape: TypeAlias = Sequence[int]


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs feed each output, and how many outputs each input feeds: `(fan_in, fan_out)`.

    A matrix is `(out, in)`; a convolution's weight `(out, in, *kernel)` counts each position of the kernel. Of a vector and
    of a scalar they are not defined: `(0, 0)`. Say what they are to a `Parameter` whose initializer reads them, as a layer
    does for its bias.

    >>> fans((10, 84)), fans((16, 6, 5, 5))
    ((84, 10), (150, 400))
    """
    if len(shape) < 2:
        return 0, 0
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


class Parameter(Tensor):
    """A tensor that a module trains. Assigning it to an attribute of a module registers it there.

    Args:
        data: A shape, such as `(out, in)`, whose values are drawn by `init`; or values: a tensor or a NumPy array.
        init: How to draw: an initializer's name, `{"name": "normal", "std": 0.02}`, or a callable
            `(shape, fan_in, fan_out, stream, dtype) -> array`. Default for a shape: `"fan_in_uniform"`, that is
            U(-1/sqrt(fan_in), 1/sqrt(fan_in)), and zeros for a vector or a scalar. Default for values: none, so that
            `initialize` leaves them alone.
        fan_in: Inputs of each output, for the initializer. Default: see `fans`. Give the weight's for a bias.
        fan_out: Outputs of each input.
        dtype: For a shape; default float32.
        requires_grad: Whether it is trained.

    Values given as a tensor are shared, not copied, except that 4-D and 5-D values are brought to channels-last memory, in
    which convolutions and their gradients lie. A parameter's memory stays where it is for its whole life: initializing,
    loading and training change it in place.

    Raises:
        ShapeError: An initializer that returns another shape, or that needs a fan which is not defined.
    """

    init: Any
    fan_in: int
    fan_out: int

    def __new__(
        cls,
        data: Any,
        *,
        init: Any = None,
        fan_in: int | None = None,
        fan_out: int | None = None,
        dtype: Any = None,
        requires_grad: bool = True,
    ) -> Self:
        shape = _as_shape(data)
        if shape is None:
            value = data if isinstance(data, Tensor) else _core.tensor(np.asarray(data))
            value = value.detach() if dtype is None else value.detach().to(dtype)
        else:
            if init is None:
                init = "fan_in_uniform" if len(shape) > 1 else "zeros"
            value = _core.empty(shape, dtype="float32" if dtype is None else dtype)
        if value.ndim in (4, 5):
            value = value.contiguous("channels_last")
        self: Self = Tensor.__new__(cls, value, requires_grad=requires_grad)
        default = fans(self.shape)
        self.init = init
        self.fan_in = default[0] if fan_in is None else fan_in
        self.fan_out = default[1] if fan_out is None else fan_out
        if shape is not None and not streams.draws_later():
            self.draw(streams.next_stream())
        return self

    def draw(self, stream: Any) -> None:
        """Draw new values from a stream, in place; nothing where no `init` was given."""
        if self.init is None:
            return
        dtype = self.dtype.name
        drawn = make("initializer", self.init)(tuple(self.shape), self.fan_in, self.fan_out, stream, dtype)
        drawn = np.asarray(drawn, dtype=dtype)
        if drawn.shape != tuple(self.shape):
            raise ShapeError(
                f"initializer {self.init!r} returned shape {drawn.shape} for a parameter of shape {tuple(self.shape)}"
            )
        fill(self, _core.tensor(drawn))

    @property
    def requires_grad(self) -> bool:
        """Whether it is trained."""
        return bool(_requires_grad.__get__(self))

    @requires_grad.setter
    def requires_grad(self, on: bool) -> None:
        _requires_grad.__set__(self, bool(on))
        _modes.changed()

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


_requires_grad: Any = Tensor.requires_grad


def fill(target: Tensor, value: Tensor) -> None:
    """Write values into a tensor's own memory; the shapes must agree."""
    target.detach().copy_(value)


def _as_shape(data: Any) -> tuple[int, ...] | None:
    """The shape, where that is what was given."""
    if isinstance(data, (int, np.integer)) and not isinstance(data, bool):
        data = (data,)
    if not isinstance(data, (tuple, list)):
        return None
    if all(isinstance(size, (int, np.integer)) and not isinstance(size, bool) for size in data):
        if any(size < 0 for size in data):
            raise InvalidValueError(f"a shape has no negative sizes, got {tuple(data)}")
        return tuple(int(size) for size in data)
    raise InvalidValueError(f"a parameter takes a shape, a tensor or a NumPy array, got {data!r}")
