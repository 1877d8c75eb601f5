"""What a user may get wrong is refused with words that name it: what was given, and what is expected."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import nncore as nc
from nncore import nn, optim
from nncore.errors import InvalidValueError, NNCoreError
from nncore.plugins import make


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: nn.Sequential(nn.Linear), "a layer 'linear' is not made without in_features and out_features"),
        (lambda: nn.Sequential("linear"), "write it as {'name': 'linear', 'in_features': ..., 'out_features': ...}"),
        (lambda: nn.Sequential("linaer"), "no layer and no activation is called 'linaer'. Did you mean 'linear'"),
        (lambda: nn.Sequential({"name": "dropout", "q": 0.5}), "dropout has no setting 'q'"),
        (lambda: nc.create(3), "an architecture is given by its name, such as 'lenet5'; got 3"),
        (lambda: nc.create("mlp", sizs=[1, 2]), "mlp has no setting 'sizs'. Did you mean 'sizes'"),
        (lambda: nc.create("mlp", sizes=3), "sizes is a list of the input's and at least one layer's, got 3"),
        (lambda: nc.create("mlp", sizes="34"), "sizes is a list of the input's and at least one layer's, got '34'"),
        (lambda: nc.create("mlp", in_features=3, n_layers="2"), "MLP: n_layers is"),
        (lambda: optim.Adam(nn.Linear(2, 2)), "an optimizer takes parameters, got Linear; pass its parameters()"),
        (
            lambda: nc.Trainer(nn.Linear(2, 2), optimizer="lbfgs"),
            "LBFGS computes the loss of all data several times a step",
        ),
        (lambda: optim.Adam(3), "an optimizer takes parameters, got int"),
        (
            lambda: nn.BatchNorm2d(3, momentum=2.0),
            "BatchNorm2d: momentum is a finite number of at least 0 and of at most 1",
        ),
        (lambda: nn.LPPool2d(float("nan"), 2), "LPPool2d: norm_type is a number other than 0, got nan"),
        (lambda: optim.clip_grad_norm([], "1"), "max_norm is '1'; expected a number above 0"),
        (lambda: optim.clip_grad_norm([], float("nan")), "max_norm is nan; expected a number above 0"),
        (lambda: optim.clip_grad_norm([], 1.0, 0), "norm_type is 0; expected a number above 0"),
        (lambda: optim.clip_grad_value([], None), "max_value is None; expected a number above 0"),
        # What a schedule or an initializer is called with is no setting of it.
        (lambda: make("schedule", {"name": "exponential", "epoch": 3}), "has no setting 'epoch'. It has: gamma."),
        (
            lambda: nn.Parameter((2, 2), init={"name": "normal", "shape": 3}),
            "has no setting 'shape'. It has: mean, std.",
        ),
        (lambda: make("optimizer", {"name": "adam", "lrr": 1}), "adam has no setting 'lrr'. Did you mean 'lr'"),
    ],
)
def test_a_slip_is_named(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(NNCoreError) as caught:
        wrong()
    assert words in str(caught.value)


@pytest.mark.parametrize("loss", ["triplet_margin", "cosine_embedding", "margin_ranking", nn.GaussianNLLLoss()])
def test_a_loss_of_more_than_an_output_and_a_target_is_refused_before_training(loss: object) -> None:
    with pytest.raises(
        InvalidValueError, match="a training calls its loss with an output and a target; give a function"
    ):
        nc.Trainer(nn.Linear(2, 2), loss=loss)


def test_clipping_has_pytorchs_names_too() -> None:
    assert nn.utils.clip_grad_norm_ is optim.clip_grad_norm and nn.utils.clip_grad_value_ is optim.clip_grad_value


def test_the_way_out_for_triplets_trains() -> None:
    draw = np.random.default_rng(0)
    anchor = draw.standard_normal((64, 1, 4)).astype("float32")
    x = np.concatenate([anchor, anchor + 0.1 * draw.standard_normal((64, 1, 4)), draw.standard_normal((64, 1, 4))], 1)
    loss = nn.TripletMarginLoss(margin=5.0)
    trainer = nc.Trainer(
        nn.Linear(4, 3),
        loss=lambda output, target: loss(output[:, 0], output[:, 1], output[:, 2]),
        optimizer={"name": "adam", "lr": 0.05},
        seed=0,
    )
    history = trainer.fit((x.astype("float32"), np.zeros(64, "int64")), epochs=10, batch_size=16, progress=False)
    assert history.last["loss"] < 0.7 * history.rows[0]["loss"]
