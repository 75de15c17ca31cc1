"""Keep what was fetched: only whole, only checked, and found again by its address.

Beside each file lies a record with its SHA-256. A file that no longer agrees with it is thrown
away. What has not come whole has a name that ends in `.part`; nothing else is ever half there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pooch  # type: ignore[import-untyped]

from vallum.errors import Fault, FetchError, OutputError
from vallum.theatre.fetch.asking import Policy, Wanted, rebase
from vallum.theatre.fetch.checks import RefusedError, no_page
from vallum.theatre.fetch.model import FetchedFile
from vallum.theatre.fetch.transport import clear, download, note_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vallum.theatre.fetch.asking import Received
    from vallum.theatre.fetch.model import Progress

__all__ = ["Job", "Kept", "Shop", "deliver", "drop", "keep", "place", "sha256_of"]

WRONG_TWICE = 2  # a checksum that is wrong again is not the network's doing


@dataclass(frozen=True)
class Shop:
    """Where things are kept, and how they are fetched.

    Attributes
    ----------
    folder
        Of the cache.
    base_url
        A mirror in place of every address's scheme and host.
    policy
        How patient to be.
    progress
        Called with a file's name, the bytes that are there, and its length if known.
    """

    folder: Path
    base_url: str | None = None
    policy: Policy = field(default_factory=Policy)
    progress: Progress | None = None


@dataclass(frozen=True)
class Job:
    """One file to fetch.

    Attributes
    ----------
    address
        As documented by its publisher.
    name
        That it gets.
    check
        Raises `RefusedError`, or gives words for `verified`.
    known_hash
        Where the publisher says it beforehand, as pooch writes it (`sha256:…`).
    length_needed
        Refuse it where the server doesn't say its length: a list that is cut short still reads.
    secret, denied
        As in `transport.Wanted`.
    """

    address: str
    name: str
    check: Callable[[Path], str]
    known_hash: str | None = None
    length_needed: bool = False
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    denied: str = "the publisher may have closed it; see docs/method/fetch.md for its page"


@dataclass(frozen=True)
class Kept:
    """One file in the cache.

    Attributes
    ----------
    path
        In the cache.
    name
        That it gets in the user's folder.
    address, sha256, bytes, from_cache, verified
        As in `model.FetchedFile`.
    modified
        The server's `Last-Modified`.
    """

    path: Path
    name: str
    address: str
    sha256: str
    bytes: int
    from_cache: bool
    verified: str
    modified: str | None = None


def place(address: str, name: str, shop: Shop) -> Path:
    """Give the file of the cache that belongs to an address as it is asked for."""
    key = hashlib.sha256(rebase(address, shop.base_url).encode()).hexdigest()[:12]
    return shop.folder / f"{key}-{name}"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    return str(pooch.file_hash(str(path)))


def _record(path: Path) -> Path:
    """Name the record of a file."""
    return path.with_name(path.name + ".json")


def drop(path: Path) -> None:
    """Throw a file of the cache away, with its record."""
    path.unlink(missing_ok=True)
    _record(path).unlink(missing_ok=True)


def _stored(address: str, name: str, shop: Shop) -> Kept | None:
    """Find a file in the cache; one that is not as it was when it came is thrown away."""
    path = place(address, name, shop)
    try:
        said: dict[str, Any] = json.loads(_record(path).read_text("utf-8"))
        kept = Kept(path=path, name=name, from_cache=True, **said)
        if path.stat().st_size == kept.bytes and sha256_of(path) == kept.sha256:
            return kept
    except (OSError, ValueError, TypeError):
        pass
    drop(path)
    return None


def keep(job: Job, shop: Shop) -> Kept:
    """Give a file from the cache, or fetch it, check it and keep it.

    Raises
    ------
    FetchError
        If it can't be had whole, or is not what it should be.
    OutputError
        If the cache can't be written.
    """
    try:
        shop.folder.mkdir(parents=True, exist_ok=True)
        found = _stored(job.address, job.name, shop)
        if found:
            if shop.progress:
                shop.progress(job.name, found.bytes, found.bytes)
            return found
        return _fetched(job, shop)
    except OSError as error:
        where, why = error.filename or shop.folder, error.strerror or error
        raise OutputError(f"the cache can't be written: {where} ({why})") from None


def _fetched(job: Job, shop: Shop) -> Kept:
    """Fetch a file by pooch, with our own downloader; record it when it is there."""
    path = place(job.address, job.name, shop)
    address = rebase(job.address, shop.base_url)
    part = path.with_name(path.name + ".part")
    brought: list[tuple[Received, str]] = []

    def bring(_url: str, output: str, _pooch: object) -> None:
        with _lone(part, address):
            brought.append(_checked(job, shop, part))
            part.replace(output)
            note_of(part).unlink(missing_ok=True)

    for stale in shop.folder.glob("tmp*"):  # of pooch, in a run that was killed
        with suppress(FileNotFoundError):
            if stale.stat().st_size == 0:
                stale.unlink()
    with _hushed():
        pooch.retrieve(address, job.known_hash, path.name, shop.folder, downloader=bring)
    said, verified = brought[0]
    kept = Kept(
        path, job.name, address, sha256_of(path), path.stat().st_size, from_cache=False,
        verified=verified, modified=said.modified,
    )  # fmt: skip
    _write_record(kept)
    return kept


def _write_record(kept: Kept) -> None:
    """Write the record of a file of the cache, beside it."""
    said = {
        key: value
        for key, value in asdict(kept).items()
        if key not in ("path", "name", "from_cache")
    }
    record = _record(kept.path)
    half = record.with_name(record.name + ".part")
    half.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    half.replace(record)


def _checked(job: Job, shop: Shop, part: Path) -> tuple[Received, str]:
    """Bring a part to its whole length and check it; what fails is brought anew, once."""
    report = shop.progress
    address = rebase(job.address, shop.base_url)
    wanted = Wanted(address, job.name, job.secret, job.denied, shop.base_url)

    def tell(done: int, total: int | None) -> None:
        if report:
            report(job.name, done, total)

    for again in range(WRONG_TWICE):
        said = download(wanted, part, shop.policy, tell)
        try:
            return said, _verified(job, part, said)
        except RefusedError as error:
            clear(part)
            if again + 1 == WRONG_TWICE:
                fault = Fault(wanted.address, job.name, str(error), _mend(str(error)))
                raise FetchError(fault) from None
    raise AssertionError("unreachable")


def _verified(job: Job, part: Path, said: Received) -> str:
    """Check a whole part; say how it was checked."""
    words = []
    if job.known_hash:
        kind, _, digest = job.known_hash.partition(":")
        if pooch.file_hash(str(part), alg=kind) != digest:
            raise RefusedError(f"its checksum is not the publisher's ({kind.upper()})")
        words.append(f"publisher's {kind.upper()}")
    if said.md5 is not None:
        if pooch.file_hash(str(part), alg="md5") != said.md5:
            raise RefusedError("its checksum is not the publisher's (MD5)")
        words.append("publisher's MD5")
    if said.total is not None:
        words.append("length")
    elif job.length_needed:
        raise RefusedError("the server doesn't say how long it is")
    no_page(part)
    words.append(job.check(part))
    return "; ".join(words)


def _mend(found: str) -> str:
    """Say what to do about a file that was refused."""
    if "web page" in found:
        return "open a page in the browser and sign in to the network, then run it again"
    return "run it again later; if it stays so, the publisher's file is at fault: tell them"


@contextmanager
def _lone(part: Path, address: str) -> Iterator[None]:
    """Hold a part for this process alone; leave no empty one behind."""
    busy = FetchError(
        Fault(address, part.name, "another run is fetching it", "wait until it is done")
    )
    with ExitStack() as stack:
        if sys.platform != "win32":  # Windows has no such lock, nor renames what is open
            import fcntl  # noqa: PLC0415

            held = stack.enter_context(part.open("ab"))
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise busy from None
            # the other run may have renamed the file between our opening and our lock
            if not part.exists() or not os.path.samestat(part.stat(), os.fstat(held.fileno())):
                raise busy
        try:
            yield
        finally:
            if part.exists() and part.stat().st_size == 0:
                part.unlink()
                note_of(part).unlink(missing_ok=True)


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep pooch from printing; what it would say is in `Fetched`."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def deliver(kept: Sequence[Kept], out: Path) -> tuple[FetchedFile, ...]:
    """Put files of the cache into the user's folder: linked where that can be, else copied.

    Each appears whole or not at all. A file of another content is never replaced.

    Raises
    ------
    OutputError
        If something else has a file's name, or the folder can't be written.
    """
    try:
        other = [
            out / each.name
            for each in kept
            if (out / each.name).exists() and not _same(out / each.name, each)
        ]
        if other:
            names = ", ".join(str(path) for path in other)
            raise OutputError(f"another file is there: {names}. Mend: move it, or name a folder")
        out.mkdir(parents=True, exist_ok=True)
        for each in kept:
            if not (out / each.name).exists():
                _link(each.path, out / each.name)
    except OSError as error:
        text = f"{error.filename or out} can't be written ({error.strerror or error})"
        raise OutputError(text) from None
    return tuple(
        FetchedFile(
            out / each.name, each.address, each.sha256, each.bytes, each.from_cache, each.verified
        )
        for each in kept
    )


def _same(path: Path, kept: Kept) -> bool:
    """Whether a file of the user's folder holds what the cache holds."""
    return path.is_file() and path.stat().st_size == kept.bytes and sha256_of(path) == kept.sha256


def _link(source: Path, target: Path) -> None:
    """Let a file appear under a second name, at once."""
    half = target.with_name(f".{target.name}.part")
    half.unlink(missing_ok=True)
    try:
        try:
            os.link(source, half)
        except OSError:  # another disk, or one without links
            shutil.copyfile(source, half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
