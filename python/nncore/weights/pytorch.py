"""Files that `torch.save` has written: the archives of today, and the plain pickles from before PyTorch 1.6."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from typing import Any, BinaryIO

import numpy as np

from nncore.errors import FileFormatError
from nncore.weights.records import Bytes, Storage
from nncore.weights.unpickle import unpickle

__all__ = ["Archive", "Pickles", "is_archive", "is_pickle"]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_LARGEST_PICKLE = 1 << 28


def is_archive(head: bytes) -> bool:
    """Whether a file that begins like this is a zip archive."""
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_pickle(head: bytes) -> bool:
    """Whether a file that begins like this is a pickle of protocol 2 or later."""
    return head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


class Archive:
    """A zip archive: `NAME/data.pkl`, and `NAME/data/KEY` for each storage.

    Attributes:
        content: What was saved, with a `View` for each tensor.
        big: Whether elements lie with their first byte first.
    """

    content: Any
    big: bool

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._length = file, length
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
        self._entries = {entry.filename: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise FileFormatError("the archive has two entries of one name")
        entries.sort(key=lambda entry: entry.header_offset)
        if entries and not 0 <= entries[0].header_offset <= entries[-1].header_offset <= length:
            raise FileFormatError("the archive's list of entries is damaged: they do not lie in the file")
        for entry, later in itertools.pairwise(entries):
            # So that all entries together are no larger than the file.
            if entry.header_offset + 30 + entry.compress_size > later.header_offset:
                raise FileFormatError(f"entries {entry.filename!r} and {later.filename!r} of the archive overlap")
        found = [name for name in self._entries if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(found) != 1:
            raise FileFormatError(
                "an archive that torch.save has not written: it has no entry NAME/data.pkl, but "
                + ", ".join(map(repr, list(self._entries)[:5]))
            )
        self._folder = found[0].removesuffix("data.pkl")
        if f"{self._folder}constants.pkl" in self._entries:
            raise FileFormatError(
                "the archive is a program of torch.jit; torch.save(torch.jit.load(path).state_dict(), ...) makes weights of it"
            )
        order = "little"
        if f"{self._folder}byteorder" in self._entries:
            order = self._record("byteorder", 16).tobytes().decode("ascii")
        if order not in ("little", "big"):
            raise FileFormatError(f"the order of bytes is {order!r}, where 'little' or 'big' is expected")
        self.big = order == "big"
        self.content = unpickle(io.BytesIO(self._record("data.pkl", _LARGEST_PICKLE).data))

    def read(self, storage: Storage) -> Bytes:
        """The bytes of a storage."""
        found = self._record(f"data/{storage.key}", self._length)
        if len(found) < storage.nbytes:
            raise FileFormatError(
                f"storage {storage.key!r} of {storage.count} {storage.element} has {len(found)} bytes; it is cut off"
            )
        return found

    def _record(self, name: str, limit: int) -> Bytes:
        """An entry's bytes. `torch.save` never compresses, so none can be larger than the file."""
        entry = self._entries.get(self._folder + name)
        if entry is None:
            raise FileFormatError(f"the archive has no entry {name!r}")
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise FileFormatError(f"entry {name!r} is compressed or encrypted, which torch.save never does")
        if entry.file_size > limit:
            raise FileFormatError(f"entry {name!r} has {entry.file_size} bytes, {limit} at most are expected")
        self._file.seek(entry.header_offset)
        head = self._file.read(30)
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise FileFormatError(f"entry {name!r} is not where the archive says")
        lengths = struct.unpack("<HH", head[26:30])
        found = _bytes_at(self._file, entry.header_offset + 30 + sum(lengths), entry.file_size, self._length)
        # 0 stands for none, as `torch.serialization.set_crc32_options(False)` writes it.
        if entry.CRC and zlib.crc32(found.data) != entry.CRC:
            raise FileFormatError(f"entry {name!r} has another checksum than it was saved with; the file is damaged")
        return found


class Pickles:
    """The format before archives: five pickles, then for each storage its number of elements and its bytes.

    Attributes:
        content: What was saved, with a `View` for each tensor.
        big: Whether elements lie with their first byte first: never in this format.
    """

    content: Any
    big = False

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._length = file, length
        source = _Bounded(file, length)
        if unpickle(source) != _MAGIC:
            raise FileFormatError("a pickle that torch.save has not written")
        version, system = unpickle(source), unpickle(source)
        if version != _PROTOCOL or type(system) is not dict:
            raise FileFormatError(f"protocol {version!r} of torch.save, where {_PROTOCOL} is expected")
        storages: dict[str, Storage] = {}
        self.content = unpickle(source, storages)
        keys = unpickle(source)
        if type(keys) is not list or not all(type(key) is str and key in storages for key in keys):
            raise FileFormatError("the list of storages is damaged")
        self._places: dict[str, tuple[int, int]] = {}
        # They lie one after the other, and each tells of how many elements it is.
        at = file.tell()
        for key in keys:
            file.seek(at)
            count = int.from_bytes(file.read(8), "little") * storages[key].width
            self._places[key] = at + 8, count
            at += 8 + count
            if at > length:
                raise FileFormatError(f"the file is cut off: {at} bytes are expected, and it has {length}")

    def read(self, storage: Storage) -> Bytes:
        """The bytes of a storage."""
        if storage.key not in self._places:
            raise FileFormatError(f"the file has no storage {storage.key!r}")
        at, count = self._places[storage.key]
        if count < storage.nbytes:
            raise FileFormatError(f"storage {storage.key!r} has {count} bytes, {storage.nbytes} are expected")
        return _bytes_at(self._file, at, count, self._length)


class _Bounded:
    """A file whose reads ask for no more than there is, so that a damaged length takes no memory."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._length = file, length

    def read(self, count: int, /) -> bytes:
        return self._file.read(max(0, min(count, self._length - self._file.tell())))

    def readline(self) -> bytes:
        return self._file.readline(1 << 16)

    def tell(self) -> int:
        return self._file.tell()


def _bytes_at(file: BinaryIO, begin: int, count: int, length: int) -> Bytes:
    """So many bytes of a file, which has so many."""
    if count > length - begin:
        raise FileFormatError(f"the file is cut off: {begin + count} bytes are expected, and it has {length}")
    found: Bytes = np.empty(count, np.uint8)
    file.seek(begin)
    into = found.data
    at = 0
    while at < count:
        more = file.readinto(into[at:])  # type: ignore[attr-defined]
        if not more:
            raise FileFormatError("the file became shorter while it was read")
        at += more
    return found
