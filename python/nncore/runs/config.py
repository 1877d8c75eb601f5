"""What a run is made of, as data: read from TOML and options, checked, and written with every default spelled out."""

from __future__ import annotations

import copy
import inspect
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from nncore._tree import is_plain
from nncore.errors import ConfigError, NNCoreError
from nncore.plugins import kind_of, make, resolve
from nncore.plugins.near import did_you_mean

__all__ = ["RunConfig"]

DATA: dict[str, Any] = {"source": "", "validation": 0.1, "preprocess": []}
TRAINING: dict[str, Any] = {
    "epochs": 10,
    "batch_size": 64,
    "metrics": ["accuracy"],
    "accumulate": 1,
    "clip_norm": 0.0,
    "clip_value": 0.0,
    "penalty": {},
    "constraint": {},
    "seed": 0,
    "tensorboard": False,
}
TRANSFER: dict[str, Any] = {
    "pretrained": "",
    "new_head": False,
    "freeze_until": "",
    "freeze": [],
    "unfreeze_after": 0,
    "lr_factor": 0.1,
}
SETTINGS: dict[str, dict[str, Any]] = {"data": DATA, "training": TRAINING, "transfer": TRANSFER}
"""The settings that belong to no component, with their defaults. 0 clips nothing, and unfreezes nothing."""
COMPONENTS: dict[str, tuple[str, str]] = {
    "model": ("architecture", ""),
    "loss": ("loss", "cross_entropy"),
    "optimizer": ("optimizer", "adam"),
    "schedule": ("schedule", "constant"),
}
"""The sections that are components: their kind, and the name that holds where none is given."""
SECTIONS = ("model", "data", "training", "loss", "optimizer", "schedule", "transfer")


@dataclass(frozen=True)
class RunConfig:
    """The sections of a run: `model`, `data`, `training`, `loss`, `optimizer`, `schedule` and `transfer`, each a
    dict.

    In a component's section `name` is its registry name, and the rest is its config.
    """

    sections: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, given: Mapping[str, Any], text: str = "", file: str = "") -> Self:
        """Check sections, and spell out every default.

        Args:
            given: The sections; what is missing has its default.
            text: The TOML that they were read from, to find lines in.
            file: Its name, for errors.

        Raises:
            ConfigError: An unknown section or key, or a value of the wrong type.
        """
        where = _Where(text, file)
        unknown = [name for name in given if name not in SECTIONS]
        if unknown:
            raise where.error(
                unknown[0], "", f"unknown section.{did_you_mean(unknown[0], SECTIONS)} They are: {', '.join(SECTIONS)}."
            )
        sections: dict[str, dict[str, Any]] = {}
        for name in SECTIONS:
            section = given.get(name, {})
            if not isinstance(section, Mapping):
                raise where.error(name, "", f"expected a section, got {section!r}")
            section = copy.deepcopy(dict(section))
            if name in COMPONENTS:
                sections[name] = _component(name, section, where)
            else:
                sections[name] = _settings(name, section, SETTINGS[name], where)
        if not sections["data"]["source"]:
            raise where.error(
                "data",
                "source",
                "is missing; expected the name of a data set or a path, which is --data on the command line",
            )
        _check_transfer(sections["transfer"], sections["training"]["epochs"], where)
        return cls(sections)

    @classmethod
    def read(cls, path: str | os.PathLike[str], changes: Mapping[str, Mapping[str, Any]] | None = None) -> Self:
        """Read a TOML file; `changes` are put over its sections.

        Raises:
            ConfigError: It is no TOML, or what `of` raises. The message names file, line and key.
        """
        try:
            text = Path(path).read_text()
            given = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{os.fspath(path)} is no TOML: {error}") from error
        except OSError as error:
            raise ConfigError(f"{os.fspath(path)} cannot be read: {error.strerror or error}") from error
        for name, section in (changes or {}).items():
            if section:
                old = given.get(name, {})
                # Another component has other settings.
                given[name] = (
                    dict(section) if "name" in section and section["name"] != old.get("name") else {**old, **section}
                )
        return cls.of(given, text, os.fspath(path))

    def toml(self) -> str:
        """The config as TOML, from which `read` makes the same."""
        import tomlkit

        document = tomlkit.document()
        for name, section in self.sections.items():
            table = tomlkit.table()
            for key, value in section.items():
                if value is not None:
                    table.add(key, _inline(value))
            document.add(name, table)
        return tomlkit.dumps(document)

    def __getitem__(self, section: str) -> dict[str, Any]:
        return self.sections[section]


@dataclass(frozen=True)
class _Where:
    """Finds the line of a key in the text that it came from."""

    text: str
    file: str

    def error(self, section: str, key: str, what: str) -> ConfigError:
        name = f"{section}.{key}" if key else section
        line = self._line(section, key)
        place = f"{self.file}, line {line}: " if line else ""
        return ConfigError(f"{place}{name}: {what}")

    def _line(self, section: str, key: str) -> int:
        inside, first = "", 0
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[\s*([\w-]+)", line)
            if header:
                inside = header.group(1)
                first = number if inside == section else first
            if key and inside == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return first


def _settings(name: str, section: dict[str, Any], defaults: dict[str, Any], where: _Where) -> dict[str, Any]:
    for key in ("preprocess", "metrics"):
        if key in defaults and isinstance(section.get(key), (str, Mapping)):
            # One alone needs no list.
            section[key] = [section[key]]
    for key in ("penalty", "constraint"):
        if key in defaults and isinstance(section.get(key), str):
            section[key] = {"name": section[key]} if section[key] else {}
    for key, value in section.items():
        if key not in defaults:
            # A data set's own options go to its loader.
            if name == "data" and is_plain(value):
                continue
            raise where.error(name, key, f"unknown key.{did_you_mean(key, defaults)} They are: {', '.join(defaults)}.")
        default = defaults[key]
        right = _is_like(value, default)
        if not right:
            raise where.error(name, key, f"expected {_noun(default)}, got {value!r}")
        if isinstance(default, (int, float)) and (value < 0 or not math.isfinite(value)):
            raise where.error(name, key, f"expected a number of at least 0, got {value!r}")
    merged = {**copy.deepcopy(defaults), **section}
    for key in ("epochs", "batch_size", "accumulate"):
        if name == "training" and merged[key] < 1:
            raise where.error(name, key, f"expected 1 or more, got {merged[key]}")
    if name == "data" and not merged["validation"] < 1:
        raise where.error(
            name, "validation", f"expected a part of the samples, from 0 to less than 1, got {merged['validation']}"
        )
    if name == "data":
        merged["preprocess"] = [_step(each, where) for each in merged["preprocess"]]
    if name == "training":
        for metric in merged["metrics"]:
            _resolved("metric", metric, name, "metrics", where)
        for key in ("penalty", "constraint"):
            merged[key] = _table(key, merged[key], name, key, where) if merged[key] else {}
    return merged


def _step(given: Any, where: _Where) -> dict[str, Any]:
    """A transform of the inputs, with its settings spelled out."""
    section = {"name": given} if isinstance(given, str) else given
    if not isinstance(section, Mapping) or not isinstance(section.get("name"), str):
        raise where.error(
            "data",
            "preprocess",
            f'expected names of transforms, or tables such as {{name = "pca", n_components = 20}}; got {given!r}',
        )
    return _spelled("transform", dict(section), "data", "preprocess", where)


def _table(kind: str, given: Mapping[str, Any], name: str, key: str, where: _Where) -> dict[str, Any]:
    """A component in a table at a key, with its settings spelled out."""
    if not isinstance(given.get("name"), str):
        raise where.error(name, key, f'expected the name of {_a(kind)}, or a table {{name = "…", …}}; got {given!r}')
    spelled = _spelled(kind, dict(given), name, key, where)
    try:
        make(kind, spelled)
    except NNCoreError as error:
        raise where.error(name, key, str(error)) from error
    return spelled


def _check_transfer(section: dict[str, Any], epochs: int, where: _Where) -> None:
    for pattern in section["freeze"]:
        if not isinstance(pattern, str) or not pattern:
            raise where.error("transfer", "freeze", f"expected a list of names or patterns, got {section['freeze']!r}")
    if section["new_head"] and not section["pretrained"]:
        raise where.error("transfer", "new_head", "there is no other head: transfer.pretrained says no file")
    after = section["unfreeze_after"]
    if after and not (section["freeze"] or section["freeze_until"]):
        raise where.error(
            "transfer", "unfreeze_after", "nothing is frozen: set transfer.freeze_until or transfer.freeze"
        )
    if after >= epochs:
        raise where.error(
            "transfer", "unfreeze_after", f"expected fewer than the {epochs} epochs of the training, got {after}"
        )


def _inline(value: Any) -> Any:
    """Tables in one line, without what is None, which TOML does not have."""
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({key: _inline(each) for key, each in value.items() if each is not None})
        return table
    if isinstance(value, (list, tuple)):
        # Not as sections of their own, which would swallow the keys below.
        array = tomlkit.array()
        array.extend(_inline(each) for each in value)
        return array
    return value


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, int):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, type(default))


def _noun(default: Any) -> str:
    return {
        bool: "true or false",
        float: "a number",
        int: "a whole number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }[type(default)]


def _component(name: str, section: dict[str, Any], where: _Where) -> dict[str, Any]:
    kind, fallback = COMPONENTS[name]
    chosen = section.pop("name", fallback)
    if not isinstance(chosen, str) or not chosen:
        raise where.error(name, "name", f"expected the name of {_a(kind)}, got {chosen!r}")
    spelled = _spelled(kind, {"name": chosen, **section}, name, "", where)
    if kind in ("optimizer", "schedule"):
        try:
            make(kind, spelled)
        except NNCoreError as error:
            key = next((key for key in spelled if re.search(rf"\b{re.escape(key)}\b", str(error))), "")
            raise where.error(name, key, str(error)) from error
    return spelled


def _spelled(kind: str, spec: dict[str, Any], name: str, key: str, where: _Where) -> dict[str, Any]:
    """A component's settings with all defaults. They stand in the section `name`, or in a table at `key` of it."""
    chosen, section = spec["name"], {word: value for word, value in spec.items() if word != "name"}
    found = _resolved(kind, chosen, name, key or "name", where)
    parameters = defaults_of(kind, found.component)
    if parameters is not None:
        unknown = [word for word in section if word not in parameters]
        if unknown:
            near = did_you_mean(unknown[0], parameters)
            has = f"It has: {', '.join(parameters)}." if parameters else "It has none."
            said = f" {unknown[0]}" if key else ""
            raise where.error(name, key or unknown[0], f"{chosen} has no such setting{said}.{near} {has}")
        for word, value in parameters.items():
            if value is not inspect.Parameter.empty and is_plain(value):
                section.setdefault(word, list(value) if isinstance(value, tuple) else value)
    for word, value in section.items():
        default = None if parameters is None else parameters.get(word)
        if type(default) in (int, float, str) and value is not None and not _is_like(value, default):
            said = f"{word} of {chosen}: " if key else ""
            raise where.error(name, key or word, f"{said}expected {_noun(default)}, got {value!r}")
    # In one order, wherever a setting came from.
    order = section if parameters is None else [word for word in parameters if word in section]
    return {"name": chosen, **{word: section[word] for word in order}}


def defaults_of(kind: str, component: Any) -> dict[str, Any] | None:
    """The settings of a component with their defaults, which are `inspect.Parameter.empty` where one must be given; None
    where it takes any. Of a function that is the component itself, what it is called with is no setting."""
    parameters = inspect.signature(component).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        return None
    found = {name: each.default for name, each in parameters.items() if name != "params" or kind != "optimizer"}
    if kind_of(kind).made or isinstance(component, type):
        return found
    return {
        name: value for name, value in found.items() if value is not inspect.Parameter.empty and name != "reduction"
    }


def _resolved(kind: str, value: Any, section: str, key: str, where: _Where) -> Any:
    try:
        return resolve(kind, value)
    except NNCoreError as error:
        raise where.error(section, key, str(error)) from error


def _a(kind: str) -> str:
    name = kind_of(kind).name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
