"""Borders, windows, resizing, tables and maps of two inputs against NumPy in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError, NNCoreError, ShapeError

rng = np.random.default_rng(0)


def array(*shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def close(got: nc.Tensor, want: np.ndarray, rtol: float = 1e-10, atol: float = 1e-12) -> None:
    assert got.shape == want.shape
    np.testing.assert_allclose(got.detach().numpy(), want, rtol=rtol, atol=atol)


KINDS = {"Zero": "constant", "Constant": "constant", "Reflection": "reflect", "Replication": "edge", "Circular": "wrap"}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_borders_are_numpys(kind: str, rank: int) -> None:
    x = array(2, 2, *(4, 3, 5)[:rank])
    padding = (1, 2, 2, 0, 0, 1)[: 2 * rank]
    more = {"value": 2.5} if kind == "Constant" else {}
    numpys = {"constant_values": 2.5} if more else {}
    widths = [(0, 0), (0, 0), *((padding[2 * d], padding[2 * d + 1]) for d in reversed(range(rank)))]
    layer = getattr(nn, f"{kind}Pad{rank}d")
    close(layer(padding, **more)(nc.tensor(x)), np.pad(x, widths, mode=KINDS[kind], **numpys))
    single = getattr(nn, f"{kind}Pad{rank}d")(1, **more)(nc.tensor(x[0]))
    close(single, np.pad(x[0], [(0, 0), *[(1, 1)] * rank], mode=KINDS[kind], **numpys))


def test_unfold_and_fold_are_windows() -> None:
    x = array(2, 3, 5, 6)
    view = np.lib.stride_tricks.sliding_window_view(x, (2, 3), (2, 3))[:, :, ::2, :]
    columns = view.transpose(0, 1, 4, 5, 2, 3).reshape(2, 18, -1)
    close(nn.Unfold((2, 3), stride=(2, 1))(nc.tensor(x)), columns)
    # Folding adds up: each element comes back as often as windows hold it.
    counts = nn.Fold((5, 6), (2, 3), stride=(2, 1))(nn.Unfold((2, 3), stride=(2, 1))(nc.ones((1, 1, 5, 6))))
    back = nn.Fold((5, 6), (2, 3), stride=(2, 1))(nc.tensor(columns)).numpy()
    np.testing.assert_allclose(back, x * counts.numpy(), rtol=1e-12)


def test_a_convolution_is_a_product_with_unfolded_windows() -> None:
    layer = nn.Conv2d(3, 4, 3, 2, 1, bias=False).to("float64")
    x = nc.tensor(array(2, 3, 7, 8))
    product = nc.ops.matmul(layer.weight.reshape(4, -1), nn.Unfold(3, 1, 1, 2)(x))
    close(product.reshape(2, 4, 4, 4), layer(x).detach().numpy())


def test_nearest_takes_the_element_at_or_before() -> None:
    x = array(1, 2, 3, 4)
    rows, columns = np.floor(np.arange(5) * 3 / 5).astype(int), np.floor(np.arange(7) * 4 / 7).astype(int)
    want = x[:, :, rows][:, :, :, columns]
    close(nn.Upsample((5, 7))(nc.tensor(x)), want)
    close(nn.UpsamplingNearest2d(size=(5, 7))(nc.tensor(x)), want)
    close(nn.Upsample(scale_factor=2)(nc.tensor(x)), x.repeat(2, 2).repeat(2, 3))


@pytest.mark.parametrize("corners", [True, False])
def test_linear_goes_along_straight_lines(corners: bool) -> None:
    x = array(1, 1, 5)
    places = np.linspace(0, 4, 8) if corners else np.clip((np.arange(8) + 0.5) * 5 / 8 - 0.5, 0, 4)
    want = np.interp(places, np.arange(5), x[0, 0])
    close(nn.Upsample(8, mode="linear", align_corners=corners)(nc.tensor(x)), want[None, None])
    image = nc.tensor(np.repeat(x[:, :, None], 3, axis=2))
    if corners:
        close(nn.UpsamplingBilinear2d((3, 8))(image), np.tile(want, (1, 1, 3, 1)))


def test_shuffles_are_their_definitions() -> None:
    x = array(2, 12, 2, 3)
    up = nn.PixelShuffle(2)(nc.tensor(x))
    for c in range(3):
        for i in range(2):
            for j in range(2):
                np.testing.assert_array_equal(up.numpy()[:, c, i::2, j::2], x[:, c * 4 + i * 2 + j])
    close(nn.PixelUnshuffle(2)(up), x)
    close(nn.ChannelShuffle(3)(nc.tensor(x)), x.reshape(2, 3, 4, 2, 3).swapaxes(1, 2).reshape(x.shape))
    close(nn.Unflatten(1, (3, -1))(nc.tensor(x)), x.reshape(2, 3, 4, 2, 3))


def test_maps_of_two_inputs() -> None:
    a, b = array(5, 3), array(5, 4)
    layer = nn.Bilinear(3, 4, 2).to("float64")
    want = np.einsum("ni,kij,nj->nk", a, layer.weight.detach().numpy(), b) + layer.bias.detach().numpy()
    close(layer(nc.tensor(a), nc.tensor(b)), want)
    assert abs(layer.weight.detach().numpy()).max() <= 3**-0.5 < 2 * abs(layer.weight.detach().numpy()).max()
    x, y = array(4, 3), array(4, 3)
    cosine = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
    close(nn.CosineSimilarity()(nc.tensor(x), nc.tensor(y)), cosine)
    for p in (1.0, 2.0, math.inf):
        distance = np.linalg.norm(x - y + 1e-6, p, axis=1)
        close(nn.PairwiseDistance(p)(nc.tensor(x), nc.tensor(y)), distance)
        assert nn.PairwiseDistance(p, keepdim=True)(nc.tensor(x), nc.tensor(y)).shape == (4, 1)


def test_an_embedding_is_its_rows() -> None:
    layer = nn.Embedding(6, 3, padding_idx=-2)
    table = layer.weight.detach().numpy()
    assert not table[4].any() and abs(table).max() > 0.5
    index = np.array([[0, 4], [5, 0]])
    y = layer(nc.tensor(index))
    np.testing.assert_array_equal(y.detach().numpy(), table[index])
    y.sum().backward()
    np.testing.assert_array_equal(
        layer.weight.grad.numpy(), np.array([[2], [0], [0], [0], [0], [1.0]]) * np.ones((6, 3))
    )
    layer.initialize(3)
    assert not layer.weight.detach().numpy()[4].any() and layer.weight.detach().numpy()[3].any()
    with pytest.raises(NNCoreError, match="Embedding"):
        layer(nc.tensor([6]))


def test_gradients_of_frequent_tokens_are_scaled() -> None:
    layer = nn.Embedding(3, 2, scale_grad_by_freq=True)
    layer(nc.tensor([0, 0, 1])).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad.numpy(), [[1, 1], [1, 1], [0, 0]])


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_rows_that_are_read_are_shortened(dtype: str) -> None:
    layer = nn.Embedding(4, 3, max_norm=1.0, norm_type=1.0).to("float64")
    table = np.array([[3.0, -1, 0], [0.1, 0.2, 0.3], [5, 5, 5], [-2, 0, 0]])
    layer.weight.detach().copy_(table)
    y = layer(nc.tensor(np.array([0, 1, 0, 3], dtype=dtype)))
    want = table / np.array([[4.0], [1], [1], [2]])  # the row that was not read stays
    np.testing.assert_allclose(layer.weight.detach().numpy(), want, rtol=1e-6)
    np.testing.assert_array_equal(y.detach().numpy(), layer.weight.detach().numpy()[[0, 1, 0, 3]])
    y.sum().backward()
    np.testing.assert_array_equal(layer.weight.grad.numpy()[:, 0], [2, 1, 0, 1])
    before = layer.weight.detach().numpy().copy()
    with pytest.raises(NNCoreError):
        layer(nc.tensor(np.array([2, 7], dtype=dtype)))
    np.testing.assert_array_equal(layer.weight.detach().numpy(), before)


def test_a_table_that_is_given() -> None:
    table = nc.tensor(array(5, 2))
    layer = nn.Embedding.from_pretrained(table)
    assert not layer.weight.requires_grad and nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    close(layer(nc.tensor([4, 0])), table.numpy()[[4, 0]])
    assert layer.num_embeddings == 5 and layer.embedding_dim == 2
    with pytest.raises(ShapeError, match="Embedding"):
        nn.Embedding.from_pretrained(nc.ones(3))


@pytest.mark.parametrize("padding", [None, 2])
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_are_reduced(mode: Any, padding: int | None) -> None:
    layer = nn.EmbeddingBag(6, 3, mode=mode, padding_idx=padding).to("float64")
    layer.weight.detach().copy_(array(6, 3))
    table = layer.weight.detach().numpy()
    bags = [[0, 2, 5], [], [2], [1, 1]]

    def reduced(bag: list[int]) -> np.ndarray:
        rows = table[[token for token in bag if token != padding]]
        return getattr(rows, mode)(0) if len(rows) else np.zeros(3)

    tokens = nc.tensor(np.array([token for bag in bags for token in bag]))
    begins = np.cumsum([0, *map(len, bags)])
    want = np.array([reduced(bag) for bag in bags])
    close(layer(tokens, nc.tensor(begins[:-1])), want)
    last = nn.EmbeddingBag(6, 3, mode=mode, padding_idx=padding, include_last_offset=True).to("float64")
    last.load_state_dict(layer.state_dict())
    close(last(tokens, nc.tensor(begins)), want)
    rows = np.array([[0, 2], [2, 2], [5, 1]])
    close(layer(nc.tensor(rows)), np.array([reduced(list(row)) for row in rows]))


def test_bags_of_weighted_rows() -> None:
    layer = nn.EmbeddingBag(4, 2, mode="sum").to("float64")
    table, weights = layer.weight.detach().numpy(), array(2, 3)
    index = np.array([[0, 1, 1], [3, 2, 0]])
    close(layer(nc.tensor(index), None, nc.tensor(weights)), (table[index] * weights[..., None]).sum(1))
    with pytest.raises(InvalidValueError, match="per_sample_weights go with mode='sum'"):
        nn.EmbeddingBag(4, 2)(nc.tensor(index), None, nc.tensor(weights))
    for wrong in (
        lambda: layer(nc.tensor(index), nc.tensor([0])),
        lambda: layer(nc.tensor([1, 2])),
        lambda: layer(nc.tensor(index), None, nc.tensor(weights[0])),
    ):
        with pytest.raises(ShapeError, match="EmbeddingBag"):
            wrong()


WRONG: list[tuple[Any, str]] = [
    (lambda: nn.ZeroPad2d((1, 2, 3)), "ZeroPad2d: padding is an integer or 4"),
    (lambda: nn.ConstantPad1d(1.5, 0.0), "ConstantPad1d: padding"),
    (lambda: nn.ConstantPad3d(1, "0"), "ConstantPad3d: value"),
    (lambda: nn.ReflectionPad1d("1"), "ReflectionPad1d: padding"),
    (lambda: nn.Unflatten(1, (2, 1.5)), "Unflatten: unflattened_size"),
    (lambda: nn.Unflatten(1, (-1, -1)), "Unflatten: unflattened_size"),
    (lambda: nn.Unflatten("c", (2, 3)), "Unflatten: dim"),
    (lambda: nn.Upsample(), "Upsample: give one of size and scale_factor"),
    (lambda: nn.Upsample(3, 2.0), "Upsample: give one of size and scale_factor"),
    (lambda: nn.Upsample(0), "Upsample: size"),
    (lambda: nn.Upsample(scale_factor=(2.0, -1.0)), "Upsample: scale_factor"),
    (lambda: nn.Upsample(2, mode="cubic"), "Upsample: mode"),
    (lambda: nn.Upsample(2, align_corners=True), "Upsample: align_corners"),
    (lambda: nn.UpsamplingNearest2d(), "UpsamplingNearest2d: give one"),
    (lambda: nn.PixelShuffle(0), "PixelShuffle: upscale_factor"),
    (lambda: nn.PixelUnshuffle(1.0), "PixelUnshuffle: downscale_factor"),
    (lambda: nn.ChannelShuffle(-1), "ChannelShuffle: groups"),
    (lambda: nn.Unfold(0), "Unfold: kernel_size"),
    (lambda: nn.Fold((1, 2, 3), 2), "Fold: output_size"),
    (lambda: nn.Bilinear(2, 0, 3), "Bilinear: in2_features"),
    (lambda: nn.CosineSimilarity(1, -1.0), "CosineSimilarity: eps"),
    (lambda: nn.PairwiseDistance("2"), "PairwiseDistance: p"),
    (lambda: nn.Embedding(0, 3), "Embedding: num_embeddings"),
    (lambda: nn.Embedding(3, 3, padding_idx=3), "Embedding: padding_idx is one of the 3 rows, got 3"),
    (lambda: nn.Embedding(3, 3, max_norm=0), "Embedding: max_norm"),
    (lambda: nn.Embedding(3, 3, sparse=True), "Embedding: sparse"),
    (lambda: nn.EmbeddingBag(3, 3, mode="min"), "EmbeddingBag: mode"),
    (lambda: nn.EmbeddingBag(3, 3, mode="max", scale_grad_by_freq=True), "EmbeddingBag: scale_grad_by_freq"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_arguments_out_of_range_are_told_by_layer_and_name(make: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


REFUSED: list[tuple[Any, tuple[int, ...], str]] = [
    (nn.ZeroPad2d(1), (3,), "ZeroPad2d"),
    (nn.ReflectionPad1d(1), (1, 2, 3, 4), "ReflectionPad1d takes"),
    (nn.ReflectionPad1d(3), (2, 3), "ReflectionPad1d"),
    (nn.CircularPad2d(4), (1, 3, 3), "CircularPad2d"),
    (nn.Unflatten(1, (2, 3)), (2, 5), "Unflatten"),
    (nn.Upsample(3, mode="bilinear"), (1, 2, 3), "Upsample takes"),
    (nn.UpsamplingNearest2d(3), (1, 2, 3), "UpsamplingNearest2d takes"),
    (nn.PixelShuffle(2), (1, 6, 2, 2), "PixelShuffle"),
    (nn.PixelUnshuffle(2), (1, 6, 3, 2), "PixelUnshuffle"),
    (nn.ChannelShuffle(2), (1, 3, 2), "ChannelShuffle"),
    (nn.Unfold(3), (1, 2, 2, 2), "Unfold"),
    (nn.Fold(4, 2), (1, 8, 3), "Fold"),
]


@pytest.mark.parametrize(("layer", "shape", "name"), REFUSED, ids=[f"{name}-{shape}" for _, shape, name in REFUSED])
def test_inputs_that_do_not_fit_are_told_by_layer(layer: nn.Module, shape: tuple[int, ...], name: str) -> None:
    with pytest.raises(ShapeError, match=name):
        layer(nc.ones(shape))
