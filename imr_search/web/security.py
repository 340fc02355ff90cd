"""Who may ask: this machine's own user, in a browser, by the address that imr-web printed. Everybody else is refused before a route is looked up.

A page of another site may make this browser send requests to the loopback address, and a name of another site may be made to point there (DNS
rebinding). So every request must bear, each by itself enough to stop such a page:

    Host            the loopback name and port that the server listens on
    Origin, Sec-Fetch-Site   where the browser sends them, this origin's own
    the token       the first part of the path: 128 bits, new in every run
    the cookie      another 128 bits, SameSite=Strict, set when the user opens an address by hand

and an answer may load nothing from outside, run no inline script and stand in no other page's frame.
"""

from __future__ import annotations

import asyncio
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_BODY: Final = 4 << 20  # bytes of a form: a tray of notes
LONGEST_ADDRESS: Final = 48 << 10
BODY_SECONDS: Final = 30.0  # that a form may take to come
ASSETS: Final = "/static/"  # the page's own style and script: no secret
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A letter's PDF stands in a frame of its page, and the browser's own viewer shows it.
FRAMED: Final = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # nothing to others; and none at all would make a form's own origin "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Refused(Exception):
    """Why a request is not answered, in one sentence for the user who finds it on the screen."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Gate:
    """The ASGI application around the page's own: it lets in what may come in, and puts the headers on every answer."""

    def __init__(
        self, app: ASGIApp, assets: ASGIApp, refusal: ASGIApp, *, token: str, port: int, entry: str = ""
    ) -> None:
        self._app = app
        self._assets = assets
        self._token = token
        self._entry = entry
        self._cookie = secrets.token_urlsafe(16)
        self._name = f"imr-web-{port}"
        self._hosts = frozenset((f"127.0.0.1:{port}", f"localhost:{port}"))
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket is offered
            return
        headers = Headers(scope=scope)
        fresh = False
        try:
            fresh = self._check(scope, headers)
        except Refused as refused:
            scope["imr.refused"] = refused
            answer = self._refusal if refused.status == 403 else PlainTextResponse(refused.why + "\n", refused.status)
            await answer(scope, receive, self._with_headers(send, False))
            return
        if scope["path"].startswith(ASSETS):
            await self._assets(scope, receive, self._with_headers(send, False))
            return
        if self._entry and scope["path"] == f"/{self._entry}/":
            self._entry = ""
            await RedirectResponse(f"/{self._token}/", 303)(scope, receive, self._with_headers(send, True))
            return
        scope["root_path"] = f"/{self._token}"
        await self._app(scope, _bounded(receive), self._with_headers(send, fresh))

    def _check(self, scope: Scope, headers: Headers) -> bool:
        """Raise Refused; True when the answer is to set the cookie."""
        host = headers.get("host", "")
        if headers.getlist("host") != [host] or host.lower() not in self._hosts:
            raise Refused(421, "This server answers to 127.0.0.1 and localhost only.")
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise Refused(414, "This address is too long.")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise Refused(405, "This method is not used here.")
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin.lower() not in (f"http://{name}" for name in self._hosts):
            raise Refused(403, "The request came from another site.")
        if site is not None and site not in ("same-origin", "none"):
            raise Refused(403, "The request came from another site.")
        if scope["method"] == "POST" and origin is None and site is None:
            raise Refused(403, "A form must say which page it comes from.")
        path = scope["path"]
        if path.startswith(ASSETS) and scope["method"] != "POST":
            return False
        token = path[1:].partition("/")[0]
        if (
            self._entry
            and site != "same-origin"
            and secrets.compare_digest(path.encode("utf-8", "replace"), f"/{self._entry}/".encode())
        ):
            return True
        if not secrets.compare_digest(token.encode("utf-8", "replace"), self._token.encode()):
            raise Refused(403, "This address belongs to another run of imr-web.")
        length = headers.get("content-length") or "0"
        if not length.isdecimal() or len(length) > 12 or int(length) > LONGEST_BODY:
            raise Refused(413, "This form is too long.")
        if secrets.compare_digest(self._sent(headers).encode("utf-8", "replace"), self._cookie.encode()):
            return False
        by_hand = site == "none" or (site is None and path == f"/{self._token}/")
        if scope["method"] == "POST" or not by_hand:
            raise Refused(403, "Open the address that imr-web printed first, in this browser.")
        return True

    def _sent(self, headers: Headers) -> str:
        """The cookie as it came, or ""."""
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._name)
        except CookieError:
            return ""
        return found.value if found is not None else ""

    def _with_headers(self, send: Send, fresh: bool) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("Cache-Control", "no-store")  # letters are medical records: no copy stays on a disk
                if fresh:
                    headers.append(
                        "Set-Cookie", f"{self._name}={self._cookie}; HttpOnly; SameSite=Strict; Path=/{self._token}"
                    )
            await send(message)

        return sending


def _bounded(receive: Receive) -> Receive:
    """A body without a length is cut off where it grows too long, and one that does not come where it takes too long."""
    held = 0
    whole = False
    end: float | None = None  # the clock runs from when the body is asked for: a page may be long in the making before

    async def receiving() -> Message:
        nonlocal held, whole, end
        if whole:  # what may come now is the end of the connection, whenever that is
            return await receive()
        try:
            now = asyncio.get_running_loop().time()
            end = now + BODY_SECONDS if end is None else end
            message = await asyncio.wait_for(receive(), end - now)
        except TimeoutError:
            return {"type": "http.disconnect"}
        held += len(message.get("body", b""))
        if held > LONGEST_BODY:
            return {"type": "http.disconnect"}
        whole = not message.get("more_body", False)
        return message

    return receiving


def framed(response: Response) -> Response:
    """An answer that may stand in a frame of this page alone."""
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def stale(request: Request) -> Refused | None:
    """Why the request that is being answered was refused, None when it was not."""
    found = request.scope.get("imr.refused")
    return found if isinstance(found, Refused) else None
