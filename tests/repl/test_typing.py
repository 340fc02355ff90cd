"""What happens while a query is typed: colours, completion, the line below, keys. In-process: prompt_toolkit reads from a pipe and draws nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from imr_search.errors import QueryError
from imr_search.output.terminal import Terminal
from imr_search.query.parser import parse
from imr_search.repl import loop
from imr_search.repl.background import Reader, Reading
from imr_search.repl.completer import QueryCompleter
from imr_search.repl.highlighting import QueryLexer, spans
from imr_search.repl.partial_query import incomplete, may_become_right, read_partial, word_at_end
from imr_search.repl.session import Session
from imr_search.repl.toolbar import toolbar
from imr_search.searching.library import Library

SOON = 10  # seconds that anything may take on the busiest machine; nothing is waited for that does not come


@pytest.fixture
def session(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("IMR_SEARCH_CONFIG", raising=False)
    found = Session(lambda: Library.open(index), "never")
    found.timeout = 0  # a busy machine is no fault of the query
    yield found
    found.close()


# -- reading what is typed


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("treatment:acupuncture", {"treatment:": "field"}),
        ("-outcome:upheld", {"-": "operator", "outcome:": "field"}),
        ("outcome:(upheld or modfied)", {"modfied": "wrong"}),
        ("outcome:up", {"outcome:": "field"}),  # it may become upheld
        ("outcome:upx", {"upx": "wrong"}),
        ("outcome:upheld,modfied mri", {"modfied": "wrong"}),
        ("tretment:norco mri or norco", {"tretment": "wrong", "or": "operator"}),
        ('mri "low back', {'"': "wrong", "low back": "quoted"}),
        ("mri “low back”", {"“low back”": "quoted"}),
        ("(mri or norco", {"(": "wrong"}),
        ("mri) norco", {")": "wrong"}),
        ("mri /5 norco | count by year", {"/5": "operator", "|": "bar", "count": "stage", "by": "stage"}),
        ("age:>=50 syn(norco)", {">=": "operator"}),
    ],
)
def test_the_lexers_tokens_give_the_colours(text: str, marked: dict[str, str]) -> None:
    found = {text[start:end]: name.removeprefix("class:") for start, end, name in spans(text)}
    for piece, name in marked.items():
        assert found.get(piece) == name, found


def test_what_no_item_has_is_underlined() -> None:
    text = "treatment:zzzz mri"
    assert (10, 14, "class:unknown") in spans(text, ((0, 14),))
    lexer = QueryLexer(lambda: (text, ((0, 14),)))
    styled = lexer.lex_document(Document(text + " norco"))(0)
    assert ("class:unknown", "zzzz") in styled
    other = lexer.lex_document(Document("treatment:acupuncture"))(0)
    assert not any(style == "class:unknown" for style, _ in other)


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("mri", False),
        ("(mri", True),
        ("(mri)", False),
        ('"low back', True),
        ('"low back"', False),
        ("“low back", True),
        ("mri or", True),
        ("mri OR norco", False),
        ("mri but not ", True),
        ("mri |", True),
        ("mri | count", False),
        ("drug:norco,", False),  # a comma at the end is read as white space
        ("portland or", True),
        ("for", False),  # ends in "or", and is a word
        ("tretment:(x", True),
        (".open (", False),
        ("", False),
    ],
)
def test_a_query_that_waits_for_more_opens_a_line(text: str, open_: bool) -> None:
    assert incomplete(text) is open_


@pytest.mark.parametrize(
    ("text", "pending"),
    [
        ("tretment:norco ", False),
        ("tretment:norco mri", False),
        ("(mri or ", True),
        ('mri "low back', True),
        ("mri or ", True),
        ("outcome:", True),
        ("outcome:uphel", True),
        ("mri | ", True),
        ("mri | cou", True),
        ("mri | coint by year", False),
        ("decided:20", True),
        ("age:>", True),
    ],
)
def test_an_error_is_one_only_when_more_typing_cannot_mend_it(text: str, pending: bool) -> None:
    problem = _problem(text)
    assert pending if problem is None else may_become_right(problem, text) is pending


def _problem(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as problem:
        return problem
    return None


def test_no_text_is_too_odd_to_be_read_in_part() -> None:
    import random

    rng = random.Random(7)
    pieces = (
        "a",
        "treatment:",
        "outcome:",
        '"',
        "(",
        ")",
        "|",
        ",",
        "-",
        "+",
        "~2",
        "^",
        "/5",
        " ",
        "or",
        "NOT",
        "[",
        "{",
        ">=",
        "é",
        "\u202e",
        "count",
        "by",
        ":",
        "@x",
        "..",
        "5",
    )
    for _ in range(3_000):
        text = "".join(rng.choice(pieces) for _ in range(rng.randint(0, 12)))
        found = read_partial(text)
        assert len(found.tokens) == len(found.fields)
        assert 0 <= word_at_end(text) <= len(text)
        incomplete(text)
        for start, end, _ in spans(text):
            assert 0 <= start < end <= len(text)


# -- completion


def offered(session: Session, text: str) -> list[str]:
    completer = QueryCompleter(session.background)
    document = Document(text)
    return [
        text[: len(text) + one.start_position] + one.text
        for one in completer.get_completions(document, CompleteEvent(text_inserted=True))
    ]


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("treatm", "treatment:"),
        ("tmt", "treatment:"),
        ("mri -tmt", "mri -treatment:"),
        ("ratl", "rationale:"),
        ("specialty:orsu", 'specialty:"Orthopedic Surgery"'),
        ("outcome:ovt", "outcome:overturned"),
        ("mri | cnt", "mri | count "),
        ('treatment:"acupunct', 'treatment:"acupuncture'),
        ('"functional impr', '"functional improvement'),
        ("treatment:acu", "treatment:acupuncture"),
        (".set pa", ".set pager"),
        (".set theme li", ".set theme light"),
        (".set keys ", ".set keys emacs"),
        (".set sort dec", ".set sort decided"),
        (".cite 1 pl", ".cite 1 plain"),
        (".help set", ".help settings"),
        (".help outc", ".help outcome"),
        (".val", ".values"),
        (".values outc", ".values outcome"),
        (".narrow outcome:ov", ".narrow outcome:overturned"),
    ],
)
def test_what_is_offered(session: Session, typed: str, becomes: str) -> None:
    assert becomes in offered(session, typed)


def test_values_are_counted_inside_the_rest_of_the_query(session: Session) -> None:
    completer = QueryCompleter(session.background)
    document = Document("treatment:acupuncture outcome:")
    found = {one.text: one.display_meta_text for one in completer.get_completions(document, CompleteEvent())}
    assert found["overturned"] == "2"
    assert found["upheld"] == "1"


def test_nothing_unseen_is_ever_inserted(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    import imr_search.query.completion as completion

    def hostile(*_: object, **__: object) -> list[completion.Completion]:
        return [
            completion.Completion(f"a{chr(code)}b", 0, "value") for code in (0x1B, 0x07, 0x0D, 0x202E, 0x200B, 0xE000)
        ]

    monkeypatch.setattr(completion, "complete", hostile)
    for text in offered(session, "x"):
        assert text.isprintable()


# -- the line below


def shown(text: str, latest: Reading | None, **more: object) -> str:
    return "".join(piece for _, piece, *_ in toolbar(text, latest, "resting", Terminal(width=80), **more))  # type: ignore[arg-type]


def test_the_line_below_says_what_will_be_read_and_what_is_wrong_only_then() -> None:
    assert "mri AND norco" in shown("mri norco", Reading("mri norco", "mri AND norco", 3))
    assert "3 items" in shown("mri norco", Reading("mri norco", "mri AND norco", 3))
    wrong = Reading("tretment:x ", problem="E107: no field is called tretment", offers=("treatment:x",))
    assert "E107" in shown("tretment:x ", wrong)
    assert "Ctrl-T" in shown("tretment:x ", wrong, offered=True)
    assert "E106" not in shown("outcome:", Reading("outcome:", problem="E106: outcome: needs a word", pending=True))
    assert shown("mri", None, mode="-- INSERT --").startswith(" -- INSERT -- ")
    assert "Ctrl-C for an empty line" in shown("x", None, failed="x")
    assert ".format" in shown(".format", None)
    said = Reading("PT R knee", "PT AND R AND knee", 0, fields='category:physical-therapy body:"right knee" (2)')
    assert "0 items" in shown("PT R knee", said)
    assert 'Ctrl-T: category:physical-therapy body:"right knee" (2)' in shown("PT R knee", said)
    assert "Ctrl-T" not in shown("PT R knee b", said)
    assert len(shown("PT R knee", said)) <= 80


def read(session: Session, text: str) -> Reading:
    """What the reader finds out about a text."""
    done = Event()
    reader = Reader(session.background, done.set, rest=0.0)
    try:
        reader.ask(text)
        while (
            reader.latest is None
            or reader.latest.text != text
            or (reader.latest.count is None and not reader.latest.problem)
        ):
            assert done.wait(SOON), text
            done.clear()
        reader.close()
        reader._thread.join(SOON)
        return reader.latest
    finally:
        reader.close()


def test_the_reader_knows_counts_errors_offers_and_what_no_item_has(session: Session) -> None:
    assert read(session, "treatment:acupuncture").count == 3
    wrong = read(session, "tretment:norco ")
    assert wrong.problem.startswith("E107")
    assert not wrong.pending
    assert any(offer.startswith("treatment:norco") for offer in wrong.offers)
    assert read(session, "(mri or ").pending


# -- keys


class Typist:
    """A session's loop, fed from a pipe. `line` is what stands in the input line."""

    def __init__(self, session: Session, pipe: PipeInput) -> None:
        self.session, self.pipe = session, pipe
        self.changed = Event()
        self.loop = loop._Loop(session, None)
        self.buffer = self.loop._prompt.default_buffer
        self.buffer.on_text_changed += lambda _: self.changed.set()
        self.buffer.on_completions_changed += lambda _: self.changed.set()
        self.loop._prompt.app.after_render += lambda _: self.changed.set()
        self.thread = Thread(target=self.loop.run, daemon=True)
        self.thread.start()

    def type(self, text: str) -> None:
        self.pipe.send_text(text)

    def until(self, there: Callable[[], bool]) -> None:
        while not there():
            assert self.changed.wait(SOON), self.buffer.text
            self.changed.clear()

    def leave(self) -> None:
        self.type("\x03\x04")
        self.thread.join(SOON)
        assert not self.thread.is_alive()


@pytest.fixture
def typist(session: Session) -> Iterator[Typist]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        found = Typist(session, pipe)
        yield found
        if found.thread.is_alive():
            found.leave()


def asked(typist: Typist, *lines: str) -> list[str]:
    """Type lines and leave; the queries that were answered."""
    for line in lines:
        typist.type(line)
    typist.type("\x04")
    typist.thread.join(SOON)
    assert not typist.thread.is_alive()
    return typist.session.queries


def test_enter_runs_a_complete_query_and_opens_a_line_in_an_incomplete_one(typist: Typist) -> None:
    assert asked(typist, "(acupuncture or\r", "mri)\r") == ["(acupuncture or\nmri)"]


def test_a_second_enter_sends_an_open_bracket(typist: Typist) -> None:
    assert asked(typist, "(acupuncture\r\r", "\x03") == []  # refused, given back, and cleared by Ctrl-C


def test_ctrl_c_empties_the_line_and_does_not_leave(typist: Typist) -> None:
    assert asked(typist, "acupun\x03", "mri\r") == ["mri"]


def test_ctrl_t_takes_what_an_error_offers(typist: Typist, capfd: pytest.CaptureFixture[str]) -> None:
    typist.type("tretment:norco\r")
    typist.until(lambda: typist.buffer.text == "tretment:norco" and bool(typist.session.offers))
    first = typist.session.offers[0]
    typist.type("\x14")
    typist.until(lambda: typist.buffer.text == first)
    for _ in range(len(typist.session.offers)):
        typist.type("\x14")
    typist.until(lambda: typist.buffer.text == "tretment:norco")  # and then what was typed again


def test_ctrl_t_takes_what_an_answer_without_items_offers(typist: Typist) -> None:
    typist.type("treatment:acupunture\r")
    typist.until(lambda: typist.buffer.text == "" and bool(typist.session.queries) and bool(typist.session.offers))
    typist.type("\x14")
    typist.until(lambda: typist.buffer.text == typist.session.offers[0])
    assert "acupuncture" in typist.buffer.text


def test_the_reading_in_fields_is_offered(session: Session, capfd: pytest.CaptureFixture[str]) -> None:
    session.ask("norco or mri lumbar")
    assert any("drug:norco" in offer and "body:lumbar" in offer for offer in session.offers)
    shown = " ".join(capfd.readouterr().out.split())
    assert "Ctrl-T takes it" in shown
    assert "--as-fields" not in shown


def test_a_tab_before_its_menu_takes_the_menus_first_line(typist: Typist) -> None:
    typist.type("treatm\t")
    typist.until(lambda: typist.buffer.text == "treatment:")


def test_up_recalls_what_begins_alike(typist: Typist) -> None:
    typist.type("mri lumbar\r")
    typist.until(lambda: typist.session.queries == ["mri lumbar"] and not typist.buffer.text)
    typist.type("norco\r")
    typist.until(lambda: len(typist.session.queries) == 2 and not typist.buffer.text)
    typist.type("mr\x1b[A")
    typist.until(lambda: typist.buffer.text == "mri lumbar")


def test_vi_keys_and_their_mode(typist: Typist) -> None:
    typist.type(".set keys vi\r")
    typist.until(lambda: typist.session.vi and not typist.buffer.text)
    typist.type("xyz")
    typist.until(lambda: typist.buffer.text == "xyz")
    assert typist.loop._mode() == "-- INSERT --"
    typist.type("\x1b0D")
    typist.until(lambda: typist.buffer.text == "")
    assert typist.loop._mode() == "-- NORMAL --"
    typist.type("i")
