"""What an item's texts say in a form that can be counted: citations, drugs, doses, visits, the kind of treatment, the body.

Nothing is guessed: what a text does not say is None or (), and what it says twice in two ways is a doubt.
"""

from __future__ import annotations

import msgspec

from imr_search.letters import citations, treatments
from imr_search.letters import worker as workers
from imr_search.model import Citation, Doubt


class Derived(msgspec.Struct, frozen=True):
    """The derived fields of one item, named as in `model.Item`."""

    sources: tuple[str, ...]
    ca_sources: tuple[str, ...]
    pages: tuple[int, ...]
    ca_pages: tuple[int, ...]
    chapters: tuple[str, ...]
    sections: tuple[str, ...]
    citations: tuple[Citation, ...]
    ca_citations: tuple[Citation, ...]
    drugs: tuple[str, ...]
    strengths: tuple[str, ...]
    quantity: int | None
    refills: int | None
    visits: int | None
    category: str | None
    body: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def derive(*, title: str, treatment: str, guideline: str, ca_guideline: str, summary: str, rationale: str) -> Derived:
    """The facts of one item from its unwrapped texts. Linear in their length; raises nothing.

    `summary` and `rationale` are not read today: what was asked for stands in the treatment, and a number in the prose may be
    what the guideline allows or what was given before.
    """
    cited = citations.read(guideline)
    ca_cited = citations.read(ca_guideline)
    asked = treatments.read(treatment, title)
    return Derived(
        sources=cited.sources,
        ca_sources=ca_cited.sources,
        pages=cited.pages,
        ca_pages=ca_cited.pages,
        chapters=cited.chapters,
        sections=cited.sections,
        citations=cited.citations,
        ca_citations=ca_cited.citations,
        drugs=asked.drugs,
        strengths=asked.strengths,
        quantity=asked.quantity,
        refills=asked.refills,
        visits=asked.visits,
        category=asked.category,
        body=asked.body,
        doubts=tuple(dict.fromkeys(cited.doubts + ca_cited.doubts + asked.doubts)),
    )


def worker(summary: str) -> tuple[int | None, str | None]:
    """The injured worker's age in years, and "female" or "male", from the clinical case summary."""
    return workers.read(summary)
