"""The prompt in a real terminal: what a user sees when keys are pressed."""

from __future__ import annotations

import re
import stat
import time
from pathlib import Path

import pytest
from terminal import Open

PASTE = "\x1b[200~{}\x1b[201~"
CTRL_C, CTRL_R = "\x03", "\x12"
UP = "\x1b[A"


def test_a_search_its_results_and_the_way_out(prompt: Open) -> None:
    terminal = prompt(rows=50)
    assert "38 items in 14 letters" in terminal.text
    terminal.enter("treatment:acupuncture outcome:upheld")
    terminal.see("1 item in 1 letter")
    assert "upheld = the denial stands" in terminal.text
    terminal.see("UPHELD")
    terminal.enter("1")
    terminal.see("Rationale")
    terminal.leave()
    assert terminal.end() == 0
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize("word", ["quit", "exit", ".quit"])
def test_words_that_leave(prompt: Open, word: str) -> None:
    terminal = prompt()
    terminal.enter(word)
    assert terminal.end() == 0


def test_values_are_completed_with_their_counts(prompt: Open) -> None:
    terminal = prompt()
    terminal.type("treatment:acu")
    terminal.see("acupuncture  ")
    terminal.type("\t")
    terminal.see("imr> treatment:acupuncture")
    terminal.type(" outcome:")
    terminal.see("overturned  2")  # counted inside the rest of the query
    terminal.see("upheld      1")


def test_fields_are_completed_in_mid_line(prompt: Open) -> None:
    terminal = prompt()
    terminal.type("acupuncture spine")
    terminal.see("acupuncture AND spine")
    terminal.type("\x1b[D" * 6 + " treatm")
    terminal.see("the disputed treatment")
    terminal.type("\t")
    terminal.see("acupuncture treatment: spine")


def test_the_toolbar_shows_the_query_as_read_and_its_count(prompt: Open) -> None:
    terminal = prompt()
    terminal.type("acupuncture or mri spine")
    terminal.see("acupuncture OR (mri AND spine)")
    count = re.search(r"spine\)\s+(\d+) item", terminal.see(" item"))
    assert count
    terminal.type(" tretment:x")
    terminal.see("E107: no field is called tretment")


def test_an_error_stands_under_the_input_and_the_cursor_at_its_place(prompt: Open) -> None:
    terminal = prompt()
    terminal.enter("acupuncture tretment:norco")
    terminal.see("query error E107")
    terminal.see("try:")
    lines = terminal.lines
    caret = next(number for number, line in enumerate(lines) if line.strip() == "^")
    assert lines[caret - 1][lines[caret].index("^") :].startswith("tretment:norco")
    terminal.see("imr> acupuncture tretment:norco")
    deadline = time.monotonic() + 10
    while terminal.screen.cursor.x != len("imr> acupuncture ") and time.monotonic() < deadline:
        terminal.read()
    assert terminal.screen.cursor.x == len("imr> acupuncture ")


def test_a_pasted_query_of_several_lines_is_one_query(prompt: Open) -> None:
    terminal = prompt()
    terminal.type(PASTE.format("treatment:acupuncture\noutcome:upheld\n"))
    terminal.see("outcome:upheld")
    terminal.type("\r")
    terminal.see("1 item in 1 letter")
    assert terminal.raw.count(b"items in") <= 3


def test_ctrl_c_between_two_answers_does_not_leave(prompt: Open) -> None:
    terminal = prompt(
        before="import time, imr_search.repl.session as s\ns.Session.look_for_news = lambda self: time.sleep(0.4)"
    )
    for _ in range(5):
        terminal.type(CTRL_C)
        terminal.read(0.3)
    terminal.enter("mri")
    terminal.see("items in")


SLOW = """
import time, imr_search.searching.library as library, imr_search.store.opening as opening
stop = []
opening.Guarded.interrupt = lambda self: stop.append(1)
search = library.Library.search
def slow(self, text, *rest):
    if "slowly" in text:
        print("searching", flush=True)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            time.sleep(0.02)
            if stop and LISTENS:
                raise KeyboardInterrupt
    return search(self, text, *rest)
library.Library.search = slow
"""


@pytest.mark.parametrize("listens", [True, False])
def test_ctrl_c_stops_a_long_search(prompt: Open, listens: bool) -> None:
    terminal = prompt(before=f"LISTENS = {listens}\n" + SLOW)
    terminal.enter("slowly")
    terminal.see("searching")
    terminal.type(CTRL_C)
    terminal.see("stopped")
    terminal.enter("mri")
    terminal.see("items in")
    terminal.leave()
    assert terminal.end() == 0


def test_keys_are_echoed_while_completion_and_count_take_their_time(prompt: Open) -> None:
    slow = "import time, imr_search.query.completion as c\nc.complete = lambda *a: time.sleep(30) or []\n"
    terminal = prompt(before=slow)
    terminal.type("a")
    terminal.see("imr> a")
    began = time.monotonic()
    for number, letter in enumerate("cupuncture"):
        terminal.type(letter)
        terminal.see("imr> a" + "cupuncture"[: number + 1], 5)
    assert time.monotonic() - began < 10


def test_a_smaller_window(prompt: Open) -> None:
    terminal = prompt(columns=100)
    terminal.type("acupuncture or mri")
    terminal.see("items")
    terminal.resize(44, 20)
    terminal.type(" or omeprazole")
    terminal.see("omeprazole")
    terminal.type("\r")
    terminal.see("sentence 3")
    assert all(len(line) <= 44 for line in terminal.lines)


def test_forty_columns(prompt: Open) -> None:
    terminal = prompt(columns=40, rows=60)
    terminal.enter("* | rate by outcome")
    terminal.see("95% CI")
    terminal.enter(".help")
    terminal.see("Ctrl-D")
    terminal.enter("treatment:acupuncture")
    terminal.see("3 items in 3 letters")
    terminal.enter("2")
    terminal.see("Rationale")
    wrapped = [line for line in terminal.lines if len(line) == 40]
    assert len(wrapped) < 20, wrapped  # our own lines end at a word, not at the edge


COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|38;[0-9;]+|9[0-7])(?:;\d+)*m")


def test_colours_only_where_they_are_wanted(prompt: Open) -> None:
    coloured, plain = prompt(), prompt(NO_COLOR="1")
    for terminal in (coloured, plain):
        terminal.enter('"functional improvement" outcome:overturned')
        terminal.see("item")
        terminal.enter("tretment:x")
        terminal.see("E107")
        terminal.see("Ctrl-C for an empty line")
        terminal.type(CTRL_C)
        terminal.see("\nimr>\n")
        terminal.leave()
        terminal.end()
    assert COLOUR.search(coloured.raw)
    assert not COLOUR.search(plain.raw)
    assert b"\x1b[0;4m" in plain.raw or b"4m" in plain.raw, "what is wrong is underlined without colour too"


def test_a_dumb_terminal(prompt: Open) -> None:
    terminal = prompt(TERM="dumb")
    terminal.enter("treatment:acupuncture")
    terminal.see("3 items in 3 letters")
    terminal.enter(".quit")
    assert terminal.end() == 0
    shown = terminal.raw.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")
    assert b"\x1b[3" not in shown


def test_the_c_locale_shows_ascii_alone(prompt: Open) -> None:
    terminal = prompt(LANG="C", LC_ALL="C")
    terminal.enter("treatment:acupuncture")
    terminal.see("3 items in 3 letters")
    terminal.enter("1")
    terminal.see("Rationale")
    terminal.enter("* | trend year")
    terminal.see("overturned")
    terminal.leave()
    assert terminal.end() == 0
    assert terminal.raw.isascii()


def test_history_is_private_to_the_user_and_can_be_stopped(prompt: Open, tmp_path: Path) -> None:
    terminal = prompt()
    terminal.enter("acupuncture tretment:failed")
    terminal.see("E107")
    terminal.see("Ctrl-C for an empty line")
    terminal.type(CTRL_C)
    terminal.see("\nimr>\n")
    terminal.enter(".private")
    terminal.see("not written")
    terminal.enter("mri secretword")
    terminal.see("N11")
    terminal.see("\nimr>\n")
    terminal.leave()
    terminal.end()
    (history,) = (tmp_path / "data").rglob("history")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "tretment:failed" in history.read_text(), "failed queries are kept, to be mended"
    assert "secretword" not in history.read_text()
    again = prompt()
    again.type("acup" + UP)
    again.see("imr> acupuncture tretment:failed")


def test_a_newer_index_is_picked_up(prompt: Open, examples: Path, tmp_path: Path) -> None:
    import shutil

    from imr_search.indexing import build

    letters, folder = tmp_path / "letters", tmp_path / "ix"
    shutil.copytree(examples / "2015", letters / "2015")
    build([letters], folder, workers=1)
    terminal = prompt(IMR_SEARCH_INDEX=str(folder))
    terminal.enter("treatment:acupuncture")
    terminal.see("1 item in 1 letter")
    terminal.enter(".watch")
    terminal.see("watched: treatment:acupuncture (1 item)")
    shutil.copytree(examples / "2017", letters / "2017")
    build([letters], folder, workers=1)
    terminal.type("\r")
    terminal.see("the index is now generation 2")
    terminal.see("watched: treatment:acupuncture: 2 items, +1")


def test_the_editor_gives_back_a_query(prompt: Open, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'treatment:acupuncture' > \"$1\"\n")
    editor.chmod(0o700)
    terminal = prompt(EDITOR=str(editor))
    terminal.enter(".edit")
    terminal.see("imr> treatment:acupuncture")
    terminal.type("\r")
    terminal.see("3 items in 3 letters")


BROKEN = """
import imr_search.searching.library as library
search = library.Library.search
library.Library.search = lambda self, text, *rest: 1 / 0 if "boom" in text else search(self, text, *rest)
"""


def test_a_fault_loses_one_answer_and_not_the_session(prompt: Open) -> None:
    terminal = prompt(before=BROKEN)
    terminal.enter("boom")
    terminal.see("a fault of this program (ZeroDivisionError")
    terminal.enter("mri")
    terminal.see("items in")


def test_no_index_is_said_before_the_prompt_opens(prompt: Open, tmp_path: Path) -> None:
    terminal = prompt("-i", str(tmp_path / "none"))
    terminal.see("there is no index")
    assert terminal.end() == 3


def test_the_one_shot_pager_only_when_longer_than_the_screen(prompt: Open) -> None:
    long = prompt("*", "--all", PAGER="sed s/^/PAGED/")
    long.see("PAGED")
    long.end()
    short = prompt("treatment:acupuncture", "-n", "1", PAGER="sed s/^/PAGED/")
    short.see("UPHELD")
    short.end()
    assert b"PAGED" not in short.raw
    without = prompt("*", "--all", "--no-pager", PAGER="sed s/^/PAGED/")
    without.end()
    assert b"PAGED" not in without.raw


def test_a_key_draws_what_changes_and_not_the_screen(prompt: Open) -> None:
    terminal = prompt()
    terminal.type("acupunctur")
    terminal.see("items")
    terminal.read(0.5)
    before = len(terminal.raw)
    terminal.type("e")
    terminal.see("imr> acupuncture")
    terminal.see("acupuncture   5 items")
    assert b"imr>" not in terminal.raw[before:]


def test_a_refused_query_says_how_to_be_rid_of_it(prompt: Open) -> None:
    terminal = prompt()
    terminal.enter("tretment:norco")
    terminal.see("Ctrl-C for an empty line")
    terminal.type(CTRL_C)
    terminal.see("Tab completes")


def test_settings_wrap_on_a_narrow_screen(prompt: Open) -> None:
    terminal = prompt(columns=40)
    terminal.enter(".set")
    terminal.see("pager     on")
    assert "how many results\n" + " " * 22 + "at a time" in terminal.text
