"""`load`: digits, IDX folders, arrays, and what is said where something is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nncore import data
from nncore.data import _folders, _named
from nncore.data._resize import bilinear
from nncore.errors import DataError, FileFormatError

SYSTEM = Path("/usr/share/datasets/fashion-mnist")


def naive_bilinear(image, height, width):
    """The definition, pixel by pixel, in float64."""
    h, w = image.shape
    result = np.empty((height, width))
    for i in range(height):
        for j in range(width):
            y = min(max((i + 0.5) * h / height - 0.5, 0), h - 1)
            x = min(max((j + 0.5) * w / width - 0.5, 0), w - 1)
            y0, x0 = int(y), int(x)
            y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)
            dy, dx = y - y0, x - x0
            top = image[y0, x0] * (1 - dx) + image[y0, x1] * dx
            bottom = image[y1, x0] * (1 - dx) + image[y1, x1] * dx
            result[i, j] = top * (1 - dy) + bottom * dy
    return result


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (9, 31), (3, 5), (1, 1)])
def test_bilinear_is_the_definition(shape):
    images = np.random.default_rng(0).random((3, 2, 8, 7))
    found = bilinear(images, *shape)
    assert found.dtype == np.float32
    for index in np.ndindex(3, 2):
        np.testing.assert_allclose(found[index], naive_bilinear(images[index], *shape), atol=1e-6)


def test_bilinear_keeps_planes_and_means():
    """A plane stays a plane between the outermost centres: a known answer that needs no other implementation."""
    ramp = np.arange(8.0) + np.zeros((8, 1))
    expected = np.clip((np.arange(28) + 0.5) * 8 / 28 - 0.5, 0, 7)
    np.testing.assert_allclose(bilinear(ramp, 28, 28), np.broadcast_to(expected, (28, 28)), atol=1e-6)


def test_digits():
    train, test = data.load("digits")
    assert (len(train), len(test), train.role, test.role) == (1437, 360, "train", "test")
    for part in (train, test):
        assert part.sample_shape == (1, 28, 28) and part.x.dtype == np.float32 and part.y.dtype == np.int64
        assert part.x.min() == 0 and part.x.max() <= 1
        assert part.classes == tuple("0123456789")
    small, _ = data.load("digits", size=8)
    assert small.sample_shape == (1, 8, 8) and np.array_equal(small.y, train.y)
    assert np.array_equal(small.x * 16, np.round(small.x * 16)) and small.x.max() == 1
    assert np.array_equal(bilinear(small.x, 28, 28), train.x)
    assert data.load("digits", size=32)[1].sample_shape == (1, 32, 32)


def test_digits_division_is_stratified():
    """Published counts of optdigits.tes by class, each divided 4 to 1 to within one sample."""
    train, test = data.load("digits", size=8)
    counts = np.array([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert np.array_equal(np.bincount(train.y) + np.bincount(test.y), counts)
    assert np.all(np.abs(np.bincount(test.y) - counts * 360 / 1797) < 1)


def test_digits_are_scikit_learns():
    bunch = pytest.importorskip("sklearn.datasets").load_digits()
    train, test = data.load("digits", size=8)
    ours = [(label, *image.ravel()) for part in (train, test) for label, image in zip(part.y, part.x * 16, strict=True)]
    assert sorted(map(tuple, ours)) == sorted(
        (label, *row) for label, row in zip(bunch.target, bunch.data, strict=True)
    )


def test_digits_are_small_and_attributed():
    folder = Path(data.__file__).parent
    assert (folder / "digits.npz").stat().st_size < 80_000
    assert "CC BY 4.0" in (folder / "ATTRIBUTION").read_text()


def test_nearest_centroid_learns_from_digits():
    """Images and labels belong together: class means recognise most test images."""
    train, test = data.load("digits")
    means = np.stack([train[train.y == label].x.mean(axis=0).ravel() for label in range(10)])
    distances = ((test.x.reshape(-1, 1, 784) - means) ** 2).sum(axis=2)
    assert (distances.argmin(axis=1) == test.y).mean() > 0.85


@pytest.mark.parametrize("size", [7, 0, 28.0, "28", 2000])
def test_bad_size(size):
    with pytest.raises(DataError, match="size is"):
        data.load("digits", size=size)


@pytest.fixture
def four_files(tmp_path):
    """A small IDX folder, one file of it plain; the test set lacks the highest class."""

    def make(folder):
        folder.mkdir(parents=True)
        rng = np.random.default_rng(1)
        for role, count, top in (("train", 20, 10), ("test", 6, 5)):
            images, labels = _folders.FILES[role]
            data.write_idx(folder / f"{images}.gz", rng.integers(0, 256, (count, 4, 5), dtype=np.uint8))
            data.write_idx(
                folder / f"{labels}{'.gz' if role == 'train' else ''}", np.arange(count, dtype=np.uint8) % top
            )
        return folder

    return lambda where="set": make(tmp_path / where)


def test_folder(four_files):
    folder = four_files()
    train, test = data.load(folder)
    assert (len(train), len(test), train.role, test.role, train.name) == (20, 6, "train", "test", "set")
    assert train.sample_shape == (1, 4, 5) and (train.num_classes, test.num_classes) == (10, 10)
    raw = data.read_idx(folder / "train-images-idx3-ubyte.gz")
    assert np.array_equal(train.x[:, 0], (raw / 255.0).astype(np.float32))
    assert train.stored.dtype == np.uint8
    assert len(data.load(str(folder))[1]) == 6


@pytest.mark.parametrize(("where", "root"), [("a", "a"), ("a/fashion-mnist", "a"), ("a/FashionMNIST/raw", "a")])
def test_fashion_by_root(four_files, tmp_path, where, root):
    four_files(where)
    train, _ = data.load("fashion-mnist", root=tmp_path / root)
    assert len(train) == 20 and train.name == "fashion-mnist" and train.classes[9] == "Ankle boot"


def test_fashion_by_environment_and_working_directory(four_files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_named, "FASHION_SYSTEM", [])
    monkeypatch.delenv("NNCORE_DATA", raising=False)
    four_files("data/fashion-mnist")
    assert len(data.load("Fashion_MNIST")[0]) == 20
    other = four_files("elsewhere/fashion-mnist")
    data.write_idx(other / "train-labels-idx1-ubyte.gz", np.full(20, 7, np.uint8))
    monkeypatch.setenv("NNCORE_DATA", str(tmp_path / "elsewhere"))
    assert data.load("fashion-mnist")[0].y.tolist() == [7] * 20


def test_a_shared_folder_itself_is_not_taken(four_files, tmp_path, monkeypatch):
    """MNIST's files have the same names as Fashion-MNIST's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNCORE_DATA", str(four_files("mnist")))
    with pytest.raises(DataError, match="mnist was not found"):
        data.load("mnist")
    monkeypatch.setenv("NNCORE_DATA", str(tmp_path))
    assert data.load("mnist")[0].name == "mnist"


def test_missing_fashion_says_what_to_do(tmp_path):
    with pytest.raises(DataError) as caught:
        data.load("fashion-mnist", root=tmp_path)
    message = str(caught.value)
    assert "apt-get install dataset-fashion-mnist" in message and "root=" in message and str(tmp_path) in message
    assert all(name in message for name in _folders.ALL_FILES)


def test_a_file_of_the_four_is_missing(four_files):
    folder = four_files()
    (folder / "t10k-labels-idx1-ubyte").unlink()
    for call in (lambda: data.load(folder), lambda: data.load("fashion-mnist", root=folder)):
        with pytest.raises(DataError, match="lacks t10k-labels-idx1-ubyte"):
            call()


def test_files_that_do_not_go_together(four_files):
    folder = four_files()
    data.write_idx(folder / "t10k-labels-idx1-ubyte", np.zeros(5, np.uint8))
    with pytest.raises(DataError, match="x has 6 samples and y has 5"):
        data.load(folder)
    data.write_idx(folder / "t10k-images-idx3-ubyte", np.zeros((6, 4, 5), np.int16))
    with pytest.raises(FileFormatError, match="int16"):
        data.load(folder)
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(b"not a gzip file")
    with pytest.raises(FileFormatError, match="train-labels"):
        data.load(folder)


@pytest.mark.skipif(not SYSTEM.is_dir(), reason="Fashion-MNIST is not installed")
def test_fashion_mnist_itself():
    train, test = data.load("fashion-mnist", root=SYSTEM)
    assert (len(train), len(test)) == (60000, 10000) and train.sample_shape == (1, 28, 28)
    assert np.bincount(train.y).tolist() == [6000] * 10 and np.bincount(test.y).tolist() == [1000] * 10
    # The training set's mean and deviation, as everybody's normalisation constants have them.
    assert train.stored.mean() / 255 == pytest.approx(0.2860, abs=1e-4)
    assert train.stored.std() / 255 == pytest.approx(0.3530, abs=1e-4)


def test_arrays():
    ds = data.load((np.zeros((4, 3)), [0, 1, 0, 1]), role="train", classes=["a", "b"], name="mine")
    assert (len(ds), ds.role, ds.classes, ds.name) == (4, "train", ("a", "b"), "mine")
    assert data.load(np.zeros((4, 3))).y is None
    with pytest.raises(DataError, match="tuple of 3"):
        data.load((np.zeros(2), np.zeros(2), np.zeros(2)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.load("digit"), "'digit'.*Did you mean 'digits'"),
        (lambda: data.load("fashionmnist"), "Did you mean 'fashion-mnist'"),
        (lambda: data.load("zzz"), "expected cifar10, cifar100, digits, fashion-mnist, mnist or a path"),
        (lambda: data.load(Path("nowhere")), "no file is called 'nowhere'"),
        (lambda: data.load("digits", root="x"), "unknown option 'root': digits takes size"),
        (lambda: data.load("fashion-mnist", size=8), "unknown option 'size': fashion-mnist takes root"),
        (lambda: data.load(np.zeros(3), x=1), "unknown option 'x'"),
        (lambda: data.load(Path(__file__)), "begins with .*; expected an .npz, .npy or IDX file, or a table"),
    ],
)
def test_what_load_refuses(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_available_names_what_load_takes():
    assert set(data.available()) == {"cifar10", "cifar100", "digits", "fashion-mnist", "mnist"}
    assert all(data.available().values())
