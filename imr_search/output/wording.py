"""The phrases that several formats share: numbers, citations, outcomes, the summary of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from imr_search.documents import label, to_json
from imr_search.model import Citation, Evidence, GroupCounts, Hit, Item, Page
from imr_search.searching.intervals import share, wilson
from imr_search.searching.search_options import CASE_NUMBER
from imr_search.tabular import percent

UPHELD_MEANS = "upheld = the denial stands; overturned = the treatment is certified; modified = certified in part"


def number(value: int) -> str:
    return f"{value:,}"


def count(value: int, noun: str) -> str:
    """ "1 item", "12,000 items"."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def pages(numbers: Sequence[int]) -> str:
    """ "p. 98", "pp. 76-80, 98"."""
    if not numbers:
        return ""
    runs: list[list[int]] = []
    for page in sorted(numbers):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        elif not runs or page > runs[-1][1]:
            runs.append([page, page])
    shown = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
    return f"{'pp.' if len(numbers) > 1 else 'p.'} {shown}"


def citation(cited: Citation) -> str:
    return ", ".join(part for part in (label(cited), pages(cited.pages)) if part)


def citations(cited: Iterable[Citation]) -> str:
    return "; ".join(dict.fromkeys(citation(one) for one in cited))


def interval(low: float | None, high: float | None) -> str:
    """ "6.5-14.5", "-22.2 to 6.5", in percent."""
    if low is None or high is None:
        return "-"
    below, above = (percent(share).removesuffix("%") for share in (low, high))
    return f"{below}{'-' if low >= 0 else ' to '}{above}"


def rate(tally: GroupCounts, base: GroupCounts | None) -> str:
    """ "9.8% overturned (95% CI 6.5-14.5, n=214; all items 11.2%)"."""
    low, high = wilson(tally.overturned, tally.items)
    all_items = f"; all items {percent(share(base))}" if base is not None else ""
    said = f"95% CI {interval(low, high)}, n={number(tally.items)}{all_items}"
    return f"{percent(share(tally))} overturned ({said})"


def heading(page: Page) -> str:
    """The first line of an answer."""
    parts = [count(page.total, "item")]
    if page.letters is not None:
        parts[0] += f" in {count(page.letters, 'letter')}"
    if page.outcome_named:  # the rate of what was asked for by its outcome says nothing
        return parts[0]
    if page.tiers and page.base is not None and page.total:
        parts.append(f"(all items of the index: {percent(share(page.base))} overturned)")
    elif page.tally is not None and page.tally.items:
        parts.append(rate(page.tally, page.base))
    return "   ".join(parts)


def tiers(page: Page) -> Iterator[str]:
    """A line for each tier that holds something: where the query's plain words lie, and how they were decided, unless the query says it."""
    rows = [row for row in page.tiers if row.items]
    width = max((len(str(row.group[0])) for row in rows), default=0)
    for row in rows:
        held = count(row.items, "item") + ("" if row.letters is None else f" in {count(row.letters, 'letter')}")
        rated = "" if page.outcome_named else f"   {rate(row, None)}"
        yield f"{row.group[0]!s:<{width}}   {held}{rated}"


def seconds(took_ms: float) -> str:
    return f"{took_ms / 1000:.2f} s"


def name(item: Item) -> str:
    """ "CM15-0012345 #2"."""
    return f"{item.letter} #{item.n}"


def title(item: Item) -> str:
    return item.disputed


def place(found: Evidence) -> str:
    """Where a piece of evidence stands: "rationale, sentence 4", "guideline, citation 2", "treatment"."""
    if found.field in ("treatment", "title"):
        return found.field
    unit = "citation" if found.field in ("guideline", "ca_guideline") else "sentence"
    return f"{found.field}, {unit} {found.sentence}"


def decided_by(item: Item, found: Evidence) -> str:
    """Where the sentence of the main ground stands: "decided by findings: rationale, sentence 4"."""
    return f"decided by {', '.join(item.reasons[:1])}: {place(found)}"


def item_json(hit: Hit) -> dict[str, Any]:
    """One item under the keys of the JSON contract, in its order."""
    found = to_json(hit.item)
    found.pop("items", None)
    found["score"] = hit.score
    found["evidence"] = [{"field": e.field, "sentence": e.sentence, "text": e.text} for e in hit.evidence]
    found["tier"] = hit.tier
    return found


def record(hit: Hit) -> dict[str, Any]:
    """What columns may show: the keys of the contract, how many items the letter has, and the case under a name that SQL takes."""
    return {**item_json(hit), "items": hit.item.items, CASE_NUMBER: hit.item.case}


def value(found: Any) -> str:
    """A value of the JSON as one text: lists joined by "; ", unknown is empty."""
    match found:
        case None:
            return ""
        case list():
            return "; ".join(value(one) for one in found)
        case {"code": str(code), "text": str(text)}:
            return f"{code} {text}"
        case {"text": str(text)}:
            return text
        case _:
            return str(found)
