"""Folders of pictures."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from nncore import data
from nncore.errors import DataError, FileFormatError

pillow = pytest.mark.skipif(importlib.util.find_spec("PIL") is None, reason="Pillow is not installed")


def draw(path, colour, size=(5, 4), mode="RGB"):
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)


def test_without_pillow_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "1.PNG").touch()
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match=r"takes Pillow; install it: pip install 'nncore\[images\]'"):
        data.load(tmp_path)


@pillow
def test_a_folder_for_each_class(tmp_path):
    draw(tmp_path / "dog" / "a.png", (10, 20, 30))
    draw(tmp_path / "cat" / "deep" / "b.PNG", (40, 50, 60))
    draw(tmp_path / "cat" / "a.bmp", (1, 2, 3))
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    ds = data.load(tmp_path, role="train")
    assert ds.classes == ("cat", "dog") and ds.y.tolist() == [0, 0, 1] and ds.role == "train"
    assert ds.stored.dtype == np.uint8 and ds.stored.shape == (3, 3, 4, 5)
    assert ds.stored[:, :, 0, 0].tolist() == [[1, 2, 3], [40, 50, 60], [10, 20, 30]]
    assert np.array_equal(ds.x[2, :, 0, 0], np.float32([10, 20, 30]) / np.float32(255))


@pillow
def test_size_and_grey(tmp_path):
    draw(tmp_path / "a" / "1.png", (255, 255, 255))
    draw(tmp_path / "b" / "2.png", (0, 0, 0), size=(9, 9))
    with pytest.raises(DataError, match=r"2\.png has 9x9 pixels, and .*1\.png 4x5; pass size="):
        data.load(tmp_path)
    assert data.load(tmp_path, size=(2, 3)).sample_shape == (3, 2, 3)
    ds = data.load(tmp_path, size=6, grey=True)
    assert ds.sample_shape == (1, 6, 6) and ds.x[:, 0, 0, 0].tolist() == [1, 0]
    for size in (0, (1, 2, 3), "8"):
        with pytest.raises(DataError, match="size"):
            data.load(tmp_path, size=size)


@pillow
def test_parts_number_the_classes_alike(tmp_path):
    for place in ("train/a", "train/b", "train/c", "test/b", "val/c"):
        draw(tmp_path / place / "1.png", (0, 0, 0))
    train, val, test = data.load(tmp_path)
    assert [part.role for part in (train, val, test)] == ["train", "validation", "test"]
    assert (train.y.tolist(), val.y.tolist(), test.y.tolist()) == ([0, 1, 2], [2], [1])
    assert train.classes == test.classes == ("a", "b", "c")
    with pytest.raises(DataError, match="parts of its own"):
        data.load(tmp_path, role="train")


@pillow
def test_files_that_do_not_decode_are_named(tmp_path):
    draw(tmp_path / "a" / "good.png", (0, 0, 0))
    (tmp_path / "a" / "bad.png").write_bytes(b"no picture")
    (tmp_path / "a" / "cut.png").write_bytes((tmp_path / "a" / "good.png").read_bytes()[:40])
    with pytest.raises(FileFormatError, match=r"(?s)bad\.png.*cut\.png") as caught:
        data.load(tmp_path)
    assert "good.png" not in str(caught.value)
    (tmp_path / "a" / "bad.png").unlink()
    (tmp_path / "a" / "cut.png").unlink()
    draw(tmp_path / "a" / "deep.png", 1000, mode="I;16")
    with pytest.raises(DataError, match=r"deep\.png: has mode I;16"):
        data.load(tmp_path)


@pillow
def test_pictures_that_lie_in_no_class(tmp_path):
    draw(tmp_path / "1.png", (0, 0, 0))
    with pytest.raises(DataError, match="in folders, one for each class"):
        data.load(tmp_path)
    with pytest.raises(DataError, match="unknown option 'scale': a folder of pictures takes size, grey"):
        data.load(tmp_path, scale=3)
