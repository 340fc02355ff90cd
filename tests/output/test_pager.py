"""The pager: which program, and with what."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_search.output import pager


@pytest.fixture
def less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `less` that writes down how it was called; the file that it writes."""
    seen = tmp_path / "seen"
    program = tmp_path / "bin" / "less"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$LESS" "$@" > {seen}\ncat >> {seen}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("TERM", "xterm")
    for name in ("PAGER", "LESS"):
        monkeypatch.delenv(name, raising=False)
    return seen


def page() -> None:
    pager.to_screen((f"line {number}" for number in range(200)), True)


@pytest.mark.parametrize("own", ["-S", "-X -S", ""])
def test_colours_stay_colours_whatever_less_is_told_by_the_user(
    less: Path, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    monkeypatch.setenv("LESS", own)
    page()
    called, _, rest = less.read_text().partition("line 0\n")
    assert called == f"{own}|-R|"
    assert rest.count("line") == 199


def test_a_pager_with_a_quotation_mark_that_is_never_closed_is_none(
    monkeypatch: pytest.MonkeyPatch, less: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("PAGER", "less 'odd")
    page()
    assert capfdbinary.readouterr().out.count(b"line") == 200
    assert not less.exists()
