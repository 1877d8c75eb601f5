"""A network's summary beside counts from papers and from hand."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

import nncore as nc
from nncore import nn
from nncore.errors import InvalidValueError


def by_name(found: nc.Summary) -> dict[str, object]:
    return {layer.name: layer for layer in found.layers}


def test_lenet5() -> None:
    # Parameters and multiply-adds of LeCun and others 1998 in the modern, dense version, counted by hand.
    found = nc.summary(nc.create("lenet5"), (1, 1, 28, 28))
    assert (found.parameters, found.trainable, found.macs) == (61_706, 61_706, 416_520)
    assert found.neurons == 6 * 28 * 28 + 16 * 10 * 10 + 120 + 84 + 10
    layers = by_name(found)
    conv = layers["features.3"]
    assert (conv.outputs, conv.macs, conv.parameters) == (((1, 16, 10, 10),), 16 * 100 * 150, 2416)
    assert conv.memory == 1600 * 4
    # 5 pixels, a pool of 2 that doubles the distance, 5 again: 5 + 1 + 4·2; the pool behind adds one distance.
    assert [layers[f"features.{at}"].field for at in (0, 1, 2, 3, 5)] == [(5, 5), (5, 5), (6, 6), (14, 14), (16, 16)]
    assert layers["classifier.1"].field is None


def test_what_is_not_square_and_what_is_dilated() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, (3, 5), stride=(2, 1)), nn.Conv2d(2, 2, 3, dilation=2, bias=False))
    found = nc.summary(model, (2, 1, 20, 20))
    assert found.layers[-2].field == (3 + 2 * 2 * 2, 5 + 2 * 2 * 1) or by_name(found)["1"].field == (11, 9)
    assert (
        by_name(found)["1"].macs
        == 2 * by_name(found)["1"].outputs[0][2] * by_name(found)["1"].outputs[0][3] * 2 * 2 * 9
    )


def test_branches_and_sums() -> None:
    model = nn.Sequential(
        nn.Residual(nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 2, 3, padding=1))),
        nn.Branches(nn.Conv2d(2, 3, 1), nn.Conv2d(2, 3, 5, padding=2)),
        nn.MaxPool2d(2),
    )
    layers = by_name(nc.summary(model, (1, 2, 8, 8)))
    assert layers["0"].field == (5, 5) and layers["1"].field == (9, 9) and layers["2"].field == (10, 10)


@pytest.mark.parametrize(("side", "bound"), [(11, 5), (21, 9)])
def test_fields_are_what_gradients_say(side: int, bound: int) -> None:
    """The pixels with a gradient from one element in the middle span exactly the field."""
    model = nn.Sequential(*(nn.Conv2d(1, 1, 3, init="ones", bias=False) for _ in range(bound // 2)))
    image = nc.ones(1, 1, side, side).requires_grad_()
    out = model(image)
    out[0, 0, out.shape[2] // 2, out.shape[3] // 2].backward()
    rows = np.flatnonzero(image.grad.numpy()[0, 0].any(axis=1))
    assert by_name(nc.summary(model, (1, 1, side, side)))[str(bound // 2 - 1)].field == (np.ptp(rows) + 1,) * 2


def test_shared_layers_and_frozen_ones_count_once() -> None:
    layer = nn.Linear(3, 3)
    model = nn.Sequential(layer, layer).freeze()
    found = nc.summary(model, (5, 3))
    assert (found.parameters, found.trainable, found.macs) == (12, 0, 2 * 5 * 9)
    assert "12 of them frozen" in found.totals()


def test_several_outputs_and_inputs_and_the_mode_stays() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Linear(2, 3), nn.Linear(4, 5)

        def forward(self, a: nc.Tensor, b: nc.Tensor) -> dict[str, nc.Tensor]:
            return {"left": self.left(a), "right": self.right(b)}

    model = Two().train()
    found = nc.summary(model, (7, 2), np.zeros((7, 4), "float32"))
    whole = by_name(found)[""]
    assert whole.outputs == ((7, 3), (7, 5)) and whole.inputs == ((7, 2), (7, 4))
    assert model.training and model.left.training
    assert not any(module._hooks for module in model.modules())


def test_it_prints() -> None:
    found = nc.summary(nc.create("mlp", sizes=[4, 3, 2]), (1, 4))
    text = str(found)
    assert "layers.0  Linear" in text and text.endswith("for an input of 1x4")
    assert json.loads(found.as_json())["parameters"] == 23
    from rich.console import Console

    console = Console(width=120, record=True, file=io.StringIO())
    console.print(found)
    assert "layers.1" in console.export_text()


def test_what_it_refuses() -> None:
    with pytest.raises(InvalidValueError, match="needs an input"):
        nc.summary(nn.Linear(2, 2))
    with pytest.raises(InvalidValueError, match="takes a Module, got int"):
        nc.summary(3, (1, 2))  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="tensors, arrays or shapes"):
        nc.summary(nn.Linear(2, 2), "image")
    with pytest.raises(nc.errors.ShapeError, match="linear"):
        nc.summary(nn.Linear(2, 2), (1, 3))
    nc.summary(nn.Linear(2, 2), (1, 2))


def test_a_layer_that_shrinks_the_image_without_a_word_has_no_field() -> None:
    class Halved(nn.Module):
        def forward(self, input: nc.Tensor) -> nc.Tensor:
            return input[:, :, ::2, ::2]

    found = by_name(nc.summary(nn.Sequential(Halved(), nn.Conv2d(1, 1, 3), nn.ReLU()), (1, 1, 9, 9)))
    assert [found[name].field for name in "012"] == [None, None, None]
