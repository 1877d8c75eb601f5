"""Attention with several heads against loops over heads and queries, and what holds for its masks."""

from __future__ import annotations

import doctest
import importlib
import json
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.config import module_from_spec, spec_of
from nncore.errors import DTypeError, InvalidValueError, ShapeError
from nncore.testing import gradcheck

Array = np.ndarray[Any, Any]
EMBED, HEADS, LONG, SOURCE, BATCH = 6, 3, 4, 5, 2
SETTINGS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"kdim": 4, "vdim": 5},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"kdim": 4, "add_bias_kv": True},
]
settings = pytest.mark.parametrize("settings", SETTINGS)


def made(settings: dict[str, Any], **more: Any) -> nn.MultiheadAttention:
    """A layer whose biases are not zero."""
    layer = nn.MultiheadAttention(EMBED, HEADS, **settings, **more).to("float64")
    rng = np.random.default_rng(1)
    layer.load_state_dict({name: rng.standard_normal(tuple(t.shape)) for name, t in layer.state_dict().items()})
    return layer


def drawn(settings: dict[str, Any]) -> list[Array]:
    """Query, key and value, the batch first."""
    rng = np.random.default_rng(2)
    widths = (EMBED, settings.get("kdim", EMBED), settings.get("vdim", EMBED))
    return [rng.standard_normal((BATCH, n, w)) for n, w in zip((LONG, SOURCE, SOURCE), widths, strict=True)]


def wanted(layer: nn.MultiheadAttention, query: Array, key: Array, value: Array, added: Array) -> tuple[Array, Array]:
    """Output and weights; `added` (batch, heads, L, S) is what the masks add to the scores."""
    state = {name: t.numpy() for name, t in layer.state_dict().items()}
    if "in_proj_weight" in state:
        weights = np.split(state["in_proj_weight"], 3)
    else:
        weights = [state[f"{name}_proj_weight"] for name in "qkv"]
    biases = np.split(state.get("in_proj_bias", np.zeros(3 * EMBED)), 3)
    output, share = np.zeros((BATCH, LONG, EMBED)), EMBED // HEADS
    every = []
    for b in range(BATCH):
        q, k, v = (x[b] @ w.T + o for x, w, o in zip((query, key, value), weights, biases, strict=True))
        for kind in ("bias", "zero"):
            if kind == "bias" and "bias_k" in state:
                k, v = np.vstack([k, state["bias_k"][0]]), np.vstack([v, state["bias_v"][0]])
            if kind == "zero" and layer.add_zero_attn:
                k, v = np.vstack([k, np.zeros(EMBED)]), np.vstack([v, np.zeros(EMBED)])
        answer = np.zeros((LONG, EMBED))
        for head in range(HEADS):
            part = slice(head * share, (head + 1) * share)
            for at in range(LONG):
                scores = np.array([q[at, part] @ row[part] for row in k]) / np.sqrt(share)
                scores[:SOURCE] += added[b, head, at]
                chance = np.exp(scores - scores.max()) if np.isfinite(scores).any() else np.zeros(len(scores))
                chance = chance / max(chance.sum(), 1e-300)
                every.append(chance)
                answer[at, part] = sum(c * row[part] for c, row in zip(chance, v, strict=True))
        output[b] = answer @ state["out_proj.weight"].T + state.get("out_proj.bias", 0)
    return output, np.stack(every).reshape(BATCH, HEADS, LONG, -1)


def masks() -> dict[str, tuple[dict[str, Any], Array]]:
    """Arguments by name, and what they mean: numbers that are added to (batch, heads, L, S) scores."""
    rng, never = np.random.default_rng(4), -np.inf
    whole = np.zeros((BATCH, HEADS, LONG, SOURCE))
    later = np.arange(SOURCE) > np.arange(LONG)[:, None]
    some = rng.random((LONG, SOURCE)) < 0.4
    some[0] = True  # the first query sees nothing
    each = rng.standard_normal((BATCH * HEADS, LONG, SOURCE))
    short = np.array([[False] * SOURCE, [False, False, True, True, True]])
    number = rng.standard_normal((BATCH, SOURCE))
    where = np.where
    return {
        "none": ({}, whole),
        "bools": ({"attn_mask": some}, whole + where(some, never, 0)),
        "numbers for each head": ({"attn_mask": each}, each.reshape(whole.shape)),
        "padding": ({"key_padding_mask": short}, whole + where(short, never, 0)[:, None, None]),
        "numbers and padding": (
            {"attn_mask": each, "key_padding_mask": short},
            each.reshape(whole.shape) + where(short, never, 0)[:, None, None],
        ),
        "added padding": ({"key_padding_mask": number}, whole + number[:, None, None]),
        "causal": ({"is_causal": True}, whole + where(later, never, 0)),
        "causal and padding": (
            {"is_causal": True, "key_padding_mask": short},
            whole + where(later, never, 0) + where(short, never, 0)[:, None, None],
        ),
        "causal and said so": ({"is_causal": True, "attn_mask": later}, whole + where(later, never, 0)),
    }


@settings
@pytest.mark.parametrize("mask", masks())
def test_the_answer_is_what_loops_over_heads_and_queries_make(settings: dict[str, Any], mask: str) -> None:
    arguments, added = masks()[mask]
    arguments = {name: nc.tensor(v) if isinstance(v, np.ndarray) else v for name, v in arguments.items()}
    layer, inputs = made(settings, batch_first=True), drawn(settings)
    output, weights = wanted(layer, *inputs, added)
    given = [nc.tensor(x) for x in inputs]
    close = {"rtol": 1e-10, "atol": 1e-11}
    got, shares = layer(*given, average_attn_weights=False, **arguments)
    np.testing.assert_allclose(got.detach().numpy(), output, **close)
    np.testing.assert_allclose(shares.detach().numpy(), weights, **close)
    got, shares = layer(*given, **arguments)
    np.testing.assert_allclose(shares.detach().numpy(), weights.mean(1), **close)
    got, shares = layer(*given, need_weights=False, **arguments)
    assert shares is None
    np.testing.assert_allclose(got.detach().numpy(), output, **close)
    other = made(settings)
    got, shares = other(*(x.permute(1, 0, 2) for x in given), **arguments)
    np.testing.assert_allclose(got.permute(1, 0, 2).detach().numpy(), output, **close)
    if "head" not in mask and "numbers" not in mask:
        single = {name: v[1] if name == "key_padding_mask" else v for name, v in arguments.items()}
        got, shares = other(*(x[1] for x in given), **single)
        np.testing.assert_allclose(got.detach().numpy(), output[1], **close)
        np.testing.assert_allclose(shares.detach().numpy(), weights[1].mean(0), **close)


@pytest.mark.parametrize("need_weights", [True, False])
def test_attention_to_oneself(need_weights: bool) -> None:
    """One product serves query, key and value where they are the same tensor; the values do not depend on it."""
    layer, x = made({}, batch_first=True), nc.tensor(drawn({})[0])
    same = layer(x, x, x, need_weights=need_weights)[0].detach().numpy()
    apart = layer(x, x.clone(), x.clone(), need_weights=need_weights)[0].detach().numpy()
    np.testing.assert_allclose(same, apart, rtol=1e-12, atol=1e-13)


@settings
@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("mask", ["bools", "numbers and padding", "causal"])
def test_gradients_agree_with_differences(settings: dict[str, Any], need_weights: bool, mask: str) -> None:
    arguments = {n: nc.tensor(v) if isinstance(v, np.ndarray) else v for n, v in masks()[mask][0].items()}
    layer = made(settings, batch_first=True)

    class Alone(nn.Module):
        """The output alone where there are no weights."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, *given: Any) -> Any:
            output, weights = layer(*given, need_weights=need_weights, **arguments)
            return output if weights is None else (output, weights)

    assert gradcheck(Alone(), *drawn(settings), rtol=1e-4).checked > 100


def test_dropout_drops_weights_in_training_alone() -> None:
    nc.manual_seed(0)
    layer = nn.MultiheadAttention(4, 1, dropout=0.25, batch_first=True).initialize(0)
    x = nc.tensor(np.zeros((50, 40, 4), np.float32))
    weights = layer(x, x, x)[1].detach().numpy()
    # All scores are alike, so what is left is 1/40, scaled up. 80,000 draws: five standard errors are 0.0077.
    np.testing.assert_allclose(weights[weights != 0], 1 / 40 / 0.75, rtol=1e-5)
    assert abs((weights == 0).mean() - 0.25) < 0.0077
    np.testing.assert_allclose(layer.eval()(x, x, x)[1].detach().numpy(), 1 / 40, rtol=1e-5)
    x = nc.tensor(np.random.default_rng(0).standard_normal((2, 8, 4)).astype(np.float32))
    rest = layer(x, x, x, need_weights=False)[0].detach().numpy()
    layer.train()
    nc.manual_seed(1)
    dropped = layer(x, x, x, need_weights=False)[0].detach().numpy()
    assert abs(dropped - rest).max() > 1e-3
    nc.manual_seed(1)
    np.testing.assert_array_equal(layer(x, x, x, need_weights=False)[0].detach().numpy(), dropped)


def test_first_values_are_those_of_published_code() -> None:
    state = nn.MultiheadAttention(64, 4, add_bias_kv=True).initialize(0).state_dict()
    assert list(state) == ["in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias"]
    assert (state["in_proj_bias"].numpy() == 0).all() and (state["out_proj.bias"].numpy() == 0).all()
    for name, bound in (("in_proj_weight", (6 / 256) ** 0.5), ("out_proj.weight", 1 / 8)):
        w = abs(state[name].numpy())
        assert 0.97 * bound < w.max() <= bound, name
    assert abs(state["bias_k"].numpy().std() - 1 / 8) < 0.05
    names = list(nn.MultiheadAttention(4, 2, kdim=3, bias=False).state_dict())
    assert names == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"]


@pytest.mark.parametrize("more", [{}, {"kdim": 3, "vdim": 2}])
def test_an_initializer_draws_the_weights_of_all_its_linear_functions(more: dict[str, int]) -> None:
    layer = nn.MultiheadAttention(4, 2, init={"name": "constant", "value": 0.5}, **more)
    for name, value in layer.named_parameters():
        assert (value.detach().numpy() == (0.5 if name.endswith("weight") else 0.0)).all(), name


@settings
def test_a_layer_is_rebuilt_from_its_config(settings: dict[str, Any]) -> None:
    layer = made(settings, batch_first=True)
    twin = module_from_spec(json.loads(json.dumps(spec_of(layer)))).to("float64")
    twin.load_state_dict(layer.state_dict())
    given = [nc.tensor(x) for x in drawn(settings)]
    np.testing.assert_array_equal(twin(*given)[0].detach().numpy(), layer(*given)[0].detach().numpy())


@pytest.mark.parametrize("need_weights", [True, False])
def test_captured_steps_have_the_same_bits(need_weights: bool) -> None:
    rng = np.random.default_rng(6)
    batches = [rng.standard_normal((BATCH, LONG, EMBED)).astype(np.float32) for _ in range(4)]
    short = [nc.tensor(rng.random((BATCH, LONG)) < 0.3) for _ in batches]

    def trained(captured: bool) -> list[bytes]:
        layer = nn.MultiheadAttention(EMBED, HEADS, dropout=0.2, batch_first=True).initialize(3)
        optimizer = nc.optim.SGD(layer.parameters(), lr=0.1)
        nc.manual_seed(5)

        def step(x: nc.Tensor, mask: nc.Tensor) -> nc.Tensor:
            optimizer.zero_grad()
            output, _ = layer(x, x, x, mask, need_weights, is_causal=True)
            (output * output).mean().backward()
            optimizer.step()
            return output.detach()

        play = nc.capture(step) if captured else step
        seen = [play(nc.tensor(x), mask).numpy().tobytes() for x, mask in zip(batches, short, strict=True)]
        return seen + [value.numpy().tobytes() for value in layer.state_dict().values()]

    assert trained(True) == trained(False)


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (InvalidValueError, lambda: nn.MultiheadAttention(6, 4), "num_heads: a divisor of embed_dim=6"),
        (InvalidValueError, lambda: nn.MultiheadAttention(6, 3, dropout=1.0), "dropout: a probability below 1"),
        (InvalidValueError, lambda: nn.MultiheadAttention(0, 1), "embed_dim"),
        (InvalidValueError, lambda: nn.MultiheadAttention(6, 3, kdim=-1), "kdim"),
    ],
)
def test_wrong_arguments(error: type[Exception], call: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    ("error", "shapes", "more", "words"),
    [
        (ShapeError, [(4, 2, 5), (4, 2, 6), (4, 2, 6)], {}, r"takes \(L, batch, 6\), \(S, batch, 6\)"),
        (ShapeError, [(4, 2, 6), (4, 3, 6), (4, 3, 6)], {}, "takes"),
        (ShapeError, [(4, 2, 6), (4, 2, 6), (5, 2, 6)], {}, "takes"),
        (ShapeError, [(4, 2, 6), (4, 6), (4, 6)], {}, "takes"),
        (ShapeError, [(4, 2, 6)] * 3, {"attn_mask": nc.zeros((4, 5))}, r"attn_mask: shape \(4, 4\) or \(6, 4, 4\)"),
        (ShapeError, [(4, 2, 6)] * 3, {"key_padding_mask": nc.zeros((4, 2))}, r"key_padding_mask: shape \(2, 4\)"),
        (DTypeError, [(4, 2, 6)] * 3, {"attn_mask": nc.zeros((4, 4), dtype="int64")}, "bools or floats"),
    ],
)
def test_wrong_calls(error: type[Exception], shapes: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(error, match=words):
        nn.MultiheadAttention(6, 3)(*(nc.zeros(shape) for shape in shapes), **more)


def test_the_example_in_the_documentation_runs() -> None:
    failed, tried = doctest.testmod(importlib.import_module("nncore.builtin.layers.multihead_attention"))
    assert tried and not failed
