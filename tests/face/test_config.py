"""What a module was made with, as data and back."""

from __future__ import annotations

import copy
import json
import pickle
from collections import OrderedDict
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nncore as nc
from nncore import nn
from nncore.config import NotRebuildable, module_from_spec, spec_of
from nncore.errors import FileFormatError, UnknownComponentError


def rebuilt(module: nn.Module) -> nn.Module:
    return module_from_spec(json.loads(json.dumps(spec_of(module))))


def test_arguments_are_recorded_by_themselves_with_defaults() -> None:
    assert nn.Conv2d(3, 8, (3, 5), padding=1).config == {
        "in_channels": 3,
        "out_channels": 8,
        "kernel_size": [3, 5],
        "stride": 1,
        "padding": 1,
        "dilation": 1,
        "groups": 1,
        "bias": True,
        "padding_mode": "zeros",
        "init": None,
        "act": None,
    }


def test_a_subclass_records_its_own_arguments_not_those_it_hands_on() -> None:
    class Half(nn.Linear):
        def __init__(self, size: int, *rest: int, twice: bool = False, **more: int) -> None:
            super().__init__(size * 2, size)

    assert Half(3, 4, 5, twice=True, x=1).config == {"size": 3, "rest": [4, 5], "twice": True, "x": 1}


def test_lists_are_recorded_as_they_were() -> None:
    sizes = [4, 3, 2]
    model = nc.create("mlp", sizes=sizes)
    sizes.append(9)
    assert spec_of(model)["config"]["sizes"] == [4, 3, 2]


def test_a_users_own_attribute_called_config_wins() -> None:
    class Own(nn.Module):
        def __init__(self, config: dict[str, int]) -> None:
            super().__init__()
            self.config = config

    assert Own({"a": 1}).config == {"a": 1}


@pytest.mark.parametrize("act", ["tanh", {"name": "softmax", "dim": 1}, nn.Tanh, nn.Softmax(1)])
def test_components_are_said_by_qualified_name(act: object) -> None:
    model = nn.Linear(3, 3, init={"name": "normal", "std": 0.5}, act=act)
    assert model.config["init"] == {"name": "initializer:nncore/normal", "std": 0.5}
    twin = rebuilt(model)
    assert type(twin.act) is type(model.act) and repr(twin.act) == repr(model.act)
    assert twin.weight.init == model.config["init"]


layers = st.deferred(
    lambda: st.one_of(
        st.builds(nn.Linear, st.integers(1, 5), st.integers(1, 5), st.booleans()),
        st.builds(nn.ReLU),
        st.builds(nn.Softmax, st.integers(0, 2)),
        st.builds(nn.Flatten, st.integers(0, 2)),
        st.lists(layers, max_size=3).map(lambda items: nn.Sequential(*items)),
        st.lists(layers, max_size=3).map(
            lambda items: nn.Sequential(OrderedDict((f"n{at}", item) for at, item in enumerate(items)))
        ),
        st.lists(layers, max_size=3).map(nn.ModuleList),
    )
)


@given(layers)
def test_every_tree_is_rebuilt_alike(model: nn.Module) -> None:
    twin = rebuilt(model)
    assert repr(twin) == repr(model)
    assert spec_of(twin) == spec_of(model)
    shapes = [{name: t.shape for name, t in each.state_dict().items()} for each in (model, twin)]
    assert shapes[0] == shapes[1]


def test_a_module_in_two_places_is_one_module_again() -> None:
    shared = nn.Linear(3, 3)
    twin = rebuilt(nn.Sequential(shared, nn.ReLU(), nn.Sequential(shared)))
    assert twin[0] is twin[2][0]


def test_a_sequential_tells_its_present_modules() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model.append("relu")
    model[0] = nn.Linear(2, 3)
    assert repr(rebuilt(model)) == repr(model)


def test_what_is_no_data_is_refused_with_its_place() -> None:
    class Mine(nn.Module):
        pass

    with pytest.raises(NotRebuildable, match="Mine is not registered"):
        spec_of(nn.Sequential(nn.Sequential(Mine())))
    with pytest.raises(NotRebuildable, match="Linear.act is .*lambda"):
        spec_of(nn.Linear(1, 1, act=lambda x: x))


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({"name": "layer:nncore/nothing", "config": {}}, UnknownComponentError),
        ({"name": "initializer:nncore/zeros", "config": {}}, FileFormatError),
        ({"config": {}}, FileFormatError),
        ({"name": "layer:nncore/sequential", "config": {"layers": [{"$ref": 5}]}}, FileFormatError),
    ],
)
def test_a_damaged_description_is_refused(spec: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        module_from_spec(spec)


def test_an_architecture_by_name_is_saved_by_name() -> None:
    model = nc.create("lenet5", act="tanh", seed=1)
    assert spec_of(model)["name"] == "architecture:nncore/lenet5"
    twin = rebuilt(model)
    twin.initialize(1)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(ours.detach().numpy(), theirs.detach().numpy())


def test_a_module_that_was_given_an_iterator_is_copied_and_pickled() -> None:
    model = nn.ModuleList(nn.Linear(2, 2) for _ in range(2))
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert [name for name, _ in other.named_parameters()] == [name for name, _ in model.named_parameters()]
        for a, b in zip(other.parameters(), model.parameters(), strict=True):
            assert a is not b and np.array_equal(a.numpy(), b.numpy())

    class Counting(nn.Module):
        def __init__(self, numbers: Iterator[int]) -> None:
            super().__init__()
            self.total = sum(numbers)

    counted = Counting(iter([1, 2]))
    assert counted.total == 3
    with pytest.raises(NotRebuildable):
        spec_of(counted)
    with pytest.raises(NotRebuildable):
        print(counted.config)
