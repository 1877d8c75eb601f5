"""Padding and packing sequences of several lengths."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nncore as nc
from nncore.errors import DTypeError, InvalidValueError, ShapeError
from nncore.nn.utils import rnn
from nncore.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
)


def sequences(lengths: list[int], *rest: int) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal((size, *rest)) for size in lengths]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.booleans(), st.sampled_from([(), (2,), (2, 3)]))
@settings(deadline=None, max_examples=50)
def test_what_is_packed_comes_out_as_it_was(lengths: list[int], batch_first: bool, rest: tuple[int, ...]) -> None:
    every = sequences(lengths, *rest)
    packed = pack_sequence([nc.tensor(one) for one in every], enforce_sorted=False)
    # The definition: step by step, those that are so long, the longest first and equals in their order.
    order = sorted(range(len(every)), key=lambda at: -lengths[at])
    want = [every[at][t] for t in range(max(lengths)) for at in order if t < lengths[at]]
    np.testing.assert_array_equal(packed.data.numpy(), np.stack(want))
    assert packed.batch_sizes.tolist() == [sum(size > t for size in lengths) for t in range(max(lengths))]
    assert packed.sorted_indices.tolist() == order
    assert [order[at] for at in packed.unsorted_indices.tolist()] == list(range(len(every)))
    for one, got in zip(every, unpack_sequence(packed), strict=True):
        np.testing.assert_array_equal(got.numpy(), one)
    padded, sizes = pad_packed_sequence(packed, batch_first, padding_value=-7.0, total_length=max(lengths) + 2)
    assert sizes.tolist() == lengths and padded.shape[0 if batch_first else 1] == len(lengths)
    for at, one in enumerate(every):
        got = padded[at] if batch_first else padded[:, at]
        np.testing.assert_array_equal(got[: len(one)].numpy(), one)
        assert (got[len(one) :].numpy() == -7).all()
    again = pack_padded_sequence(padded, sizes, batch_first, enforce_sorted=False)
    np.testing.assert_array_equal(again.data.numpy(), packed.data.numpy())
    if not batch_first:
        np.testing.assert_array_equal(packed.filled(padded[: max(lengths)] * 2).data.numpy(), packed.data.numpy() * 2)


def test_sequences_without_an_order_of_their_own_are_as_they_stand() -> None:
    """As packed data comes from elsewhere: fields without indices."""
    packed = PackedSequence(nc.tensor([1.0, 4.0, 2.0, 3.0]), nc.tensor([2, 1, 1]))
    assert [one.tolist() for one in unpack_sequence(packed)] == [[1, 2, 3], [4]]
    assert packed.filled(nc.tensor([[5.0, 6.0], [7.0, 0.0], [8.0, 0.0]])).data.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize("side", ["right", "left"])
def test_padding_fills_up_to_the_longest(side: Any) -> None:
    given = [nc.tensor([[1.0], [2.0]]), nc.tensor([[3.0], [4.0], [5.0]]), nc.zeros((0, 1))]
    rows = {"right": [[1, 2, 9], [3, 4, 5], [9, 9, 9]], "left": [[9, 1, 2], [3, 4, 5], [9, 9, 9]]}[side]
    assert pad_sequence(given, True, 9.0, side)[..., 0].tolist() == rows
    assert pad_sequence(given, False, 9.0, side)[..., 0].tolist() == np.transpose(rows).tolist()


def test_gradients_flow_to_what_is_no_padding() -> None:
    x = nc.tensor(np.ones((3, 2)), requires_grad=True)
    packed = pack_padded_sequence(x, [1, 3], enforce_sorted=False)
    padded, _ = pad_packed_sequence(packed._replace(data=packed.data * packed.data))
    (padded * nc.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])).sum().backward()
    assert x.grad.tolist() == [[2, 4], [0, 8], [0, 12]]
    short = nc.tensor([1.0, 2.0], requires_grad=True)
    pad_sequence([short, nc.zeros((4,))]).sum().backward()
    assert short.grad.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (InvalidValueError, lambda x: pack_padded_sequence(x, [1, 3]), "longest sequence first.*enforce_sorted=False"),
        (InvalidValueError, lambda x: pack_padded_sequence(x, [4, 1]), "from 1 to 3 expected, got"),
        (InvalidValueError, lambda x: pack_padded_sequence(x, [3, 0]), "from 1 to 3 expected, got"),
        (ShapeError, lambda x: pack_padded_sequence(x, [3]), "one for each of 2 sequences"),
        (DTypeError, lambda x: pack_padded_sequence(x, [3.0, 1.5]), "whole numbers expected, got float64"),
        (ShapeError, lambda x: pack_padded_sequence(x[0], [1]), r"\(steps, batch, \*\), got \(2,\)"),
        (InvalidValueError, lambda x: pad_packed_sequence(pack_padded_sequence(x, [3, 1]), total_length=2), "3 steps"),
        (InvalidValueError, lambda x: pad_sequence([]), "at least one"),
        (InvalidValueError, lambda x: pad_sequence([x], padding_side="top"), "'right' or 'left'"),
        (ShapeError, lambda x: pad_sequence([x, nc.zeros((2, 3))]), "differ in their lengths alone"),
        (InvalidValueError, lambda x: pack_sequence([x, nc.zeros((0, 2))]), r"1 element or more, got lengths \[3, 0\]"),
    ],
)
def test_what_cannot_be_packed(error: type[Exception], call: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        call(nc.zeros((3, 2)))


def test_the_example_in_the_documentation_runs() -> None:
    failed, tried = doctest.testmod(rnn)
    assert tried and not failed
    assert nc.nn.utils.rnn is rnn
