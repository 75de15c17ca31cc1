"""The assumptions that the page lets people change: what each means, its bounds and its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.app.page import field_texts
from vallum.brief.dictionary_settings import described
from vallum.brief.language import named, say
from vallum.errors import Fault, InputError
from vallum.settings import Settings, flat, put, settings_from
from vallum.works import settings as works_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.theatre import Theatre

__all__ = ["Field", "changed", "fields", "others", "values"]

_ROLE_OPENNESS = {"partner": "flank_partner", "disputed": "flank_disputed"}


# ends that follow from a field's value, and what the budget's slider says
_FOLLOWS = frozenset({
    "threat.reach_low", "threat.reach_high", "threat.lost_low", "threat.lost_high", "line.mu",
    "line.budget_usd_yr",
})  # fmt: skip


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
    help, lang
        What it means, and where its default comes from; `lang` where that is in another language
        than the page.
    falls_to
        Of `LineSettings`: what holds for a neighbour of whom nothing is said.
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
    lang: str = ""
    falls_to: str = ""


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
    groups = field_texts.groups()
    out = [
        Field(
            one.key, groups[one.group], one.label, one.unit, "number",
            _single(_get(plain, one.key)), *one.bounds, (),
            *field_texts.help_of(told.get(one.key, ""), ranges.get(one.key)),
        )
        for one in field_texts.numbers()
    ]  # fmt: skip
    out += [
        Field(one.key, groups[one.group], one.label, "", "choice", _get(plain, one.key),
              None, None, None, one.choices, *field_texts.help_of(told.get(one.key, "")))
        for one in field_texts.choices()
    ]  # fmt: skip
    out += _neighbours(theatre, plain, groups["neighbours"], told)
    out += _lists(theatre, groups, told)
    order = list(groups.values())
    # a group's choices stand before the numbers that they may need
    return tuple(sorted(out, key=lambda field: (order.index(field.group), field.kind != "choice")))


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
    out: dict[str, Any] = {}
    for field in asked:
        if field.kind == "openness":
            state = field.key.rpartition(".")[2]
            out[field.key] = settings.line.flank.get(state, _openness(settings, field))
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
    now = values(base, asked)
    for key, value in given.items():
        field = known[key]
        if value == now[key]:
            continue  # what the page only repeats keeps its range
        _drop(tree, key)
        back = field.default if field.kind != "openness" else _openness(base, field)
        same = value is None or value == back
        if not same and not (field.kind == "members" and not value):
            for name, one in _widened(key, value, base).items():
                put(tree, name, one)
    return settings_from(tree, where="page")


def others(settings: Settings, asked: tuple[Field, ...]) -> list[str]:
    """Name the settings that differ from their defaults and are no fields of the page.

    Parameters
    ----------
    settings
        Of a scenario.
    asked
        Fields of the page.

    Returns
    -------
    list
        Dotted names, sorted. What follows from a field is none of them, nor is what chooses the
        plan that is shown.
    """
    known = {field.key for field in asked} | _FOLLOWS
    differ = flat(settings.model_dump(mode="json", exclude_defaults=True))
    return sorted(name for name in differ if name not in known)


def _openness(settings: Settings, field: Field) -> float:
    """Say how open a neighbour's border is if nothing is said of that neighbour."""
    return float(getattr(settings.line, field.falls_to))


def _widened(key: str, value: Any, base: Settings) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    """Give a value, with its range made wide enough to hold it."""
    if not isinstance(value, int | float):
        return {key: value}
    if key == "accord.influence_usd_yr":
        low, was, high = base.accord.influence_usd_yr
        if low == was == high:
            return {key: [value, value, value]}
        return {key: [min(low, value), value, max(high, value)]}
    stem = {"threat.reach_share": "reach", "threat.lost_per_event": "lost"}.get(key)
    if stem is None:
        return {key: value}
    low, high = _ends(base, stem, _get(base, key))
    return {
        key: value,
        f"threat.{stem}_low": min(low, value),
        f"threat.{stem}_high": max(high, value),
    }


def _ends(base: Settings, stem: str, was: float) -> tuple[float, float]:
    """Give the range before it was made to hold a value: the scenario's own, or the default."""
    plain, stated = (
        (float(getattr(one.threat, f"{stem}_low")), float(getattr(one.threat, f"{stem}_high")))
        for one in (Settings(), base)
    )
    return plain if stated == (min(plain[0], was), max(plain[1], was)) else stated


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


def _neighbours(
    theatre: Theatre, plain: Settings, group: str, told: Mapping[str, str]
) -> list[Field]:
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
        falls_to = _ROLE_OPENNESS.get(role, "flank_other")
        openness = float(getattr(plain.line, falls_to))
        name = named(str(theatre.countries["name"].iloc[code]))
        out.append(
            Field(f"line.flank.{iso3}", group, name, "openness", "openness", openness,
                  0.0, 1.0, 0.05, (), *field_texts.help_of(told.get("line.flank", "")), falls_to)
        )  # fmt: skip
    return out


def _lists(theatre: Theatre, groups: Mapping[str, str], told: Mapping[str, str]) -> list[Field]:
    """Ask which members take part, and which places must be held."""
    names = theatre.countries["name"]
    members = tuple((iso3, named(str(names[iso3]))) for iso3 in theatre.members)
    who, where = "theatre.coalition", "line.must_hold"
    return [
        Field(who, groups["who"], say("States of the coalition"), "", "members", None,
              None, None, None, members, *field_texts.help_of(told.get(who, ""))),
        Field(where, groups["land"], say("Places that every plan holds"), "", "places", [],
              None, None, None, (), *field_texts.help_of(told.get(where, ""))),
    ]  # fmt: skip


def _told() -> dict[str, str]:
    """Read what settings mean from the classes that hold them."""
    out: dict[str, str] = {}
    for path, _, _, meaning in described():
        found = _SINGLE.match(path)
        if found:
            out.setdefault(found.group(1).removesuffix("."), meaning.replace("`", ""))
    return out


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
