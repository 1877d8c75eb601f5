"""Which of the things in a file is the state dict, and under which names."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from nncore.errors import InvalidValueError, StateDictError
from nncore.weights.records import View

__all__ = ["state_of", "without_prefix"]

T = TypeVar("T")

_USUAL = ("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights", "params")
"""Names under which programs keep a model's state dict, the surest first."""
_DEEPEST = 4
_WRAPPER = "module."


def state_of(content: Any, key: str | None) -> dict[str, View]:
    """The tensors of a file by their state-dict names; what is no tensor beside them is left out.

    Args:
        content: What the file holds.
        key: Where the state dict is, with dots between the names of dicts in dicts. Default: where it can only be.

    Raises:
        InvalidValueError: There is nothing under `key`, or no tensor.
        StateDictError: There is no state dict in the file, or there are several and none under a usual name.
    """
    if key is not None:
        found = _at(content, key)
        if not (tensors := _tensors(found)):
            raise InvalidValueError(f"there are no tensors under key={key!r}, but {_described(found)}")
        return tensors
    candidates = dict(_candidates(content, "", 0, set()))
    below = sorted((path for path in candidates if path), key=lambda path: path.count("."))
    for name in _USUAL:
        for path in below:
            if path.rpartition(".")[2] == name:
                return candidates[path]
    # A few tensors beside a state dict are no weights, such as the state of a generator; nor are a few below one.
    beside = candidates.get("", {})
    if beside and all(len(beside) >= len(candidates[path]) for path in below):
        return beside
    if len(below) == 1:
        return candidates[below[0]]
    if below:
        raise StateDictError(
            "there are several dicts of tensors, and none has a usual name; say which: "
            + ", ".join(f"key={path!r} ({len(candidates[path])} tensors)" for path in below[:12])
        )
    raise StateDictError(f"there is no dict of tensors, but {_described(content)}")


def _candidates(value: Any, path: str, depth: int, met: set[int]) -> Iterator[tuple[str, dict[str, View]]]:
    """Dicts that hold tensors by name, the outermost first. What an optimizer keeps is none.

    Each is looked at once: a pickle may have the same dict in a million places, and dicts in themselves.
    """
    if type(value) is not dict or depth > _DEEPEST or id(value) in met or {"state", "param_groups"} <= value.keys():
        return
    met.add(id(value))
    if tensors := _tensors(value):
        yield path, tensors
        if depth:
            return
    for name, item in value.items():
        if type(name) is str:
            yield from _candidates(item, f"{path}.{name}" if path else name, depth + 1, met)


def _tensors(value: Any) -> dict[str, View]:
    if type(value) is not dict:
        return {}
    return {name: item for name, item in value.items() if type(name) is str and isinstance(item, View)}


def _at(content: Any, key: str) -> Any:
    """What stands under a key. Names may have dots themselves, so the longest that fits goes first."""
    if type(content) is dict:
        if key in content:
            return content[key]
        for name in sorted((name for name in content if type(name) is str), key=len, reverse=True):
            if name and key.startswith(f"{name}."):
                return _at(content[name], key[len(name) + 1 :])
    raise InvalidValueError(f"there is nothing under key={key!r}, but {_described(content)}")


def _described(value: Any) -> str:
    """What a file holds, for a message."""
    if type(value) is not dict:
        return "one tensor without a name" if isinstance(value, View) else f"a {type(value).__name__}"
    if not value:
        return "an empty dict"
    shown = [f"{name!r} ({_kind(item)})" for name, item in list(value.items())[:12]]
    more = f", and {len(value) - 12} more" if len(value) > 12 else ""
    return f"a dict of {', '.join(shown)}{more}"


def _kind(value: Any) -> str:
    if isinstance(value, View):
        return "tensor"
    tensors = len(_tensors(value))
    return f"{tensors} tensors" if tensors else type(value).__name__


def without_prefix(tensors: Mapping[str, T], prefix: str | None, path: str) -> dict[str, T]:
    """The tensors under a prefix, by the rest of their names.

    Args:
        tensors: By their names in the file.
        prefix: Names without it are left out. Default: `"module."` where all names begin with it, which is a wrapper for
            training on several devices.
        path: The file, for messages.

    Raises:
        InvalidValueError: No name begins with the prefix.

    Warns:
        UserWarning: `"module."` was taken off without being asked for.
    """
    if prefix is None:
        if not tensors or not all(name.startswith(_WRAPPER) and name != _WRAPPER for name in tensors):
            return dict(tensors)
        warnings.warn(
            f"{path}: all names begin with {_WRAPPER!r}, as DataParallel writes them; it was taken off. "
            f"prefix={_WRAPPER!r} says so, prefix='' keeps it",
            stacklevel=3,
        )
        prefix = _WRAPPER
    found = {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    if not found:
        raise InvalidValueError(
            f"{path}: no name begins with prefix={prefix!r}; there are {', '.join(list(tensors)[:12])}"
        )
    return found
