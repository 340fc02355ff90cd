"""Write docs/tour.md: what the commands answer over the project's own letters, run and not remembered.

python docs/make_tour.py           writes it
python docs/make_tour.py --check   fails when it is stale
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tour.md"

HEAD = """# A tour

Made by `python docs/make_tour.py` over `examples/letters`; a test fails when it no longer tells the truth. `<angle brackets>` stand where a
terminal shows colour. *Upheld* means that the denial stands, *overturned* that the treatment is certified.
"""

PROMPT = """## The prompt: five tasks

`imr-search` alone opens it. Tab completes fields, values and words with their counts (`tmt` is enough for `treatment:`); grey text goes on as an
earlier query did, and the right arrow takes it; the last line of the screen shows the query as it is read and its count; what no item has is
underlined; Ctrl-T takes what an error or an answer offers instead; a number opens that result.
"""

COMMANDS = (
    (
        "Who was denied acupuncture, on which page of the guidelines?",
        """imr-search 'treatment:acupuncture outcome:upheld guideline:"page 98"'""",
    ),
    ("Both words in one sentence", "imr-search 'functional /s improvement' -n 2"),
    ("How often is each kind of treatment certified?", "imr-search '* | rate by category min 2'"),
    ("Why were denials of lumbar MRIs overturned?", "imr-search 'category:mri body:lumbar outcome:overturned'"),
    ("The grounds of all that was upheld", "imr-search 'outcome:upheld | top reason'"),
    (
        "Is acupuncture overturned more often than chiropractic?",
        "imr-search 'category:acupuncture | compare category:chiropractic'",
    ),
    ("How long does a decision take?", "imr-search '* | stats days by year'"),
    ("Over the years", "imr-search 'treatment:acupuncture or treatment:\"physical therapy\" | trend year'"),
    ("The pages most cited where a denial was overturned", "imr-search 'outcome:overturned | top 5 page'"),
    ("Counted two ways", "imr-search '* | count by outcome, year'"),
    ("Citations for a brief", "imr-search 'treatment:\"urine drug screen\" outcome:overturned | cite'"),
    ("One case, for a spreadsheet", "imr-search 'case:CM14-9900103' -f csv -c case,n,outcome,title,quantity"),
    ("How a query is read", "imr-search --explain 'norco or mri lumbar'"),
    ("What went wrong, where, and what to type instead", "imr-search 'treatment:\"physical therapy outcome:upheld'"),
    ("Nothing is found in silence", "imr-search 'treatment:acupuncture outcome:modified'"),
)

# What is typed at the prompt, task by task; each task is a session of its own.
TASKS = (
    (
        "An attorney: was a denial of acupuncture ever overturned, and in which words?",
        ("treatment:acupuncture outcome:overturned", ".why 1", ".letter CM15-9900012 #1"),
    ),
    (
        "An attorney: the sentence to quote, with its citation",
        ("treatment:acupuncture outcome:overturned", ".cite 1-2", ".cite 1 2", ".cite 1 summary 1 md"),
    ),
    (
        "An attorney: all of it for a spreadsheet, and a record to attach to a declaration",
        (".once acupuncture.csv", "treatment:acupuncture", ".record search.json"),
    ),
    (
        "A researcher: how often, and is it the same for two treatments and over the years?",
        ("drug:norco | rate by year", "* | rate by category min 2", "* | count by outcome, year"),
    ),
    (
        "A researcher: what did my query find, and what did it leave out?",
        ("norco or mri lumbar", ".explain", ".narrow outcome:upheld", ".compare 1 2", ".back", ".values outcome"),
    ),
    ("What is mistyped", ("tretment:norco", "treatment:acupunture", ".formt csv", ".open 99")),
)


def tour() -> str:
    """The page's text."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("IMR_", "LC_"))},
            "PYTHONPATH": str(ROOT),
            "IMR_SEARCH_INDEX": f"{folder}/index",
            "XDG_DATA_HOME": folder,
            "XDG_CONFIG_HOME": folder,
            "COLUMNS": "100",
        }
        _run("imr_search.cli", "index_command", ["build", "-q", str(ROOT / "examples" / "letters")], environment)
        parts = [HEAD, "## One shot\n"]
        for title, command in COMMANDS:
            shown = _run("imr_search.cli", "search_command", shlex.split(command)[1:], environment)
            parts.append(f"### {title}\n\n```console\n$ {command}\n{shown.rstrip()}\n```\n")
        parts.append(PROMPT)
        code = (
            "import sys\nfrom imr_search.searching.library import Library\nfrom imr_search.repl.loop import MARK, answer\n"
            "from imr_search.repl.session import Session\nsession = Session(Library.open, 'never')\nsession.timer = False\n"
            "for line in sys.argv[1:]:\n    print(MARK + line, flush=True)\n    answer(session, line)\n"
        )
        for title, lines in TASKS:
            found = subprocess.run(
                [sys.executable, "-c", code, *lines],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=True,
            )
            shown = "\n".join(line.rstrip() for line in found.stdout.decode().splitlines())
            parts.append(f"### {title}\n\n```console\n$ imr-search\n{shown}\n```\n")
    return "\n".join(parts)


def _run(module: str, entry: str, arguments: list[str], environment: dict[str, str]) -> str:
    code = f"import sys; from {module} import {entry} as run; sys.argv[0] = 'imr-search'; run()"
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return found.stdout.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    text = tour()
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == text else f"{PAGE.name} is stale: python docs/make_tour.py")
    PAGE.write_text(text, encoding="utf-8")
