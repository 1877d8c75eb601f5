"""Folders of pictures, one folder for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data import _checks
from nncore.data._dataset import ArrayDataset, Role
from nncore.errors import DataError, FileFormatError

Array = NDArray[Any]
PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
PARTS: dict[str, Role] = {
    "train": "train", "val": "validation", "valid": "validation", "validation": "validation", "test": "test",
}  # fmt: skip


def load_images(
    folder: Path,
    *,
    size: int | tuple[int, int] | None = None,
    grey: bool = False,
    name: str | None = None,
    role: Role | None = None,
) -> Any:
    """The pictures in a folder: uint8 `(N, C, H, W)` in memory, batches float32 in [0, 1].

    Args:
        folder: Has a folder for each class, with its pictures in it or below; the classes are these names, sorted. Or it
            has folders `train`, and `val` (`valid`, `validation`) or `test`, of that kind each.
        size: Height and width, or one number for both: pictures are resized, bilinearly. Default: as they are; then
            all must have one size.
        grey: Whether C is 1, not 3. Transparency is dropped.
        name: Default: the folder's.
        role: As in `ArrayDataset`.

    Returns:
        An `ArrayDataset`; or a tuple of them, in the order train, validation, test. Files that are no pictures by their
        names' ends are passed over.

    Raises:
        DataError: Pillow is not installed, there are no pictures, their sizes differ, or one has more than 8 bits a
            channel.
        FileFormatError: Pictures that cannot be decoded; all are tried, and the first few named.
    """
    height, width = _size(size)
    named = folder.resolve().name if name is None else name
    # A class may be called "test": these names mean parts only if there is nothing else.
    folders = _classes(folder)
    parts = {sub.name.lower(): sub for sub in folders}
    if "train" not in parts or len(parts) < 2 or not set(parts) <= set(PARTS):
        return _part(folder, [sub.name for sub in folders], (height, width), grey, named, role)
    if role is not None:
        raise DataError(f"role is given, but {folder} has parts of its own: {', '.join(parts)}")
    ordered = sorted(parts, key=list(PARTS).index)
    if len({PARTS[part] for part in ordered}) < len(ordered):
        raise DataError(f"{folder} has the parts {', '.join(ordered)}; expected at most one for validation")
    # All parts number the classes alike.
    classes = sorted({sub.name for part in ordered for sub in _classes(parts[part])})
    return tuple(_part(parts[part], classes, (height, width), grey, named, PARTS[part]) for part in ordered)


def _size(size: object) -> tuple[int | None, int | None]:
    if size is None:
        return None, None
    if isinstance(size, (tuple, list)):
        if len(size) != 2:
            raise DataError(f"size is {size!r}; expected a number, or (height, width)")
        return _checks.whole(size[0], "size[0]", 1), _checks.whole(size[1], "size[1]", 1)
    side = _checks.whole(size, "size", 1)
    return side, side


def _classes(folder: Path) -> list[Path]:
    return sorted(sub for sub in folder.iterdir() if sub.is_dir() and not sub.name.startswith("."))


def _part(
    folder: Path, classes: list[str], size: tuple[int | None, int | None], grey: bool, name: str, role: Role | None
) -> ArrayDataset:
    # A part may lack a class that another has.
    found = [
        (path, number)
        for number, label in enumerate(classes)
        for path in sorted((folder / label).rglob("*"))
        if path.suffix.lower() in PICTURES and path.is_file() and not path.name.startswith(".")
    ]
    if not found:
        ends = ", ".join(sorted(PICTURES))
        raise DataError(f"{folder} has no pictures in folders, one for each class; expected files that end in {ends}")
    pictures: list[Array] = []
    bad: list[str] = []
    for path, _ in found:
        try:
            pictures.append(read_picture(path, size, grey))
        except FileFormatError as error:
            bad.append(str(error))
    if bad:
        more = f"; and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise FileFormatError(f"pictures that cannot be decoded: {'; '.join(bad[:5])}{more}")
    for (path, _), picture in zip(found, pictures, strict=True):
        if picture.shape != pictures[0].shape:
            (h, w), (first_h, first_w) = picture.shape[1:], pictures[0].shape[1:]
            raise DataError(
                f"{path} has {h}x{w} pixels, and {found[0][0]} {first_h}x{first_w}; pass size= to bring all to one size"
            )
    labels = [number for _, number in found]
    return ArrayDataset(np.stack(pictures), labels, name=name, classes=classes, role=role, scale=255)


def read_picture(path: Path, size: tuple[int | None, int | None], grey: bool) -> Array:
    """One picture, uint8 `(C, H, W)`.

    Raises:
        DataError: Pillow is not installed, or the picture has more than 8 bits a channel.
        FileFormatError: It cannot be decoded.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise DataError(f"{path}: reading pictures takes Pillow; install it: pip install 'nncore[images]'") from None
    try:
        with Image.open(path) as file:
            # Beyond 8 bits a channel, conversion would clip.
            if file.mode.startswith(("I", "F")):
                raise DataError(
                    f"{path}: has mode {file.mode}; expected 8 bits a channel. Read it into an array instead: "
                    "data.load((x, y))"
                )
            picture = ImageOps.exif_transpose(file).convert("L" if grey else "RGB")
    except DataError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FileFormatError(f"{path} ({error})") from error
    height, width = size
    if height is not None and width is not None and picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    array = np.asarray(picture, dtype=np.uint8)
    return array[np.newaxis] if grey else np.ascontiguousarray(array.transpose(2, 0, 1))
