"""Tests made from the table of ops: every public op of Python is held to NumPy, and to the contract of all ops.

What is tested is not listed here. Each op brings its samples (`_core.op_cases`), and `references/` says what it
should compute. An op without a reference fails the first test.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from calls import (
    Call,
    arrays,
    cases,
    changed,
    every_case,
    float32,
    freshly,
    invoke,
    mapped,
    moving,
    results,
    strided,
    table,
    tensors,
)
from references import REFERENCES

import nncore
from nncore import _core as nc
from nncore.errors import CaptureError, NNCoreError

PUBLIC = {name: row for name, row in table().items() if row["public"]}
EACH_OP = pytest.mark.parametrize("name", PUBLIC)
EACH_CASE = pytest.mark.parametrize("call", every_case(PUBLIC))
MOVES = {name for name, row in PUBLIC.items() if row["mutates"]}
RANDOM = {name for name in PUBLIC if name.startswith("random_")}
"""What they draw has a distribution, not a value; their own tests look at it."""


@EACH_OP
def test_every_op_has_a_reference(name: str) -> None:
    assert name in REFERENCES or name in RANDOM, f"write what {name} should compute in tests/ops/references/"


def test_every_reference_has_an_op() -> None:
    assert set(REFERENCES) <= set(PUBLIC), f"no such op: {set(REFERENCES) - set(PUBLIC)}"


@EACH_OP
def test_every_op_is_described(name: str) -> None:
    row, function = PUBLIC[name], getattr(nc.ops, name)
    assert cases(name), f"{name} has no samples"
    assert function.__doc__ and len(function.__doc__.split()) > 3
    assert "hape" in row["doc"] or "element" in row["doc"] or not row["inputs"], f"{name} does not speak of shapes"
    signature = inspect.signature(function)
    assert set(signature.parameters) == {p["name"] for p in row["inputs"] + row["attrs"]}


@EACH_CASE
def test_it_computes_what_numpy_computes(call: Call) -> None:
    if call.name not in REFERENCES:
        pytest.skip("random")
    expected = REFERENCES[call.name](*arrays(call.arguments), **call.attributes)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for got, want in zip(results(freshly(call)), expected, strict=True):
        assert got.shape == np.shape(want)
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-10, atol=1e-12)


@EACH_CASE
def test_float32_is_float64_rounded(call: Call) -> None:
    if call.name in RANDOM:
        pytest.skip("random")
    wide, narrow = invoke(freshly(call)), invoke(float32(call))
    if wide.dtype == nc.float64 and "dtype" not in call.attributes:
        assert narrow.dtype == nc.float32
    # Values of some tens of additions; each operation rounds at 6e-8.
    np.testing.assert_allclose(narrow.numpy(), wide.numpy(), rtol=2e-5, atol=2e-6)


@EACH_CASE
def test_strides_do_not_change_the_result(call: Call) -> None:
    if call.name in RANDOM:
        pytest.skip("random")
    got, expected = invoke(strided(call)), invoke(freshly(call))
    assert got.shape == expected.shape
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-12, atol=1e-14)


@EACH_CASE
def test_the_inputs_are_left_alone(call: Call) -> None:
    mine = freshly(call)
    before = [t.numpy().copy() for t in tensors(mine.arguments)]
    invoke(mine)
    inputs = PUBLIC[call.name]["inputs"]
    allowed = call.name in MOVES or call.name == "batch_norm" or any(row["mutated"] for row in inputs)
    for old, new in zip(before, tensors(mine.arguments), strict=True):
        assert allowed or np.array_equal(old, new.numpy(), equal_nan=old.dtype.kind == "f")


@EACH_CASE
def test_a_captured_call_gives_the_same_bits(call: Call) -> None:
    if call.name in RANDOM:
        pytest.skip("random")
    mine = freshly(call)
    count = len(tensors(mine.arguments))
    step = nncore.capture(lambda *given: invoke(changed(mine, given)))
    for turn in range(4):
        given = [t if turn < 2 else nc.tensor(np.flip(t.numpy()).copy()) for t in tensors(freshly(call).arguments)]
        if any(t.dtype not in (nc.float32, nc.float64) for t in given):
            given = tensors(freshly(call).arguments)
        try:
            got = step(*given[:count]) if given else step()
        except CaptureError as error:
            assert "read by the host" in str(error)
            pytest.skip("the shape of the result depends on values, which a captured step refuses")
        expected = invoke(changed(mine, given))
        np.testing.assert_array_equal(got.numpy(), expected.numpy())


@EACH_CASE
def test_gradients_agree_with_differences(call: Call) -> None:
    mine, moves = freshly(call), moving(call)
    if not any(moves) or call.name in RANDOM:
        pytest.skip("nothing to differentiate")
    leaves = [
        nc.tensor(t.numpy(), requires_grad=True) for t, m in zip(tensors(mine.arguments), moves, strict=True) if m
    ]
    weights = np.cos(np.arange(invoke(freshly(call)).numel()))

    def objective(values: list[Any]) -> nc.Tensor:
        given = iter(values)
        swapped = [next(given) if m else t for t, m in zip(tensors(freshly(call).arguments), moves, strict=True)]
        out = invoke(changed(mine, swapped))
        if out.dtype != nc.float64:
            pytest.skip("the result is no float64")
        return (out * nc.tensor(weights.reshape(out.shape))).sum()

    out = objective(leaves)
    if not out.requires_grad:
        pytest.skip("no gradient: a comparison, say")
    out.backward()
    for k, leaf in enumerate(leaves):
        got = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        want = np.zeros(leaf.shape)
        for at in np.ndindex(leaf.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = leaf.detach().numpy().copy()
                moved[at] += step
                values = [nc.tensor(moved) if j == k else other.detach() for j, other in enumerate(leaves)]
                sides.append(objective(values).item())
            want[at] = (sides[0] - sides[1]) / 2e-6
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-7, err_msg=f"input {k}")


@EACH_OP
def test_too_few_arguments_are_a_type_error(name: str) -> None:
    row = PUBLIC[name]
    needed = [p["name"] for p in row["inputs"] if p["arity"] != "optional"]
    needed += [a["name"] for a in row["attrs"] if a["default"] is None]
    if needed:
        with pytest.raises(TypeError, match=name):
            getattr(nc.ops, name)()


@EACH_OP
def test_an_unknown_keyword_is_named(name: str) -> None:
    call = freshly(cases(name)[0])
    with pytest.raises(TypeError, match="no_such_thing"):
        getattr(nc.ops, name)(*call.arguments, **call.attributes, no_such_thing=1)


@EACH_OP
def test_wrong_inputs_name_the_op(name: str) -> None:
    """A tensor of a strange shape in the place of one that fits: whoever refuses it says who, and what was given."""
    call = freshly(cases(name)[0])
    refused = 0
    for shape in ((5, 7, 11), (13,), (2, 3, 5, 7, 2, 2)):
        odd = nc.tensor(np.ones(shape))
        given = tensors(call.arguments)
        for k, old in enumerate(given):
            swapped = [odd.to(old.dtype) if j == k else t for j, t in enumerate(given)]
            try:
                invoke(changed(call, swapped))
            except NNCoreError as error:
                refused += 1
                assert error.op in table(), f"{error} does not name the op"
                assert shape in error.shapes or str(shape[0]) in str(error), f"{error} does not say what was given"
    # One of two inputs with a shape out of the blue fits no op.
    assert refused or len(tensors(call.arguments)) < 2, f"{name} takes anything"


@EACH_OP
def test_what_is_no_tensor_is_a_type_error(name: str) -> None:
    call = cases(name)[0]
    if not call.arguments:
        pytest.skip("no inputs")
    for wrong in ("text", object()):
        with pytest.raises(TypeError, match=name):
            getattr(nc.ops, name)(wrong, *call.arguments[1:], **call.attributes)


def test_the_mapping_of_arguments_reaches_into_lists() -> None:
    one = nc.ones((2,))
    assert [t.shape for t in tensors([one, [one, None], 3])] == [(2,), (2,)]
    assert mapped([one, [one]], lambda t: t.ndim) == [1, [1]]
