"""What the service keeps: scenarios with their history, plans, and who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ENDED", "LOCAL", "Audit", "KeptFile", "Scenario", "Status", "StoredPlan", "User"]

Status = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
ENDED: frozenset[Status] = frozenset({"done", "failed", "cancelled", "interrupted"})


@dataclass(frozen=True)
class User:
    """Who asks.

    Attributes
    ----------
    name
        Unique; `local` where nobody has to say who they are.
    admin
        Whether the whole audit trail may be read.
    """

    name: str
    admin: bool = False


LOCAL = User("local", admin=True)


@dataclass(frozen=True)
class Scenario:
    """One version of a scenario. A version is never changed; a change makes the next one.

    Attributes
    ----------
    id
        32 hexadecimal digits.
    owner
        Name of the user whose it is.
    name
        As people see it, 1 to 120 characters.
    theatre
        Built-in name or folder.
    text
        TOML: settings, and a table `scenario` beside them (`vallum.app.scenario`).
    shared
        Whether others may read it.
    version
        From 1.
    changed, changed_by
        When (UTC, ISO 8601 to the second) and by whom this version was made.
    """

    id: str
    owner: str
    name: str
    theatre: str
    text: str
    shared: bool
    version: int
    changed: str
    changed_by: str


@dataclass(frozen=True)
class KeptFile:
    """A file of a finished plan: its path within the plan's folder, size and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class StoredPlan:
    """A plan that was asked for.

    Attributes
    ----------
    id
        32 hexadecimal digits.
    owner, theatre, shared
        As of a scenario.
    scenario, scenario_version
        From which it was made; None where it was asked for by settings alone.
    text
        TOML of its settings.
    language
        Of `brief.html`: "en" or "fr".
    status
        `queued`, `running`, `done`, `failed`, `cancelled`, or `interrupted`: the machine, a worker
        or the store ended under it, and it can be resumed.
    stage
        The stage that runs, or ran last.
    asked, ended
        Times as in `Scenario.changed`; None until then.
    said
        Why it failed, in words for its owner.
    files
        What is kept of it, once done.
    """

    id: str
    owner: str
    theatre: str
    shared: bool
    scenario: str | None
    scenario_version: int | None
    text: str
    language: str
    status: Status
    stage: str | None
    asked: str
    ended: str | None
    said: str | None
    files: tuple[KeptFile, ...]


@dataclass(frozen=True)
class Audit:
    """Who changed what: time, user, verb, kind and id of the thing, and what is worth saying.

    Attributes
    ----------
    at
        UTC, ISO 8601 with milliseconds.
    who
        Name of the user.
    what
        As `scenario.save`, `scenario.share`, `plan.submit`, `plan.cancel`, `plan.resume`,
        `plan.delete`, `plan.done`, `login.refused`.
    id
        Of the scenario or plan; empty where there is none.
    said
        One line.
    """

    at: str
    who: str
    what: str
    id: str
    said: str
