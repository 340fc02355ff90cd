"""Reading results: whole, as letters, cited, copied, compared, and what is like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imr_search.errors import UsageError

if TYPE_CHECKING:
    from imr_search.repl.session import Session

_ALIKE = 200


def open_(session: Session, argument: str) -> None:
    from imr_search.output.item_view import whole

    hit, number = session.result(argument, everything=True)
    session.show(whole(hit, session.look, number))


def letter_(session: Session, argument: str) -> None:
    from imr_search.output.item_view import letter

    name = argument if argument and not argument.isdecimal() else session.result(argument)[0].item.letter
    items = session.call(lambda: session.library.letter(name))
    if not items:
        raise UsageError(f"there is no letter {name} in this index", "letters are named as in CM15-0012345")
    session.show(letter(items, session.look))


def cite_(session: Session, argument: str) -> None:
    session.show([session.look.clean(_citation(session, argument)[0])])


def copy_(session: Session, argument: str) -> None:
    from imr_search.output.safety import clean
    from imr_search.repl.clipboard import copy

    citation, sentence = _citation(session, argument)
    text = f"“{clean(sentence)}” {clean(citation)}." if sentence else f"{clean(citation)}."
    session.say(f"copied by {copy(text)}: {text}")


def _citation(session: Session, argument: str) -> tuple[str, str]:
    """The citation of a result to its best sentence, and that sentence."""
    from imr_search.searching.cite_styles import STYLES, cite

    number, _, style = argument.partition(" ")
    if number in STYLES:
        raise UsageError(f"the number of a result goes before {number}", f".cite 1 {number}")
    hit, _ = session.result(number)
    best = hit.evidence[0] if hit.evidence else None
    place = (best.field, best.sentence) if best is not None else None
    return cite(hit.item, style.strip() or "ccc", place), best.text if best is not None else ""


def like_(session: Session, argument: str) -> None:
    if argument.isdecimal():
        argument = session.result(argument)[0].item.id
        session.ask(f"like({argument})")
    elif argument:
        quoted = argument.replace('"', " ")
        session.ask(f'like("{quoted}")')
    else:
        raise UsageError("like which result?", ".like 3, or .like home H-wave unit")


def dups_(session: Session, argument: str) -> None:
    """Items whose rationale is nearly the same, among those most similar."""
    from imr_search.searching.search_options import Options
    from imr_search.searching.similar import THRESHOLD, jaccard, runs

    hit, _ = session.result(argument)
    own = runs(hit.item.rationale)
    page = session.call(lambda: session.library.search(f"like({hit.item.id})", Options(limit=_ALIKE, snippets=0)))
    same = tuple(one for one in page.hits if jaccard(own, runs(one.item.rationale)) >= THRESHOLD)
    if not same:
        session.say(f"no rationale is nearly that of {hit.item.id}")
        return
    letters = len({one.item.letter for one in same})
    session.show_page(
        msgspec.structs.replace(page, hits=same, total=len(same), letters=letters, tally=None, notices=())
    )


def compare_(session: Session, argument: str) -> None:
    from imr_search.output.item_view import side_by_side

    numbers = argument.split()
    if len(numbers) != 2:
        raise UsageError("compare which two results?", ".compare 1 3")
    left, right = (session.result(number)[0] for number in numbers)
    session.show(side_by_side(left, right, session.look))


def more_(session: Session, argument: str) -> None:
    session.more()
