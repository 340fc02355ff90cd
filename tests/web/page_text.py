"""What a page says, and where its links lead."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

from serving import TOKEN


def text_of(page: str) -> str:
    """What a reader sees, with single spaces."""
    page = re.sub(r"<(title|desc|script)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def query_of(link: str) -> str:
    return parse_qs(urlsplit(html.unescape(link)).query)["q"][0]


def queries(page: str) -> list[str]:
    """The queries that the page's links lead to, in order."""
    return [query_of(link) for link in re.findall(r'href="([^"]+)"', page) if "/search?" in link and "q=" in link]


def below(link: str) -> str:
    """An address without its token."""
    return html.unescape(link).partition(f"/{TOKEN}/")[2]
