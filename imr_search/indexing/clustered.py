"""Building in a cluster: the store's own files (manifest, ledger) are brought into a folder of this machine, everything is done there as for any
other index, and they go back into the new index before readers get it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from imr_search import files
from imr_search.errors import ImrError, UsageError
from imr_search.settings import is_address
from imr_search.store import generations, manifest

__all__ = ["faults", "is_address", "looked_at", "require", "shown", "size", "written"]


@contextmanager
def looked_at(index: Path) -> Iterator[Path]:
    """A folder as which the index can be looked at: itself, or a copy of what a cluster holds of the store's files. Nothing is written back."""
    if not is_address(index):
        yield index
        return
    from imr_search.engines.opensearch.cluster_generations import Generations

    with tempfile.TemporaryDirectory(prefix="imr-") as name, closing(Generations(index)) as cluster:
        _bring(cluster, Path(name))
        yield Path(name)


@contextmanager
def written(index: Path) -> Iterator[Path]:
    """The same for a build, under the cluster's lock. What it publishes in the folder is given to readers at the end, in one step; when it fails,
    the old index stays and the new one is thrown away."""
    from imr_search.engines.opensearch import INDEX, OpenSearchEngine
    from imr_search.engines.opensearch.cluster_generations import Generations

    with (
        tempfile.TemporaryDirectory(prefix="imr-") as name,
        closing(Generations(index)) as cluster,
        cluster.lock() as lock,
    ):
        cluster.clean()
        folder = Path(name)
        generations.prepare(folder)
        _bring(cluster, folder)
        before = generations.current(folder)
        ended = threading.Event()
        keeper = threading.Thread(target=_keep, args=(lock, ended), daemon=True)
        keeper.start()
        try:
            yield folder
            after = generations.current(folder)
            if after is not None and after != before:
                made = folder / after.name
                number = cluster.number((made / manifest.ENGINE / INDEX).read_text(encoding="utf-8"))
                cluster.attach(number, {file: made / file for file in (manifest.NAME, manifest.LEDGER)})
                lock.renew(now=True)
                cluster.publish(number, OpenSearchEngine.format)
        except BaseException:
            with suppress(ImrError):  # else the next build clears it away
                cluster.clean()
            raise
        finally:
            ended.set()
            keeper.join()


def _keep(lock: object, ended: threading.Event) -> None:
    """Renew the lock while the build runs. One that was lost is found out before the new index is given to readers."""
    from imr_search.engines.opensearch.cluster_lock import Lock

    assert isinstance(lock, Lock)
    while not ended.wait(15):
        try:
            lock.renew()
        except ImrError:
            return


def _bring(cluster: object, folder: Path) -> None:
    """The current generation as a folder: its manifest and ledger, the name of its index, and CURRENT."""
    from imr_search.engines.opensearch import INDEX, POINTER
    from imr_search.engines.opensearch.address import parse
    from imr_search.engines.opensearch.cluster_generations import Generations

    assert isinstance(cluster, Generations)
    (folder / POINTER).write_text(str(cluster.address), encoding="utf-8")
    number = cluster.current()
    if number is None:
        generations.found(folder)
        return
    data = b"".join(cluster.fetch(number, manifest.NAME))
    current = generations.Current(manifest.parse(data).generation, hashlib.sha256(data).hexdigest())
    place = folder / current.name
    os.makedirs(place / manifest.ENGINE, mode=0o700)
    files.create(place / manifest.NAME, data)
    with open(place / manifest.LEDGER, "wb") as ledger:
        for piece in cluster.fetch(number, manifest.LEDGER):
            ledger.write(piece)
    (place / manifest.ENGINE / INDEX).write_text(parse(cluster.folder(number)).name, encoding="utf-8")
    files.create(folder / generations.CURRENT, f"{current.name} {current.sha256}\n".encode())


def shown(index: Path) -> str:
    """The address as it is typed: a Path has lost a slash."""
    from imr_search.engines.opensearch.address import parse

    return str(parse(index))


def size(index: Path) -> int:
    """Bytes that the cluster keeps of the index, copies included."""
    from imr_search.engines.opensearch.cluster_generations import Generations

    with closing(Generations(index)) as cluster:
        number = cluster.current()
        return 0 if number is None else cluster.size(number)


def faults(index: Path) -> list[str]:
    """Every item's digest compared: what is wrong with the index in the cluster."""
    from imr_search.engines.opensearch import OpenSearchEngine
    from imr_search.engines.opensearch.cluster_generations import Generations

    try:
        with closing(Generations(index)) as cluster:
            number = cluster.current()
            if number is not None:
                cluster.check(number, OpenSearchEngine.format)
    except ImrError as error:
        return [error.message]
    return []


def require(index: Path, engine: str) -> str:
    """The engine of a build; UsageError when it does not go with where the index is to lie."""
    if is_address(index):
        if engine not in ("auto", "opensearch"):
            raise UsageError(f"{engine} keeps its index in a folder", "--engine opensearch, or --index DIR")
        return "opensearch"
    if engine == "opensearch":
        raise UsageError("opensearch keeps its index in a cluster", "--index https://HOST:9200/NAME")
    return engine
