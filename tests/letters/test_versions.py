"""Two letters of one case: newest decision, more items, fewer warnings, PDF before text, then path."""

from __future__ import annotations

import msgspec

from imr_search.letters.versions import better
from imr_search.letters.warnings import warning
from imr_search.model import Letter
from tests.letters.forms import item, modern, one

BASE = msgspec.structs.replace(one(modern(item("Norco: Upheld"))), file="b.txt")
MORE = msgspec.structs.replace(BASE, items=(*BASE.items, msgspec.structs.replace(BASE.items[0], n=2)))
DOUBTED = msgspec.structs.replace(BASE, items=(msgspec.structs.replace(BASE.items[0], warnings=(warning("W02"),)),))
# Each beats all that follow.
RANKED: list[Letter] = [
    msgspec.structs.replace(DOUBTED, decided="2015-06-01", file="z.txt"),
    msgspec.structs.replace(MORE, file="y.txt"),
    msgspec.structs.replace(BASE, file="x.pdf"),
    msgspec.structs.replace(BASE, file="X.PDF", sha256="1"),
    msgspec.structs.replace(BASE, file="a.txt"),
    BASE,
    msgspec.structs.replace(DOUBTED, file="a.pdf"),
    msgspec.structs.replace(BASE, decided=None),
]


def test_the_rule_in_order() -> None:
    ranked = [RANKED[0], RANKED[1], RANKED[3], RANKED[2], *RANKED[4:]]
    for n, winner in enumerate(ranked):
        for loser in ranked[n + 1 :]:
            assert better(winner, loser) is winner
            assert better(loser, winner) is winner


def test_a_better_reading_of_the_same_text_is_itself() -> None:
    assert better(BASE, BASE) is BASE
