"""Features at any layer: the values, that nothing behind them is computed, and what is refused."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nncore as nc
from nncore import nn, optim
from nncore.api import intercept
from nncore.errors import InvalidValueError

sys.path.insert(0, str(Path(__file__).parent))
from networks import Tied, conv_net, images


def values(tensor: nc.Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def test_a_layers_output_is_what_the_layers_give_one_by_one() -> None:
    model, x = conv_net().eval(), images()
    by_hand = model["body"](model["stem"](x))
    assert np.array_equal(values(nc.features(model, "body")(x)), values(by_hand))
    inside = model["body"][0](model["stem"](x))
    assert np.array_equal(values(nc.features(model, "body.0")(x)), values(inside))
    assert np.array_equal(values(nc.features(model, "fc")(x)), values(model(x)))


def test_several_come_as_a_dict_in_the_order_that_was_asked_for() -> None:
    model, x = conv_net().eval(), images()
    found = nc.features(model, "pool", "stem.1")(x)
    assert list(found) == ["pool", "stem.1"]
    assert found["pool"].shape == (6, 4) and found["stem.1"].shape == (6, 3, 6, 6)
    assert np.array_equal(values(found["stem.1"]), values(model["stem"][1](model["stem"][0](x))))


def test_nothing_behind_the_last_layer_is_called() -> None:
    model = conv_net().eval()
    called: list[str] = []
    for name, module in model.named_modules():
        module.register_forward_pre_hook(lambda module, args, name=name: called.append(name))
    nc.features(model, "stem.1", "stem.0")(images())
    assert called == ["", "stem", "stem.0", "stem.1"]
    called.clear()
    nc.features(model, "stem.0", "pool")(images())
    assert called[-1] == "pool" and "fc" not in called


def test_branches_and_a_class_with_its_own_forward() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Branches(nn.Linear(4, 2), nn.Sequential(nn.Linear(4, 5), nn.Tanh())))
    x = nc.ones((2, 3))
    inner = next(path for path, module in model.named_modules() if isinstance(module, nn.Tanh))
    expected = np.tanh(values(model.get_submodule(inner.rpartition(".")[0])[0](model[0](x))))
    assert np.allclose(values(nc.features(model, inner)(x)), expected, atol=1e-6)
    tied = Tied()
    once = tied.act(tied.first(x * tied.scale))
    # Of a layer that is called twice, the first output; it can be named by either place.
    assert np.array_equal(values(nc.features(tied, "act")(x)), values(once))
    assert np.array_equal(values(nc.features(tied, "second")(x)), values(tied.first(x * tied.scale)))


def test_it_leaves_the_model_as_it_was() -> None:
    model, x = conv_net().eval(), images()
    before, text = values(model(x)), repr(model)
    features = nc.features(model, "stem")
    features(x)
    assert np.array_equal(values(model(x)), before) and repr(model) == text
    assert all(module._hooks is None for module in model.modules())
    assert [id(p) for p in features.parameters()] == [id(p) for p in model.parameters()]


def test_it_trains_is_captured_and_is_saved(tmp_path: Path) -> None:
    model, x = conv_net(), images()
    network = nn.Sequential(nc.features(model, "body"), nn.Flatten(), nn.Linear(4 * 36, 2)).initialize(1)
    optimizer = optim.SGD(network.parameters(), lr=0.1)
    target = nc.tensor(np.array([0, 1, 0, 1, 0, 1]))

    def step(x: nc.Tensor) -> nc.Tensor:
        loss = nc.ops.cross_entropy(network(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    stem, head = values(model["stem"][0].weight).copy(), values(model["fc"].weight).copy()
    captured = nc.capture(step)
    losses = [captured(x).item() for _ in range(6)]
    assert losses[-1] < losses[0] and captured.last_retrace is None and captured.calls["replayed"] == 4
    assert not np.array_equal(stem, values(model["stem"][0].weight))
    assert np.array_equal(head, values(model["fc"].weight))
    nc.save(network.eval(), tmp_path / "network.safetensors")
    again = nc.load(tmp_path / "network.safetensors")
    assert np.array_equal(values(again(x)), values(network(x)))


def test_two_threads_share_one_model() -> None:
    model, x = conv_net().eval(), images(64, side=16)
    expected = {name: values(nc.features(model, name)(x)) for name in ("stem", "body", "pool")}
    wrong: list[str] = []

    def work(name: str) -> None:
        features = nc.features(model, name)
        for _ in range(20):
            if not np.array_equal(values(features(x)), expected[name]):
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in expected for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_intercept_sees_its_own_thread_alone() -> None:
    layer, seen = nn.Linear(3, 2), []

    def watch(module: nn.Module, run: Callable[[], object]) -> object:
        seen.append(threading.current_thread().name)
        return run()

    with intercept(watch):
        other = threading.Thread(target=layer, args=(nc.ones((1, 3)),))
        other.start()
        other.join()
        layer(nc.ones((1, 3)))
    assert seen == [threading.current_thread().name]


def test_intercept_ends_with_its_block_also_after_an_error() -> None:
    seen: list[str] = []

    def watch(module: nn.Module, run: Callable[[], object]) -> object:
        seen.append(type(module).__name__)
        return run()

    layer = nn.Linear(3, 2)
    with pytest.raises(nc.errors.ShapeError), intercept(watch):
        layer(nc.ones((1, 5)))
    layer(nc.ones((1, 3)))
    assert seen == ["Linear"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("boddy",), "called 'boddy'. Did you mean 'body'"),
        (("body", "layer9"), "It has: stem, body, pool, fc"),
        ((), "name a layer, such as 'stem'"),
        (("body", "body"), "a list of different ones"),
    ],
)
def test_names_that_are_not_there(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        nc.features(conv_net(), *names)


def test_a_layer_that_is_not_called_is_told() -> None:
    model = nn.WithHeads([nn.Linear(3, 4), nn.Linear(4, 2)], {"aux": nn.Linear(4, 2)}, {"aux": "0"})
    features = nc.features(model, "heads.aux")
    assert features(nc.ones((1, 3))).shape == (1, 2)
    with pytest.raises(InvalidValueError, match="did not call its layer 'heads.aux' in evaluation mode"):
        features.eval()(nc.ones((1, 3)))


def test_a_layer_that_was_put_in_anothers_place_is_found() -> None:
    model = conv_net().eval()
    features = nc.features(model, "fc")
    model["fc"] = nn.Linear(4, 9)
    assert features(images()).shape == (6, 9)
