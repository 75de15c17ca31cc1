"""The assumptions that the page lets people change: what each means, its bounds and its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.brief.dictionary_settings import described
from vallum.errors import Fault, InputError
from vallum.settings import Settings, settings_from
from vallum.works import settings as works_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre import Theatre

__all__ = ["Field", "changed", "fields", "values"]

_ROLE_OPENNESS = {"partner": "flank_partner", "disputed": "flank_disputed"}
_SHARE = (0.0, 1.0, 0.05)


@dataclass(frozen=True)
class Field:
    """One assumption on the page.

    Attributes
    ----------
    key
        Of the setting, dotted; a neighbour's openness is `line.flank.ISO3`.
    group, label, unit
        As people read them.
    kind
        "number", "choice", "openness", "members" or "places".
    default
        Of the setting, as JSON.
    least, most, step
        Bounds of a number, and by how much its arrows change it; None where there is none.
    choices
        (value, label) of a choice, or of the members.
    help
        What it means, and where its default comes from.
    """

    key: str
    group: str
    label: str
    unit: str
    kind: str
    default: Any
    least: float | None = None
    most: float | None = None
    step: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""


_STANDARD, _MONEY = "What the line must do", "What it costs"
_THREAT, _WHO = "Where the violence comes from", "Who takes part"
_AIM, _NEIGHBOURS = "What is sought", "Neighbours: what comes across their border"
_LAND = "Land that must be held"

# each: key, group, label, unit; then least, most and step
_NUMBERS = (
    ("works.standard", _STANDARD, "Share of crossings that works must stop, p*", "0 to 1",
     (0.01, 0.99, 0.01)),
    ("works.man_year_usd", _MONEY, "One soldier for a year", "USD a year", (0.0, 1e7, 100.0)),
    ("works.haul_usd_tkm", _MONEY, "Carrying a tonne over a kilometre", "USD", (0.0, 10.0, 0.01)),
    ("works.discount_rate", _MONEY, "Discount rate", "a year", (0.0, 1.0, 0.01)),
    ("works.rotation", _MONEY, "Men paid for each man on duty", "men", (1.0, 10.0, 0.1)),
    ("threat.reach_share", _THREAT, "Share of losses that comes from outside", "0 to 1", _SHARE),
    ("threat.lost_per_event", _THREAT, "Output lost in one event", "person-years",
     (0.0, None, 100.0)),
    ("accord.influence_usd_yr", _WHO, "What standing is worth to the partner", "USD a year",
     (0.0, None, 1e6)),
    ("line.usd_per_person_yr", _AIM, "What holding one person is worth",
     "USD a year", (0.0, None, 1.0)),
)  # fmt: skip
_CHOICES = (
    ("works.where_short", _STANDARD, "Where nothing lawful does that much",
     (("avoid", "no line stands there"), ("use", "the best works stand there"))),
    ("forces.builders", _WHO, "Who builds",
     (("alone", "each state on its own ground"), ("joint", "all states on all ground"),
      ("joint_with_partner", "all states, and the partner"))),
    ("line.objective", _AIM, "The best plan is the one that",
     (("output", "averts most losses"), ("people", "holds most people"), ("mix", "does both"))),
)  # fmt: skip
_ORDER = (_AIM, _STANDARD, _NEIGHBOURS, _THREAT, _MONEY, _WHO, _LAND)
_SINGLE = re.compile(r"settings\.([\w.]+)(\[\])?")


def fields(theatre: Theatre) -> tuple[Field, ...]:
    """List the assumptions of a theatre, group by group.

    Parameters
    ----------
    theatre
        Whose neighbours and members are asked about.

    Returns
    -------
    tuple of Field
        In the order of the page.
    """
    told = _told()
    plain = Settings()
    ranges = {
        f"works.{name}": ends
        for name, ends in works_settings.swings(plain.works).items()
    }  # fmt: skip
    out = [
        Field(
            key, group, label, unit, "number", _single(_get(plain, key)),
            least=bounds[0], most=bounds[1], step=bounds[2],
            help=_with_range(told.get(key, ""), ranges.get(key)),
        )
        for key, group, label, unit, bounds in _NUMBERS
    ]  # fmt: skip
    out += [
        Field(key, group, label, "", "choice", _get(plain, key), choices=choices,
              help=told.get(key, ""))
        for key, group, label, choices in _CHOICES
    ]  # fmt: skip
    out += _neighbours(theatre, plain, told)
    out += _coalition(theatre, told)
    out.append(
        Field("line.must_hold", _LAND, "Places that every plan holds", "", "places", [],
              help=told.get("line.must_hold", ""))
    )  # fmt: skip
    # a group's choices stand before the numbers that they may need
    return tuple(sorted(out, key=lambda field: (_ORDER.index(field.group), field.kind != "choice")))


def values(settings: Settings, asked: tuple[Field, ...]) -> dict[str, Any]:
    """Read the assumptions of the page from settings.

    Parameters
    ----------
    settings
        Of a scenario.
    asked
        Fields of the page.

    Returns
    -------
    dict
        By key, as JSON.
    """
    out = {}
    for field in asked:
        if field.kind == "openness":
            state = field.key.rpartition(".")[2]
            out[field.key] = settings.line.flank.get(state, field.default)
        else:
            value = _single(_get(settings, field.key))
            out[field.key] = list(value) if isinstance(value, tuple) else value
    return out


def changed(base: Settings, given: Mapping[str, Any], asked: tuple[Field, ...]) -> Settings:
    """Put what the page says into settings.

    Parameters
    ----------
    base
        Settings that keep all else.
    given
        Values by key, from a browser; None puts the default back.
    asked
        Fields of the page: no other setting can be reached.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    InputError
        With every fault, each with the key that it belongs to.
    """
    known = {field.key: field for field in asked}
    strange = [key for key in given if key not in known]
    if strange:
        faults = [Fault("page", key, "is no field of it", "load the page again") for key in strange]
        raise InputError(faults)
    tree = base.model_dump(mode="json", exclude_defaults=True)
    for key, value in given.items():
        _drop(tree, key)
        same = value is None or value == known[key].default
        if not same and not (known[key].kind == "members" and not value):
            for name, one in _widened(key, value).items():
                _put(tree, name, one)
    return settings_from(tree, where="page")


def _put(tree: dict[str, Any], key: str, value: object) -> None:
    """Set a dotted key in nested tables."""
    *path, last = key.split(".")
    for part in path:
        tree = tree.setdefault(part, {})
    tree[last] = value


def _widened(key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    """Give a value, with its range made wide enough to hold it."""
    if key == "accord.influence_usd_yr":
        return {key: [value, value, value]}
    stem = {"threat.reach_share": "reach", "threat.lost_per_event": "lost"}.get(key)
    if stem is None or not isinstance(value, int | float):
        return {key: value}
    plain = Settings().threat
    low, high = getattr(plain, f"{stem}_low"), getattr(plain, f"{stem}_high")
    return {
        key: value,
        f"threat.{stem}_low": min(low, value),
        f"threat.{stem}_high": max(high, value),
    }


def _drop(tree: dict[str, Any], key: str) -> None:
    """Take a setting, and what belongs to it, out of nested tables."""
    *path, last = key.split(".")
    table: Any = tree
    for part in path:
        table = table.get(part)
        if not isinstance(table, dict):
            return
    stem = {"reach_share": "reach", "lost_per_event": "lost"}.get(last)
    for name in (last, f"{stem}_low", f"{stem}_high"):
        table.pop(name, None)


def _neighbours(theatre: Theatre, plain: Settings, told: Mapping[str, str]) -> list[Field]:
    """Ask about every state that shares a border with a member."""
    state = theatre.ground["state"].to_numpy()
    own = theatre.member_mask
    near = np.zeros(own.shape, bool)
    for axis in (0, 1):
        for way in (1, -1):
            near |= np.roll(own, way, axis)
    codes = set(np.unique(state[near & ~own]).tolist()) - {-1}
    out = []
    for code, iso3 in enumerate(theatre.countries.index):
        if code not in codes:
            continue
        role = str(theatre.countries["role"].iloc[code])
        openness = float(getattr(plain.line, _ROLE_OPENNESS.get(role, "flank_other")))
        name = str(theatre.countries["name"].iloc[code])
        out.append(
            Field(f"line.flank.{iso3}", _NEIGHBOURS, name, "openness", "openness", openness,
                  least=0.0, most=1.0, step=0.05, help=told.get("line.flank", ""))
        )  # fmt: skip
    return out


def _coalition(theatre: Theatre, told: Mapping[str, str]) -> list[Field]:
    """Ask which members take part."""
    names = theatre.countries["name"]
    members = tuple((iso3, str(names[iso3])) for iso3 in theatre.members)
    key = "theatre.coalition"
    return [
        Field(key, _WHO, "States of the coalition", "", "members", None, choices=members,
              help=told.get(key, ""))
    ]  # fmt: skip


def _told() -> dict[str, str]:
    """Read what settings mean from the classes that hold them."""
    out: dict[str, str] = {}
    for path, _, _, meaning in described():
        found = _SINGLE.match(path)
        if found:
            out.setdefault(found.group(1).removesuffix("."), meaning.replace("`", ""))
    return out


def _with_range(text: str, ends: tuple[float, float] | None) -> str:
    if ends is None:
        return text
    return f"{text} Its range in a plan: {ends[0]:g} to {ends[1]:g}."


def _get(settings: Settings, key: str) -> Any:  # noqa: ANN401  (whatever a setting holds)
    found: Any = settings
    for part in key.split("."):
        found = getattr(found, part)
    return found


def _single(value: Any) -> Any:  # noqa: ANN401
    """Take the middle of a range (low, value, high)."""
    if isinstance(value, tuple) and len(value) == 3 and all(isinstance(v, float) for v in value):
        return value[1]
    return value
