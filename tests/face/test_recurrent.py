"""Recurrent layers against loops in NumPy, and what holds between them: cells, directions, sequences of several lengths."""

from __future__ import annotations

import doctest
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recurrent_references import Array, cell, network

import nncore as nc
from nncore import nn
from nncore.config import module_from_spec, spec_of
from nncore.errors import InvalidValueError, ShapeError
from nncore.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, unpad_sequence
from nncore.testing import gradcheck

KINDS: list[tuple[str, dict[str, Any]]] = [
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu", "num_layers": 2, "bias": False}),
    ("GRU", {}),
    ("GRU", {"num_layers": 2, "bidirectional": True}),
    ("LSTM", {}),
    ("LSTM", {"num_layers": 3, "bidirectional": True, "bias": False}),
    ("LSTM", {"proj_size": 2}),
    ("LSTM", {"proj_size": 3, "num_layers": 2, "bidirectional": True}),
]
STEPS, BATCH, WIDTH, HIDDEN = 6, 4, 3, 5
LENGTHS = [3, 6, 1, 4]
kinds = pytest.mark.parametrize(("kind", "settings"), KINDS)


def made(kind: str, settings: dict[str, Any], **more: Any) -> nn.Module:
    layer: nn.Module = getattr(nn, kind)(WIDTH, HIDDEN, **settings, **more)
    return layer.to("float64").initialize(1)


def drawn(settings: dict[str, Any]) -> tuple[Array, Array, Array]:
    """An input and two states."""
    rng, states = np.random.default_rng(3), settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
    h = rng.standard_normal((states, BATCH, settings.get("proj_size", HIDDEN)))
    return rng.standard_normal((STEPS, BATCH, WIDTH)), h, rng.standard_normal((states, BATCH, HIDDEN))


def run(layer: nn.Module, x: Any, h: Any = None, c: Any = None, **options: Any) -> tuple[Any, ...]:
    """Output and states in one tuple."""
    if h is not None:
        options["hx"] = (h, c) if isinstance(layer, nn.LSTM) else h
    output, states = layer(x, **options)
    return (output, *(states if isinstance(layer, nn.LSTM) else (states,)))


def wanted(layer: nn.Module, x: Array, h: Array, c: Array, lengths: list[int]) -> list[Array]:
    """Output and states, one sequence after the other."""
    state = {name: value.numpy() for name, value in layer.state_dict().items()}
    kind = getattr(layer, "nonlinearity", type(layer).__name__)
    directions = 2 if layer.bidirectional else 1
    each = [
        network(kind, state, x[:size, b], h[:, b], c[:, b], directions)  #
        for b, size in enumerate(lengths)
    ]
    output = np.zeros((len(x), len(each), each[0][0].shape[1]))
    for b, size in enumerate(lengths):
        output[:size, b] = each[b][0]
    return [output, np.stack([one[1] for one in each], 1), np.stack([one[2] for one in each], 1)]


def close(got: Any, want: Any) -> None:
    for a, b in zip(got, want, strict=False):
        np.testing.assert_allclose(a.detach().numpy(), b, rtol=1e-11, atol=1e-12)


@kinds
def test_a_batch_is_what_loops_over_its_sequences_make(kind: str, settings: dict[str, Any]) -> None:
    layer, (x, h, c) = made(kind, settings), drawn(settings)
    full = [STEPS] * BATCH
    close(run(layer, nc.tensor(x), nc.tensor(h), nc.tensor(c)), wanted(layer, x, h, c, full))
    close(run(layer, nc.tensor(x)), wanted(layer, x, 0 * h, 0 * c, full))
    alone = run(layer, nc.tensor(x[:, 1]), nc.tensor(h[:, 1]), nc.tensor(c[:, 1]))
    close(alone, network_of(layer, x[:, 1], h[:, 1], c[:, 1]))


def network_of(layer: nn.Module, x: Array, h: Array, c: Array) -> list[Array]:
    want = wanted(layer, x[:, None], h[:, None], c[:, None], [len(x)])
    return [each[:, 0] for each in want]


@kinds
@pytest.mark.parametrize("batch_first", [False, True])
def test_each_sequence_gets_what_it_would_get_alone(kind: str, settings: dict[str, Any], batch_first: bool) -> None:
    layer, (x, h, c) = made(kind, settings, batch_first=batch_first), drawn(settings)
    want = wanted(layer, x, h, c, LENGTHS)
    for b, size in enumerate(LENGTHS):
        x[size:, b] = 1e6  # what stands behind a sequence does not matter
    given, states = nc.tensor(x.swapaxes(0, 1).copy() if batch_first else x), (nc.tensor(h), nc.tensor(c))
    output, *rest = run(layer, given, *states, lengths=nc.tensor(LENGTHS))
    close([output.permute(1, 0, 2) if batch_first else output, *rest], want)
    packed = pack_padded_sequence(given, LENGTHS, batch_first, enforce_sorted=False)
    output, *rest = run(layer, packed, *states)
    assert output.data.shape[0] == sum(LENGTHS)
    output, lengths = pad_packed_sequence(output)
    assert lengths.tolist() == LENGTHS
    close([output, *rest], want)


@kinds
def test_gradients_agree_with_differences(kind: str, settings: dict[str, Any]) -> None:
    layer, (x, h, c) = made(kind, settings), drawn(settings)
    x, h, c = x[:4, :3], h[:, :3], c[:, :3]
    lengths = nc.tensor([2, 4, 1])

    class Flat(nn.Module):
        """The layer with its results in one tuple, so that its parameters are checked too."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, *given: Any) -> Any:
            return run(layer, *given, lengths=lengths)

    states = (h, c) if kind == "LSTM" else (h,)
    # A ReLU whose argument is exactly 0 has no derivative; the others have no kinks at all.
    found = gradcheck(Flat(), x, *states, max_skipped=0.1 if settings.get("nonlinearity") == "relu" else 0.0)
    assert found.checked > 50


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_layer_is_its_cell_step_by_step(kind: str) -> None:
    layer, single = made(kind, {}), getattr(nn, f"{kind}Cell")(WIDTH, HIDDEN).to("float64")
    single.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    x = nc.tensor(drawn({})[0])
    output, *last = run(layer, x)
    state: Any = None
    for t in range(STEPS):
        state = single(x[t], state)
        close([state[0] if kind == "LSTM" else state], [output[t].detach().numpy()])
    close(state if kind == "LSTM" else [state], [one[0].detach().numpy() for one in last])


@pytest.mark.parametrize(
    ("name", "kind"), [("RNNCell", "tanh"), ("RNNCell", "relu"), ("GRUCell", "GRU"), ("LSTMCell", "LSTM")]
)
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_is_its_formula(name: str, kind: str, bias: bool) -> None:
    more = {"nonlinearity": kind} if name == "RNNCell" else {}
    layer = getattr(nn, name)(WIDTH, HIDDEN, bias, **more).to("float64")
    (x, h, c), state = drawn({}), {key: value.numpy() for key, value in layer.state_dict().items()}
    assert list(state) == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"][: 4 if bias else 2]
    zero = np.zeros(layer.gates * HIDDEN)
    parts = [state.get(key, zero) for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    want = [cell(kind, x[0, b], h[0, b], c[0, b], *parts) for b in range(BATCH)]
    states = (nc.tensor(h[0]), nc.tensor(c[0]))
    got = layer(nc.tensor(x[0]), states if kind == "LSTM" else states[0])
    close(got if kind == "LSTM" else [got], [np.stack(each) for each in zip(*want, strict=True)])
    one = layer(nc.tensor(x[0, 0]))
    begin = cell(kind, x[0, 0], 0 * h[0, 0], 0 * c[0, 0], *parts)
    close(one if kind == "LSTM" else [one], begin)
    gradcheck(layer, x[0], max_skipped=0.1)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_the_way_back_is_the_way_there_of_the_reversed_sequence(kind: str) -> None:
    both, there = made(kind, {"bidirectional": True}), made(kind, {})
    state = both.state_dict()
    there.load_state_dict({name: state[f"{name}_reverse"] for name in there.state_dict()})
    x = drawn({})[0]
    back = both(nc.tensor(x))[0][:, :, HIDDEN:]
    close([back], [there(nc.tensor(x[::-1].copy()))[0].detach().numpy()[::-1]])


@kinds
def test_first_weights_are_uniform_within_one_over_the_root_of_the_hidden_size(
    kind: str, settings: dict[str, Any]
) -> None:
    layer = getattr(nn, kind)(40, 64, **settings).initialize(0)
    for name, value in layer.state_dict().items():
        w = value.numpy()
        assert abs(w).max() <= 1 / 8, name
        if w.ndim == 2:
            assert abs(w.std() - 1 / 8 / 3**0.5) < 5e-3 / 2 and abs(w).max() > 0.12, name
        assert len(np.unique(w)) > 0.9 * w.size, name
    other = getattr(nn, kind)(40, 64, init="xavier_normal", **settings).state_dict()
    assert all((value.numpy() == 0).all() == name.startswith("bias") for name, value in other.items())


def test_names_and_shapes_are_those_of_published_weights() -> None:
    layer = nn.LSTM(3, 5, num_layers=2, bidirectional=True, proj_size=2)
    shapes = {name: tuple(value.shape) for name, value in layer.state_dict().items()}
    assert list(shapes)[:10] == [
        *("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_hr_l0"),
        *("weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse"),
        "weight_hr_l0_reverse",
    ]
    assert shapes["weight_ih_l1"] == (20, 4) and shapes["weight_hh_l1_reverse"] == (20, 2)
    assert shapes["weight_hr_l1"] == (2, 5) and len(shapes) == 20


@kinds
def test_a_saved_layer_is_rebuilt(kind: str, settings: dict[str, Any], tmp_path: Path) -> None:
    layer, x = made(kind, settings), drawn(settings)[0]
    assert module_from_spec(json.loads(json.dumps(spec_of(layer)))).config == layer.config
    nc.save(layer, tmp_path / "layer.safetensors")
    twin = nc.load(tmp_path / "layer.safetensors")
    assert type(twin) is type(layer)
    np.testing.assert_array_equal(twin(nc.tensor(x))[0].detach().numpy(), layer(nc.tensor(x))[0].detach().numpy())


@kinds
@pytest.mark.parametrize("form", ["full", "lengths", "packed"])
def test_captured_steps_have_the_same_bits(kind: str, settings: dict[str, Any], form: str) -> None:
    """Training with dropout between the layers, replayed, against the same steps one by one."""
    more = {"dropout": 0.4} if settings.get("num_layers", 1) > 1 else {}
    rng = np.random.default_rng(5)
    batches = [rng.standard_normal((STEPS, BATCH, WIDTH)).astype(np.float32) for _ in range(5)]

    def trained(captured: bool) -> list[bytes]:
        layer = getattr(nn, kind)(WIDTH, HIDDEN, **settings, **more).initialize(2)
        optimizer = nc.optim.Adam(layer.parameters(), lr=0.01)
        nc.manual_seed(7)

        def step(given: Any, lengths: Any) -> nc.Tensor:
            optimizer.zero_grad()
            output, last, *_ = run(layer, given, **({} if lengths is None else {"lengths": lengths}))
            values = output if isinstance(output, nc.Tensor) else output.data
            loss = (values * values).mean() + last.sum()
            loss.backward()
            optimizer.step()
            return loss.detach()

        play = nc.capture(step) if captured else step
        seen = []
        for at, batch in enumerate(batches):
            lengths = np.roll(LENGTHS, at)
            given = nc.tensor(batch)
            if form == "packed":
                given = pack_padded_sequence(given, lengths, enforce_sorted=False)
            seen.append(play(given, nc.tensor(lengths) if form == "lengths" else None).numpy().tobytes())
        if captured:
            assert play.last_retrace is None, play.last_retrace
        return seen + [value.numpy().tobytes() for value in layer.state_dict().values()]

    assert trained(True) == trained(False)


def test_dropout_stands_between_layers_and_in_training_alone() -> None:
    x = nc.tensor(drawn({})[0])
    layer, plain = made("GRU", {"num_layers": 2}, dropout=0.5), made("GRU", {"num_layers": 2})
    one = made("GRU", {})
    one.load_state_dict({name: value for name, value in plain.state_dict().items() if name.endswith("l0")})
    nc.manual_seed(0)
    first, second = layer(x)[1], layer(x)[1]
    for state in (first, second):
        close([state[0]], [one(x)[1][0].detach().numpy()])
    assert (first[1].detach().numpy() != second[1].detach().numpy()).all()
    np.testing.assert_array_equal(layer.eval()(x)[0].detach().numpy(), plain(x)[0].detach().numpy())
    # With everything dropped the second layer sees zeros.
    dropped = made("GRU", {"num_layers": 2}, dropout=1.0)
    lone = nn.GRU(HIDDEN, HIDDEN).to("float64")
    lone.load_state_dict(
        {name.replace("l1", "l0"): value for name, value in dropped.state_dict().items() if name.endswith("l1")}
    )
    close([dropped(x)[0]], [lone(nc.zeros((STEPS, BATCH, HIDDEN), dtype="float64"))[0].detach().numpy()])
    with pytest.warns(UserWarning, match="does nothing in one layer"):
        nn.LSTM(3, 4, dropout=0.5)


def test_an_lstm_learns_to_carry_one_number_over_the_noise_that_follows() -> None:
    """The first input, said again after seven steps of noise: what the gates are there for."""
    rng = np.random.default_rng(0)
    layer, head = nn.LSTM(1, 16, batch_first=True).initialize(0), nn.Linear(16, 1).initialize(0)
    optimizer = nc.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.02)

    @nc.capture
    def step(x: nc.Tensor) -> nc.Tensor:
        optimizer.zero_grad()
        guess = head(layer(x)[1][0][0])
        loss = nn.MSELoss()(guess, x[:, 0])
        loss.backward()
        nc.optim.clip_grad_norm([*layer.parameters(), *head.parameters()], 1.0)
        optimizer.step()
        return loss.detach()

    losses = [step(nc.tensor(np.sign(rng.standard_normal((64, 8, 1))).astype(np.float32))).item() for _ in range(400)]
    # Guessing 0 costs 1.
    assert np.mean(losses[:10]) > 0.8 and np.mean(losses[-10:]) < 0.05


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.LSTM(3, 4)(nc.zeros((5, 2, 4))), r"LSTM takes \(steps, batch, 3\)"),
        (lambda: nn.LSTM(3, 4, batch_first=True)(nc.zeros((5,))), r"LSTM takes \(batch, steps, 3\)"),
        (
            lambda: nn.GRU(3, 4)(nc.zeros((5, 2, 3)), nc.zeros((1, 3, 4))),
            r"hx: shape \(1, 2, 4\) expected, got \(1, 3, 4\)",
        ),
        (lambda: nn.LSTM(3, 4)(nc.zeros((5, 3)), (nc.zeros((1, 4)), nc.zeros((1, 5)))), r"hx\[1\]: shape \(1, 4\)"),
        (lambda: nn.RNN(3, 4)(nc.zeros((5, 3)), lengths=nc.tensor([5])), "lengths: a batch expected"),
        (lambda: nn.GRUCell(3, 4)(nc.zeros((2, 4))), r"GRUCell takes \(batch, 3\)"),
        (lambda: nn.LSTMCell(3, 4)(nc.zeros((2, 3)), (nc.zeros((2, 4)), nc.zeros((1, 4)))), r"hx\[1\]: shape \(2, 4\)"),
    ],
)
def test_wrong_shapes_are_named(call: Any, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.LSTM(0, 4), "input_size"),
        (lambda: nn.GRU(3, 4, num_layers=0), "num_layers"),
        (lambda: nn.LSTM(3, 4, num_layers=2, dropout=1.5), "LSTM argument dropout: a probability"),
        (lambda: nn.LSTM(3, 4, proj_size=4), "LSTM argument proj_size: 0 for none, or less than hidden_size=4"),
        (lambda: nn.RNN(3, 4, nonlinearity="sine"), "RNN argument nonlinearity"),
        (lambda: nn.RNNCell(3, 4, nonlinearity="sine"), "RNNCell argument nonlinearity"),
        (lambda: nn.LSTM(3, 4)(nc.zeros((5, 2, 3)), nc.zeros((1, 2, 4))), r"a pair of states \(h, c\)"),
        (lambda: nn.LSTMCell(3, 4)(nc.zeros((2, 3)), nc.zeros((2, 4))), r"a pair of states \(h, c\)"),
        (lambda: nn.GRU(3, 4)(nc.zeros((5, 2, 3)), lengths=nc.tensor([6, 1])), "6"),
    ],
)
def test_wrong_values_are_named(call: Any, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        call()


@pytest.mark.parametrize("file", ["rnn", "gru", "lstm", "rnn_cells"])
def test_examples_in_the_documentation_run(file: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"nncore.builtin.layers.{file}"))
    assert tried and not failed


def test_a_batch_is_taken_apart_into_views() -> None:
    x = nc.tensor(np.arange(12.0).reshape(3, 4))
    assert [one.tolist() for one in unpad_sequence(x, [1, 3, 0, 2])] == [[0], [1, 5, 9], [], [3, 7]]
