"""What a session answers to the lines that are typed, without a terminal: each command, and where answers go."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imr_search.indexing import build
from imr_search.repl.loop import answer
from imr_search.repl.session import Session
from imr_search.searching.library import Library

Say = Callable[[str], str]


@pytest.fixture
def session(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    for name, value in (("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("HOME", "home")):
        monkeypatch.setenv(name, str(tmp_path / value))
        (tmp_path / value).mkdir()
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("IMR_SEARCH_CONFIG", "DISPLAY", "PDF_VIEWER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    (tmp_path / "wl-copy").write_text(f"#!/bin/sh\ncat > {tmp_path}/clipboard\n")
    (tmp_path / "wl-copy").chmod(0o700)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = Session(lambda: Library.open(index), "never")
    found.timeout = 0  # a busy machine is no fault of the query
    yield found
    found.close()


@pytest.fixture
def say(session: Session, capfd: pytest.CaptureFixture[str]) -> Say:
    """Type a line; what is printed."""

    def say_(line: str) -> str:
        capfd.readouterr()
        answer(session, line)
        shown = capfd.readouterr().out
        assert "a fault of this program" not in shown
        return shown

    return say_


@pytest.mark.parametrize(
    ("command", "seen"),
    [
        (".help", "Ctrl-D"),
        (".help reports", "cross table"),
        (".help rate", "| rate [by FIELD, ...] [min N]"),
        (".help outcome", "also: "),
        (".help why", "term by term"),
        (".fields", "the reviewer's reasons"),
        (".values outcome", "21  upheld"),
        (".values rationale acupunct", "acupuncture"),
        (".values drug norco", "drug:norco also finds"),
        (".values drug zzz", "no value holds zzz"),
        (".help settings", "[saved]"),
        (".mode csv", "did you mean .format?"),
        (".output x", "did you mean .out?"),
        (".exitt", "did you mean .quit?"),
        (".watch drug:norco", "watched: drug:norco (3 items)"),
        ("?", "Ctrl-D"),
        ("help()", "Ctrl-D"),
        (".explain", "read as  treatment:acupuncture"),
        (".why 2", "yes treatment:acupuncture"),
        (".why CM15-9900047 #1", "treatment:acupuncture"),
        (".open 2", "Rationale"),
        (".open CM15-9900047 #1", "CM15-9900047 #1"),
        (".open cm15-9900047#1", "CM15-9900047 #1"),
        (".open CM15-9900047", "the letter CM15-9900047 has 3 items"),
        (".open CM99-9999999 #1", "there is no item CM99-9999999 #1"),
        (".open nonsense", "there is no result nonsense"),
        (".open 3-2", "2-3"),
        (".open 1-4", "there is no result 4"),
        (".letter 2", "Letter CM"),
        (".letter CM15-9900047", "Letter CM15-9900047   3 items"),
        (".letter CM15-9900047 #2", "Letter CM15-9900047   3 items"),
        (".letter CM99-9999999", "there is no letter CM99-9999999"),
        (".cite 1 plain", "CM15-9900012"),
        (".cite 1 4", "rationale, sentence 4"),
        (".cite 1 summary 2 md", "summary, sentence 2"),
        (".cite 1 99", "sentences"),
        (".cite 1 summary", "which sentence of the summary?"),
        (".cite 1 blue", "blue is neither a style"),
        (".cite full", ".cite 1 full"),
        (".cite", "which result?"),
        (".copy 1", "copied by"),
        (".like 1", "item in"),
        (".like home exercise", "item"),
        (".dups 1", "no rationale is nearly"),
        (".compare 1 2", "* outcome"),
        (".compare 1-2", "* outcome"),
        (".compare 1", "compare which two results?"),
        (".pdf 1", "CM15-9900012"),
        (".more", "that was all"),
        (".narrow outcome:upheld", "1 item in 1 letter"),
        (".back", "there is no query before"),
        (".format table", "decided"),
        (".columns case,visits", "visits: "),
        (".set limit 2", "limit: 2"),
        (".set timeout 30", "timeout: 30"),
        (".set timeout soon", "how many seconds"),
        (".set keys vi", "keys: vi"),
        (".set theme dark", "theme: dark"),
        (".set", "snippets"),
        (".set colour red", "no setting is called colour"),
        (".saved", "no saved queries"),
        (".run", "run which saved query?"),
        (".status", "generation"),
        (".failed", "every file was read"),
        (".timer", "not shown"),
        (".history", "no history yet"),
        (".watch", "watched: "),
    ],
)
def test_each_command(say: Say, command: str, seen: str) -> None:
    assert "3 items in 3 letters" in say("treatment:acupuncture")
    assert seen in say(command)
    assert "sentences of each result" in say(".set")


def test_an_item_can_be_opened_by_its_name_before_anything_was_searched(say: Say) -> None:
    assert "Rationale" in say(".open CM15-9900047 #1")
    assert "there is no answer yet" in say(".open 1")


def test_ranges(say: Say) -> None:
    say("treatment:acupuncture")
    assert say(".open 1-3").count("\nRationale\n") == 3
    assert say(".open 3,1").index("3  CM") < say(".open 3,1").index("1  CM")
    cited = say(".cite 1-3 plain").splitlines()
    assert len({line.split()[0] for line in cited}) == 3
    assert say(".letter 1-2").count("Letter CM") == 2
    assert "at most 100" in say(".cite 1-3000")


def test_the_sentence_that_is_cited_is_the_one_that_open_numbers(say: Say, tmp_path: Path) -> None:
    say("treatment:acupuncture")
    shown = say(".open 1")
    number, _, text = next(line for line in shown.splitlines() if line.startswith("   3  ")).strip().partition("  ")
    assert "copied by wl-copy" in say(".copy 1 3")
    copied = (tmp_path / "clipboard").read_text()
    assert copied.startswith(f"“{text}")
    assert f"rationale, sentence {number}" in copied


def test_every_row_goes_to_a_file_and_none_is_cut_in_silence(say: Say, tmp_path: Path) -> None:
    say(".set limit 5")
    file = tmp_path / "all.csv"
    say(f".once {file}")
    assert "38 items written to" in say("*")
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,")
    assert data.count(b"\r\n") == 39
    assert "1-5 of 38" in say("*")  # on the screen a page, as before


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "ids", "list", "table", "md", "cite", "json"])
def test_nothing_is_cut_or_coloured_in_what_goes_to_a_file(
    say: Say, session: Session, tmp_path: Path, form: str
) -> None:
    session._color = "always"
    say(f".format {form}")
    say(f".out {tmp_path}/answers")
    say("*")
    say(".out")
    text = (tmp_path / "answers").read_text()
    assert "\x1b" not in text
    assert "of 38 " not in text
    assert len({name for name in text.replace('"', " ").replace("*", " ").split() if name.startswith("CM1")}) >= 13, (
        text[:300]
    )


def test_a_command_is_given_every_row(say: Say) -> None:
    say(".format ids")
    say(".once | wc -l")
    assert "38" in say("*").split()


def test_a_file_in_quotes_loses_them_and_a_tilde_is_the_home_folder(say: Say, tmp_path: Path) -> None:
    say(f'.once "{tmp_path}/my answers.txt"')
    say("mri")
    assert "items in" in (tmp_path / "my answers.txt").read_text()
    assert stat.S_IMODE((tmp_path / "my answers.txt").stat().st_mode) == 0o600
    say(".once '~/x.csv'")
    say("mri")
    assert (tmp_path / "home" / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "never closed" in say('.once "half')
    assert "no home folder ~nouser" in say(".once ~nouser/x")
    assert "cannot write" in say(f".once {tmp_path}/none/x")


def test_a_mark_stands_at_the_beginning_of_a_file_alone(say: Say, tmp_path: Path) -> None:
    say(f".out {tmp_path}/two.csv")
    say("mri")
    say("norco")
    data = (tmp_path / "two.csv").read_bytes()
    assert data.count(b"\xef\xbb\xbf") == 1
    assert data.startswith(b"\xef\xbb\xbf")


def test_a_picture_goes_to_a_file_of_its_own(say: Say, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert ".once" in say(f".out {tmp_path}/f.svg")
    say(f".once {tmp_path}/f.svg")
    assert "written to" in say("* | rate by year")
    assert b"<svg" in (tmp_path / "f.svg").read_bytes()


def test_a_full_disk_is_one_line(say: Say) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    say(".once /dev/full")
    assert "cannot write /dev/full" in say("*")
    assert "items in" in say("mri")


def test_the_viewer_is_given_the_file_and_its_page(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, seen = tmp_path / "viewer", tmp_path / "seen"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}.new; mv {seen}.new {seen}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PDF_VIEWER", f"{program} --page {{page}}")
    assert "opened by" in say(".pdf CM17-9900054 #3")
    while not seen.exists():  # it runs beside us; the test's time limit is that of the suite
        pass
    first, page, file = seen.read_text().splitlines()
    assert first == "--page"
    assert page == "3"
    assert file.endswith("CM17-9900054.pdf")
    assert Path(file).is_file()
    monkeypatch.setenv("PDF_VIEWER", "'half")
    assert "never closed" in say(".pdf CM17-9900054 #1")


def test_an_index_cannot_name_a_file_outside_its_folders(tmp_path: Path) -> None:
    from imr_search.model import Item
    from imr_search.store.originals import source_file

    root = tmp_path / "letters"
    root.mkdir()
    (root / "a.pdf").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    (root / "run.sh").write_text("x")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")

    def of(file: str) -> Path | None:
        return source_file([str(root)], Item("i", "l", None, 1, "t", "t", "upheld", "", "", file=file))

    for letter in ("b.docx", "c.html", "d.htm"):
        (root / letter).write_text("x")
    for letter in ("a.pdf", "b.docx", "c.html", "d.htm"):
        assert of(letter) == (root / letter).resolve()
    (root / "many.zip").write_text("x")
    assert of("many.zip/in/it.txt") == (root / "many.zip").resolve()
    assert of("none.zip/it.txt") is None
    for file in (
        "../secret.txt",
        str(tmp_path / "secret.txt"),
        "link.txt",
        "run.sh",
        "none.pdf",
        "",
        "a\0.pdf",
        "../secret.txt/x.zip/a",
        "many.zip",
    ):
        assert of(file) is None, file


def test_links_lead_to_the_letters_where_the_terminal_has_them(
    session: Session, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    session._color = "always"
    monkeypatch.setenv("TERM_PROGRAM", "WezTerm")
    monkeypatch.delenv("TMUX", raising=False)
    assert "\x1b]8;;file:///" in say("treatment:acupuncture")
    monkeypatch.setenv("TERM_PROGRAM", "other")
    monkeypatch.delenv("VTE_VERSION", raising=False)
    assert "\x1b]8;" not in say("treatment:acupuncture")


def test_the_outcomes_are_explained_once(say: Say) -> None:
    assert "upheld = the denial stands" in say("mri")
    assert "upheld = the denial stands" not in say("norco")


def test_saved_queries_with_places(say: Say) -> None:
    assert "saved: @dr" in say(".save dr drug:{d} outcome:{o}")
    assert "items in" in say(".run dr d=norco o=upheld")
    assert "needs d, o" in say(".run dr")
    assert "is not k=v" in say(".run dr norco")
    assert "forgotten" in say(".drop dr")


def test_a_record_can_be_written_and_says_how_to_replay_it(say: Say, tmp_path: Path) -> None:
    say("treatment:acupuncture")
    assert "the record of 3 items" in say(f'.record "{tmp_path}/my record.json"')
    assert (tmp_path / "my record.json").is_file()


def test_unknown_commands_suggest_the_nearest(say: Say) -> None:
    assert "did you mean .format?" in say(".formt")
    assert "0 items" in say("9999")  # no answer yet: a number is a word
    say("acupuncture")
    assert "there is no result 99" in say("99")


def test_a_refused_query_is_given_back_with_the_cursor_at_its_fault(session: Session) -> None:
    assert answer(session, "acupuncture tretment:norco") == ("acupuncture tretment:norco", len("acupuncture "))


def test_a_fault_loses_one_answer_and_not_the_session(
    session: Session, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Library, "search", lambda *_: 1 / 0)
        answer(session, "boom")
    assert "a fault of this program (ZeroDivisionError" in capfd.readouterr().out
    answer(session, "mri")
    assert "items in" in capfd.readouterr().out


@pytest.mark.parametrize("line", ["quit", "EXIT", "exit()", "\\q", ":q", ":q!", ".quit"])
def test_every_way_out_leads_out(session: Session, line: str) -> None:
    with pytest.raises(EOFError):
        answer(session, line)


def test_an_item_is_named_by_the_name_of_its_file_with_spaces(
    examples: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Letters without a case number have the names of their files."""
    shutil.copytree(examples, tmp_path / "in")
    (source,) = (tmp_path / "in").rglob("low-back-clinic.txt")
    source.rename(source.with_name("my odd letter (copy) 1.txt"))
    build([tmp_path / "in"], tmp_path / "ix", workers=1)
    session = Session(lambda: Library.open(tmp_path / "ix"), "never")
    name = "my odd letter (copy) 1"
    for line, seen in (
        (f".open {name} #1", f"{name} #1"),
        (f".open {name}  # 1", f"{name} #1"),
        (f".letter {name}", f"Letter {name}"),
        (f".cite {name} #1 plain", f"{name} #1"),
        (f".like {name} #1", "items"),
        (f'like("{name}#1")', "items"),
    ):
        capfd.readouterr()
        answer(session, line)
        shown = capfd.readouterr().out
        assert seen in shown, line
        assert "error" not in shown
        if "like" in line:
            assert f"{name} #1 " not in shown  # the item itself is left out
    assert session.library.item(f"{name} #1") is not None
    session.close()


def test_an_offer_that_finds_nothing_is_no_offer(session: Session, say: Say) -> None:
    shown = say("norco overturned")
    assert "drug:norco outcome:overturned (0 items)" in shown
    assert "Ctrl-T" not in shown
    assert not session.offers
    assert "Ctrl-T takes it" in say("norco upheld")
    assert session.offers == ("drug:norco outcome:upheld",)


def test_a_text_file_gets_the_format_that_was_chosen(session: Session, say: Say, tmp_path: Path) -> None:
    say("treatment:acupuncture")
    say(".format ids")
    for name, lines in (("a.txt", 3), ("b", 3), ("c.csv", 4)):
        say(f".once {tmp_path / name}")
        say("treatment:acupuncture")
        assert len((tmp_path / name).read_text().splitlines()) == lines, name
