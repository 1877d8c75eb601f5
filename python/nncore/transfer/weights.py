"""Weights that were learned before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nncore._core import Tensor
from nncore._state import LoadResult
from nncore.errors import InvalidValueError, StateDictError
from nncore.io import load
from nncore.module import Module
from nncore.transfer.head import head_names

__all__ = ["load_pretrained"]


def load_pretrained(
    model: Module, source: str | os.PathLike[str] | Module | Mapping[str, Any], *, new_head: bool = False
) -> LoadResult:
    """Copy weights that were learned before into a model, whose head may be of other classes.

    All but the head must agree in names and shapes. The head is taken over where it fits, and else stays as it was drawn.

    Args:
        model: The model, which is changed in place.
        source: A file that `nncore.load` reads, or the folder of a run, whose model is taken; or a Module; or a state dict.
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
    state = _state(source)
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


def _state(source: Any) -> Mapping[str, Any]:
    found = source
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        found = load(path / "model.safetensors" if path.is_dir() else path)
    if isinstance(found, Module):
        return found.state_dict()
    if isinstance(found, Mapping) and all(
        isinstance(value, Tensor) or hasattr(value, "shape") for value in found.values()
    ):
        return found
    raise InvalidValueError(
        f"load_pretrained: source is a file, a Module or a mapping from names to tensors, got {type(source).__name__}"
    )


def _called(source: Any) -> str:
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else f"the {type(source).__name__}"
