"""Generations in a real cluster: atomic to readers, verified, cleared away when cut off, one writer at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random

import pytest
from chance import letters
from test_contract import items

from imr_search.documents import documents
from imr_search.engines.opensearch import OpenSearchEngine
from imr_search.engines.opensearch import address as addresses
from imr_search.engines.opensearch import cluster_generations as module
from imr_search.engines.opensearch.bulk import OpenSearchWriter
from imr_search.engines.opensearch.cluster import Cluster
from imr_search.engines.opensearch.cluster_generations import Generations
from imr_search.errors import IndexError_, LockedError, StorageError
from imr_search.model import Letter
from imr_search.plan import All

ENGINE = OpenSearchEngine()


def written(target: Generations, generation: int, held: list[Letter]) -> OpenSearchWriter:
    writer = ENGINE.create(Path(target.folder(generation)))
    writer.add(document for letter in held for document in documents(letter))
    return writer


def test_readers_see_whole_generations_only(address: Path) -> None:
    target = Generations(address)
    first, second = letters(Random(1), 6), letters(Random(2), 9)
    assert target.current() is None
    with pytest.raises(IndexError_, match="no index at"):
        ENGINE.open(address)
    writer = written(target, 1, first)
    with pytest.raises(IndexError_, match="never finished"):
        ENGINE.open(Path(target.folder(1)))
    writer.commit()
    with pytest.raises(IndexError_, match="no index at"):
        ENGINE.open(address)
    target.publish(1, ENGINE.format)
    old = ENGINE.open(address)
    writer = written(target, 2, second)
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            searcher = ENGINE.open(address)
            seen.add(searcher.count(All()))
            searcher.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    writer.commit()
    target.publish(2, ENGINE.format)
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= {len(items(first)), len(items(second))}
    assert target.current() == 2
    assert target.all() == [1, 2]
    assert old.count(All()) == len(items(first))
    written(target, 3, first).commit()
    target.publish(3, ENGINE.format)
    assert target.all() == [2, 3]
    with pytest.raises(IndexError_, match="is gone"):
        old.count(All())
    assert target.health() == "green"
    assert target.size(3) > 1_000
    target.close()


def test_a_cut_off_build_leaves_the_old_one_and_is_cleared_away(address: Path) -> None:
    target = Generations(address)
    held = letters(Random(3), 5)
    written(target, 1, held).commit()
    target.publish(1, ENGINE.format)
    cut_off = written(target, 2, held)
    cut_off._visible()
    copy = ENGINE.update(Path(target.folder(1)), Path(target.folder(3)))  # a copy says of itself what its source says
    for generation in (2, 3):
        with pytest.raises(IndexError_, match="never finished"):
            ENGINE.open(Path(target.folder(generation)))
        with pytest.raises(IndexError_, match="never finished"):
            target.publish(generation, ENGINE.format)
    assert target.current() == 1
    again = written(target, 2, held)  # the same number again: what lay there is thrown away
    again.commit()
    target.publish(2, ENGINE.format)
    assert target.all() == [1, 2]
    searcher = ENGINE.open(address)
    assert searcher.count(All()) == len(items(held))
    searcher.close()
    copy.cancel()
    target.close()


def test_a_document_lost_or_changed_is_found(address: Path) -> None:
    target = Generations(address)
    held = letters(Random(4), 8)
    cluster = Cluster(addresses.parse(target.folder(1)))
    writer = written(target, 1, held)
    writer._visible()
    cluster.call(
        "POST",
        cluster.path(cluster.address.name, "_delete_by_query"),
        {"query": {"term": {"id": items(held)[3].id}}},
        {"refresh": "true"},
    )
    with pytest.raises(StorageError, match="or other ones"):
        writer.commit()
    writer.cancel()
    written(target, 1, held).commit()
    target.publish(1, ENGINE.format)
    assert target.check(1, ENGINE.format) == len(items(held))
    name = cluster.address.name
    cluster.call("PUT", cluster.path(name, "_settings"), {"index": {"blocks.write": False}})
    body = {
        "query": {"term": {"id": items(held)[3].id}},
        "script": {
            "source": "ctx._source.record = ctx._source.record.replace('pain', 'gain') + ' '",
            "lang": "painless",
        },
    }
    assert cluster.call("POST", cluster.path(name, "_update_by_query"), body, {"refresh": "true"})["updated"] == 1
    with pytest.raises(IndexError_, match="is not what was written") as error:
        target.check(1, ENGINE.format)
    assert error.value.file == items(held)[3].id
    cluster.call(
        "POST",
        cluster.path(name, "_delete_by_query"),
        {"query": {"term": {"id": items(held)[3].id}}},
        {"refresh": "true"},
    )
    with pytest.raises(IndexError_, match="the cluster holds"):
        ENGINE.open(address)
    cluster.close()
    target.close()


def test_a_refused_document_is_named_without_its_text(address: Path) -> None:
    held = letters(Random(5), 2)
    found = documents(held[0])
    secret = "x" * 33_000 + "planted"
    found[0].keywords["section"] = (secret,)
    writer = ENGINE.create(address / "a")
    with pytest.raises(StorageError) as error:
        writer.add(found)
    assert found[0].id in error.value.message
    assert "planted" not in error.value.message
    found[0].keywords["section"] = ()
    found[0].keywords["no such field"] = ("planted",)
    writer.add(found)
    with pytest.raises(StorageError, match="strict_dynamic_mapping_exception") as error:
        writer.commit()
    assert found[0].id in error.value.message
    assert "planted" not in error.value.message
    writer.cancel()
    with pytest.raises(IndexError_):
        ENGINE.open(address / "a")


def test_another_version_is_refused(address: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Generations(address)
    written(target, 1, letters(Random(6), 1)).commit()
    target.publish(1, ENGINE.format)
    monkeypatch.setattr(OpenSearchEngine, "format", "opensearch 2/0")
    with pytest.raises(IndexError_, match="another version"):
        ENGINE.open(address)
    target.close()


def test_one_writer_at_a_time(address: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Generations(address), Generations(address)
    with one.lock() as held:
        with pytest.raises(LockedError, match="another build writes"), other.lock():
            pass
        held.renew()
        monkeypatch.setattr(module, "_STALE", -1.0)
        with other.lock(), pytest.raises(LockedError, match="thought dead"):
            held.renew()
    monkeypatch.undo()
    with other.lock():
        pass
    won = []
    barrier = threading.Barrier(4)

    def contend() -> None:
        mine = Generations(address)
        barrier.wait()
        try:
            with mine.lock():
                won.append(1)
                barrier.wait(30)
        except LockedError:
            barrier.wait(30)

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    one.close()
    other.close()


def test_files_of_the_store_are_kept_and_replaced(address: Path, tmp_path: Path) -> None:
    target = Generations(address)
    data = bytes(range(256)) * 70_000
    ledger, other = tmp_path / "ledger", tmp_path / "other"
    ledger.write_bytes(data)
    other.write_bytes(b"short")
    written(target, 1, letters(Random(7), 3)).commit()
    target.attach(1, {"ledger": ledger, "manifest": other})
    assert b"".join(target.fetch(1, "ledger")) == data
    assert b"".join(target.fetch(1, "manifest")) == b"short"
    with pytest.raises(IndexError_, match="holds no absent"):
        list(target.fetch(1, "absent"))
    target.publish(1, ENGINE.format)
    ENGINE.update(Path(target.folder(1)), Path(target.folder(2))).commit()
    target.attach(2, {"ledger": other})
    target.publish(2, ENGINE.format)
    assert b"".join(target.fetch(2, "ledger")) == b"short"
    assert b"".join(target.fetch(1, "ledger")) == data
    with pytest.raises(StorageError, match="does not change any more"):
        target.attach(2, {"ledger": ledger})
    target.close()
