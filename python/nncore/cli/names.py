"""What the shell offers when Tab is pressed: components, data sets and runs by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

__all__ = ["any_component", "architectures_and_configs", "components", "data_sets", "distributions", "kinds", "runs"]


def components(kind: str) -> Complete:
    """The names of one kind."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _starting(_names(kind), incomplete)

    return complete


def any_component(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of all kinds."""
    from nncore.plugins import KINDS

    names = [name for kind in KINDS for name in _names(kind)]
    return _starting(dict.fromkeys(sorted(names)), incomplete)


def kinds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The kinds, in the plural."""
    from nncore.plugins import KINDS

    return _starting([kind.plural for kind in KINDS.values()], incomplete)


def data_sets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Data sets by name; or else files and folders."""
    from nncore.data import available

    return _starting(_quietly(available), incomplete) or [_paths("file", incomplete)]


def architectures_and_configs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Architectures by name; or else files."""
    return _starting(_names("architecture"), incomplete) or [_paths("file", incomplete)]


def distributions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The packages that bring plugins."""
    from nncore.plugins import current_host

    found = _quietly(lambda: sorted({record.distribution for record in current_host().plugins}))
    return _starting(found, incomplete)


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The runs below `runs`, the newest first; or else folders."""
    found = sorted(Path("runs").glob("*/config.toml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return _starting([path.parent.as_posix() for path in found], incomplete) or [_paths("dir", incomplete)]


def _names(kind: str) -> Iterable[str]:
    from nncore.plugins import current_host

    return _quietly(lambda: list(current_host().registry(kind)))


def _quietly(names: Callable[[], Iterable[str]]) -> Iterable[str]:
    """A broken plugin is no matter while somebody is typing."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return names()


def _starting(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _paths(kind: str, incomplete: str) -> CompletionItem:
    from click.shell_completion import CompletionItem

    return CompletionItem(incomplete, type=kind)
