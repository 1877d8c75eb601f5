"""Data sets from the network, here a server in this process: kept whole or not at all, and what is said where it fails."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from nncore import data
from nncore.data import Remote, _cifar, _named
from nncore.errors import DataError, FileFormatError


class Handler(SimpleHTTPRequestHandler):
    """Serves files, counts them, and breaks off in the middle of those that it is told to."""

    asked: list[str]
    broken: set[str]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.asked.append(name)
        if name not in self.broken:
            return super().do_GET()
        content = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        return None


class Site:
    """A folder that is served, and what was asked of it."""

    def __init__(self, folder: Path, port: int, handler: type[Handler]) -> None:
        self.folder, self.port = folder, port
        self.asked, self.broken = handler.asked, handler.broken

    def remote(self, name: str, content: bytes) -> Remote:
        (self.folder / name).write_bytes(content)
        return Remote(f"http://127.0.0.1:{self.port}/{name}", f"sha256:{hashlib.sha256(content).hexdigest()}")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    pytest.importorskip("pooch")
    folder = tmp_path / "site"
    folder.mkdir()
    handler = type("Here", (Handler,), {"asked": [], "broken": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Site(folder, server.server_address[1], handler)
        server.shutdown()
        thread.join()


@pytest.fixture
def mnist(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Four small files of MNIST's form on the server, and where they are to be kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNCORE_DATA", str(tmp_path / "kept"))
    remote = []
    for name in _named.ALL_FILES:
        count = 30 if name.startswith("train") else 10
        values = (
            np.arange(count * 6, dtype=np.uint8).reshape(count, 3, 2) if "images" in name else np.arange(count) % 10
        )
        data.write_idx(tmp_path / "made", values.astype(np.uint8))
        remote.append(site.remote(f"{name}.gz", gzip.compress((tmp_path / "made").read_bytes())))
    monkeypatch.setattr(_named, "MNIST_FILES", remote)
    return tmp_path / "kept" / "mnist"


def test_what_is_missing_is_downloaded_once(site: Site, mnist: Path) -> None:
    train, test = data.load("mnist")
    assert (len(train), len(test), train.num_classes, train.sample_shape) == (30, 10, 10, (1, 3, 2))
    assert sorted(path.name for path in mnist.iterdir()) == sorted(f"{name}.gz" for name in _named.ALL_FILES)
    assert len(site.asked) == 4
    assert np.array_equal(data.load("mnist")[0].x, train.x) and len(site.asked) == 4, "the second time it is here"
    (mnist / f"{_named.ALL_FILES[2]}.gz").unlink()
    data.load("mnist")
    assert site.asked[4:] == [f"{_named.ALL_FILES[2]}.gz"], "the one that is missing, and no other"


def test_a_download_that_breaks_off_leaves_nothing_of_that_file(site: Site, mnist: Path) -> None:
    name = f"{_named.ALL_FILES[1]}.gz"
    site.broken.add(name)
    with pytest.raises(DataError) as caught:
        data.load("mnist")
    assert [path.name for path in mnist.iterdir()] == [f"{_named.ALL_FILES[0]}.gz"], "what came before it is kept"
    assert f"/{name}" in str(caught.value)
    site.broken.clear()
    assert len(data.load("mnist")[0]) == 30


def test_another_file_under_that_name_is_refused(site: Site, mnist: Path) -> None:
    name = f"{_named.ALL_FILES[0]}.gz"
    (site.folder / name).write_bytes(gzip.compress(b"something else"))
    with pytest.raises(
        DataError, match="damaged or another file: its checksum is not sha256:.* Nothing was kept"
    ) as caught:
        data.load("mnist")
    assert str(mnist / name) in str(caught.value) and not list(mnist.glob("*"))


def test_a_file_that_is_gone_and_a_server_that_is_gone_are_told(
    site: Site, mnist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.folder / f"{_named.ALL_FILES[0]}.gz").unlink()
    with pytest.raises(DataError, match="could not be downloaded: 404") as caught:
        data.load("mnist")
    for name in _named.ALL_FILES:  # where each is to be had, and where to put it
        assert f":{site.port}/{name}.gz as {mnist / name}.gz" in str(caught.value)
    monkeypatch.setattr(_named, "MNIST_FILES", [Remote("http://127.0.0.1:9/x.gz", "md5:0")])
    with pytest.raises(DataError, match="mnist was not found in .*could not be downloaded: .*by hand: http://127"):
        data.load("mnist")
    assert not list(mnist.glob("*"))


def test_without_pooch_the_way_is_told(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DataError, match=r"pip install 'nncore\[download\]'.*put these files there by hand: http"):
        data.load("mnist")


def test_a_folder_that_cannot_be_written_to_is_told(site: Site, mnist: Path) -> None:
    mnist.parent.write_text("a file where the folder should be")
    with pytest.raises(DataError, match="could not be downloaded: .*kept"):
        data.load("mnist")


def test_nothing_is_downloaded_where_that_is_not_wanted(site: Site, mnist: Path, tmp_path: Path) -> None:
    for options in ({"download": False}, {"root": tmp_path}):
        with pytest.raises(DataError, match="mnist was not found"):
            data.load("mnist", **options)
    assert site.asked == []


def archive(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as made:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return held.getvalue()


def records(count: int, *labels: int) -> bytes:
    """Records of CIFAR's form: labels, then three planes of pixels."""
    rows = np.zeros((count, len(labels) + 3072), np.uint8)
    rows[:, : len(labels)] = labels
    rows[:, len(labels) :] = np.arange(3072) // 1024 * 100
    rows[:, len(labels)] = np.arange(count)  # the first pixel tells which record it is
    return rows.tobytes()


def test_cifar10_is_read_from_its_archive(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNCORE_DATA", str(tmp_path / "kept"))
    batches = {f"cifar-10-batches-bin/data_batch_{k}.bin": records(4, k) for k in range(1, 6)}
    content = archive({**batches, "cifar-10-batches-bin/test_batch.bin": records(3, 9)})
    monkeypatch.setattr(_cifar, "TEN", site.remote("cifar-10-binary.tar.gz", content))
    train, test = data.load("cifar10")
    assert (len(train), len(test), train.sample_shape, train.classes[9]) == (20, 3, (3, 32, 32), "truck")
    assert train.y.tolist() == [k for k in range(1, 6) for _ in range(4)] and test.y.tolist() == [9] * 3
    assert train.stored[5, 0, 0, 0] == 1 and train.stored[5, 0, 31, 31] == 0 and train.stored[5, 2, 0, 0] == 200
    assert train.x.max() == np.float32(200 / 255)
    with tarfile.open(tmp_path / "kept" / "cifar10" / "cifar-10-binary.tar.gz") as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    assert np.array_equal(data.load("cifar10", root=tmp_path / "unpacked")[0].stored, train.stored)


def test_cifar100_has_the_fine_labels(tmp_path: Path) -> None:
    names = "\n".join(f"kind{k}" for k in range(100))
    members = {"train.bin": records(2, 3, 77), "test.bin": records(1, 1, 5), "fine_label_names.txt": names.encode()}
    (tmp_path / "cifar-100-binary.tar.gz").write_bytes(
        archive({f"cifar-100-binary/{n}": c for n, c in members.items()})
    )
    train, test = data.load("cifar100", root=tmp_path)
    assert train.y.tolist() == [77, 77] and test.y.tolist() == [5] and train.classes[77] == "kind77"


def test_an_archive_that_was_cut_short_is_told(tmp_path: Path) -> None:
    whole = archive({"data_batch_1.bin": records(2, 1) + bytes(range(256)) * 40})
    for content, words in ((whole, "has 16386 bytes"), (whole[:200], "cut short"), (archive({}), "lacks data_batch_1")):
        (tmp_path / "cifar-10-binary.tar.gz").write_bytes(content)
        with pytest.raises((FileFormatError, DataError), match=words):
            data.load("cifar10", root=tmp_path)
    with pytest.raises(DataError, match="cifar100 was not found in .*expected cifar-100-binary.tar.gz"):
        data.load("cifar100", root=tmp_path)


def test_the_checksums_of_what_is_downloaded_have_their_form() -> None:
    for name in ("mnist", "fashion-mnist", "cifar10", "cifar100"):
        assert name in data.available()
    for remote in (*_named.FASHION_FILES, *_named.MNIST_FILES, _cifar.TEN, _cifar.HUNDRED):
        assert remote.url.startswith("http") and remote.checksum.partition(":")[0] in ("md5", "sha256")
