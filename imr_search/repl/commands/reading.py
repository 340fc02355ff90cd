"""Reading results: whole, as letters, cited, copied, compared, and what is like them; narrowing an answer, and going back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from imr_search import analysis
from imr_search.errors import UsageError
from imr_search.output.lists import letter, side_by_side, whole
from imr_search.output.safety import clean
from imr_search.query.ast import Query
from imr_search.query.parser import parse
from imr_search.repl.choice import choice
from imr_search.repl.desktop import copy, view
from imr_search.searching.cite_styles import cite
from imr_search.searching.search_options import Options
from imr_search.searching.similar import THRESHOLD, jaccard, runs
from imr_search.stages import STYLES
from imr_search.store.originals import source_file

if TYPE_CHECKING:
    from imr_search.model import Item
    from imr_search.repl.session import Session


_ALIKE = 200
_PROSE = ("rationale", "summary")  # texts whose sentences have numbers


def open_(session: Session, argument: str) -> None:
    found, rest = session.results(argument, everything=True)
    if rest:
        raise UsageError(f"{rest} is not a result", ".open 3, .open 2-4 or .open CM15-0012345 #2")
    look = session.look
    session.show(_apart(whole(hit, look, number) for hit, number in found))


def letter_(session: Session, argument: str) -> None:
    """Whole letters: of results, or named by their case."""

    chosen = choice(argument)
    names = [argument]
    if chosen is not None or not argument:
        names = list(dict.fromkeys(hit.item.letter for hit, _ in session.results(argument)[0]))
    letters = [session.call(lambda name=name: session.library.letter(name)) for name in names]  # type: ignore[misc]
    for name, items in zip(names, letters, strict=True):
        if not items:
            raise UsageError(f"there is no letter {name} in this index", "letters are named as in CM15-0012345")
    look = session.look
    session.show(_apart(letter(items, look) for items in letters))


def _apart(pieces: Iterable[Iterator[str]]) -> Iterator[str]:
    """The lines of several things, an empty line between two."""
    for count, lines in enumerate(pieces):
        if count:
            yield ""
        yield from lines


def pdf_(session: Session, argument: str) -> None:
    """The letter's own file in the desktop's viewer, at the page of the item where that is known."""

    hit, _ = session.result(argument)
    file = source_file(session.library.opened.manifest.roots, hit.item)
    if file is None:
        roots = "; ".join(session.library.opened.manifest.roots)
        raise UsageError(f"{hit.item.file} is not there any more", f"the letters were read from {roots}")
    page = hit.item.pdf_page
    where = f"{file}, page {page}" if page else str(file)
    program = view(file, page)
    session.say(
        f"opened by {program}: {where}"
        if program
        else f"no viewer was found (PDF_VIEWER names one); the letter is {where}"
    )


def cite_(session: Session, argument: str) -> None:
    session.show([session.look.clean(citation) for citation, _ in _citations(session, argument)])


def copy_(session: Session, argument: str) -> None:
    texts = [
        f"“{clean(sentence)}” {clean(citation)}." if sentence else f"{clean(citation)}."
        for citation, sentence in _citations(session, argument)
    ]
    program = copy("\n".join(texts))
    for text in texts:
        session.say(f"copied by {program}: {text}")


def _citations(session: Session, argument: str) -> list[tuple[str, str]]:
    """Citations of results, each with the sentence that it is to: the best one, or the one that is asked for.

    .cite 1-3        .cite 2 plain        .cite 2 4 (sentence 4 of the rationale)        .cite 2 summary 1 md
    """

    first = argument.split()[:1]
    if first and first[0] in STYLES:
        raise UsageError(f"the number of a result goes before {first[0]}", f".cite 1 {first[0]}")
    found, rest = session.results(argument)
    style, field, sentence = "ccc", "", 0
    for word in rest.split():
        if word in STYLES:
            style = word
        elif word in _PROSE:
            field = word
        elif word.isdecimal() and len(word) < 6 and int(word):
            sentence = int(word)
        else:
            raise UsageError(
                f"{word} is neither a style ({', '.join(STYLES)}), a part ({', '.join(_PROSE)}) nor a sentence's number",
                ".cite 1 plain, .cite 1 4 (sentence 4), .cite 1 summary 2",
            )
    if field and not sentence:
        raise UsageError(f"which sentence of the {field}?", f".cite 1 {field} 2")
    citations = []
    for hit, _ in found:
        place: tuple[str, int] | None = None
        text = ""
        if sentence:
            place = (field or _PROSE[0], sentence)
            text = _sentence(hit.item, *place)
        elif best := hit.evidence[0] if hit.evidence else hit.deciding:
            place, text = (best.field, best.sentence), best.text
        citations.append((cite(hit.item, style, place), text))
    return citations


def _sentence(item: Item, field: str, number: int) -> str:
    """Sentence `number` of a text, counted as .open shows them. Raises UsageError."""

    text: str = getattr(item, field)
    held = list(analysis.sentences(text))
    if number > len(held):
        raise UsageError(f"the {field} of {item.id} has {len(held)} sentences", ".open shows them with their numbers")
    start, end = held[number - 1]
    return text[start:end]


def like_(session: Session, argument: str) -> None:
    chosen = choice(argument)
    if chosen is not None and not chosen.rest:
        session.ask(f"like({session.result(argument)[0].item.id})")
    elif argument:
        quoted = argument.replace('"', " ")
        session.ask(f'like("{quoted}")')
    else:
        raise UsageError("like which result?", ".like 3, or .like home H-wave unit")


def dups_(session: Session, argument: str) -> None:
    """Items whose rationale is nearly the same, among those most similar."""

    hit, _ = session.result(argument)
    own = runs(hit.item.rationale)
    page = session.call(lambda: session.library.search(f"like({hit.item.id})", Options(limit=_ALIKE, snippets=0)))
    same = tuple(one for one in page.hits if jaccard(own, runs(one.item.rationale)) >= THRESHOLD)
    if not same:
        session.say(f"no rationale is nearly the same as that of {hit.item.id.replace('#', ' #')}")
        return
    letters = len({one.item.letter for one in same})
    session.show_page(
        msgspec.structs.replace(page, hits=same, total=len(same), letters=letters, tally=None, notices=())
    )


def compare_(session: Session, argument: str) -> None:
    found, rest = session.results(argument)
    if rest:
        more, rest = session.results(rest)
        found += more
    if len(found) != 2 or rest:
        raise UsageError("compare which two results?", ".compare 1 3")
    (left, _), (right, _) = found
    session.show(side_by_side(left, right, session.look))


def more_(session: Session, argument: str) -> None:
    session.more()


def narrow_(session: Session, argument: str) -> None:
    """Both queries' conditions; the report of the new one, else that of the old."""

    if not argument:
        raise UsageError("narrow by what?", ".narrow outcome:overturned")
    before, added = parse(session.last_query()), parse(argument)
    stages = added.stages or before.stages
    tail = str(Query(before.expression, stages)).removeprefix(str(before.expression))
    session.ask(f"({before.expression}) AND ({added.expression}){tail}")


def back_(session: Session, argument: str) -> None:
    if len(session.queries) < 2:
        raise UsageError("there is no query before this one")
    session.queries.pop()
    session.ask(session.queries.pop())
