"""Files from the network: checked, kept, and whole or not there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nncore.errors import DataError

__all__ = ["Remote", "cache", "fetch"]

TIMEOUT = 30.0
"""Seconds without a byte after which a download is given up."""


@dataclass(frozen=True)
class Remote:
    """A file on the network.

    Args:
        url: Where it is.
        checksum: `"sha256:…"` or `"md5:…"`, as whoever publishes it says.
        name: What to call it here. Default: the end of the URL.
    """

    url: str
    checksum: str
    name: str = ""

    @property
    def file(self) -> str:
        """What it is called here."""
        return self.name or self.url.rpartition("/")[2]


def cache() -> Path:
    """Where data sets are kept: `$NNCORE_DATA`, or `nncore` in the user's folder for caches."""
    shared = os.environ.get("NNCORE_DATA")
    if shared:
        return Path(shared)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nncore"


def fetch(dataset: str, files: Sequence[Remote], folder: Path | None = None) -> Path:
    """A folder that holds these files; those that are missing are downloaded, one after the other.

    A file is there whole and with the right checksum, or not at all. Downloading takes pooch:
    `pip install 'nncore[download]'`.

    Args:
        dataset: What they are for, for messages, and the name of the folder.
        files: The files.
        folder: Where to keep them. Default: `$NNCORE_DATA/dataset`, or `~/.cache/nncore/dataset`.

    Returns:
        The folder.

    Raises:
        DataError: A file is not here and cannot be downloaded, or has another checksum. The message says where each file
            is to be had, and where to put it.
    """
    folder = cache() / dataset if folder is None else folder
    lacking = [file for file in files if not (folder / file.file).is_file()]
    if not lacking:
        return folder
    by_hand = "; ".join(f"{file.url} as {folder / file.file}" for file in lacking)
    advice = f"Without a network put these files there by hand: {by_hand}"
    try:
        import pooch
    except ImportError:
        raise DataError(
            f"{dataset} is not here, and downloading it takes pooch: pip install 'nncore[download]'. {advice}"
        ) from None
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT)
    for file in lacking:
        try:
            # pooch writes beside the file, compares the checksum, and only then puts it in its place.
            pooch.retrieve(file.url, file.checksum, file.file, folder, downloader=downloader)
        except ValueError as error:  # what pooch raises where the checksum is another
            if "hash" not in str(error):
                raise DataError(f"{dataset}: {file.url} could not be downloaded: {error}. {advice}") from error
            raise DataError(
                f"{dataset}: what came from {file.url} is damaged or another file: its checksum is not {file.checksum}. "
                f"Nothing was kept; try again, or put the right file at {folder / file.file}"
            ) from error
        except OSError as error:  # of the network, which requests derives from this, or of the disk
            raise DataError(f"{dataset}: {file.url} could not be downloaded: {error}. {advice}") from error
    return folder
