"""Module: registration, modes, state dicts, hooks, errors, printing."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import _modes, nn
from nncore.errors import InvalidValueError, ShapeError, StateDictError


class Net(nn.Module):
    def __init__(self, hidden: int = 3, act: str = "relu") -> None:
        super().__init__()
        self.first = nn.Linear(4, hidden)
        self.body = nn.Sequential(nn.ReLU(), nn.Linear(hidden, 2))
        self.scale = nn.Parameter((2,), init="ones")
        self.register_buffer("count", nc.zeros(()))
        self.register_buffer("scratch", nc.zeros((2,)), persistent=False)

    def forward(self, x: nc.Tensor) -> nc.Tensor:
        return self.body(self.first(x)) * self.scale


NAMES = ["scale", "count", "first.weight", "first.bias", "body.1.weight", "body.1.bias"]


def values(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in module.state_dict().items()}


def test_what_is_assigned_is_registered_under_its_path() -> None:
    net = Net()
    assert list(net.state_dict()) == NAMES
    assert [name for name, _ in net.named_parameters()] == [n for n in NAMES if n != "count"]
    assert [name for name, _ in net.named_buffers()] == ["count", "scratch"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "body", "body.0", "body.1"]
    assert net.num_parameters() == 4 * 3 + 3 + 3 * 2 + 2 + 2
    assert net.get_submodule("body.1") is net.body[1]
    with pytest.raises(InvalidValueError, match="It has: 0, 1"):
        net.get_submodule("body.7")


def test_deleting_and_replacing_unregisters() -> None:
    net = Net()
    del net.body
    assert list(net.state_dict()) == NAMES[:4]
    net.first = None
    assert [name for name, _ in net.named_modules()] == [""]
    net.scale = nn.Parameter((5,), init="zeros")
    assert net.state_dict()["scale"].shape == (5,)
    with pytest.raises(InvalidValueError, match="is a parameter"):
        net.scale = nc.zeros((5,))


def test_a_shared_parameter_is_trained_once_and_saved_under_both_names() -> None:
    net = Net()
    net.other = nn.Linear(4, 3)
    net.other.weight = net.first.weight
    names = [name for name, _ in net.named_parameters()]
    assert "first.weight" in names and "other.weight" not in names
    assert {"first.weight", "other.weight"} <= set(net.state_dict())


def test_attributes_may_be_assigned_before_the_base_constructor_runs() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter((2,))

    assert list(Forgetful().state_dict()) == ["weight"]


def test_modes_reach_every_module_and_freezing_stops_gradients() -> None:
    net = Net()
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    net.train()
    assert all(module.training for module in net.modules())
    net.freeze()
    assert not any(p.requires_grad for p in net.parameters())
    assert net.num_parameters(trainable=True) == 0
    assert not net(nc.ones((1, 4))).requires_grad
    net.unfreeze()
    assert net(nc.ones((1, 4))).requires_grad


def test_loading_keeps_the_memory_and_takes_arrays_and_other_floats() -> None:
    net = Net()
    where = net.first.weight.data_ptr()
    state = {name: np.full(value.shape, 7.0) for name, value in values(net).items()}
    assert net.load_state_dict(state) == ([], [])
    assert net.first.weight.data_ptr() == where
    assert all((value == 7).all() and value.dtype == np.float32 for value in values(net).values())


def test_a_state_dict_that_does_not_fit_changes_nothing() -> None:
    net = Net()
    before = values(net)
    state = {name: value + 1 for name, value in before.items()}
    del state["scale"]
    state["first.wieght"] = state.pop("first.weight")
    with pytest.raises(StateDictError, match="Did you mean 'first.weight'") as caught:
        net.load_state_dict(state)
    assert caught.value.missing == ("scale", "first.weight")
    assert caught.value.unexpected == ("first.wieght",)
    bad = {name: value + 1 for name, value in before.items()}
    bad["first.bias"] = np.zeros((9,))
    for strict in (True, False):
        with pytest.raises(StateDictError, match=r"first.bias has shape \(9,\), expected \(3,\)") as caught:
            net.load_state_dict(bad, strict=strict)
        assert caught.value.mismatched == ("first.bias",)
    bad["first.bias"] = np.zeros((3,), dtype=np.int64)
    with pytest.raises(StateDictError, match="dtype"):
        net.load_state_dict(bad)
    for name, value in values(net).items():
        np.testing.assert_array_equal(value, before[name])


def test_not_strict_loads_what_fits_and_tells_the_rest() -> None:
    net = Net()
    left = net.load_state_dict({"scale": np.array([3.0, 4.0]), "else": np.zeros(1)}, strict=False)
    assert left.missing_keys == NAMES[1:] and left.unexpected_keys == ["else"]
    np.testing.assert_array_equal(net.scale.detach().numpy(), [3, 4])


def test_weights_depend_on_seed_and_name_alone() -> None:
    small = nn.Sequential(nn.Linear(4, 3), nn.ReLU()).initialize(5)
    large = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 3), nn.Linear(3, 3)).initialize(5)
    np.testing.assert_array_equal(small[0].weight.detach().numpy(), large[0].weight.detach().numpy())
    assert (large[1].weight.detach().numpy() != large[2].weight.detach().numpy()).all()
    other = nn.Sequential(nn.Linear(4, 3)).initialize(6)
    assert (small[0].weight.detach().numpy() != other[0].weight.detach().numpy()).all()


def test_layers_built_alone_draw_from_the_global_stream_in_order() -> None:
    nc.manual_seed(3)
    first, second = nn.Linear(4, 3), nn.Linear(4, 3)
    nc.manual_seed(3)
    again = nn.Linear(4, 3)
    np.testing.assert_array_equal(first.weight.detach().numpy(), again.weight.detach().numpy())
    assert (first.weight.detach().numpy() != second.weight.detach().numpy()).any()


def test_hooks_run_in_order_and_can_be_removed() -> None:
    net, log = nn.Identity(), []

    def before(module: nn.Module, args: tuple[object, ...]) -> object:
        log.append("before")
        return args[0] * 2

    def after(module: nn.Module, args: tuple[object, ...], output: object) -> object:
        log.append("after")
        return output + 1

    handles = [net.register_forward_pre_hook(before), net.register_forward_hook(after)]
    assert net(nc.ones(())).item() == 3
    assert log == ["before", "after"]
    handles[0].remove()
    handles[0].remove()
    assert net(nc.ones(())).item() == 2
    with handles[1]:
        pass
    assert net(nc.ones(())).item() == 1
    assert net._hooks is None


def test_a_gradient_hook_sees_and_replaces_the_gradient() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Identity())
    seen = []

    def hook(module: nn.Module, gradient: nc.Tensor) -> nc.Tensor:
        seen.append(gradient.numpy().copy())
        return gradient * 0

    handle = net[1].register_gradient_hook(hook)
    net(nc.ones((4, 3))).sum().backward()
    np.testing.assert_array_equal(seen[0], np.ones((4, 2)))
    np.testing.assert_array_equal(net[0].weight.grad.numpy(), np.zeros((2, 3)))
    handle.remove()
    net.zero_grad()
    net(nc.ones((4, 3))).sum().backward()
    np.testing.assert_array_equal(net[0].weight.grad.numpy(), np.full((2, 3), 4.0))


def test_an_error_names_the_layer() -> None:
    net = Net()
    net.body[1] = nn.Linear(5, 2)
    with pytest.raises(ShapeError) as caught:
        net(nc.ones((1, 4)))
    assert caught.value.layer == "body.1"
    assert "layer body.1" in str(caught.value)


def test_an_error_of_another_library_gets_one_note() -> None:
    class Broken(nn.Module):
        def forward(self, x: object) -> object:
            raise KeyError("x")

    net = nn.Sequential(nn.Identity(), nn.Sequential(Broken()))
    with pytest.raises(KeyError) as caught:
        net(1)
    assert caught.value.__notes__ == ["in layer 1.0 (Broken)"]


def test_printing_shows_arguments_and_folds_what_is_alike() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2, bias=False))
    assert repr(net) == ("Sequential(\n  (0-1): 2 x Linear(4, 4)\n  (2): Linear(4, 2, bias=False)\n)")


def test_to_changes_the_dtype_of_floats_only() -> None:
    net = Net()
    net.register_buffer("steps", nc.tensor(3))
    weights = values(net)
    net.to("float64")
    assert net.first.weight.dtype == nc.float64 and net.steps.dtype == nc.int64
    assert isinstance(net.first.weight, nn.Parameter) and net.first.weight.init == "fan_in_uniform"
    for name, value in values(net).items():
        np.testing.assert_array_equal(value, weights[name])


def test_apply_visits_children_first() -> None:
    order: list[str] = []
    Net().apply(lambda module: order.append(type(module).__name__))
    assert order == ["Linear", "ReLU", "Linear", "Sequential", "Net"]


def test_a_module_without_forward_says_so() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        Empty()(1)
    with pytest.raises(TypeError, match="positional argument"):
        Empty(3)


@pytest.mark.parametrize("remake", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_share_nothing(remake: object) -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU()).eval()
    twin = remake(net)
    for (name, ours), theirs in zip(net.named_parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(ours.detach().numpy(), theirs.detach().numpy(), name)
        assert ours.data_ptr() != theirs.data_ptr()
        assert isinstance(theirs, nn.Parameter) and theirs.init == ours.init and theirs.requires_grad
    assert not twin.training and twin.config == net.config


def test_only_a_switch_of_mode_is_a_change_for_captured_steps() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5)).train()
    before = _modes.version
    assert model.train() is model and _modes.version == before
    assert not model.eval().training and _modes.version > before
    model[1].train()
    before = _modes.version
    assert not model.eval()[1].training and _modes.version > before, "a part of it was switched"


def test_a_sequential_calls_its_layers_as_if_one_by_one() -> None:
    class Own(nn.Identity):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return super().__call__(*args, **kwargs) + 1

    seen: list[str] = []
    model = nn.Sequential(nn.Identity(), Own(), nn.Sequential(nn.Linear(2, 1)))
    model[0].register_forward_hook(lambda *call: seen.append("hook"))
    assert model[:2](nc.zeros(1, 2)).tolist() == [[1.0, 1.0]] and seen == ["hook"]
    with pytest.raises(nc.errors.ShapeError) as caught:
        model(nc.zeros(1, 3))
    assert caught.value.layer == "2.0"
    with nc.profile(model) as profile:
        model(nc.zeros(1, 2))
    assert "2.0" in {row.layer for row in profile.rows("layer")}
