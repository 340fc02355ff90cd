"""A query from end to end: text -> tree -> plan -> engine -> hits, evidence and reports -> Page. What a Python user imports.

with Library.open() as library:
    page = library.search("treatment:acupuncture outcome:upheld | rate by year")
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import TracebackType

import msgspec

from imr_search import __version__, store
from imr_search.engines import Searcher
from imr_search.engines.deadline import cost
from imr_search.errors import Correction, QueryError, TooExpensiveError
from imr_search.model import AsFields, GroupCounts, Hit, IndexInfo, Item, Notice, Page
from imr_search.plan import (
    And,
    Boosted,
    Cite,
    Compare,
    Count,
    Keyword,
    Limit,
    Node,
    Not,
    Rate,
    ReportStage,
    RowStage,
    Show,
    SortKey,
    Stage,
)
from imr_search.query import likeness, parser, planner, saved
from imr_search.query.planner import Plan
from imr_search.query.reports import stage_text
from imr_search.searching import offers, pipeline, records, report, suggestions
from imr_search.searching.hits import Hits
from imr_search.searching.pipeline import Selection
from imr_search.searching.records import Record, Replay
from imr_search.searching.search_options import LETTERS, TIMEOUT, Options, settled
from imr_search.searching.suggestions import Counted
from imr_search.store import Opened
from imr_search.tabular import percent

ASIDE = 0.2  # seconds for each count that is said beside an answer
MANY = 1_000  # hits beyond which a page reads them one batch at a time

__all__ = ["Explanation", "Library", "Options", "search"]


_FEW = 5  # items whose grounds an explanation tells


class Explanation(msgspec.Struct, frozen=True):
    """A query as read, with the counts of its parts. `items`: where it finds few, these, so that their grounds can be told."""

    query: str
    read_as: str
    notices: tuple[Notice, ...]
    clauses: tuple[Counted, ...]
    total: int
    stages: tuple[Stage, ...] = ()
    items: tuple[Item, ...] = ()
    tiers: tuple[tuple[str, int], ...] = ()  # how many items each tier of plain words holds
    as_fields: AsFields | None = None


class Library:
    """An opened index that answers queries: from one generation, whatever is built meanwhile. Use it from one thread at a time."""

    def __init__(self, opened: Opened, saved: Mapping[str, str] | None = None) -> None:
        self.opened = opened
        self._saved = saved

    def __repr__(self) -> str:
        facts = self.facts
        return f"<Library {str(self.opened.folder)!r}: {facts.items:,} items in {facts.letters:,} letters>"

    @classmethod
    def open(cls, folder: str | Path | None = None, saved: Mapping[str, str] | None = None) -> Library:
        """Open the index in `folder` (by default where it usually lies). `saved` are the queries that `@name` stands for, by default the user's.
        Raises IndexError_: missing, damaged, of another version."""
        return cls(store.open_index(store.locate(folder)), saved)

    def close(self) -> None:
        self.opened.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def searcher(self) -> Searcher:
        return self.opened.searcher

    @property
    def facts(self) -> IndexInfo:
        return self.opened.facts

    @property
    def base(self) -> GroupCounts:
        """All items of the index, as one row: what every rate is compared with."""
        about = self.opened.manifest
        return GroupCounts((), about.items, about.letters, about.overturned, about.modified, about.upheld)

    @property
    def saved(self) -> Mapping[str, str]:
        """The queries that `@name` stands for, read when first asked for."""
        if self._saved is None:
            self._saved = saved.queries()
        return self._saved

    def read(self, text: str, *, literal: bool = False, today: datetime.date | None = None) -> Plan:
        """The query as it will be run. Raises QueryError."""

        def reading(text: str) -> Plan:
            return self._plan(text, literal, today)

        try:
            return reading(text)
        except QueryError as error:
            found = None if literal else self.as_fields(text, today)
            said = None if found is None else found.query
            if said is not None:
                # a small "not" may exclude what follows: then that has a reading in fields of its own
                last = error.corrections[-1].query if error.code == "E112" and error.corrections else ""
                excluded = offers.in_fields(last, today) if last else None
                readings = [Correction(one) for one in (said, excluded) if one is not None]
                error.corrections = tuple(dict.fromkeys((*readings, *error.corrections)))
            suggestions.with_counts(error, reading, self._aside, said)
            raise

    def _plan(self, text: str, literal: bool, today: datetime.date | None) -> Plan:
        tree = parser.literal(text) if literal else parser.parse(text)
        saved = self.saved if "@" in text and not literal else {}
        day = today or datetime.date.today()
        return planner.plan(tree, self.searcher, text=text, today=day, saved=saved, count=self._aside)

    def as_fields(self, text: str, today: datetime.date | None = None, plan: Plan | None = None) -> AsFields | None:
        """The reading in fields of a query with plain words, with its count; None if there is none. For the prompt, while somebody types."""
        found = offers.offer(text, today, plan, lambda query: self._told(query, today))
        return None if found is None or (plan is not None and _reads_so(found.query, plan)) else found

    def _told(self, query: str, today: datetime.date | None) -> int | None:
        """How many items a query finds that is offered (see offers.Told)."""
        try:
            return self._aside(self._plan(query, False, today).node)
        except QueryError:
            return offers.UNREADABLE
        except TooExpensiveError:
            return None

    def _readable(self, text: str, today: datetime.date | None) -> Plan | None:
        """The plan of the text, or None where it is refused."""
        try:
            return self.read(text, today=today)
        except QueryError:
            return None

    def _aside(self, node: Node) -> int:
        """The count of something said beside the answer: soon, or TooExpensiveError."""
        with self.searcher.deadline.at_most(ASIDE):
            return self.searcher.count(node)

    @contextmanager
    def within(
        self, seconds: float | None, text: str, plan: Callable[[], Plan | None] = lambda: None
    ) -> Iterator[None]:
        """A deadline for all that is asked of the engine inside. What is too expensive raises E135, at its most expensive part."""
        deadline = self.searcher.deadline
        deadline.start(seconds)
        try:
            yield
        except TooExpensiveError as problem:
            raise _too_expensive(problem, seconds, text, plan()) from problem
        finally:
            deadline.start(None)

    def search(self, text: str, options: Options | None = None, today: datetime.date | None = None) -> Page:
        """The answer to a query. Raises QueryError, UsageError, and IndexError_ when a file of the index was damaged since it was opened."""
        began = perf_counter()
        options = options or Options()
        plan: Plan | None = None
        with self.within(options.timeout, text, lambda: plan):
            day = today or options.today
            said = None
            if options.as_fields and not options.literal:
                typed = self._readable(text, day)
                asked = self.as_fields(text, day, typed)
                said = asked.query if asked is not None else offers.in_fields(text, day, typed)
            plan = self.read(said or text, literal=options.literal, today=day)
            if options.strict:
                _be_strict(plan, said or text)
            page = self.answer(plan, text, options)
            if plan.worded and not (options.literal or options.counted or options.as_fields):
                offered = self.as_fields(text, day, plan)
                page = _offering(page, None if offered is None or _reads_so(offered.query, plan) else offered)
        return msgspec.structs.replace(page, took_ms=(perf_counter() - began) * 1000)

    def answer(self, plan: Plan, text: str, options: Options) -> Page:
        """The answer to a plan that was read from `text`."""
        order, columns, said = settled(plan.stages, options)
        ending = next((stage for stage in plan.stages if isinstance(stage, ReportStage)), None)
        page = Page(
            query=text,
            read_as=plan.read_as,
            notices=(*plan.notices, *said, *self.opened.notices),
            index=self.facts,
            total=0,
            letters=0,
            offset=options.offset if ending is None else 0,
        )
        arranged = None
        if any(not isinstance(stage, ReportStage | RowStage | Show) for stage in plan.stages):
            arranged = pipeline.arrange(self.searcher, plan.node, plan.stages, order, plan.tiers)
            order = arranged.order
        chosen = None if arranged is None or arranged.ids is None else arranged
        if ending is not None:
            page = self._reported(page, plan, ending, options, order, chosen)
        else:
            page = self._listed(msgspec.structs.replace(page, columns=columns), plan, options, order, chosen)
        if page.total == 0 and self.facts.items and (chosen is None or not self.searcher.count(plan.node)):
            why = suggestions.nothing_found(plan, self.read, self._aside)
            page = msgspec.structs.replace(page, notices=(*page.notices, why))
        return page

    def _listed(
        self, page: Page, plan: Plan, options: Options, order: tuple[SortKey, ...], chosen: Selection | None
    ) -> Page:
        """The page with its hits; with a tally too unless only the count of items is wanted."""
        limit = None if any(isinstance(stage, Limit) for stage in plan.stages) else options.limit
        limit = 0 if options.limit == 0 else limit
        tally = None
        if chosen is None:
            scored: dict[str, float | None] = {}
            if limit == 0:
                total = self.searcher.count(plan.node)
            else:
                found = pipeline.search(self.searcher, plan.node, plan.tiers, order, limit, options.offset)
                total, scored = found.total, dict(zip(found.ids, found.scores, strict=True))
            if total and not options.counted:
                tally = self._tally(plan.node, options, total)
        else:
            ids = chosen.ids or ()
            total = len(ids)
            end = None if limit is None else options.offset + limit
            scored = {id_: chosen.scores.get(id_) for id_ in ids[options.offset : end]}
            if total and not options.counted:
                tally = self._tally_of(ids)
        return msgspec.structs.replace(
            page,
            total=total,
            outcome_named=_names_outcome(plan.node),
            letters=tally.letters if tally else None if total else 0,
            hits=self._hits(plan, scored, options.snippets, chosen.alike if chosen else {}),
            tally=tally,
            base=None if tally is None else self.base,
            tiers=() if tally is None and total else self._tiers(plan, options, chosen),
        )

    def _tiers(self, plan: Plan, options: Options, chosen: Selection | None) -> tuple[GroupCounts, ...]:
        """The parts of an answer to plain words, each as one row."""
        if chosen is None or chosen.ids is None:
            rows = [self._tally(tier.node, options) for tier in plan.tiers]
        else:
            tier_of = pipeline.tier_of(self.searcher, plan.tiers, chosen.ids)
            rows = [self._tally_of([id_ for id_ in chosen.ids if tier_of[id_] == tier.name]) for tier in plan.tiers]
        return tuple(
            msgspec.structs.replace(row, group=(tier.name,)) for tier, row in zip(plan.tiers, rows, strict=True)
        )

    def _hits(
        self, plan: Plan, scored: Mapping[str, float | None], snippets: int | None, alike: Mapping[str, int]
    ) -> Sequence[Hit]:
        """The hits at once, and more than MANY as they are asked for."""
        if not scored:
            return ()
        found = Hits(self.searcher, plan.node, scored, snippets, alike, plan.tiers)
        return found if len(found) > MANY else tuple(found)

    def _tally(self, node: Node, options: Options, total: int | None = None) -> GroupCounts:
        """The items of a node as one row, with their letters where those are few, known or asked for (see LETTERS)."""
        if total == self.facts.items:
            return self.base
        if total is None:
            found = self.searcher.table(node, (), options.letters)[0]
            if found.items == self.facts.items:
                return self.base
            if options.letters or found.items > LETTERS:
                return found
        return self.searcher.table(node, (), options.letters or (total or 0) <= LETTERS)[0]

    def _tally_of(self, ids: Sequence[str]) -> GroupCounts:
        """The items of these ids as one row. Their letters stand in the ids."""
        parts = [
            self.searcher.table(pipeline.named(ids[at : at + pipeline.NAMED]), (), letters=False)[0]
            for at in range(0, len(ids), pipeline.NAMED)
        ]
        letters = len({id_.rpartition("#")[0] for id_ in ids})
        outcomes = ([getattr(part, name) for part in parts] for name in ("overturned", "modified", "upheld"))
        return GroupCounts((), len(ids), letters, *map(sum, outcomes))

    def _reported(
        self,
        page: Page,
        plan: Plan,
        ending: ReportStage,
        options: Options,
        order: tuple[SortKey, ...],
        chosen: Selection | None,
    ) -> Page:
        """The page with its report over every item: by the engine's tables, or item by item where stages chose very many."""
        node: Node | None = plan.node
        tiers = self._tiers(plan, options, chosen)
        if chosen is not None:
            ids = chosen.ids or ()
            node = pipeline.named(ids) if len(ids) <= pipeline.NAMED else None
        elif isinstance(ending, Cite):
            ids = pipeline.search(self.searcher, plan.node, plan.tiers, order, None).ids
        if isinstance(ending, Compare) and node is None:
            node = pipeline.named(ids)
        if node is None or isinstance(ending, Cite):
            made, said, tally = report.over(pipeline.Stored(self.searcher, ids), ending)
        else:
            tally = self._tally(node, options) if chosen is None else self._tally_of(ids)
            letters = options.letters or tally.items <= LETTERS
            made, said = report.run(self.searcher, node, ending, tally, _asked(plan), letters)
            if tiers and chosen is None and isinstance(ending, Count | Rate) and not ending.by:
                made = report.of_rows(ending, [row for row in tiers if row.items], tally)
            if not letters:
                said += (
                    Notice("N27", f"letters are not counted for more than {LETTERS:,} items; --letters counts them"),
                )
        return msgspec.structs.replace(
            page,
            notices=(*page.notices, *said, *self._disputed(plan, ending, tiers)),
            outcome_named=_names_outcome(plan.node),
            total=tally.items,
            letters=tally.letters,
            report=report.arranged(made, plan.stages),
            tally=tally,
            base=self.base,
            tiers=tiers,
        )

    @staticmethod
    def _disputed(plan: Plan, ending: ReportStage, tiers: Sequence[GroupCounts]) -> Iterator[Notice]:
        """N28: what the disputed items alone give, under a report over all that plain words find."""
        total = sum(row.items for row in tiers)
        first = tiers[0] if tiers else None
        if first is None or isinstance(ending, Cite) or len(tiers) < 2 or first.items == total:
            return
        share = f", {percent(first.overturned / first.items)} overturned" if first.items else ""
        query = " | ".join((f"{plan.untiered} AND tier:disputed", *map(stage_text, plan.stages)))
        yield Notice(
            "N28",
            f"this covers all {total:,} items found; the words name the disputed treatment in {first.items:,}{share}: {query}",
        )

    def explain(
        self, text: str, *, literal: bool = False, today: datetime.date | None = None, timeout: float | None = TIMEOUT
    ) -> Explanation:
        """The query as read, with how many items each of its parts matches, and how many the rest does. Raises QueryError."""
        plan: Plan | None = None
        with self.within(timeout, text, lambda: plan):
            plan = self.read(text, literal=literal, today=today)
            parts = tuple(suggestions.clauses(plan, self.searcher.count))
            total = parts[0].items if len(plan.clauses) == 1 else self.searcher.count(plan.node)
            few = self.searcher.items(self._ids(plan, ())) if 0 < total <= _FEW else []
            tiers = tuple((tier.name, self.searcher.count(tier.node)) for tier in plan.tiers)
            offered = self.as_fields(text, today, plan) if plan.worded and not literal else None
            if offered is not None and _reads_so(offered.query, plan):
                offered = None
        return Explanation(text, plan.read_as, plan.notices, parts, total, plan.stages, tuple(few), tiers, offered)

    def record(self, page: Page, options: Options | None = None) -> Record:
        """The search record of an answer that this library gave; its query is read again as it was read, with all dates resolved."""
        manifest = self.opened.manifest
        plan = self.read(page.read_as)
        order, _, _ = settled(plan.stages, options or Options())
        if page.letters is None or (page.tally is None and page.total):
            whole = self.answer(plan, page.query, Options(limit=1, snippets=0, letters=True))
            page = msgspec.structs.replace(page, letters=whole.letters, tally=whole.tally)
        return records.make(
            page,
            options or Options(),
            self._ids(plan, order),
            records.Origin(
                time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                engine_format=manifest.format,
                letters_sha256=manifest.digest,
                parser=manifest.parser,
                vocabulary=manifest.vocabulary,
                version=__version__,
            ),
        )

    def replay(self, record: Record, timeout: float | None = TIMEOUT) -> Replay:
        """Ask a record's query again, as it was read then, and compare. Raises QueryError when it can no longer be read."""
        options = msgspec.structs.replace(record.options, timeout=timeout)
        page = msgspec.structs.replace(self.search(record.read_as, options), query=record.query)
        return records.compare(record, self.record(page, record.options))

    def _ids(self, plan: Plan, order: tuple[SortKey, ...]) -> tuple[str, ...]:
        """All items of an answer, in order."""
        chosen = pipeline.arrange(self.searcher, plan.node, plan.stages, order, plan.tiers)
        if chosen.ids is not None:
            return chosen.ids
        return pipeline.search(self.searcher, plan.node, plan.tiers, chosen.order, None).ids

    def item(self, id_: str) -> Item | None:
        """The item of that id ("CM15-0012345#2", also written with a space), or None."""
        return next(iter(self.searcher.items([likeness.item_id(id_)])), None)

    def letter(self, letter_id: str) -> list[Item]:
        """All items of a letter, in order; none when it is not in the index."""
        found = self.searcher.search(Keyword("letter", (letter_id.strip(),)), (SortKey("n"),), None)
        return self.searcher.items(found.ids)


def search(query: str, index: str | Path | None = None, options: Options | None = None) -> Page:
    """Open the index, answer one query, close it. Raises QueryError, UsageError, IndexError_."""
    with Library.open(index) as library:
        page = library.search(query, options)
        return msgspec.structs.replace(page, hits=tuple(page.hits))  # what is read later could not be read any more


def _too_expensive(problem: TooExpensiveError, seconds: float | None, text: str, plan: Plan | None) -> QueryError:
    """E135, at the part of the query that costs most."""

    start, end, expensive = 0, len(text), ""
    if plan is not None and len(plan.clauses) > 1:
        clause = max(plan.clauses, key=lambda clause: cost(clause.node))
        start, end, expensive = clause.start, clause.end, f"; most of the cost is {clause.text}"
    if problem.reason:
        return QueryError("E135", f"this query is too expensive to run: {problem.reason}{expensive}", text, start, end)
    message = f"this query takes longer than {seconds or 0:g} s{expensive}: add a rarer word, a field or a date, or allow more time"
    return QueryError("E135", f"{message} (--timeout {3 * max(1, int(seconds or 1))})", text, start, end)


def _reads_so(query: str, plan: Plan) -> bool:
    """Is the query read so already?"""
    return str(parser.parse(query)) == plan.read_as


def _offering(page: Page, offered: AsFields | None) -> Page:
    """The page with the reading in fields and its notice, which comes before all others: it is what most likely was meant."""
    if offered is None:
        return page
    count = "" if offered.total is None else f" ({offered.total:,} {'item' if offered.total == 1 else 'items'})"
    without = f", leaving out {' '.join(offered.left_out)}" if offered.left_out else ""
    notice = Notice("N26", f"as fields{without}: {offered.query}{count}; --as-fields runs it")
    return msgspec.structs.replace(page, as_fields=offered, notices=(notice, *page.notices))


def _be_strict(plan: Plan, text: str) -> None:
    """Raise the first doubtful reading as an error of its notice's code."""
    for notice in plan.notices:
        if notice.code in plan.starred:
            raise QueryError(notice.code, notice.text, text, 0)


def _asked(plan: Plan) -> str:
    """The query as read, without its report."""
    transforms = (stage for stage in plan.stages if not isinstance(stage, ReportStage | RowStage))
    return " | ".join((suggestions.joined([clause.text for clause in plan.clauses]), *map(stage_text, transforms)))


def _names_outcome(node: Node) -> bool:
    """Does every item have to be decided in a way that the query names, or not to be?"""
    match node:
        case And(nodes):
            return any(map(_names_outcome, nodes))
        case Not(inner) | Boosted(inner):
            return _names_outcome(inner) if isinstance(inner, Keyword | Boosted) else False
        case Keyword(field):
            return field == "outcome"
    return False
