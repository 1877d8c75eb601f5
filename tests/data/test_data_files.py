"""Files that `load` finds out about by itself: `.npz`, `.npy`, IDX and tables in text; and `save`."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from nncore import data
from nncore.errors import DataError, FileFormatError


@pytest.mark.parametrize(
    ("y", "options"),
    [
        ([0, 1, 1], {"classes": ["cat", "dog", "eel"], "role": "test", "name": "pets", "scale": 7}),
        ([0, 1, 1], {"classes": 5}),
        ([[0.5], [1.5], [2.5]], {"targets": "values"}),
        ([0, 1, 1], {"targets": "values"}),
        (None, {"role": "train"}),
    ],
)
def test_what_is_saved_comes_back(tmp_path, y, options):
    ds = data.ArrayDataset(np.arange(6, dtype=np.uint8).reshape(3, 2), y, **options)
    ds.save(tmp_path / "ds.npz")
    again = data.load(tmp_path / "ds.npz")
    assert again.stored.dtype == np.uint8 and np.array_equal(again.x, ds.x) and again.scale == ds.scale
    assert (again.y is None) == (y is None) and (y is None or np.array_equal(again.y, ds.y))
    assert (again.classes, again.num_classes, again.role) == (ds.classes, ds.num_classes, ds.role)
    assert again.name == (ds.name or "ds")
    assert [path.name for path in tmp_path.iterdir()] == ["ds.npz"], "something was left beside the file"


def test_npz_of_others(tmp_path):
    path = tmp_path / "mnist.npz"
    x, y = np.zeros((4, 2, 2), np.uint8), np.array([0, 1, 2, 1])
    np.savez(path, x_train=x, y_train=y, x_test=x[:2], y_test=y[:2])
    train, test = data.load(path, scale=255)
    assert (train.role, test.role, len(train), len(test)) == ("train", "test", 4, 2)
    assert train.num_classes == test.num_classes == 3 and train.x.dtype == np.float32
    np.savez(path, images=x, digits=y)
    assert data.load(path, x="images", y="digits").y.tolist() == [0, 1, 2, 1]
    with pytest.raises(DataError, match=r"mnist\.npz: holds the arrays 'images', 'digits'; expected 'x'"):
        data.load(path)
    with pytest.raises(DataError, match="unknown option 'target'"):
        data.load(path, target=1)
    np.savez(path, only=x)
    assert data.load(path).sample_shape == (2, 2)


def test_npz_that_is_damaged_or_pickled(tmp_path):
    path = tmp_path / "bad.npz"
    np.savez(path, x=np.array([{}], dtype=object))
    with pytest.raises(FileFormatError, match=r"bad\.npz: no readable"):
        data.load(path)
    path.write_bytes(b"PK\3\4 and then nothing")
    with pytest.raises(FileFormatError, match=r"bad\.npz: no readable"):
        data.load(path)
    path.write_bytes(b"hello")
    with pytest.raises(FileFormatError, match="zip archive"):
        data.load(path)
    with pytest.raises(DataError, match=r"ends in \.npz"):
        data.ArrayDataset([1.0]).save(tmp_path / "x.csv")


def test_single_npy_and_idx_files(tmp_path):
    values = np.arange(12, dtype=np.int32).reshape(3, 4)
    np.save(tmp_path / "a.npy", values)
    data.write_idx(tmp_path / "b.idx", values)
    data.write_idx(tmp_path / "c.gz", values)
    for name in ("a.npy", "b.idx", "c.gz"):
        ds = data.load(tmp_path / name, role="train")
        assert np.array_equal(ds.x, values) and ds.name == name[0] and ds.role == "train"
    (tmp_path / "d.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(FileFormatError, match="IDX"):
        data.load(tmp_path / "d.gz")


def table(folder, text, name="t.csv", **options):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return data.load(path, **options)


def test_a_table_with_a_header_and_text_labels(tmp_path):
    ds = table(tmp_path, "\ufeffa,b,kind\n1,2,dog\n3,4,cat\n\n5,6.5e1,dog\n")
    assert ds.x.tolist() == [[1, 2], [3, 4], [5, 65]] and ds.x.dtype == np.float32
    assert ds.y.tolist() == [1, 0, 1] and ds.classes == ("cat", "dog") and ds.name == "t"


def test_the_target_may_be_any_column(tmp_path):
    text = "y,a,b\n0,2,3\n1,5,6\n"
    for target in ("y", 0, -3):
        ds = table(tmp_path, text, target=target)
        assert ds.x.tolist() == [[2, 3], [5, 6]] and ds.y.tolist() == [0, 1]
    ds = table(tmp_path, text, target=None)
    assert ds.y is None and ds.sample_shape == (3,)


@pytest.mark.parametrize(
    ("column", "targets", "y", "classes"),
    [
        ("0 1 2 1", "auto", [0, 1, 2, 1], 3),
        ("1 2 3 1", "auto", [1, 2, 3, 1], None),
        ("1 2 3 1", "labels", [0, 1, 2, 0], ("1", "2", "3")),
        ("0.5 2 3 1", "auto", [0.5, 2, 3, 1], None),
        ("0 1 0 1", "values", [0, 1, 0, 1], None),
        ("10 9 ten 9", "auto", [0, 1, 2, 1], ("10", "9", "ten")),
    ],
)
def test_which_targets_are_labels(tmp_path, column, targets, y, classes):
    ds = table(tmp_path, "".join(f"1.5,{cell}\n" for cell in column.split()), targets=targets)
    assert ds.y.tolist() == y
    assert (ds.classes or ds.num_classes) == classes


def test_no_header_tabs_and_other_delimiters(tmp_path):
    assert table(tmp_path, "1,2\n3,4\n", target=None).x.tolist() == [[1, 2], [3, 4]]
    assert table(tmp_path, "1\t2\n3\t4\n", name="t.tsv", target=None).x.tolist() == [[1, 2], [3, 4]]
    assert table(tmp_path, "1;2\n3;4\n", target=None, delimiter=";").x.tolist() == [[1, 2], [3, 4]]
    assert table(tmp_path, "1,2\n3,4\n", target=None, header=True).x.tolist() == [[3, 4]]


def test_missing_values(tmp_path):
    text = "a,b\n1,2\nNA,3\n4,?\n5,6\n"
    with pytest.raises(DataError, match=r"t\.csv:3: column 'a' is missing \(the cell is 'NA'\).*missing=\"drop\""):
        table(tmp_path, text)
    assert table(tmp_path, text, missing="drop").x.tolist() == [[1], [5]]
    with pytest.raises(DataError, match="no sample is left"):
        table(tmp_path, "a,b\n1,\n", missing="drop")


@pytest.mark.parametrize(
    ("text", "options", "error", "message"),
    [
        ("a,b\n1,2\n3\n", {}, FileFormatError, r"t\.csv:3: 1 cells; expected 2"),
        ("a,b\n1,2\nx,4\n", {}, DataError, r"t\.csv:3: column 'a' is 'x'; expected a number"),
        ("x,1\n2,3\n", {}, DataError, r"t\.csv:1: column '0' is 'x'.*header=True"),
        ("a,b\n1,2\n", {"target": "c"}, DataError, "expected one of the columns a, b"),
        ("1,2\n", {"target": "c"}, DataError, "first line is no header"),
        ("1,2\n", {"target": 2}, DataError, "target is 2"),
        ("1;2\n", {}, DataError, "one column.*delimiter"),
        ("", {}, DataError, "is empty"),
        ("a,b\n", {}, DataError, "no sample"),
        ("1,x\n", {"targets": "values"}, DataError, "column '1': targets are text, such as 'x'"),
        ("1,2\n", {"targets": "words"}, DataError, "targets is 'words'"),
        ("1,2\n", {"missing": "mean"}, DataError, "missing is 'mean'"),
        ("1,2\n", {"delimiter": ", "}, DataError, "expected one character"),
        ("1,2\n", {"classes": 2}, DataError, "unknown option 'classes': a CSV file takes target"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, options, error, message):
    with pytest.raises(error, match=message):
        table(tmp_path, text, **options)


def test_a_table_that_is_no_utf8(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,\xff\n")
    with pytest.raises(FileFormatError, match=r"t\.csv:.*UTF-8"):
        data.load(tmp_path / "t.csv")
