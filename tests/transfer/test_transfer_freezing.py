"""Freezing by name, rates of groups, and training in two stages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn, optim, training
from nncore.errors import InvalidValueError

sys.path.insert(0, str(Path(__file__).parent))
from networks import Tied, conv_net, images


def trained(model: nn.Module) -> list[str]:
    return [name for name, parameter in model.named_parameters() if parameter.requires_grad]


def data(count: int = 24) -> tuple[np.ndarray, np.ndarray]:
    return images(count).numpy(), np.arange(count) % 4


@pytest.mark.parametrize(
    ("patterns", "until", "left"),
    [
        (("stem",), None, ["body.0.weight", "body.1.weight", "body.1.bias", "fc.weight", "fc.bias"]),
        (("stem", "bod?"), None, ["fc.weight", "fc.bias"]),
        ((), "body.1", ["body.1.weight", "body.1.bias", "fc.weight", "fc.bias"]),
        ((), "fc", ["fc.weight", "fc.bias"]),
        (("*.bias",), None, ["stem.0.weight", "stem.1.weight", "body.0.weight", "body.1.weight", "fc.weight"]),
        (("*.1", "fc.weight"), None, ["stem.0.weight", "body.0.weight", "fc.bias"]),
        ((), None, []),
    ],
)
def test_what_is_frozen(patterns: tuple[str, ...], until: str | None, left: list[str]) -> None:
    model = conv_net()
    assert nc.freeze(model, *patterns, until=until) is model
    assert trained(model) == left
    nc.unfreeze(model, *patterns, until=until)
    assert len(trained(model)) == 8 and not any(module.frozen for module in model.modules())


def test_statistics_of_frozen_layers_stay_in_training() -> None:
    model = nc.freeze(conv_net(), until="body")
    before = {name: buffer.numpy().copy() for name, buffer in model.named_buffers()}
    model.train()(images())
    moved = {name for name, buffer in model.named_buffers() if not np.array_equal(buffer.numpy(), before[name])}
    assert moved and all(name.startswith("body.") for name in moved)


def test_until_freezes_what_a_module_computes_with_itself() -> None:
    model = nc.freeze(Tied(), until="out")
    assert trained(model) == ["out.weight", "out.bias"]
    assert not model.frozen and model.first.frozen
    # A layer in two places has both names.
    assert trained(nc.freeze(Tied(), "second")) == ["scale", "out.weight", "out.bias"]
    assert trained(nc.freeze(Tied(), "second.bias")) == ["scale", "first.weight", "out.weight", "out.bias"]


@pytest.mark.parametrize(
    ("patterns", "until", "message"),
    [
        (("stm",), None, "freeze: nothing in Sequential is called 'stm'. Did you mean 'stem'"),
        (("stem", "*.gamma"), None, "nothing in Sequential is called"),
        (("",), None, "a name or a pattern"),
        ((), "boddy", "freeze, until: .* Did you mean 'body'"),
        ((), "stem", "nothing before 'stem' in Sequential has parameters"),
        ((), "stem.0", "nothing before 'stem.0'"),
    ],
)
def test_what_matches_nothing_is_told_and_changes_nothing(
    patterns: tuple[str, ...], until: str | None, message: str
) -> None:
    model = conv_net()
    with pytest.raises(InvalidValueError, match=message):
        nc.freeze(model, *patterns, until=until)
    assert len(trained(model)) == 8 and not any(module.frozen for module in model.modules())


def test_groups_have_their_rates_and_every_parameter_once() -> None:
    model = nc.freeze(conv_net(), "stem")
    groups = optim.groups(model, {"fc": 1.0, "body.1.*": 0.5, "body": 0.1}, lr=0.2, rest=0.01)
    sizes = [(len(group["params"]), round(group["lr"], 6)) for group in groups]
    assert sizes == [(2, 0.2), (2, 0.1), (1, 0.02), (3, 0.002)]
    assert {id(p) for group in groups for p in group["params"]} == {id(p) for p in model.parameters()}
    by_depth = optim.groups(model, lr=1.0, decay=0.5)
    assert [(len(group["params"]), group["lr"]) for group in by_depth] == [(2, 1.0), (3, 0.5), (3, 0.25)]
    assert [len(group["params"]) for group in optim.groups(Tied(), lr=1.0, decay=0.5)] == [2, 2, 1]


def test_each_group_moves_by_its_rate() -> None:
    """One step of plain gradient descent moves by rate times gradient."""
    model, x = conv_net(), images()
    optimizer = optim.SGD(optim.groups(model, {"fc": 1.0, "body": 0.1}, lr=0.5, rest=0.0), lr=0.5)
    before = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    nc.ops.cross_entropy(model(x), nc.tensor(np.arange(6) % 4)).backward()
    gradients = {name: p.grad.numpy().copy() for name, p in model.named_parameters()}
    optimizer.step()
    for name, parameter in model.named_parameters():
        rate = {"fc": 0.5, "body": 0.05, "stem": 0.0}[name.partition(".")[0]]
        assert np.allclose(parameter.detach().numpy(), before[name] - rate * gradients[name], atol=1e-6), name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factors": {"fd": 1.0}, "lr": 0.1}, "groups, factors: nothing in Sequential is called 'fd'"),
        ({"factors": {"fc": 1.0, "fc.weight": 0.1}, "lr": 0.1}, r"factors\['fc.weight'\] matches nothing but what"),
        ({"factors": {"pool": 1.0}, "lr": 0.1}, "modules without parameters"),
        ({"factors": {"fc": -1.0}, "lr": 0.1}, "a number of at least 0, got -1.0"),
        ({"factors": {"fc": 1.0}, "lr": float("nan")}, "groups: lr is a number"),
        ({"lr": 0.1}, "either factors"),
        ({"factors": {"fc": 1.0}, "decay": 0.5, "lr": 0.1}, "either factors"),
        ({"factors": ["fc"], "lr": 0.1}, "factors is a dict"),
    ],
)
def test_groups_that_make_no_sense(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        optim.groups(conv_net(), **arguments)


def two_stages(seed: int = 0) -> nc.Trainer:
    model = nc.freeze(conv_net(), until="fc")
    optimizer = optim.Adam(optim.groups(model, {"fc": 1.0}, lr=1e-2, rest=0.1))
    return nc.Trainer(model, optimizer=optimizer, schedule="cosine", callbacks=[training.Unfreeze(1)], seed=seed)


def test_two_stages_move_the_head_first_and_then_everything() -> None:
    trainer = two_stages()
    start = {name: p.detach().numpy().copy() for name, p in trainer.model.named_parameters()}

    def moved() -> set[str]:
        now = trainer.model.named_parameters()
        return {name.partition(".")[0] for name, p in now if not np.array_equal(p.detach().numpy(), start[name])}

    trainer.fit(data(), 1, batch_size=8, progress=False)
    assert moved() == {"fc"}
    trainer.fit(data(), 1, batch_size=8, progress=False)
    assert moved() == {"fc", "body", "stem"}
    assert not any(module.frozen for module in trainer.model.modules())


@pytest.mark.parametrize("stopped_at", [2, 3, 5, 7])
def test_a_training_in_two_stages_goes_on_to_the_same_bits(stopped_at: int, tmp_path: Path) -> None:
    """Three steps an epoch; stopped in the middle of an epoch and at its end, before and after the layers are unfrozen."""

    class Stop(training.Callback):
        def on_step_end(self, trainer: nc.Trainer, step: int, loss: float) -> None:
            if step == stopped_at:
                trainer.stop("enough")

    whole = two_stages()
    whole.callbacks.append(training.Callback())
    whole.fit(data(), 3, batch_size=8, progress=False)
    first = two_stages()
    first.callbacks.append(Stop())
    first.fit(data(), 3, batch_size=8, progress=False)
    first.save(tmp_path / "training")
    second = two_stages(seed=5)
    second.callbacks.append(training.Callback())
    second.restore(tmp_path / "training")
    second.fit(data(), batch_size=8, progress=False)
    for (name, one), other in zip(whole.model.state_dict().items(), second.model.state_dict().values(), strict=True):
        assert np.array_equal(one.numpy(), other.numpy()), name


def test_an_optimizer_without_the_later_parameters_is_refused() -> None:
    model = nc.freeze(conv_net(), until="fc")
    trainer = nc.Trainer(model, optimizer=optim.SGD(model["fc"].parameters(), lr=0.1), callbacks=[training.Unfreeze(1)])
    with pytest.raises(
        InvalidValueError, match=r"'stem.0.weight' is to be trained later, and the optimizer was made without"
    ):
        trainer.fit(data(), 2, progress=False)
    only = nc.Trainer(
        model, optimizer=optim.SGD(model["fc"].parameters(), lr=0.1), callbacks=[training.Unfreeze(1, "fd")]
    )
    with pytest.raises(InvalidValueError, match="Unfreeze: nothing in Sequential is called 'fd'"):
        only.fit(data(), 2, progress=False)
