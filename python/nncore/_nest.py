"""Tensors in nests of lists, tuples and dicts: how a captured step's arguments and results are taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nncore import _core
from nncore._core import Tensor

__all__ = ["TENSOR", "Tree", "flatten", "others", "types", "unflatten"]

Tree = Any
"""How arguments or results are nested: `TENSOR` for each tensor, and everything else as it is."""


class _Leaf:
    def __repr__(self) -> str:
        return "a tensor"


TENSOR = _Leaf()


def flatten(value: Any, leaves: list[Tensor]) -> Tree:
    """Take the tensors out of a nest of lists, tuples and dicts. Arrays become tensors."""
    if isinstance(value, Tensor):
        leaves.append(value)
        return TENSOR
    if isinstance(value, np.ndarray):
        leaves.append(_core.asarray(value))
        return TENSOR
    if isinstance(value, dict):
        return {key: flatten(item, leaves) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(flatten(item, leaves) for item in value))
    if isinstance(value, (list, tuple)):
        return type(value)(flatten(item, leaves) for item in value)
    return value


def others(tree: Tree) -> Iterator[Any]:
    """What is no tensor, without the lists, tuples and dicts around it."""
    if isinstance(tree, dict):
        tree = tuple(tree.values())
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from others(item)
    elif tree is not TENSOR:
        yield tree


def types(tree: Tree) -> Any:
    """What equality does not tell of what is no tensor, in the tree's shape: types, and the signs of zeros."""
    if isinstance(tree, dict):
        return tuple(map(types, tree.values()))
    if isinstance(tree, (list, tuple)):
        return tuple(map(types, tree))
    return (type(tree), tree.hex()) if isinstance(tree, float) else type(tree)


def unflatten(tree: Tree, leaves: Iterator[Tensor]) -> Any:
    """Put tensors back into their places."""
    if tree is TENSOR:
        return next(leaves)
    if isinstance(tree, dict):
        return {key: unflatten(item, leaves) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(unflatten(item, leaves) for item in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(unflatten(item, leaves) for item in tree)
    return tree
