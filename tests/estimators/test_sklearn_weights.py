"""A weight of two is two samples, the order of samples makes no difference, and weights weigh."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nncore as nc
from nncore.errors import InvalidValueError
from nncore.sklearn import NNClassifier, NNRegressor, samples

DROPPING = {"name": "mlp", "dropout": 0.3}


def data(count: int = 90) -> tuple[Any, Any, Any]:
    """Two moons or so, and whole weights from 0 to 3."""
    draw = np.random.default_rng(0)
    x = draw.standard_normal((count, 3))
    return x, (x[:, 0] * x[:, 1] > 0.3).astype(int), draw.integers(0, 4, count)


def weights(estimator: Any) -> list[Any]:
    return [np.array(value.numpy()) for value in estimator.model_.state_dict().values()]


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(weights(a), weights(b), strict=True))


@pytest.mark.parametrize(
    "estimator",
    [
        NNClassifier(DROPPING, batch_size=16, epochs=4, random_state=0),
        NNClassifier(batch_size=16, epochs=4, validation=0.3, class_weight="balanced", random_state=0),
        NNRegressor(DROPPING, batch_size=16, epochs=4, validation=0.3, random_state=0),
    ],
)
def test_a_weight_is_a_number_of_samples_to_the_bit(estimator: Any) -> None:
    x, y, count = data()
    y = y if isinstance(estimator, NNClassifier) else np.stack([x[:, 0] + y, x[:, 1]], 1)
    estimator.fit(x, y, sample_weight=count)
    found = weights(estimator)
    order = np.random.default_rng(1).permutation(int(count.sum()))
    again = estimator.fit(np.repeat(x, count, axis=0)[order], np.repeat(y, count, axis=0)[order])
    assert all(np.array_equal(a, b) for a, b in zip(found, weights(again), strict=True))
    other = weights(estimator.fit(x, y))
    assert not np.array_equal(found[0], other[0])


def test_equal_weights_are_none() -> None:
    x, y, _ = data()
    plain = NNClassifier(epochs=3, random_state=0).fit(x, y)
    for weight in (1, 0.25, 7):
        assert same(plain, NNClassifier(epochs=3, random_state=0).fit(x, y, sample_weight=np.full(len(y), weight)))


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_a_step_goes_down_the_weighted_loss(kind: str) -> None:
    x, labels, count = data()
    lr, weight = 0.5, count + 0.5
    options: dict[str, Any] = {"optimizer": "sgd", "lr": lr, "epochs": 1, "batch_size": len(x), "random_state": 0}
    if kind == "classes":
        estimator: Any = NNClassifier(nc.nn.Linear(3, 2), **options)
        y = labels
    else:
        estimator = NNRegressor(nc.nn.Linear(3, 2), **options)
        y = np.stack([x[:, 0] + labels, x[:, 1]], 1)
    start = estimator.model.weight.numpy().astype(np.float64), estimator.model.bias.numpy().astype(np.float64)
    estimator.fit(x, y, sample_weight=weight)
    logits = x @ start[0].T + start[1]
    share = weight / weight.sum()
    if kind == "classes":
        chance = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        slope = (chance - np.eye(2)[y]) * share[:, None]
        loss = -(np.log(chance[np.arange(len(y)), y]) * share).sum()
    else:
        slope = (logits - y) * share[:, None]
        loss = ((logits - y) ** 2).mean(1) @ share
    np.testing.assert_allclose(weights(estimator)[0], start[0] - lr * slope.T @ x, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(weights(estimator)[1], start[1] - lr * slope.sum(0), rtol=1e-4, atol=1e-6)
    assert estimator.history_.last["loss"] == pytest.approx(loss, rel=1e-5)


def test_schedules_are_asked_in_each_step_with_weights_too() -> None:
    x, y, count = data()
    asked: list[float] = []
    options: dict[str, Any] = {"schedule": lambda epoch, epochs: asked.append(epoch) or 1.0, "epochs": 2}
    NNClassifier(batch_size=30, random_state=0, **options).fit(x, y)
    want = [epoch + step / 3 for epoch in range(2) for step in range(3)]
    assert asked == pytest.approx(want)
    asked.clear()
    NNClassifier(batch_size=30, random_state=0, **options).fit(x, y, sample_weight=count + 1)
    assert asked == pytest.approx(want)


def test_weights_of_classes_are_weights_of_their_samples() -> None:
    x, y, count = data()
    options: dict[str, Any] = {"epochs": 3, "batch_size": 16, "random_state": 0}
    by_class = NNClassifier(class_weight={0: 0.5, 1: 3.0}, **options).fit(x, y, sample_weight=count)
    assert same(by_class, NNClassifier(**options).fit(x, y, sample_weight=count * np.where(y == 1, 3.0, 0.5)))
    balanced = NNClassifier(class_weight="balanced", **options).fit(x, y)
    each = len(y) / (2 * np.bincount(y))
    assert same(balanced, NNClassifier(**options).fit(x, y, sample_weight=each[y]))
    assert same(NNClassifier(class_weight={1: 1.0}, **options).fit(x, y), NNClassifier(**options).fit(x, y))


small = st.sampled_from([-1.0, -0.0, 0.0, 0.5])


@given(arrays(np.float32, (9, 2), elements=small), arrays(np.int64, (9,), elements=st.integers(0, 1)))
def test_distinct_samples_are_those_of_a_dict(x: Any, y: Any) -> None:
    weight = np.arange(1.0, 10.0)
    found = samples.distinct(x, y, weight)
    want: dict[Any, float] = {}
    for row, label, each in zip(x, y, weight, strict=True):
        key = (*(row + 0.0).tolist(), int(label))
        want[key] = want.get(key, 0.0) + each
    each = np.full(len(found.x), next(iter(want.values()))) if found.weight is None else found.weight
    rows = [(*row.tolist(), int(label)) for row, label in zip(found.x, found.y, strict=True)]
    assert dict(zip(rows, each, strict=True)) == want and len(rows) == len(want)
    turned = samples.distinct(x[::-1], y[::-1], weight[::-1])
    assert np.array_equal(turned.x, found.x) and np.array_equal(turned.y, found.y)


def test_samples_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "_hashes", lambda words: np.zeros(len(words[0]), dtype=np.uint64))
    x = np.array([[1.0], [1.0], [2.0], [3.0], [3.0]], dtype=np.float32)
    found = samples.distinct(x, np.array([0, 0, 0, 0, 1]), np.ones(5))
    assert found.x.ravel().tolist() == [1, 2, 3, 3] and found.weight is not None
    assert found.weight.tolist() == [2, 1, 1, 1]


def test_no_weight_at_all_is_a_mistake() -> None:
    with pytest.raises(InvalidValueError, match="all sample weights are zero"):
        samples.distinct(np.ones((2, 1), dtype=np.float32), np.zeros(2, dtype=np.int64), np.zeros(2))
    x, y, _ = data()
    with pytest.raises(InvalidValueError, match="all sample weights are zero"):
        NNClassifier(class_weight={0: 0.0, 1: 0.0}).fit(x, y)


def test_samples_that_stand_twice_are_not_on_both_sides_of_a_split() -> None:
    x, y, count = data()
    whole = samples.distinct(
        np.repeat(x, count, axis=0).astype(np.float32), np.repeat(y, count).astype(np.int64), np.ones(count.sum())
    )
    rest, part = whole.split(0.3, 0)
    assert not {row.tobytes() for row in rest.x} & {row.tobytes() for row in part.x}
    assert len(rest.x) + len(part.x) == np.count_nonzero(count)
