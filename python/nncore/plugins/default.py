"""The host that `nncore.registry` and everything else uses, and how tests put another in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nncore.plugins.host import PluginHost

__all__ = ["BUILTINS", "current_host", "use_host"]

BUILTINS = ("nncore.builtin.plugin",)
"""The modules that register nncore's own components."""

_host = PluginHost(BUILTINS)


def current_host() -> PluginHost:
    """The host in use. It discovers plugins at its first look-up."""
    return _host


@contextmanager
def use_host(host: PluginHost) -> Iterator[PluginHost]:
    """Put another host in place for the length of a `with` block, for all threads; meant for tests.

    >>> with use_host(PluginHost(autoload=False)) as host:
    ...     host.plugins
    ()
    """
    global _host
    before, _host = _host, host
    try:
        yield host
    finally:
        _host = before
