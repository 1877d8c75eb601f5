"""Tables of numbers in text files."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nncore.data import _labels
from nncore.data._dataset import ArrayDataset, Role
from nncore.errors import DataError, FileFormatError

ABSENT = {"", "?", "na", "n/a", "nan", "null", "none"}
"""How files write that a value is missing."""


def load_csv(
    path: Path,
    *,
    target: int | str | None = -1,
    header: bool | None = None,
    delimiter: str | None = None,
    missing: Literal["error", "drop"] = "error",
    targets: _labels.Targets = "auto",
    name: str | None = None,
    role: Role | None = None,
) -> ArrayDataset:
    """The data set in a CSV file: one sample a line, x float32 `(N, columns - 1)`.

    Args:
        path: A text file in UTF-8.
        target: The target's column: a name from the header, or a number, from the end where it is negative. `None`: all
            columns are inputs.
        header: Whether the first line names the columns. Default: it does if none of its cells is a number.
        delimiter: Default: a tab in files that end in `.tsv`, else a comma.
        missing: What a missing value does (an empty cell, or `?`, NA, N/A, NaN, null, None): `"error"`, or `"drop"`:
            its line is left out.
        targets: `"labels"`: the distinct targets, sorted, are the classes. `"values"`: numbers to be predicted.
            `"auto"`: text is labels; so are whole numbers in which each of 0, 1, …, K - 1 occurs; else values.
        name: Default: the file's.
        role: As in `ArrayDataset`.

    Raises:
        DataError: A column that is not there, a missing value, or text among the inputs; names line and column.
        FileFormatError: A line with another number of cells, or a file that is no text.

    Example:
        >>> import pathlib, tempfile
        >>> from nncore import data
        >>> path = pathlib.Path(tempfile.mkdtemp(), "iris.csv")
        >>> _ = path.write_text("length,width,kind\\n5.1,3.5,setosa\\n7.0,3.2,versicolor\\n")
        >>> iris = data.load(path)
        >>> iris.x.shape, iris.y, iris.classes
        ((2, 2), array([0, 1]), ('setosa', 'versicolor'))
    """
    _labels.check(targets)
    if missing not in ("error", "drop"):
        raise DataError(f"missing is {missing!r}; expected 'error' or 'drop'")
    if delimiter is None:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise DataError(f"delimiter is {delimiter!r}; expected one character")
    lines = _lines(path, delimiter)
    number, first = next(lines, (0, []))
    if not first:
        raise DataError(f"{path}: is empty; expected a line for each sample")
    if header is None:
        header = not any(_is_number(cell) for cell in first)
    columns = [cell.strip() for cell in first] if header else [str(place) for place in range(len(first))]
    aim = _column(path, columns, target, named=header)
    if aim is not None and len(columns) == 1:
        hint = f"; is the delimiter another than {delimiter!r}?" if any(mark in first[0] for mark in ";\t|") else ""
        raise DataError(f"{path}: has one column, and target= takes it; expected inputs beside it{hint}")
    table, found = array("d"), []
    if not header:
        lines = _chain((number, first), lines)
    for number, cells in lines:
        if len(cells) != len(columns):
            raise FileFormatError(f"{path}:{number}: {len(cells)} cells; expected {len(columns)}, as in the first line")
        if any(cell.strip().lower() in ABSENT for cell in cells):
            if missing == "drop":
                continue
            place = next(place for place, cell in enumerate(cells) if cell.strip().lower() in ABSENT)
            raise DataError(
                f"{path}:{number}: column {columns[place]!r} is missing (the cell is {cells[place]!r}); "
                'fill it in, or pass missing="drop" to leave such lines out'
            )
        label = None if aim is None else cells.pop(aim).strip()
        try:
            row = [float(cell) for cell in cells]
        except ValueError:
            raise _text(path, number, cells, [c for i, c in enumerate(columns) if i != aim], header) from None
        table.extend(row)
        if label is not None:
            found.append(label)
    width = len(columns) - (aim is not None)
    x = np.frombuffer(table, dtype=np.float64).reshape(-1, width) if table else np.empty((0, width))
    if not len(x):
        raise DataError(f"{path}: no sample is left; expected a line for each sample beside the header")
    name = path.stem if name is None else name
    if aim is None:
        return ArrayDataset(x, name=name, role=role)
    y, options = _labels.resolve(_numbers(found), targets, f"{path}, column {columns[aim]!r}")
    return ArrayDataset(x, y, name=name, role=role, **options)


def _lines(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold anything, each with its number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
        except (csv.Error, UnicodeDecodeError) as error:
            raise FileFormatError(f"{path}:{reader.line_num + 1}: no CSV in UTF-8 ({error})") from error


def _chain(first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.strip().lower() not in ABSENT


def _column(path: Path, columns: list[str], target: int | str | None, *, named: bool) -> int | None:
    if target is None:
        return None
    if isinstance(target, str):
        if not named:
            raise DataError(f"{path}: target is {target!r}, but the first line is no header; pass a column's number")
        if columns.count(target) != 1:
            raise DataError(f"{path}: target is {target!r}; expected one of the columns {', '.join(columns)}")
        return columns.index(target)
    if isinstance(target, bool) or not isinstance(target, int) or not -len(columns) <= target < len(columns):
        raise DataError(f"{path}: target is {target!r}; expected a column's name, or its number below {len(columns)}")
    return target % len(columns)


def _text(path: Path, number: int, cells: list[str], columns: list[str], header: bool) -> DataError:
    place = next(place for place, cell in enumerate(cells) if not _is_number(cell))
    hint = "" if header else ". If the first line names the columns, pass header=True"
    if re.fullmatch(r"\s*[-+]?\d+,\d+\s*", cells[place]):
        hint = "; decimals are written with a point, not with a comma"
    return DataError(
        f"{path}:{number}: column {columns[place]!r} is {cells[place]!r}; expected a number: inputs are numbers, and "
        f"text is taken in the target's column alone{hint}"
    )


def _numbers(found: list[str]) -> NDArray[Any]:
    """Targets as numbers if all of them are, else as text."""
    try:
        return np.array([float(cell) for cell in found])
    except ValueError:
        return np.array(found)
