"""The networks' arithmetic: names from torchvision, MACs, paths of the blocks, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import nn, ops
from nncore.errors import InvalidValueError, NNCoreError, ShapeError

rng = np.random.default_rng(0)

# Multiply-adds of convolutions and linear layers at 224x224, in billions. Source: torchvision 0.28, `_ops` of the weights.
MACS = {"wide_resnet50_2": 11.398, "mobilenet_v2": 0.301}


def layer(name: str) -> type[nn.Module]:
    return nc.registry.layers[f"nncore-modern/{name}"]


def drawn(*shape: int) -> nc.Tensor:
    return nc.tensor(rng.standard_normal(shape).astype("float32"))


@pytest.mark.parametrize("name", MACS)
def test_macs(name: str) -> None:
    total = 0

    def count(layer: nn.Module, args: tuple[nc.Tensor, ...], output: nc.Tensor) -> None:
        nonlocal total
        total += output.numel() * layer.weight.numel() // layer.weight.shape[0]

    model = nc.create(name, init="zeros").eval()
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with nc.no_grad():
        model(nc.zeros((1, 3, 224, 224)))
    assert round(total / 1e9, 3) == MACS[name]


NAMES = {
    "wide_resnet50_2": {
        "conv1.weight": (4, 3, 7, 7),
        "bn1.running_mean": (4,),
        "layer1.0.conv3.weight": (16, 8, 1, 1),
        "layer2.0.downsample.1.weight": (32,),
        "layer4.2.bn3.num_batches_tracked": (),
        "fc.bias": (1000,),
    },
    "mobilenet_v2": {
        "features.0.0.weight": (8, 3, 3, 3),
        "features.1.conv.0.0.weight": (8, 1, 3, 3),
        "features.1.conv.1.weight": (8, 8, 1, 1),
        "features.1.conv.2.running_var": (8,),
        "features.2.conv.0.0.weight": (48, 8, 1, 1),
        "features.17.conv.3.bias": (24,),
        "features.18.1.weight": (1280,),
        "classifier.1.weight": (1000, 1280),
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_torchvisions(name: str) -> None:
    state = nc.create(name, width=0.0625).state_dict()
    assert {key: tuple(state[key].shape) for key in NAMES[name]} == NAMES[name]
    assert not any(key.startswith("layer1.1.downsample") for key in state)


@nc.no_grad()
def test_nothing_stands_on_the_way_past_a_preactivation_unit() -> None:
    unit = layer("preact_basic")(4, 4, init="zeros")
    x = drawn(2, 4, 5, 5)
    # A body of zeros leaves the input as it is, negative numbers too; after the network's first activation only in front.
    np.testing.assert_array_equal(unit(x).numpy(), x.numpy())
    first = layer("preact_basic")(4, 4, init="zeros", norm=None, first=True)
    np.testing.assert_array_equal(first(x).numpy(), np.maximum(x.numpy(), 0))


@nc.no_grad()
def test_padding_carries_the_input_past_a_change_of_shape() -> None:
    unit = layer("preact_bottleneck")(4, 2, stride=2, init="zeros", norm=None, shortcut="padding")
    x = drawn(1, 4, 5, 5)
    output = unit(x).numpy()
    np.testing.assert_array_equal(output[:, :4], np.maximum(x.numpy(), 0)[:, :, ::2, ::2])
    assert output.shape == (1, 8, 3, 3) and not output[:, 4:].any()


@nc.no_grad()
def test_an_inverted_residual_adds_its_input_where_the_shape_stays() -> None:
    x = drawn(2, 4, 6, 6)
    stays = layer("inverted_residual")(4, 4, init="zeros")
    np.testing.assert_array_equal(stays(x).numpy(), x.numpy())
    for changed in ({"after": 5}, {"after": 4, "stride": 2}):
        assert not layer("inverted_residual")(4, init="zeros", **changed)(x).numpy().any()


@pytest.mark.parametrize(("value", "made"), [(32 * 0.35, 16), (24 * 0.75, 24), (16 * 0.5, 8), (1280 * 1.4, 1792)])
def test_channels_are_multiples_of_eight(value: float, made: int) -> None:
    # Source: channels of the published networks of width 0.35, 0.75, 0.5 and 1.4.
    from nncore_modern.mobilenet import divisible

    assert divisible(value, 8) == made


REFUSED = [
    ("wide_resnet", {"depth": 51}, "WideResNet: depth is 50, 101, 152, got 51"),
    ("wide_resnet50_2", {"width": 0}, "WideResNet: width is a positive number, got 0"),
    ("wide_resnet", {"factor": float("nan")}, "WideBottleneck: factor is a positive number"),
    ("wide_resnet50_2", {"norm": "linear"}, "num_features or num_channels"),
    ("wide_resnet50_2", {"act": "rellu"}, "relu"),
    ("preact_resnet", {"depth": 111}, "PreActResNet: depth is 9n \\+ 2 with bottleneck units, got 111"),
    ("preact_resnet", {"block": "plain"}, "'basic' or 'bottleneck', got 'plain'"),
    ("preact_resnet110", {"shortcut": "none"}, "'projection' or 'padding', got 'none'"),
    ("wide_cifar_resnet", {"depth": 30}, "WideCIFARResNet: depth is 6n \\+ 4, got 30"),
    ("wide_cifar_resnet", {"factor": "10"}, "factor is a positive number, got '10'"),
    ("mobilenet_v2", {"num_classes": 0}, "MobileNetV2: num_classes is a positive integer, got 0"),
    ("mobilenet_v2", {"divisor": 0.5}, "divisor is a positive integer, got 0.5"),
]


@pytest.mark.parametrize(("name", "config", "says"), REFUSED)
def test_what_makes_no_sense_is_refused(name: str, config: dict[str, object], says: str) -> None:
    with pytest.raises((InvalidValueError, NNCoreError), match=says):
        nc.create(name, **config)


@pytest.mark.parametrize("name", ["wide_resnet50_2", "wrn16_8", "mobilenet_v2"])
def test_images_of_another_rank_are_refused(name: str) -> None:
    with pytest.raises(ShapeError, match="takes \\(N, in_channels, H, W\\), got 3 dimensions"):
        nc.create(name, width=0.0625)(nc.zeros((3, 32, 32)))


@pytest.mark.parametrize("name", ["wide_resnet50_2", "wrn16_8", "preact_resnet110", "mobilenet_v2"])
def test_seams(name: str) -> None:
    config = {"num_classes": 3, "act": "elu", "norm": {"name": "group_norm", "num_groups": 1}, "in_channels": 1}
    model = nc.create(name, width=0.125, **config)
    kinds = {type(module).__name__ for module in model.modules()}
    assert {"ELU", "GroupNorm"} <= kinds and not kinds & {"ReLU", "ReLU6", "BatchNorm2d"}
    ops.sum(model(drawn(2, 1, 32, 32)) ** 2).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
