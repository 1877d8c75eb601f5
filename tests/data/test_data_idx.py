"""The IDX format: round trips, and every way in which a file can be damaged."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nncore import data
from nncore.errors import DataError, FileFormatError

DTYPES = ["uint8", "int8", "int16", "int32", "float32", "float64"]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(DTYPES).flatmap(
        lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
    ),
    st.booleans(),
)
def test_round_trip(tmp_path_factory, values, packed):
    path = tmp_path_factory.mktemp("idx") / ("a.gz" if packed else "a")
    data.write_idx(path, values)
    found = data.read_idx(path)
    assert found.dtype == values.dtype and found.dtype.isnative and found.shape == values.shape
    assert np.array_equal(found, values, equal_nan=values.dtype.kind == "f")
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == packed


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("00 00 08 01 00 00 00 03", "07 ff 00", np.array([7, 255, 0], np.uint8)),
        ("00 00 09 01 00 00 00 02", "ff 80", np.array([-1, -128], np.int8)),
        ("00 00 0b 02 00 00 00 01 00 00 00 02", "01 02 ff fe", np.array([[258, -2]], np.int16)),
        ("00 00 0c 01 00 00 00 01", "00 01 00 00", np.array([65536], np.int32)),
        ("00 00 0d 01 00 00 00 01", "bf c0 00 00", np.array([-1.5], np.float32)),
        ("00 00 0e 01 00 00 00 01", "40 04 00 00 00 00 00 00", np.array([2.5], np.float64)),
    ],
)
def test_bytes_written_by_hand(tmp_path, head, body, expected):
    """From the format's description, so that reading and writing cannot be wrong together."""
    path = tmp_path / "values"
    path.write_bytes(bytes.fromhex(head + body))
    found = data.read_idx(path)
    assert found.dtype == expected.dtype and np.array_equal(found, expected)
    data.write_idx(tmp_path / "again", expected)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_gzip_is_known_by_its_bytes(tmp_path):
    path = tmp_path / "named-like-a-plain-file"
    path.write_bytes(gzip.compress(bytes.fromhex("00 00 08 01 00 00 00 01 05")))
    assert data.read_idx(path).tolist() == [5]


def test_packed_files_hold_no_time(tmp_path):
    """The same array gives the same file, whenever it is written: gzip's time stamp, bytes 4 to 7, is 0."""
    data.write_idx(tmp_path / "a.gz", np.zeros(3, np.uint8))
    assert (tmp_path / "a.gz").read_bytes()[4:8] == bytes(4)


WHOLE = bytes.fromhex("00 00 08 02 00 00 00 02 00 00 00 03") + b"abcdef"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WHOLE[:-2], r"takes 6 bytes of data; 4 were found"),
        (WHOLE + b"x", r"takes 6 bytes of data; more follow"),
        (WHOLE[:7], r"header is cut off: 7 bytes; expected 12"),
        (b"", r"0 bytes; expected an IDX header"),
        (b"\0\0\x08", r"3 bytes; expected an IDX header"),
        (b"\x01" + WHOLE[1:], r"begins with 01 00 08 02"),
        (b"\0\0\x0a\x01" + WHOLE[4:], r"begins with 00 00 0a 01"),
        (b"\0\0\x08\0", r"begins with 00 00 08 00"),
        (b"\x89PNG\r\n", r"begins with 89 50 4e 47"),
        (b"\0\0\x0e\x03" + struct.pack(">3I", *[2**32 - 1] * 3) + b"few", r"3 were found"),
        (b"\0\0\x0e\x03" + struct.pack(">3I", 0, *[2**32 - 1] * 2), r"no array can have shape"),
    ],
)
def test_damaged_files(tmp_path, content, message, packed):
    """Nothing but a typed error comes out, and a header that claims 2**99 bytes takes no memory."""
    path = tmp_path / "damaged"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(FileFormatError, match=message) as caught:
        data.read_idx(path)
    assert "damaged" in str(caught.value), "the file is not named"


def test_gzip_cut_off_or_corrupt(tmp_path):
    path = tmp_path / "cut.gz"
    noise = np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8)
    data.write_idx(path, noise)
    content = path.read_bytes()
    for length in (2, 5, 12, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match="cut off"):
            data.read_idx(path)
    path.write_bytes(content[:-6] + bytes([content[-6] ^ 1]) + content[-5:])
    with pytest.raises(FileFormatError, match="damaged"):
        data.read_idx(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        data.read_idx(tmp_path / "nothing")


@pytest.mark.parametrize("values", [np.zeros(2, np.int64), np.zeros(2, bool), np.uint8(3), np.array(["a"])])
def test_what_idx_cannot_hold(tmp_path, values):
    with pytest.raises(DataError, match="IDX holds"):
        data.write_idx(tmp_path / "no", values)
    assert not (tmp_path / "no").exists()
