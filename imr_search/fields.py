"""The table of fields (index/fields.toml) as objects, and the fingerprint that ties an index to it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from imr_search import analysis, assets

TEXT, CITATION, KEYWORD, ENUM, NUMBER, DATE, FLAG = "text", "citation", "keyword", "enum", "number", "date", "flag"


class Facet(msgspec.Struct, frozen=True):
    """What the page calls the counts of a field's values, and which of all facets it is (from 1)."""

    place: int
    title: str


class Field(msgspec.Struct, frozen=True):
    """One row of the table; the meaning of each column is written at the top of index/fields.toml."""

    key: str
    kind: str
    names: tuple[str, ...]
    json: str
    column: str
    fact: str
    help: str
    match: str
    values: tuple[str, ...]
    synonyms: Mapping[str, str]
    aliases: str
    facet: Facet | None
    many: bool
    prose: bool
    default: bool
    hidden: bool

    @property
    def positional(self) -> bool:
        """Does it hold words with positions?"""
        return self.kind in (TEXT, CITATION)

    @property
    def valued(self) -> bool:
        """Does it hold whole values (keyword or enum)?"""
        return self.kind in (KEYWORD, ENUM)


class Fields(msgspec.Struct, frozen=True):
    """All fields in the order of the table. `by_name` holds keys, query names and JSON keys; all are lower-case."""

    rows: tuple[Field, ...]
    by_name: Mapping[str, Field]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.rows)

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    def get(self, name: str) -> Field | None:
        return self.by_name.get(name.lower())

    def of_kind(self, *kinds: str) -> tuple[Field, ...]:
        return tuple(row for row in self.rows if row.kind in kinds)

    @property
    def defaults(self) -> tuple[Field, ...]:
        """The fields that a word without a field is looked for in."""
        return tuple(row for row in self.rows if row.default)


@cache
def table() -> Fields:
    rows = []
    for key, row in tomllib.loads(assets.text("index/fields.toml")).items():
        rows.append(
            Field(
                key=key,
                kind=row["kind"],
                names=tuple(row.get("names", ())),
                json=row.get("json", key),
                fact=row.get("fact", ""),
                column=row.get("column", row.get("json", key)),
                help=row["help"],
                match=row.get("match", "exact"),
                values=tuple(row.get("values", ())),
                synonyms=MappingProxyType(dict(row.get("synonyms", {}))),
                aliases=row.get("aliases", ""),
                facet=Facet(**row["facet"]) if "facet" in row else None,
                many=row.get("many", False),
                prose=row.get("prose", False),
                default=row.get("default", False),
                hidden=row.get("hidden", False),
            )
        )
    by_name = {name: row for row in rows for name in (row.key, *row.names, row.json)}
    return Fields(tuple(rows), MappingProxyType(by_name))


@cache
def fingerprint() -> str:
    """Changes when an index built before can no longer be searched: its fields or its words would mean something else."""

    parts = [f"analysis {analysis.VERSION}"]
    parts += [f"{f.key} {f.kind} {f.many} {f.prose} {f.json}" for f in table()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
