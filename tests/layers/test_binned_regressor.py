"""Regression by bins: the bins, the values that come back, and a comparison with the squared difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import DataLeakError, InvalidValueError, ShapeError

draw = np.random.default_rng(0)


class Fixed(nn.Module):
    """A model whose logits are its input."""

    def forward(self, input: nc.Tensor) -> nc.Tensor:
        return input


def test_bins_of_one_width_and_of_equally_many() -> None:
    y = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.9, 4.0])
    wide = nn.BinnedRegressor(Fixed(), 4).fit_bins(y)
    np.testing.assert_allclose(wide.edges.numpy(), [0, 1, 2, 3, 4])
    # A value on an edge belongs to the bin above; the last bin holds its upper edge.
    np.testing.assert_array_equal(wide.labels(y), [0, 0, 1, 1, 2, 3, 3])
    np.testing.assert_allclose(wide.centers.numpy(), [0.25, 1.25, 2.0, 3.95])
    np.testing.assert_array_equal(wide.labels(np.array([[-9.0], [9.0], [2.5]])), [0, 3, 2])
    many = draw.exponential(size=1000)
    even = nn.BinnedRegressor(Fixed(), 8).fit_bins(nc.tensor(many), "quantile")
    counts = np.bincount(even.labels(many))
    assert counts.tolist() == [125] * 8
    for bin, center in enumerate(even.centers.numpy()):
        np.testing.assert_allclose(center, many[even.labels(many) == bin].mean(), rtol=1e-12)


def test_values_are_of_the_distribution() -> None:
    model = nn.BinnedRegressor(Fixed(), 3).fit_bins(np.array([0.0, 1.0, 3.0, 4.0, 5.0, 6.0]))
    # Edges 0, 2, 4, 6; centers 0.5, 3, 5.
    shares = np.array([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    logits = np.log(shares)
    np.testing.assert_allclose(model.distribution(logits), shares, rtol=1e-12)
    np.testing.assert_allclose(model.value(logits), shares @ [0.5, 3.0, 5.0], rtol=1e-12)
    np.testing.assert_allclose(model.value(logits, "mode"), [3.0, 0.5, 5.0])
    # Half of it: 0.3 of the 0.5 in the second bin; 0.5 of 0.7 in the first; 0.3 of 0.8 in the third.
    np.testing.assert_allclose(model.value(logits, "median"), [2 + 2 * 0.6, 2 * 5 / 7, 4 + 2 * 0.375], rtol=1e-12)


def test_bins_without_a_sample_are_told_or_kept() -> None:
    y = np.array([0.0, 0.1, 10.0])
    model = nn.BinnedRegressor(Fixed(), 5)
    with pytest.raises(InvalidValueError, match="3 of 5 bins have no sample, the first is bin 1"):
        model.fit_bins(y)
    assert (model.edges.numpy() == 0).all(), "nothing has changed"
    np.testing.assert_allclose(model.fit_bins(y, empty="keep").centers.numpy(), [0.05, 3, 5, 7, 10])
    with pytest.raises(InvalidValueError, match=r"bin 0 has no width, as so many values are 1"):
        model.fit_bins(np.array([1.0] * 9 + [2.0, 3.0]), "quantile")


def test_a_saved_model_knows_its_bins(tmp_path: Path) -> None:
    model = nn.BinnedRegressor(nn.Linear(2, 4), 4).fit_bins(draw.standard_normal(50))
    nc.save(model, tmp_path / "model.safetensors")
    again = nc.load(tmp_path / "model.safetensors")
    x = draw.standard_normal((5, 2)).astype(np.float32)
    np.testing.assert_array_equal(again.value(x), model.value(x))
    assert model.training


def test_two_values_are_both_seen_where_the_squared_difference_sees_their_mean() -> None:
    """y is 1 or -1 by chance: the best single value is 0, which never occurs. The distribution says so."""
    x = draw.uniform(-1, 1, (600, 1)).astype(np.float32)
    y = (np.where(draw.random(600) < 0.5, 1.0, -1.0) + 0.05 * draw.standard_normal(600)).astype(np.float32)
    binned = nn.BinnedRegressor(nc.create("mlp", sizes=[1, 16, 12], seed=0), 12).fit_bins(y, empty="keep")
    settings: dict[str, Any] = {"optimizer": {"name": "adam", "lr": 0.01}, "seed": 0}
    nc.Trainer(binned, "cross_entropy", **settings).fit((x, binned.labels(y)), epochs=15, progress=False)
    plain = nc.create("mlp", sizes=[1, 16, 1], seed=0)
    trainer = nc.Trainer(plain, "l2_norm", **settings)
    trainer.fit((x, y[:, None]), epochs=15, progress=False)
    # Five standard errors of a mean of 600 values of spread 1, and what training leaves.
    assert abs(trainer.predict(x).numpy()).mean() < 0.25 and abs(binned.value(x)).mean() < 0.25
    shares, edges = binned.distribution(x), binned.edges.numpy()
    near = (abs((edges[1:] + edges[:-1]) / 2) > 0.7)[None, :]
    assert (shares * near).sum(1).min() > 0.9, "all of it lies around 1 and -1"
    assert abs(abs(binned.value(x, "mode")) - 1).max() < 0.2


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.BinnedRegressor(Fixed(), 1), InvalidValueError, "bins is an integer of at least 2, got 1"),
        (lambda: nn.BinnedRegressor("mlp", 3), InvalidValueError, "model is a Module, got str"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).labels([1.0]), InvalidValueError, "labels: there are no bins yet"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).value(np.ones((1, 3))), InvalidValueError, "there are no bins yet"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).fit_bins([1.0, 1.0]), InvalidValueError, "2 values, all 1"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).fit_bins([]), InvalidValueError, "got 0 values"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).fit_bins([1, np.nan]), InvalidValueError, r"values\[1\] is not finite"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).fit_bins(np.ones((3, 2))), InvalidValueError, "one number a sample"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).fit_bins(["a"]), InvalidValueError, "values are numbers"),
        (lambda: nn.BinnedRegressor(Fixed(), 3).fit_bins([1, 2], "equal"), InvalidValueError, "strategy is 'width' or"),
        (
            lambda: nn.BinnedRegressor(Fixed(), 3)(nc.zeros((2, 4))),
            ShapeError,
            r"\(N, 3\); the model gave shape \(2, 4\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_bins_are_of_training_data_alone() -> None:
    values = np.linspace(0, 1, 40)
    train, held_out = nc.data.ArrayDataset(np.ones((40, 2), np.float32), values, targets="values").split(0.25, seed=0)
    model = nn.BinnedRegressor(nn.Linear(2, 4), bins=4)
    with pytest.raises(DataLeakError, match="fit_bins was given validation data"):
        model.fit_bins(held_out)
    model.fit_bins(train)
    np.testing.assert_array_equal(model.edges.numpy(), np.linspace(train.y.min(), train.y.max(), 5))
