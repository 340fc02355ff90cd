"""An index in a cluster, as a store sees it: files of the store's attached to a generation, and a build that gives readers the next one.

Nothing here knows what those files are: the store says which it wants, and reads them itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType

from imr_search.engines.opensearch import INDEX, POINTER, OpenSearchEngine
from imr_search.engines.opensearch.address import parse
from imr_search.engines.opensearch.cluster_generations import Generations, Lock
from imr_search.errors import ImrError, IndexError_

_RENEWED_AFTER = 15.0  # seconds


class RemoteIndex:
    """The index at an address, as it is now. `number` is that of its index in the cluster (None: there is none)."""

    def __init__(self, address: Path, *, patience: float = 60.0) -> None:
        self.generations = Generations(address, patience=patience)
        self.address = str(self.generations.address)
        try:
            self.number = self.generations.current()
        except BaseException:
            self.close()
            raise

    def required(self) -> int:
        """Its number. Raises IndexError_ when there is no index."""
        if self.number is None:
            raise missing(self.address)
        return self.number

    def read(self, name: str) -> Iterator[bytes]:
        """The pieces of an attached file."""
        return self.generations.fetch(self.required(), name)

    def place(self) -> Path:
        """What the engine opens."""
        return Path(self.generations.folder(self.required()))

    def lay(self, engine: Path) -> None:
        """Make `engine`, in a store's folder, the engine's folder of this generation."""
        (engine / INDEX).write_text(parse(self.place()).name, encoding="utf-8")

    def point(self, folder: Path) -> None:
        """Let what is built in a store's folder go to this cluster."""
        (folder / POINTER).write_text(self.address, encoding="utf-8")

    def size(self) -> int:
        """Bytes that the cluster keeps of the index, copies included."""
        return 0 if self.number is None else self.generations.size(self.number)

    def faults(self) -> list[str]:
        """Every item's digest compared: what is wrong with the index."""
        try:
            if self.number is not None:
                self.generations.check(self.number, OpenSearchEngine.format)
        except ImrError as error:
            return [error.message]
        return []

    def close(self) -> None:
        self.generations.close()

    def __enter__(self) -> RemoteIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RemoteBuild(RemoteIndex):
    """The same while a build writes the next generation, under the cluster's lock. When the build fails, what it wrote is thrown away."""

    _lock: Lock
    _ended: threading.Event
    _keeper: threading.Thread

    def __enter__(self) -> RemoteBuild:
        lock = self.generations.lock()
        try:
            lock.__enter__()
        except BaseException:
            self.close()
            raise
        self._lock, self._ended = lock, threading.Event()
        try:
            self.generations.require_ours()
            self.generations.clean()
            self.number = self.generations.current()
        except BaseException:
            lock.__exit__(None, None, None)
            self.close()
            raise
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        return self

    def _keep(self) -> None:
        """Renew the lock while the build runs. One that was lost is found out before the new index is given to readers."""
        while not self._ended.wait(_RENEWED_AFTER):
            try:
                self._lock.renew()
            except ImrError:
                return

    def publish(self, engine: Path, files: Mapping[str, Path]) -> None:
        """Attach the store's `files` to the index that the engine's folder names, and give it to readers in one step."""
        number = self.generations.number((engine / INDEX).read_text(encoding="utf-8"))
        self.generations.attach(number, files)
        self._lock.renew(now=True)
        self.generations.publish(number, OpenSearchEngine.format)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                with suppress(ImrError):  # else the next build clears it away
                    self.generations.clean()
        finally:
            self._ended.set()
            self._keeper.join()
            self._lock.__exit__(kind, error, trace)
            self.close()


def missing(address: str) -> IndexError_:
    return IndexError_(
        f"there is no index at {address}", f"make one:  imr-index build LETTERS --engine opensearch --index {address}"
    )


def is_newer(address: Path, number: int) -> bool:
    """Is another generation than `number` the index now? No, when the cluster does not say."""
    try:
        with closing(Generations(address, patience=1.0)) as generations:
            return generations.current() not in (None, number)
    except ImrError:
        return False
