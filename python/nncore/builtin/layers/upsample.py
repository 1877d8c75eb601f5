"""Other sizes, by interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from nncore.api import InvalidValueError, Module, Tensor, example, ops
from nncore.builtin.layers._checks import choice, fits, shape

Mode = Literal["nearest", "linear", "bilinear", "bicubic", "trilinear"]

_SMOOTH = ("linear", "bilinear", "bicubic", "trilinear")
_MODES: tuple[Mode, ...] = ("nearest", "linear", "bilinear", "bicubic", "trilinear")


@example(config={"scale_factor": 2}, inputs=[(2, 3, 4)], output=(2, 3, 8))
@example(config={"size": [3, 5], "mode": "bilinear", "align_corners": True}, inputs=[(1, 2, 2, 3)], output=(1, 2, 3, 5))
@example(
    config={"scale_factor": [2.0, 1.5, 1.0], "mode": "trilinear"}, inputs=[(1, 1, 2, 2, 3)], output=(1, 1, 4, 3, 3)
)
@example(config={"scale_factor": 1.7, "mode": "bicubic"}, inputs=[(1, 1, 3, 3)], output=(1, 1, 5, 5))
class Upsample(Module):
    """Resizes sequences, images or volumes, to a size or by a factor.

    Args:
        size: The new sizes of all dimensions behind the channels; one number for each of them alike.
        scale_factor: Or factors of the sizes; one number for all.
        mode: `"nearest"`, the element at or before; `"linear"` for sequences, `"bilinear"` and `"bicubic"` for images,
            `"trilinear"` for volumes.
        align_corners: Whether the outermost elements of both lie on each other, in the modes but the nearest. By
            default, and with False, the outermost edges do.
        recompute_scale_factor: Whether the factor is taken from the sizes that the given one leads to.

    Shape: `(N, C, L)`, `(N, C, H, W)` or `(N, C, D, H, W)` to the same with L' = floor(L·scale_factor), and so on.

    Raises:
        InvalidValueError: Neither or both of size and scale_factor, an unknown mode, or align_corners with `"nearest"`.
        ShapeError: An input whose rank does not go with the mode.

    Source: PyTorch, whose two ways of aligning corners it has.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.Upsample(scale_factor=2)(tensor([[[1.0, 2.0]]])).tolist()
        [[[1.0, 1.0, 2.0, 2.0]]]
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: Mode = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        if (size is None) == (scale_factor is None):
            raise InvalidValueError(
                f"{type(self).__name__}: give one of size and scale_factor; got size={size!r}, scale_factor={scale_factor!r}"
            )
        self.size = None if size is None else size if type(size) is int and size > 0 else shape(self, "size", size)
        self.scale_factor = None if scale_factor is None else self._factors(scale_factor)
        self.mode: Mode = choice(self, "mode", mode, _MODES)
        if align_corners is not None and mode not in _SMOOTH:
            raise InvalidValueError(
                f"{type(self).__name__}: align_corners is for {', '.join(_SMOOTH)}, not for {mode!r}"
            )
        self.align_corners = align_corners
        if recompute_scale_factor and size is not None:
            raise InvalidValueError(
                f"{type(self).__name__}: recompute_scale_factor goes with scale_factor, not with size"
            )
        self.recompute_scale_factor = recompute_scale_factor

    def _factors(self, value: Any) -> Any:
        each = value if isinstance(value, (tuple, list)) else (value,)
        if not each or any(isinstance(v, bool) or not isinstance(v, (int, float)) or not v > 0 for v in each):
            raise InvalidValueError(
                f"{type(self).__name__}: scale_factor is a number above 0 or several, got {value!r}"
            )
        return tuple(map(float, each)) if isinstance(value, (tuple, list)) else float(value)

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, _FORMS[self.mode])
        return ops.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )


_SEQUENCE, _IMAGE, _VOLUME = {3: "(N, C, L)"}, {4: "(N, C, H, W)"}, {5: "(N, C, D, H, W)"}
_FORMS = {
    "nearest": {**_SEQUENCE, **_IMAGE, **_VOLUME},
    "linear": _SEQUENCE,
    "bilinear": _IMAGE,
    "bicubic": _IMAGE,
    "trilinear": _VOLUME,
}


@example(config={"scale_factor": 2}, inputs=[(1, 2, 2, 3)], output=(1, 2, 4, 6))
class UpsamplingNearest2d(Upsample):
    """Resizes images by taking the nearest pixel at or before: `Upsample` in that mode.

    Args:
        size: The new height and width, or one number for both.
        scale_factor: Or factors of the sizes.

    Shape: `(N, C, H, W)` to `(N, C, H', W')`.

    Raises:
        InvalidValueError: Neither or both of size and scale_factor.
        ShapeError: An input of another rank.

    Source: PyTorch.

    Example:
        >>> from nncore import nn, ones
        >>> nn.UpsamplingNearest2d(scale_factor=2)(ones((1, 3, 8, 8))).shape
        (1, 3, 16, 16)
    """

    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, "nearest")

    def forward(self, input: Tensor) -> Tensor:
        fits(self, input, _IMAGE)
        return super().forward(input)


@example(config={"size": [3, 5]}, inputs=[(1, 2, 2, 3)], output=(1, 2, 3, 5))
class UpsamplingBilinear2d(Upsample):
    """Resizes images along straight lines, with corners on corners: `Upsample(mode="bilinear", align_corners=True)`.

    Args:
        size: The new height and width, or one number for both.
        scale_factor: Or factors of the sizes.

    Shape: `(N, C, H, W)` to `(N, C, H', W')`.

    Raises:
        InvalidValueError: Neither or both of size and scale_factor.
        ShapeError: An input of another rank.

    Source: PyTorch.

    Example:
        >>> from nncore import nn, tensor
        >>> nn.UpsamplingBilinear2d(size=(1, 3))(tensor([[[[1.0, 2.0]]]])).tolist()
        [[[[1.0, 1.5, 2.0]]]]
    """

    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, "bilinear", True)
