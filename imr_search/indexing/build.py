"""One build: what is asked of it, and the folder and lock that it runs under."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from imr_search import settings
from imr_search.engines import registry
from imr_search.errors import ImrError, IndexError_, StorageError
from imr_search.indexing import mirror, scan
from imr_search.indexing.build_options import BuildOptions, Built, Watch
from imr_search.indexing.run import Run
from imr_search.indexing.writer import AUTO
from imr_search.settings import is_address
from imr_search.store import generations, lock, opening, trust


def build(
    letters: Sequence[Path | str] | Path | str = (),
    index: Path | str | None = None,
    *,
    full: bool = False,
    engine: str = AUTO,
    allow_shrink: bool = False,
    force: bool = False,
    shared: bool | None = None,
    workers: int | None = None,
    progress: Watch | None = None,
) -> Built:
    """Make the index of the letters below `letters`, or bring it up to date; without `letters`, look at all its roots again.

    A script that calls this for many letters must do so under `if __name__ == "__main__"`, because worker processes import it (or pass workers=1).
    Raises UsageError, RefusedError, StorageError, LockedError, IndexError_ (the old index is damaged); the old index stays in each case.
    """
    wanted = [letters] if isinstance(letters, (str, Path)) else letters
    options = BuildOptions(full, engine, allow_shrink, force, shared, workers)
    return run([Path(path) for path in wanted], opening.locate(index), options, progress)


def run(wanted: Sequence[Path], folder: Path, options: BuildOptions, progress: Watch | None = None) -> Built:
    """`build` with everything resolved."""
    options = msgspec.structs.replace(options, engine=mirror.require(folder, options.engine))
    if is_address(folder):
        scan.arrange((), wanted)
        with mirror.written(folder) as local:
            if not wanted and generations.current(local) is None:
                raise IndexError_(f"there is no index at {mirror.shown(folder)}", "make one:  imr-index build LETTERS")
            return _run(wanted, local, options, progress)
    return _run(wanted, folder, options, progress)


def _run(wanted: Sequence[Path], folder: Path, options: BuildOptions, progress: Watch | None) -> Built:
    started = time.monotonic()
    if options.engine != AUTO:
        registry.engine(options.engine)
    scan.arrange((), wanted)  # a path that is not there is said before anything is made
    with _guarded(folder):
        if not wanted and not generations.owned(folder):
            raise IndexError_(f"there is no index in {folder}", "make one:  imr-index build LETTERS")
        if folder.is_dir():
            trust.require_owner(folder, lambda: settings.read().trust)
        generations.prepare(folder)
        with lock.writing(folder):
            generations.found(folder)
            return Run(wanted, folder, options, progress, started).run()


_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_AS_BEFORE = "the index is as it was before"
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """What goes wrong while an index is written becomes StorageError; the old index is untouched by then."""
    try:
        yield
    except StorageError as error:  # an engine's; what the system said to it is more to the point
        if isinstance(error.__cause__, OSError):
            raise _storage_error(error.__cause__, folder) from error
        if error.__cause__ is not None and _says_no_space(error.__cause__):
            raise StorageError(f"no space left for the index in {folder}", _AS_BEFORE) from error
        raise
    except ImrError:
        raise
    except OSError as error:
        raise _storage_error(error, folder) from error
    except Exception as error:
        if isinstance(error, sqlite3.Error):
            full = _says_no_space(error) or "disk is full" in str(error)
            how = f"no space left for the index in {folder}" if full else f"cannot write the index in {folder}: {error}"
            raise StorageError(how, _AS_BEFORE) from error
        if _says_no_space(error):
            raise StorageError(f"no space left for the index in {folder}", _AS_BEFORE) from error
        raise


def _says_no_space(error: BaseException) -> bool:
    return "os error 28" in str(error) or "No space left" in str(error)


def _storage_error(error: OSError, folder: Path) -> StorageError:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _NO_SPACE:
        return StorageError(f"no space left for the index in {folder}{where}", _AS_BEFORE)
    if error.errno in _NO_RIGHT:
        return StorageError(f"no permission to write the index in {folder}{where}", _AS_BEFORE)
    return StorageError(f"cannot write the index in {folder}{where}: {error.strerror}", _AS_BEFORE)
