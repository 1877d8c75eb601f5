"""Networks as estimators: what they do beyond scikit-learn's checks."""

from __future__ import annotations

import copy
import doctest
import importlib
import pickle
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nncore as nc
from nncore import nn
from nncore.errors import DivergedError, InvalidValueError, UnknownComponentError
from nncore.sklearn import NNClassifier, NNRegressor

DROPPING = {"name": "mlp", "dropout": 0.3}


@pytest.fixture(scope="module")
def iris() -> tuple[Any, Any]:
    x, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(x), np.array(["setosa", "versicolor", "virginica"])[y]


def weights(estimator: Any) -> list[Any]:
    return [np.array(value.numpy()) for value in estimator.model_.state_dict().values()]


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(weights(a), weights(b), strict=True))


def test_digits_are_told_apart_as_well_as_by_scikit_learns_network() -> None:
    x, y = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(x / 16, y, test_size=0.3, stratify=y, random_state=0)
    ours = NNClassifier(epochs=30, random_state=0).fit(train_x, train_y)
    theirs = MLPClassifier(max_iter=30, batch_size=64, random_state=0)
    with pytest.warns(Warning, match="converged"):
        theirs.fit(train_x, train_y)
    assert ours.score(test_x, test_y) > 0.96
    assert ours.score(test_x, test_y) >= theirs.score(test_x, test_y) - 0.01


def test_probabilities_are_the_softmax_of_the_logits(iris: tuple[Any, Any]) -> None:
    x, y = iris
    network = NNClassifier(epochs=5, random_state=0).fit(x, y)
    logits = network.decision_function(x)
    with nc.no_grad():
        np.testing.assert_array_equal(logits, network.model_(nc.tensor(x.astype(np.float32))).numpy())
    exp = np.exp(logits)
    np.testing.assert_allclose(network.predict_proba(x), exp / exp.sum(1, keepdims=True), rtol=1e-12)
    assert (network.predict(x) == network.classes_[logits.argmax(1)]).all()
    two = NNClassifier(epochs=5, random_state=0).fit(x[:100], y[:100])
    chance = two.predict_proba(x)
    np.testing.assert_allclose(two.decision_function(x), np.log(chance[:, 1] / chance[:, 0]), rtol=1e-9, atol=1e-9)
    far = network.predict_log_proba(x * 1e4)
    assert np.isfinite(far).all() and far.min() < -1000, "logarithms do not underflow"


@pytest.mark.parametrize("act", ["relu", "tanh", nc.ops.gelu])
def test_a_prediction_depends_on_no_other_sample(act: Any) -> None:
    x, y = load_digits(return_X_y=True)
    network = NNClassifier(act=act, epochs=2, random_state=0).fit(x, y)
    whole = network.decision_function(x[:60])
    for count in (1, 2, 7, 17, 33):
        parts = [network.decision_function(x[at : min(at + count, 60)]) for at in range(0, 60, count)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_seed_gives_the_same_bits_and_leaves_other_draws_alone(iris: tuple[Any, Any]) -> None:
    x, y = iris
    network = NNClassifier(DROPPING, epochs=3, random_state=3)
    first = copy.deepcopy(network.fit(x, y))
    nc.manual_seed(0)
    want = nc.rand(3).numpy().copy(), nn.Linear(2, 2).weight.numpy().copy()
    nc.manual_seed(0)
    assert same(first, network.fit(x, y)), "fitted again"
    got = nc.rand(3).numpy(), nn.Linear(2, 2).weight.numpy()
    assert all(np.array_equal(a, b) for a, b in zip(want, got, strict=True)), (
        "the global streams go on as if nothing was"
    )
    assert same(first, clone(network).fit(x, y))
    assert not same(first, clone(network).set_params(random_state=4).fit(x, y))
    assert not same(NNClassifier(epochs=1).fit(x, y), NNClassifier(epochs=1).fit(x, y)), "without a seed they differ"


@pytest.mark.parametrize("way", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_a_copy_goes_on_to_the_same_bits(way: Any, iris: tuple[Any, Any]) -> None:
    x, y = iris
    network = NNClassifier(DROPPING, epochs=3, schedule="cosine", random_state=0).fit(x, y)
    other = way(network)
    np.testing.assert_array_equal(other.predict_proba(x), network.predict_proba(x))
    for estimator in (network, other):
        estimator.partial_fit(x, y)
        nc.rand(3)
        estimator.partial_fit(x[::-1], y[::-1])
    assert same(network, other) and network.n_iter_ == other.n_iter_ == 5
    assert not same(network, NNClassifier(DROPPING, epochs=3, schedule="cosine", random_state=0).fit(x, y))


def test_partial_fits_are_one_fit(iris: tuple[Any, Any]) -> None:
    x, y = iris
    parts = NNClassifier(random_state=0).partial_fit(x, y, classes=np.unique(y))
    for _ in range(4):
        parts.partial_fit(x, y)
    assert same(parts, NNClassifier(epochs=5, patience=None, random_state=0).fit(x, y))
    assert [row["epoch"] for row in parts.history_] == [1, 2, 3, 4, 5]
    numbers = NNRegressor(random_state=0).partial_fit(x, x[:, 0])
    numbers.partial_fit(x[:40], x[:40, 0], sample_weight=np.arange(40.0))
    assert numbers.predict(x).shape == (150,)


def test_it_stops_early_and_brings_back_the_best_weights(iris: tuple[Any, Any]) -> None:
    x, y = iris
    network = NNClassifier(lr=0.05, epochs=300, validation=0.3, patience=4, random_state=0).fit(x, y)
    rows = network.history_.rows
    best = network.history_.best("val_loss")["epoch"]
    assert network.n_iter_ == len(rows) < 300 and "val_loss" in network.history_.stopped
    assert len(rows) >= best + 4
    again = NNClassifier(lr=0.05, epochs=network.n_iter_ - 4, validation=0.3, patience=None, random_state=0).fit(x, y)
    assert same(network, again), "the last improvement was four epochs before the end"
    plain = NNClassifier(lr=0.05, epochs=300, tol=0.01, random_state=0).fit(x, y)
    assert plain.n_iter_ < 300 and "loss" in plain.history_.stopped


def test_after_an_interrupt_it_has_what_it_learned(iris: tuple[Any, Any]) -> None:
    x, y = iris

    def interrupting(epoch: float, epochs: int) -> float:
        if epoch >= end:
            raise KeyboardInterrupt
        return 0.5

    end = 3.0
    network = NNClassifier(lr=0.02, schedule=interrupting, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        network.fit(x, y)
    assert network.n_iter_ == 3 and same(network, NNClassifier(lr=0.01, epochs=3, random_state=0).fit(x, y))
    assert network.partial_fit(x, y).n_iter_ == 4 and network.history_.last["lr"] == 0.02
    end = 1.6
    with pytest.raises(KeyboardInterrupt):
        network.fit(x, y)
    assert network.n_iter_ == 1 and network.partial_fit(x[:5], y[:5]).n_iter_ == 2, "batches of other data come next"
    with pytest.raises(DivergedError):
        NNRegressor(optimizer="sgd", lr=1e30, random_state=0).fit(x, x[:, 0])


def test_it_works_in_pipelines_and_searches(iris: tuple[Any, Any]) -> None:
    x, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), NNClassifier(epochs=30, lr=0.01, random_state=0))
    assert cross_val_score(pipeline, x, y, cv=3).min() > 0.9
    grid = {"nnclassifier__optimizer": ["sgd", {"name": "adamw", "weight_decay": 0.1}], "nnclassifier__act": ["tanh"]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(x, y)
    assert search.best_params_["nnclassifier__optimizer"]["name"] == "adamw" and search.score(x, y) > 0.9
    assert search.best_estimator_[-1].history_.last["loss"] < 0.5


def test_several_outputs_are_predicted_at_once() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (300, 3))
    y = np.stack([x[:, 0] * x[:, 1], np.sin(3 * x[:, 2])], 1)
    network = NNRegressor(act="tanh", lr=0.01, patience=None, random_state=0).fit(x, y)
    assert network.predict(x).shape == (300, 2) and network.n_outputs_ == 2 and network.score(x, y) > 0.95
    one = NNRegressor(act="tanh", lr=0.01, patience=None, random_state=0).fit(x, y[:, 1])
    assert one.predict(x).shape == (300,) and one.score(x, y[:, 1]) > 0.95
    with pytest.raises(InvalidValueError, match=r"y has shape \(300,\), and had 2 outputs"):
        network.partial_fit(x, y[:, 0])


class Own(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)

    def forward(self, input: nc.Tensor) -> nc.Tensor:
        return self.layer(input)


def test_what_a_model_may_be(iris: tuple[Any, Any]) -> None:
    x, y = iris
    options = {"epochs": 2, "random_state": 0}
    by_class = NNClassifier(Own, **options).fit(x, y)
    by_function = NNClassifier(lambda inputs, outputs: Own(inputs, outputs), **options).fit(x, y)
    assert same(by_class, by_function) and isinstance(by_class.model_, Own)
    by_name = NNClassifier(hidden_layer_sizes=7, act="tanh", **options).fit(x, y)
    by_spec = NNClassifier({"name": "mlp", "hidden": 7, "act": "tanh"}, **options).fit(x, y)
    by_sizes = NNClassifier({"name": "mlp", "sizes": [4, 7, 3]}, act="tanh", **options).fit(x, y)
    assert same(by_name, by_spec) and same(by_name, by_sizes)
    start = Own(4, 3)
    before = start.layer.weight.numpy().copy()
    estimator = NNClassifier(start, optimizer=nc.optim.SGD(lr=0.0), **options).fit(x, y)
    assert np.array_equal(weights(estimator)[0], before), "it begins with the weights that it has"
    estimator.set_params(optimizer=nc.optim.SGD(lr=0.1)).fit(x, y).fit(x, y)
    assert np.array_equal(start.layer.weight.numpy(), before) and not np.array_equal(weights(estimator)[0], before)
    assert not estimator.optimizer.bound, "parameters are left as they are"


def test_verbose_shows_each_epoch(iris: tuple[Any, Any], capsys: Any) -> None:
    NNClassifier(epochs=2, random_state=0).fit(*iris)
    assert capsys.readouterr().err == ""
    NNClassifier(epochs=2, random_state=0, verbose=True).fit(*iris)
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("module", ["", ".classifier", ".regressor"])
def test_examples_in_docstrings(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"nncore.sklearn{module}"))
    assert tried and not failed


MISTAKES: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a model that does not exist": ({"model": "mpl"}, UnknownComponentError, "mlp"),
    "a model of another kind": ({"model": 3}, InvalidValueError, "a function .* got int"),
    "a function that makes no model": ({"model": lambda i, o: 3}, InvalidValueError, "which gave int"),
    "a model with other outputs": (
        {"model": nn.Linear(4, 5)},
        InvalidValueError,
        r"shape \(5,\) a sample; expected \(3,\)",
    ),
    "a model for other inputs": ({"model": nn.Linear(5, 3)}, InvalidValueError, "cannot take samples of 4 features"),
    "a spec without a name": ({"model": {"hidden": 3}}, InvalidValueError, "'name': 'mlp'"),
    "no epochs": ({"epochs": 0}, InvalidValueError, "epochs is a whole number of 1 or more; got 0"),
    "half a sample": ({"batch_size": 0.5}, InvalidValueError, "batch_size .* got 0.5"),
    "an empty layer": ({"hidden_layer_sizes": (3, 0)}, InvalidValueError, "size of a hidden layer .* got 0"),
    "all for validation": ({"validation": 1.0}, InvalidValueError, "from 0 to less than 1; got 1.0"),
    "no patience": ({"patience": 0}, InvalidValueError, "patience is 0"),
    "an optimizer in use": (
        {"optimizer": nc.optim.SGD(Own(4, 3).parameters(), lr=0.1)},
        InvalidValueError,
        "this one has",
    ),
    "weights of no class": ({"class_weight": "balnced"}, ValueError, "balanced"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(name: str, iris: tuple[Any, Any]) -> None:
    options, error, words = MISTAKES[name]
    with pytest.raises(error, match=words):
        NNClassifier(**options).fit(*iris)


def test_mistakes_in_data_are_told(iris: tuple[Any, Any]) -> None:
    x, y = iris
    with pytest.raises(NotFittedError):
        NNClassifier().decision_function(x)
    with pytest.raises(InvalidValueError, match="needs classes="):
        NNClassifier().partial_fit(x, y)
    network = NNClassifier(random_state=0).partial_fit(x, y, classes=np.unique(y))
    with pytest.raises(InvalidValueError, match="not among classes.*tulip"):
        network.partial_fit(x[:2], ["setosa", "tulip"])
    with pytest.raises(InvalidValueError, match="before"):
        network.partial_fit(x, y, classes=["setosa"])
    with pytest.raises(InvalidValueError, match="infinite in float32"):
        NNRegressor().fit(x, x[:, 0] * 1e300)
    with pytest.raises(InvalidValueError, match="0 or more; got -1"):
        NNClassifier().fit(x, y, sample_weight=np.full(len(y), -1.0))
