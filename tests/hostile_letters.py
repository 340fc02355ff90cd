"""Letters whose every value is made to be run by something: a shell, a terminal, a spreadsheet, a browser, a reader of Markdown."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

CANARY = "touch ran"  # what nothing may ever run
SHELL = (
    *("$({})", "`{}`", "';{};'", '";{};"', "|{}", "&{}&", ";{};", "\n{}\n", ">ran", "<({})", ">(cat>ran)", "({})", "{{{};}}"),
    *("${{x:=ran}}", "${{x:-$({})}}", "$((ran[$({})]))", "$HOME", "~root", "~+", "!!", "!t", "!?{}?", "^a^{}^", "*", "?.txt"),
    *("[a-z]", "{{a..z}}", "\\", "\\'", "\\\\'", '\\"', "#", " #", "'", '"', "'\"'", "$'\\x60{}\\x60'", '$"`{}`"', "$'\\''", "%"),
    *("%s%n", "=ls", "=({})", "--", "-i", "\\$({})", "'$({})'", "\"$({})\"", "\\`{}\\`", "a\\", "eval {}", "&&{}", "||{}"),
    *("(* ;{})", "function ran", "$status", "({}|psub)", "\\n{}", "\\cA", "\\x24({})", "@({})", "?({})", "!({})", "*(e:'{}':)"),
)  # fmt: skip
TERMINAL = (
    *(
        "\x1b[2J",
        "\x1b]0;{}\x07",
        "\x1b]8;;http://x\x1b\\{}\x1b]8;;\x1b\\",
        "\x9b31m",
        "\x9d52;c;{}\x9c",
        "\x1bP+q\x1b\\",
    ),
    *(
        "\r",
        "\x08\x08\x08",
        "\x07",
        "\x00",
        "\x7f",
        "\x85",
        "\x0b",
        "\x0c",
        "\x1b",
        "\x1b[6n",
        "\x1bc",
        "\x1b[201~{}\r",
    ),
)
SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\u2212",
    "\t=",
    "\r=",
    '"=',
    " =",
    ";=",
    "\u200e=",
    "\u2063+",
    "\ufff9@",
    "\U000e0041-",
)
FORMULAS = (
    "cmd|' /C {}'!A0",
    'HYPERLINK("http://x","{}")',
    "1+1",
    "SUM(A1:A9)*cmd|'{}'!A1",
    'DDE("{}")',
    'IMPORTXML("http://x")',
)
MARKUP = (
    *(
        "<script>{}</script>",
        "<img src=x onerror={}>",
        '"><svg/onload={}>',
        "<!--",
        "-->",
        "]]>",
        "&lt;b&gt;",
        "&#x3c;",
        "<b>",
        "</td>",
    ),
    *(
        "[{}](javascript:{})",
        "![x](http://x)",
        "# {}",
        "```{}```",
        "| a | b |",
        "<http://x>",
        "[x]: http://x",
        "~~~",
        "* {}",
        "___",
    ),
    *(
        "javascript:{}",
        "{{{{ {} }}}}",
        "{{% {} %}}",
        "</style>",
        "<?xml?>",
        "<w:instrText>{}</w:instrText>",
        "' onclick='{}",
        "\\[x](y)",
    ),
)
UNSEEN = "\u00ad\u061c\u180e\u200b\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\ufff9\U000e0041\ue000\u3164\u2800\ufffe"
PLAIN = ("pain", "Norco", "é", "日本", "ü", " ", "a b", "10/325mg", "#60", "p. 98", "L4-5")


def texts(count: int, seed: int, *, signs: bool = False) -> Iterator[str]:
    """`count` hostile texts of one kind or several at once; with `signs`, most begin as a formula does."""
    chance = random.Random(seed)
    kinds = (SHELL, SHELL, TERMINAL, MARKUP, PLAIN, tuple(UNSEEN))

    def piece() -> str:
        return chance.choice(chance.choice(kinds)).format(CANARY, CANARY)

    for _ in range(count):
        body = "".join(piece() for _ in range(chance.randrange(1, 5)))
        if signs and chance.random() < 0.7:
            front = "".join(chance.choice(UNSEEN) for _ in range(chance.randrange(3)))
            body = front + chance.choice(SIGNS) + chance.choice(FORMULAS).format(CANARY) + body
        yield body


def word(number: int) -> str:
    """Four letters and digits, others for each number: a completion can be asked for by them. 36 numbers in a row share the first three."""
    tail = ""
    for _ in range(3):
        number, place = divmod(number, 36)
        tail = "abcdefghijklmnopqrstuvwxyz0123456789"[place] + tail
    return "Z" + tail


def file_names(count: int, seed: int) -> Iterator[bytes]:
    """Names of files; not all of them are text."""
    chance = random.Random(seed)
    for number, text in enumerate(texts(count, seed)):
        name = f"{word(number)}{text}".replace("/", "").replace("\0", "").encode("utf-8", "surrogatepass")[:200]
        yield name + (b"\xff\xfe" if chance.random() < 0.02 else b"") + b".txt"


def plant(folder: Path, count: int, seed: int = 1) -> Path:
    """`count` letters of one item. Every licensure, section and file name begins with the `word` of its letter."""
    folder.mkdir(parents=True)
    several = [texts(count, seed + n, signs=n > 1) for n in range(7)]
    names = file_names(count, seed + 9)
    for number, (licensed, cited, treatment, specialty, section, said, told, name) in enumerate(
        zip(*several, names, strict=True)
    ):
        listed = [word(number) + _one_line(text) for text in (licensed, section)]
        lines = [_one_line(text) for text in (cited, treatment, specialty)]
        text = _letter(number, *listed, *lines, said.replace("\0", ""), told.replace("\0", ""))
        with open(os.fsencode(folder) + b"/" + name, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
    return folder


def _one_line(text: str) -> str:
    """As a letter's line may hold it: what ends a line, or a list's entry, cannot be inside of a value."""
    return text.translate(dict.fromkeys(map(ord, "\n\r\v\f\x85\u2028\u2029\0"), " ")).replace(",", ";")


def _letter(
    number: int, licensed: str, section: str, cited: str, treatment: str, specialty: str, said: str, told: str
) -> str:
    header = f"Case Number: CM16-{number:07}\nDate Assigned: 1/20/2016\nDate of Injury: 10/18/2015\nDecision Date: 2/{1 + number % 28}/2016\n\n"
    who = f"State(s) of Licensure: {licensed}\nCertification(s)/Specialty: {specialty}"
    developed = "The expert reviewer developed the following clinical case summary based on a review of the case file:"
    return "\n\n".join(
        (
            f"{header if number % 2 else ''}HOW THE IMR FINAL DETERMINATION WAS MADE",
            "MAXIMUS Federal Services sent the complete case file to an expert reviewer.",
            f"The Expert Reviewer has the following credentials:\n{who}",
            f"CLINICAL CASE SUMMARY\n{developed}",
            f"The injured worker is a 42 year old male. {told}",
            "IMR ISSUES, DECISIONS AND RATIONALES",
            "The Final Determination was based on decisions for the disputed items/services set forth below:",
            f"{treatment} Norco 10/325mg: {('Upheld', 'Overturned')[number % 3 == 0]}",
            f"Claims Administrator guideline: Decision based on MTUS {cited}, page 98.",
            f"MAXIMUS guideline: Decision based on MTUS Chronic Pain 2016, Section(s): {section}.",
            f"Decision rationale: {said} The request is about pain. There is no record of functional improvement.\n",
        )
    )
