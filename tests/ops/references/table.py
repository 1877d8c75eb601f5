"""The table of references, and what several of them need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
REFERENCES: dict[str, Callable[..., Any]] = {}


def reference(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        assert name not in REFERENCES, f"two references for {name}"
        REFERENCES[name] = function
        return function

    return enter


def dtype_of(dtype: Any) -> np.dtype[Any]:
    return np.dtype(str(dtype).removeprefix("nncore."))


def axes(dim: Any) -> Any:
    return dim if dim is None or isinstance(dim, int) else tuple(dim)


def over(dim: Any) -> Any:
    """The dimensions to reduce, where an empty list stands for all of them."""
    return axes(dim) if isinstance(dim, int) or dim else None


def pair(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])
