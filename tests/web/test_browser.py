"""The page in a real Chromium: the five tasks of a new user, by mouse and by keyboard alone."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="selenium is not installed")

from browsing import Browser
from selenium.webdriver.common.keys import Keys
from serving import Server

PAGES = {
    "the first page": "",
    "an answer": "search?q=functional+improvement",
    "a long answer": "search?q=*&n=50",
    "nothing found": "search?q=zzzqqq",
    "rates": "search?q=*+%7C+rate+by+category",
    "a trend": "search?q=*+%7C+trend+year",
    "a cross table": "search?q=*+%7C+count+by+outcome,+year",
    "a cross table of rates": "search?q=*+%7C+rate+by+category,+year",
    "a spread": "search?q=*+%7C+stats+age+by+outcome",
    "a comparison by the language": "search?q=drug%3Anorco+%7C+compare+treatment%3Aacupuncture",
    "citations": "search?q=acupuncture+%7C+cite",
    "columns of choice": "search?q=acupuncture+%7C+show+case,+decided,+specialty",
    "a note with a query": "search?q=treatment%3Aacupuncture+drug%3Anorco",
    "a page that is not": "search?q=*&page=99",
    "an error": "search?q=acupuncture+tretment%3Anorco",
    "a letter from text": "letter/CM15-9900012?q=acupuncture&item=1&at=1",
    "a letter from PDF": "letter/CM15-9900088?q=norco&item=1",
    "a hostile letter": "letter/CM17-9900666?q=acupuncture",
    "the tray": "tray?id=CM15-9900012%231&id=CM15-9900088%231&q=norco",
    "saved queries": "saved",
    "a comparison": "compare?q=treatment%3Aacupuncture&with=drug%3Anorco",
    "a comparison to begin": "compare",
    "a comparison that cannot be read": "compare?q=tretment%3Aacupuncture&with=drug%3Anorco",
    "the empty tray": "tray",
    "no such letter": "letter/CM99-0000000",
    "a record": "record?q=acupuncture",
    "the guide": "guide",
}
# What a page holds; scripts that are longer than a line.
CONTROLS = """
const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
const shown = controls.filter((one) => one.checkVisibility() && one.type !== 'hidden');
"""
NOT_SEEN = CONTROLS + "return shown.filter((one) => !window.seen.has(one)).map((one) => one.outerHTML.slice(0, 120))"
AXE = """
const options = {iframes: false, runOnly: arguments[0]};
const done = arguments[1];
axe.run({exclude: ['iframe']}, options).then(done, (e) => done({violations: [{id: String(e), nodes: []}]}));
"""
BEYOND = """
const wide = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= wide) return [];
const all = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > wide && !one.closest('.scroll *'));
return [`${document.documentElement.scrollWidth} wide`, ...all.map((one) => one.outerHTML.slice(0, 100))];
"""
OPEN_ALL = "for (const one of document.querySelectorAll('details')) { one.removeAttribute('name'); one.open = true; }"
SPACED = """
for (const one of document.body.querySelectorAll('*')) {
  one.style.setProperty('line-height', '1.5', 'important');
  one.style.setProperty('letter-spacing', '0.12em', 'important');
  one.style.setProperty('word-spacing', '0.16em', 'important');
}
"""
HIDDEN_FOCUS = """
const one = document.activeElement;
if (!one || one === document.body || one.tagName === 'IFRAME') return null;
const boxes = [...one.getClientRects(), ...(one.labels ? [...one.labels].flatMap((label) => [...label.getClientRects()]) : [])];
for (const box of boxes)
  for (const [x, y] of [[0.5, 0.5], [0.1, 0.3], [0.9, 0.7]]) {
    const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    if (top && (one.contains(top) || top.contains(one))) return null;
  }
return one.outerHTML.slice(0, 200);
"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# -- by mouse


def test_find_what_was_certified_and_why(browser: Browser) -> None:
    box = browser.one("#q")
    box.click()
    box.send_keys("treatment:acu")
    browser.wait(lambda: any("acupuncture" in row.text for row in browser.all("#q-list li")))
    next(row for row in browser.all("#q-list li") if "acupuncture" in row.text).click()
    assert box.get_attribute("value") == "treatment:acupuncture"
    browser.see("4 items, read as treatment:acupuncture")
    browser.one(".box button").click()
    browser.see("4 items in 4 letters")
    next(link for link in browser.all(".facet a") if link.text.startswith("overturned")).click()
    browser.see("2 items in 2 letters")
    assert browser.one("#q").get_attribute("value") == "treatment:acupuncture outcome:overturned"
    browser.one("a.hit").click()
    browser.see("Rationale")
    assert browser.all("mark")
    assert "Cite as" in browser.text


def test_how_often_and_since_when(browser: Browser) -> None:
    browser.one("#q").send_keys("category:rehabilitation", Keys.ENTER)
    browser.see("overturned")
    browser.one(".tools details summary").click()
    browser.one("#kind option[value=trend]").click()
    browser.one(".tools details[open] button").click()
    browser.wait(lambda: browser.all("svg.line"))
    assert browser.one("#q").get_attribute("value") == "category:rehabilitation | trend year"
    text = browser.driver.execute_script("return document.querySelector('svg.chart').textContent")
    assert "2014" in text
    assert "%" in text
    browser.open(browser.driver.current_url.replace("trend+year", "rate+by+category"))
    head = next(head for head in browser.all("th button") if head.text == "Items")
    head.click()
    numbers = [int(cell.text) for cell in browser.all("table.report tbody tr td.r:nth-child(2)")]
    assert numbers == sorted(numbers, reverse=True)
    head.click()
    numbers = [int(cell.text) for cell in browser.all("table.report tbody tr td.r:nth-child(2)")]
    assert numbers == sorted(numbers)


def test_read_the_letter_beside_its_file_and_go_on(browser: Browser, server: Server) -> None:
    browser.open(f"{server.address}search?q=drug%3Anorco")
    for link in browser.all("a.hit"):
        if "CM15-9900088" in (link.get_attribute("href") or ""):
            link.click()
            break
    browser.see("The letter itself")
    frame = browser.one("iframe")
    assert "/original/CM15-9900088#" in (frame.get_attribute("src") or "")
    browser.link("Back to the answer").click()
    browser.see("items in")
    browser.one("a.hit").click()
    browser.see("1 of ")
    first = browser.driver.current_url
    browser.link("Next hit").click()
    browser.see("2 of ")
    browser.link("Previous hit").click()
    browser.wait(lambda: browser.driver.current_url == first)


def test_a_query_is_saved_and_used_again(browser: Browser, server: Server) -> None:
    browser.open(f"{server.address}search?q=drug%3Anorco+outcome%3Aupheld")
    next(one for one in browser.all(".tools summary") if "Save" in one.text).click()
    browser.one("#save-name").send_keys("norco_up", Keys.ENTER)
    browser.see("Saved queries")
    browser.see("@norco_up")
    browser.one("#q").send_keys("@norco")
    browser.wait(lambda: any("@norco_up" in row.text for row in browser.all("#q-list li")))
    browser.press(Keys.ARROW_DOWN, Keys.ENTER)
    browser.press(Keys.ENTER)
    browser.see("2 items in 2 letters")
    browser.open(f"{server.address}saved")
    next(one for one in browser.all("button.quiet") if "Forget" in one.text).click()
    browser.wait(lambda: "@norco_up" not in browser.text)


def test_a_mistake_is_put_right_by_a_click(browser: Browser) -> None:
    browser.one("#q").send_keys("tretment:acupuncture")
    browser.see("E107")
    browser.wait(lambda: browser.all("#q-live a"))
    browser.one(".box button").click()
    browser.see("The query cannot be read")
    assert browser.one(".pointed mark").text == "tretment"
    browser.one(".error a").click()
    browser.see("4 items in 4 letters")


def test_take_two_decisions_along_with_a_note(browser: Browser, server: Server) -> None:
    browser.open(f"{server.address}search?q=functional+improvement")
    for tick in browser.all(".tick input")[:2]:
        tick.click()
    assert browser.one("#tray-count").text == "2"
    browser.open(f"{server.address}search?q=drug%3Anorco")  # the tray goes along
    assert browser.one("#tray-count").text == "2"
    browser.one("#tray-link").click()
    browser.see("Tray 2 items")
    browser.one("textarea").send_keys("for the declaration <b>now</b>")
    browser.open(browser.driver.current_url)  # the note is kept
    assert browser.one("textarea").get_attribute("value") == "for the declaration <b>now</b>"
    next(button for button in browser.all(".actions button") if "Word" in button.text).click()
    with zipfile.ZipFile(io.BytesIO(browser.downloaded("imr-brief.docx"))) as archive:
        document = archive.read("word/document.xml").decode()
    assert "for the declaration &lt;b&gt;now&lt;/b&gt;" in document
    assert document.count("IMR Case No.") == 2
    browser.one("[data-untick]").click()
    browser.see("Tray 1 item")
    browser.one("#tray-clear").click()
    browser.driver.switch_to.alert.dismiss()  # notes are not lost by a slip
    assert browser.one("#tray-count").text == "1"
    browser.one("#tray-clear").click()
    browser.driver.switch_to.alert.accept()
    browser.see("The tray is empty")


# -- by keyboard alone


def test_the_five_tasks_by_keyboard_alone(browser: Browser) -> None:
    assert browser.focused().get_attribute("id") == "q"  # the first page begins in the box
    browser.press("treatment:acu")
    browser.wait(lambda: browser.one("#q").get_attribute("aria-expanded") == "true")
    browser.press(Keys.ARROW_DOWN)
    assert browser.one("#q").get_attribute("aria-activedescendant") == "q-0"
    assert browser.one("#q-0").get_attribute("aria-selected") == "true"
    browser.press(Keys.TAB)
    assert browser.one("#q").get_attribute("value") == "treatment:acupuncture"
    browser.press(Keys.ESCAPE, Keys.ENTER)
    browser.see("4 items in 4 letters")
    browser.tab_to(lambda here: here.text.startswith("overturned")).send_keys(Keys.ENTER)
    browser.see("2 items in 2 letters")
    browser.press("j")  # the first item
    assert browser.focused().get_attribute("class") == "hit"
    browser.press("x")
    assert browser.one("#tray-count").text == "1"
    browser.press(Keys.ENTER)
    browser.see("Rationale")
    browser.press("j")
    browser.see("2 of 2")
    browser.press("x")
    assert browser.one("#tray-count").text == "2"
    browser.press("u")
    browser.see("2 items in 2 letters")
    # how often, as a table
    browser.tab_to(lambda here: here.tag_name == "summary" and "Table or chart" in here.text).send_keys(Keys.SPACE)
    browser.tab_to(lambda here: here.get_attribute("id") == "kind")
    browser.tab_to(lambda here: here.get_attribute("id") == "by")
    browser.press("year")
    browser.tab_to(lambda here: here.text == "Show it").send_keys(Keys.ENTER)
    browser.wait(lambda: browser.all("svg.chart"))
    browser.tab_to(lambda here: here.tag_name == "button" and here.text == "Items").send_keys(Keys.ENTER)
    assert browser.all('th[aria-sort="descending"]')
    # a mistake
    browser.press("/")
    browser.press(Keys.DELETE, "tretment:norco", Keys.ENTER)
    browser.see("The query cannot be read")
    browser.tab_to(lambda here: here.text == "treatment:norco").send_keys(Keys.ENTER)
    browser.see("3 items in 3 letters")
    # the tray
    browser.press("t")
    browser.see("Tray 2 items")
    browser.tab_to(lambda here: here.tag_name == "textarea").send_keys("by keyboard")
    browser.tab_to(lambda here: "Markdown" in here.text).send_keys(Keys.ENTER)
    assert b"Note: by keyboard" in browser.downloaded("imr-brief.md")


def test_every_link_and_control_can_be_reached_by_tab(browser: Browser, server: Server) -> None:
    browser.open(f"{server.address}search?q=functional+improvement")
    wanted = browser.driver.execute_script(CONTROLS + "return shown.length")
    browser.driver.execute_script("document.activeElement.blur(); window.seen = new Set()")
    for _ in range(wanted + 15):
        browser.press(Keys.TAB)
        browser.driver.execute_script("window.seen.add(document.activeElement)")
    reached = browser.driver.execute_script(NOT_SEEN)
    assert reached == []


# -- looks


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_is_wider_than_its_window(browser: Browser, server: Server, width: int) -> None:
    try:
        for name, path in PAGES.items():
            browser.driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False},
            )
            browser.open(server.address + path)
            beyond = browser.driver.execute_script(BEYOND)
            assert beyond == [], f"{name} at {width}"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def device(browser: Browser) -> Iterator[Callable[..., None]]:
    """Sets the width of the window and what the user prefers (media features), and takes both back."""

    def be(width: int = 1280, **features: str) -> None:
        browser.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})

    yield be
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_wcag_2_2_aa(browser: Browser, server: Server, device: Callable[..., None], scheme: str, width: int) -> None:
    """By axe-core, on every page, in both schemes, wide and narrow; with everything open that can be opened."""
    axe = os.environ.get("IMR_SEARCH_AXE", "")
    if not Path(axe).is_file():
        pytest.skip("no axe-core: npm install axe-core, and IMR_SEARCH_AXE names its axe.min.js")
    source = Path(axe).read_text(encoding="utf-8")
    device(width, prefers_color_scheme=scheme)
    found = []
    for name, path in PAGES.items():
        browser.open(server.address + path)
        browser.driver.execute_script(OPEN_ALL)
        if name == "the first page":
            browser.one("#q").send_keys("outcome:")
            browser.wait(lambda: browser.all("#q-list li"))
        # The frame holds the browser's own viewer, which is not ours to judge.
        browser.driver.execute_script(source)
        result = browser.driver.execute_async_script(AXE, WCAG)
        for one in result["violations"]:
            found += [
                f"{name}: {one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
                for node in one["nodes"]
            ] or [f"{name}: {one['id']}"]
    assert found == []


def test_large_text_and_wide_spacing_cut_nothing_off(
    browser: Browser, server: Server, device: Callable[..., None]
) -> None:
    """Text of twice the size (WCAG 1.4.4), and lines, words and letters further apart (1.4.12): nothing runs out of the window."""
    device(1280)
    for change in ("document.documentElement.style.fontSize = '200%'", SPACED):
        for name, path in PAGES.items():
            browser.open(server.address + path)
            browser.driver.execute_script(change)
            assert browser.driver.execute_script(BEYOND) == [], f"{name}: {change[:60]}"


def test_the_focus_is_never_hidden(browser: Browser, server: Server, device: Callable[..., None]) -> None:
    """WCAG 2.4.11: where Tab leads, something of it lies in the window with nothing above it."""
    for width, path in (
        (1280, "letter/CM15-9900012?q=acupuncture&item=1&at=1"),
        (320, "search?q=functional+improvement"),
    ):
        device(width)
        browser.open(server.address + path)
        browser.driver.execute_script("document.activeElement.blur()")
        for _ in range(45):
            browser.press(Keys.TAB)
            assert browser.driver.execute_script(HIDDEN_FOCUS) is None, path


def test_motion_and_colours_are_the_users(browser: Browser, server: Server, device: Callable[..., None]) -> None:
    device(prefers_reduced_motion="reduce")
    browser.open(server.address)
    moving = """document.documentElement.classList.add('going');
        return [...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).animationName !== 'none').length"""
    assert browser.driver.execute_script(moving) == 0
    device(prefers_reduced_motion="no-preference")
    assert browser.driver.execute_script(moving) == 1
    device(forced_colors="active")
    browser.open(server.address)
    browser.one("#q").send_keys("outcome:")
    browser.wait(lambda: browser.all("#q-list li"))
    browser.press(Keys.ARROW_DOWN)
    chosen, other = (
        browser.driver.execute_script("return getComputedStyle(arguments[0]).backgroundColor", row)
        for row in browser.all("#q-list li")[:2]
    )
    assert chosen != other  # which one is chosen is seen where the page's own colours are not
    browser.open(f"{server.address}search?q=*+%7C+trend+year")
    line = browser.driver.execute_script("return getComputedStyle(document.querySelector('.chart .line')).stroke")
    assert line == browser.driver.execute_script("return getComputedStyle(document.body).color")


def test_the_count_is_announced_while_somebody_types(browser: Browser) -> None:
    """In a live region that is there from the beginning, is not hidden, and changes its text alone."""
    live = browser.one("#q-live")
    assert live.get_attribute("role") == "status"
    browser.driver.execute_script(
        "window.said = []; new MutationObserver(() => said.push(arguments[0].textContent))"
        ".observe(arguments[0], {childList: true, subtree: true, characterData: true})",
        live,
    )
    browser.one("#q").send_keys("treatment:acupuncture")
    browser.wait(lambda: "4 items" in browser.driver.execute_script("return said.join()"))
    browser.one("#q").send_keys(" outcme:upheld")
    browser.wait(lambda: "outcme" in browser.driver.execute_script("return said.at(-1)"))
    assert browser.driver.execute_script("return said.length") < 12  # not a word for every key


def test_single_keys_can_be_turned_off(browser: Browser, server: Server) -> None:
    """WCAG 2.1.4: they may be what a speech input types."""
    browser.open(f"{server.address}guide")
    browser.one("#keys-on").click()
    browser.open(f"{server.address}search?q=functional+improvement")
    browser.press("jx")
    assert not browser.one("#tray-count").is_displayed()
    assert browser.focused().tag_name == "body"
    browser.open(f"{server.address}guide")
    browser.one("#keys-on").click()
    browser.open(f"{server.address}search?q=functional+improvement")
    browser.press("jx")
    assert browser.one("#tray-count").text == "1"


def test_paper_shows_the_answer_and_says_what_was_asked(browser: Browser, server: Server) -> None:
    """What is printed: no controls, the query and the index; the headings of tables, which are buttons on the screen."""
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        browser.open(f"{server.address}search?q=acupuncture+outcome%3Aoverturned")
        assert "acupuncture outcome:overturned" in browser.text
        assert "Index of 39 items" in browser.text
        for gone in ("Narrow it down", "Download", "Sort by", "Tray"):
            assert gone not in browser.text
        browser.open(f"{server.address}search?q=*+%7C+rate+by+outcome")
        assert "Share overturned" in browser.one("table.report thead").text
        assert browser.one("svg .tick").is_displayed()
        browser.open(f"{server.address}letter/CM15-9900012?q=acupuncture")
        assert "Rationale" in browser.text
        assert "Back to the answer" not in browser.text
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
