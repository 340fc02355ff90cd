"""Who may ask: every request that does not come from the user's own browser, by the printed address, is refused before a route is looked up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from serving import BASE, PORT, TOKEN
from starlette.testclient import TestClient

HOME = f"/{TOKEN}/"


def test_the_printed_address_opens_and_sets_a_strict_cookie(stranger: TestClient) -> None:
    answer = stranger.get(HOME)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert stranger.get(f"/{TOKEN}/search?q=acupuncture").status_code == 200


def test_the_address_that_a_browser_is_opened_with_works_once(stranger: TestClient) -> None:
    answer = stranger.get("/0nce/")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    assert stranger.get(f"{HOME}guide").status_code == 200
    stranger.cookies.clear()
    assert stranger.get("/0nce/").status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/wrong/", "/search?q=x", f"/{TOKEN}x/search?q=x", f"/{TOKEN[:-1]}/", "/%2f/", f"/%2f{TOKEN}/", "/é/"]
)
def test_a_wrong_token_is_refused(stranger: TestClient, path: str) -> None:
    stranger.get(HOME)
    answer = stranger.get(path)
    assert answer.status_code == 403
    assert "acupuncture" not in answer.text
    assert TOKEN not in answer.text


def test_the_token_alone_is_not_enough(stranger: TestClient) -> None:
    """An address that leaked is of no use to a page or a program; typed by hand it opens."""
    assert stranger.get(f"/{TOKEN}/search?q=acupuncture").status_code == 403
    by_hand = stranger.get(f"/{TOKEN}/search?q=acupuncture", headers={"Sec-Fetch-Site": "none"})
    assert by_hand.status_code == 200
    assert "set-cookie" in by_hand.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"127.0.0.1.evil.example:{PORT}", "", f"[::1]:{PORT}"],
)
def test_another_host_is_refused(stranger: TestClient, host: str) -> None:
    stranger.get(HOME)
    answer = stranger.get(HOME, headers={"Host": host})
    assert answer.status_code == 421
    assert "imr-search" not in answer.text


def test_localhost_is_this_host_too(stranger: TestClient) -> None:
    assert stranger.get(HOME, headers={"Host": f"localhost:{PORT}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_origin_is_refused(stranger: TestClient, headers: dict[str, str]) -> None:
    stranger.get(HOME)
    for path in (HOME, f"{HOME}search?q=acupuncture", f"{HOME}original/CM15-9900088", f"{HOME}check?q=a", "/0nce/"):
        assert stranger.get(path, headers=headers).status_code == 403
    form = {"do": "save", "name": "a", "q": "b"}
    assert stranger.post(f"{HOME}saved/change", data=form, headers=headers).status_code == 403
    assert stranger.get("/0nce/").status_code == 303  # what was refused has not used it up


def test_a_form_must_say_where_it_comes_from(stranger: TestClient) -> None:
    stranger.get(HOME)
    form = {"do": "save", "name": "mine", "q": "acupuncture"}
    assert stranger.post(f"{HOME}saved/change", data=form).status_code == 403
    assert stranger.post(f"{HOME}saved/change", data=form, headers={"Origin": BASE}).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(stranger: TestClient, method: str) -> None:
    stranger.get(HOME)
    assert stranger.request(method, HOME).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "static/../pool.py",
        "static/%2e%2e/pool.py",
        "static/..%2f..%2fpool.py",
        "static/%2fetc%2fpasswd",
        "static/..%5cpool.py",
        "static/app.js%00.css",
        f"{TOKEN}/original/..%2f..%2f..%2fetc%2fpasswd",
        f"{TOKEN}/original/%2fetc%2fpasswd",
        f"{TOKEN}/original/2015%2FCM15-9900088.pdf",
        f"{TOKEN}/original/CM15-9900088.pdf",
        f"{TOKEN}/original/CM15-9900088%00",
        f"{TOKEN}/letter/..%2f..%2fetc%2fpasswd",
        f"{TOKEN}/%2e%2e/static/app.js",
        f"{TOKEN}/letter/%27%20OR%201=1--",
    ],
)
def test_path_tricks_lead_nowhere(stranger: TestClient, path: str) -> None:
    stranger.get(HOME)
    answer = stranger.get(f"{BASE}/{path}")
    assert answer.status_code in (403, 404)
    assert "root:" not in answer.text
    assert "import " not in answer.text


def test_every_answer_forbids_what_is_not_the_pages_own(get: Callable[..., str], stranger: TestClient) -> None:
    for path in (
        HOME,
        f"{HOME}search?q=acupuncture",
        f"{HOME}nowhere",
        "/static/app.js",
        "/wrong/",
        f"{HOME}check?q=a",
    ):
        headers = stranger.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert stranger.get(HOME).headers["cache-control"] == "no-store"


def test_no_page_has_a_style_or_a_script_of_its_own(get: Callable[..., str]) -> None:
    pages = [
        get(""),
        get("search", q="acupuncture"),
        get("search", q="* | rate by category"),
        get("search", q="* | trend year"),
        get("letter/CM15-9900012", q="acupuncture"),
        get("compare", **{"q": "drug:norco", "with": "treatment:mri"}),
        get("tray", id=["CM15-9900012#1"]),
        get("saved"),
        get("guide"),
        get("record", q="acupuncture"),
        get("search", 400, q="tretment:x"),
    ]
    for page in pages:
        assert " style=" not in page
        assert "<style" not in page
        assert "javascript:" not in page
        assert page.count("<script") == 1  # the page's own file
        tags = " ".join(part.partition(">")[0] for part in page.split("<")[1:])
        assert not [word for word in tags.split() if word.startswith("on") and "=" in word]
        assert "http://" not in page
        assert "https://" not in page


def test_long_addresses_and_long_forms_are_refused(stranger: TestClient) -> None:
    stranger.get(HOME)
    assert stranger.get(f"{HOME}search?q={'a' * 60_000}").status_code == 414
    answer = stranger.post(f"{HOME}tray/take", content=b"a" * (5 << 20), headers={"Origin": BASE})
    assert answer.status_code == 413
    for length in ("-1", "1e9", "9" * 30):
        answer = stranger.post(f"{HOME}tray/take", content=b"", headers={"Origin": BASE, "Content-Length": length})
        assert answer.status_code == 413
