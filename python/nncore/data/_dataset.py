"""A data set held in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.data import _checks
from nncore.data._augment import Augmentation
from nncore.data._augment_mix import Mixing
from nncore.data._batches import Batches
from nncore.data._convert import tensor
from nncore.data._split import deal, divide
from nncore.errors import DataError

if TYPE_CHECKING:
    from nncore._core import Tensor

Array = NDArray[Any]
Role = Literal["train", "validation", "test"]
ROLES = ("train", "validation", "test")


class ArrayDataset:
    """Samples in NumPy arrays, in memory.

    Args:
        x: Inputs, shape `(N, ...)`, one row for each sample; images are `(N, C, H, W)`. Floats are held as float32,
            uint8 and bool as they are, other integers as int64. An array of that dtype that is C-contiguous is not
            copied: do not change it afterwards.
        y: What belongs to each input, or `None`. See `targets`.
        name: A name for `repr` and error messages.
        classes: The classes' names, or their number. Default: the highest label + 1.
        role: `"train"`, `"validation"`, `"test"` or `None`: what the samples are for.
        targets: `"labels"`: y is `(N,)`, class numbers in `[0, classes)`, held as int64. `"values"`: y is `(N, ...)`,
            finite, for regression, token targets and the like; floats are held as float32, integers as int64.
        scale: For integer x: batches and `x` are float32, `x / scale`. So images take one byte a pixel in memory.

    Raises:
        DataError: No samples, lengths that differ, labels that are no class numbers, or an unknown role.

    Example:
        >>> import numpy as np
        >>> from nncore import data
        >>> pixels = np.array([[0, 255], [51, 102], [255, 0]], dtype=np.uint8)
        >>> ds = data.ArrayDataset(pixels, [0, 1, 1], classes=["cat", "dog"], scale=255)
        >>> ds
        ArrayDataset(3 samples, x float32 (2,), y int64 (), 2 classes)
        >>> ds.x[1] * 5
        array([1., 2.], dtype=float32)
        >>> len(ds[ds.y == 1])
        2
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike | None = None,
        *,
        name: str | None = None,
        classes: int | Sequence[str] | None = None,
        role: Role | None = None,
        targets: Literal["labels", "values"] = "labels",
        scale: float | None = None,
    ) -> None:
        if role is not None and role not in ROLES:
            raise DataError(f"role is {role!r}; expected one of {', '.join(map(repr, ROLES))}, or None")
        if targets not in ("labels", "values"):
            raise DataError(f"targets is {targets!r}; expected 'labels' or 'values'")
        stored = _checks.inputs(x)
        if len(stored) == 0:
            raise DataError(f"x has shape {stored.shape}: a data set needs at least one sample")
        if scale is not None:
            if stored.dtype.kind not in "iu":
                raise DataError(
                    f"scale is given for x of dtype {stored.dtype}; expected integers, such as uint8 pixels"
                )
            if not (np.isfinite(scale) and scale > 0):
                raise DataError(f"scale is {scale!r}; expected a positive number")
        count, names = _checks.class_names(classes)
        held: Array | None = None
        if y is not None:
            held = _checks.labels(y, count) if targets == "labels" else _checks.targets(y)
            if len(held) != len(stored):
                raise DataError(f"x has {len(stored)} samples and y has {len(held)}; expected as many of each")
        if count is not None and (held is None or targets == "values"):
            raise DataError("classes is given, but there are no labels that it could belong to")
        if held is not None and targets == "labels" and count is None:
            count = int(held.max()) + 1
        self._stored, self._scale = stored, None if scale is None else np.float32(scale)
        self._y = held
        self._num_classes, self._classes = count, names
        self.name = name
        self._role: Role | None = role

    @property
    def x(self) -> Array:
        """Inputs as the batches hold them, shape `(N, ...)`. With a `scale`, a new float32 array at each access."""
        return self._values(slice(None)) if self._scale is not None else self._stored

    @property
    def stored(self) -> Array:
        """Inputs as they lie in memory, before `scale`."""
        return self._stored

    @property
    def scale(self) -> float | None:
        """What stored inputs are divided by, or `None`."""
        return None if self._scale is None else float(self._scale)

    @property
    def y(self) -> Array | None:
        """Labels or targets, shape `(N,)` or `(N, ...)`, or `None`."""
        return self._y

    @property
    def role(self) -> Role | None:
        """What the samples are for: `"train"`, `"validation"`, `"test"` or `None`."""
        return self._role

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes' names, where they were given."""
        return self._classes

    @property
    def num_classes(self) -> int | None:
        """The number of classes, or `None` where there are no labels."""
        return self._num_classes

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of one input, such as `(1, 28, 28)`."""
        return self._stored.shape[1:]

    def gather(self, rows: slice | NDArray[np.intp]) -> tuple[Array, Array | None]:
        """Some samples as NumPy arrays `(x, y)`, in memory of their own.

        Args:
            rows: A slice, or an array of row numbers in `[0, len(self))`.
        """
        x = self._values(rows)
        if self._y is None:
            return x, None
        # `take` gathers whole rows about a fifth faster than indexing does.
        return x, self._y[rows].copy() if isinstance(rows, slice) else self._y.take(rows, axis=0)

    def _values(self, rows: slice | NDArray[np.intp]) -> Array:
        picked = self._stored[rows] if isinstance(rows, slice) else self._stored.take(rows, axis=0)
        if self._scale is not None:
            values = picked.astype(np.float32)
            values /= self._scale
            return values
        return picked.copy() if isinstance(rows, slice) else picked

    def batches(
        self,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int | None = None,
        drop_last: bool = False,
        epoch: int = 0,
        augment: Augmentation | Mixing | Iterable[Augmentation | Mixing] = (),
    ) -> Batches:
        """The samples in batches: an iterable with `len()` that begins a new epoch each time it is iterated.

        Args:
            batch_size: Samples in each batch, 1 or more.
            shuffle: Whether each epoch has a random order of its own.
            seed: The orders' seed: epoch `e` has the order `f(seed, e)`, on every machine. Default: a random seed, to
                be read from `.seed`.
            drop_last: Whether a last batch with fewer samples is left out.
            epoch: Number of the first epoch, to go on where an earlier run stopped.
            augment: Random changes of training inputs, such as `[data.RandomCrop(4), data.HorizontalFlip()]`: functions
                `f(x, *, seed, epoch, index)`, one after the other. What a sample becomes depends on these three alone;
                with `MixUp` and `CutMix`, which change targets too, also on the batch that it is in.

        Returns:
            `Batches`, which yields tensors: `(x, y)`, or `x` where the data set has no y. x is `(B, ...)`, y `(B,)`
            or `(B, ...)`. Each batch is memory of its own.

        Raises:
            DataError: A batch size below 1, or one that `drop_last` leaves no batch of; `augment` for validation or
                test data.
        """
        return Batches(self, batch_size, shuffle=shuffle, seed=seed, drop_last=drop_last, epoch=epoch, augment=augment)

    def split(
        self, part: float, *, seed: int | None = 0, stratify: bool | None = None
    ) -> tuple[ArrayDataset, ArrayDataset]:
        """Divide into `(rest, part)`, at random; every sample is in exactly one of them, in the order it had.

        Args:
            part: Size of the second one: a fraction in (0, 1), rounded to the nearest number of samples, or an int, a
                number of samples.
            seed: The division is a function of the seed, on every machine. `None`: another one each time.
            stratify: Whether each class has its share of the part: its exact quota, rounded down or up. Default: where
                there are labels.

        Returns:
            The rest, with this set's role, and the part, whose role is `"validation"` (or `"test"` if this is a test
            set, since test samples stay test samples).

        Raises:
            DataError: A part or rest that would be empty, or `stratify=True` without labels.

        Example:
            >>> from nncore import data
            >>> train, val = data.load("digits")[0].split(0.1, seed=0)
            >>> len(train), train.role, len(val), val.role
            (1293, 'train', 144, 'validation')
        """
        rest, chosen = divide(len(self), part, seed, self._strata(stratify))
        return self._pick(rest), self._pick(chosen, role="test" if self._role == "test" else "validation")

    def folds(
        self, k: int, *, seed: int | None = 0, stratify: bool | None = None
    ) -> list[tuple[ArrayDataset, ArrayDataset]]:
        """Divide for k-fold cross-validation: k pairs `(rest, part)`, whose parts hold each sample exactly once.

        Args:
            k: The number of folds, 2 or more, and at most `len(self)`. The sizes of parts differ by at most 1.
            seed: The division is a function of the seed, on every machine. `None`: another one each time.
            stratify: Whether the parts' numbers of samples of each class differ by at most 1 as well. Default: where
                there are labels.

        Returns:
            A list of pairs, with roles as those of `split`.

        Raises:
            DataError: A k out of range, or `stratify=True` without labels.

        Example:
            >>> from nncore import data
            >>> folds = data.load("digits", size=8)[0].folds(5, seed=0)
            >>> [(len(train), len(val)) for train, val in folds]
            [(1149, 288), (1149, 288), (1150, 287), (1150, 287), (1150, 287)]
        """
        fold = deal(len(self), k, seed, self._strata(stratify))
        role: Role = "test" if self._role == "test" else "validation"
        return [(self._pick(np.flatnonzero(fold != i)), self._pick(np.flatnonzero(fold == i), role)) for i in range(k)]

    def _strata(self, stratify: bool | None) -> Array | None:
        labelled = self._num_classes is not None
        if stratify and not labelled:
            raise DataError("stratify=True is given, but the data set has no labels")
        return self._y if labelled and stratify is not False else None

    def class_weights(self) -> Tensor:
        """Weights that let each class count alike in a loss: `w[k] = N / (K * n[k])`.

        N is the number of samples, K of classes, `n[k]` of samples of class k: the inverse frequency, scaled so that
        the weights of all samples have mean 1. For the `weight` of a loss. Source: King and Zeng, 2001.

        Returns:
            float32 `(K,)`.

        Raises:
            DataError: No labels, or a class without a sample, whose weight would be infinite.

        Example:
            >>> from nncore import data
            >>> data.ArrayDataset([[1.0], [2.0], [3.0], [4.0]], [0, 0, 0, 1]).class_weights().tolist()
            [0.6666666865348816, 2.0]
        """
        if self._num_classes is None or self._y is None:
            raise DataError("class_weights: the data set has no labels")
        counts = np.bincount(self._y, minlength=self._num_classes)
        if not counts.all():
            empty = ", ".join(str(self._classes[k] if self._classes else k) for k in np.flatnonzero(counts == 0)[:10])
            raise DataError(f"class_weights: no sample has class {empty}; expected one or more of each class")
        return tensor((len(self) / (self._num_classes * counts)).astype(np.float32))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the data set as an `.npz` file, which `nncore.data.load(path)` reads.

        Inputs as stored, y, scale, classes, role and name come back as they are. A file that is there is replaced.

        Raises:
            DataError: A name that does not end in `.npz`.

        Example:
            >>> import os, tempfile
            >>> from nncore import data
            >>> path = os.path.join(tempfile.mkdtemp(), "small.npz")
            >>> data.load("digits", size=8)[0].take(50).save(path)
            >>> data.load(path)
            ArrayDataset(digits, train: 50 samples, x float32 (1, 8, 8), y int64 (), 10 classes)
        """
        from nncore.data._npz import save_npz

        save_npz(self, path)

    def take(self, count: int) -> ArrayDataset:
        """The first `count` samples, or all where there are fewer; shares this set's memory."""
        return self._pick(slice(0, _checks.whole(count, "count", 1)))

    def map(self, function: Callable[[Array], ArrayLike]) -> ArrayDataset:
        """A data set with other inputs: `function` is called once, at once, with all of `x`.

        Args:
            function: Takes `(N, ...)` and returns N rows of any shape. It must not change what it is given.

        Example:
            >>> from nncore import data
            >>> train, test = data.load("digits")
            >>> train.map(lambda x: x.reshape(len(x), -1)).sample_shape
            (784,)
        """
        stored = _checks.inputs(function(self.x))
        if len(stored) != len(self):
            raise DataError(f"map's function returned {len(stored)} samples for {len(self)}; expected as many")
        return self._with(stored, None, self._y, self._role)

    def _pick(self, rows: slice | NDArray[np.intp], role: Role | None = None) -> ArrayDataset:
        y = None if self._y is None else np.ascontiguousarray(self._y[rows])
        stored = np.ascontiguousarray(self._stored[rows])
        if len(stored) == 0:
            raise DataError(f"no sample of {len(self)} was picked: a data set needs at least one")
        return self._with(stored, self._scale, y, role or self._role)

    def _with(self, stored: Array, scale: np.float32 | None, y: Array | None, role: Role | None) -> ArrayDataset:
        """One with this set's name and classes; what is given was checked before."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._stored, made._scale, made._y, made._role = stored, scale, y, role
        return made

    def __len__(self) -> int:
        return len(self._stored)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice | Sequence[int] | Array) -> ArrayDataset: ...
    def __getitem__(self, index: int | slice | Sequence[int] | Array) -> Any:
        """One sample for an int: tensors `(x, y)`, or x alone; a data set for a slice, a mask or an index array."""
        if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            if not -len(self) <= index < len(self):
                # Python's own protocol for sequences wants this type.
                raise IndexError(f"index {index} is outside of {len(self)} samples")
            row = int(index) % len(self)
            x, y = self.gather(slice(row, row + 1))
            # `x[0]` of a 1-D array would be a NumPy scalar, not an array.
            sample = tensor(x.reshape(x.shape[1:]))
            return sample if y is None else (sample, tensor(y.reshape(y.shape[1:])))
        return self._pick(_checks.rows(index, len(self)))

    def __iter__(self) -> Iterator[Any]:
        """The samples, one at a time; use `batches` where speed matters."""
        return (self[row] for row in range(len(self)))

    def __repr__(self) -> str:
        x = "float32" if self._scale is not None else str(self._stored.dtype)
        about = ", ".join(word for word in (self.name, self._role) if word)
        parts = [f"{len(self)} samples", f"x {x} {self.sample_shape}"]
        if self._y is not None:
            parts.append(f"y {self._y.dtype} {self._y.shape[1:]}")
        if self._num_classes is not None:
            parts.append(f"{self._num_classes} classes")
        return f"ArrayDataset({about + ': ' if about else ''}{', '.join(parts)})"
