"""An index in a cluster as a folder of this machine: the store's own files (manifest, ledger) are brought there, looked at or built upon as those
of any other index, and go back into the new generation before readers get it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from imr_search import files
from imr_search.errors import UsageError
from imr_search.settings import is_address
from imr_search.store import generations, lock, manifest, trust

if TYPE_CHECKING:
    from imr_search.engines.opensearch.remote import RemoteIndex


_PREFIX = "imr-work-"
_ALIVE = "alive"


@contextmanager
def looked_at(index: Path) -> Iterator[Path]:
    """A folder as which the index can be looked at: itself, or a copy of what a cluster holds of the store's files. Nothing is written back."""
    if not is_address(index):
        yield index
        return
    from imr_search.engines.opensearch.remote import RemoteIndex

    with workplace() as folder, RemoteIndex(index) as remote:
        _bring(remote, folder)
        yield folder


@contextmanager
def written(index: Path) -> Iterator[Path]:
    """The same for a build. What it publishes in the folder is given to readers at the end, in one step; when it fails, the old index stays."""
    from imr_search.engines.opensearch.remote import RemoteBuild

    with workplace() as folder, RemoteBuild(index) as remote:
        _bring(remote, folder)
        before = generations.current(folder)
        yield folder
        after = generations.current(folder)
        if after is not None and after != before:
            made = folder / after.name
            remote.publish(made / manifest.ENGINE, {file: made / file for file in (manifest.NAME, manifest.LEDGER)})


@contextmanager
def workplace() -> Iterator[Path]:
    """A private folder in the system's temporary one, which goes when the work ends. One that a killed process left goes with the next."""
    _clear_away(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        files.create(Path(name) / _ALIVE, b"")
        held = lock.pin(Path(name) / _ALIVE)
        try:
            trust.mark(Path(name))  # what bears the mark and is not held was left
            folder = Path(name) / "index"
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            if held is not None:
                os.close(held)


def _clear_away(place: Path) -> None:
    """Take away what killed processes of this user left. Where an open file is no lock that others see, nothing is taken away."""
    if not lock.SEEN_BY_OTHERS:
        return
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if os.lstat(folder).st_uid != os.geteuid() or not trust.is_ours(folder):
                continue
            held = lock.unpinned(folder / _ALIVE)
            if held is not None:
                files.remove_tree(folder, trust.MARKER)
                os.close(held)


def _bring(remote: RemoteIndex, folder: Path) -> None:
    """The current generation as a folder: its manifest and ledger, the name of its index, and CURRENT."""
    generations.prepare(folder)
    remote.point(folder)
    if remote.number is None:
        generations.found(folder)
        return
    data = b"".join(remote.read(manifest.NAME))
    current = generations.Current(manifest.parse(data).generation, sha256(data).hexdigest())
    place = folder / current.name
    os.makedirs(place / manifest.ENGINE, mode=0o700)
    trust.mark(place)
    files.create(place / manifest.NAME, data)
    with open(place / manifest.LEDGER, "wb") as ledger:
        for piece in remote.read(manifest.LEDGER):
            ledger.write(piece)
    remote.lay(place / manifest.ENGINE)
    files.create(folder / generations.CURRENT, f"{current.name} {current.sha256}\n".encode())


def shown(index: Path) -> str:
    """The address as it is typed: a Path has lost a slash."""
    from imr_search.engines.opensearch.address import parse

    return str(parse(index))


def size(index: Path) -> int:
    """Bytes that the cluster keeps of the index, copies included."""
    from imr_search.engines.opensearch.remote import RemoteIndex

    with RemoteIndex(index) as remote:
        return remote.size()


def faults(index: Path) -> list[str]:
    """Every item's digest compared: what is wrong with the index in the cluster."""
    from imr_search.engines.opensearch.remote import RemoteIndex

    with RemoteIndex(index) as remote:
        return remote.faults()


def require(index: Path, engine: str) -> str:
    """The engine of a build; UsageError when it does not go with where the index is to lie."""
    if is_address(index):
        if engine not in ("auto", "opensearch"):
            raise UsageError(f"{engine} keeps its index in a folder", "--engine opensearch, or --index DIR")
        return "opensearch"
    if engine == "opensearch":
        raise UsageError("opensearch keeps its index in a cluster", "--index https://HOST:9200/NAME")
    return engine
