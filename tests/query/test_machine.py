"""The kept table is the grammar's, and reading a query loads no parser library."""

from __future__ import annotations

import json
import subprocess
import sys

from imr_search import assets
from imr_search.query import machine
from imr_search.query.lexer import Lexer


def test_the_table_is_made_of_the_grammar() -> None:
    found = machine.compiled()
    kept = json.loads(assets.text("grammar/query.json"))
    assert kept == json.loads(json.dumps(found)), "python -m imr_search.query.machine > grammar/query.json"


def test_what_may_stand_next() -> None:
    def after(text: str) -> frozenset[str]:
        return machine.accepts(machine.stack_after(Lexer(text).walk()))

    assert {"WORD", "FIELD", "NOT", "LPAR"} <= after("")
    assert not {"AND", "OR", "LINK", "PIPE", "RPAR"} & after("")
    assert {"AND", "OR", "BUTNOT", "LINK", "PIPE", "WORD"} <= after("a")
    assert "RPAR" not in after("a")
    assert {"RPAR", "OR"} <= after("(a")
    assert "PIPE" not in after("(a")
    assert {"WORD", "PHRASE", "LPAR"} <= after("treatment:")
    assert not {"FIELD", "NOT"} & after("treatment:")
    assert after("a | rate") >= {"BY", "MIN", "PIPE"}
    assert after("a | rate by age") >= {"COMMA", "BAND", "PART", "MIN"}


def test_reading_loads_no_parser_library() -> None:
    code = "import sys; from imr_search.query.parser import parse; parse('treatment:a /5 \"b c\" | rate by age'); print('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
