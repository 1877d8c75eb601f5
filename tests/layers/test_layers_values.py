"""Layers against NumPy in float64, where they have arithmetic or settings of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import DivergedError, InvalidValueError, ShapeError

rng = np.random.default_rng(0)


def array(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def close(got: nc.Tensor, want: np.ndarray, rtol: float = 1e-10, atol: float = 1e-12) -> None:
    assert got.shape == want.shape
    np.testing.assert_allclose(got.detach().numpy(), want, rtol=rtol, atol=atol)


def values(layer: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.detach().numpy().copy() for name, tensor in layer.state_dict().items()}


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 2), (2, 1, 2, 3)])
def test_each_activation_is_normalized_over_the_batch_alone(shape: tuple[int, ...]) -> None:
    layer = nn.BatchNormPerActivation(shape, eps=1e-3, momentum=0.3).to("float64")
    layer.weight.detach().copy_(array(*shape))
    layer.bias.detach().copy_(array(*shape))
    x, state = array(5, *shape) * 2 + 1, values(layer)
    mean, var = x.mean(0), x.var(0)
    close(layer(nc.tensor(x)), (x - mean) / np.sqrt(var + 1e-3) * state["weight"] + state["bias"])
    after = values(layer)
    np.testing.assert_allclose(after["running_mean"], 0.3 * mean, rtol=1e-12)
    np.testing.assert_allclose(after["running_var"], 0.7 + 0.3 * x.var(0, ddof=1), rtol=1e-12)
    assert after["num_batches_tracked"] == 1
    layer.eval()
    normal = (x - after["running_mean"]) / np.sqrt(after["running_var"] + 1e-3)
    close(layer(nc.tensor(x)), normal * state["weight"] + state["bias"])
    assert values(layer)["num_batches_tracked"] == 1


def test_per_activation_is_neither_spatial_nor_bound_to_the_layout() -> None:
    x = nc.tensor(array(4, 2, 3, 3))
    layer = nn.BatchNormPerActivation((2, 3, 3)).to("float64")
    by_rows = layer(x)
    np.testing.assert_array_equal(layer(x.contiguous("channels_last")).detach().numpy(), by_rows.detach().numpy())
    assert abs(by_rows.detach().numpy() - nn.BatchNorm2d(2).to("float64")(x).detach().numpy()).max() > 0.1
    assert abs(by_rows.detach().numpy().mean(0)).max() < 1e-12


def test_without_a_momentum_statistics_are_plain_averages() -> None:
    batches = [array(6, 2), array(6, 2) + 3, array(6, 2) * 2]
    for layer in (nn.BatchNorm1d(2, momentum=None), nn.BatchNormPerActivation(2, momentum=None)):
        layer.to("float64")
        for batch in batches:
            layer(nc.tensor(batch))
        np.testing.assert_allclose(layer.running_mean.numpy(), np.mean([b.mean(0) for b in batches], 0), rtol=1e-12)
        np.testing.assert_allclose(
            layer.running_var.numpy(), np.mean([b.var(0, ddof=1) for b in batches], 0), rtol=1e-12
        )
        assert layer.num_batches_tracked.item() == 3


def test_a_batch_that_is_refused_counts_for_nothing() -> None:
    for layer, wrong in (
        (nn.BatchNorm1d(3), nc.ones((1, 3))),
        (nn.BatchNorm2d(3), nc.ones((2, 4, 2, 2))),
        (nn.BatchNorm1d(3, momentum=None), nc.ones((4, 3), dtype="float64")),
        (nn.BatchNormPerActivation((3, 2)), nc.ones((1, 3, 2))),
        (nn.InstanceNorm1d(3, track_running_stats=True), nc.ones((2, 3, 1))),
    ):
        before = values(layer)
        with pytest.raises((ShapeError, nc.errors.DTypeError)):
            layer(wrong)
        for name, value in values(layer).items():
            np.testing.assert_array_equal(value, before[name])


def test_frozen_norms_use_their_running_statistics() -> None:
    x = nc.tensor(array(4, 2, 5))
    for layer in (nn.BatchNorm1d(2), nn.InstanceNorm1d(2, track_running_stats=True), nn.BatchNormPerActivation((2, 5))):
        layer.to("float64").freeze()
        close(layer(x), x.numpy() / np.sqrt(1 + 1e-5))
        assert not layer.running_mean.numpy().any()


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_local_response_norm_in_both_conventions(size: int, average: bool) -> None:
    x = array(2, 4, 3)
    want = np.empty_like(x)
    for c in range(4):
        first = c - size // 2
        window = x[:, max(first, 0) : max(first + size, 0)]
        squares = (window**2).sum(1) / (size if average else 1)
        want[:, c] = x[:, c] / (1.5 + 0.3 * squares) ** 0.6
    close(nn.LocalResponseNorm(size, 0.3, 0.6, 1.5, average=average)(nc.tensor(x)), want)


def test_the_conventions_differ_by_the_size() -> None:
    x = nc.tensor(array(2, 8, 3, 3))
    paper = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0, average=False)
    close(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)(x), paper(x).numpy(), rtol=1e-14)


def test_instance_norm_takes_single_samples() -> None:
    for layer, shape in (
        (nn.InstanceNorm1d, (2, 4)),
        (nn.InstanceNorm2d, (2, 3, 4)),
        (nn.InstanceNorm3d, (2, 3, 2, 2)),
    ):
        x = array(*shape)
        rest = tuple(range(1, x.ndim))
        want = (x - x.mean(rest, keepdims=True)) / np.sqrt(x.var(rest, keepdims=True) + 1e-5)
        close(layer(2)(nc.tensor(x)), want)
        close(layer(2)(nc.tensor(x[None])), want[None])


def test_pools_of_everything() -> None:
    x = array(2, 3, 4, 5)
    for keepdim in (False, True):
        close(nn.GlobalAvgPool(keepdim)(nc.tensor(x)), x.mean((2, 3), keepdims=keepdim))
        close(nn.GlobalMaxPool(keepdim)(nc.tensor(x)), x.max((2, 3), keepdims=keepdim))
    close(nn.Flatten()(nn.AdaptiveAvgPool2d(1)(nc.tensor(x))), x.mean((2, 3)))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpooling_puts_maxima_back(rank: int) -> None:
    pool = getattr(nn, f"MaxPool{rank}d")(2, return_indices=True)
    unpool = getattr(nn, f"MaxUnpool{rank}d")(2)
    x = array(2, 3, *(5, 4, 7)[:rank])
    maxima, places = pool(nc.tensor(x))
    back = unpool(maxima, places, output_size=x.shape).numpy()
    assert back.shape == x.shape
    # What came back is what was there, in as many places as there are windows.
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    assert (back != 0).sum() == maxima.numel()
    with pytest.raises(InvalidValueError, match="output_size"):
        unpool(maxima, places, output_size=(9,) * rank)


BORDERS = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@pytest.mark.parametrize("mode", BORDERS)
@pytest.mark.parametrize("padding", [(1, 2), "same", "valid"])
def test_borders_are_numpys(mode: Any, padding: Any) -> None:
    layer = nn.Conv2d(2, 3, (4, 3), padding=padding, dilation=(1, 2), padding_mode=mode).to("float64")
    plain = nn.Conv2d(2, 3, (4, 3), dilation=(1, 2)).to("float64")
    plain.load_state_dict(layer.state_dict())
    around = {"same": ((1, 2), (2, 2)), "valid": ((0, 0), (0, 0))}.get(str(padding), ((1, 1), (2, 2)))
    x = array(2, 2, 6, 7)
    padded = np.pad(x, ((0, 0), (0, 0), *around), mode=BORDERS[mode])
    close(layer(nc.tensor(x)), plain(nc.tensor(padded)).detach().numpy())


def test_a_transposed_convolution_gives_the_size_that_is_asked_for() -> None:
    up = nn.ConvTranspose2d(2, 3, 3, stride=(2, 3), padding=1).to("float64")
    x = nc.tensor(array(1, 2, 4, 4))
    assert up(x).shape == (1, 3, 7, 10)
    for size in ((8, 11), (7, 12), (1, 3, 8, 12)):
        assert up(x, output_size=size).shape[2:] == size[-2:]
        close(up(x, output_size=size)[:, :, :7, :10], up(x).detach().numpy())
    for size in ((9, 10), (7, 9), (7,)):
        with pytest.raises(ShapeError, match="ConvTranspose2d: output_size"):
            up(x, output_size=size)


def test_dropping_channels_drops_them_whole() -> None:
    nc.manual_seed(0)
    for layer, shape in (
        (nn.Dropout1d(0.25), (40, 50, 4)),
        (nn.Dropout2d(0.25), (40, 50, 2, 2)),
        (nn.Dropout3d(0.25), (40, 50, 2, 1, 2)),
        (nn.FeatureAlphaDropout(0.25), (40, 50, 4)),
    ):
        y = layer(nc.ones(shape)).numpy().reshape(40, 50, -1)
        assert (y == y[:, :, :1]).all() and len(np.unique(y)) == 2
        # Two thousand channels: five standard errors are 0.05.
        dropped = (y[:, :, 0] == y.min()).mean()
        assert abs(dropped - 0.25) < 0.05
        assert layer.eval()(x := nc.ones(shape)) is x


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    nc.manual_seed(0)
    y = nn.AlphaDropout(0.3)(nc.randn((400, 500))).numpy()
    assert abs(y.mean()) < 0.02 and abs(y.var() - 1) < 0.03


WRONG: list[tuple[Any, str]] = [
    (lambda: nn.Conv1d(2, 3, 0), "Conv1d: kernel_size"),
    (lambda: nn.Conv1d(2, 3, (1, 2)), "Conv1d: kernel_size"),
    (lambda: nn.Conv2d(2, 3, (1, 2, 3)), "Conv2d: kernel_size"),
    (lambda: nn.Conv2d(2, 3, True), "Conv2d: kernel_size"),
    (lambda: nn.Conv3d(2, 3, 3, stride=0), "Conv3d: stride"),
    (lambda: nn.Conv2d(2, 3, 3, dilation=1.5), "Conv2d: dilation"),
    (lambda: nn.Conv2d(2, 3, 3, padding=-1), "Conv2d: padding"),
    (lambda: nn.Conv2d(2, 3, 3, padding="full"), "Conv2d: padding is 'same' or 'valid'"),
    (lambda: nn.Conv2d(2, 3, 3, padding="same", stride=2), "padding='same' needs a stride of 1"),
    (lambda: nn.Conv2d(2, 3, 3, padding_mode="mirror"), "Conv2d: padding_mode"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), "groups=2 must divide in_channels=4 and out_channels=3"),
    (lambda: nn.Conv2d(4, 4, 3, groups=0), "Conv2d: groups"),
    (lambda: nn.Conv2d(0, 4, 3), "Conv2d: in_channels"),
    (lambda: nn.ConvTranspose1d(2, 3, 3, padding_mode="reflect"), "ConvTranspose1d: padding_mode"),
    (lambda: nn.ConvTranspose2d(2, 3, 3, 2, output_padding=2), "output_padding=\\(2, 2\\) must be smaller"),
    (lambda: nn.MaxPool1d(0), "MaxPool1d: kernel_size"),
    (lambda: nn.MaxPool2d(3, padding=2), "MaxPool2d: padding is at most half"),
    (lambda: nn.AvgPool3d(2, stride=(1, 2)), "AvgPool3d: stride"),
    (lambda: nn.AvgPool2d(2, divisor_override=0), "AvgPool2d: divisor_override"),
    (lambda: nn.AdaptiveAvgPool2d((1, 2, 3)), "AdaptiveAvgPool2d: output_size"),
    (lambda: nn.AdaptiveMaxPool1d(0), "AdaptiveMaxPool1d: output_size"),
    (lambda: nn.LPPool2d(0, 2), "LPPool2d: norm_type"),
    (lambda: nn.MaxUnpool2d("2"), "MaxUnpool2d: kernel_size"),
    (lambda: nn.BatchNorm1d(0), "BatchNorm1d: num_features"),
    (lambda: nn.BatchNorm3d(2, eps=-1.0), "BatchNorm3d: eps"),
    (lambda: nn.BatchNorm2d(2, momentum="0.1"), "BatchNorm2d: momentum"),
    (lambda: nn.BatchNormPerActivation(()), "BatchNormPerActivation: normalized_shape"),
    (lambda: nn.LayerNorm((2, 0)), "LayerNorm: normalized_shape"),
    (lambda: nn.RMSNorm(2, eps=float("nan")), "RMSNorm: eps"),
    (lambda: nn.GroupNorm(3, 4), "num_groups=3 must divide num_channels=4"),
    (lambda: nn.InstanceNorm2d(2.0), "InstanceNorm2d: num_features"),
    (lambda: nn.LocalResponseNorm(0), "LocalResponseNorm: size"),
    (lambda: nn.Dropout(1.0), "Dropout: p is the probability"),
    (lambda: nn.Dropout2d(-0.1), "Dropout2d: p is the probability"),
    (lambda: nn.AlphaDropout("0.5"), "AlphaDropout: p is the probability"),
    (lambda: nn.Dropout(0.5, 1), "Dropout: inplace"),
    (lambda: nn.Linear(3, 2.5), "Linear: out_features"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_arguments_out_of_range_are_told_by_layer_and_name(make: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


REFUSED: list[tuple[Any, tuple[int, ...], str]] = [
    (nn.Conv1d(2, 3, 3), (4, 3, 8), "Conv1d"),
    (nn.Conv2d(2, 3, 3), (4, 2, 8), "Conv2d"),
    (nn.Conv2d(2, 3, 3), (4, 2, 2, 8), "Conv2d"),
    (nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"), (2, 1, 4), "Conv2d"),
    (nn.Conv3d(2, 3, 3), (4, 2, 8), "Conv3d"),
    (nn.ConvTranspose2d(2, 3, 3), (4, 3, 8, 8), "ConvTranspose2d"),
    (nn.MaxPool1d(3), (2, 2), "MaxPool1d"),
    (nn.AvgPool2d(3), (3, 3), "AvgPool2d"),
    (nn.AdaptiveAvgPool2d(3), (3,), "AdaptiveAvgPool2d"),
    (nn.GlobalAvgPool(), (3, 2), "GlobalAvgPool"),
    (nn.LPPool1d(2, 2), (4,), "LPPool1d"),
    (nn.BatchNorm1d(3), (2, 3, 4, 5), "BatchNorm1d takes \\(N, C\\) or \\(N, C, L\\)"),
    (nn.BatchNorm2d(3), (2, 4, 5, 5), "BatchNorm2d has 3 channels, got 4"),
    (nn.BatchNorm3d(3), (2, 3, 5, 5), "BatchNorm3d"),
    (nn.BatchNormPerActivation((3, 2)), (4, 2, 3), "BatchNormPerActivation takes samples"),
    (nn.LayerNorm(3), (2, 4), "LayerNorm"),
    (nn.RMSNorm(3), (2, 4), "RMSNorm"),
    (nn.GroupNorm(2, 4, affine=False), (2, 6), "GroupNorm"),
    (nn.InstanceNorm1d(3), (2, 4, 5), "InstanceNorm1d has 3 channels, got 4"),
    (nn.InstanceNorm2d(3), (3, 5), "InstanceNorm2d takes"),
    (nn.LocalResponseNorm(3), (2, 3), "LocalResponseNorm"),
    (nn.Dropout1d(), (4,), "Dropout1d takes"),
    (nn.Dropout3d(), (4, 3), "Dropout3d takes"),
    (nn.Linear(3, 2), (2, 4), "Linear"),
]


@pytest.mark.parametrize(("layer", "shape", "name"), REFUSED, ids=[f"{name}-{shape}" for _, shape, name in REFUSED])
def test_inputs_that_do_not_fit_are_told_by_layer(layer: nn.Module, shape: tuple[int, ...], name: str) -> None:
    with pytest.raises(ShapeError, match=name):
        layer(nc.ones(shape))
    # In a model the message has the path too.
    with pytest.raises(ShapeError, match="layer 1 "):
        nn.Sequential(nn.Identity(), layer)(nc.ones(shape))


def test_nan_stays_in_its_channel_and_a_trainer_forgets_it() -> None:
    x = np.random.default_rng(0).standard_normal((40, 3)).astype("float32")
    spoiled = x.copy()
    spoiled[5, 1] = np.nan
    norm = nn.BatchNorm1d(3)
    assert np.isnan(norm(nc.tensor(spoiled)).detach().numpy()).any(0).tolist() == [False, True, False]
    assert np.isnan(norm.running_mean.numpy()).tolist() == [False, True, False]
    norm = nn.BatchNorm1d(3)
    with pytest.raises(DivergedError, match="the batch's input holds NaN"):
        nc.Trainer(nn.Sequential(norm, nn.Linear(3, 2)), seed=0).fit(
            (spoiled, np.arange(40) % 2), batch_size=10, progress=False
        )
    assert norm.running_mean.tolist() == [0.0, 0.0, 0.0]
