"""Help, fields, values, and why."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from typing import TYPE_CHECKING

import msgspec

from imr_search import settings, stages
from imr_search.documents import to_json
from imr_search.errors import QueryError, UsageError
from imr_search.fields import table
from imr_search.output import wording
from imr_search.output.explanation import shown
from imr_search.output.guide import LANGUAGE, REPORTS, configuration, fields, language, two_columns
from imr_search.output.lists import grounds, opening, sentence
from imr_search.output.messages import notice
from imr_search.output.terminal import Terminal
from imr_search.plan import And, InLetter, Keyword
from imr_search.query.first_words import absent
from imr_search.repl.commands import COMMANDS, GROUPS, command
from imr_search.searching.evidence import evidence

if TYPE_CHECKING:
    from imr_search.model import Item
    from imr_search.plan import Node
    from imr_search.repl.session import Session

_MOST = 200


def help_(session: Session, argument: str) -> None:
    look, topic = session.look, argument.lower().lstrip(".")
    if not topic:
        session.show(_overview(look))
    elif topic in ("queries", "query", "language"):
        session.show(two_columns(LANGUAGE, look))
    elif topic in ("reports", "report", "stages"):
        session.show(two_columns(REPORTS, look))
    elif topic in ("settings", "config", "configuration"):
        session.show(_settings(look))
    elif topic in ("fields", "field"):
        session.show(two_columns(fields(), look))
    elif (row := command("." + topic)) is not None:
        session.show([look.paint(f"{row.name} {row.usage}".strip(), "bold"), *look.wrap(row.help, "  ")])
    elif (field := table().get(topic)) is not None and not field.hidden:
        session.show(_field(session, field.key))
    elif (stage := stages.named(topic)) is not None:
        session.show(_stage(stage, look))
    else:
        raise UsageError(
            f"there is no help on {argument}",
            ".help, .help queries, .help reports, .help settings, .help FIELD, .help COMMAND",
        )


def _stage(stage: stages.StageRow, look: Terminal) -> Iterator[str]:
    yield look.paint(f"| {stage.usage}", "bold")
    yield from look.wrap(stage.help, "  ")
    yield from look.wrap(f"as in: * | {stage.example}", "  ")


def _overview(look: Terminal) -> Iterator[str]:
    yield from language(look)
    yield from look.wrap(
        "A number opens that result. Enter opens a new line while a bracket or quotation mark is open. "
        + wording.UPHELD_MEANS
        + "."
    )
    for group in GROUPS:
        yield ""
        yield look.paint(group, "bold")
        yield from two_columns(
            [(f"{row.name} {row.usage}".strip(), row.help) for row in COMMANDS if row.group == group], look
        )


def _settings(look: Terminal) -> Iterator[str]:
    from imr_search.repl.commands.session_commands import SETTINGS

    yield look.paint("For this session: .set NAME VALUE", "bold")
    yield from two_columns(SETTINGS.items(), look)
    yield ""
    yield look.paint("For every session, in the configuration file", "bold")
    yield from look.wrap(look.clean(str(settings.config_file())), "  ", columns=look.width)
    yield from two_columns(configuration(), look)


def fields_(session: Session, argument: str) -> None:
    session.show(two_columns(fields(), session.look))


def _field(session: Session, key: str) -> Iterator[str]:
    field = table()[key]
    yield session.look.paint(", ".join((field.key, *field.names)), "bold") + f"   {field.kind}"
    yield from session.look.wrap(field.help, "  ")
    if field.values:
        yield from session.look.wrap(", ".join(field.values), "  one of: ", "  ")
    if field.synonyms:
        yield from session.look.wrap(
            ", ".join(f"{name} = {value}" for name, value in sorted(field.synonyms.items())), "  also: ", "  "
        )


def values_(session: Session, argument: str) -> None:
    name, _, prefix = argument.partition(" ")
    if not name:
        raise UsageError("which field?", ".values outcome, or .values drug hydro")
    field = table().get(name.rstrip(":"))
    if field is None or field.hidden:
        raise UsageError(absent(name.rstrip(":")) or f"no field is called {name}", ".fields lists them")
    if not field.valued and field.kind != "flag":
        if field.positional:
            session.show(_words(session, field.key, prefix.strip().lower()))
            return
        raise UsageError(
            f"{field.key} holds {field.kind}s, which are not listed here", f"count them: * | count by {field.key}"
        )
    found = session.call(lambda: list(session.library.searcher.values(field.key)))
    wanted = prefix.strip().lower()
    rows = sorted((pair for pair in found if wanted in pair[0].lower()), key=lambda pair: (-pair[1], pair[0]))
    session.show(_counted(session, rows) if rows or not wanted else _named(session, field.key, wanted))


def _named(session: Session, key: str, wanted: str) -> Iterator[str]:
    """What a name that is no value itself is read as: brands are kept under their substance."""

    yield f"no value holds {session.look.clean(wanted)}"
    quoted = wanted.replace('"', "")
    try:
        plan = session.call(lambda: session.library.read(f'{key}:"{quoted}"'))
    except QueryError:
        return
    for said in plan.notices:
        yield from notice(said, session.look, fold=True, whole=True)


def _words(session: Session, field: str, prefix: str) -> Iterator[str]:
    found = session.call(
        lambda: nlargest(_MOST, session.library.searcher.words(field, prefix), key=lambda pair: pair[1])
    )
    yield from _counted(session, found)


def _counted(session: Session, rows: list[tuple[str, int]]) -> Iterator[str]:
    if not rows:
        yield "none"
    digits = max((len(wording.number(count)) for _, count in rows), default=0)
    for value, count in rows[:_MOST]:
        yield f"{wording.number(count):>{digits}}  {session.look.clip(session.look.clean(value), max(8, session.look.width - digits - 2))}"
    if len(rows) > _MOST:
        yield f"and {wording.number(len(rows) - _MOST)} more: .values FIELD PREFIX"


def explain_(session: Session, argument: str) -> None:
    text = argument or session.last_query()
    session.show(shown(session.call(lambda: session.library.explain(text)), session.look))


def why_(session: Session, argument: str) -> None:
    """Each part of the query against one item: does it hold, and in which sentences."""
    hit, number = session.result(argument)
    session.show(session.call(lambda: list(_why(session, hit.item.id, number))))


def _why(session: Session, id_: str, number: int | None) -> Iterator[str]:
    library, look = session.library, session.look
    plan = library.read(session.last_query())
    item = library.item(id_)
    assert item is not None
    yield from opening(item, look, number)
    for clause in plan.clauses:
        holds = library.searcher.count(And((clause.node, Keyword("id", (id_,)))))
        found = evidence(item, clause.node, None) if holds else ()
        facts = "; ".join(_facts(clause.node, item))
        yield f"  {'yes' if holds else 'no ':<4}{look.paint(look.clean(clause.text), 'bold')}" + (
            f"   ({look.clean(facts)})" if facts else ""
        )
        for piece in found[:8]:
            yield from sentence(piece, look, " " * 8)
        if len(found) > 8:
            yield f"        and {len(found) - 8} more sentences"
    yield from grounds(item, look, text=True)


def _facts(node: Node, item: Item) -> Iterator[str]:
    """What the item has in the fields without sentences that a part of the query asks for."""

    record = to_json(item)
    for key in dict.fromkeys(_asked(node)):
        row = table()[key]
        if not row.positional and row.json in record:
            yield f"{key}: {wording.value(record[row.json]) or 'unknown'}"


def _asked(node: object) -> Iterator[str]:
    """The fields that a plan's nodes name, wherever they stand in it; not those of other items."""

    if isinstance(node, tuple):
        for one in node:
            yield from _asked(one)
    elif isinstance(node, msgspec.Struct) and not isinstance(node, InLetter):
        for name in node.__struct_fields__:
            value = getattr(node, name)
            if name == "field":
                yield value
            else:
                yield from _asked(value)
