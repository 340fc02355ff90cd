"""The page's application in this process, over the project's own letters and a hostile one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from serving import BASE, PORT, TOKEN
from starlette.testclient import TestClient

from imr_search.indexing import build
from imr_search.searching.library import Library
from imr_search.web.app import create_app
from imr_search.web.saved_view import Kept

if TYPE_CHECKING:
    from browsing import Browser
    from serving import Server

# What a letter of a stranger may hold: markup, a script, an attribute's end, an entity, a direction mark, a template's signs.
HOSTILE = """Case Number: CM17-9900666
Date Assigned: 01/02/2017
Date of Injury: 05/30/2012
Decision Date: 02/03/2017
UR Denial Date: 12/22/2016
Priority: Standard
Application Received: 12/30/2016

HOW THE IMR FINAL DETERMINATION WAS MADE
MAXIMUS Federal Services sent the complete case file to an expert reviewer.
The Expert Reviewer has the following credentials:
State(s) of Licensure: California
Certification(s)/Specialty: "><script>document.title='owned'</script>

CLINICAL CASE SUMMARY
The expert reviewer developed the following clinical case summary based on a review of the case file, including all medical records:

The injured worker is a 50 year old female. <img src=x onerror="document.title='owned'"> {{ 7 * 7 }} acupuncture.

IMR ISSUES, DECISIONS AND RATIONALES
The Final Determination was based on decisions for the disputed items/services set forth below:

1. Acupuncture <b onmouseover=alert(1)>2x4</b> \u202egnp.exe' " onfocus="alert(1) is not medically necessary.

Claims Administrator guideline: Decision based on MTUS <i>Acupuncture</i>.

MAXIMUS guideline: Decision based on MTUS </title><script>document.title='owned'</script> Acupuncture Treatment Guidelines.

Decision rationale: The request of <script>document.title='owned'</script> acupuncture shows no functional improvement.
The request is not medically necessary.
"""


@pytest.fixture(scope="session")
def letters(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web") / "letters"
    shutil.copytree(examples, folder)
    (folder / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def index(letters: Path) -> Path:
    folder = letters.parent / "ix"
    build([letters], folder, workers=1)
    return folder


@pytest.fixture
def stranger(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client that has not opened the printed address yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    app = create_app(lambda: Library.open(index, saved=Kept()), token=TOKEN, port=PORT, entry="0nce")
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def get(stranger: TestClient) -> Callable[..., str]:
    """The text of a page, as the user's own browser gets it."""
    assert stranger.get(f"/{TOKEN}/").status_code == 200

    def page(path: str, status: int = 200, **parameters: str | list[str]) -> str:
        answer = stranger.get(f"/{TOKEN}/{path}", params=parameters or None)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    return page


@pytest.fixture(scope="session")
def server(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """imr-web as its own process, for the tests in a browser."""
    from serving import Server

    found = Server(index, tmp_path_factory.mktemp("home"))
    yield found
    found.end()


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("no chromium, or no chromedriver here")
    pytest.importorskip("selenium", reason="selenium is not installed")
    from browsing import chromium

    found = chromium(tmp_path_factory.mktemp("downloads"))
    yield found
    found.driver.quit()


@pytest.fixture
def browser(chrome: Browser, server: Server) -> Iterator[Browser]:
    """A browser that has just opened the printed address, its storage empty."""
    chrome.open(server.address)
    chrome.driver.execute_script("localStorage.clear()")
    chrome.open(server.address)
    chrome.complaints()
    yield chrome
    assert chrome.complaints() == []
