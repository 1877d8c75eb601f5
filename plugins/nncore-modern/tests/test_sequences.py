"""The classifiers of sequences: what they read, and what they leave out."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import DTypeError, InvalidValueError, NNCoreError, ShapeError

BOTH = ("lstm_classifier", "transformer_classifier")
rng = np.random.default_rng(0)


@pytest.mark.parametrize("name", BOTH)
@nc.no_grad()
def test_padding_changes_nothing(name: str) -> None:
    model = nc.create(name, vocabulary=20, num_classes=3, features=8, hidden=8).eval()
    short = rng.integers(1, 20, (2, 4))
    padded = np.concatenate([short, np.zeros((2, 3), "int64")], 1)
    np.testing.assert_allclose(model(nc.tensor(padded)).numpy(), model(nc.tensor(short)).numpy(), atol=1e-6)
    # Without a padding token, the same zeros are tokens like others.
    reads = nc.create(name, vocabulary=20, num_classes=3, features=8, hidden=8, padding=None).eval()
    assert not np.allclose(reads(nc.tensor(padded)).numpy(), reads(nc.tensor(short)).numpy(), atol=1e-5)


@pytest.mark.parametrize("name", BOTH)
@nc.no_grad()
def test_the_order_of_tokens_matters(name: str) -> None:
    model = nc.create(name, vocabulary=20, features=8, hidden=8).eval()
    forward, backward = model(nc.tensor([[3, 7, 11, 5], [5, 11, 7, 3]])).numpy()
    assert not np.allclose(forward, backward, atol=1e-4)


@pytest.mark.parametrize("name", BOTH)
@nc.no_grad()
def test_a_sequence_of_padding_alone_gives_numbers(name: str) -> None:
    model = nc.create(name, vocabulary=20, features=8, hidden=8).eval()
    assert np.isfinite(model(nc.tensor([[0, 0, 0], [4, 0, 0]])).numpy()).all()


@nc.no_grad()
def test_the_lstm_classifies_by_its_last_states() -> None:
    model = nc.create("lstm_classifier", in_features=3, hidden=4, n_layers=2, bidirectional=True).eval()
    x = nc.tensor(rng.standard_normal((2, 5, 3)).astype("float32"))
    output, _ = model.lstm(x)
    # Of the last layer: what the one memory knows at the end, and the other at the start.
    known = np.concatenate([output.numpy()[:, -1, :4], output.numpy()[:, 0, 4:]], 1)
    expected = known @ model.head.weight.numpy().T + model.head.bias.numpy()
    np.testing.assert_allclose(model(x).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("name", BOTH)
def test_they_learn_which_token_occurs(name: str) -> None:
    # A sequence is of class 1 where token 1 occurs in it; all lengths from 3 to 8.
    tokens = rng.integers(2, 8, (256, 8))
    tokens[np.arange(8) >= rng.integers(3, 9, (256, 1))] = 0
    labels = rng.integers(0, 2, 256)
    tokens[labels == 1, rng.integers(0, 3, 256)[labels == 1]] = 1
    nc.manual_seed(0)
    model = nc.create(name, vocabulary=8, features=16, hidden=16, seed=1, **({"n_layers": 1} if "tr" in name else {}))
    trainer = nc.Trainer(model, loss="cross_entropy", optimizer={"name": "adam", "lr": 0.01})
    trainer.fit((tokens, labels), epochs=15, batch_size=32, progress=False)
    with nc.no_grad():
        guessed = model.eval()(nc.tensor(tokens)).numpy().argmax(1)
    assert (guessed == labels).mean() > 0.95


@pytest.mark.parametrize("name", BOTH)
def test_what_makes_no_sense_is_refused(name: str) -> None:
    for config, says in (
        ({}, "give vocabulary, the number of tokens, or in_features"),
        ({"vocabulary": 5, "in_features": 3}, "got vocabulary=5, in_features=3"),
        ({"vocabulary": 0}, "vocabulary is a positive integer, got 0"),
        ({"vocabulary": 5, "padding": 5}, "0 <= padding < 5, or None; got 5"),
        ({"vocabulary": 5, "num_classes": 0}, "num_classes is a positive integer, got 0"),
        ({"vocabulary": 5, "init": "zeross"}, "zeros"),
    ):
        with pytest.raises((InvalidValueError, NNCoreError), match=says):
            nc.create(name, **config)
    tokens = nc.create(name, vocabulary=5, features=4, hidden=4)
    with pytest.raises(DTypeError, match="takes tokens, which are integers; got float32"):
        tokens(nc.zeros((2, 3)))
    with pytest.raises(ShapeError, match="takes tokens \\(N, steps\\)"):
        tokens(nc.zeros((2, 3, 4)))
    with pytest.raises(InvalidValueError):
        tokens(nc.tensor([[5, 1]]))
    measured = nc.create(name, in_features=3, features=4, hidden=4)
    with pytest.raises(ShapeError, match="takes \\(N, steps, 3\\)"):
        measured(nc.zeros((2, 5, 4)))


def test_the_transformers_own_arguments() -> None:
    with pytest.raises(InvalidValueError, match="divisor"):
        nc.create("transformer_classifier", vocabulary=5, features=6, heads=4)
    model = nc.create("transformer_classifier", vocabulary=5, features=4, hidden=4, heads=1, max_len=3, act="elu")
    assert any(isinstance(module, nn.ELU) for module in model.modules())
    with pytest.raises(ShapeError, match="max_len=3 steps, got 4"):
        model(nc.tensor([[1, 2, 3, 4]]))


@pytest.mark.parametrize("name", BOTH)
def test_init_draws_every_weight(name: str) -> None:
    model = nc.create(name, vocabulary=20, features=8, hidden=8, init="ones")
    weights = {key: value for key, value in model.named_parameters() if value.ndim > 1}
    assert {key for key, value in weights.items() if not (value.detach().numpy()[1:] == 1).all()} == set()
    measured = nc.create(name, in_features=3, features=8, hidden=8, init="ones")
    assert all((value.detach().numpy() == 1).all() for value in measured.parameters() if value.ndim > 1)
