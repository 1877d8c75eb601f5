"""`nncore plugin new`: a package of components to begin with.

It is made of the package in `plugins/nncore-plugin-template` of nncore's repository, whose files are in `template.json` beside
this module (`tools/generate.py` writes that).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from nncore.cli.output import examples
from nncore.errors import InvalidValueError

__all__ = ["PARTS", "new", "render"]

PARTS = ("layer", "activation", "initializer", "loss", "architecture")
"""The kinds that the template has a component of."""
NEEDS: Mapping[str, tuple[str, ...]] = {"architecture": ("layer", "activation")}
"""What the template's components are made of."""
_NAME = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*")
_ORIGIN = "nncore-plugin-template"
_SUMMARY = "Components for nncore"


@click.command(epilog=examples("nncore plugin new nncore-swiglu --kind layer", "nncore plugin new"))
@click.argument("name", required=False)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(PARTS),
    help="A kind of component to begin with; can be given several times. Default: one of each.",
)
@click.option("--summary", help=f"What the package is, in a line. Default: {_SUMMARY!r}.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to make it in. Default: this one.",
)
def new(name: str | None, kinds: tuple[str, ...], summary: str | None, into: Path) -> None:
    """Begin a package of components.

    NAME is what users will install, such as nncore-swiglu. Without it the command asks. The package works as it is: it
    installs, its components pass `nncore plugin check`, and it has tests. Replace what is in it by your own.
    """
    if name is None:
        name = click.prompt("Name of the package, such as nncore-swiglu", value_proc=_named)
        if not kinds:
            answer = click.prompt(f"Kinds of components, of {', '.join(PARTS)}", default="all", value_proc=_chosen)
            kinds = tuple(answer)
        if summary is None:
            summary = click.prompt("What it is, in a line", default=_SUMMARY)
    try:
        files = render(_named(name), kinds or PARTS, summary or _SUMMARY)
    except InvalidValueError as error:
        raise click.BadParameter(str(error), param_hint="--summary") from error
    folder = into / name
    if folder.exists() and any(folder.iterdir()):
        raise click.BadParameter(f"{folder} is there already, and not empty", param_hint="NAME")
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    click.echo(f"\nNow:\n  pip install -e {folder}\n  nncore plugin check {name}\n  pytest {folder}")


def _named(name: str) -> str:
    if not _NAME.fullmatch(name) or name == "nncore":
        raise click.UsageError(f"{name!r} is no name for a package; write it in lower case, such as nncore-swiglu")
    return name


def _chosen(answer: str) -> tuple[str, ...]:
    words = tuple(re.findall(r"[a-z]+", answer.lower()))
    if words == ("all",):
        return PARTS
    unknown = [word for word in words if word not in PARTS]
    if unknown or not words:
        raise click.UsageError(f"{answer!r}: expected 'all', or some of {', '.join(PARTS)}")
    return words


def render(name: str, kinds: Sequence[str] = PARTS, summary: str = _SUMMARY) -> dict[str, str]:
    """The files of a new package, by their place in it.

    Args:
        name: The distribution's name. The package is imported by it with underscores.
        kinds: Which kinds of components it begins with. What these need comes with them.
        summary: What the package is, in a line.

    Raises:
        InvalidValueError: The summary is no line of text.
    """
    if not summary.strip() or re.search(r'["\\\n]', summary):
        raise InvalidValueError(f"summary is {summary!r}; expected a line of text without quotes and backslashes")
    wanted = {kind for each in kinds for kind in (each, *NEEDS.get(each, ()))}
    package, entry = re.sub(r"[-.]", "_", name), name.removeprefix("nncore-")
    files = {}
    for place, text in _template().items():
        stem = place.rpartition("/")[2].removeprefix("test_").removesuffix(".py")
        if stem in PARTS and stem not in wanted:
            continue
        if place.endswith("/plugin.py"):
            text = _hooks(text, wanted)
        if place == "README.md":
            text = re.sub(
                rf"^\| ({'|'.join(PARTS)}) \|.*\n", lambda row: row[0] if row[1] in wanted else "", text, flags=re.M
            )
            text = text.replace("A package of components for nncore.", f"{summary.rstrip('.')}.")
        if place == "pyproject.toml":
            text = re.sub(r'^description = ".*"$', lambda _: f'description = "{summary}"', text, flags=re.MULTILINE)
            text = re.sub(
                r"^template = ", f"{entry} = " if "." not in entry else f'"{entry}" = ', text, flags=re.MULTILINE
            )
        files[_renamed(place, name, package)] = _renamed(text, name, package)
    return files


def _hooks(text: str, wanted: set[str]) -> str:
    """The entry module without the hooks of other kinds, and without their specs among the imports."""
    for kind in PARTS:
        if kind not in wanted:
            spec = f"{kind.capitalize()}Spec"
            text = re.sub(rf"\n\n@hookimpl\ndef \w+\(\) -> Iterator\[{spec}\]:\n(?:    .*\n)+", "", text)
            text = re.sub(rf"\b{spec}, ", "", text)
    return text


def _renamed(text: str, name: str, package: str) -> str:
    return text.replace(_ORIGIN, name).replace(_ORIGIN.replace("-", "_"), package)


def _template() -> dict[str, str]:
    from importlib.resources import files

    found: dict[str, str] = json.loads(files("nncore.cli").joinpath("template.json").read_text(encoding="utf-8"))
    return found
