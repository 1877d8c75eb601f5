"""A training from a config, in a folder."""

from __future__ import annotations

import inspect
import math
import os
import re
from typing import Any, Self

import numpy as np

from nncore import _core, data
from nncore._json import json_text
from nncore.data import ArrayDataset
from nncore.errors import ConfigError, DataError, NNCoreError, RunError
from nncore.io import save
from nncore.module import create
from nncore.plugins import resolve
from nncore.plugins.near import did_you_mean
from nncore.preprocess import Transform
from nncore.runs.config import DATA, RunConfig
from nncore.runs.folder import RunFolder, WriteMetrics
from nncore.runs.prepared import learn, read_learned, write_learned
from nncore.runs.samples import SampleForm
from nncore.runs.transferring import load_weights, stages
from nncore.streams import left_alone
from nncore.training import Callback, Checkpoint, SaveBest, TensorBoard, Trainer

__all__ = ["Run"]


class Run:
    """A training, the data that it is of, and its folder. `begin` or `resume` makes one.

    Attributes:
        config: What it is made of.
        folder: Its files.
        trainer: Model, optimizer and history.
        drawn: What a new run did not take from pretrained weights, by name; None where it has none.
        train_set, validation_set, test_set: The data as the network sees them; the latter two may be None.
        raw: The same three as they were before `prepare`.
        prepare: What is done to inputs, fitted to the training set; or None.
    """

    def __init__(self, config: RunConfig, folder: RunFolder, *, begun: bool = False) -> None:
        self.config, self.folder = config, folder
        self.drawn: list[str] | None = None
        settings = config["data"]
        options = {name: value for name, value in settings.items() if name not in DATA}
        self.raw = _loaded(settings["source"], settings["validation"], config["training"]["seed"], options)
        self.prepare: Transform | None = None
        if settings["preprocess"]:
            self.prepare = read_learned(folder.preprocess) if begun else learn(settings["preprocess"], self.raw[0])
        self.train_set, self.validation_set, self.test_set = _prepared(self.prepare, self.raw)
        self.trainer = self._trainer()

    @classmethod
    def begin(cls, config: RunConfig, folder: str | os.PathLike[str]) -> Self:
        """A new run, in a folder that is not there yet, or empty.

        Raises:
            RunError: The folder is in use or cannot be written to.
            ConfigError: Data and network do not fit, or the network and what it shall begin with.
        """
        run = cls(config, RunFolder(folder))
        run.drawn = load_weights(config, run.trainer.model)
        run._try_schedule()
        run._try_loss()
        run._try_metrics()
        run.folder.create()
        run.folder.write("samples.json", SampleForm.of(run.raw[0]).text())
        if run.prepare is not None:
            write_learned(run.prepare, run.folder.preprocess)
        if run.drawn is not None:
            # So that `resume` goes on from these weights, whatever has become of their file.
            run.trainer.save(run.folder.checkpoint)
        # The last file of these: a folder with a config can be resumed.
        run.folder.write("config.toml", run.config.toml())
        return run

    @classmethod
    def resume(cls, folder: str | os.PathLike[str]) -> Self:
        """A run that was begun before, where its checkpoint left it; from its start if it never came to one.

        Raises:
            RunError: The folder holds no run.
        """
        files = RunFolder(folder)
        if not files.config.exists():
            raise RunError(f"{files.path} holds no run: there is no config.toml")
        run = cls(RunConfig.read(files.config), files, begun=True)
        if files.checkpoint.exists():
            run.trainer.restore(files.checkpoint)
        return run

    @property
    def unseen_classes(self) -> list[str]:
        """The classes that no training sample is of."""
        count, y = self.train_set.num_classes, self.train_set.y
        if count is None or y is None:
            return []
        names = self.train_set.classes or tuple(map(str, range(count)))
        return [names[at] for at in np.flatnonzero(np.bincount(y, minlength=count) == 0)]

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        place = self.trainer.place
        return (bool(place["step"]) and place["epoch"] >= place["epochs"]) or self.folder.result.exists()

    def train(self, progress: bool = True) -> dict[str, Any]:
        """Train to the end, write the model, and look at the test data, or where there are none at the validation data.

        Returns:
            `{"split": "test", "loss": …, "accuracy": …}`, which is in `result.json` too.

        Raises:
            KeyboardInterrupt: Ctrl-C; `resume` goes on from there.
        """
        settings = self.config["training"]
        self.trainer.fit(
            self.train_set,
            None if self.trainer.place["step"] else settings["epochs"],
            self.validation_set,
            batch_size=settings["batch_size"],
            progress=progress,
        )
        save(self.trainer.model, self.folder.model, preprocess=self.prepare)
        found = self.evaluate()
        self.folder.write("result.json", json_text(found, indent=2) + "\n")
        return found

    def evaluate(self) -> dict[str, Any]:
        """Loss and metrics on the test data, or where there are none on the validation or training data."""
        parts = {"test": self.test_set, "validation": self.validation_set, "training": self.train_set}
        split, samples = next((name, part) for name, part in parts.items() if part is not None)
        return {"split": split, **self.trainer.evaluate(samples)}

    def _try_schedule(self) -> None:
        """Ask the schedule for both ends of the training.

        Raises:
            ConfigError: It has no answer.
        """
        schedule, epochs = self.trainer.schedule, self.config["training"]["epochs"]
        if schedule is None:
            return
        try:
            for epoch in (0.0, float(epochs)):
                schedule(epoch, epochs)
        except NNCoreError as error:
            raise ConfigError(f"schedule: {error}") from error

    def _try_loss(self) -> None:
        """Ask the loss for one sample, so that what does not fit is told before there is a folder."""
        source, loss = self.config["data"]["source"], self.config["loss"]["name"]
        if self.train_set.y is None:
            raise ConfigError(f"{source} holds inputs alone; a training needs what belongs to each: labels, or values")
        x, y = self.train_set.gather(slice(0, 2))
        model = self.trainer.model
        training = model.training
        # A network may have more outputs in training.
        statistics = {name: value.clone() for name, value in model.named_buffers()}
        try:
            with _core.no_grad(), left_alone():
                self.trainer.objective(model.eval()(_core.tensor(x)), _core.tensor(y))
                # Fewer than two samples have no statistics to normalize by, which the training says itself.
                if len(x) > 1:
                    self.trainer.objective(model.train()(_core.tensor(x)), _core.tensor(y))
        except NNCoreError as error:
            kind = "labels" if self.train_set.num_classes is not None else "values"
            hint = _as_classes(self.train_set) if kind == "values" else ""
            raise ConfigError(
                f"loss.name: {loss} cannot compare the outputs with the {kind} of {source}: {error}{hint}"
            ) from error
        finally:
            model.train(training)
            with _core.no_grad():
                for name, value in model.named_buffers():
                    value.copy_(statistics[name])

    def _try_metrics(self) -> None:
        """See that the metrics can do with outputs and targets.

        Raises:
            ConfigError: They cannot.
        """
        try:
            self.trainer.evaluate(self.train_set[:2])
        except NNCoreError as error:
            metrics, source = ", ".join(map(str, self.config["training"]["metrics"])), self.config["data"]["source"]
            hint = (
                ""
                if self.train_set.num_classes is not None
                else f". For numbers there are others: --loss mse --metric mae{_as_classes(self.train_set)}"
            )
            raise ConfigError(f"training.metrics: {metrics} cannot look at {source}: {error}{hint}") from error

    def _trainer(self) -> Trainer:
        config, settings = self.config, self.config["training"]
        watched = "val_loss" if self.validation_set is not None else "loss"
        model = _fitted(config["model"], self.train_set, settings["seed"])
        callbacks: list[Callback] = [
            WriteMetrics(self.folder),
            SaveBest(self.folder.best, watched, preprocess=self.prepare),
        ]
        if settings["tensorboard"]:
            callbacks.append(_events(self.folder))
        optimizer, unfreeze = stages(config, model)
        return Trainer(
            model,
            config["loss"],
            optimizer,
            config["schedule"],
            settings["metrics"],
            [*callbacks, *unfreeze, Checkpoint(self.folder.checkpoint)],
            accumulate=settings["accumulate"],
            clip_norm=settings["clip_norm"] or None,
            clip_value=settings["clip_value"] or None,
            penalty=settings["penalty"] or None,
            constraint=settings["constraint"] or None,
            seed=settings["seed"],
        )


Parts = tuple[ArrayDataset, ArrayDataset | None, ArrayDataset | None]


def _prepared(prepare: Transform | None, raw: Parts) -> Parts:
    if prepare is None:
        return raw
    train, validation, test = raw
    names = "training", "validation", "test"
    found: list[Any] = []
    for name, part in zip(names, (train, validation, test), strict=True):
        try:
            found.append(None if part is None else prepare.transform(part))
        except NNCoreError as error:
            raise ConfigError(f"data.preprocess: the {name} data cannot be prepared: {error}") from error
    return found[0], found[1], found[2]


def _loaded(source: str, validation: float, seed: int, options: dict[str, Any]) -> Parts:
    """Training, validation and test data."""
    try:
        loaded: Any = data.load(source, **options)
    except DataError as error:
        raise ConfigError(f"{error}{_spelled(str(error), options)}") from error
    train, test = (_columns(each) for each in (loaded if isinstance(loaded, tuple) else (loaded, None)))
    if train.num_classes == 1:
        raise ConfigError(
            f"data.source: all samples of {source} are of one class; expected two classes or more to tell apart"
        )
    if validation:
        if not 0 < round(len(train) * validation) < len(train):
            raise ConfigError(
                f"data.validation: {validation} of {len(train)} samples leaves none to validate with, or none to train on; "
                "set it to 0, or to another part"
            )
        train, held_out = train.split(validation, seed=seed)
        return train, held_out, test
    return train, None, test


def _spelled(message: str, options: dict[str, Any]) -> str:
    """How a config and the command line write what the message advises, or meant by an option that there is not."""
    advised = re.search(r"pass (\w+)=", message)
    if advised:
        return f". Here that is --set data.{advised[1]}=…, or a line in the config's [data]"
    unknown = next((name for name in options if f"unknown option {name!r}" in message), None)
    return (
        "" if unknown is None else f"; in the config's [data] are also {', '.join(DATA)}.{did_you_mean(unknown, DATA)}"
    )


def _as_classes(samples: ArrayDataset) -> str:
    """What to do where numbers were meant as classes."""
    y = samples.y
    whole = y is not None and np.array_equal(y, np.round(y)) and len(np.unique(y)) <= 100
    return "; or, if these numbers are classes, --set data.targets=labels" if whole else ""


def _events(folder: RunFolder) -> TensorBoard:
    try:
        return TensorBoard(folder.path / "tensorboard")
    except ImportError as error:
        raise ConfigError(f"training.tensorboard: {error}") from error


def _columns(samples: ArrayDataset | None) -> Any:
    """Numbers as targets in a column, as networks give them."""
    if samples is None or samples.num_classes is not None or samples.y is None or samples.y.ndim != 1:
        return samples
    if samples.y.dtype.kind != "f":
        return samples
    return ArrayDataset(
        samples.stored,
        samples.y[:, None],
        name=samples.name,
        role=samples.role,
        targets="values",
        scale=samples.scale,
    )


def _fitted(section: dict[str, Any], samples: ArrayDataset, seed: int) -> Any:
    """The network, whose inputs and classes are those of the data where its section does not say."""
    shape, classes = samples.sample_shape, samples.num_classes
    numbers = samples.y is not None and samples.y.dtype.kind == "f" and samples.y.ndim == 2
    outputs = samples.y.shape[1] if numbers and samples.y is not None else classes
    known = {"num_classes": outputs, "in_channels": shape[0] if len(shape) > 1 else None}
    if section.get("sizes") is None:
        known["in_features"] = math.prod(shape)
    name = section["name"]
    parameters = inspect.signature(resolve("architecture", name).component).parameters
    for key, value in known.items():
        if key in parameters and value is not None:
            default = parameters[key].default
            if section.get(key) == (None if default is inspect.Parameter.empty else default):
                section[key] = value
    # In the signature's order, so that a run which is resumed from its file writes the very same model.
    config = {key: section[key] for key in [*parameters, *section] if section.get(key) is not None and key != "name"}
    try:
        model = create(name, seed=seed, **config)
    except NNCoreError as error:
        raise ConfigError(f"model: {name} for samples of shape {shape}: {error}") from error
    try:
        training = model.training
        with _core.no_grad():
            output = model.eval()(_core.tensor(samples[:1].x))
        model.train(training)
    except NNCoreError as error:
        given = (key for key in ("in_channels", "in_features") if key in parameters and known.get(key) is not None)
        told = [
            f"model.{key} is {section[key]}, and the data has {known[key]}"
            for key in given
            if section[key] != known[key]
        ]
        hint = "".join(f"; {each}" for each in told)
        raise ConfigError(f"{name} cannot take inputs of shape {shape}: {error}{hint}") from error
    if classes is not None and hasattr(output, "shape") and output.ndim == 2 and output.shape[1] not in (1, classes):
        raise ConfigError(f"{name} tells {output.shape[1]} classes, and the data has {classes}; set model.num_classes")
    return model
