"""Reading a catalogue file: every fault found, raised at once."""

from __future__ import annotations

import math
import re
import tomllib
from typing import TYPE_CHECKING, cast

from vallum.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read", "read_toml"]

Entry = dict[str, object]

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


def read_toml(path: Path) -> Entry:
    """Read a TOML file.

    Raises
    ------
    InputError
        When it is absent, unreadable or not TOML.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        fault = Fault(str(path), "", error.strerror or str(error), "name a file that can be read")
        raise InputError([fault]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(str(path), "", f"not TOML: {error}", "mend the file at that place")
        raise InputError([fault]) from error


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
    faults = _unknown(where, "", raw, ("mode", "item"))
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
    faults = _unknown(where, place, entry, known) + _missing(where, place, entry, known)
    if "speed_kmh" in entry:
        faults += _figures_faults(where, f"{place}.speed_kmh", entry["speed_kmh"], _SURFACES)
    return faults


def _item_faults(where: str, place: str, entry: Entry, modes: tuple[str, ...]) -> list[Fault]:
    role = entry.get("role")
    if not isinstance(role, str) or role not in _BY_ROLE:
        found = "missing" if role is None else repr(role)
        return [Fault(where, f"{place}.role", found, nearest(str(role), list(_BY_ROLE)))]
    needed = (*_ALWAYS, *_BY_ROLE[role])
    faults = _unknown(where, place, entry, (*needed, *_MAY.get(role, ())))
    faults += _missing(where, place, entry, needed)
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
    faults = _unknown(where, place, raw, keys) + _missing(where, place, raw, keys)
    for key, value in raw.items():
        if key in keys:
            faults += _figure_faults(where, f"{place}.{key}", value)
    return faults


def _figure_faults(where: str, place: str, raw: object) -> list[Fault]:
    ends = ("low", "mode", "high")
    if not isinstance(raw, dict):
        mend = "give { low = , mode = , high = , source = }"
        return [Fault(where, place, repr(raw), mend)]
    figure = cast("Entry", raw)
    known = (*ends, "source")
    faults = _unknown(where, place, figure, known) + _missing(where, place, figure, known)
    numbers = [figure[end] for end in ends if _is_number(figure.get(end))]
    faults += [
        Fault(where, f"{place}.{end}", repr(figure[end]), "give a finite number")
        for end in ends
        if end in figure and not _is_number(figure[end])
    ]
    if "source" in figure and not _is_source(figure["source"]):
        mend = "give an address (https://...), 'facts.md' and its entry, or 'judgement: ' and why"
        faults.append(Fault(where, f"{place}.source", repr(figure["source"]), mend))
    if len(numbers) < len(ends):
        return faults
    low, mode, high = (float(cast("float", number)) for number in numbers)
    found = f"low {low:g}, mode {mode:g}, high {high:g}"
    if not low <= mode <= high:
        faults.append(Fault(where, place, found, "order them: low ≤ mode ≤ high"))
    names = place.split(".")
    if low < 0 or (low == 0 and any(name in names for name in _POSITIVE)):
        faults.append(Fault(where, place, found, "give figures above 0"))
    if high > 1 and any(name in names for name in _PROBABILITIES):
        faults.append(Fault(where, place, found, "give probabilities up to 1"))
    return faults


def _is_number(value: object) -> bool:
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and math.isfinite(cast("float", value))


def _is_source(value: object) -> bool:
    if not isinstance(value, str):
        return False
    if value.startswith("judgement:"):
        return len(value.removeprefix("judgement:").strip()) > 0
    return any(sign in value for sign in ("https://", "http://", "facts.md", "[D]"))


def _unknown(where: str, place: str, entry: Entry, known: tuple[str, ...]) -> list[Fault]:
    dot = f"{place}." if place else ""
    return [
        Fault(where, f"{dot}{key}", "unknown key", nearest(key, list(known)))
        for key in entry
        if key not in known
    ]


def _missing(where: str, place: str, entry: Entry, needed: tuple[str, ...]) -> list[Fault]:
    return [
        Fault(where, f"{place}.{key}", "missing", f"add {key}")
        for key in needed
        if key not in entry
    ]
