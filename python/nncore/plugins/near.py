"""Near matches for names that nobody provides."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean", "near_matches"]


def near_matches(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that look like `name`, best first: spelling, then case and underscores, then parts of a name."""

    def squeeze(text: str) -> str:
        return text.lower().replace("_", "").replace("-", "")

    every = set(known)
    # `nncore/adam` says nothing that `adam` does not.
    known = sorted(other for other in every if "/" in name or "/" not in other or other.rpartition("/")[2] not in every)
    same = [other for other in known if squeeze(other) == squeeze(name)]
    close = difflib.get_close_matches(name.lower(), known, n=limit, cutoff=0.65)
    # `resnet` should offer `resnet18`, which is too far for difflib: take names that contain each other.
    short = squeeze(name)
    part = [
        other
        for other in known
        if (len(short) >= 4 and (short in squeeze(other) or squeeze(other) in short))
        or (len(short) == 3 and squeeze(other).startswith(short))
    ]
    return list(dict.fromkeys([*same, *close, *(other for other in part if len(other) >= 4)]))[:limit]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'relu' or 'selu'?"`, with a space before it, or nothing where no name is near."""
    matches = [repr(match) for match in near_matches(name, known)]
    if not matches:
        return ""
    listed = matches[0] if len(matches) == 1 else f"{', '.join(matches[:-1])} or {matches[-1]}"
    return f" Did you mean {listed}?"
