"""Layers of transformers against NumPy, and what holds for their masks, names and copies."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.config import module_from_spec, spec_of
from nncore.errors import InvalidValueError, ShapeError

Array = np.ndarray[Any, Any]
SIZE, HEADS, INNER, STEPS, SOURCE, BATCH = 6, 2, 5, 4, 3, 2
SETTINGS: list[dict[str, Any]] = [
    {},
    {"norm_first": True},
    {"activation": "gelu", "bias": False},
    {"activation": nn.Tanh()},
]
settings = pytest.mark.parametrize("settings", SETTINGS)
kinds = pytest.mark.parametrize("kind", ["Encoder", "Decoder"])


def made(kind: str, settings: dict[str, Any], layers: int = 2, **more: Any) -> nn.Module:
    """A stack with a last normalization, whose numbers are all drawn."""
    pattern = getattr(nn, f"Transformer{kind}Layer")(SIZE, HEADS, INNER, **{"dropout": 0.0, **settings, **more})
    stack = getattr(nn, f"Transformer{kind}")(pattern, layers, nn.LayerNorm(SIZE)).to("float64")
    rng = np.random.default_rng(1)
    stack.load_state_dict({n: rng.standard_normal(tuple(t.shape)) * 0.7 for n, t in stack.state_dict().items()})
    return stack


def normed(x: Array, state: dict[str, Array], name: str) -> Array:
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5) * state[f"{name}.weight"] + state.get(f"{name}.bias", 0)


def attended(x: Array, y: Array, state: dict[str, Array], name: str, hidden: Array) -> Array:
    """Attention of (batch, steps, features) to y; `hidden` (batch, steps, steps') says what is not seen."""
    three = np.split(state[f"{name}.in_proj_weight"], 3)
    biases = np.split(state.get(f"{name}.in_proj_bias", np.zeros(3 * SIZE)), 3)
    q, k, v = (part @ w.T + b for part, w, b in zip((x, y, y), three, biases, strict=True))
    q, k, v = (part.reshape(*part.shape[:2], HEADS, -1) for part in (q, k, v))
    scores = np.einsum("blhd,bshd->bhls", q, k) / math.sqrt(SIZE / HEADS)
    scores = np.where(hidden[:, None], -np.inf, scores)
    chance = np.exp(scores - scores.max(-1, keepdims=True))
    chance /= chance.sum(-1, keepdims=True)
    out = np.einsum("bhls,bshd->blhd", chance, v).reshape(x.shape)
    return out @ state[f"{name}.out_proj.weight"].T + state.get(f"{name}.out_proj.bias", 0)


def wanted(stack: nn.Module, x: Array, memory: Array, causal: Array, padding: Array) -> Array:
    """The whole stack; the padding is that of the memory, or without one that of the sequence itself."""
    every = {name: value.numpy() for name, value in stack.state_dict().items()}
    erf = np.vectorize(math.erf)
    for at, layer in enumerate(stack.layers):
        prefix = f"layers.{at}."
        state = {name.removeprefix(prefix): v for name, v in every.items() if name.startswith(prefix)}
        act = {
            nn.ReLU: lambda a: np.maximum(a, 0),
            nn.Tanh: np.tanh,
            nn.GELU: lambda a: a * (1 + erf(a / math.sqrt(2))) / 2,
        }[type(layer.activation)]

        def fed(a: Array, state: Any = state, act: Any = act) -> Array:
            inner = act(a @ state["linear1.weight"].T + state.get("linear1.bias", 0))
            return inner @ state["linear2.weight"].T + state.get("linear2.bias", 0)

        over = np.broadcast_to(causal, (BATCH, *causal.shape))
        if isinstance(stack, nn.TransformerDecoder):
            seen = np.broadcast_to(padding[:, None], (BATCH, x.shape[1], memory.shape[1]))
            parts = [
                lambda a, s=state, h=over: attended(a, a, s, "self_attn", h),
                lambda a, s=state, h=seen: attended(a, memory, s, "multihead_attn", h),
                fed,
            ]
        else:
            parts = [lambda a, s=state, h=over | padding[:, None]: attended(a, a, s, "self_attn", h), fed]
        for n, part in enumerate(parts, 1):
            x = x + part(normed(x, state, f"norm{n}")) if layer.norm_first else normed(x + part(x), state, f"norm{n}")
    return normed(x, every, "norm")


@settings
@kinds
def test_a_stack_is_what_numpy_makes(kind: str, settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(2)
    x, memory = rng.standard_normal((BATCH, STEPS, SIZE)), rng.standard_normal((BATCH, SOURCE, SIZE))
    causal = np.triu(np.ones((STEPS, STEPS), bool), 1)
    padding = np.zeros((BATCH, SOURCE if kind == "Decoder" else STEPS), bool)
    padding[1, -1] = True
    want = wanted(made(kind, settings), x, memory, causal, padding)
    masks = (
        {"mask": nc.tensor(causal), "src_key_padding_mask": nc.tensor(padding)}
        if kind == "Encoder"
        else {"tgt_mask": nc.tensor(causal), "memory_key_padding_mask": nc.tensor(padding)}
    )
    name = "is_causal" if kind == "Encoder" else "tgt_is_causal"
    for batch_first in (True, False):
        stack = made(kind, settings, batch_first=batch_first)
        given = [nc.tensor(x), nc.tensor(memory)][: 1 + (kind == "Decoder")]
        given = given if batch_first else [each.permute(1, 0, 2) for each in given]
        for options in (masks, {name: True, **{key: v for key, v in masks.items() if "padding" in key}}):
            got = stack(*given, **options)
            got = got if batch_first else got.permute(1, 0, 2)
            np.testing.assert_allclose(got.detach().numpy(), want, rtol=1e-9, atol=1e-10)
    alone = made(kind, settings)(*(each[:, 0] for each in given), **{name: True})
    np.testing.assert_allclose(alone.detach().numpy(), want[0], rtol=1e-9, atol=1e-10)


@kinds
def test_what_comes_later_changes_nothing_before_it(kind: str) -> None:
    stack, rng = made(kind, {}, batch_first=True), np.random.default_rng(3)
    x, memory = rng.standard_normal((1, STEPS, SIZE)), nc.tensor(rng.standard_normal((1, SOURCE, SIZE)))
    other = x.copy()
    other[:, 2:] += 1
    name, rest = ("is_causal", ()) if kind == "Encoder" else ("tgt_is_causal", (memory,))
    first, second = (stack(nc.tensor(each), *rest, **{name: True}).detach().numpy() for each in (x, other))
    np.testing.assert_array_equal(first[:, :2], second[:, :2])
    assert (abs(first[:, 2:] - second[:, 2:]) > 1e-6).any(-1).all()


def test_names_are_those_of_published_weights() -> None:
    names = list(made("Decoder", {}, layers=1).state_dict())
    attention = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    rest = ("linear1", "linear2", "norm1", "norm2", "norm3")
    assert names == [
        *(f"layers.0.{part}.{name}" for part in ("self_attn", "multihead_attn") for name in attention),
        *(f"layers.0.{part}.{name}" for part in rest for name in ("weight", "bias")),
        *("norm.weight", "norm.bias"),
    ]


@kinds
def test_each_layer_begins_with_weights_of_its_own(kind: str) -> None:
    pattern = getattr(nn, f"Transformer{kind}Layer")(SIZE, HEADS, INNER, 0.25, "gelu", norm_first=True)
    stack = getattr(nn, f"Transformer{kind}")(pattern, 3)
    first, second, third = stack.layers
    assert first.config == second.config == third.config == pattern.config
    weights = [layer.linear1.weight.detach().numpy() for layer in (pattern, first, second, third)]
    for at, one in enumerate(weights):
        assert all((one != other).any() for other in weights[:at])
    assert stack.num_parameters() == 3 * pattern.num_parameters()
    twin = module_from_spec(json.loads(json.dumps(spec_of(stack))))
    twin.load_state_dict(stack.state_dict())
    assert twin.config == stack.config


def test_dropout_is_where_it_is_said_to_be() -> None:
    layer = nn.TransformerEncoderLayer(SIZE, HEADS, INNER, dropout=0.5).initialize(0)
    x = nc.tensor(np.random.default_rng(0).standard_normal((50, 8, SIZE)).astype(np.float32))
    assert [module.p for module in layer.modules() if isinstance(module, nn.Dropout)] == [0.5] * 3
    assert layer.self_attn.dropout == 0.5
    nc.manual_seed(0)
    assert abs(layer(x) - layer(x)).max().item() > 0.1
    layer.eval()
    assert (layer(x) - layer(x)).abs().max().item() == 0


@pytest.mark.parametrize("size", [6, 5, 1])
@pytest.mark.parametrize("batch_first", [False, True])
def test_positions_are_sines_of_the_step(size: int, batch_first: bool) -> None:
    layer = nn.PositionalEncoding(size, 0.0, max_len=30, batch_first=batch_first)
    want = np.zeros((20, size))
    for t in range(20):
        for i in range(size):
            angle = t / 10000 ** (i // 2 * 2 / size)
            want[t, i] = math.cos(angle) if i % 2 else math.sin(angle)
    x = np.random.default_rng(0).standard_normal((20, 3, size)).astype(np.float32)
    given = nc.tensor(x.swapaxes(0, 1).copy() if batch_first else x)
    got = layer(given).numpy()
    np.testing.assert_allclose(got.swapaxes(0, 1) if batch_first else got, x + want[:, None], atol=1e-6)
    np.testing.assert_allclose(layer(nc.tensor(x[:, 0])).numpy(), x[:, 0] + want, atol=1e-6)
    assert list(layer.state_dict()) == []


def test_positions_are_dropped_in_training() -> None:
    layer = nn.PositionalEncoding(8, dropout=0.5)
    nc.manual_seed(0)
    dropped = (layer(nc.ones((100, 10, 8)) * 5).numpy() == 0).mean()
    assert abs(dropped - 0.5) < 5 * 0.5 / 8000**0.5
    assert (layer.eval()(nc.ones((100, 10, 8)) * 5).numpy() != 0).all()


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (InvalidValueError, lambda: nn.TransformerEncoderLayer(6, 4), "num_heads: a divisor of embed_dim=6"),
        (InvalidValueError, lambda: nn.TransformerEncoderLayer(6, 2, dim_feedforward=0), "dim_feedforward"),
        (InvalidValueError, lambda: nn.TransformerDecoderLayer(6, 2, dropout=1.0), "probability of dropping"),
        (InvalidValueError, lambda: nn.TransformerDecoderLayer(6, 2, layer_norm_eps=-1.0), "layer_norm_eps"),
        (InvalidValueError, lambda: nn.TransformerEncoder("linear", 2), "encoder_layer is a layer such as"),
        (InvalidValueError, lambda: nn.TransformerDecoder("linear", 2), "decoder_layer is a layer such as"),
        (InvalidValueError, lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2), 0), "num_layers"),
        (ShapeError, lambda: nn.TransformerEncoderLayer(6, 2)(nc.zeros((4, 2, 5))), "MultiheadAttention takes"),
        (InvalidValueError, lambda: nn.PositionalEncoding(0), "d_model"),
        (InvalidValueError, lambda: nn.PositionalEncoding(4, max_len=0), "max_len"),
        (ShapeError, lambda: nn.PositionalEncoding(4)(nc.zeros((3, 2, 5))), r"takes \(steps, batch, 4\)"),
        (ShapeError, lambda: nn.PositionalEncoding(4, max_len=2)(nc.zeros((3, 4))), "knows max_len=2 steps, got 3"),
    ],
)
def test_what_is_refused(error: type[Exception], call: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_a_transformer_learns_to_turn_a_sequence_round() -> None:
    """Which no layer without attention and positions could."""
    rng = np.random.default_rng(0)
    layer = nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True, norm_first=True)
    model = nn.Sequential(
        nn.Linear(4, 16),
        nn.PositionalEncoding(16, 0.0, 10, batch_first=True),
        nn.TransformerEncoder(layer, 1),
        nn.Linear(16, 4),
    ).initialize(0)
    optimizer = nc.optim.Adam(model.parameters(), lr=0.01)

    @nc.capture
    def step(x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x).reshape(-1, 4), y.reshape(-1))
        loss.backward()
        optimizer.step()
        return loss.detach()

    losses = []
    for _ in range(250):
        marks = rng.integers(0, 4, (32, 5))
        losses.append(step(nc.tensor(np.eye(4, dtype=np.float32)[marks]), nc.tensor(marks[:, ::-1].copy())).item())
    assert np.mean(losses[:5]) > 1.2 and np.mean(losses[-10:]) < 0.1


@kinds
def test_an_initializer_draws_the_weights_of_every_layer(kind: str) -> None:
    pattern = getattr(nn, f"Transformer{kind}Layer")(4, 2, 6, init={"name": "constant", "value": 0.5})
    stack = getattr(nn, f"Transformer{kind}")(pattern, 2)
    assert all((value.detach().numpy() == 0.5).all() for value in stack.parameters() if value.ndim > 1)
