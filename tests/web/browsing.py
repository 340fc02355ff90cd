"""A real Chromium that looks at the page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

PATIENCE = 20.0


class Browser:
    """Chromium without a screen. What a test does, a user could do."""

    def __init__(self, driver: webdriver.Chrome, downloads: Path) -> None:
        self.driver = driver
        self.downloads = downloads

    @property
    def text(self) -> str:
        return self.one("body").text

    def open(self, address: str) -> None:
        self.driver.get(address)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def link(self, text: str) -> WebElement:
        return self.driver.find_element(By.PARTIAL_LINK_TEXT, text)

    def wait(self, there: Callable[[], object], what: str = "") -> None:
        """Until it is so; what a page that is being replaced throws counts as not yet."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if there():
                    return
            except Exception:
                if time.monotonic() > end:
                    raise
            assert time.monotonic() < end, f"{what or there}: {self.driver.current_url}\n{self.text[:1500]}"
            time.sleep(0.05)

    def see(self, text: str) -> None:
        self.wait(lambda: text in self.text, f"{text!r} is not seen")

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def tab_to(self, there: Callable[[WebElement], object]) -> WebElement:
        """Press Tab until the focus is where it is wanted."""
        for _ in range(200):
            self.press(Keys.TAB)
            here = self.focused()
            if there(here):
                assert self.ringed(here), f"the focus is not seen on {here.tag_name} {here.text!r}"
                return here
        raise AssertionError("Tab does not lead there")

    def ringed(self, element: WebElement) -> bool:
        """Is the focus seen?"""
        style = self.driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", element)
        return style not in ("none", "")

    def downloaded(self, name: str) -> bytes:
        path = self.downloads / name
        self.wait(lambda: path.is_file() and path.stat().st_size > 0, f"{name} was not downloaded")
        return path.read_bytes()

    def complaints(self) -> list[str]:
        """What the browser refused or failed to load, answers with an error page aside."""
        return [
            one["message"]
            for one in self.driver.get_log("browser")
            if "the server responded with a status of 4" not in one["message"]
        ]


def chromium(downloads: Path, *arguments: str) -> Browser:
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
        *arguments,
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(60)
    return Browser(driver, downloads)
