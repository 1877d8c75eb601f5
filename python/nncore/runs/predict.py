"""What a trained network says of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nncore import _core
from nncore.errors import FileFormatError, NNCoreError, RunError, ShapeError
from nncore.io import load_prepared
from nncore.module import Module
from nncore.preprocess import Transform
from nncore.runs.config import RunConfig
from nncore.runs.folder import RunFolder
from nncore.runs.run import Run
from nncore.runs.samples import PICTURES, SampleForm, read_samples

__all__ = ["Failure", "Prediction", "Predictor", "files_in"]

Array = NDArray[Any]
BATCH = 256


@dataclass(frozen=True)
class Prediction:
    """What the network says of one sample.

    Args:
        file: Where it is from.
        row: Its number in a file of several, from 0; None in a file of one.
        ranked: Classes and their probabilities, the most likely first; empty where the network tells numbers.
        values: The network's outputs where they are no classes.
    """

    file: Path
    row: int | None
    ranked: tuple[tuple[str, float], ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A file of which the network can say nothing, and why."""

    file: Path
    error: str


class Predictor:
    """A trained network, and what its samples are like.

    Args:
        model: The network.
        form: The samples' form.
        target: The column of tables that is no input.
        prepare: What is done to samples before the network sees them.
    """

    def __init__(
        self, model: Module, form: SampleForm, target: int | str | None = None, prepare: Transform | None = None
    ) -> None:
        self.model, self.form, self.target, self.prepare = model.eval(), form, target, prepare
        self.renamed = False

    @classmethod
    def open(cls, path: Path, *, best: bool = False) -> Self:
        """From a run's folder, or from a model's file. A file in a run's folder is used as the run says.

        Args:
            path: The folder or the file.
            best: Whether to take the weights of the best epoch of a run, not those of its end.

        Raises:
            RunError: The folder holds no run, or no weights yet.
            FileFormatError: The file holds no model.
        """
        folder = RunFolder(path if path.is_dir() else path.parent)
        if path.is_dir():
            if not folder.config.exists():
                raise RunError(f"{path} holds no run: there is no config.toml")
            file = folder.best if best else folder.model
            if not file.exists() and not folder.best.exists():
                raise RunError(f"{path} has no weights yet: not one epoch is done")
            file = file if file.exists() else folder.best
        else:
            file = path
        model, prepare = load_prepared(file)
        if not isinstance(model, Module):
            raise FileFormatError(
                f"{file} holds weights alone, and not what network they are of; give a run's folder or its model.safetensors"
            )
        target: int | str | None = None
        if folder.config.exists():
            target = RunConfig.read(folder.config)["data"].get("target", -1)
        if folder.samples.exists():
            form = SampleForm.read(folder.samples)
        elif path.is_dir():
            form = SampleForm.of(Run.resume(path).raw[0])
        elif prepare is not None and "sample_shape_" in vars(prepare):
            form = SampleForm(prepare.sample_shape_)
        else:
            form = SampleForm.guessed(model)
        return cls(model, form, target, prepare)

    def with_form(self, size: tuple[int, int] | None, classes: Sequence[str] | None) -> Self:
        """The same network, told what its file does not say: pictures' height and width, and the classes' names."""
        form = self.form
        if size is not None:
            channels = form.shape[0] if form.shape is not None and len(form.shape) == 3 else 1
            form = replace(form, shape=(channels, *size))
        if classes is not None:
            form = replace(form, classes=tuple(classes))
        made = type(self)(self.model, form, self.target, self.prepare)
        made.renamed = self.renamed or classes is not None
        return made

    def look_at(self, files: Sequence[Path], *, top: int = 3, invert: bool = False) -> Iterator[Prediction | Failure]:
        """Each file's samples in turn; what cannot be read or fits the network not is told in its place.

        Args:
            files: Pictures, `.npy`, `.npz` and tables.
            top: How many classes to name.
            invert: Whether pictures are dark on light, and the network has learned light on dark.
        """
        for file in files:
            try:
                samples = read_samples(file, self.form, target=self.target, invert=invert)
                outputs = self._outputs(samples)
            except ShapeError as error:
                unknown = self.form.shape is not None and 0 in self.form.shape
                yield Failure(file, f"{error}" + ("; --size says how many pixels the network takes" if unknown else ""))
                continue
            except NNCoreError as error:
                yield Failure(file, str(error))
                continue
            for row, output in enumerate(outputs):
                yield self._said(file, row if len(outputs) > 1 else None, output, top)

    def _outputs(self, samples: Array) -> Array:
        if self.prepare is not None:
            samples = self.prepare.transform(samples)
        with _core.no_grad():
            parts = [
                self.model(_core.tensor(np.ascontiguousarray(samples[at : at + BATCH]))).numpy()
                for at in range(0, len(samples), BATCH)
            ]
        outputs = np.concatenate(parts).astype(np.float64)
        rows: Array = outputs.reshape(len(outputs), -1)
        return rows

    def _said(self, file: Path, row: int | None, output: Array, top: int) -> Prediction:
        if self.form.labels is False or (len(output) == 1 and not self.form.labels):
            return Prediction(file, row, values=tuple(map(float, output)))
        shares = probabilities(output)
        names = self.form.classes
        if self.renamed and names is not None and len(names) != len(shares):
            raise RunError(f"{len(names)} classes are named ({', '.join(names)}), and the network tells {len(shares)}")
        if names is None or len(names) != len(shares):
            names = tuple(map(str, range(len(shares))))
        order = np.argsort(-shares, kind="stable")[:top]
        return Prediction(file, row, tuple((names[at], float(shares[at])) for at in order))


def probabilities(output: Array) -> Array:
    """A row of outputs as probabilities: as it is where it holds such, or their logarithms; else its softmax.

    >>> probabilities(np.array([0.25, 0.75])).tolist()
    [0.25, 0.75]
    >>> [round(p, 3) for p in probabilities(np.array([0.0, 1.0986122886681098])).tolist()]
    [0.25, 0.75]
    """
    if (output >= 0).all() and abs(output.sum() - 1) < 1e-4:
        return output
    grown = np.exp(output - output.max())
    shares: Array = grown / grown.sum()
    return shares


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files that are meant: a folder stands for the pictures in it and below."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [each for each in sorted(path.rglob("*")) if each.suffix.lower() in PICTURES and each.is_file()]
            found += inside or [path]
        else:
            found.append(path)
    return found
