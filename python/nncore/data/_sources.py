"""Data sets from other libraries' objects, and from batches that something else makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nncore.data import _checks, _labels
from nncore.data._dataset import ArrayDataset, Role
from nncore.errors import DataError


def is_bunch(source: object) -> bool:
    """Whether it looks like what scikit-learn's `load_*` and `fetch_*` return: a mapping with data and target."""
    keys = getattr(source, "keys", None)
    return callable(keys) and {"data", "target"} <= set(keys())


def load_bunch(
    bunch: Any, *, targets: _labels.Targets = "auto", name: str | None = None, role: Role | None = None
) -> ArrayDataset:
    """The data set in a scikit-learn bunch: `load_digits()`, `fetch_openml(...)` and the like.

    Args:
        bunch: Has `data` `(N, ...)`: an array, a data frame of numbers, or a sparse matrix, which is made dense. Has
            `target` `(N,)`, and maybe `target_names`.
        targets: As for tables: `"auto"`, `"labels"` or `"values"`.
        name: A name for the data set.
        role: As in `ArrayDataset`.

    Raises:
        DataError: Columns that are not numbers, missing values, or targets that make no data set.
    """
    _labels.check(targets)
    x, target = bunch["data"], bunch["target"]
    if target is None:
        raise DataError("the bunch has no target; pass its data alone: data.load(bunch.data)")
    if hasattr(x, "toarray"):
        x = x.toarray()
    if hasattr(x, "columns"):
        text = [str(column) for column in x.columns if np.asarray(x[column]).dtype.kind not in "biuf"]
        if text:
            raise DataError(f"the bunch's columns {', '.join(text[:5])} are not numbers; drop or encode them first")
    x = _checks.as_array(x, "data")
    if x.dtype.kind == "f" and np.isnan(x).any():
        place = tuple(int(i) for i in np.argwhere(np.isnan(x))[0])
        raise DataError(f"data[{', '.join(map(str, place))}] is missing (NaN); fill it in, or drop that sample")
    values = np.asarray(target)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    y, options = _labels.resolve(values, targets, "the bunch")
    names = bunch["target_names"] if "target_names" in bunch.keys() else None  # noqa: SIM118
    # For `fetch_openml` these are the names of columns, and the classes are the targets' own words.
    if isinstance(options.get("classes"), int) and names is not None and len(names) == options["classes"]:
        options["classes"] = tuple(str(word) for word in names)
    return ArrayDataset(x, y, name=name, role=role, **options)


def load_batches(batches: Iterator[Any], *, limit: int | None = None, **options: Any) -> ArrayDataset:
    """All that an iterator of batches gives, joined.

    Args:
        batches: Gives `(x, y)`, or x alone; each `(B, ...)`, as arrays or tensors.
        limit: The number of samples to stop at, for an iterator without an end.
        options: Those of `ArrayDataset`.

    Raises:
        DataError: No batch, or batches whose shapes do not go together.
    """
    if limit is not None:
        _checks.whole(limit, "limit", 1)
    xs: list[_checks.Array] = []
    ys: list[_checks.Array] = []
    count = 0
    for number, batch in enumerate(batches):
        pair = isinstance(batch, (tuple, list))
        if pair and len(batch) != 2:
            raise DataError(f"batch {number} is a {type(batch).__name__} of {len(batch)}; expected (x, y), or x alone")
        x = _checks.as_array(batch[0] if pair else batch, f"x of batch {number}")
        if xs and (pair != bool(ys) or x.shape[1:] != xs[0].shape[1:]):
            ours = f"{'(x, y)' if pair else 'x alone'}, samples of shape {x.shape[1:]}"
            first = f"{'(x, y)' if ys else 'x alone'}, samples of shape {xs[0].shape[1:]}"
            raise DataError(f"batch {number} is {ours}; expected {first}, as in the first batch")
        if pair:
            y = _checks.as_array(batch[1], f"y of batch {number}")
            if len(y) != len(x) or (ys and y.shape[1:] != ys[0].shape[1:]):
                raise DataError(
                    f"batch {number}: x has shape {x.shape} and y {y.shape}; expected a row for each sample"
                )
            ys.append(y.copy())
        # A copy, since an iterator may fill the same array again.
        xs.append(x.copy())
        count += len(x)
        if limit is not None and count >= limit:
            break
    if not xs:
        raise DataError("the iterator gave no batch; is it one that was used up before?")
    x = np.concatenate(xs)[:limit]
    return ArrayDataset(x, np.concatenate(ys)[:limit] if ys else None, **options)
