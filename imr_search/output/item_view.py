"""One item, or one letter, whole: every sentence numbered as `cite` counts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imr_search import analysis
from imr_search.fields import table
from imr_search.letters.reasons import codes, read
from imr_search.model import Evidence, Hit, Item
from imr_search.output import safety, wording
from imr_search.output.terminal import Terminal


def _facts() -> Iterator[tuple[str, str]]:
    """The JSON key and the name of each fact, in the order of the table of fields."""
    for row in table():
        if row.fact:
            yield row.json, row.fact
    yield "warnings", "doubts"


def whole(hit: Hit, look: Terminal, number: int | None = None) -> Iterator[str]:
    """Everything that is known of one item; sentences that matched bear their marks."""
    yield from opening(hit.item, look, number, hit.marks)
    yield from facts(hit, look)
    yield from grounds(hit.item, look)
    yield from prose(hit.item, "rationale", hit.evidence, look)
    yield from prose(hit.item, "summary", hit.evidence, look)


def opening(
    item: Item, look: Terminal, number: int | None = None, marks: Sequence[tuple[int, int]] = ()
) -> Iterator[str]:
    front = f"{number}  " if number is not None else ""
    outcome = look.paint(item.outcome.upper(), item.outcome if item.outcome in ("overturned", "modified") else "upheld")
    name, decided = look.clean(wording.name(item)), item.decided or "no date"
    if safety.width(f"{front}{name}  {decided}  {item.outcome}") <= look.width:
        yield f"{front}{look.linked(look.paint(name, 'bold'), item)}  {decided}  {outcome}"
    else:
        yield from look.wrap(f"{name} {decided} {item.outcome.upper()}", front, " " * len(front))
    yield from look.wrap(look.marked(wording.title(item), marks), " " * len(front))


def facts(hit: Hit, look: Terminal) -> Iterator[str]:
    """The item's facts, one a line, those that are unknown left out."""
    item, record = hit.item, wording.item_json(hit)
    rows = [("treatment", item.treatment if item.treatment != wording.title(item) else "")]
    rows += [("reviewer cites", item.guideline), ("administrator cites", item.ca_guideline)]
    rows += [(name, wording.value(record[key])) for key, name in _facts()]
    for name, value in rows:
        if value:
            yield from look.wrap(look.clean(value), f"  {name:<20}", " " * 22)


def grounds(item: Item, look: Terminal, text: bool = False) -> Iterator[str]:
    """What the decision turned on, the main ground first, with the sentence that gives each; with `text` the sentence itself."""
    meanings = codes()
    for count, found in enumerate(read(item.rationale, item.outcome)):
        front = f"  {'decided by' if count == 0 else '':<20}"
        if not found.sentence:
            yield f"{front}{found.code}"
            continue
        head = f"{found.code} (rationale, sentence {found.sentence})"
        if not text:
            yield from look.wrap(head, front, " " * 22)
            continue
        yield from look.wrap(f"{head}: {meanings[found.code]}", front, " " * 22)
        yield from look.wrap(look.clean(found.text), " " * 24)


def prose(item: Item, field: str, evidence: Iterable[Evidence], look: Terminal) -> Iterator[str]:
    text: str = getattr(item, field)
    if not text:
        return
    marks = {found.sentence: found.marks for found in evidence if found.field == field}
    yield ""
    yield look.paint(field.capitalize(), "heading")
    for count, (start, end) in enumerate(analysis.sentences(text), 1):
        yield from look.wrap(look.marked(text[start:end], marks.get(count, ())), f"{count:>4}  ", "      ")


def letter(items: Sequence[Item], look: Terminal) -> Iterator[str]:
    """A letter: what its items share once, then each item with its reasons."""
    first = items[0]
    yield (
        look.paint(f"Letter {look.clean(first.letter)}", "bold")
        + f"   {wording.count(len(items), 'item')}   {first.decided or 'no date'}"
    )
    yield from prose(first, "summary", (), look)
    for item in items:
        yield ""
        yield from opening(item, look, item.n)
        if item.guideline:
            yield from look.wrap(look.clean(item.guideline), "  reviewer cites      ", " " * 22)
        yield from prose(item, "rationale", (), look)


def side_by_side(left: Hit, right: Hit, look: Terminal) -> Iterator[str]:
    """Two items fact by fact; on a narrow screen one under the other. A line that differs bears an asterisk."""
    rows: list[tuple[str, str, str]] = []
    one, two = wording.item_json(left), wording.item_json(right)
    for key, name in (
        ("id", "item"),
        ("outcome", "outcome"),
        ("title", "title"),
        ("guideline", "reviewer cites"),
        ("ca_guideline", "adm. cites"),
        *_facts(),
        ("rationale", "rationale"),
    ):
        a, b = wording.value(one[key]), wording.value(two[key])
        if a or b:
            rows.append((name, a, b))
    half = (look.width - 20) // 2
    for name, a, b in rows:
        sign = " " if a == b else "*"
        if half < 24:
            yield f"{sign} {look.paint(name, 'bold')}"
            yield from look.wrap(look.clean(a) or "-", "    ")
            if a != b:
                yield from look.wrap(look.clean(b) or "-", "    ")
            continue
        texts = [look.wrap(look.clean(text) or "-", "", columns=half - 1) for text in (a, b)]
        for row in range(max(len(text) for text in texts)):
            cells = [text[row] if row < len(text) else "" for text in texts]
            gap = " " * (half - safety.width(cells[0]))
            front = f"{sign} {name:<16}" if row == 0 else " " * 18
            yield (front + "  " + cells[0] + gap + cells[1]).rstrip()
