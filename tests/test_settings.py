"""The configuration file: what it may say, what a mistake is answered with, and where it counts."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from imr_search import settings
from imr_search.cli.command_line import config_defaults
from imr_search.errors import UsageError
from imr_search.output import formats
from imr_search.repl.highlighting import THEMES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "configuration.md"


def read(tmp_path: Path, text: str) -> settings.Settings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return settings.read(file)


def test_every_key_is_read(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    written = tomllib.loads(example[1])
    assert set(written) == {row.key for row in settings.table()} == set(settings.Settings.__struct_fields__) - {"file"}
    found = read(tmp_path, example[1])
    for key, value in written.items():
        held = getattr(found, key)
        assert held == (Path(value) if key == "index" else tuple(value) if key == "trust" else value)


def test_the_page_lists_what_the_program_knows(update: bool) -> None:
    rows = [f"| `{row.key}` | {row.help} | {settings.takes(row)} |" for row in settings.table()]
    text = PAGE.read_text(encoding="utf-8")
    if update:
        head = "| key | what it is | it takes |\n|---|---|---|\n"
        text = re.sub(rf"(?<={re.escape(head)})(\|.*\n)+", lambda _: "\n".join([*rows, ""]), text)
        PAGE.write_text(text, encoding="utf-8")
    assert "\n".join(rows) in text


def test_closed_lists_are_those_of_the_program() -> None:
    rows = {row.key: row for row in settings.table()}
    assert set(rows["theme"].values) == set(THEMES)
    assert rows["format"].values == formats.line_names()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('# first\ntheme = "purple"\n', 'line 2: theme takes one of "auto", "dark", "light", "plain"'),
        ('\n\nkeys = "nano"', 'line 3: keys takes one of "emacs", "vi"'),
        ('format = "svg"', f'line 1: format takes one of "{formats.line_names()[0]}", "'),
        ("limit = 0", "line 1: limit takes a whole number, 1 to 10000"),
        ("limit = true", "line 1: limit takes a whole number"),
        ('limit = "20"', "line 1: limit takes a whole number"),
        ("limit = 2.5", "line 1: limit takes a whole number"),
        ("history = true\ncolor = 1", "line 2: color takes one of"),
        ("pager = 1", "line 1: pager takes true or false"),
        ('trust = "clerk"', "line 1: trust takes a list of user names"),
        ("trust = [1]", "line 1: trust takes a list of user names"),
        ("[saved]\nlimit = 3", "line 1: saved takes a table of queries"),
        ('[saved]\nx = "a"\n[colours]\nfield = "red"', "line 3: no setting is called 'colours'"),
        ("theme = dark", "line 1"),
    ],
)
def test_a_mistake_is_named_by_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        read(tmp_path, text)
    assert said in str(told.value.message)


def test_the_nearest_key_is_offered(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        read(tmp_path, 'colour = "never"')
    assert told.value.hint == "did you mean color?"


CONFIG = 'color = "never"\nformat = "table"\nlimit = 3\npager = false\n'


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    monkeypatch.setenv("IMR_SEARCH_CONFIG", str(file))


def test_what_the_command_line_leaves_open_is_filled(configured: None) -> None:
    one_shot = {"query": ("mri",)}
    assert config_defaults(one_shot, {}) == {"color": "never", "format": "table", "limit": 3, "pager": False}
    assert "color" not in config_defaults(one_shot, {"NO_COLOR": "1"})
    assert "limit" not in config_defaults({**one_shot, "all": True}, {})
    assert "limit" not in config_defaults({**one_shot, "format": "csv"}, {})  # gives all items unless -n is given
    assert "limit" in config_defaults({"format": "csv"}, {})  # the prompt shows a page at a time
    for file in ("output", "batch", "replay"):
        assert config_defaults({**one_shot, file: "x"}, {}) == {}


def test_no_reader_of_toml_is_loaded_without_a_file(tmp_path: Path) -> None:
    code = "import sys; from imr_search import settings; settings.read(); print('tomllib' in sys.modules)"
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize(
    "text", ["limit = " + "9" * 5_000, 'index = "a\\u0000b"', "limit = 1e999", "limit = 99999999999999999999"]
)
def test_values_that_no_setting_takes_are_told_however_odd(text: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text + "\n")
    with pytest.raises(UsageError, match=r"config\.toml"):
        settings.read(config)
