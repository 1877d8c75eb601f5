"""Layers, activations and losses against NumPy and their formulas."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, ShapeError
from nncore.testing import gradcheck

rng = np.random.default_rng(0)


def array(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


def close(got: nc.Tensor, want: np.ndarray, rtol: float = 1e-5, atol: float = 1e-5) -> None:
    np.testing.assert_allclose(got.detach().numpy(), want, rtol=rtol, atol=atol)


def convolved(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, padding: int, groups: int) -> np.ndarray:
    """Convolution as its definition says it, in float64."""
    x = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, _, height, width = x.shape
    out, each, kh, kw = w.shape
    h, v = (height - kh) // stride + 1, (width - kw) // stride + 1
    y = np.zeros((n, out, h, v))
    for o in range(out):
        first = o // (out // groups) * each
        for i in range(h):
            for j in range(v):
                window = x[:, first : first + each, i * stride : i * stride + kh, j * stride : j * stride + kw]
                y[:, o, i, j] = (window * w[o]).sum((1, 2, 3)) + b[o]
    return y


def test_linear_is_a_product_and_an_offset() -> None:
    layer, x = nn.Linear(4, 3), array(2, 5, 4)
    w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    close(layer(nc.tensor(x)), x @ w.T + b)
    close(
        nn.Linear(4, 3, bias=False).initialize(0)(nc.tensor(x)),
        x @ nn.Linear(4, 3, False).initialize(0).weight.detach().numpy().T,
    )


@pytest.mark.parametrize(("stride", "padding", "groups"), [(1, 0, 1), (2, 1, 1), (1, 2, 2)])
def test_convolution_is_its_definition(stride: int, padding: int, groups: int) -> None:
    layer = nn.Conv2d(4, 6, 3, stride, padding, groups=groups)
    x = array(2, 4, 7, 8)
    want = convolved(x, layer.weight.detach().numpy(), layer.bias.detach().numpy(), stride, padding, groups)
    close(layer(nc.tensor(x)), want)


def windows(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), (2, 3))
    return view[:, :, ::stride, ::stride]


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), (2, 1)])
def test_pooling_takes_windows(size: int, stride: int | None) -> None:
    x = array(2, 3, 7, 8)
    view = windows(x, size, stride or size)
    close(nn.MaxPool2d(size, stride)(nc.tensor(x)), view.max((4, 5)))
    close(nn.AvgPool2d(size, stride)(nc.tensor(x)), view.mean((4, 5)))


def test_activations_are_their_formulas() -> None:
    x = array(4, 6)
    t = nc.tensor(x)
    e = np.exp(x.astype(np.float64))
    close(nn.ReLU()(t), np.maximum(x, 0))
    close(nn.Sigmoid()(t), e / (1 + e))
    close(nn.Tanh()(t), np.tanh(x))
    for dim in (0, 1, -1):
        close(nn.Softmax(dim)(t), e / e.sum(dim, keepdims=True))
        close(nn.LogSoftmax(dim)(t), np.log(e / e.sum(dim, keepdims=True)))


def test_losses_are_their_formulas() -> None:
    x, y = array(5, 4), array(5, 4)
    output, target = nc.tensor(x), nc.tensor(y)
    for loss, each in ((nn.MSELoss, (x - y) ** 2), (nn.L1Loss, abs(x - y))):
        close(loss()(output, target), each.mean())
        close(loss("sum")(output, target), each.sum())
        close(loss("none")(output, target), each)
        close(loss()(output, target, reduction="sum"), each.sum())
        with pytest.raises(InvalidValueError, match="'mean', 'sum' or 'none'"):
            loss("total")(output, target)
    labels = np.array([0, 3, 1, 1, 2])
    negative = -np.log(np.exp(x) / np.exp(x).sum(1, keepdims=True))[np.arange(5), labels]
    close(nn.CrossEntropyLoss()(output, nc.tensor(labels)), negative.mean())
    close(nn.CrossEntropyLoss(reduction="sum")(output, nc.tensor(labels)), negative.sum())
    weight = np.array([1.0, 2.0, 0.5, 3.0], dtype=np.float32)
    weighted = nn.CrossEntropyLoss(nc.tensor(weight))(output, nc.tensor(labels))
    close(weighted, (negative * weight[labels]).sum() / weight[labels].sum())


def test_cross_entropy_of_the_course_example() -> None:
    # CS 231n's scores 3.2, 5.1, -1.7 with the right class 0: the loss is 2.04.
    loss = nn.CrossEntropyLoss()(nc.tensor([[3.2, 5.1, -1.7]]), nc.tensor([0]))
    assert abs(loss.item() - 2.04035) < 1e-5


def test_dropout_keeps_the_expected_value_and_rests_in_evaluation() -> None:
    nc.manual_seed(0)
    layer, x = nn.Dropout(0.25), nc.ones((200, 500))
    y = layer(x).numpy()
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)}
    # A hundred thousand draws: five standard errors are 0.007.
    assert abs((y == 0).mean() - 0.25) < 0.007
    assert (layer(x).numpy() != y).any()
    nc.manual_seed(0)
    np.testing.assert_array_equal(layer(x).numpy(), y)
    assert layer.eval()(x) is x
    assert (nn.Dropout(0.0)(x).numpy() == 1).all()
    with pytest.raises(InvalidValueError, match="probability"):
        nn.Dropout(1.0)


@pytest.mark.parametrize(
    ("layer", "shape"), [(nn.BatchNorm1d, (8, 3)), (nn.BatchNorm1d, (4, 3, 5)), (nn.BatchNorm2d, (4, 3, 5, 2))]
)
def test_batch_norm_normalizes_and_follows_the_statistics(layer: type[nn.Module], shape: tuple[int, ...]) -> None:
    norm, x = layer(3, momentum=0.3), array(*shape) * 2 + 1
    others = tuple(at for at in range(x.ndim) if at != 1)
    broad = tuple(1 if at != 1 else 3 for at in range(x.ndim))
    mean, var = x.mean(others).reshape(broad), x.var(others).reshape(broad)
    unbiased = x.var(others, ddof=1)
    close(norm(nc.tensor(x)), (x - mean) / np.sqrt(var + 1e-5))
    close(norm.running_mean, 0.3 * mean.ravel())
    close(norm.running_var, 0.7 + 0.3 * unbiased)
    assert norm.num_batches_tracked.item() == 1
    norm.eval()
    running = norm.running_mean.numpy().reshape(broad), norm.running_var.numpy().reshape(broad)
    close(norm(nc.tensor(x)), (x - running[0]) / np.sqrt(running[1] + 1e-5))
    assert norm.num_batches_tracked.item() == 1
    with pytest.raises(ShapeError, match="takes \\(N, C"):
        norm(nc.ones((3,)))


def test_a_frozen_batch_norm_keeps_its_statistics_in_training_mode() -> None:
    norm = nn.BatchNorm2d(3).freeze()
    assert norm.training
    norm(nc.tensor(array(4, 3, 2, 2)))
    assert (norm.running_mean.numpy() == 0).all() and norm.num_batches_tracked.item() == 0
    norm.unfreeze()(nc.tensor(array(4, 3, 2, 2)))
    assert norm.num_batches_tracked.item() == 1


def test_batch_norm_state_dict_has_the_names_of_published_weights() -> None:
    assert list(nn.BatchNorm2d(3).state_dict()) == [
        "weight",
        "bias",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    assert list(nn.BatchNorm2d(3, affine=False, track_running_stats=False).state_dict()) == []


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Linear(3, 2, act="tanh"), (4, 3)),
        (lambda: nn.Conv2d(2, 3, 3, padding=1, act="sigmoid"), (2, 2, 4, 4)),
        (lambda: nn.MaxPool2d(2), (1, 2, 4, 4)),
        (lambda: nn.AvgPool2d(2), (1, 2, 4, 4)),
        (lambda: nn.BatchNorm2d(2), (3, 2, 2, 2)),
        (lambda: nn.LogSoftmax(1), (3, 4)),
        (lambda: nc.create("mlp", sizes=[3, 4, 2], act="tanh"), (5, 3)),
    ],
)
def test_gradients_agree_with_differences(layer: object, shape: tuple[int, ...]) -> None:
    gradcheck(layer().to("float64"), rng.standard_normal(shape))


def test_sequential_is_a_list_and_a_mapping() -> None:
    model = nn.Sequential(OrderedDict(a=nn.Linear(2, 3), b="relu", c={"name": "softmax", "dim": 1}))
    assert list(model.state_dict()) == ["a.weight", "a.bias"]
    assert len(model) == 3 and isinstance(model["b"], nn.ReLU) and model[-1] is model["c"]
    assert [type(layer).__name__ for layer in model] == ["Linear", "ReLU", "Softmax"]
    head = model[:2]
    assert list(head._modules) == ["a", "b"] and head["a"] is model["a"]
    model[0] = nn.Linear(2, 4)
    assert list(model._modules) == ["a", "b", "c"]
    with pytest.raises(IndexError):
        model[3]
    assert isinstance(nn.Sequential("relu", nn.Tanh, lambda x: x)[2], nn.FunctionActivation)


def test_wrong_arguments_are_told_before_anything_is_made() -> None:
    for wrong in (
        lambda: nn.Linear(0, 3),
        lambda: nn.Linear(3, 2.5),
        lambda: nn.Conv2d(3, 4, (1, 2, 3)),
        lambda: nn.Conv2d(3, 4, 3, groups=2),
        lambda: nn.MaxPool2d("2"),
        lambda: nc.create("mlp"),
        lambda: nc.create("mlp", sizes=[3]),
        lambda: nc.create("mlp", in_features=3, n_layers=0),
        lambda: nn.Sequential(3),
    ):
        with pytest.raises(InvalidValueError):
            wrong()


def test_lenet5_is_the_modern_one() -> None:
    # 61,706 parameters: 6·(25 + 1) + 16·(6·25 + 1) + 120·401 + 84·121 + 10·85.
    model = nc.create("lenet5", seed=0)
    assert model.num_parameters() == 61_706
    assert model(nc.zeros((2, 1, 28, 28))).shape == (2, 10)
    assert list(model.state_dict())[:2] == ["features.0.weight", "features.0.bias"]
    other = nc.create("lenet5", num_classes=3, act="tanh", init="xavier_uniform")
    assert other(nc.zeros((1, 1, 28, 28))).shape == (1, 3) and isinstance(other.features[1], nn.Tanh)


def test_an_n_layer_network_does_not_count_its_input() -> None:
    two = nc.create("mlp", sizes=[784, 100, 10])
    assert len(two.layers) == 2 and two.num_neurons == 110
    assert two.num_parameters() == 784 * 100 + 100 + 100 * 10 + 10
    one = nc.create("mlp", in_features=4, n_layers=1, num_classes=3)
    assert one.sizes == (4, 3)
    x = array(2, 4)
    close(one(nc.tensor(x)), x @ one.layers[0].weight.detach().numpy().T + one.layers[0].bias.detach().numpy())
    assert nc.create("mlp", in_features=784, hidden=50, n_layers=3)(nc.zeros((2, 1, 28, 28))).shape == (2, 10)
    # The output layer has no activation, so logits may be negative.
    assert (two.initialize(0)(nc.tensor(array(8, 784))).detach().numpy() < 0).any()
