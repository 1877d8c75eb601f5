"""Sequences of several lengths in one batch: padded to one length, or packed without the padding.

    >>> import nncore as nc
    >>> from nncore.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> packed = pack_sequence([nc.tensor([1.0, 2.0, 3.0]), nc.tensor([4.0])])
    >>> packed.data.tolist(), packed.batch_sizes.tolist()
    ([1.0, 4.0, 2.0, 3.0], [2, 1, 1])
    >>> padded, lengths = pad_packed_sequence(packed, batch_first=True)
    >>> padded.tolist(), lengths.tolist()
    ([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]], [3, 1])

`nn.RNN`, `nn.GRU` and `nn.LSTM` take packed sequences, and give each sequence what it would get alone. They also take a
padded batch with `lengths=`, which saves the packing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

import nncore.ops as ops
from nncore import _core
from nncore._core import Tensor
from nncore.errors import DTypeError, InvalidValueError, ShapeError

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class PackedSequence(NamedTuple):
    """A batch of sequences without padding: all first elements, then all second ones, the longest sequence first.

    Made by `pack_padded_sequence` and `pack_sequence`. What works on each element alone can work on `data`:
    `packed._replace(data=layer(packed.data))`.

    Attributes:
        data: (elements of all sequences, *).
        batch_sizes: int64 (longest length,): how many sequences are as long as that.
        sorted_indices: int64 (batch,): which sequence of the batch stands at each place. None: they are in order.
        unsorted_indices: int64 (batch,): at which place each sequence stands; the inverse.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def places(self) -> tuple[Tensor, Tensor]:
        """Where the elements lie: int64 (steps, batch), the row of `data`, and bool, whether there is one.

        It is made of ops, so that a captured step can take packed sequences as arguments.
        """
        sizes = self.batch_sizes
        # A tensor of sizes is read by the host only where nothing else tells the batch.
        batch = sizes[0].item() if self.sorted_indices is None else self.sorted_indices.shape[0]
        column = ops.arange(0, batch)[None]
        there = column < sizes[:, None]
        row = ops.where(there, (ops.cumsum(sizes, 0) - sizes)[:, None] + column, 0)
        if self.unsorted_indices is None:
            return row, there
        return ops.index_select(row, 1, self.unsorted_indices), ops.index_select(there, 1, self.unsorted_indices)

    def filled(self, padded: Tensor) -> PackedSequence:
        """The same sequences with other elements, from a padded batch (steps, batch, *)."""
        row, there = self.places()
        count = self.data.shape[0]
        # Padding is written to one row behind the last, which is cut off.
        target = ops.where(there, row, count).reshape(-1)
        source = ops.scatter(_core.zeros((count + 1,), dtype="int64"), 0, target, ops.arange(0, target.shape[0]))
        flat = padded.reshape(-1, *padded.shape[2:])
        return self._replace(data=ops.index_select(flat, 0, source[:count]))


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch: the elements of each sequence up to its length, without those behind it.

    Args:
        input: (steps, batch, *), or (batch, steps, *) with `batch_first`.
        lengths: Length of each sequence, from 1 to steps: a list, an array or an int64 tensor, which the host reads.
        batch_first: Is the batch the first dimension?
        enforce_sorted: Must the sequences be sorted, the longest first? Otherwise they are sorted here, and
            `pad_packed_sequence` and the recurrent layers bring their results back into order.

    Raises:
        ShapeError: The input has fewer than two dimensions, or there is not one length for each sequence.
        InvalidValueError: A length is out of range, or not in order where that is enforced.
    """
    if not isinstance(input, Tensor) or input.ndim < 2:
        got = tuple(input.shape) if isinstance(input, Tensor) else type(input).__name__
        raise ShapeError(f"pack_padded_sequence takes a tensor (steps, batch, *), got {got}")
    steps, batch = (input.shape[1], input.shape[0]) if batch_first else (input.shape[0], input.shape[1])
    sizes = _lengths("pack_padded_sequence", lengths, batch, steps, least=1)
    order = np.argsort(-sizes, kind="stable")
    if enforce_sorted and (np.diff(sizes) > 0).any():
        raise InvalidValueError(
            f"pack_padded_sequence takes the longest sequence first, got lengths {sizes.tolist()}; sort them, or give "
            "enforce_sorted=False"
        )
    batch_sizes = (sizes[None] > np.arange(sizes.max(initial=0))[:, None]).sum(1)
    step = np.repeat(np.arange(len(batch_sizes)), batch_sizes)
    row = order[np.arange(len(step)) - np.repeat(np.cumsum(batch_sizes) - batch_sizes, batch_sizes)]
    index = row * steps + step if batch_first else step * batch + row
    data = ops.index_select(input.reshape(-1, *input.shape[2:]), 0, _core.tensor(index))
    return PackedSequence(data, _core.tensor(batch_sizes), _core.tensor(order), _core.tensor(np.argsort(order)))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Undo `pack_padded_sequence`: a padded batch in the order from before, and the lengths.

    Args:
        sequence: Packed sequences.
        batch_first: Shall the batch be the first dimension?
        padding_value: What stands behind the end of a sequence.
        total_length: Steps of the result; default: those of the longest sequence.

    Returns:
        The batch, (steps, batch, *) or (batch, steps, *), and int64 lengths (batch,).

    Raises:
        InvalidValueError: `total_length` is less than the longest sequence has.
    """
    row, there = sequence.places()
    steps, batch = row.shape
    if total_length is not None and total_length < steps:
        raise InvalidValueError(
            f"pad_packed_sequence argument total_length: at least the longest sequence's {steps} steps expected, got "
            f"{total_length}"
        )
    lengths = there.sum(0)
    if total_length is not None and total_length > steps:
        more = (total_length - steps, batch)
        row = ops.cat([row, _core.zeros(more, dtype=row.dtype)], 0)
        there = ops.cat([there, _core.zeros(more, dtype=there.dtype)], 0)
    if batch_first:
        row, there = row.permute(1, 0), there.permute(1, 0)
    data = sequence.data
    full = ops.index_select(data, 0, row.reshape(-1)).reshape(*row.shape, *data.shape[1:])
    return ops.where(there.reshape(*there.shape, *[1] * (data.ndim - 1)), full, padding_value), lengths


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: Literal["right", "left"] = "right",
) -> Tensor:
    """Put sequences of several lengths into one batch, filled up to the longest one.

    Args:
        sequences: Tensors (length, *), alike but for their lengths.
        batch_first: Shall the batch be the first dimension?
        padding_value: What they are filled up with.
        padding_side: Whether that stands behind a sequence, `"right"`, or before it, `"left"`.

    Returns:
        (steps, batch, *), or (batch, steps, *) with `batch_first`.

    Raises:
        InvalidValueError: There is no sequence, or the side is another word.
        ShapeError: They differ in more than their lengths.
    """
    every = _sequences("pad_sequence", sequences)
    if padding_side not in ("right", "left"):
        raise InvalidValueError(f"pad_sequence argument padding_side: 'right' or 'left' expected, got {padding_side!r}")
    steps = max(one.shape[0] for one in every)
    padded = []
    for one in every:
        if one.shape[0] < steps:
            filling = _core.full((steps - one.shape[0], *one.shape[1:]), padding_value, dtype=one.dtype)
            one = ops.cat([one, filling] if padding_side == "right" else [filling, one], 0)
        padded.append(one)
    return ops.stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded: Tensor, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """Take a padded batch apart: a list of sequences (length, *), views of the batch.

    Args:
        padded: (steps, batch, *), or (batch, steps, *) with `batch_first`.
        lengths: Length of each sequence: a list, an array or an int64 tensor, which the host reads.
        batch_first: Is the batch the first dimension?

    Raises:
        ShapeError: There is not one length for each sequence.
        InvalidValueError: A length is out of range.
    """
    if padded.ndim < 2:
        raise ShapeError(f"unpad_sequence takes a tensor (steps, batch, *), got {tuple(padded.shape)}")
    steps, batch = (padded.shape[1], padded.shape[0]) if batch_first else (padded.shape[0], padded.shape[1])
    sizes = _lengths("unpad_sequence", lengths, batch, steps, least=0)
    return [padded[at, :size] if batch_first else padded[:size, at] for at, size in enumerate(sizes.tolist())]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences: `pack_padded_sequence` of `pad_sequence`.

    Args:
        sequences: Tensors (length, *), alike but for their lengths, which are 1 or more.
        enforce_sorted: Must the longest come first? See `pack_padded_sequence`.

    Raises:
        InvalidValueError: There is no sequence, one is empty, or they are not in order where that is enforced.
        ShapeError: They differ in more than their lengths.
    """
    every = _sequences("pack_sequence", sequences)
    lengths = [one.shape[0] for one in every]
    if min(lengths) < 1:
        raise InvalidValueError(f"pack_sequence takes sequences of 1 element or more, got lengths {lengths}")
    return pack_padded_sequence(pad_sequence(every), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Undo `pack_sequence`: a list of sequences (length, *). The host reads the lengths."""
    padded, lengths = pad_packed_sequence(packed_sequences)
    return unpad_sequence(padded, lengths)


def _lengths(name: str, lengths: Any, batch: int, steps: int, least: int) -> np.ndarray[Any, Any]:
    """Lengths as an array, one for each sequence."""
    values = lengths.numpy() if isinstance(lengths, Tensor) else np.asarray(lengths)
    if values.dtype.kind not in "iu" and values.size:
        raise DTypeError(f"{name} argument lengths: whole numbers expected, got {values.dtype}")
    if values.shape != (batch,):
        raise ShapeError(f"{name} argument lengths: one for each of {batch} sequences expected, got {values.shape}")
    values = values.astype(np.int64)
    if ((values < least) | (values > steps)).any():
        raise InvalidValueError(
            f"{name} argument lengths: numbers from {least} to {steps} expected, got {values.tolist()}"
        )
    return values


def _sequences(name: str, sequences: Sequence[Tensor]) -> list[Tensor]:
    """Sequences as a list, alike but for their lengths."""
    every = list(sequences)
    if not every or not all(isinstance(one, Tensor) and one.ndim for one in every):
        raise InvalidValueError(f"{name} takes a list of tensors (length, *), at least one; got {sequences!r:.80}")
    if len({one.shape[1:] for one in every}) > 1:
        raise ShapeError(f"{name} takes sequences that differ in their lengths alone", shapes=[o.shape for o in every])
    return every
