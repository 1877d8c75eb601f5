"""Features at any layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nncore import _patterns, nn
from nncore.errors import InvalidValueError
from nncore.module import Module

if TYPE_CHECKING:
    from nncore.nn import Features

__all__ = ["features"]


def features(model: Module, *layers: str) -> Features:
    """A module that gives what layers of a model compute, by their names.

    What comes after the last of them is not computed. It shares the model's parameters, and can be trained, captured and
    saved as any module. See `nn.Features`.

    Args:
        model: The model, which stays as it is.
        *layers: Paths, such as `"layer3"` or `"features.3"`. One gives the layer's output itself, several a dict of
            outputs by path.

    Raises:
        InvalidValueError: No layer has that name. The message names those that look alike.

    Example:
        >>> import nncore as nc
        >>> model = nc.create("lenet5").eval()
        >>> nc.features(model, "classifier.1")(nc.ones((2, 1, 28, 28))).shape
        (2, 120)
    """
    if not isinstance(model, Module):
        raise InvalidValueError(f"features: model is a Module, got {type(model).__name__}")
    known = _patterns.paths(model)
    if not layers:
        raise InvalidValueError(f"features: name a layer, such as {next(iter(known), 'none')!r}")
    for name in layers:
        if name not in known:
            raise _patterns.unknown(model, str(name), known, "features")
    return nn.Features(model, layers[0] if len(layers) == 1 else list(layers))
