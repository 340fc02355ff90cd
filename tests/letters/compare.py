"""Prints where the four sources of the shared letters and items.json differ: python tests/letters/compare.py [SHARED]."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.discovery import LetterFile, find_letters
from imr_search.letters.parse import parse
from imr_search.letters.pdf_reader import PdfReader
from imr_search.model import Item, Letter

SOURCES = ("pypdf", "pdfminer", "mupdf", "pdf")
# Where a letter was found and what was doubtful in it may differ by source; nothing else may.
OWN = frozenset({"file", "sha256", "warnings"})


def letters(folder: Path) -> Iterator[Letter]:
    """Every letter of every file of `folder`."""
    with PdfReader() as pdf:
        for found in find_letters(folder):
            assert isinstance(found, LetterFile), found
            text = read_text(found.path, read_file(found.path), pdf)
            yield from parse(text, file=found.name, sha256="", stem=Path(found.name).stem)


def as_json(item: Item) -> dict[str, Any]:
    """The item as items.json holds it."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(item))
    return found


def items(folder: Path) -> dict[str, Item]:
    return {item.id: item for letter in letters(folder) for item in letter.items}


def differences(a: dict[str, Item], b: dict[str, Item]) -> list[tuple[str, str, Any, Any]]:
    """(id, field, a's, b's) for every field that differs; a missing item is the field "item"."""
    found: list[tuple[str, str, Any, Any]] = []
    for key in sorted(a.keys() | b.keys()):
        if key not in a or key not in b:
            found.append((key, "item", key in a, key in b))
            continue
        ours, theirs = as_json(a[key]), as_json(b[key])
        found += [
            (key, name, ours[name], theirs[name]) for name in ours if name not in OWN and ours[name] != theirs[name]
        ]
    return found


def against_json(found: dict[str, Item], path: Path) -> list[tuple[str, str, Any, Any]]:
    """(id, field, ours, the file's) for every field of items.json that differs."""
    rows = {f"{row['case']}#{row['n']}": row for row in json.loads(path.read_text(encoding="utf-8"))}
    out: list[tuple[str, str, Any, Any]] = [
        (key, "item", key in found, key in rows) for key in sorted(found.keys() ^ rows.keys())
    ]
    for key in sorted(found.keys() & rows.keys()):
        item = as_json(found[key])
        out += [(key, name, item[name], value) for name, value in rows[key].items() if item[name] != value]
    return out


def main(shared: Path) -> None:
    corpus = shared / "dwc-2016-2017"
    read = {source: items(corpus / source) for source in SOURCES}
    for source, found in read.items():
        doubted = [(key, d.code, d.text) for key, item in found.items() for d in item.warnings]
        print(f"== {source}: {len(found)} items, {len(doubted)} warnings")
        for row in doubted:
            print("   ", *row)
        for key, name, ours, theirs in against_json(found, corpus / "items.json"):
            print(f"  {key} {name}\n    letter {ours!r}\n    json   {theirs!r}")
        for key, name, ours, theirs in differences(read["pypdf"], found):
            print(f"  {key} {name}\n    pypdf  {ours!r}\n    {source:6} {theirs!r}")
    seeds = items(shared / "seeds")
    print(f"== seeds: {len(seeds)} items")
    for key, item in seeds.items():
        print(f"  {key} {item.generation} {item.outcome:10} {item.title} | {[d.text for d in item.warnings]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "../shared/letters")
