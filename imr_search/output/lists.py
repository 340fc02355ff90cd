"""Items for reading: a page of results (who decided what, why, by which guideline), and one item or one letter whole, every sentence numbered as
`cite` counts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imr_search import analysis
from imr_search.fields import table
from imr_search.letters.reasons import codes, read
from imr_search.model import Evidence, Hit, Item, Page
from imr_search.output import safety, wording
from imr_search.output.terminal import Terminal


def _facts() -> Iterator[tuple[str, str]]:
    """The JSON key and the name of each fact, in the order of the table of fields."""
    for row in table():
        if row.fact:
            yield row.json, row.fact
    yield "warnings", "warnings"


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


_INDENT = " " * 5
_CITED = 3  # lines of citations an item may take


def listing(page: Page, look: Terminal, time: bool = False) -> Iterator[str]:
    """Lines without their newlines. Results are numbered from the page's offset on, so that a number means one result of the query."""
    yield from summary(page, look, time)
    digits = max(2, len(str(page.offset + len(page.hits))))
    airy = False  # results with sentences under them stand apart
    tier = None
    for number, hit in enumerate(page.hits, page.offset + 1):
        sentences = bool(hit.evidence or hit.deciding)
        if number > page.offset + 1 and (airy or sentences):
            yield ""
        if hit.tier != tier and hit.score is not None and len(page.tiers) > 1:
            yield look.paint(f"-- {hit.tier}", "dim")
        tier = hit.tier
        airy = sentences
        yield from entry(number, hit, look, digits, page.columns)


def summary(page: Page, look: Terminal, time: bool = False) -> Iterator[str]:
    text = wording.heading(page) + (f"   {wording.seconds(page.took_ms)}" if time else "")
    if safety.width(text) <= look.width:
        yield look.paint(text, "bold")
    else:
        for part in text.split("   "):
            for line in look.wrap(part):
                yield look.paint(line, "bold")
    for line in wording.tiers(page):
        if safety.width(line) + 5 <= look.width:
            yield _INDENT + line
        else:
            for part in line.split("   "):
                yield from look.wrap(part, _INDENT)


def entry(number: int, hit: Hit, look: Terminal, digits: int = 2, columns: tuple[str, ...] = ()) -> Iterator[str]:
    item = hit.item
    outcome = look.paint(item.outcome.upper(), item.outcome if item.outcome in ("overturned", "modified") else "upheld")
    name = look.linked(look.paint(look.clean(wording.name(item)), "bold"), item)
    head = f"{number:>{digits}}  {name}  {item.decided or 'no date   '}  {outcome}"
    plain = (
        f"{number:>{digits}}  {look.clean(wording.name(item))}  {item.decided or 'no date   '}  {item.outcome.upper()}"
    )
    title = look.marked(wording.title(item), hit.marks)
    indent = " " * (digits + 3)
    beside = look.wrap(title, " " * (safety.width(plain) + 2), indent + "     ")
    if not beside:
        yield head
    elif safety.width(plain) + (10 if len(beside) == 1 else 30) <= look.measure:
        yield head + "  " + beside[0].lstrip()
        yield from beside[1:]
    else:
        front = f"{number:>{digits}}  "  # the outcome is never cut: it goes on a line of its own
        yield from [head] if safety.width(plain) <= look.width else look.wrap(plain[len(front) :], front, indent)
        yield from look.wrap(title, indent)
    for found in hit.evidence:
        yield from sentence(found, look, indent)
    if hit.deciding:
        yield from sentence(hit.deciding, look, indent, wording.decided_by(item, hit.deciding))
    alike = f"+{hit.alike:,} near-identical" if hit.alike else ""
    if columns:
        record = wording.record(hit)
        shown = [f"{key}: {look.clean(wording.value(record.get(key)))}" for key in columns]
        yield from look.wrap(" | ".join([*shown, *([alike] if alike else [])]), indent)
        return
    cited = look.clean(wording.citations(item.citations) or item.guideline)
    lines = look.wrap(cited, indent)
    if len(lines) > _CITED:
        lines = [*lines[: _CITED - 1], look.clip(f"{lines[_CITED - 1]} {lines[_CITED].strip()}", look.measure - 2)]
        lines[-1] = lines[-1] if lines[-1].endswith(look.ellipsis) else lines[-1] + look.ellipsis
    if alike and lines and safety.width(lines[-1]) + len(alike) + 3 <= look.measure:
        lines[-1] += " " * (look.measure - safety.width(lines[-1]) - len(alike)) + alike
    elif alike:
        lines.append(indent + alike)
    for line in lines:
        yield look.paint(line, "dim")


def sentence(found: Evidence, look: Terminal, indent: str = _INDENT, where: str = "") -> Iterator[str]:
    """A whole sentence with its marks, and where it stands (or `where`), so that it can be cited."""
    lines = look.wrap(look.marked(found.text, found.marks), indent)
    where = where or wording.place(found)
    last = lines.pop() if lines else indent
    room = look.measure - _visible(last)
    yield from lines
    if room >= len(where) + 3:
        yield f"{last}   {look.paint(where, 'dim')}"
    else:
        yield last
        yield look.paint(look.clip(indent + where, look.measure), "dim")


def _visible(line: str) -> int:
    """Columns of a line that may hold our own colours."""
    while "\x1b[" in line:
        start = line.index("\x1b[")
        line = line[:start] + line[line.index("m", start) + 1 :]
    return safety.width(line)
