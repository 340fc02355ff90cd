"""Where the letters are that tests read."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Under nohup, or behind a shell's "&", signals are ignored, and programs that tests start would inherit that; a handler is not inherited.
for _number in ("SIGINT", "SIGHUP"):
    if hasattr(signal, _number) and signal.getsignal(getattr(signal, _number)) is signal.SIG_IGN:
        signal.signal(getattr(signal, _number), lambda *_: None)
# A test that asks for one of these needs more than Python: it bears the marker without being told, so that none can forget it.
MARKED = {"prompt": "terminal", "nodes": "cluster", "apart": "cluster", "browser": "browser"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the goldens and the README's outputs with today's")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole quick suite on up to four cores; named tests, and suites behind a marker, in this process (0)."""
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS and "not (long" in config.getoption("markexpr")
    return min(4, os.cpu_count() or 1) if whole else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in MARKED:
                item.add_marker(MARKED[fixture])


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Are the goldens to be rewritten?"""
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session")
def examples() -> Path:
    """The letters that the project ships."""
    return ROOT / "examples" / "letters"


@pytest.fixture(scope="session")
def shared_letters() -> Path:
    """Real letters beside the checkout, where there are any: `seeds/` and `dwc-2016-2017/`."""
    folder = ROOT.parent / "shared" / "letters"
    if not folder.is_dir():
        pytest.skip("no real letters beside this checkout")
    return folder
