"""The options of imr-search, one row each. Four readers: the parser, --help, the shell completions and the manual page."""

from __future__ import annotations

import msgspec

from imr_search.output import formats

RESULTS, SHOWN, QUERY, WORK, OTHER = "Which results", "How they are shown", "The query", "Saved work", "Other"
GROUPS = (RESULTS, SHOWN, QUERY, WORK, OTHER)


class Option(msgspec.Struct, frozen=True):
    """`flags` as typed; `metavar` "" for a switch; `values` a closed list; `number` for whole numbers; `many` may be repeated; `off` is the flag
    that switches off; `takes` is what the shell completes (file, folder, field, saved)."""

    flags: tuple[str, ...]
    help: str
    group: str
    metavar: str = ""
    values: tuple[str, ...] = ()
    number: bool = False
    many: bool = False
    off: str = ""
    takes: str = ""

    @property
    def name(self) -> str:
        """The long flag as a Python name."""
        return self.flags[-1].lstrip("-").replace("-", "_")

    @property
    def shown(self) -> str:
        """ "-n, --limit N", "--pager/--no-pager"."""
        flags = ", ".join(self.flags) + (f"/{self.off}" if self.off else "")
        return f"{flags} {self.metavar}" if self.metavar else flags


OPTIONS = (
    Option(("-n", "--limit"), "how many items (20; csv, tsv, jsonl and ids: all)", RESULTS, "N", number=True),
    Option(("--offset",), "leave out the first N", RESULTS, "N", number=True),
    Option(("--all",), "all items", RESULTS),
    Option(
        ("-s", "--sort"),
        "relevance, or fields, - before one for falling: -s -decided,case; ties always by id",
        RESULTS,
        "KEYS",
        takes="field",
    ),
    Option(
        ("-f", "--format"),
        f"{', '.join(formats.line_names())}; to a file also {', '.join(filter(formats.binary, formats.names()))}; "
        "-o FILE.csv says it too",
        SHOWN,
        "F",
        values=formats.names(),
    ),
    Option(
        ("-c", "--columns"),
        "fields to show, as -c case,decided,qty (json always has all)",
        SHOWN,
        "LIST",
        takes="field",
    ),
    Option(("--snippets",), "how many matching sentences an item shows (2)", SHOWN, "N", number=True),
    Option(("--full",), "items whole, every sentence numbered", SHOWN),
    Option(("-o", "--output"), "write to FILE, which appears only when it is complete", SHOWN, "FILE", takes="file"),
    Option(("--raw-csv",), "do not guard cells that a spreadsheet would read as formulas", SHOWN),
    Option(
        ("--color",), "auto, always or never (NO_COLOR is heeded)", SHOWN, "WHEN", values=("auto", "always", "never")
    ),
    Option(("--pager",), "page what is longer than the screen; only on a terminal (on)", SHOWN, off="--no-pager"),
    Option(("--time",), "say how long it took", SHOWN),
    Option(("--count",), "the number of items only", QUERY),
    Option(("--letters",), "count the letters too, also of more than 2,000 items, where it takes longest", QUERY),
    Option(("--as-fields",), "run what the plain words say in fields (notice N26)", QUERY),
    Option(("--timeout",), "seconds that a query may take (2; 0: no end)", QUERY, "SECONDS", number=True),
    Option(("--explain",), "the query as it is read, and how many items each part finds", QUERY),
    Option(("--check",), "only check the query; search nothing", QUERY),
    Option(("-F", "--literal"), "the whole query is one phrase, no operators", QUERY),
    Option(("--strict",), "refuse what would be read with a doubt (the starred notices)", QUERY),
    Option(("-q", "--quiet"), "no notices", QUERY),
    Option(("--errors",), "text, or json for programs", QUERY, "FORM", values=("text", "json")),
    Option(("--batch",), "one query a line, from FILE or - (standard input)", WORK, "FILE", takes="file"),
    Option(("--saved",), "the saved query NAME (saved in the prompt: .save NAME)", WORK, "NAME", takes="saved"),
    Option(("--param",), "fill {k} in a saved query", WORK, "K=V", many=True),
    Option(
        ("--record",),
        "also write a search record, to attach to a declaration; FILE.md and FILE.html are for reading",
        WORK,
        "FILE",
        takes="file",
    ),
    Option(("--replay",), "search again what FILE recorded, and say what changed", WORK, "FILE", takes="file"),
    Option(
        ("-i", "--index"),
        "the index (else IMR_SEARCH_INDEX, the config file, your data folder)",
        OTHER,
        "DIR",
        takes="folder",
    ),
    Option(
        ("--completion",),
        "completion for your shell: bash, zsh or fish",
        OTHER,
        "SHELL",
        values=("bash", "zsh", "fish"),
    ),
    Option(("--man",), "this page as a manual page", OTHER),
    Option(("--version",), "the version", OTHER),
    Option(("-h", "--help"), "this help", OTHER),
)

EXAMPLES = (
    (
        """imr-search 'treatment:acupuncture outcome:upheld guideline:"page 98"'""",
        "who was denied acupuncture, citing page 98",
    ),
    ("imr-search 'category:opioid outcome:overturned | top 10 guideline'", "the guidelines most cited"),
    ("imr-search 'treatment:mri body:lumbar | trend year'", "the rate over the years"),
    ("imr-search 'letter:CM15-0012345' --full", "everything in one letter"),
    ("imr-search 'drug:norco' -f csv -o norco.csv", "all of them, for a spreadsheet"),
    ("imr-search -- -opioid acupuncture", "a query that starts with a minus goes after --"),
    ("imr-search", "the prompt: completion, history, .help"),
)

EXIT_CODES = (
    (0, "found"),
    (1, "nothing found, or a replay that differs"),
    (2, "a query or option that cannot be read"),
    (3, "the index is missing, damaged or of another version"),
    (5, "no space, or no right to write"),
    (130, "interrupted"),
)
