"""One frozen settings object, a section per stage; from TOML, and from `section.key=value`."""

from __future__ import annotations

import copy
import json
import tomllib
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vallum.accord.settings import AccordSettings
from vallum.campaign import CampaignSettings
from vallum.dividend import DividendSettings
from vallum.errors import Fault, InputError, nearest
from vallum.forces import ForcesSettings
from vallum.kernel.card import Card, Row
from vallum.kernel.card_html import html
from vallum.line import LineSettings
from vallum.line.robust_settings import RobustSettings
from vallum.threat import ThreatSettings
from vallum.window import WindowSettings
from vallum.works import WorksSettings
from vallum.worth import WorthSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = [
    "Settings",
    "TheatreSettings",
    "checked",
    "flat",
    "load_settings",
    "put",
    "read_toml",
    "settings_from",
]

Model = TypeVar("Model", bound=BaseModel)
_COMPARED = 20  # unknown names that the nearest known one is looked for: it takes a while


class TheatreSettings(BaseModel):
    """How the ground is read.

    Attributes
    ----------
    cell_km
        Side of a cell, km: 1 to 50 for a built-in theatre, 10 where it isn't given; a theatre
        that was built from a user's files has its own.
    coalition
        ISO3 of the members who take part; the others count as neighbours, whose border is open
        unless `line.flank` says otherwise. All members where it isn't given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell_km: float | None = Field(default=None, ge=1.0, le=50.0)
    coalition: tuple[str, ...] | None = Field(default=None, min_length=1)


class Settings(BaseModel):
    """All settings of one plan.

    Attributes
    ----------
    theatre, worth, threat, works, line, forces, robust, campaign, dividend, accord,
    window
        One section per stage.
    depth
        "default", or "full": journeys on finer cells, and every way of moving at every straying.
    draws
        Number of joint draws of the assumptions behind the ranges.
    seed
        Of those draws, and of those of `robust`, `campaign` and `dividend`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    theatre: TheatreSettings = Field(default_factory=TheatreSettings)
    worth: WorthSettings = Field(default_factory=WorthSettings)
    threat: ThreatSettings = Field(default_factory=ThreatSettings)
    works: WorksSettings = Field(default_factory=WorksSettings)
    line: LineSettings = Field(default_factory=LineSettings)
    forces: ForcesSettings = Field(default_factory=ForcesSettings)
    robust: RobustSettings = Field(default_factory=RobustSettings)
    campaign: CampaignSettings = Field(default_factory=CampaignSettings)
    dividend: DividendSettings = Field(default_factory=DividendSettings)
    accord: AccordSettings = Field(default_factory=AccordSettings)
    window: WindowSettings = Field(default_factory=WindowSettings)
    depth: Literal["default", "full"] = "default"
    draws: int = Field(default=2000, ge=100, le=1_000_000)
    seed: int = Field(default=0, ge=0, le=2**63 - 1)

    def card(self) -> Card:
        """Say in short what differs from the defaults, for notebooks."""
        own, usual = (flat(each.model_dump(mode="json")) for each in (self, Settings()))
        changed = {key: value for key, value in own.items() if value != usual.get(key)}
        rows = tuple(
            Row(key, json.dumps(value), how=f"by default {json.dumps(usual.get(key))}", main=True)
            for key, value in changed.items()
        )
        as_is = f"{len(own) - len(rows)} of {len(own)} settings are the defaults."
        return Card("Settings", "What is set", rows, notes=(as_is,))

    def _repr_html_(self) -> str:
        """Give the card that a notebook shows."""
        return html(self.card())


def load_settings(
    config: Path | None = None,
    assignments: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    *,
    base: Mapping[str, Any] | None = None,
) -> Settings:
    """Read settings: a file, then assignments, then overrides; later ones win.

    Parameters
    ----------
    config
        TOML file with a table per section.
    assignments
        `section.key=value` each; the value as TOML (or plain text).
    overrides
        Values by dotted key, None meaning not given.
    base
        Tables to begin with where there is no file, as a plan's record holds them.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    InputError
        With every fault: unknown keys with the nearest valid name, values out of range, files
        that can't be read.
    """
    tree = copy.deepcopy(dict(base or {})) if config is None else read_toml(config)
    where = "settings" if config is None else str(config)
    faults: list[Fault] = []
    given: list[tuple[str, Any]] = []
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            mend = "write section.key=value, as line.mu=0.5"
            faults.append(Fault("--set", text, "no assignment", mend))
            continue
        given.append((key.strip(), _parse(value.strip())))
    given += [(key, value) for key, value in (overrides or {}).items() if value is not None]
    for key, value in given:
        part = put(tree, key, value)
        if part is not None:
            faults.append(Fault("--set", key, f"{part} is no section", "leave the rest out"))
    return settings_from(tree, where=where, faults=faults)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict
        Its tables.

    Raises
    ------
    InputError
        If it can't be read, or isn't TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        mend = "give the path of a readable TOML file"
        raise InputError([Fault(str(path), "", f"can't be read ({error})", mend)]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(str(path), "", f"{error}", "mend the TOML there")]) from None


def settings_from(
    tree: Mapping[str, Any], *, where: str = "settings", faults: Sequence[Fault] = ()
) -> Settings:
    """Check settings that were read from text.

    Parameters
    ----------
    tree
        Tables by section.
    where
        What they were read from, for the messages.
    faults
        Found already, to be told with those found here.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    InputError
        With every fault: unknown keys with the nearest valid name, values out of range.
    """
    return checked(Settings, tree, where=where, faults=faults)


def checked(
    model: type[Model],
    tree: Mapping[str, Any],
    *,
    where: str,
    faults: Sequence[Fault] = (),
) -> Model:
    """Check tables that were read from text against the settings that they are to be.

    Parameters
    ----------
    model
        The settings.
    tree, where, faults
        As `settings_from` takes them.

    Returns
    -------
    Model
        Checked.

    Raises
    ------
    InputError
        With every fault, as `settings_from`.
    """
    wrong = [*faults, *_unknown(tree, model, where)]
    try:
        made = model.model_validate(tree)
    except ValidationError as error:
        named = {fault.place for fault in wrong}  # unknown keys are said already
        found = [_fault(detail, where) for detail in error.errors()]
        wrong += [fault for fault in found if fault.place not in named]
        raise InputError(wrong) from None
    if wrong:
        raise InputError(wrong)
    return made


def flat(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Give nested tables as one, by dotted key.

    Examples
    --------
    >>> flat({"line": {"mu": 0.5}, "seed": 1})
    {'line.mu': 0.5, 'seed': 1}
    """
    out: dict[str, Any] = {}
    for key, value in tree.items():
        out |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {above + key: value}
    return out


def _parse(text: str) -> Any:  # noqa: ANN401  (a TOML value)
    """Read a value as TOML; plain text where it is none."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def put(tree: dict[str, Any], key: str, value: object) -> str | None:
    """Set a dotted key in nested tables.

    Parameters
    ----------
    tree
        Tables by section; those that are missing are made.
    key, value
        What is set.

    Returns
    -------
    str or None
        The part of the key that is no section, and so can't be gone into; None where it was set.

    Examples
    --------
    >>> tree = {"seed": 1}
    >>> put(tree, "line.mu", 0.5), put(tree, "seed.of", 2), tree
    (None, 'seed', {'seed': 1, 'line': {'mu': 0.5}})
    """
    *path, last = key.split(".")
    table = tree
    for part in path:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            return part
    table[last] = value
    return None


def _unknown(tree: Mapping[str, Any], model: type[BaseModel], where: str) -> list[Fault]:
    """Find keys that no section has, with the nearest that one has."""
    faults: list[Fault] = []
    for key, value in tree.items():
        field = model.model_fields.get(key)
        if field is None:
            few = len(faults) < _COMPARED
            mend = nearest(key, sorted(model.model_fields)) if few else "leave it out"
            faults.append(Fault(where, key, "no such setting", mend))
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            if isinstance(value, dict):
                inner = _unknown(value, field.annotation, where)
                faults += [Fault(where, f"{key}.{f.place}", f.found, f.mend) for f in inner]
            else:
                mend = f"write [{key}] and its keys below, or {key}.key=value"
                faults.append(Fault(where, key, f"{value!r} is no section", mend))
    return faults


def _fault(detail: Any, where: str) -> Fault:  # noqa: ANN401  (pydantic's own dictionary)
    """Turn one of pydantic's errors into a fault."""
    place = ".".join(str(part) for part in detail["loc"])
    message = str(detail["msg"]).removeprefix("Value error, ")
    given = detail.get("input")
    shown = "" if isinstance(given, dict | BaseModel) else f"{json.dumps(given, default=str)}: "
    return Fault(where, place, f"{shown}{message}", "change it where it was set")
