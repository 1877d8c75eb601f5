"""The networks' arithmetic: MACs and shapes from the papers, names from torchvision, small nets beside NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from nncore_classics.lenet import RBF, TABLE, Subsampling, TableConv2d

import nncore as nc
from nncore import nn, ops
from nncore.errors import InvalidValueError, NNCoreError, ShapeError

rng = np.random.default_rng(0)

# Multiply-adds of convolutions and linear layers at the network's own image size. Source: torchvision 0.28 and the papers.
MACS = {
    ("alexnet", 224): 714_188_480,
    ("alexnet_original", 227): 724_406_816,
    ("vgg11", 224): 7_609_090_048,
    ("googlenet", 224): 1_498_376_192,
    ("googlenet_original", 224): 1_582_671_872,
    ("resnet18", 224): 1_814_073_344,
    ("resnet34", 224): 3_663_761_408,
    ("resnet50", 224): 4_089_184_256,
    ("resnet50_original", 224): 3_857_973_248,
    ("resnet101", 224): 7_801_405_440,
}


def macs(model: nn.Module, side: int) -> int:
    """Multiply-adds from the shapes that the layers see."""
    total = 0

    def count(layer: nn.Module, args: tuple[nc.Tensor, ...], output: nc.Tensor) -> None:
        nonlocal total
        weight = layer.weight
        total += output.numel() * weight.numel() // weight.shape[0]

    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with nc.no_grad():
        model.eval()(nc.zeros((1, 3, side, side)))
    return total


@pytest.mark.parametrize(("name", "side"), MACS)
def test_macs(name: str, side: int) -> None:
    assert macs(nc.create(name, init="zeros"), side) == MACS[name, side]


def test_names_are_torchvisions() -> None:
    resnet = nc.create("resnet50", width=0.0625).state_dict()
    for name in (
        "conv1.weight",
        "bn1.running_mean",
        "layer1.0.conv3.weight",
        "layer2.0.downsample.0.weight",
        "layer4.2.bn3.num_batches_tracked",
        "fc.bias",
    ):
        assert name in resnet
    assert not any(name.startswith("layer1.1.downsample") for name in resnet)
    googlenet = nc.create("googlenet", width=0.0625).state_dict()
    for name in (
        "conv3.bn.weight",
        "inception3a.branch1.conv.weight",
        "inception4e.branch3.1.bn.running_var",
        "inception5b.branch4.1.conv.weight",
        "aux2.conv.bn.bias",
        "aux1.fc2.weight",
    ):
        assert name in googlenet
    vgg = [name for name in nc.create("vgg16", width=0.0625).state_dict() if name.endswith("weight")]
    convs = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    assert vgg == [f"features.{at}.weight" for at in convs] + [f"classifier.{at}.weight" for at in (0, 3, 6)]
    alexnet = [name for name in nc.create("alexnet", width=0.0625).state_dict() if name.endswith("bias")]
    assert alexnet == [f"features.{at}.bias" for at in (0, 3, 6, 8, 10)] + [f"classifier.{at}.bias" for at in (1, 4, 6)]


def test_shapes_on_the_way_are_the_papers() -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    model = nc.create("googlenet_original", width=0.0625).eval()
    for name, module in model.named_modules():
        if name.startswith("inception") and "." not in name:
            module.register_forward_hook(lambda _, args, output, name=name: shapes.update({name: tuple(output.shape)}))
    with nc.no_grad():
        model(nc.zeros((1, 3, 224, 224)))
    sides = {name: shape[2] for name, shape in shapes.items()}
    assert sides == {
        f"inception{at}": side
        for at, side in zip(
            ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"), (28, 28, 14, 14, 14, 14, 14, 7, 7), strict=True
        )
    }


def test_auxiliary_heads_are_there_in_training_alone() -> None:
    model = nc.create("googlenet", num_classes=4, width=0.0625)
    images = nc.tensor(rng.standard_normal((2, 3, 64, 64)).astype("float32"))
    assert {name: tuple(each.shape) for name, each in model(images).items()} == {
        "main": (2, 4),
        "aux1": (2, 4),
        "aux2": (2, 4),
    }
    assert model.eval()(images).shape == (2, 4)
    trainer = nc.Trainer(
        nc.create("googlenet", num_classes=4, width=0.0625),
        loss={"main": "cross_entropy", "aux1": "cross_entropy", "aux2": "cross_entropy"},
        loss_weights={"aux1": 0.3, "aux2": 0.3},
    )
    trainer.fit((np.asarray(images), np.array([0, 1])), epochs=1, batch_size=2, progress=False)
    plain = nc.Trainer(nc.create("googlenet", num_classes=4, width=0.0625))
    assert plain.objective.weights == {"main": 1.0, "aux1": 0.3, "aux2": 0.3}
    plain.fit((np.asarray(images), np.array([0, 1])), epochs=1, batch_size=2, progress=False)
    assert {"loss", "aux1_loss", "aux2_loss"} <= plain.history.last.keys()


def test_a_plain_network_is_its_residual_twin_without_the_input() -> None:
    block = nc.registry.layers["nncore-classics/basic_block"](4, 4, norm=None)
    plain = nc.registry.layers["nncore-classics/basic_block"](4, 4, norm=None, shortcut=None)
    plain.load_state_dict(block.state_dict())
    x = nc.tensor(rng.standard_normal((2, 4, 5, 5)).astype("float32"))
    with nc.no_grad():
        body = block.body(x).numpy()
        np.testing.assert_allclose(block(x).numpy(), np.maximum(body + x.numpy(), 0), rtol=1e-6)
        np.testing.assert_allclose(plain(x).numpy(), np.maximum(body, 0), rtol=1e-6)


def test_padding_carries_the_input_past_a_change_of_shape() -> None:
    block = nc.registry.layers["nncore-classics/basic_block"](2, 6, stride=2, norm=None, shortcut="padding")
    x = rng.standard_normal((1, 2, 5, 5)).astype("float32")
    carried = block.padded(nc.tensor(x)).numpy()
    np.testing.assert_array_equal(carried[:, :2], x[:, :, ::2, ::2])
    assert carried.shape == (1, 6, 3, 3) and not carried[:, 2:].any()


@nc.no_grad()
def test_lenets_parts_are_their_formulas() -> None:
    assert sum(map(len, TABLE)) == 60 and all(sum(at in row for row in TABLE) == 10 for at in range(6))
    layer = TableConv2d([[0, 1], [1]], 2).to("float64")
    x = rng.standard_normal((1, 2, 3, 3))
    out = layer(nc.tensor(x)).numpy()
    w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()

    def seen(weight: np.ndarray, image: np.ndarray) -> np.ndarray:
        return np.array([[(weight * image[i : i + 2, j : j + 2]).sum() for j in range(2)] for i in range(2)])

    np.testing.assert_allclose(out[0, 0], seen(w[0], x[0, 0]) + seen(w[1], x[0, 1]) + b[0], rtol=1e-12)
    np.testing.assert_allclose(out[0, 1], seen(w[2], x[0, 1]) + b[1], rtol=1e-12)
    pool = Subsampling(1).to("float64")
    image = rng.standard_normal((1, 1, 2, 2))
    total = image.sum() * pool.weight.item() + pool.bias.item()
    np.testing.assert_allclose(pool(nc.tensor(image)).numpy().item(), 1 / (1 + np.exp(-total)), rtol=1e-12)
    rbf = RBF()
    pictures = rbf.weight.numpy()
    assert pictures.shape == (10, 84) and {*np.unique(pictures)} == {-1.0, 1.0}
    apart = ((pictures[:, None] - pictures[None]) ** 2).sum(2)
    np.testing.assert_allclose(rbf(nc.tensor(pictures)).numpy(), -apart)
    assert apart[~np.eye(10, dtype=bool)].min() > 0


@pytest.mark.parametrize(
    ("name", "least"), [("alexnet", 63), ("vgg11", 32), ("nin", 4), ("nin_imagenet", 67), ("all_cnn", 9)]
)
def test_the_least_image_is_the_least(name: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = nc.create(name, width=0.0625, num_classes=3).eval()
    assert model(nc.zeros((1, 3, least, least))).shape == (1, 3)
    with pytest.raises(ShapeError, match=f"{least}x{least} or more, got {least - 1}x{least}"):
        model(nc.zeros((1, 3, least - 1, least)))
    monkeypatch.setattr(type(model), "check", lambda self, images: None)
    with pytest.raises(NNCoreError):
        model(nc.zeros((1, 3, least - 1, least - 1)))


@pytest.mark.parametrize(
    ("name", "config", "says"),
    [
        ("resnet", {"depth": 19}, "a depth of 18, 34"),
        ("cifar_resnet", {"depth": 21}, "6n \\+ 2 layers"),
        ("vgg", {"depth": 12}, "11, 13, 16 or 19"),
        ("resnet18", {"width": 0}, "width is a positive number"),
        ("resnet18", {"num_classes": 0}, "num_classes is a positive integer"),
        ("resnet18", {"norm": "linear"}, "num_features or num_channels"),
        ("resnet18", {"norm": "batch_norm"}, "batch_norm2d"),
        ("resnet18", {"act": "rellu"}, "relu"),
        ("resnet18", {"shortcut": "none"}, "'projection', 'padding' or None"),
        ("nin", {"size": "medium"}, "'small' or 'large'"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, config: dict[str, object], says: str) -> None:
    with pytest.raises((InvalidValueError, NNCoreError), match=says):
        nc.create(name, **config)


def test_seams() -> None:
    model = nc.create(
        "resnet18", width=0.125, num_classes=3, act="elu", norm={"name": "group_norm", "num_groups": 2}, in_channels=1
    )
    kinds = {type(module).__name__ for module in model.modules()}
    assert {"ELU", "GroupNorm"} <= kinds and "ReLU" not in kinds and "BatchNorm2d" not in kinds
    loss = ops.sum(model(nc.zeros((2, 1, 32, 32))))
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


# Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks", table 1, for AlexNet and VGG-16;
# ResNet-18 and 50 by the same recursion with the stride in the 3x3 convolution.
@pytest.mark.parametrize(
    ("name", "layer", "field"),
    [
        ("alexnet", "features.12", 195),
        ("vgg16", "features.30", 212),
        ("resnet18", "layer4", 435),
        ("resnet50", "layer4", 427),
    ],
)
def test_receptive_fields(name: str, layer: str, field: int) -> None:
    layers = {each.name: each for each in nc.summary(nc.create(name, width=0.0625), (1, 3, 224, 224)).layers}
    assert layers[layer].field == (field, field)


def test_receptive_fields_of_layers_of_its_own() -> None:
    # By hand: 5; +1 by a pool, twice as far apart; +4·2; +2; all 32 pixels of the image.
    layers = {each.name: each.field for each in nc.summary(nc.create("lenet5_original"), (1, 1, 32, 32)).layers}
    assert [layers[name] for name in ("c1", "s2", "c3", "s4", "c5")] == [(n, n) for n in (5, 6, 14, 16, 32)]
