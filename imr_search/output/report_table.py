"""Reports on a screen: their table with bars, a sparkline over a trend, a cross table for two groupings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imr_search import stages
from imr_search.model import Cell, Page, Report
from imr_search.output import safety, wording
from imr_search.output.lists import summary
from imr_search.output.tables import grid
from imr_search.output.terminal import Terminal
from imr_search.tabular import percent

_COUNTS = ("items", "letters", "overturned", "modified", "upheld", "n", "least", "most")
_SHARES = ("rate", "low", "high", "share")
_NUMBERS = ("mean", "median", "q1", "q3")
_MEASURES = (*_COUNTS, *_SHARES, *_NUMBERS, "p")
_SPARKS = "▁▂▃▄▅▆▇█"
_PLAIN_SPARKS = "_.-:=+*#"
NONE = "(none)"
_INTERVAL = "95% CI"
_SPARED = ("share", "modified", "upheld", "letters", "overturned")  # given up on a narrow screen, in this order
_GROUP, _NAME = (
    32,
    14,
)  # columns of a group's name for which other columns are given up; the fewest, longer names in lines of their own
_BAR, _SHORTEST = 24, 5  # columns of the longest bar where there is room, and where there is little


def report(page: Page, look: Terminal, time: bool = False) -> Iterator[str]:
    """A page's report with its summary line. A cite report is its lines alone."""
    found = page.report
    assert found is not None
    if found.kind == "cite":
        for row in found.shown:
            yield look.clean(wording.value(row[-1]))
        return
    yield from summary(page, look, time)
    if not found.shown:
        if page.total:
            yield stages.reports()[found.kind].empty
        return
    yield ""
    if found.kind == "trend" and groups(found) == 1:
        yield from sparkline(found, look)
    if found.kind == "count" and groups(found) == 2:
        yield from cross(found, look)
    else:
        yield from bars(found, look)


def groups(found: Report) -> int:
    """How many columns name the group: those before the first measure."""
    return next((index for index, name in enumerate(found.columns) if name in _MEASURES), len(found.columns))


def cell(name: str, value: Cell) -> str:
    """A report's value as a person reads it: shares in percent, thousands apart, a group that is unknown named so."""
    if value is None:
        return "-" if name in _MEASURES else NONE
    if name in _SHARES and isinstance(value, int | float):
        return percent(value)
    if name == "p" and isinstance(value, int | float):
        return "<0.0001" if value < 0.0001 else f"{value:.4f}"
    if name in _NUMBERS and isinstance(value, int | float):
        return f"{value:,.1f}".removesuffix(".0")
    if name in _COUNTS and isinstance(value, int):
        return wording.number(value)
    return str(value)


def group_names(found: Report) -> list[list[str]]:
    """The groups of each row as a person reads them: a band of ages is "20-29", and of a category that others lie below, the items of its own
    are "rehabilitation, other"."""
    names: list[list[str]] = []
    for at in range(groups(found)):
        by = found.by[at] if at < len(found.by) else ""
        values = [row[at] for row in found.shown]
        _, _, band = by.partition(" band ")
        parents = {str(value).rpartition("/")[0] for value in values} if by == "category" else set()
        names.append([_group_name(value, int(band) if band.isdecimal() else 0, parents) for value in values])
    return [list(row) for row in zip(*names, strict=True)]


def _group_name(value: Cell, band: int, parents: set[str]) -> str:
    if isinstance(value, int) and band > 1:
        return f"{value}-{value + band - 1}"
    if value in parents:
        return f"{value}, other"
    return cell("", value)


def cells(found: Report, look: Terminal) -> tuple[list[str], list[list[str]], list[bool]]:
    """Headings, rows and which columns are flush right; low and high become one column, the interval."""
    names = list(found.columns)
    interval = "low" in names and "high" in names
    shown = [name for name in names if name not in (("low", "high") if interval else ())]
    if interval:
        shown.insert(shown.index("rate") + 1, _INTERVAL)
    count = groups(found)
    rows = []
    for row, group in zip(found.shown, group_names(found) if count else [[]] * len(found.shown), strict=True):
        values = dict(zip(names, row, strict=True))
        line = [look.clean(name) for name in group]
        points = values.get("items", 0) is None  # the difference of two groups has no items
        for name in shown[count:]:
            if name == _INTERVAL:
                line.append(wording.interval(_share(values["low"]), _share(values["high"])))
            elif name == "rate" and points:
                line.append("-" if values[name] is None else f"{100 * float(values[name] or 0):+.1f} pts")
            else:
                line.append(cell(name, values[name]))
        rows.append(line)
    return [look.clean(name) for name in shown], rows, [name in (*_MEASURES, _INTERVAL) for name in shown]


def _share(value: Cell) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def bars(found: Report, look: Terminal) -> Iterator[str]:
    heads, rows, right = cells(found, look)
    count = groups(found)
    if _least(heads, rows, count, _NAME, without=_SPARED) > look.columns:
        yield from _blocks(heads, rows, count, look)
        return
    left_out = _narrowed(heads, rows, right, count, look)
    stage = stages.reports().get(found.kind)
    drawn = stage.drawn if stage is not None and stage.drawn in found.columns else found.columns[-1]
    measured = column(found, drawn)
    longest = max((value for value in measured if value is not None), default=0)
    used = sum(max(safety.width(row[index]) for row in [heads, *rows]) + 2 for index in range(len(heads)))
    room = min(_BAR, look.width - used)
    if room >= _SHORTEST and longest > 0 and len(rows) > 1 and found.kind != "compare":
        heads.append("")
        right.append(False)
        for row, value in zip(rows, measured, strict=True):
            row.append(bar(room * (value or 0) / longest, look))
    yield from grid(heads, rows, right, look)
    if left_out:
        yield from look.wrap(f"(a wider screen also shows {', '.join(left_out)})")


def bar(length: float, look: Terminal) -> str:
    """So many columns, to an eighth where the screen can show it; what is not nothing is never drawn as nothing."""
    if not look.unicode:
        return "#" * round(length) or ("|" if length else "")
    full, eighths = divmod(max(round(8 * length), 1 if length else 0), 8)
    return "█" * full + ("▏▎▍▌▋▊▉"[eighths - 1] if eighths else "")


def _narrowed(heads: list[str], rows: list[list[str]], right: list[bool], count: int, look: Terminal) -> list[str]:
    """Take columns out of a table that cannot fit, the least telling first; their names. The n, the rate and its interval stay."""
    left_out: list[str] = []
    for name in _SPARED:
        if _least(heads, rows, count, _GROUP) <= look.columns:
            break
        if name in heads:
            at = heads.index(name)
            left_out.append(name)
            for row in [heads, *rows]:
                del row[at]
            del right[at]
    return left_out


def _least(heads: list[str], rows: list[list[str]], count: int, named: int, without: Sequence[str] = ()) -> int:
    """The columns that the table needs with `named` of them for a name that is longer."""
    kept = [at for at, name in enumerate(heads) if name not in without]
    sizes = [max(safety.width(row[at]) for row in [heads, *rows]) for at in kept]
    return sum(min(size, named) if at < count else size for at, size in zip(kept, sizes, strict=True)) + 2 * (
        len(sizes) - 1
    )


def _blocks(heads: list[str], rows: list[list[str]], count: int, look: Terminal) -> Iterator[str]:
    """The groups one under the other, each with its numbers named: for a screen that is too narrow for any table."""
    for row in rows:
        if count:
            yield from look.wrap(" / ".join(row[:count]), columns=look.width)
        line = ""
        for name, text in zip(heads[count:], row[count:], strict=True):
            said = f"{name} {text}"
            if line and safety.width(line) + len(said) + 5 > look.width:
                yield "  " + line
                line = ""
            if text != "-":
                line = f"{line}   {said}" if line else said
        if line:
            yield "  " + line


def column(found: Report, name: str) -> list[float | None]:
    if name not in found.columns:
        return [None] * len(found.shown)
    index = found.columns.index(name)
    return [float(row[index]) if isinstance(row[index], int | float) else None for row in found.shown]  # type: ignore[arg-type]


def sparkline(found: Report, look: Terminal) -> Iterator[str]:
    """One line over all periods: the rate's course, with its ends and extremes in words."""
    dated = [row for row in found.shown if row[0] is not None]
    found = Report.of(found.kind, found.columns, dated, found.by)
    rates = column(found, "rate")
    known = [rate for rate in rates if rate is not None]
    if len(known) < 3:
        return
    levels = _SPARKS if look.unicode else _PLAIN_SPARKS
    low, high = min(known), max(known)
    marks = "".join(
        " " if rate is None else levels[round((len(levels) - 1) * ((rate - low) / (high - low) if high > low else 0))]
        for rate in rates
    )
    first, last = (look.clean(wording.value(found.shown[index][0])) for index in (0, -1))
    around = len(first) + len(last) + 20
    if len(marks) + around > look.width:
        marks = marks[-max(8, look.width - around) :]
        first = look.ellipsis
    yield f"overturned  {first} {marks} {last}"
    yield f"            lowest {percent(low)}, highest {percent(high)}"
    yield ""


def cross(found: Report, look: Terminal) -> Iterator[str]:
    """Items counted two ways: the second grouping across, with sums. What is too wide for the screen is turned round; what is still too wide comes in
    parts, each with all rows, so that no heading is ever cut."""
    names = group_names(found)
    across = _levels(found, 1)
    down = list(dict.fromkeys(row[0] for row in found.shown))
    index = found.columns.index("items")
    counts: dict[tuple[Cell, Cell], int] = {(row[0], row[1]): int(row[index] or 0) for row in found.shown}
    called = [{row[at]: look.clean(name[at]) for row, name in zip(found.shown, names, strict=True)} for at in (0, 1)]
    table: list[list[str | int]] = [
        [called[0][group], *(counts.get((group, value), 0) for value in across)] for group in down
    ]
    heads = [called[1][value] for value in across]
    corner = f"{found.columns[0]} / {found.columns[1]}"
    if _width(corner, heads, table) > look.columns and len(across) > len(down):
        turned: list[list[str | int]] = [[head, *(row[at] for row in table)] for at, head in enumerate(heads, 1)]
        heads, table = [str(row[0]) for row in table], turned
        corner = f"{found.columns[1]} / {found.columns[0]}"
    yield from _in_parts(corner, heads, table, look)


def _levels(found: Report, at: int) -> list[Cell]:
    values: list[Cell] = list(dict.fromkeys(row[at] for row in found.shown))
    values.sort(key=lambda value: (value is None, isinstance(value, str), value if value is not None else 0))
    return values


def _width(corner: str, heads: Sequence[str], table: Sequence[Sequence[str | int]]) -> int:
    first = max([safety.width(corner), *(safety.width(str(row[0])) for row in table)])
    return first + sum(max(safety.width(head), 5) + 2 for head in [*heads, "sum"])


def _in_parts(corner: str, heads: Sequence[str], table: Sequence[Sequence[str | int]], look: Terminal) -> Iterator[str]:
    """The table, as many of its columns at a time as fit; the sums stand with the last."""
    numbers = [[int(cell) for cell in row[1:]] for row in table]
    sums = [sum(column) for column in zip(*numbers, strict=True)]
    columns = [[head, *(_plain(row[at]) for row in numbers), _plain(sums[at])] for at, head in enumerate(heads)]
    columns.append(["sum", *(wording.number(sum(row)) for row in numbers), wording.number(sum(sums))])
    labels = [corner, *(str(row[0]) for row in table), "sum"]
    room = look.columns - min(max(map(safety.width, labels)), max(_GROUP, look.columns // 3))
    parts: list[list[list[str]]] = [[]]
    taken = 0
    for column in columns:
        size = max(map(safety.width, column)) + 2
        if parts[-1] and taken + size > room:
            parts.append([])
            taken = 0
        parts[-1].append(column)
        taken += size
    shown = 0
    for part in parts:
        if len(parts) > 1:
            if shown:
                yield ""
            last = shown + len(part)
            yield look.paint(f"columns {shown + 1}-{last} of {len(columns)}", "dim")
            shown = last
        rows = list(zip(labels, *part, strict=True))
        yield from grid(rows[0], rows[1:], [False] + [True] * len(part), look)


def _plain(count: int) -> str:
    return wording.number(count) if count else "."
