"""Rotations, resized crops, colours, cutouts and mixtures: against their formulas, and that their draws alone decide."""

from __future__ import annotations

import numpy as np
import pytest

import nncore as nc
from nncore import data, ops
from nncore.data import _augment
from nncore.data._augment_mix import symmetric_beta
from nncore.errors import DataError

ROWS = np.arange(200)
RNG = np.random.default_rng(0)
IMAGES = RNG.random((200, 3, 6, 9)).astype(np.float32)
LABELS = RNG.integers(0, 4, 200)
KEY = {"seed": 1, "epoch": 0, "index": ROWS}


def units(stream, *, seed=1, epoch=0, index=ROWS):
    return _augment.draws(seed, epoch, index, stream) / 2**32


def bilinear(image, y, x, fill):
    """One value of each channel at a point between pixels, by the definition."""
    out = 0.0
    for row in (int(np.floor(y)), int(np.floor(y)) + 1):
        for column in (int(np.floor(x)), int(np.floor(x)) + 1):
            inside = 0 <= row < image.shape[1] and 0 <= column < image.shape[2]
            weight = (1 - abs(y - row)) * (1 - abs(x - column))
            out = out + weight * (image[:, row, column].astype(np.float64) if inside else fill)
    return out


def test_vertical_flips_mirror_some():
    found = data.VerticalFlip()(IMAGES, **KEY)
    flipped = [np.array_equal(a, b[:, ::-1]) for a, b in zip(found, IMAGES, strict=True)]
    same = [np.array_equal(a, b) for a, b in zip(found, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(flipped, same, strict=True)) and 65 < sum(flipped) < 135
    both = data.HorizontalFlip()(IMAGES, **KEY)
    assert flipped != [not np.array_equal(a, b) for a, b in zip(both, IMAGES, strict=True)], "drawn by themselves"


@pytest.mark.parametrize("shape", [(3, 6, 9), (1, 7, 7), (2, 9, 4)])
def test_a_rotation_reads_each_pixel_where_it_was(shape):
    x = RNG.random((5, *shape)).astype(np.float32)
    found = data.RandomRotation(60, fill=0.5)(x, seed=1, epoch=0, index=ROWS[:5])
    middle = np.array([(shape[1] - 1) / 2, (shape[2] - 1) / 2])
    for image, turned, unit in zip(x, found, units(4)[:5], strict=True):
        angle = np.deg2rad(60) * (2 * unit - 1)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for place in np.ndindex(*shape[1:]):
            y, at = turn @ (place - middle) + middle
            np.testing.assert_allclose(turned[:, *place], bilinear(image, y, at, 0.5), atol=2e-5)
    assert units(4).min() < 0.05 and units(4).max() > 0.95


def test_a_resized_crop_is_a_part_of_the_image():
    """Pixels that hold their own place tell which part was taken, wherever the border is far."""
    height, width = 40, 60
    places = np.stack(np.meshgrid(np.arange(height) + 0.5, np.arange(width) + 0.5, indexing="ij")).astype(np.float32)
    x = np.tile(places, (200, 1, 1, 1))
    found = data.RandomResizedCrop((20, 30), scale=(0.2, 0.8), ratio=(0.5, 2.0))(x, **KEY).astype(np.float64)
    assert found.shape == (200, 2, 20, 30)
    inner = found[:, :, 5:15, 5:25]
    down, across = np.diff(inner[:, 0], axis=1), np.diff(inner[:, 1], axis=2)
    h, w = down.mean((1, 2)) * 20, across.mean((1, 2)) * 30
    assert np.ptp(down, axis=(1, 2)).max() < 1e-3 and np.abs(np.diff(inner[:, 0], axis=2)).max() < 1e-3
    top = inner[:, 0, 0, 0] - 5.5 * h / 20
    left = inner[:, 1, 0, 0] - 5.5 * w / 30
    assert top.min() > -1e-3 and (top + h).max() < height + 1e-3
    assert left.min() > -1e-3 and (left + w).max() < width + 1e-3
    area, free = w * h / (height * width), (w < width - 1e-2) & (h < height - 1e-2)
    assert area[free].min() > 0.2 - 1e-4 and area[free].max() < 0.8 + 1e-4 and free.sum() > 100
    assert (area < 0.8 + 1e-4).all() and np.ptp(area[free]) > 0.5
    assert (w / h)[free].min() > 0.5 - 1e-3 and (w / h)[free].max() < 2 + 1e-3


def test_a_crop_of_everything_changes_nothing():
    found = data.RandomResizedCrop(scale=(1, 1), ratio=(1.5, 1.5))(IMAGES, **KEY)
    np.testing.assert_allclose(found, IMAGES, atol=1e-5)


def test_colours_are_the_formulas():
    x = IMAGES.astype(np.float64)
    b, c, s = (factor[:, None, None, None] for factor in (0.6 + 0.8 * units(9), 0.7 + 0.6 * units(10), 2 * units(11)))

    def grey(x):
        return np.einsum("bchw,c->bhw", x, [0.299, 0.587, 0.114])[:, None]

    np.testing.assert_allclose(data.ColorJitter(0.4)(IMAGES, **KEY), np.clip(x * b, 0, 1), atol=1e-6)
    contrast = np.clip(x * c + (1 - c) * grey(x).mean((1, 2, 3), keepdims=True), 0, 1)
    np.testing.assert_allclose(data.ColorJitter(contrast=0.3)(IMAGES, **KEY), contrast, atol=1e-6)
    saturation = np.clip(x * s + (1 - s) * grey(x), 0, 1)
    np.testing.assert_allclose(data.ColorJitter(saturation=1)(IMAGES, **KEY), saturation, atol=1e-6)
    steps = data.ColorJitter(0.4)(IMAGES, **KEY)
    for change in (data.ColorJitter(contrast=0.3), data.ColorJitter(saturation=1)):
        steps = change(steps, **KEY)
    np.testing.assert_array_equal(data.ColorJitter(0.4, 0.3, 1)(IMAGES, **KEY), steps)
    assert np.array_equal(data.ColorJitter()(IMAGES, **KEY), IMAGES)
    one = data.ColorJitter(contrast=0.3)(IMAGES[:, :1], **KEY)
    np.testing.assert_allclose(
        one, np.clip(x[:, :1] * c + (1 - c) * x[:, :1].mean((1, 2, 3), keepdims=True), 0, 1), atol=1e-6
    )


def test_cutouts_are_squares_around_any_pixel():
    found = data.Cutout(3, fill=9)(IMAGES, **KEY)
    middles = []
    for image, cut in zip(IMAGES, found, strict=True):
        blank = (cut == 9).all(0)
        assert np.array_equal(cut[:, ~blank], image[:, ~blank])
        (middle,) = (
            place
            for place in np.ndindex(6, 9)
            if np.array_equal(
                blank, [[abs(r - place[0]) <= 1 and abs(c - place[1]) <= 1 for c in range(9)] for r in range(6)]
            )
        )
        middles.append(middle)
    assert len(set(middles)) > 40, "200 draws of 54 places"
    some = data.Cutout(3, fill=9, p=0.5)(IMAGES, **KEY)
    assert 65 < (some == 9).any((1, 2, 3)).sum() < 135
    integers = data.Cutout(2, fill=7)(np.zeros((4, 1, 5, 5), np.uint8), seed=0, epoch=0, index=ROWS[:4])
    assert integers.dtype == np.uint8 and integers.max() == 7


def mixed(change, x=IMAGES, y=LABELS, classes=4, **key):
    return change.mix(x, y, classes=classes, **{**KEY, **key})


def test_mixup_mixes_inputs_and_targets_alike():
    """Inputs that are their own targets stay so, since both are mixed by the same shares."""
    eye = np.eye(4, dtype=np.float32)[LABELS]
    x, y = mixed(data.MixUp(0.4), x=eye * 3)
    np.testing.assert_allclose(x, 3 * y, atol=1e-6)
    assert y.dtype == np.float32 and np.allclose(y.sum(1), 1) and (np.count_nonzero(y, axis=1) <= 2).all()
    own = np.eye(200, dtype=np.float32)
    x, y = mixed(data.MixUp(), x=own, y=own, classes=None)
    assert (
        np.array_equal(x, y) and (np.count_nonzero(x, axis=1) == 2).all() and (np.count_nonzero(x, axis=0) == 2).all()
    )
    share = np.diag(x)
    assert abs(share.mean() - 0.5) < 0.1 and share.min() < 0.05 and share.max() > 0.95
    x, y = mixed(data.MixUp(p=0.5), x=own, y=own, classes=None)
    assert 65 < np.count_nonzero(np.diag(x) == 1) < 135
    one, soft = mixed(data.MixUp(), x=IMAGES[:1], y=LABELS[:1], index=ROWS[:1])
    np.testing.assert_allclose(one, IMAGES[:1], rtol=1e-6)
    assert soft.argmax() == LABELS[0]


@pytest.mark.parametrize("alpha", [0.1, 0.3, 1.0, 4.0])
def test_shares_have_the_beta_distribution(alpha):
    u, v, side = np.random.default_rng(5).random((3, 100_000))
    found = symmetric_beta(alpha, u, v, side)
    assert abs(found.mean() - 0.5) < 0.006
    assert abs(found.var() * 4 * (2 * alpha + 1) - 1) < 0.02, "the variance of Beta(a, a) is 1 / (4 (2 a + 1))"
    reference = np.random.default_rng(6).beta(alpha, alpha, 100_000)
    # Below that a share is lost beside the 0.5 that it is taken from.
    found, reference = (np.clip(each, 1e-12, 1 - 1e-12) for each in (found, reference))
    both = np.sort(np.concatenate([found, reference]))
    gap = np.searchsorted(np.sort(found), both, "right") - np.searchsorted(np.sort(reference), both, "right")
    assert np.abs(gap).max() / 100_000 < 0.01, "Kolmogorov and Smirnov: 0.0087 is passed by 1 of 1000"
    assert symmetric_beta(alpha, *np.zeros((3, 1))).tolist() == [0.5]


def test_cutmix_puts_rectangles_of_others_and_counts_them():
    x = np.broadcast_to(np.arange(200, dtype=np.float32)[:, None, None, None], (200, 2, 8, 12)).copy()
    rows = np.eye(200, dtype=np.float32)
    found, y = mixed(data.CutMix(), x=x, y=rows, classes=None)
    areas = []
    for at, (image, target) in enumerate(zip(found, y, strict=True)):
        assert np.array_equal(image[0], image[1])
        other = image[0] != at
        areas.append(other.mean())
        assert abs(target[at] - (1 - other.mean())) < 1e-6 and abs(target.sum() - 1) < 1e-6
        if other.any():
            r, c = np.nonzero(other)
            assert other[r.min() : r.max() + 1, c.min() : c.max() + 1].all(), "a rectangle"
            assert len(np.unique(image[0][other])) == 1 and target[int(image[0][other][0])] > 0
    assert max(areas) > 0.8 and 0.2 < np.mean(areas) < 0.5


CHANGES = [
    data.VerticalFlip(),
    data.RandomRotation(20),
    data.RandomResizedCrop(scale=(0.3, 1)),
    data.ColorJitter(0.2, 0.2, 0.2),
    data.Cutout(3, p=0.7),
]


@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_seed_epoch_and_row_decide(change):
    kept = IMAGES.copy()
    whole = change(IMAGES, seed=5, epoch=3, index=ROWS)
    picked = np.array([150, 3, 77])
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(change(IMAGES[picked], seed=5, epoch=3, index=picked), whole[picked])
    for seed, epoch in ((6, 3), (5, 4)):
        assert not np.array_equal(change(IMAGES, seed=seed, epoch=epoch, index=ROWS), whole)
    assert np.array_equal(IMAGES, kept), "the samples themselves were changed"


def test_a_run_that_is_resumed_sees_the_same_batches():
    train = data.ArrayDataset(IMAGES, LABELS, role="train")
    changes = [*CHANGES, data.RandomCrop(1), data.HorizontalFlip(), data.MixUp(0.3), data.CutMix(p=0.5)]
    batches = train.batches(32, shuffle=True, seed=3, augment=changes)
    first = [[(x.numpy().copy(), y.numpy().copy()) for x, y in batches] for _ in range(2)]
    assert not np.array_equal(first[0][0][0], first[1][0][0])
    again = train.batches(32, shuffle=True, seed=3, augment=changes)
    again.resume(epoch=1, batch=4)
    for (x, y), (a, b) in zip(again, first[1][4:], strict=True):
        assert np.array_equal(x.numpy(), a) and np.array_equal(y.numpy(), b)
    assert np.array_equal(train.x, IMAGES) and np.array_equal(train.y, LABELS)


def test_a_network_learns_from_soft_labels():
    train = data.ArrayDataset(IMAGES, LABELS, role="train")
    _, y = next(iter(train.batches(32, seed=3, augment=data.MixUp())))
    logits = nc.tensor(RNG.normal(size=(32, 4)).astype(np.float32))
    z = logits.numpy().astype(np.float64)
    expected = -(y.numpy() * (z - np.log(np.exp(z).sum(1, keepdims=True)))).sum(1).mean()
    assert abs(ops.cross_entropy(logits, y).item() - expected) < 1e-5


def batch(x=IMAGES, y=LABELS, **more):
    return lambda change: next(iter(data.ArrayDataset(x, y, role="train", **more).batches(8, augment=change)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.RandomRotation(0), "degrees is 0; expected a number above 0, at most 180"),
        (lambda: data.RandomRotation(181), "degrees is 181"),
        (lambda: data.RandomRotation(10, fill=float("nan")), "fill is nan; expected a finite number"),
        (lambda: data.RandomResizedCrop(0), "size is 0"),
        (lambda: data.RandomResizedCrop((1, 2, 3)), r"size is \(1, 2, 3\)"),
        (lambda: data.RandomResizedCrop(scale=(0.5, 2)), "scale is 2; expected a number above 0, at most 1"),
        (lambda: data.RandomResizedCrop(scale=(0.5, 0.2)), r"scale is \(0.5, 0.2\); expected \(least, largest\)"),
        (lambda: data.RandomResizedCrop(ratio=1), r"ratio is 1; expected \(least, largest\)"),
        (lambda: data.ColorJitter(-1), "brightness is -1; expected a number of 0 or more"),
        (lambda: data.Cutout(0), "size is 0"),
        (lambda: data.Cutout(1, p=2), "p is 2; expected a probability"),
        (lambda: data.MixUp(0), "alpha is 0; expected a number above 0"),
        (lambda: data.CutMix(p=-1), "p is -1"),
        (lambda: data.VerticalFlip("a"), "p is 'a'"),
        (lambda: batch(IMAGES[:, :1])(data.ColorJitter(saturation=1)), "shape .8, 1, 6, 9.; expected three channels"),
        (lambda: batch(np.zeros((200, 5)))(data.CutMix()), r"CutMix was given x of shape \(8, 5\); expected images"),
        (lambda: batch(y=None)(data.MixUp()), "MixUp was given no targets; expected labels, or floats"),
        (lambda: batch(targets="values")(data.MixUp()), "MixUp was given targets of dtype int64"),
        *(
            (
                lambda change=change: batch(np.zeros((200, 3, 4, 4), np.uint8))(change),
                "uint8; expected floats.*scale=255",
            )
            for change in (*CHANGES[1:4], data.MixUp(), data.CutMix())
        ),
        *(
            (lambda change=change: batch(np.zeros((200, 3)))(change), r"given x of shape \(8, 3\); expected images")
            for change in CHANGES
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_accuracy_takes_soft_labels_for_the_largest_share():
    accuracy = nc.registry.metrics["accuracy"]()
    accuracy.update(nc.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), nc.tensor([[0.6, 0.4], [0.3, 0.7], [0.1, 0.9]]))
    assert abs(accuracy.compute() - 2 / 3) < 1e-12
