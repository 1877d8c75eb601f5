"""Metrics against NumPy's formulas, batch by batch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import registry
from nncore.api import make
from nncore.errors import InvalidValueError, ShapeError

DRAW = np.random.default_rng(0)
OUTPUT = DRAW.standard_normal((50, 4)).astype(np.float32)
TARGET = DRAW.integers(0, 4, 50)
TARGET[TARGET == 3] = 2  # a class without samples
TAKEN = OUTPUT.argmax(1)
MATRIX = np.array([[((TARGET == i) & (TAKEN == j)).sum() for j in range(4)] for i in range(4)])


def computed(metric: Any, output: np.ndarray = OUTPUT, target: np.ndarray = TARGET) -> Any:
    """In batches of different sizes, in a captured step, after a reset."""
    metric.update(nc.tensor(output[:7]), nc.tensor(target[:7]))
    metric.reset()
    step = nc.capture(metric.update)
    for start, end in ((0, 16), (16, 32), (32, 48), (48, 50)):
        step(nc.tensor(output[start:end]), nc.tensor(target[start:end]))
    assert step.calls["replayed"] == 1
    return metric.compute()


def scores(average: str) -> dict[str, Any]:
    hits, taken, there = np.diag(MATRIX).astype(float), MATRIX.sum(0), MATRIX.sum(1)
    if average == "micro":
        hits, taken, there = (np.array([each.sum()]) for each in (hits, taken, there))
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(hits / taken)
        recall = np.nan_to_num(hits / there)
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    found = {"precision": precision, "recall": recall, "f1": f1}
    if average == "none":
        return found
    weights = there if average == "weighted" else None
    return {name: np.average(each, weights=weights) for name, each in found.items()}


def test_the_confusion_matrix() -> None:
    assert computed(make("metric", "confusion_matrix")).tolist() == MATRIX.tolist()


@pytest.mark.parametrize("average", ["macro", "weighted", "micro", "none"])
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_scores_of_classes(name: str, average: str) -> None:
    np.testing.assert_allclose(computed(make("metric", name, average=average)), scores(average)[name], rtol=1e-12)


def test_accuracy() -> None:
    assert computed(make("metric", "accuracy")) == (TAKEN == TARGET).mean()
    two = computed(make("metric", "accuracy"), OUTPUT[:, 0], TARGET.clip(0, 1))
    assert two == ((OUTPUT[:, 0] > 0) == (TARGET > 0)).mean()


@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_top_k_accuracy(k: int) -> None:
    best = np.argsort(-OUTPUT, axis=1)[:, :k]
    assert computed(make("metric", "top_k_accuracy", k=k)) == (best == TARGET[:, None]).any(1).mean()


def test_errors_of_values() -> None:
    target = DRAW.standard_normal((50, 4)).astype(np.float32)
    difference = OUTPUT.astype(np.float64) - target
    assert computed(make("metric", "mse"), OUTPUT, target) == pytest.approx((difference**2).mean(), rel=1e-6)
    assert computed(make("metric", "mae"), OUTPUT, target) == pytest.approx(np.abs(difference).mean(), rel=1e-6)
    with pytest.raises(ShapeError, match=r"output \(50, 4\) and target \(50,\) differ"):
        make("metric", "mse").update(nc.tensor(OUTPUT), nc.tensor(TARGET))


@pytest.mark.parametrize("name", registry.metrics)
def test_of_nothing_they_say_nothing(name: str) -> None:
    value = make("metric", name).compute()
    assert value.size == 0 if isinstance(value, np.ndarray) else math.isnan(value)


@pytest.mark.parametrize("config", [{"name": "f1", "average": "mean"}, {"name": "top_k_accuracy", "k": 0}])
def test_what_metrics_refuse(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="expected"):
        make("metric", config)
