"""An index of the project's own letters, and the command run in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Run


@pytest.fixture(scope="session")
def index(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from imr_search.indexing import build

    folder = tmp_path_factory.mktemp("index") / "ix"
    build([examples], folder, workers=1)
    return folder


@pytest.fixture
def home(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing but the index."""
    monkeypatch.setenv("IMR_SEARCH_INDEX", str(index))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("IMR_SEARCH_CONFIG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(home: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run `imr-search` with these arguments: exit code, standard output, standard error."""
    from imr_search.cli.search_main import main
    from imr_search.output.messages import guarded

    def run_(*arguments: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        code = guarded(lambda: main(arguments), "imr-search", arguments)
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return run_
