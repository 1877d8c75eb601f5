"""Weights that were learned before."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

from nncore._core import Tensor
from nncore._state import LoadResult
from nncore.errors import InvalidValueError, StateDictError
from nncore.module import Module
from nncore.transfer.head import draw, head_names
from nncore.weights import load_weights

__all__ = ["begin_with", "load_pretrained"]

_COUNTS = "num_batches_tracked"


def load_pretrained(
    model: Module, source: str | os.PathLike[str] | Module | Mapping[str, Any], *, new_head: bool = False
) -> LoadResult:
    """Copy weights that were learned before into a model, whose head may be of other classes.

    All but the head must agree in names and shapes. The head is taken over where it fits, and else stays as it was drawn.

    Args:
        model: The model, which is changed in place.
        source: A file that `nncore.load_weights` reads, of nncore or of PyTorch, or the folder of a run, whose model is
            taken; or a Module; or a state dict.
        new_head: Whether the head is left as it is in any case.

    Returns:
        Names that the model kept for itself, and names of the source that it has no place for.

    Raises:
        StateDictError: Weights other than those of the head are missing, unexpected, or of other shapes. Nothing has
            changed then.
        InvalidValueError: The source is none of these.

    Example:
        >>> import nncore as nc
        >>> from nncore.transfer import load_pretrained
        >>> load_pretrained(nc.create("lenet5", num_classes=3), nc.create("lenet5")).missing_keys
        ['classifier.5.weight', 'classifier.5.bias']
    """
    state = _completed(model, _state(source))
    head = set(head_names(model))
    ours = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    theirs = {name: tuple(getattr(value, "shape", ())) for name, value in state.items()}
    # A head of other layers may have other names: whatever stands where the head does.
    places = {name.rpartition(".")[0] for name in head}
    own = [name for name in ours if name in head and (new_head or theirs.get(name) != ours[name])]
    # Of a head all or nothing: half of one would be neither.
    parts = {name.rpartition(".")[0] for name in own}
    own = [name for name in ours if name in own or (name in head and name.rpartition(".")[0] in parts)]
    left = [name for name in theirs if name in own or (name not in ours and name.rpartition(".")[0] in places)]
    given = {name: value for name, value in state.items() if name not in left}
    kept = {name: tensor for name, tensor in model.state_dict().items() if name in own}
    try:
        model.load_state_dict({**given, **kept})
    except StateDictError as error:
        names = f"; the head, {', '.join(sorted(places))}, may differ" if places else ""
        raise StateDictError(
            f"{_called(source)} is of another network: {error.message}{names}",
            missing=error.missing,
            unexpected=error.unexpected,
            mismatched=error.mismatched,
        ) from None
    return LoadResult(own, left)


def begin_with(model: Module, source: Any, *, new_head: bool, seed: int | None) -> Module:
    """Fill a model that was built without values: from the source, and its head by a draw where a new one is wanted.

    Raises:
        StateDictError: Names or shapes differ, those of a new head aside.
        InvalidValueError: The source is none, or a new head is wanted and none is found.

    Warns:
        UserWarning: What begins with random values.
    """
    if new_head:
        own = load_pretrained(model, source, new_head=True).missing_keys
        if not own:
            raise InvalidValueError(
                f"new_head=True: no head of {type(model).__name__} is found; load_state_dict(..., strict=False) loads what fits"
            )
        draw(model, own, seed)
        warnings.warn(
            f"{', '.join(own)} begin with random values, all else comes from {_called(source)}",
            UserWarning,
            stacklevel=3,
        )
        return model
    try:
        model.load_state_dict(_completed(model, _state(source)))
    except StateDictError as error:
        head = set(head_names(model))
        hint = "; new_head=True leaves the head out" if {*error.mismatched, *error.missing} <= head else ""
        raise StateDictError(
            f"{_called(source)}: {error.message}{hint}",
            missing=error.missing,
            unexpected=error.unexpected,
            mismatched=error.mismatched,
        ) from None
    return model


def _state(source: Any) -> Mapping[str, Any]:
    found = source
    if isinstance(source, (str, os.PathLike)):
        return load_weights(source)
    if isinstance(found, Module):
        return found.state_dict()
    if isinstance(found, Mapping) and all(
        isinstance(value, Tensor) or hasattr(value, "shape") for value in found.values()
    ):
        return found
    raise InvalidValueError(
        f"pretrained weights are a file, a Module or a mapping from names to tensors, got {type(source).__name__}"
    )


def _completed(model: Module, state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state with the model's own counts of batches, where it has none: files from before PyTorch 0.4.1 do not."""
    if any(name.rpartition(".")[2] == _COUNTS for name in state):
        return state
    return {
        **state,
        **{name: value for name, value in model.state_dict().items() if name.rpartition(".")[2] == _COUNTS},
    }


def _called(source: Any) -> str:
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else f"the {type(source).__name__}"
