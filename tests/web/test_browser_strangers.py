"""The page in a real Chromium: nothing planted runs, nothing foreign gets in, and the user's own next run is let in."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

pytest.importorskip("selenium", reason="selenium is not installed")

from browsing import Browser, chromium
from serving import Server

PLANTED = """
const active = document.querySelectorAll('script, img, iframe, [onerror], [onfocus], [onmouseover]');
return [...active].filter((one) => one.getAttribute('src') !== '/static/app.js').map((one) => one.outerHTML);
"""


def test_nothing_of_a_hostile_letter_runs(browser: Browser, server: Server) -> None:
    for path in (
        "search?q=acupuncture+case%3ACM17-9900666",
        "letter/CM17-9900666?q=acupuncture",
        "tray?id=CM17-9900666%231",
        "search?q=case%3ACM17-9900666+%7C+rate+by+specialty",
        "search?q=" + quote("</title><script>document.title='owned'</script> tretment:x"),
        "original/CM17-9900666",
    ):
        browser.open(server.address + path)
        assert browser.driver.execute_script("return document.title") != "owned"
        assert browser.driver.execute_script(PLANTED) == [], path
    browser.open(server.address)
    browser.one("#q").send_keys("specialty:")
    browser.wait(lambda: browser.all("#q-list li"))
    assert browser.driver.execute_script("return document.querySelectorAll('#q-list script').length") == 0


FOREIGN = """<!doctype html><title>foreign</title>
<form id="f" method="post" action="TARGETsaved/change">
<input name="do" value="save"><input name="name" value="planted"><input name="q" value="mri"></form>
<iframe id="frame" src="TARGET"></iframe>
<a id="link" href="TARGETsearch?q=acupuncture">a link</a>
<script>
window.results = [];
for (const path of ["", "check?q=acupuncture", "original/CM15-9900088"])
  fetch("TARGET" + path, {credentials: "include"})
    .then((answer) => answer.text())
    .then((text) => results.push("read " + text.length), () => results.push("refused"));
</script>"""


class Foreign(http.server.BaseHTTPRequestHandler):
    """A page of somebody else's, which tries what a page can try."""

    target = ""

    def do_GET(self) -> None:
        page = FOREIGN.replace("TARGET", self.target)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def foreign(server: Server) -> Iterator[str]:
    """Another origin on this machine: the same host, so that even a same-site cookie would be sent, at another port."""
    Foreign.target = server.address
    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{other.server_address[1]}/"
    other.shutdown()


def test_a_foreign_page_reads_nothing_and_plants_nothing(browser: Browser, server: Server, foreign: str) -> None:
    browser.open(foreign)
    browser.wait(lambda: len(browser.driver.execute_script("return window.results")) == 3)
    assert browser.driver.execute_script("return window.results") == ["refused"] * 3
    browser.driver.switch_to.frame("frame")
    assert "items" not in browser.driver.execute_script("return document.body ? document.body.textContent : ''")
    browser.driver.switch_to.default_content()
    browser.driver.execute_script("document.getElementById('f').submit()")
    browser.see("Not from here")
    browser.open(foreign)
    browser.one("#link").click()
    browser.see("Not from here")
    assert "acupuncture" not in browser.text
    browser.complaints()  # what the browser says of the refusals
    browser.open(f"{server.address}saved")
    assert "planted" not in browser.text


@pytest.mark.browser
def test_a_name_that_is_made_to_point_here_is_refused(server: Server, tmp_path: Path) -> None:
    found = chromium(tmp_path, "--host-resolver-rules=MAP evil.example 127.0.0.1")
    try:
        found.open(server.address.replace("127.0.0.1", "evil.example"))
        assert "answers to 127.0.0.1 and localhost only" in found.text
        found.open(server.address.replace("127.0.0.1", "localhost"))
        assert "disputed items" in found.text
    finally:
        found.driver.quit()


def test_a_kept_address_works_in_the_next_run(browser: Browser, index: Path, tmp_path: Path) -> None:
    """Killed and started again: the port is the same, the token is not; the browser goes on where it was."""
    first = Server(index, tmp_path)
    browser.open(first.address)
    kept = f"{first.address}search?q=treatment%3Aacupuncture"
    browser.open(kept)
    browser.see("4 items in 4 letters")
    first.process.kill()
    first.process.wait(15)
    second = Server(index, tmp_path, "--port", str(first.port))
    try:
        browser.open(kept)
        browser.see("Not from here")  # the new run's address was not opened yet
        browser.complaints()
        browser.open(second.address)
        browser.open(kept)
        browser.see("4 items in 4 letters")
        assert browser.driver.current_url == f"{second.address}search?q=treatment%3Aacupuncture"
    finally:
        assert second.end() == 130
