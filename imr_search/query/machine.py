"""The grammar's LALR(1) table and the few lines that run it.

Lark compiles grammar/query.lark; its table is kept as grammar/query.json, so that reading a query loads no parser library and trusts no pickled
cache. `python -m imr_search.query.machine` writes the table anew; a test demands that the two agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from imr_search import assets
from imr_search.record import record

END = "$END"


@record
class Token:
    """`kind` is a terminal of the grammar; it was read from query[start:end]; `value` is what the lexer made of it."""

    kind: str
    start: int
    end: int
    value: Any = None


@record
class Rule:
    """`origin` is made of `size` symbols by `action` ("" passes the only one on)."""

    origin: str
    size: int
    action: str


@record
class Table:
    """states[s][terminal] is the next state (shift) or, below 0, ~rule (reduce); states[s][rule name] is the state after a reduction."""

    states: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    start: int
    end: int


class Stuck(Exception):
    """`token` cannot stand here; `stack` is the machine's stack before it, for `accepts`."""

    def __init__(self, token: Token, stack: list[int]) -> None:
        super().__init__(token.kind)
        self.token = token
        self.stack = stack


@cache
def table() -> Table:
    import json

    found = json.loads(assets.text("grammar/query.json"))
    rules = tuple(Rule(*rule) for rule in found["rules"])
    return Table(tuple(found["states"]), rules, found["start"], found["end"])


def compiled() -> dict[str, Any]:
    """The table of grammar/query.lark, as Lark builds it, in the shape of grammar/query.json."""
    import lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        def __init__(self, conf: object) -> None: ...

        def lex(self, *_: object) -> Any:
            return iter(())

    parser = lark.Lark(assets.text("grammar/query.lark"), parser="lalr", lexer=NoLexer, start="query")
    found = parser.parser.parser._parse_table
    rules: dict[tuple[Any, ...], int] = {}
    # Lark numbers its states by what it meets first in sets: walk them from the start in the order of names, so that the table is the same each time.
    number = {found.start_states["query"]: 0}
    order = [found.start_states["query"]]
    states: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        for symbol, (action, argument) in sorted(found.states[state].items()):
            if action is Shift:
                if argument not in number:
                    number[argument] = len(order)
                    order.append(argument)
                row[symbol] = number[argument]
            else:
                rule = (str(argument.origin.name), len(argument.expansion), str(argument.alias or ""))
                row[symbol] = ~rules.setdefault(rule, len(rules))
        states.append(row)
    return {
        "start": 0,
        "end": number[found.end_states["query"]],
        "rules": [list(rule) for rule in rules],
        "states": states,
    }


def step(stack: list[int], token_kind: str, reduced: Callable[[Rule], None] = lambda rule: None) -> bool:
    """Take one terminal: reduce, then shift it onto `stack`. False, with the stack as far reduced as it got, if it cannot stand here."""
    grammar = table()
    if token_kind == END and stack[-1] == grammar.end:
        return True
    while (action := grammar.states[stack[-1]].get(token_kind)) is not None:
        if action >= 0:
            stack.append(action)
            return True
        rule = grammar.rules[~action]
        reduced(rule)
        del stack[len(stack) - rule.size :]
        stack.append(grammar.states[stack[-1]][rule.origin])
        if token_kind == END and stack[-1] == grammar.end:
            return True
    return False


def accepts(stack: list[int]) -> frozenset[str]:
    """The terminals that may stand next. A LALR row promises too much (it reduces on a look-ahead of other contexts), so each is tried on a copy."""
    return frozenset(
        kind for kind in table().states[stack[-1]] if kind.isupper() and kind != END and step(list(stack), kind)
    )


def run(tokens: Iterable[Token], length: int, actions: Callable[[str, list[Any]], Any]) -> Any:
    """The value that `actions(name, parts)` make of the tokens, parts being tokens and values in order. Raises Stuck."""
    stack = [table().start]
    values: list[Any] = []

    def reduced(rule: Rule) -> None:
        if rule.action:
            parts = values[len(values) - rule.size :]
            del values[len(values) - rule.size :]
            values.append(actions(rule.action, parts))

    for token in (*tokens, Token(END, length, length)):
        before = list(stack)
        if not step(stack, token.kind, reduced):
            raise Stuck(token, before)
        values.append(token)
    return values[0]


def stack_after(tokens: Iterable[Token]) -> list[int]:
    """The machine's stack after `tokens`, for `accepts`. Raises Stuck."""
    stack = [table().start]
    for token in tokens:
        before = list(stack)
        if not step(stack, token.kind):
            raise Stuck(token, before)
    return stack


def main() -> None:
    import json
    import sys

    found = compiled()
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in found["states"])
    head = json.dumps({key: found[key] for key in ("start", "end", "rules")}, separators=(",", ":"))
    sys.stdout.write(f'{head[:-1]},"states":[\n{rows}\n]}}\n')


if __name__ == "__main__":
    main()
