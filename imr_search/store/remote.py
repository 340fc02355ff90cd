"""An index that lies in a cluster: opened as one in a folder is, from one generation, until `close`."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

from imr_search import engines
from imr_search.engines import Searcher
from imr_search.errors import ImrError, IndexError_
from imr_search.store import manifest
from imr_search.store.generations import Current
from imr_search.store.opening import Opened, Pinned, require_version


class Remote(Opened):
    """`number` is that of its index in the cluster; a generation may have taken several."""

    def __init__(self, pin: Pinned, searcher: Searcher, number: int) -> None:
        super().__init__(pin, searcher)
        self._number = number

    def newer(self) -> bool:
        from imr_search.engines.opensearch.cluster_generations import Generations

        try:
            with closing(Generations(self.folder, patience=1.0)) as generations:
                return generations.current() not in (None, self._number)
        except ImrError:
            return False


def open_remote(address: Path) -> Remote:
    """Raises IndexError_: missing, of another version, or a part of the cluster does not answer."""
    from imr_search.engines.opensearch.cluster_generations import Generations

    with closing(Generations(address)) as generations:
        number = generations.current()
        if number is None:
            raise IndexError_(
                f"there is no index at {generations.address}",
                f"make one:  imr-index build LETTERS --engine opensearch --index {generations.address}",
            )
        data = b"".join(generations.fetch(number, manifest.NAME))
        place = Path(generations.folder(number))
    found = manifest.parse(data)
    require_version(found)
    engine = engines.engine(found.engine)
    if engine.format != found.format:
        raise manifest.another_version(f"{found.format[:60]!r} and not {engine.format!r}")
    pin = Pinned(address, Current(found.generation, hashlib.sha256(data).hexdigest()), found, -1)
    return Remote(pin, engine.open(place), number)
