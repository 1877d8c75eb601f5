"""The IDX format: the arrays of MNIST and its successors.

A file is `0, 0, type, dimensions`, then each dimension as a big-endian uint32, then the values, big-endian, last index
fastest (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits").
"""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nncore.errors import DataError, FileFormatError

Array = NDArray[Any]

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str]) -> Array:
    """Read one IDX file, plain or gzipped (its first bytes tell, not its name).

    Returns:
        An array in this machine's byte order: uint8, int8, int16, int32, float32 or float64. Images are `(N, H, W)`,
        labels `(N,)`.

    Raises:
        FileFormatError: No IDX file, or one that is cut off, too long or damaged.
        FileNotFoundError: No such file.

    Example:
        >>> import tempfile, os, numpy as np
        >>> from nncore import data
        >>> path = os.path.join(tempfile.mkdtemp(), "labels.gz")
        >>> data.write_idx(path, np.array([3, 1, 4], dtype=np.uint8))
        >>> data.read_idx(path)
        array([3, 1, 4], dtype=uint8)
    """
    path = Path(path)
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        if not packed:
            return _read(raw, path)
        import gzip
        import zlib

        try:
            with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                return _read(unpacked, path)
        except EOFError as error:
            raise FileFormatError(f"{path}: the gzip data is cut off; fetch the file again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FileFormatError(f"{path}: the gzip data is damaged ({error}); fetch the file again") from error


def _read(file: BinaryIO | Any, path: Path) -> Array:
    head = file.read(4)
    if len(head) < 4:
        raise FileFormatError(f"{path}: {len(head)} bytes; expected an IDX header of at least 4")
    kind, ndim = head[2], head[3]
    if head[:2] != b"\0\0" or kind not in TYPES or ndim == 0:
        known = ", ".join(f"{code:02x}" for code in TYPES)
        raise FileFormatError(
            f"{path}: begins with {head.hex(' ')}; an IDX file begins with 00 00, a type ({known}) and the number of "
            "dimensions, 1 or more"
        )
    sizes = file.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise FileFormatError(f"{path}: the header is cut off: {4 + len(sizes)} bytes; expected {4 + 4 * ndim}")
    shape = struct.unpack(f">{ndim}I", sizes)
    dtype = np.dtype(TYPES[kind])
    expected = math.prod(shape) * dtype.itemsize
    # In pieces, and one byte more than expected: a damaged header must not claim memory that no data will fill.
    data = bytearray()
    while len(data) <= expected and (piece := file.read(min(CHUNK, expected + 1 - len(data)))):
        data += piece
    if len(data) != expected:
        found = f"{len(data)} were found" if len(data) < expected else "more follow"
        raise FileFormatError(f"{path}: shape {shape} of {dtype.name} takes {expected} bytes of data; {found}")
    try:
        values: Array = np.frombuffer(data, dtype=dtype).reshape(shape)
    except ValueError as error:
        # Only a shape with a zero and other sizes whose product overflows comes here.
        raise FileFormatError(f"{path}: no array can have shape {shape}") from error
    return values.astype(dtype.newbyteorder("="), copy=False)


def write_idx(path: str | os.PathLike[str], values: ArrayLike) -> None:
    """Write an array as an IDX file, gzipped where the name ends in `.gz`.

    Args:
        path: Where to; a file that is there is replaced.
        values: 1 to 255 dimensions, dtype uint8, int8, int16, int32, float32 or float64.

    Raises:
        DataError: A dtype or shape that IDX does not have.
    """
    array: Array = np.asarray(values)
    codes = {np.dtype(name).newbyteorder("="): code for code, name in TYPES.items()}
    code = codes.get(array.dtype.newbyteorder("="))
    if code is None:
        raise DataError(f"dtype {array.dtype} is given; IDX holds {', '.join(str(dtype) for dtype in codes)}")
    if array.ndim == 0 or max(array.shape) >= 2**32:
        raise DataError(f"shape {array.shape} is given; IDX holds 1 dimension or more, each below 2**32")
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    content = head + array.astype(TYPES[code]).tobytes()
    if str(path).endswith(".gz"):
        import gzip

        content = gzip.compress(content, mtime=0)  # the same array, the same file
    Path(path).write_bytes(content)
