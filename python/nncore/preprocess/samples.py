"""What a transform is fitted to or applied to, whatever container it came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data import ArrayDataset, _checks
from nncore.errors import DataError

__all__ = ["Samples"]

Array = NDArray[Any]
CHUNK = 1 << 20
"""Elements that are turned into float64 at once: 8 MB."""


class Samples:
    """The inputs of a data set, an array or a tensor: rows in float64, some at a time.

    Args:
        x: An `ArrayDataset`, a `Tensor`, or anything that NumPy makes an array of numbers of; one row for each sample.
        who: Who takes them, for errors.

    Attributes:
        dataset: The data set that was given, or None.
        role: What the samples are for, as far as they know: a data set's role, or None.

    Raises:
        DataError: It is no array of numbers with one row for each sample.
    """

    def __init__(self, x: Any, who: str) -> None:
        self.who = who
        self.dataset = x if isinstance(x, ArrayDataset) else None
        self.role = None if self.dataset is None else self.dataset.role
        self._tensor = type(x).__module__.startswith("nncore._core")
        if self._tensor:
            x = x.detach().numpy()
        if isinstance(x, (str, bytes, dict)):
            raise DataError(f"{who} was given {type(x).__name__}; expected a data set, an array or a tensor of samples")
        self._array: Array = x.stored if isinstance(x, ArrayDataset) else _checks.as_array(x, "x")

    def __len__(self) -> int:
        return len(self._array)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return self._array.shape[1:]

    @property
    def width(self) -> int:
        """Numbers in one sample."""
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of what comes out: float64 where that is what was given, else float32."""
        wide = self.dataset is None and self._array.dtype.kind == "f" and self._array.dtype.itemsize >= 8
        return np.dtype(np.float64 if wide else np.float32)

    def chunks(self) -> Iterator[tuple[slice, Array]]:
        """Some rows at a time, with where they lie: float64 in memory of its own, each value checked to be finite.

        Raises:
            DataError: A value is NaN or infinite.
        """
        step = max(1, CHUNK // max(1, self.width))
        for start in range(0, len(self), step):
            rows = slice(start, min(start + step, len(self)))
            picked = self._array[rows] if self.dataset is None else self.dataset.gather(rows)[0]
            x = picked.astype(np.float64)
            finite = np.isfinite(x)
            if not finite.all():
                place = tuple(int(i) for i in np.argwhere(~finite)[0])
                where = ", ".join(str(i) for i in (place[0] + start, *place[1:]))
                raise DataError(f"{self.who} was given x[{where}] = {x[place]}; expected finite inputs")
            yield rows, x

    def array(self) -> Array:
        """All rows as float64, in memory of its own."""
        out = np.empty((len(self), *self.shape))
        for rows, x in self.chunks():
            out[rows] = x
        return out

    def mapped(self, function: Any, shape: tuple[int, ...]) -> Any:
        """`function` of all rows, some at a time, in a container of the kind that was given.

        Args:
            function: Takes float64 `(B, *self.shape)`, which it may overwrite, and returns `(B, *shape)`.
            shape: Shape of one sample then.
        """
        out = np.empty((len(self), *shape), dtype=self.dtype)
        for rows, x in self.chunks():
            # A value beyond float32 becomes infinite, which the next reader of these samples refuses by name.
            with np.errstate(over="ignore"):
                out[rows] = function(x)
        if self.dataset is not None:
            return self.dataset._with(out, None, self.dataset.y, self.dataset.role)
        if self._tensor:
            # Imported late, so that arrays can be prepared without the compiled extension.
            from nncore._core import from_numpy

            return from_numpy(out)
        return out
