"""No control or bidi character of a letter ever reaches a terminal or a spreadsheet."""

from __future__ import annotations

import csv
import json
import random
import re
import unicodedata

import pytest
from pages import hit, page, trend

from imr_search.errors import Correction, QueryError, UsageError
from imr_search.model import Notice, Report
from imr_search.output import safety
from imr_search.output.formats import Manner, line_names, render
from imr_search.output.lists import letter, side_by_side, whole
from imr_search.output.messages import error, notice
from imr_search.output.terminal import Terminal
from imr_search.searching.search_options import json_keys

NASTY = [chr(n) for n in (*range(32), *range(127, 160))] + list(
    "\u00ad\u061c\u180e\u200b\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202d\u202e\u2066\u2067\u2069\ufeff\U000e0041\ud800\udfff"
)
SEQUENCES = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\",
    "\x9b31m",
    "\x1bP+q\x1b\\",
    "\r\n",
    "=cmd|' /C calc'!A0",
    "|",
    "`",
    "日本",
]
COLOURS = re.compile(r"\x1b\[[0-9;]{1,5}m")


def random_text(dice: random.Random) -> str:
    parts = []
    for _ in range(dice.randrange(1, 12)):
        kind = dice.randrange(4)
        if kind == 0:
            parts.append(dice.choice(NASTY))
        elif kind == 1:
            parts.append(dice.choice(SEQUENCES))
        elif kind == 2:
            parts.append(chr(dice.choice((dice.randrange(0x250), dice.randrange(0x110000)))))
        else:
            parts.append(dice.choice((" word", ".", " The", "<b>", "é", " ")))
    return "".join(parts)


def bad(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def outputs(text: str, look: Terminal) -> list[str]:
    """Everything that this package prints of a letter or a query that holds `text`."""
    one = hit(text)
    answer = page(one, query="q" + text, notices=(Notice("N08", text),))
    shown = [line for form in line_names() for line in render(answer, form, look)]
    shown += render(answer, "list", look, Manner(full=True))
    shown += whole(one, look)
    shown += letter([one.item], look)
    shown += side_by_side(one, hit("", 2), look)
    report = Report(
        "top", ("value", "items", "letters", "overturned", "rate"), ((text, 3, 2, 1, 0.3), (None, 1, 1, 0, 0.0))
    )
    for form in ("list", "md", "csv", "tsv", "json", "jsonl"):
        shown += render(page(report=report), form, look)
    shown += error(
        QueryError("E107", "no field is called " + text, "a" + text + "b", 1, None, (text,), (Correction(text, 3),)),
        look,
    )
    shown += error(UsageError("no file " + text, text), look)
    shown += notice(Notice("N10", text), look)
    return shown


def test_10_000_random_texts_leave_no_control_character() -> None:
    dice = random.Random(7)
    looks = [Terminal(), Terminal(color=True), Terminal(width=40, unicode=False)]
    for number in range(10_000):
        text = random_text(dice)
        look = looks[number % 3]
        if number % 10:  # the rest of the way goes through `clean` alone
            printed = safety.clean(text)
            assert not any(map(bad, printed)), ascii(text)
            assert not any(map(bad, safety.cell(text))), ascii(text)
            assert not any(map(bad, safety.markdown(text))), ascii(text)
            assert not any(map(bad, safety.escape_json(json.dumps(text, ensure_ascii=False)))), ascii(text)
            assert safety.ascii_only(printed).isascii()
            continue
        for line in outputs(text, look):
            line = COLOURS.sub("", line) if look.color else line
            assert not any(char != "\t" and bad(char) for char in line), (ascii(text), ascii(line))
            line.encode("utf-8")


def test_tsv_alone_holds_tabs_and_only_between_its_cells() -> None:
    for line in render(page(hit("\ta\tb")), "tsv", Terminal()):
        assert line.count("\t") == len(json_keys()) - 1
    assert not any(
        "\t" in line for form in line_names() if form != "tsv" for line in render(page(hit("\t")), form, Terminal())
    )


def test_json_keeps_what_a_terminal_must_not_see() -> None:
    text = "a\x1b[31m\u202eb\x9bc\U000e0041\u2028"
    (line,) = render(page(hit(text)), "jsonl", Terminal())
    assert json.loads(line)["title"].endswith(text)
    assert json.loads("\n".join(render(page(hit(text)), "json", Terminal())))["items"][0]["title"].endswith(text)


def test_cleaning_goes_piece_by_piece_and_twice_is_once() -> None:
    dice = random.Random(8)
    for _ in range(500):
        a, b = random_text(dice), random_text(dice)
        assert safety.clean(a + b) == safety.clean(a) + safety.clean(b)
        assert safety.clean(safety.clean(a)) == safety.clean(a)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert safety.cell(text).startswith("'")
    assert not safety.cell(text, raw=True).startswith("'")


def test_markdown_shows_markup_as_text() -> None:
    assert safety.markdown("[x](http://y) <b> *z* | # `c`") == r"\[x\](http://y) &lt;b&gt; \*z\* \| \# \`c\`"


def test_a_trend_is_drawn_without_colours_and_without_unicode() -> None:
    drawn = list(
        render(
            page(report=trend(("2014", 10, 1), ("2015", 20, 5), ("2016", 0, 0), ("2017", 10, 4))),
            "list",
            Terminal(unicode=False),
        )
    )
    assert all(line.isascii() and line.isprintable() for line in drawn)


# Everything that a spreadsheet may pass over before it looks for a sign: controls, formats (bidi, tags, joiners), spaces, marks, fillers.
LEADING = [
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Mc")
] + [
    "\ud800",
    "\udfff",
    "\ue000",
    "\ufffe",
    "\uffff",
    "\U0010ffff",
    "\u3164",
    "\uffa0",
    "\u115f",
    "\u1160",
    "\u2800",
    "\ufffd",
]
SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌\u2212"


def test_a_cell_is_cleaned_before_it_is_judged() -> None:
    assert len(LEADING) > 2_000
    for char in LEADING:
        for text in (f"{char}=1+1", f"{char}{char}@SUM(A1)", f" {char}\n+1", f"{char}\u200e\U000e0041-1"):
            assert safety.cell(text).startswith("'"), f"U+{ord(char):04X} {text!r}"


@pytest.mark.parametrize("sign", SIGNS)
def test_every_form_of_a_sign_is_guarded(sign: str) -> None:
    for front in (
        "",
        " ",
        "\u00a0",
        "\u3000",
        "\t",
        "\r\n",
        "\u200e",
        "\u202a",
        "\u2063",
        "\ufff9",
        '"',
        "“",
        '\u200b" ',
    ):
        assert safety.cell(f"{front}{sign}1+1").startswith("'")
        assert not safety.cell(f"{front}{sign}1+1", raw=True).startswith("'")


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_line_end_or_tab_in_front_is_guarded_whatever_follows(start: str) -> None:
    assert safety.cell(f"{start}acupuncture") == "' acupuncture"


@pytest.mark.parametrize(
    "text", ["acupuncture", "a=b", "6 visits + 2", '"quoted"', "L4-5", "(-)", "", "  ", "é", "日本"]
)
def test_what_is_no_formula_is_left_as_it_is(text: str) -> None:
    assert safety.cell(text) == text


def test_no_table_for_spreadsheets_holds_a_formula() -> None:
    dice = random.Random(17)
    for _ in range(300):
        text = "".join(dice.choice(LEADING) for _ in range(dice.randrange(4))) + dice.choice(SIGNS) + "1+1;=2"
        answer = page(hit(text), columns=("treatment", "title", "rationale"))
        table = list(render(answer, "csv", Terminal()))
        for line, delimiter in ((table, ","), (list(render(answer, "tsv", Terminal())), "\t"), (table, ";")):
            for row in csv.reader(line[1:], delimiter=delimiter):
                assert not [cell for cell in row if cell.strip(' "')[:1] and cell.strip(' "')[0] in SIGNS], (text, row)


def test_columns_are_those_of_a_terminal() -> None:
    """Against wcwidth, which the prompt's library brings along: letters, marks, wide signs. (Of symbols the two know different Unicodes.)"""
    wcwidth = pytest.importorskip("wcwidth")
    kinds = ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Nd", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sc", "Sm")
    chars = [char for code in range(0x20, 0x30000) if unicodedata.category(char := chr(code)) in kinds]
    wrong = [char for char in chars if safety.width(char) != max(0, wcwidth.wcwidth(char))]
    assert len(wrong) < len(chars) / 2_000, [f"U+{ord(char):04X}" for char in wrong[:40]]
    for text, columns in (
        ("日本語", 6),
        ("e\u0301a", 2),
        ("한국", 4),
        ("\u1112\u1161\u11ab", 2),
        ("＝", 2),
        ("abc", 3),
        ("é", 1),
    ):
        assert safety.width(text) == columns
