"""How an index stands, for `imr-index status`: as an object for programs, and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imr_search.output.safety import clean

if TYPE_CHECKING:
    from imr_search.indexing.maintenance import Status


def status_json(found: Status) -> dict[str, Any]:
    told = found.manifest
    return {
        "index": str(found.folder),
        "engine": told.engine,
        "generation": told.generation,
        "built": told.created,
        "letters": told.letters,
        "items": told.items,
        "first_decision": found.first,
        "last_decision": found.last,
        "bytes": found.size,
        "files": told.files,
        "failed": told.failures,
        "shared": told.shared,
        "digest": told.digest,
        "roots": list(told.roots),
        "missing_roots": list(found.missing),
        "outdated": found.outdated or None,
        "problem": found.problem or None,
        "notes": list(found.notes),
    }


def status_lines(facts: dict[str, Any]) -> list[str]:
    rows = [
        ("index", facts["index"]),
        ("engine", facts["engine"]),
        ("generation", f"{facts['generation']}, built {facts['built']}"),
        ("letters", f"{facts['letters']:,}"),
        ("items", f"{facts['items']:,}"),
        (
            "decided",
            f"{facts['first_decision']} to {facts['last_decision']}" if facts["first_decision"] else "no dates",
        ),
        ("size", f"{facts['bytes'] / 1e6:,.1f} MB"),
        (
            "files",
            f"{facts['files']:,}, of them failed {facts['failed']:,}"
            + (" (imr-index failed)" if facts["failed"] else ""),
        ),
        ("readable by", "you and your group" if facts["shared"] else "you alone"),
    ]
    rows += [
        ("letters in", root + (" (not there now)" if root in facts["missing_roots"] else "")) for root in facts["roots"]
    ]
    rows += [("note", note) for note in facts["notes"]]
    if facts["outdated"]:
        rows.append(("outdated", f"{facts['outdated']}; imr-index build reads the letters again"))
    return [f"{name:<12} {clean(str(value))}" for name, value in rows]
