"""Bring the bytes of one address, and go on where it broke off.

The rules are those of HTTP (RFC 9110): a part is continued only if the server says that it is
still the same file (`Range` with `If-Range`); otherwise it is begun anew.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import itertools
import json
import re
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

from vallum.errors import Fault, FetchError, OutputError
from vallum.theatre.fetch.asking import Received, is_page, rebase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from vallum.theatre.fetch.asking import Policy, Wanted

__all__ = ["LATER", "clear", "download", "note_of"]

AGENT = "vallum"
REDIRECTS, MOST_REDIRECTS = (301, 302, 303, 307, 308), 5
LATER = "run it again later: it goes on where it broke off"
SIGN_IN = "open a page in the browser and sign in to the network, then run it again"


class _AgainError(Exception):
    """Raised when a try failed in a way that another may mend."""

    def __init__(self, found: str, wait_s: float | None = None) -> None:
        self.found, self.wait_s = found, wait_s
        super().__init__(found)


def note_of(part: Path) -> Path:
    """Name the file that says what a part is a part of."""
    return part.with_name(part.name.removesuffix(".part") + ".from.part")


def clear(part: Path) -> None:
    """Begin anew: empty a part and forget what it was of."""
    try:
        note_of(part).unlink(missing_ok=True)
        if part.exists():
            with part.open("wb"):
                pass
    except OSError as error:
        raise _unwritable(part, error) from None


def download(
    wanted: Wanted, part: Path, policy: Policy, report: Callable[[int, int | None], None]
) -> Received:
    """Bring the whole of an address into a file, however often the connection drops.

    Parameters
    ----------
    wanted
        What to ask for.
    part
        Where its bytes go; what is there already is continued if it is the same file.
    policy
        How patient to be.
    report
        Called with the bytes that are there, and the length if known.

    Returns
    -------
    Received
        What the server said. The part is then as long as the server says it is.

    Raises
    ------
    FetchError
        If the server refuses or goes on failing; the part stays for the next time.
    OutputError
        If the part can't be written.
    """
    empty, furthest, found = 0, _size(part), "it was never asked"
    with requests.Session() as session:
        for _ in range(policy.most):
            try:
                return _attempt(session, wanted, part, policy, report)
            except _AgainError as again:
                # beyond the furthest byte so far: what is begun anew time and again gains nothing
                empty = 0 if _size(part) > furthest else empty + 1
                furthest = max(furthest, _size(part))
                found, wait_s = again.found, again.wait_s
            if empty >= policy.tries:
                found += f"; tried {policy.tries} times without progress"
                break
            doubled = policy.first_wait_s * 2.0 ** max(0, empty - 1)
            policy.sleep(min(doubled, policy.longest_wait_s) if wait_s is None else wait_s)
        else:
            found += f"; tried {policy.most} times"
    raise _fault(wanted, found, LATER)


def _attempt(
    session: requests.Session,
    wanted: Wanted,
    part: Path,
    policy: Policy,
    report: Callable[[int, int | None], None],
) -> Received:
    """Ask once, from where the part ends."""
    known = _read_note(part, wanted.address)
    have = _size(part) if known else 0
    if known and known.total is not None and have == known.total:
        return known  # all of it had come, but it was stopped before it was looked at
    headers = {"Accept-Encoding": "identity", "User-Agent": AGENT}
    if known and known.validator and have > 0:
        headers |= {"Range": f"bytes={have}-", "If-Range": known.validator}
    else:
        have = 0
    with _answers(wanted, part), _ask(session, wanted, headers, policy) as answer:
        have = _judge(answer, wanted, part, policy, have, known)
        said = _said(answer, wanted, have, known)
        chunks = answer.iter_content(policy.chunk)
        first = next(chunks, b"")
        if not have and is_page(first):  # seen before what is there already is written over
            raise _fault(wanted, "a web page came instead of data", SIGN_IN)
        if not have:
            clear(part)  # before the note: stopped between, old bytes would pass for new ones
        _write_note(part, said)
        report(have, said.total)
        with _opened(part) as file:
            for chunk in itertools.chain([first], chunks):
                _write(file, chunk, part)
                have += len(chunk)
                report(have, said.total)
    if said.total is not None and have != said.total:
        if have > said.total:
            clear(part)
        raise _AgainError(f"{have:,} bytes came of {said.total:,}")
    return said


@contextmanager
def _answers(wanted: Wanted, part: Path) -> Iterator[None]:
    """Sort what can go wrong on the way: what another try may mend, and what it can't."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        if "certificate" not in str(error).lower():
            raise _AgainError("the connection broke off while it was made safe") from None
        found = "its certificate can't be trusted"
        raise _fault(wanted, found, "check the clock and the network's proxy") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        raise _fault(wanted, "no address of the web", "give http:// or https://") from None
    except requests.exceptions.Timeout:
        raise _AgainError("no answer in time") from None
    except requests.exceptions.RequestException:
        # its text is left out: it names our own objects, and could one day name a header
        raise _AgainError(f"the connection broke off after {_size(part):,} bytes") from None


def _ask(
    session: requests.Session, wanted: Wanted, headers: dict[str, str], policy: Policy
) -> requests.Response:
    """Send the request, and follow where it is sent on to; no secret goes to another host."""
    address = wanted.address
    for _ in range(MOST_REDIRECTS + 1):
        answer = session.get(
            address,
            headers={**headers, **wanted.secret},
            stream=True,
            allow_redirects=False,
            timeout=(policy.connect_s, policy.read_s),
        )
        onward = answer.headers.get("Location")
        if answer.status_code not in REDIRECTS or not onward:
            return answer
        answer.close()
        onward = rebase(urljoin(address, onward), wanted.base_url)
        kept = urlsplit(onward)[:2] == urlsplit(wanted.address)[:2]
        if wanted.secret and not kept:
            raise _fault(wanted, "it sends on to another host, which your token may not go to", "")
        if urlsplit(address).scheme == "https" and urlsplit(onward).scheme != "https":
            raise _fault(wanted, "it sends on to an address without encryption", SIGN_IN)
        address = onward
    raise _fault(wanted, f"it sends on more than {MOST_REDIRECTS} times", SIGN_IN)


def _judge(
    answer: requests.Response,
    wanted: Wanted,
    part: Path,
    policy: Policy,
    have: int,
    known: Received | None,
) -> int:
    """Decide by the answer's head what to do; give the byte at which its body begins."""
    status, headers = answer.status_code, answer.headers
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
        clear(part)
        raise _AgainError("the server no longer has the rest of this file")
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500:
        raise _AgainError(f"it answers {_words(status)}", _asked_wait(headers, wanted, policy))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise _fault(wanted, f"it answers {_words(status)}", wanted.denied)
    if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        mend = (
            "check states, level, year and version: the publisher may not have this one; "
            "if others came before it, run it again later"
        )
        raise _fault(wanted, f"it answers {_words(status)}", mend)
    if headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise _fault(wanted, "it came compressed though it was asked for plain", LATER)
    if status == HTTPStatus.OK:
        return 0
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", headers.get("Content-Range", "").strip())
    etag = headers.get("ETag")
    if (
        known is None
        or match is None
        or int(match[1]) != have
        or (etag and known.etag and etag != known.etag)
        or (match[3] != "*" and known.total not in (None, int(match[3])))
    ):
        clear(part)
        raise _AgainError("another part came than was asked for")
    return have


def _said(
    answer: requests.Response, wanted: Wanted, start: int, known: Received | None
) -> Received:
    """Gather what an answer says of its file."""
    headers = answer.headers
    length = headers.get("Content-Length", "")
    total = start + int(length) if re.fullmatch(r"[0-9]+", length) else None
    if start and known:
        total = known.total if known.total is not None else total
        return Received(known.address, known.etag, known.modified, total, known.md5)
    etag = headers.get("ETag")
    # S3: the tag of an object put in one piece is its MD5, unless a KMS key encrypts it
    is_s3 = "x-amz-request-id" in headers and "aws:kms" not in headers.get(
        "x-amz-server-side-encryption", ""
    )
    match = re.fullmatch(r'"([0-9a-f]{32})"', etag or "")
    md5 = match[1] if match and is_s3 else None
    return Received(wanted.address, etag, headers.get("Last-Modified"), total, md5)


def _asked_wait(headers: Mapping[str, str], wanted: Wanted, policy: Policy) -> float | None:
    """Read how long the server asks to wait, in seconds."""
    text = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        wait_s = float(text)
    else:
        try:
            until = email.utils.parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=dt.UTC)
        wait_s = max(0.0, (until - policy.now()).total_seconds())
    if wait_s > policy.patience_s:
        found = f"it asks to wait {wait_s:,.0f} s"
        raise _fault(wanted, found, "run it again after that: it goes on where it broke off")
    return wait_s


def _read_note(part: Path, address: str) -> Received | None:
    """Read what a part is a part of; None if that isn't known, or is another address."""
    try:
        known = Received(**json.loads(note_of(part).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return known if known.address == address else None


def _write_note(part: Path, said: Received) -> None:
    """Write down what a part is a part of."""
    try:
        note_of(part).write_text(json.dumps(asdict(said), sort_keys=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(part, error) from None


def _opened(part: Path) -> IO[bytes]:
    """Open a part to write on where it ends."""
    try:
        return part.open("ab")
    except OSError as error:
        raise _unwritable(part, error) from None


def _write(file: IO[bytes], chunk: bytes, part: Path) -> None:
    """Write a chunk; a full disk is not a dropped connection."""
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise _unwritable(part, error) from None


def _unwritable(part: Path, error: OSError) -> OutputError:
    """Make the error for a part that can't be written."""
    return OutputError(f"{part} can't be written: {error.strerror or error}")


def _size(path: Path) -> int:
    """Size of a file, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def _words(status: int) -> str:
    """Name a status."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _fault(wanted: Wanted, found: str, mend: str) -> FetchError:
    """Make the error for an address."""
    return FetchError(Fault(wanted.address, wanted.name, found, mend or LATER))
