"""Answers made by hand, for tests of what is shown."""

from __future__ import annotations

from imr_search.model import Citation, Evidence, GroupCounts, Hit, IndexInfo, Item, Notice, Page, Report
from imr_search.output.formats import render

SENTENCE = "There is evidence of functional improvement with the first six visits."
CITED = Citation("MTUS", "Acupuncture", None, (98, 99), "MTUS Acupuncture, pp. 98-99")


def hit(text: str = "", n: int = 1, outcome: str = "upheld") -> Hit:
    """An item whose every text ends in `text`."""
    letter = "CM15-0012345"
    item = Item(
        id=f"{letter}#{n}",
        letter=letter,
        case=letter,
        n=n,
        treatment="Acupuncture, 6 visits" + text,
        title="Acupuncture, 6 visits" + text,
        outcome=outcome,
        guideline=CITED.text + text,
        ca_guideline=text,
        sources=("MTUS",),
        pages=(98, 99),
        citations=(CITED,),
        rationale=SENTENCE + text,
        summary="A worker." + text,
        specialty=("Occupational Medicine" + text, "Acupuncture"),
        decided="2015-03-04",
        visits=6,
        file="a/letter.pdf" + text,
    )
    return Hit(item, 7.1, (Evidence("rationale", 1, SENTENCE + text, ((21, 43),)),))


def page(*hits: Hit, query: str = "acupuncture", notices: tuple[Notice, ...] = (), **more: object) -> Page:
    return Page(
        query=query,
        read_as=query,
        notices=notices,
        index=IndexInfo("whoosh", 3, 5, 17),
        total=len(hits),
        letters=1,
        hits=hits,
        tally=GroupCounts((), 214, 190, 21, 0, 193),
        base=GroupCounts((), 1000, 900, 112, 0, 888),
        **more,  # type: ignore[arg-type]
    )


RATE = ("items", "letters", "overturned", "modified", "upheld", "rate", "low", "high")


def trend(*periods: tuple[str, int, int]) -> Report:
    """Rows of (period, items, overturned)."""
    rows = [(name, n, n, k, 0, n - k, k / n if n else None, 0.01, 0.3) for name, n, k in periods]
    return Report("trend", ("period", *RATE), tuple(rows))


def shown(*args: object, **more: object) -> str:
    return "\n".join(render(*args, **more))  # type: ignore[arg-type]
