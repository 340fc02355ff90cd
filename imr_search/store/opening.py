"""Opening an index: which generation, is it whole, can it be searched by this version, and may it be opened at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from imr_search import fields, letters, settings, vocabulary
from imr_search.engines import Found, Searcher, registry
from imr_search.errors import ImrError, IndexError_
from imr_search.letters.warnings import DIFFERS, warning
from imr_search.model import GroupCounts, IndexInfo, Item, Notice
from imr_search.plan import Group, Node, SortKey
from imr_search.store import generations, lock, manifest, trust
from imr_search.store.generations import Current
from imr_search.store.manifest import Manifest

_T = TypeVar("_T")
_TRIES = 100
_AT_ONCE = 1_000  # words of an index that are looked at between two looks at the clock


def locate(option: str | Path | None = None) -> Path:
    """Where the index lies: --index, IMR_SEARCH_INDEX, the configuration, the user's data folder."""
    return settings.index_folder(option)


class Pinned(msgspec.Struct):
    """One generation that stays where it is until `close`."""

    folder: Path
    current: Current
    manifest: Manifest
    descriptor: int

    @property
    def path(self) -> Path:
        return self.folder / self.current.name

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def pinned(folder: Path) -> Pinned:
    """The current generation, held. Raises IndexError_ when there is none or its manifest is damaged."""
    for _ in range(_TRIES):
        now = generations.current(folder)
        if now is None:
            raise IndexError_(f"there is no index in {folder}", "make one:  imr-index build LETTERS")
        path = folder / now.name / manifest.NAME
        try:
            descriptor = lock.pin(path)
        except OSError as error:
            raise manifest.unreadable(path, error) from error
        if descriptor is None:
            if generations.current(folder) == now and not path.exists():
                raise manifest.damaged(f"{now.name}/{manifest.NAME}", "is missing, and CURRENT names it")
            continue  # a newer one has just taken its place
        try:
            found = manifest.read(folder / now.name, now.sha256, descriptor)
            if found.generation != now.generation:
                raise manifest.damaged(f"{now.name}/{manifest.NAME}", "belongs to another generation")
        except BaseException:
            os.close(descriptor)
            raise
        return Pinned(folder, now, found, descriptor)
    raise IndexError_(f"the index in {folder} kept changing while it was being opened", "try again")


def require_version(found: Manifest) -> None:
    """Raise IndexError_ unless this version can search what `found` describes."""
    if found.fingerprint != fields.fingerprint():
        raise manifest.another_version("its fields or vocabulary differ from this version's")
    if found.engine not in registry.NAMES:
        raise manifest.another_version(f"its engine, {found.engine[:40]!r}, is unknown")


def require_trust(pin: Pinned) -> None:
    """Raise IndexError_ unless the index may be believed (see trust)."""
    trust.require(pin.folder, pin.path, lambda: settings.read().trust)


def outdated(found: Manifest) -> str:
    """What the letters would be read differently for today, or ""."""

    if found.parser != letters.PARSER_VERSION:
        return "another version of imr-search read its letters"
    if found.vocabulary != vocabulary.digest():
        return "the vocabulary has changed since"
    return ""


class Opened:
    """An index that was opened: it answers from one generation, whatever is built meanwhile, until `close`."""

    def __init__(self, pin: Pinned, searcher: Searcher) -> None:
        self._pin = pin
        self.searcher: Searcher = searcher
        self.manifest = pin.manifest
        self.generation = pin.current.generation
        self.folder = pin.folder

    @property
    def path(self) -> Path:
        """The folder of its generation."""
        return self._pin.path

    @property
    def facts(self) -> IndexInfo:
        found = self.manifest
        return IndexInfo(engine=found.engine, generation=self.generation, letters=found.letters, items=found.items)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What every answer from this index leaves out, or reads as an older version did."""
        found = []
        if self.manifest.failures:
            count = self.manifest.failures
            found.append(
                Notice(
                    "N20",
                    f"{count:,} file{'s' * (count > 1)} could not be read as letters and are not searched: imr-index failed lists them",
                )
            )
        why = outdated(self.manifest)
        if why:
            found.append(Notice("N20", f"{why}: imr-index build reads them again"))
        return tuple(found)

    def newer(self) -> bool:
        """Is another generation the index now?"""
        try:
            now = generations.current(self.folder)
        except IndexError_:
            return False
        return now is not None and now != self._pin.current

    def close(self) -> None:
        try:
            self.searcher.close()
        finally:
            self._pin.close()

    def __enter__(self) -> Opened:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_index(folder: Path | None = None) -> Opened:
    """Open the index for searching. Raises IndexError_: missing, damaged (it names the file), of another version, or not to be trusted."""
    place = locate() if folder is None else folder
    if settings.is_address(place):
        return _open_remote(place)
    pin = pinned(place)
    try:
        require_version(pin.manifest)
        require_trust(pin)
        manifest.verify(pin.path, pin.manifest)
        engine = registry.engine(pin.manifest.engine)
        if engine.format != pin.manifest.format:
            raise manifest.another_version(f"{pin.manifest.format[:60]!r} and not {engine.format!r}")
        searcher = guard(pin, lambda: engine.open(pin.path / manifest.ENGINE))
        return Opened(pin, Guarded(pin, searcher))
    except BaseException:
        pin.close()
        raise


class OpenedRemote(Opened):
    """`number` is that of its index in the cluster; a generation may have taken several."""

    def __init__(self, pin: Pinned, searcher: Searcher, number: int) -> None:
        super().__init__(pin, searcher)
        self._number = number

    def newer(self) -> bool:
        from imr_search.engines.opensearch import remote

        return remote.is_newer(self.folder, self._number)


def _open_remote(address: Path) -> OpenedRemote:
    """Raises IndexError_: missing, of another version, or a part of the cluster does not answer."""
    from imr_search.engines.opensearch.remote import RemoteIndex

    with RemoteIndex(address) as remote:
        number, place = remote.required(), remote.place()
        data = b"".join(remote.read(manifest.NAME))
    found = manifest.parse(data)
    require_version(found)
    engine = registry.engine(found.engine)
    if engine.format != found.format:
        raise manifest.another_version(f"{found.format[:60]!r} and not {engine.format!r}")
    pin = Pinned(address, Current(found.generation, sha256(data).hexdigest()), found, -1)
    return OpenedRemote(pin, Guarded(pin, engine.open(place)), number)


def guard(pin: Pinned, act: Callable[[], _T]) -> _T:
    """What an engine stumbles over on a damaged file is told as damage. Engines written in Rust panic with a BaseException."""
    try:
        return act()
    except (ImrError, StopIteration, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        faults = manifest.verify(pin.path, pin.manifest, thorough=True) if pin.descriptor >= 0 else []
        if not faults:
            if isinstance(error, (msgspec.MsgspecError, UnicodeError)):
                raise manifest.damaged(f"{pin.current.name}/{manifest.ENGINE}", "contains an invalid item") from error
            raise
        name, _, fault = faults[0].partition(" ")
        raise manifest.damaged(f"{pin.current.name}/{name}", fault) from error


class Guarded:
    """A searcher whose stumbling is looked into: on a file that was damaged behind the manifest's back it raises IndexError_.

    The items of a letter that another of its case differs from say so: which letters do is known of an index, and not of a letter.
    """

    def __init__(self, pin: Pinned, searcher: Searcher) -> None:
        self._pin = pin
        self._searcher = searcher
        self.deadline = searcher.deadline
        self._differing = frozenset(pin.manifest.differing)

    def count(self, node: Node) -> int:
        return guard(self._pin, lambda: self._searcher.count(node))

    def search(self, node: Node, sort: tuple[SortKey, ...] = (), limit: int | None = 20, offset: int = 0) -> Found:
        return guard(self._pin, lambda: self._searcher.search(node, sort, limit, offset))

    def draw(self, node: Node, size: int, start: int) -> list[str]:
        return guard(self._pin, lambda: self._searcher.draw(node, size, start))

    def table(self, node: Node, by: tuple[Group, ...], letters: bool = True) -> list[GroupCounts]:
        return guard(self._pin, lambda: self._searcher.table(node, by, letters))

    def items(self, ids: Iterable[str]) -> list[Item]:
        return [self._warned(item) for item in guard(self._pin, lambda: self._searcher.items(ids))]

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        return self._each(lambda: self._searcher.words(field, prefix))

    def values(self, field: str, prefix: str = "", within: Node | None = None) -> Iterator[tuple[str, int]]:
        return self._each(lambda: self._searcher.values(field, prefix, within))

    def interrupt(self) -> None:
        self._searcher.interrupt()

    def close(self) -> None:
        self._searcher.close()

    def _warned(self, item: Item) -> Item:
        if item.letter not in self._differing:
            return item
        return msgspec.structs.replace(item, warnings=(*item.warnings, warning(DIFFERS)))

    def _each(self, act: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """Words and values by the thousand: reading a query with wildcards looks at all there are, and has its deadline, too."""
        found = iter(guard(self._pin, act))
        while True:
            self.deadline.check()
            some = guard(self._pin, lambda: list(islice(found, _AT_ONCE)))
            if not some:
                return
            yield from some
