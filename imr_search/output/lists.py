"""A page of results for reading: who decided what, why (whole sentences), by which guideline."""

from __future__ import annotations

from collections.abc import Iterator

from imr_search.model import Evidence, Hit, Page
from imr_search.output import safety, wording
from imr_search.output.terminal import Terminal

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
