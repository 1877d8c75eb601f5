"""The networks' arithmetic: names from torchvision, MACs, paths of the blocks, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from nncore_modern.mobilenet import divisible
from nncore_modern.wide_resnet import PLANS

import nncore as nc
from nncore import nn, ops
from nncore.errors import InvalidValueError, NNCoreError, ShapeError
from nncore.testing import gradcheck

rng = np.random.default_rng(0)

# Multiply-adds of convolutions and linear layers at 224x224, in billions. Source: torchvision 0.28, `_ops` of the weights.
MACS = {"wide_resnet50_2": 11.398, "mobilenet_v2": 0.301, "convnext_tiny": 4.456}


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
    "convnext_tiny": {
        "features.0.0.weight": (6, 3, 4, 4),
        "features.0.1.bias": (6,),
        "features.1.2.layer_scale": (6, 1, 1),
        "features.1.0.block.0.weight": (6, 1, 7, 7),
        "features.2.0.weight": (6,),
        "features.2.1.weight": (12, 6, 2, 2),
        "features.5.8.block.2.weight": (24,),
        "features.7.2.block.3.weight": (192, 48),
        "features.7.2.block.5.bias": (48,),
        "classifier.0.weight": (48,),
        "classifier.2.weight": (1000, 48),
    },
    "vit_b_16": {
        "class_token": (1, 1, 48),
        "conv_proj.weight": (48, 3, 16, 16),
        "encoder.pos_embedding": (1, 197, 48),
        "encoder.layers.encoder_layer_0.ln_1.weight": (48,),
        "encoder.layers.encoder_layer_11.self_attention.in_proj_weight": (144, 48),
        "encoder.layers.encoder_layer_11.self_attention.in_proj_bias": (144,),
        "encoder.layers.encoder_layer_3.self_attention.out_proj.bias": (48,),
        "encoder.layers.encoder_layer_3.mlp.0.weight": (192, 48),
        "encoder.layers.encoder_layer_3.mlp.3.weight": (48, 192),
        "encoder.ln.bias": (48,),
        "heads.head.weight": (1000, 48),
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
    ("convnext", {"plan": "huge"}, "ConvNeXt: plan is 'tiny', 'small', 'base', 'large', got 'huge'"),
    ("convnext_tiny", {"stochastic_depth": 1.0}, "0 <= p < 1, got 1.0"),
    ("vit", {"plan": "giant"}, "ViT: plan is 'tiny'.* got 'giant'"),
    ("vit_b_16", {"size": 100}, "size is a multiple of patch=16, got 100"),
    ("vit_b_16", {"depth": 0}, "depth is a positive integer, got 0"),
    ("unet", {"levels": 0}, "UNet: levels is a positive integer, got 0"),
    ("unet", {"levels": 9}, "8 or less, got 9"),
    ("unet", {"norm": "softmax"}, "softmax"),
]


@pytest.mark.parametrize(("name", "config", "says"), REFUSED)
def test_what_makes_no_sense_is_refused(name: str, config: dict[str, object], says: str) -> None:
    with pytest.raises((InvalidValueError, NNCoreError), match=says):
        nc.create(name, **config)


@pytest.mark.parametrize("name", ["wide_resnet50_2", "wrn16_8", "mobilenet_v2", "convnext_tiny", "vit_ti_16"])
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


@pytest.mark.parametrize(("name", "side"), [("convnext_tiny", 32), ("vit_ti_16", 32)])
def test_seams_of_networks_with_their_own_norms(name: str, side: int) -> None:
    more = {"size": side, "depth": 2} if name.startswith("vit") else {}
    model = nc.create(name, width=0.125, num_classes=3, act="elu", in_channels=1, init="fan_in_uniform", **more)
    kinds = {type(module).__name__ for module in model.modules()}
    assert "ELU" in kinds and "GELU" not in kinds
    drawn_by = [parameter.init for key, parameter in model.named_parameters() if parameter.ndim in (2, 4)]
    assert set(drawn_by) == {"fan_in_uniform"}
    ops.sum(model(drawn(2, 1, side, side)) ** 2).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_the_gradient_of_a_wide_network_of_few_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    # The kit skips it at fifty layers.
    monkeypatch.setitem(PLANS, 50, (1, 1, 1, 1))
    model = nc.create("wide_resnet50_2", width=0.0625, num_classes=3, act="tanh", seed=0).to("float64")
    gradcheck(model, nc.tensor(rng.standard_normal((4, 3, 40, 40))), most=2)


HEADS = {
    "wide_resnet50_2": "fc",
    "wrn16_8": "fc",
    "mobilenet_v2": "classifier.1",
    "convnext_tiny": "classifier.2",
    "vit_ti_16": "heads.head",
    "unet": "head",
}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_weights_of_other_classes_are_a_beginning(name: str) -> None:
    more = {"depth": 1, "size": 32} if name.startswith("vit") else {}
    old = nc.create(name, width=0.125, num_classes=5, **more)
    state = nc.create(name, width=0.125, num_classes=3, pretrained=old, new_head=True, **more).state_dict()
    fresh = {key for key, value in old.state_dict().items() if value.shape != state[key].shape}
    assert fresh == {f"{HEADS[name]}.weight", f"{HEADS[name]}.bias"}
    for key in state.keys() - fresh:
        np.testing.assert_array_equal(state[key].numpy(), old.state_dict()[key].numpy())


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ShapeError, match="images of 32x32, got 48x32"):
        nc.create("vit_ti_16", size=32, depth=1, width=0.125)(nc.zeros((1, 3, 48, 32)))
    with pytest.raises(ShapeError, match="32x32 or more, got 31x40"):
        nc.create("convnext_tiny", width=0.0625)(nc.zeros((1, 3, 31, 40)))


@nc.no_grad()
def test_layer_norm2d_normalizes_each_place() -> None:
    x = rng.standard_normal((2, 5, 3, 4)).astype("float32")
    expected = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(layer("layer_norm2d")(5)(nc.tensor(x)).numpy(), expected, rtol=1e-4, atol=1e-5)


@nc.no_grad()
def test_stochastic_depth_drops_samples_whole_and_keeps_the_mean() -> None:
    nc.manual_seed(3)
    depth = layer("stochastic_depth")(0.25)
    dropped = depth(nc.ones((4000, 2, 3))).numpy().reshape(4000, 6)
    assert (dropped == dropped[:, :1]).all() and set(np.unique(dropped)) == {0, np.float32(4 / 3)}
    # Five deviations of a mean of 4000 draws.
    assert abs((dropped[:, 0] == 0).mean() - 0.25) < 5 * (0.25 * 0.75 / 4000) ** 0.5
    assert depth.eval()(nc.ones((3, 2))).numpy().all()


def test_deeper_blocks_are_skipped_more_often() -> None:
    model = nc.create("convnext_tiny", width=0.0625)
    rates = [module.p for module in model.modules() if type(module).__name__ == "StochasticDepth"]
    np.testing.assert_allclose(rates, np.linspace(0, 0.1, 18), atol=1e-12)


@nc.no_grad()
def test_a_branch_of_scale_nothing_leaves_the_input() -> None:
    x = drawn(2, 3, 5, 5)
    np.testing.assert_array_equal(layer("convnext_block")(3, layer_scale=0.0)(x).numpy(), x.numpy())


@nc.no_grad()
def test_a_vit_without_positions_does_not_see_the_order_of_its_patches() -> None:
    model = nc.create("vit", plan="tiny", patch=4, size=8, depth=2, width=0.125, num_classes=3, init="fan_in_uniform")
    x = rng.standard_normal((1, 3, 8, 8)).astype("float32")
    swapped = np.concatenate([x[:, :, 4:], x[:, :, :4]], 2)
    seen, other = model(nc.tensor(x)).numpy(), model(nc.tensor(swapped)).numpy()
    assert not np.allclose(seen, other, atol=1e-4)
    model.encoder.pos_embedding.zero_()
    np.testing.assert_allclose(model(nc.tensor(x)).numpy(), model(nc.tensor(swapped)).numpy(), atol=1e-5)


def test_a_unet_says_something_of_each_pixel_and_takes_what_it_can_halve() -> None:
    model = nc.create("unet", width=0.0625, num_classes=3)
    assert model(nc.zeros((1, 1, 32, 48))).shape == (1, 3, 32, 48)
    with pytest.raises(ShapeError, match="multiples of 16, got 32x40"):
        model(nc.zeros((1, 1, 32, 40)))
    model = nc.create("unet", width=0.0625, act="elu", norm={"name": "group_norm", "num_groups": 1}, init="he_uniform")
    kinds = [type(module).__name__ for module in model.modules()]
    # Two convolutions at each of nine places.
    assert (kinds.count("ELU"), kinds.count("GroupNorm"), kinds.count("ReLU")) == (18, 18, 0)
    ops.sum(model(drawn(2, 1, 16, 16)) ** 2).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


@nc.no_grad()
def test_a_unet_sees_the_image_by_each_of_its_ways() -> None:
    model = nc.create("unet", width=0.0625, levels=2).eval()
    x = drawn(1, 1, 8, 8)
    other = drawn(1, 1, 8, 8)
    for part in ("up.0", "up.1", "bottom"):
        # Where the way from below is shut off, the one across still tells images apart.
        hook = model.get_submodule(part).register_forward_hook(lambda layer, args, output: output * 0)
        assert not np.allclose(model(x).numpy(), model(other).numpy(), atol=1e-5)
        hook.remove()
    # And the way from below tells them apart where the image across is hidden.
    half = model.up[1].weight.shape[1]
    model.merge[1].register_forward_pre_hook(
        lambda layer, args: (ops.cat([args[0][:, :half] * 0, args[0][:, half:]], 1),)
    )
    assert not np.allclose(model(x).numpy(), model(other).numpy(), atol=1e-5)
