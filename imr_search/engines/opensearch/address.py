"""Where a cluster is and who may speak to it: URLs that never hold a password, credentials from the environment or a private file."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo

import msgspec

from imr_search import files
from imr_search.errors import UsageError
from imr_search.settings import config_file, is_address, user_path

__all__ = ["Address", "Credentials", "credentials", "is_address", "parse"]

_URL = re.compile(r"(https?):/{1,2}([^/]+)(/.*)?$", re.DOTALL)  # one slash: what pathlib leaves of two
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,150}")
_FORM = "https://HOST:9200/NAME, several hosts joined by commas; NAME in small letters"


class Address(msgspec.Struct, frozen=True):
    """`hosts` as URLs without a path; `name` is an alias ("imr") or one generation's index ("imr-gen-000007")."""

    hosts: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        scheme = self.hosts[0].partition("://")[0]
        return f"{scheme}://{','.join(host.partition('://')[2] for host in self.hosts)}/{self.name}"

    def of(self, name: str) -> Address:
        return Address(self.hosts, name)

    @property
    def encrypted(self) -> bool:
        return self.hosts[0].startswith("https:")


class Credentials(msgspec.Struct, frozen=True):
    """`password` is never printed. `ca`: a file of certificates to trust besides the usual ones ("" for none)."""

    user: str = ""
    password: str = ""
    ca: str = ""

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, ca={self.ca!r})"


def parse(target: str | Path) -> Address:
    """The address in a URL, or in what pathlib made of one; a folder below the name is one generation (imr/gen-7 is the index imr-gen-7).

    Raises UsageError, which never repeats what might be a password.
    """
    found = _URL.match(str(target).replace("\\", "/"))
    if found is None or not is_address(target):
        raise UsageError("this is no address of a cluster", _FORM)
    scheme, authority, path = found[1], found[2], found[3] or ""
    if "@" in authority:
        raise UsageError(
            "a user or a password in the index's address can be seen by others",
            "set IMR_SEARCH_OPENSEARCH_USER and IMR_SEARCH_OPENSEARCH_PASSWORD, or write a private opensearch.toml",
        )
    if "?" in path or "#" in path:
        raise UsageError("an index's address holds no ? and no #", _FORM)
    hosts = []
    for host in authority.split(","):
        named = _HOST.fullmatch(host)
        if named is None or int(named[2] or 1) not in range(1, 65536):
            raise UsageError("this is no host of a cluster", _FORM)
        if scheme == "http" and loopback(named[1]) is None and os.environ.get("IMR_SEARCH_OPENSEARCH_PLAIN") != "1":
            raise UsageError(
                f"letters are medical records: {named[1]} is spoken to by https only",
                f"https://{host}{path}, or IMR_SEARCH_OPENSEARCH_PLAIN=1 where the network itself is private",
            )
        hosts.append(f"{scheme}://{named[1]}:{named[2] or (443 if scheme == 'https' else 9200)}")
    name = "-".join(part for part in path.split("/") if part)
    if not _NAME.fullmatch(name):
        raise UsageError("the index has no name, or one that a cluster does not take", _FORM)
    return Address(tuple(hosts), name)


def loopback(host: str) -> str | None:
    """The numeric address of a host that is this machine by every address that its name has; None for any other, and for a name that has none.

    Whoever asks connects to the number that this gave: the name may stand for something else a moment later.
    """
    try:
        found = [str(row[4][0]) for row in getaddrinfo(host.strip("[]"), None, type=SOCK_STREAM)]
        numbers = [ip_address(one.partition("%")[0]) for one in found]
    except (OSError, ValueError):
        return None
    if not numbers or not all(_is_loopback(one) for one in numbers):
        return None
    return next((str(one) for one in numbers if one.version == 4), f"[{numbers[0]}]")


def _is_loopback(number: IPv4Address | IPv6Address) -> bool:
    mapped = number.ipv4_mapped if isinstance(number, IPv6Address) else None
    return (mapped or number).is_loopback


def credentials() -> Credentials:
    """From IMR_SEARCH_OPENSEARCH_USER and _PASSWORD, else from opensearch.toml beside the configuration (or where IMR_SEARCH_OPENSEARCH_FILE
    says): `user`, `password`, `ca`. Raises UsageError when others could read the file."""
    ca = os.environ.get("IMR_SEARCH_OPENSEARCH_CA", "")
    user = os.environ.get("IMR_SEARCH_OPENSEARCH_USER", "")
    if user:
        return Credentials(user, os.environ.get("IMR_SEARCH_OPENSEARCH_PASSWORD", ""), ca)
    named = os.environ.get("IMR_SEARCH_OPENSEARCH_FILE")
    path = user_path(named) if named else config_file().with_name("opensearch.toml")
    try:
        with os.fdopen(files.open_regular(path, follow=True), "rb") as opened:
            _private(path, os.fstat(opened.fileno()))
            table = tomllib.loads(opened.read(1 << 16).decode())
    except FileNotFoundError:
        if named:
            raise UsageError(f"there is no file {path}") from None
        return Credentials(ca=ca)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path} is not TOML", 'user = "..." and password = "...", each on its line') from None
    if not all(key in ("user", "password", "ca") and isinstance(value, str) for key, value in table.items()):
        raise UsageError(f"{path} holds something else than user, password and ca, each in quotes")
    return Credentials(table.get("user", ""), table.get("password", ""), ca or table.get("ca", ""))


def _private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path} is no regular file")
    if os.name == "posix" and (found.st_mode & 0o077 or found.st_uid not in (os.geteuid(), 0)):
        raise UsageError(f"others can read {path}, or it is not yours", f"chmod 600 {path}")
