"""The command over the project's own letters: formats, bounds, notices, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
from pathlib import Path

import pytest
from running import Run

BRIEF = 'treatment:acupuncture outcome:upheld guideline:"page 98"'


def test_the_first_query_finds_something(run: Run) -> None:
    code, out, _ = run(BRIEF)
    assert code == 0
    assert out.splitlines()[0].startswith("1 item in 1 letter")
    assert "UPHELD" in out


def test_every_format_shows_the_same_items(run: Run) -> None:
    found = {
        name: run("treatment:acupuncture", "-f", name)[1]
        for name in ("list", "table", "md", "cite", "json", "jsonl", "csv", "tsv", "ids")
    }
    ids = found["ids"].split()
    assert len(ids) == 3
    assert [item["id"] for item in json.loads(found["json"])["items"]] == ids
    assert [json.loads(line)["id"] for line in found["jsonl"].splitlines()] == ids
    assert [row["id"] for row in csv.DictReader(io.StringIO(found["csv"]))] == ids
    assert [line.split("\t")[0] for line in found["tsv"].splitlines()[1:]] == ids
    assert len(found["cite"].splitlines()) == len(ids)
    for id_ in ids:
        letter, _, n = id_.partition("#")
        assert f"{letter} #{n}" in found["list"]
        assert id_ in found["table"]
        assert letter in found["md"]


def test_the_same_query_gives_the_same_bytes(run: Run) -> None:
    for form in ("list", "json", "csv", "md"):
        assert run("treatment:norco or mri", "-f", form) == run("treatment:norco or mri", "-f", form)


def test_nothing_found_is_1_and_says_why(run: Run) -> None:
    code, out, err = run("treatment:acupuncture outcome:modified")
    assert code == 1
    assert out.startswith("0 items")
    assert "N11" in err


@pytest.mark.parametrize("query", ['"a b', "tretment:norco", "outcome:maybe", "a AND", "()", ""])
def test_a_query_that_cannot_be_read_is_2_with_its_code(run: Run, query: str) -> None:
    code, out, err = run(query)
    assert code == 2
    assert out == ""
    assert re.match(r"query error E\d\d\d: ", err)
    assert "Traceback" not in err
    if query:
        lines = err.splitlines()
        assert any(line.strip() == "^" for line in lines)


def test_errors_as_json(run: Run) -> None:
    for arguments in (("--errors", "json", "tretment:norco"), ("tretment:norco", "--errors=json")):
        code, _, err = run(*arguments)
        found = json.loads(err)
        assert code == 2
        assert list(found)[:6] == ["code", "message", "start", "end", "expected", "try"]
        assert (found["code"], found["start"], found["end"]) == ("E107", 0, 8)
    code, _, err = run("--errors", "json", "--bogus")
    assert (code, json.loads(err)["code"]) == (2, "usage")


def test_no_index_is_3(run: Run, tmp_path: Path) -> None:
    code, out, err = run("-i", str(tmp_path / "none"), "x")
    assert (code, out) == (3, "")
    assert "imr-index build" in err


def test_no_right_to_write_is_5_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    code, _, err = run("*", "-o", str(tmp_path / "no" / "such" / "x.csv"))
    assert code == 5
    assert "cannot write" in err


def test_no_query_and_no_terminal(run: Run) -> None:
    code, _, err = run()
    assert code == 2
    assert "E101" in err
    assert "--batch" in err
    assert run("--count")[0] == 2


def test_bounds_are_said_on_standard_error(run: Run) -> None:
    _, out, err = run("*", "-n", "3")
    assert out.count("CM") >= 3
    assert "3 of 38 (--all)" in err
    assert "of 38" not in run("*", "-n", "3", "-q")[2]
    assert "of 38" not in run("*", "--all")[2]
    assert len(run("*", "-f", "ids")[1].split()) == 38
    assert len(run("*", "-f", "ids", "-n", "2")[1].split()) == 2
    assert len(json.loads(run("*", "-f", "json")[1])["items"]) == 20


def test_offset_and_all_give_every_item_once(run: Run) -> None:
    whole = run("*", "-f", "ids")[1].split()
    parts = [
        id_
        for offset in range(0, 38, 7)
        for id_ in run("*", "-f", "ids", "-n", "7", "--offset", str(offset))[1].split()
    ]
    assert parts == whole
    assert len(set(whole)) == 38


def test_sorting(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("*", "-f", "csv", "-s", "-decided")[1])))
    days = [row["decided"] for row in rows if row["decided"]]
    assert days == sorted(days, reverse=True)
    assert all(row["score"] == "" for row in rows)
    code, _, err = run("*", "-s", "rationale")
    assert code == 2
    assert "sorted" in err


def test_columns_take_query_names_and_bear_json_keys(run: Run) -> None:
    assert run("*", "-f", "csv", "-c", "case,qty", "-n", "1")[1].splitlines()[0] == "case,quantity"
    assert run("* | show case, qty", "-f", "csv", "-n", "1")[1].splitlines()[0] == "case,quantity"
    assert run("*", "-c", "colour")[0] == 2


def test_count_explain_check(run: Run) -> None:
    assert run("treatment:acupuncture", "--count")[1] == "3\n"
    code, out, _ = run("treatment:acupuncture outcome:upheld", "--explain")
    assert code == 0
    assert out.startswith("read as  treatment:acupuncture AND outcome:upheld")
    found = json.loads(run("treatment:acupuncture outcome:upheld", "--explain", "-f", "json")[1])
    assert [clause["items"] for clause in found["clauses"]] == [3, 21]
    (told,) = found["grounds"]
    assert told["outcome"] == "upheld"
    assert told["reasons"][0] == {
        "code": "functional-improvement",
        "sentence": 3,
        "text": "Functional improvement has not been shown.",
    }
    assert "Functional improvement has not been shown." in out
    assert run("a  b", "--check")[:2] == (0, "a AND b\n")
    assert run("a AND", "--check")[0] == 2


def test_check_needs_no_index(run: Run, tmp_path: Path) -> None:
    code, out, err = run("a b", "--check", "-i", str(tmp_path / "none"))
    assert (code, out) == (0, "a AND b\n")
    assert "no index" in err


def test_time_appears_only_when_asked(run: Run) -> None:
    assert "took_ms" not in run("norco", "-f", "json")[1]
    assert json.loads(run("norco", "-f", "json", "--time")[1])["took_ms"] > 0
    assert re.search(r"\d\.\d\d s$", run("norco", "--time")[1].splitlines()[0])
    assert re.search(r"\d\.\d\d s", run("norco", "--time", "--count")[2])


def test_what_the_shell_ate_is_read_as_at_the_prompt_and_the_phrase_is_offered(run: Run) -> None:
    code, out, err = run("treatment:physical therapy", "--count")
    assert code == 0
    assert out == run("treatment:physical", "therapy", "--count")[1]
    notice = next(line for line in err.splitlines() if line.startswith("N03"))
    phrase = run('treatment:"physical therapy"', "--count")[1].strip()
    assert f'treatment:"physical therapy" ({phrase} items)' in notice
    assert run("treatment:physical therapy", "--count", "-q")[2] == ""
    code, _, err = run("treatment:physical therapy", "--count", "--strict")
    assert code == 2
    assert "N03" in err


def test_the_reading_in_fields_is_offered_and_run_when_asked(run: Run) -> None:
    code, out, _ = run("acupuncture upheld", "-f", "json")
    assert code == 0
    offered = json.loads(out)["as_fields"]
    assert offered["query"] == "category:acupuncture outcome:upheld"
    code, out, _ = run("acupuncture upheld", "--as-fields", "-f", "json")
    assert code == 0
    found = json.loads(out)
    assert (found["query"], found["read_as"]) == ("acupuncture upheld", "category:acupuncture AND outcome:upheld")
    assert found["total"] == offered["total"]
    assert found["as_fields"] is None
    assert f"N26  as fields: {offered['query']} ({offered['total']} item" in run("acupuncture upheld")[2]


def test_notices_are_in_json_and_not_on_standard_error(run: Run) -> None:
    _, out, err = run("norco or mri acupuncture", "-f", "json")
    assert "N10" in {notice["code"] for notice in json.loads(out)["notices"]}
    assert "N10" not in err
    assert "N10" in run("norco or mri acupuncture")[2]
    assert "N10" in run("norco or mri acupuncture", "-f", "csv")[2]
    assert run("norco or mri acupuncture", "--strict")[0] == 2


def test_literal(run: Run) -> None:
    assert int(run("-F", "not medically necessary", "--count")[1]) > 0
    assert run("not medically necessary")[0] == 2
    assert run("-F", '"', "x AND (y")[0] in (0, 1)


def test_a_file_is_whole_private_and_has_a_mark_for_spreadsheets(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    code, out, _ = run("*", "-f", "csv", "-o", str(target))
    assert (code, out) == (0, "")
    data = target.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,")
    assert data.count(b"\r\n") == 39
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.csv"]
    run("tretment:x", "-f", "csv", "-o", str(target))
    assert target.read_bytes() == data, "an error must not touch the file"


def test_reports(run: Run) -> None:
    code, out, _ = run("* | rate by category min 3")
    assert code == 0
    assert "95% CI" in out
    found = json.loads(run("* | count by outcome", "-f", "json")[1])
    assert found["report"]["columns"] == ["group", "items", "letters", "share"]
    assert sum(row[1] for row in found["report"]["rows"]) == 38
    assert run("* | count by outcome", "-f", "ids")[0] == 2
    assert "overturned" in run("* | trend year")[1]
    assert run("treatment:acupuncture | cite")[1].splitlines()[0].startswith("IMR Case No. ")


def test_batch_answers_each_and_exits_with_the_worst(run: Run, tmp_path: Path) -> None:
    batch = tmp_path / "queries.txt"
    batch.write_text("# comment\n\ntreatment:acupuncture\ntretment:x\nzzzz\n")
    code, out, err = run("--batch", str(batch), "--count")
    assert code == 2
    assert [line.split()[0] for line in out.splitlines()] == ["3", "error", "0"]  # one line for each query
    assert out.splitlines()[1].startswith("error E107: no field is called tretment")
    assert "line 4:" in err
    assert "E107" in err
    batch.write_text("treatment:acupuncture\nzzzz\n")
    assert run("--batch", str(batch), "--count")[0] == 1
    code, out, _ = run("--batch", str(batch), "-f", "json")
    assert [json.loads(line)["total"] for line in out.splitlines()] == [3, 0]
    code, out, _ = run("--batch", str(batch))
    assert "## treatment:acupuncture" in out
    assert run("--batch", str(tmp_path / "none"))[0] == 2


def test_a_bad_line_of_a_batch_has_its_error_where_its_answer_would_be(run: Run, tmp_path: Path) -> None:
    batch = tmp_path / "queries.txt"
    batch.write_bytes(b"\xef\xbb\xbfmri\nfield:(\ncaf\xe9 lumbar\nmri\0norco\nnorco\n")
    code, out, err = run("--batch", str(batch), "--count")
    assert code == 2
    assert [line[:5] for line in out.splitlines()] == ["2", "error", "error", "error", "7"]
    assert "line 3:" in err
    assert "not UTF-8" in err
    assert "NUL" in err
    told = [json.loads(line) for line in run("--batch", str(batch), "-f", "json")[1].splitlines()]
    assert [one.get("line") for one in told] == [None, 2, 3, 4, None]
    assert told[2]["code"] == "usage"
    shown = run("--batch", str(batch))[1]
    assert "## line 3\nerror: the line is not UTF-8" in shown
    assert run("--batch", str(batch), "--check")[1].count("error") == 3
    assert "error" not in run("--batch", str(batch), "-f", "ids")[1]
    batch.write_text("mri\n", encoding="utf-16")
    code, _, err = run("--batch", str(batch))
    assert code == 2
    assert "UTF-16" in err


def test_a_home_folder_is_found_where_no_shell_has_seen_the_tilde(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home))
    assert run("mri", "-f", "ids", "-o", "~/x.ids")[0] == 0
    assert len((home / "x.ids").read_text().split()) == 2
    assert run("mri", "--record", "~/r.json")[0] == 0
    assert run("--replay", "~/r.json")[0] == 0
    (home / "b").write_text("mri\n")
    assert run("--batch", "~/b", "--count")[1] == "2\n"
    for flag in ("-o", "--record"):
        code, _, err = run("mri", flag, "~nouser/x")
        assert code == 2
        assert "no home folder ~nouser" in err
    monkeypatch.delenv("HOME")
    assert run("mri", "--count")[0] == 0
    assert run("mri", "-i", "~nouser/x")[0] == 2


@pytest.mark.parametrize("columns", ["9" * 30, "9" * 5_000, "1000000000", "0", "-3", "x", "٣"])
def test_no_number_in_columns_is_too_odd(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, out, _ = run("mri")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 1_000


def test_saved_queries_are_filled_and_values_are_never_syntax(run: Run, home: Path) -> None:
    from imr_search.query import saved

    saved.save("drugs", "drug:{d} qty:>={n}")
    code, out, _ = run("--saved", "drugs", "--param", "d=norco", "--param", "n=60", "--count")
    assert code == 0
    assert out == run("drug:norco qty:>=60", "--count")[1]
    assert run("--saved", "drugs", "--param", "d=norco) OR *", "--param", "n=1", "--count")[1] == "0\n"
    assert run("--saved", "drugs")[0] == 2
    assert run("--saved", "none")[0] == 2
    assert run("@drugs", "--count")[0] == 2


def test_a_record_is_replayed(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    assert run("treatment:acupuncture", "--record", str(record))[0] == 0
    assert stat.S_IMODE(os.stat(record).st_mode) == 0o600
    code, out, _ = run("--replay", str(record))
    assert code == 0
    assert "the same" in out
    found = json.loads(record.read_text())
    found["total"] = 99
    record.write_text(json.dumps(found))
    code, out, _ = run("--replay", str(record))
    assert code == 1
    assert "99" in out
    assert json.loads(run("--replay", str(record), "-f", "json")[1])["same"] is False
    record.write_text("{}")
    assert run("--replay", str(record))[0] == 2


def test_a_record_of_a_report_and_of_a_page(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    for arguments in (
        ["* | rate by outcome"],
        ["*", "-n", "3"],
        ["* | sample 5 seed 7"],
        ["-F", "medically necessary"],
    ):
        assert run(*arguments, "--record", str(record))[0] == 0, arguments
        assert run("--replay", str(record))[0] == 0, arguments


def test_help_names_every_option_and_field(run: Run) -> None:
    from imr_search.cli.option_table import OPTIONS
    from imr_search.fields import table

    for arguments in (["--help"], ["-h"]):
        code, out, _ = run(*arguments)
        assert code == 0
        for row in OPTIONS:
            assert row.shown in out
        for field in table():
            assert field.hidden or field.help.split()[0] in out
    assert run("--version")[1].startswith("imr-search ")


def test_every_example_of_the_help_is_a_query_that_is_read(run: Run) -> None:
    import shlex

    from imr_search.cli.option_table import EXAMPLES
    from imr_search.output.guide import LANGUAGE, REPORTS

    for command, _ in EXAMPLES:
        arguments = shlex.split(command)[1:]
        if arguments and "-o" not in arguments:
            assert run(*arguments)[0] in (0, 1), command
    for texts, _ in LANGUAGE:
        for text in re.split(r"\s{2,}", texts):
            assert run("--check", "--", text)[0] == 0, text
    for text, _ in REPORTS:
        assert run(text.replace("...", "*"))[0] == 0, text


def test_the_manual_page_is_clean_roff(run: Run) -> None:
    import shutil
    import subprocess

    page = run("--man")[1]
    assert page.startswith(".TH IMR-SEARCH 1")
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    made = subprocess.run(["groff", "-man", "-Tascii", "-ww"], input=page.encode(), capture_output=True, check=True)
    assert made.stderr == b""
    assert b"imr-search" in made.stdout


def test_a_file_is_written_as_its_name_says(run: Run, tmp_path: Path) -> None:
    """-o x.csv without -f is a table of all items, -o x.odd is refused, and -f goes before the name."""
    code, out, _ = run("*", "-o", str(tmp_path / "x.csv"))
    assert (code, out) == (0, "")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text(encoding="utf-8-sig"))))
    assert len(rows) == int(run("*", "--count")[1])
    code, _, err = run("*", "-o", str(tmp_path / "x.odd"))
    assert code == 2
    assert "no format is written to .odd files" in err
    assert not (tmp_path / "x.odd").exists()
    run("*", "-f", "ids", "-o", str(tmp_path / "y.csv"))
    assert len((tmp_path / "y.csv").read_text().splitlines()) == len(rows)
