"""Losses against their papers' formulas in float64, published values, gradients, and how they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, ShapeError
from nncore.testing import gradcheck

Array = np.ndarray[Any, Any]
rng = np.random.default_rng(5)
N, C = 6, 4
X, Y = rng.standard_normal((N, C)), rng.standard_normal((N, C))
P, Q = rng.uniform(0.05, 0.95, (N, C)), rng.dirichlet(np.ones(C), N)
LABELS = np.array([0, 3, 1, 1, 2, 0])
WEIGHT = np.array([1.0, 2.0, 0.5, 3.0])
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])
COUNTS = rng.poisson(3.0, (N, C)).astype(np.float64)
SEVERAL = np.array([[3, 0, -1, 1], [1, -1, 0, 0], [-1, 2, 2, 2], [0, 1, 2, 3], [2, 1, 0, -1], [3, -1, -1, -1]])


def log_softmax(x: Array) -> Array:
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def smoothed(labels: Array, eps: float) -> Array:
    return (1 - eps) * np.eye(C)[labels] + eps / C


def hinge(x: Array, labels: Array, margin: float = 1.0, p: int = 1) -> Array:
    """Weston and Watkins, one wrong class after the other."""
    each = np.zeros(len(x))
    for i, y in enumerate(labels):
        for j in range(x.shape[1]):
            if j != y:
                each[i] += max(0.0, margin - x[i, y] + x[i, j]) ** p
    return each


def best_wrong(x: Array, labels: Array, margin: float = 1.0, p: int = 1) -> Array:
    """Crammer and Singer."""
    return np.array([max(0.0, margin + max(np.delete(row, y)) - row[y]) ** p for row, y in zip(x, labels, strict=True)])


def one_vs_all(x: Array, labels: Array, margin: float = 1.0, p: int = 1) -> Array:
    signs = np.where(np.arange(x.shape[1]) == labels[:, None], 1.0, -1.0)
    return (np.maximum(0, margin - signs * x) ** p).sum(1)


def several(x: Array, target: Array) -> Array:
    each = np.zeros(len(x))
    for i, row in enumerate(target):
        labels = []
        for label in row:
            if label < 0:
                break
            labels.append(int(label))
        others = [j for j in range(x.shape[1]) if j not in labels]
        each[i] = sum(max(0.0, 1 - x[i, y] + x[i, j]) for y in labels for j in others) / x.shape[1]
    return each


def cosines(a: Array, b: Array) -> Array:
    # PyTorch adds a little to the squares, so that a vector of zeros has a cosine.
    return (a * b).sum(1) / np.sqrt(((a**2).sum(1) + 1e-12) * ((b**2).sum(1) + 1e-12))


def distance(a: Array, b: Array, p: float = 2.0, eps: float = 1e-6) -> Array:
    return (abs(a - b + eps) ** p).sum(1) ** (1 / p)


def logistic(x: Array) -> Array:
    return np.log1p(np.exp(-x))


def ranked(margin: float) -> Array:
    return np.maximum(0, -SIGNS * (X[:, 0] - Y[:, 0]) + margin)


D = abs(X - Y)
NEGATIVE = -log_softmax(X)[np.arange(N), LABELS]
VAR = P + 0.2
TRIPLET = distance(X, Y), distance(X, Q), distance(Y, Q)
STIRLING = np.where(COUNTS > 1, COUNTS * np.log(COUNTS + (COUNTS == 0)) - COUNTS, 0) + np.where(
    COUNTS > 1, 0.5 * np.log(2 * np.pi * np.maximum(COUNTS, 1)), 0
)
# Name, class, config, inputs, each value.
FORMULAS: list[tuple[str, str, dict[str, Any], tuple[Array, ...], Array]] = [
    ("mse", "MSELoss", {}, (X, Y), (X - Y) ** 2),
    ("l1", "L1Loss", {}, (X, Y), D),
    ("l2_norm", "L2NormLoss", {}, (X, Y), (D**2).sum(1)),
    ("l2_norm", "L2NormLoss", {"squared": False}, (X, Y), np.sqrt((D**2).sum(1))),
    ("l1_norm", "L1NormLoss", {}, (X, Y), D.sum(1)),
    ("cross_entropy", "CrossEntropyLoss", {}, (X, LABELS), NEGATIVE),
    ("cross_entropy", "CrossEntropyLoss", {}, (X, Q), -(Q * log_softmax(X)).sum(1)),
    (
        "cross_entropy",
        "CrossEntropyLoss",
        {"label_smoothing": 0.3},
        (X, LABELS),
        -(smoothed(LABELS, 0.3) * log_softmax(X)).sum(1),
    ),
    ("nll", "NLLLoss", {}, (log_softmax(X), LABELS), NEGATIVE),
    ("bce", "BCELoss", {}, (P, Q), -(Q * np.log(P) + (1 - Q) * np.log(1 - P))),
    (
        "bce",
        "BCELoss",
        {"weight": WEIGHT.tolist()},
        (P, Q),
        -WEIGHT * (Q * np.log(P) + (1 - Q) * np.log(1 - P)),
    ),
    ("bce_with_logits", "BCEWithLogitsLoss", {}, (X, Q), Q * logistic(X) + (1 - Q) * logistic(-X)),
    (
        "bce_with_logits",
        "BCEWithLogitsLoss",
        {"weight": WEIGHT.tolist(), "pos_weight": [3.0, 1.0, 2.0, 0.5]},
        (X, Q),
        WEIGHT * (np.array([3.0, 1.0, 2.0, 0.5]) * Q * logistic(X) + (1 - Q) * logistic(-X)),
    ),
    ("kl_div", "KLDivLoss", {}, (log_softmax(X), Q), Q * (np.log(Q) - log_softmax(X))),
    ("kl_div", "KLDivLoss", {"log_target": True}, (log_softmax(X), np.log(Q)), Q * (np.log(Q) - log_softmax(X))),
    (
        "cosine_embedding",
        "CosineEmbeddingLoss",
        {"margin": 0.1},
        (X, Y, SIGNS),
        np.where(SIGNS > 0, 1 - cosines(X, Y), np.maximum(0, cosines(X, Y) - 0.1)),
    ),
    ("triplet_margin", "TripletMarginLoss", {}, (X, Y, Q), np.maximum(0, TRIPLET[0] - TRIPLET[1] + 1)),
    (
        "triplet_margin",
        "TripletMarginLoss",
        {"margin": 0.5, "p": 3.0, "eps": 1e-3, "swap": True},
        (X, Y, Q),
        np.maximum(0, distance(X, Y, 3, 1e-3) - np.minimum(distance(X, Q, 3, 1e-3), distance(Y, Q, 3, 1e-3)) + 0.5),
    ),
    ("smooth_l1", "SmoothL1Loss", {"beta": 0.7}, (X, Y), np.where(D < 0.7, D**2 / 1.4, D - 0.35)),
    ("huber", "HuberLoss", {"delta": 0.7}, (X, Y), np.where(D <= 0.7, D**2 / 2, 0.7 * (D - 0.35))),
    ("poisson_nll", "PoissonNLLLoss", {}, (X, COUNTS), np.exp(X) - COUNTS * X),
    (
        "poisson_nll",
        "PoissonNLLLoss",
        {"log_input": False, "full": True, "eps": 1e-4},
        (P, COUNTS),
        P - COUNTS * np.log(P + 1e-4) + STIRLING,
    ),
    ("gaussian_nll", "GaussianNLLLoss", {}, (X, Y, VAR), 0.5 * (np.log(VAR) + D**2 / VAR)),
    (
        "gaussian_nll",
        "GaussianNLLLoss",
        {"full": True, "eps": 0.5},
        (X, Y, VAR),
        0.5 * (np.log(np.maximum(VAR, 0.5)) + D**2 / np.maximum(VAR, 0.5) + math.log(2 * math.pi)),
    ),
    ("margin_ranking", "MarginRankingLoss", {"margin": 0.3}, (X[:, 0], Y[:, 0], SIGNS), ranked(0.3)),
    (
        "hinge_embedding",
        "HingeEmbeddingLoss",
        {"margin": 0.6},
        (P[:, 0], SIGNS),
        np.where(SIGNS > 0, P[:, 0], np.maximum(0, 0.6 - P[:, 0])),
    ),
    ("soft_margin", "SoftMarginLoss", {}, (X[:, 0], SIGNS), logistic(SIGNS * X[:, 0])),
    ("multilabel_margin", "MultiLabelMarginLoss", {}, (X, SEVERAL), several(X, SEVERAL)),
    (
        "multilabel_soft_margin",
        "MultiLabelSoftMarginLoss",
        {"weight": WEIGHT.tolist()},
        (X, Q),
        (WEIGHT * (Q * logistic(X) + (1 - Q) * logistic(-X))).mean(1),
    ),
    ("multi_margin", "MultiMarginLoss", {}, (X, LABELS), hinge(X, LABELS) / C),
    (
        "multi_margin",
        "MultiMarginLoss",
        {"p": 2, "margin": 0.7, "weight": WEIGHT.tolist()},
        (X, LABELS),
        WEIGHT[LABELS] * hinge(X, LABELS, 0.7, 2) / C,
    ),
    ("weston_watkins", "WestonWatkinsLoss", {}, (X, LABELS), hinge(X, LABELS)),
    (
        "weston_watkins",
        "WestonWatkinsLoss",
        {"p": 2, "margin": 0.7, "weight": WEIGHT.tolist()},
        (X, LABELS),
        WEIGHT[LABELS] * hinge(X, LABELS, 0.7, 2),
    ),
    ("crammer_singer", "CrammerSingerLoss", {}, (X, LABELS), best_wrong(X, LABELS)),
    ("crammer_singer", "CrammerSingerLoss", {"p": 2, "margin": 0.7}, (X, LABELS), best_wrong(X, LABELS, 0.7, 2)),
    ("one_vs_all_hinge", "OneVsAllHingeLoss", {}, (X, LABELS), one_vs_all(X, LABELS)),
    ("one_vs_all_hinge", "OneVsAllHingeLoss", {"p": 2, "margin": 0.7}, (X, LABELS), one_vs_all(X, LABELS, 0.7, 2)),
]
IDS = [f"{name}-{at}" for at, (name, *_) in enumerate(FORMULAS)]
CONSTANT = {"bce", "bce_with_logits", "kl_div", "multilabel_soft_margin", "poisson_nll"}
"""Losses whose target the gradient check leaves alone: it is a constant to the op, or has a kink in the range."""


def tensors(values: tuple[Array, ...]) -> list[nc.Tensor]:
    return [nc.tensor(value) for value in values]


@pytest.mark.parametrize(("name", "cls", "config", "inputs", "each"), FORMULAS, ids=IDS)
def test_a_loss_is_its_formula(
    name: str, cls: str, config: dict[str, Any], inputs: tuple[Array, ...], each: Array
) -> None:
    assert nc.registry.losses[name] is getattr(nn, cls)
    loss = getattr(nn, cls)(**config).to("float64")
    for reduction, want in (("none", each), ("sum", each.sum()), ("mean", each.mean())):
        got = loss(*tensors(inputs), reduction=reduction)
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-14)
        made = nc.plugins.make("loss", {"name": name, "reduction": reduction, **config}).to("float64")
        np.testing.assert_array_equal(made(*tensors(inputs)).numpy(), got.numpy())
        again = type(made).from_config(made.config).to("float64")
        np.testing.assert_array_equal(again(*tensors(inputs)).numpy(), got.numpy())
    np.testing.assert_allclose(loss(*tensors(inputs)).item(), each.mean(), rtol=1e-12)
    single = [value.astype(np.float32) if value.dtype == np.float64 else value for value in inputs]
    got = getattr(nn, cls)(reduction="sum", **config)(*tensors(tuple(single)))
    assert got.dtype.name == "float32"
    np.testing.assert_allclose(got.item(), each.sum(), rtol=2e-5)


@pytest.mark.parametrize(("name", "cls", "config", "inputs", "each"), FORMULAS, ids=IDS)
def test_gradients_agree_with_differences(
    name: str, cls: str, config: dict[str, Any], inputs: tuple[Array, ...], each: Array
) -> None:
    loss = getattr(nn, cls)(**config).to("float64")
    rest = inputs[1:] if name in CONSTANT or inputs[-1] is SIGNS else ()
    if name in ("cosine_embedding", "margin_ranking"):
        result = gradcheck(lambda a, b: loss(a, b, nc.tensor(SIGNS)), *inputs[:2])
    elif rest:
        result = gradcheck(lambda a: loss(a, *tensors(rest)), inputs[0])
    elif name == "gaussian_nll":
        # The variance's gradient passes below eps, as in PyTorch, where that of the formula is 0.
        result = gradcheck(lambda a, b: loss(a, b, nc.tensor(VAR)), *inputs[:2])
    else:
        result = gradcheck(loss, *inputs)
    assert result.skipped == 0


def test_the_course_examples_of_the_svm() -> None:
    # CS 231n, lecture 3: three images' scores, of which the losses are 2.9, 0 and 12.9. PyTorch divides by 3.
    scores = nc.tensor(np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]))
    labels = nc.tensor(np.array([0, 1, 2]))
    np.testing.assert_allclose(nn.WestonWatkinsLoss(reduction="none")(scores, labels).numpy(), [2.9, 0, 12.9])
    np.testing.assert_allclose(nn.WestonWatkinsLoss()(scores, labels).item(), 15.8 / 3)
    np.testing.assert_allclose(nn.MultiMarginLoss(reduction="none")(scores, labels).numpy(), [2.9 / 3, 0, 4.3])
    # The best wrong class of the third image is the second: 1 + 2.5 + 3.1.
    np.testing.assert_allclose(nn.CrammerSingerLoss(reduction="none")(scores, labels).numpy(), [2.9, 0, 6.6])
    # Softmax of the first image: -ln 0.13 = 2.04.
    first = nc.tensor(np.array([[3.2, 5.1, -1.7]])), nc.tensor(np.array([0]))
    assert abs(nn.CrossEntropyLoss()(*first).item() - 2.04035) < 1e-5


def test_class_weights_divide_the_mean_by_the_weights_of_the_labels() -> None:
    labels = np.array([0, 3, -100, 1, 2, 0])
    kept = labels >= 0
    each = -log_softmax(X)[np.arange(N), labels.clip(0)]
    want = (WEIGHT[labels.clip(0)] * each)[kept].sum() / WEIGHT[labels[kept]].sum()
    for loss, output in ((nn.CrossEntropyLoss(WEIGHT), X), (nn.NLLLoss(WEIGHT), log_softmax(X))):
        np.testing.assert_allclose(loss(nc.tensor(output), nc.tensor(labels)).item(), want, rtol=1e-12)
    labels[2] = 7
    with pytest.raises(InvalidValueError):
        nn.CrossEntropyLoss()(nc.tensor(X), nc.tensor(labels))
    other = nn.CrossEntropyLoss(ignore_index=7, reduction="none")(nc.tensor(X), nc.tensor(labels)).numpy()
    assert other[2] == 0


def test_kl_divergence_by_batchmean_is_the_divergence() -> None:
    each = (Q * (np.log(Q) - log_softmax(X))).sum(1)
    got = nn.KLDivLoss("batchmean")(nc.tensor(log_softmax(X)), nc.tensor(Q)).item()
    np.testing.assert_allclose(got, each.mean(), rtol=1e-12)
    # Of the fair coin from the sure one: ln 2.
    coin = nn.KLDivLoss("sum")(nc.tensor(np.log([0.5, 0.5])), nc.tensor(np.array([1.0, 0.0])))
    assert abs(coin.item() - math.log(2)) < 1e-12


def test_norms_of_one_sample_and_of_scalars() -> None:
    a, b = nc.tensor(np.array([3.0, -4.0])), nc.tensor(np.array([0.0, 0.0]))
    # A vector is a sample an element, as the outputs of a model with one output are.
    assert nn.L2NormLoss(squared=False, reduction="none")(a, b).tolist() == [3.0, 4.0]
    assert nn.L2NormLoss(reduction="sum")(a, b).item() == 25.0 and nn.L1NormLoss(reduction="sum")(a, b).item() == 7.0
    images = nc.tensor(np.ones((2, 3, 4, 5)))
    assert nn.L2NormLoss(reduction="none")(images, nc.zeros((2, 3, 4, 5)).to("float64")).tolist() == [60.0, 60.0]
    # Where both agree the gradient of the norm is 0, not NaN.
    x = nc.tensor(np.zeros((2, 3)), requires_grad=True)
    nn.L2NormLoss(squared=False)(x, nc.tensor(np.zeros((2, 3)))).backward()
    assert x.grad is not None and x.grad.numpy().tolist() == [[0.0] * 3] * 2


def test_one_sample_without_a_batch() -> None:
    row, label = nc.tensor(X[0]), nc.tensor(np.array(LABELS[0]))
    for cls, want in (
        ("WestonWatkinsLoss", hinge(X, LABELS)[0]),
        ("CrammerSingerLoss", best_wrong(X, LABELS)[0]),
        ("OneVsAllHingeLoss", one_vs_all(X, LABELS)[0]),
    ):
        np.testing.assert_allclose(getattr(nn, cls)()(row, label).item(), want, rtol=1e-12)


def test_best_wrong_classes_that_are_equal_share_the_gradient() -> None:
    scores = nc.tensor(np.array([[0.0, 2.0, 2.0, 1.0]]), requires_grad=True)
    nn.CrammerSingerLoss()(scores, nc.tensor(np.array([0]))).backward()
    assert scores.grad is not None and scores.grad.tolist() == [[-1.0, 0.5, 0.5, 0.0]]


@pytest.mark.parametrize("name", ["weston_watkins", "crammer_singer", "one_vs_all_hinge", "multi_margin"])
def test_hinge_losses_are_captured_and_refuse_wrong_labels(name: str) -> None:
    loss = nc.plugins.make("loss", name)

    @nc.capture
    def step(x: nc.Tensor, y: nc.Tensor) -> nc.Tensor:
        return loss(x, y)

    x = nc.tensor(X.astype(np.float32))
    for _ in range(3):
        assert step(x, nc.tensor(LABELS)).item() == loss(x, nc.tensor(LABELS)).item()
    for wrong in (C, -1):
        labels = LABELS.copy()
        labels[2] = wrong
        with pytest.raises(InvalidValueError):
            loss(x, nc.tensor(labels))
        with pytest.raises(InvalidValueError):
            step(x, nc.tensor(labels))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: nn.MSELoss("average"),
            InvalidValueError,
            "MSELoss: reduction is 'mean', 'sum' or 'none', got 'average'",
        ),
        (lambda: nn.MSELoss()(nc.zeros(2), nc.zeros(2), reduction=1), InvalidValueError, "MSELoss: reduction is"),
        (
            lambda: nn.CrossEntropyLoss(label_smoothing=1.5),
            InvalidValueError,
            "label_smoothing is a finite number of at",
        ),
        (lambda: nn.CrossEntropyLoss(ignore_index=0.5), InvalidValueError, "ignore_index is an integer, got 0.5"),
        (lambda: nn.CrossEntropyLoss([[1.0, 2.0]]), ShapeError, r"weight has 1 dimension.*got shape \(1, 2\)"),
        (lambda: nn.HuberLoss(delta=0), InvalidValueError, "HuberLoss: delta is a finite number above 0, got 0"),
        (lambda: nn.SmoothL1Loss(beta=-1), InvalidValueError, "SmoothL1Loss: beta is a finite number of at least 0"),
        (lambda: nn.TripletMarginLoss(0), InvalidValueError, "TripletMarginLoss: margin is a finite number above 0"),
        (lambda: nn.TripletMarginLoss(swap=1), InvalidValueError, "TripletMarginLoss: swap is True or False, got 1"),
        (
            lambda: nn.GaussianNLLLoss(eps=0),
            InvalidValueError,
            "GaussianNLLLoss: eps is a finite number above 0, got 0",
        ),
        (lambda: nn.PoissonNLLLoss(full="yes"), InvalidValueError, "PoissonNLLLoss: full is True or False, got 'yes'"),
        (lambda: nn.KLDivLoss("batch"), InvalidValueError, "KLDivLoss: reduction is .* or 'batchmean', got 'batch'"),
        (lambda: nn.MultiMarginLoss(p=3), InvalidValueError, "MultiMarginLoss: p is 1 or 2, got 3"),
        (lambda: nn.WestonWatkinsLoss(margin="1"), InvalidValueError, "WestonWatkinsLoss: margin is a finite number"),
        (lambda: nn.L2NormLoss(squared=2), InvalidValueError, "L2NormLoss: squared is True or False, got 2"),
        (
            lambda: nn.CrammerSingerLoss()(nc.zeros((2, 1)), nc.tensor([0, 0])),
            InvalidValueError,
            "two classes or more, got 1",
        ),
        (lambda: nn.CrammerSingerLoss()(nc.zeros((2, 3)), nc.tensor([[0, 0]])), ShapeError, r"takes scores \(N, C\)"),
        (
            lambda: nn.OneVsAllHingeLoss()(nc.zeros((2, 3)), nc.tensor([0])),
            ShapeError,
            "OneVsAllHingeLoss takes scores",
        ),
    ],
)
def test_a_wrong_argument_is_named(make: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()
