"""How a file is asked for, and what a server says of it."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Policy", "Received", "Wanted", "is_page", "rebase"]


def _utc() -> dt.datetime:
    """Give the present time."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Policy:
    """How patient to be.

    Attributes
    ----------
    tries
        At most so many in a row that bring nothing new.
    most
        At most so many in all, for one file.
    first_wait_s, longest_wait_s
        The wait doubles from the first to the longest, seconds.
    patience_s
        The longest wait that a server may ask for (`Retry-After`), seconds.
    connect_s, read_s
        Without an answer for so long, the try has failed, seconds.
    chunk
        Bytes written at a time.
    sleep, now
        How to wait, and the present time.
    """

    tries: int = 5
    most: int = 100
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    patience_s: float = 300.0
    connect_s: float = 15.0
    read_s: float = 60.0
    chunk: int = 1 << 17
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = _utc


@dataclass(frozen=True)
class Wanted:
    """One address, and how to ask for it.

    Attributes
    ----------
    address
        With scheme and host.
    name
        Of the file, for progress and messages.
    secret
        Headers that go to this host alone, and are never shown.
    denied
        What mends a refusal (401, 403).
    base_url
        Redirects keep to it, too.
    """

    address: str
    name: str
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    denied: str = ""
    base_url: str | None = None


@dataclass(frozen=True)
class Received:
    """What the server said of the file that came.

    Attributes
    ----------
    address
        That was asked for.
    etag, modified
        The server's `ETag` and `Last-Modified`.
    total
        Its length, bytes; None where the server did not say.
    md5
        As hexadecimal text, where the server is Amazon S3 and the tag is one.
    """

    address: str
    etag: str | None
    modified: str | None
    total: int | None
    md5: str | None

    @property
    def validator(self) -> str | None:
        """What `If-Range` may carry: a strong tag, else the date."""
        strong = self.etag if self.etag and not self.etag.startswith("W/") else None
        return strong or self.modified


def rebase(address: str, base_url: str | None) -> str:
    """Put a mirror in the place of an address's scheme and host.

    Examples
    --------
    >>> rebase("https://a.org/x/y.tif?page=1", "http://127.0.0.1:80")
    'http://127.0.0.1:80/x/y.tif?page=1'
    """
    if base_url is None:
        return address
    split, base = urlsplit(address), urlsplit(base_url)
    path = base.path.rstrip("/") + split.path
    if base.path.rstrip("/") and split.netloc == base.netloc:
        path = split.path  # a link of the mirror itself
    return urlunsplit((base.scheme, base.netloc, path, split.query, ""))


def is_page(start: bytes) -> bool:
    """Tell by its first bytes whether something is a web page.

    The server's word for it isn't taken: some send data as `text/html`.
    """
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))
