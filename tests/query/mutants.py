"""Queries as bad as chance makes them: known ones, cut, spliced and sprinkled with the signs that mean something."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

SIGNS = (
    *" \t\n\"()[]{}|,:;=<>~^*?!+-/&@#%.'\\_$0123456789aAnNéß“”‘’–—−\u00a0\u200b\u00ad\x00\x1b\u202eＡ（１²½ﬁıİ\ud800",
    *(" OR ", " AND ", " NOT ", " not ", " but not ", " /5 ", " +3 ", " /s ", " /p ", " w/2 ", " pre/4 ", "..", " TO "),
    *("treatment:", "qty:", "qty>", "decided:", "case:", "outcome:", "guideline:", "letter:(", "syn(", "like(", "has:"),
    *("missing:", "is:", "page:", "t:", "n=", " | ", "rate", " by ", "count by", "top 3 ", "sort -", "limit ", "show "),
    *(
        "sample 3 seed ",
        "unique ",
        "cite",
        "trend ",
        " min ",
        " band ",
        "year",
        "@x",
        "~2",
        "^3",
        '"a b"~5',
        "https://",
    ),
    *("10/325", "L4-5", "CM15-0012345#1", "3/4/2015", "last-90d", "2015-03..2015-06", "[2015 TO 2016]"),
)


def mutants(seeds: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """`count` queries, the same for the same seeds and number."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(seeds) if chance.random() < 0.8 else ""
        for _ in range(chance.choice((1, 1, 2, 3, 5, 12))):
            at = chance.randint(0, len(text))
            kind = chance.random()
            if kind < 0.5:
                text = text[:at] + chance.choice(SIGNS) + text[at:]
            elif kind < 0.7:
                text = text[:at] + text[at + chance.randint(1, 4) :]
            elif kind < 0.85:
                other = chance.choice(seeds)
                cut = chance.randint(0, len(other))
                text = text[:at] + other[cut : cut + chance.randint(1, 30)] + text[at:]
            elif kind < 0.95:
                text = text[:at] + chance.choice(SIGNS) + text[at + 1 :]
            else:
                text = text[:at]
        yield text
