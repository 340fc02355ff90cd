"""Two letters of one case: newest decision, more items, fewer warnings, PDF before text, then path."""

from __future__ import annotations

from imr_search.letters.doubts import doubt
from imr_search.letters.versions import better
from imr_search.model import Letter
from imr_search.record import replace
from tests.letters.forms import item, modern, one

BASE = replace(one(modern(item("Norco: Upheld"))), file="b.txt")
MORE = replace(BASE, items=(*BASE.items, replace(BASE.items[0], n=2)))
DOUBTED = replace(BASE, items=(replace(BASE.items[0], warnings=(doubt("W02"),)),))
# Each beats all that follow.
RANKED: list[Letter] = [
    replace(DOUBTED, decided="2015-06-01", file="z.txt"),
    replace(MORE, file="y.txt"),
    replace(BASE, file="x.pdf"),
    replace(BASE, file="X.PDF", sha256="1"),
    replace(BASE, file="a.txt"),
    BASE,
    replace(DOUBTED, file="a.pdf"),
    replace(BASE, decided=None),
]


def test_the_rule_in_order() -> None:
    ranked = [RANKED[0], RANKED[1], RANKED[3], RANKED[2], *RANKED[4:]]
    for n, winner in enumerate(ranked):
        for loser in ranked[n + 1 :]:
            assert better(winner, loser) is winner
            assert better(loser, winner) is winner


def test_a_better_reading_of_the_same_text_is_itself() -> None:
    assert better(BASE, BASE) is BASE
