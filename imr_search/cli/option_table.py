"""The options of both commands, one row each. Four readers: the parser, --help, the shell completions and the manual pages."""

from __future__ import annotations

import msgspec

from imr_search.output import formats

RESULTS, SHOWN, QUERY, WORK, OTHER = "Which results", "How they are shown", "The query", "Saved work", "Other"
GROUPS = (RESULTS, SHOWN, QUERY, WORK, OTHER)


def filled(text: str) -> str:
    """A help text with the formats that give all items."""
    return text.replace("{every}", ", ".join(formats.every())) if "{every}" in text else text


class Option(msgspec.Struct, frozen=True):
    """`flags` as typed; `metavar` "" for a switch; `values` a closed list; `number` for whole numbers from `least` to `most`; `many` may be repeated;
    `off` is the flag that switches off; `takes` is what the shell completes (file, folder, field, saved); `called` is its name in Python, where that
    is not the long flag."""

    flags: tuple[str, ...]
    help: str
    group: str = OTHER
    metavar: str = ""
    values: tuple[str, ...] = ()
    number: bool = False
    least: int = 0
    most: int | None = None
    many: bool = False
    off: str = ""
    takes: str = ""
    default: int | str | None = None
    called: str = ""

    @property
    def about(self) -> str:
        """The help in full; formats are loaded for it, which a search does without."""
        return filled(self.help)

    @property
    def name(self) -> str:
        return self.called or self.flags[-1].lstrip("-").replace("-", "_")

    @property
    def shown(self) -> str:
        """ "-n, --limit N", "--pager/--no-pager"."""
        flags = ", ".join(self.flags) + (f"/{self.off}" if self.off else "")
        return f"{flags} {self.metavar}" if self.metavar else flags


class Subcommand(msgspec.Struct, frozen=True):
    """A command of imr-index. `letters` is how it takes files and folders: "" for not at all, "[LETTERS]...", "LETTERS..." for at least one."""

    name: str
    letters: str
    help: str
    options: tuple[Option, ...]
    hidden: bool = False


INDEX = Option(
    ("-i", "--index"),
    "the index (else IMR_SEARCH_INDEX, the configuration file, your data folder)",
    OTHER,
    "DIR",
    takes="folder",
)
QUIET = Option(("-q", "--quiet"), "no notices, no progress", QUERY)
ERRORS = Option(
    ("--errors",), "how errors are written: as text, or as json for programs", QUERY, "FORM", values=("text", "json")
)
ABOUT = (
    Option(
        ("--completion",),
        "print the completion script for bash, zsh or fish",
        OTHER,
        "SHELL",
        values=("bash", "zsh", "fish"),
    ),
    Option(("--man",), "print this help as a manual page", OTHER),
    Option(("--version",), "print the version", OTHER),
    Option(("-h", "--help"), "print this help", OTHER),
)

OPTIONS = (
    Option(("-n", "--limit"), "show at most N items (20; {every}: all)", RESULTS, "N", number=True),
    Option(("--offset",), "skip the first N items", RESULTS, "N", number=True),
    Option(("--all",), "show all items", RESULTS),
    Option(
        ("-s", "--sort"),
        "sort by relevance, or by fields, with - for descending: -s -decided,case; ties are in order of id",
        RESULTS,
        "KEYS",
        takes="field",
    ),
    Option(
        ("-f", "--format"),
        f"{', '.join(formats.line_names())}; to a file also {', '.join(filter(formats.binary, formats.names()))}; "
        "without -f, the ending of -o FILE decides",
        SHOWN,
        "F",
        values=formats.names(),
    ),
    Option(
        ("-c", "--columns"),
        "fields to show: -c case,decided,qty; case_number is case under a name for SQL (json always has all)",
        SHOWN,
        "LIST",
        takes="field",
    ),
    Option(("--snippets",), "show N matching sentences of each item (2)", SHOWN, "N", number=True),
    Option(("--full",), "show items whole, every sentence numbered", SHOWN),
    Option(("-o", "--output"), "write to FILE, which appears only when it is complete", SHOWN, "FILE", takes="file"),
    Option(("--raw-csv",), "do not put ' before cells that a spreadsheet would take for a formula", SHOWN),
    Option(
        ("--color",),
        "auto, always or never (auto respects NO_COLOR)",
        SHOWN,
        "WHEN",
        values=("auto", "always", "never"),
    ),
    Option(
        ("--pager",),
        "show an answer longer than the screen in a pager; on a terminal only (on)",
        SHOWN,
        off="--no-pager",
    ),
    Option(("--time",), "say how long the search took", SHOWN),
    Option(("--count",), "print the number of items only", QUERY),
    Option(("--letters",), "count the letters also when more than 2,000 items are found (slow)", QUERY),
    Option(("--as-fields",), "search the fields that the plain words name (notice N26)", QUERY),
    Option(("--timeout",), "give up after SECONDS (2; 0: never)", QUERY, "SECONDS", number=True),
    Option(("--explain",), "show how the query is read, and how many items each part finds", QUERY),
    Option(("--check",), "only check the query; search nothing", QUERY),
    Option(("-F", "--literal"), "take the whole query as one phrase, without operators", QUERY),
    Option(("--strict",), "refuse a query that can be read in two ways (notices N03 and N10)", QUERY),
    QUIET,
    ERRORS,
    Option(("--batch",), "answer one query a line, from FILE or - (standard input)", WORK, "FILE", takes="file"),
    Option(("--saved",), "run the saved query NAME (.save NAME in the prompt saves one)", WORK, "NAME", takes="saved"),
    Option(("--param",), "fill in {k} in a saved query", WORK, "K=V", many=True),
    Option(
        ("--record",),
        "also write a search record, to attach to a declaration; FILE.md and FILE.html can be read without imr-search",
        WORK,
        "FILE",
        takes="file",
    ),
    Option(("--replay",), "repeat the search that FILE records, and say what has changed", WORK, "FILE", takes="file"),
    INDEX,
    *ABOUT,
)

EXAMPLES = (
    (
        """imr-search 'treatment:acupuncture outcome:upheld guideline:"page 98"'""",
        "who was denied acupuncture, citing page 98",
    ),
    (
        "imr-search 'category:opioid outcome:overturned | top 10 guideline'",
        "the guidelines most cited where opioids were certified",
    ),
    ("imr-search 'treatment:mri body:lumbar | trend year'", "the share overturned, year by year"),
    ("imr-search 'letter:CM15-0012345' --full", "everything in one letter"),
    ("imr-search 'drug:norco' -o norco.csv", "all items that dispute Norco, for a spreadsheet"),
    ("imr-search -- -opioid acupuncture", "a query that starts with a minus goes after --"),
    ("imr-search", "the prompt: completion, history, .help"),
)

EXIT_CODES = (
    (0, "found"),
    (1, "nothing found, or a replay that differs"),
    (2, "a query or option that cannot be read"),
    (3, "the index is missing, damaged or of another version"),
    (5, "no space, or no permission to write"),
    (130, "interrupted"),
)

_FORCE = Option(("--force",), "go on even if more than half of the letters cannot be read")
_BUILD = (
    Option(("--full",), "rebuild from nothing"),
    Option(
        ("--engine",),
        "auto (whoosh up to 2,000 items, tantivy beyond), whoosh, tantivy, opensearch",
        metavar="NAME",
        values=("auto", "whoosh", "tantivy", "opensearch", "memory"),
        default="auto",
    ),
    Option(("--allow-shrink",), "go on even if more than a tenth of the letters are gone"),
    _FORCE,
    Option(("--shared",), "let your group read the index too, or only you (a new index: only you)", off="--private"),
    Option(("--workers",), "read with N processes (one for each core)", metavar="N", number=True, least=1, most=256),
    QUIET,
    INDEX,
    ERRORS,
)
_BUILD_HELP = """Make an index of the letters in LETTERS, files or folders (text, PDF, Word, HTML, ZIP), or bring it up to date.

\b
  imr-index build letters/           make it; run again, take in what has changed
  imr-index build more/              add another folder
  imr-index build                    look at all folders again
  imr-index build --full             rebuild from nothing

LETTERS are remembered. A letter that is gone is taken out, unless its whole folder is gone."""

SUBCOMMANDS = (
    Subcommand("build", "[LETTERS]...", _BUILD_HELP, _BUILD),
    Subcommand("rebuild", "[LETTERS]...", _BUILD_HELP, _BUILD, hidden=True),
    Subcommand(
        "status",
        "",
        "Show where the index is, what it holds, how old it is, and how many files could not be read.",
        (Option(("--json",), "as a JSON object", called="as_json"), INDEX, ERRORS),
    ),
    Subcommand(
        "failed",
        "",
        "List the files that could not be read as letters, each with the reason.",
        (Option(("--json",), "as JSON, one object a line", called="as_json"), INDEX, ERRORS),
    ),
    Subcommand(
        "check",
        "",
        "Check every file of the index by its hash, and read a sample of the letters again to compare.",
        (
            Option(("--sample",), "read N letters again (100)", metavar="N", number=True, default=100),
            Option(("--all",), "read all letters again", called="everything"),
            Option(("--seed",), "choose another sample", metavar="N", number=True, default=0),
            INDEX,
            ERRORS,
        ),
    ),
    Subcommand(
        "forget",
        "LETTERS...",
        "Take folders or files that the index was built from, and all letters in them, out of the index. The files stay.",
        (QUIET, INDEX, ERRORS),
    ),
    Subcommand(
        "repair",
        "[LETTERS]...",
        "Say what is wrong, and rebuild the index from its letters (from LETTERS, if it no longer knows where they are).",
        (
            Option(("--dry-run",), "only say what would be done"),
            Option(("--allow-shrink",), "go on even if letters are gone"),
            _FORCE,
            QUIET,
            INDEX,
            ERRORS,
        ),
    ),
)

INDEX_EXAMPLES = (
    ("imr-index build letters/", "make an index of a folder; run again, take in what has changed"),
    ("imr-index build more/", "add another folder; build alone looks at all of them again"),
    ("imr-index build --full", "rebuild from nothing, from all folders added so far"),
    ("imr-index status", "what is in the index, how old it is, what could not be read"),
    ("imr-index check --all", "is the index whole, and does it agree with the letters?"),
    ("imr-index forget old/", "take a folder's letters out of the index; the files stay"),
    ('eval "$(imr-index --completion bash)"', "completion, for your shell's start-up file"),
)

INDEX_EXIT_CODES = (
    (0, "done"),
    (2, "a command or option that cannot be read"),
    (3, "the index is missing, damaged or of another version"),
    (4, "some letters could not be read, or a build refused to shrink the index"),
    (5, "no space, or no permission to write"),
    (75, "another build is at work"),
    (130, "interrupted; the index is as it was"),
)
