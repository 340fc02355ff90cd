"""Two letters of one case: newest decision, more items, fewer warnings, PDF before text, longer text; never the name."""

from __future__ import annotations

import msgspec

from imr_search.letters.versions import rank
from imr_search.letters.warnings import warning
from imr_search.model import Letter
from tests.letters.forms import item, modern, one

BASE = msgspec.structs.replace(one(modern(item("Norco: Upheld"))), file="b.txt")
MORE = msgspec.structs.replace(BASE, items=(*BASE.items, msgspec.structs.replace(BASE.items[0], n=2)))
DOUBTED = msgspec.structs.replace(BASE, items=(msgspec.structs.replace(BASE.items[0], warnings=(warning("W02"),)),))
LONGER = msgspec.structs.replace(BASE, items=(msgspec.structs.replace(BASE.items[0], rationale="x" * 10_000),))
# Each beats all that follow.
RANKED: list[Letter] = [
    msgspec.structs.replace(DOUBTED, decided="2015-06-01", file="z.txt"),
    msgspec.structs.replace(MORE, file="y.txt"),
    msgspec.structs.replace(BASE, file="x.pdf"),
    msgspec.structs.replace(LONGER, file="z.txt"),
    BASE,
    msgspec.structs.replace(DOUBTED, file="a.pdf"),
    msgspec.structs.replace(BASE, decided=None),
]


def test_the_rule_in_order() -> None:
    for n, winner in enumerate(RANKED):
        for loser in RANKED[n + 1 :]:
            assert rank(winner) < rank(loser)


def test_a_name_decides_nothing() -> None:
    for name in ("a.txt", "b.txt", "sub/z.txt"):
        assert rank(msgspec.structs.replace(BASE, file=name)) == rank(BASE)
