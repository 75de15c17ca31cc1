"""Reading a catalogue file: every fault found, raised at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.figures import Entry, figure_faults, missing, read_toml, unknown

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read"]

_SURFACES = ("sand", "rock", "soil", "wetland")
_ALWAYS = ("text", "role", "unit", "ground", "capital_usd", "life_yr", "upkeep_usd_yr", "men")
_BY_ROLE = {
    "barrier": ("delay_s",),
    "sensor": ("detection", "sight_km"),
    "track": ("detection", "speed_kmh"),
    "fort": ("detection", "sight_km", "muster_s", "neutralisation", "rides"),
    "mine": ("delay_s", "weapon", "end_usd", "harm"),
}
_MAY = {
    "barrier": ("end_usd",),
    "sensor": ("end_usd",),
    "track": ("end_usd",),
    "fort": ("end_usd",),
}
_WEAPONS = ("anti_personnel", "anti_vehicle")
_PROBABILITIES = ("detection", "neutralisation")
_POSITIVE = ("life_yr", "speed_kmh")
_BY_MODE = ("delay_s", "sight_km")
_TEXTS = ("text", "weapon", "harm", "rides", "role", "unit")
# what may not come in under the name of a work; the law is for those who call a thing by its name
_EXPLOSIVE = re.compile(
    r"(?<![a-z])(land)?mines?(?![a-z])|minefield|explosive|booby|munition|claymore", re.IGNORECASE
)


def read(path: Path) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Read the modes and items of a catalogue, checked.

    Returns
    -------
    modes, items
        By id, as the file has them.

    Raises
    ------
    InputError
        With every fault.
    """
    raw = read_toml(path)
    where = str(path)
    faults = unknown(where, "", raw, ("mode", "item"))
    modes = _tables(where, raw, "mode", faults)
    items = _tables(where, raw, "item", faults)
    for key, entry in modes.items():
        faults += _mode_faults(where, f"mode.{key}", entry)
    for key, entry in items.items():
        faults += _item_faults(where, f"item.{key}", entry, tuple(modes))
    if not any(entry.get("role") == "fort" for entry in items.values()):
        mend = "add a fort: without a response nothing is interrupted"
        faults.append(Fault(where, "item", "no item of the role fort", mend))
    if faults:
        raise InputError(faults)
    return modes, items


def _tables(where: str, raw: Entry, name: str, faults: list[Fault]) -> dict[str, Entry]:
    tables = raw.get(name)
    if not isinstance(tables, dict) or not tables:
        faults.append(Fault(where, name, "no entries", f"add a table [{name}.NAME]"))
        return {}
    out: dict[str, Entry] = {}
    for key, entry in tables.items():
        if isinstance(entry, dict):
            out[key] = entry
        else:
            faults.append(Fault(where, f"{name}.{key}", repr(entry), "make it a table"))
    return out


def _mode_faults(where: str, place: str, entry: Entry) -> list[Fault]:
    known = ("text", "speed_kmh")
    faults = unknown(where, place, entry, known) + missing(where, place, entry, known)
    if "speed_kmh" in entry:
        faults += _figures_faults(where, f"{place}.speed_kmh", entry["speed_kmh"], _SURFACES)
    return faults


def _item_faults(where: str, place: str, entry: Entry, modes: tuple[str, ...]) -> list[Fault]:
    role = entry.get("role")
    if not isinstance(role, str) or role not in _BY_ROLE:
        found = "missing" if role is None else repr(role)
        return [Fault(where, f"{place}.role", found, nearest(str(role), list(_BY_ROLE)))]
    needed = (*_ALWAYS, *_BY_ROLE[role])
    faults = unknown(where, place, entry, (*needed, *_MAY.get(role, ())))
    faults += missing(where, place, entry, needed)
    faults += _choice_faults(where, place, entry, modes)
    words = f"{place} {entry.get('text', '')}".replace("_", " ")
    if role != "mine" and _EXPLOSIVE.search(words):
        mend = "give it the role mine: it is then listed, priced and never placed"
        faults.append(Fault(where, f"{place}.role", f"{role!r} for a mine or explosive", mend))
    for name, value in entry.items():
        if name in _BY_MODE:
            faults += _figures_faults(where, f"{place}.{name}", value, modes)
        elif name in {*needed, "end_usd"} and name not in {*_TEXTS, "ground"}:
            faults += _figure_faults(where, f"{place}.{name}", value)
    return faults


def _choice_faults(where: str, place: str, entry: Entry, modes: tuple[str, ...]) -> list[Fault]:
    choices = {"unit": ("km", "site"), "weapon": _WEAPONS, "rides": modes}
    faults = []
    for name, valid in choices.items():
        if name in entry and entry[name] not in valid:
            mend = nearest(str(entry[name]), list(valid))
            faults.append(Fault(where, f"{place}.{name}", repr(entry[name]), mend))
    if entry.get("role") in {"barrier", "track", "mine"} and entry.get("unit") == "site":
        faults.append(Fault(where, f"{place}.unit", "'site'", "this role is counted by the km"))
    if entry.get("role") in {"sensor", "fort"} and entry.get("unit") == "km":
        faults.append(Fault(where, f"{place}.unit", "'km'", "this role is counted by the site"))
    ground = entry.get("ground", [])
    if not isinstance(ground, list) or not ground:
        mend = "list surfaces: " + ", ".join(_SURFACES)
        return [*faults, Fault(where, f"{place}.ground", repr(ground), mend)]
    return faults + [
        Fault(where, f"{place}.ground", repr(name), nearest(str(name), list(_SURFACES)))
        for name in ground
        if name not in _SURFACES
    ]


def _figures_faults(where: str, place: str, raw: object, keys: tuple[str, ...]) -> list[Fault]:
    if not isinstance(raw, dict):
        return [Fault(where, place, repr(raw), "make it a table of " + ", ".join(keys))]
    faults = unknown(where, place, raw, keys) + missing(where, place, raw, keys)
    for key, value in raw.items():
        if key in keys:
            faults += _figure_faults(where, f"{place}.{key}", value)
    return faults


def _figure_faults(where: str, place: str, raw: object) -> list[Fault]:
    names = place.split(".")
    return figure_faults(
        where,
        place,
        raw,
        positive=any(name in names for name in _POSITIVE),
        share=any(name in names for name in _PROBABILITIES),
    )
