"""Reading a catalogue file: every fault found, raised at once.

A file either is a whole catalogue, or says `extends = "built-in"` and then holds only what it adds
to the built-in one or changes in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vallum.errors import Fault, InputError, nearest
from vallum.kernel.figures import Entry, read_toml, unknown
from vallum.works.entries import BY_KEY, item_faults, material_faults, mode_faults

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Tables", "read"]

_BUILT_IN = "built-in"
_KINDS = ("mode", "material", "item")
_DEEP = (*BY_KEY, "speed_kmh")  # tables of figures, merged figure by figure


class Tables(NamedTuple):
    """The entries of a catalogue by id, as the file has them, without fault."""

    modes: dict[str, Entry]
    materials: dict[str, Entry]
    items: dict[str, Entry]


def read(path: Path, built_in: Path) -> Tables:
    """Read the entries of a catalogue, checked.

    Parameters
    ----------
    path
        The file.
    built_in
        The file that `extends = "built-in"` means.

    Returns
    -------
    Tables
        Of the file; where it extends the built-in one, of both: an entry that is in both has the
        file's keys over the built-in one's (a figure is replaced whole, with its source), and new
        entries follow the built-in ones.

    Raises
    ------
    InputError
        With every fault, each under the name of the file that is at fault.
    """
    raw = read_toml(path)
    extends = raw.pop("extends", None)
    if extends is None:
        tables, faults = _check(str(path), raw)
    elif extends == _BUILT_IN:
        base = read_toml(built_in)
        _, faults = _check(str(built_in), base)
        # the built-in one is whole, so what is wrong with both together is this file's doing
        tables, own = _check(str(path), _merged(base, raw))
        faults += own
    else:
        mend = f'write extends = "{_BUILT_IN}", or leave it out and give a whole catalogue'
        tables, faults = _check(str(path), raw)
        faults.insert(0, Fault(str(path), "extends", repr(extends), mend))
    if faults:
        raise InputError(faults)
    return tables


def _merged(base: Entry, over: Entry) -> Entry:
    """Lay one file over another: kinds, then entries, then keys, then the keys of tables."""
    out: Entry = dict(base)
    for kind, entries in over.items():
        below = base.get(kind)
        out[kind] = _laid(below, entries, depth=2) if isinstance(below, dict) else entries
    return out


def _laid(below: object, above: object, *, depth: int) -> object:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    out = dict(below)
    for key, value in above.items():
        deeper = depth > 1 or key in _DEEP
        out[key] = _laid(below.get(key), value, depth=depth - 1) if deeper else value
    return out


def _check(where: str, raw: Entry) -> tuple[Tables, list[Fault]]:
    faults = unknown(where, "", raw, ("extends", *_KINDS))
    tables = Tables(*(_table(where, raw, kind, faults) for kind in _KINDS))
    modes, materials = tuple(tables.modes), tuple(tables.materials)
    for key, entry in tables.modes.items():
        faults += mode_faults(where, f"mode.{key}", entry)
    for key, entry in tables.materials.items():
        faults += material_faults(where, f"material.{key}", entry)
    for key, entry in tables.items.items():
        faults += item_faults(where, f"item.{key}", entry, modes, materials)
        faults += _fitting_faults(where, f"item.{key}", entry, tables.items)
    if not any(entry.get("role") == "fort" for entry in tables.items.values()):
        mend = "add a fort: without a response nothing is interrupted"
        faults.append(Fault(where, "item", "no item of the role fort", mend))
    return tables, faults


def _table(where: str, raw: Entry, name: str, faults: list[Fault]) -> dict[str, Entry]:
    tables = raw.get(name)
    if name == "material" and tables is None:
        return {}  # works need none; those that name one are told that it isn't there
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


def _fitting_faults(where: str, place: str, entry: Entry, items: dict[str, Entry]) -> list[Fault]:
    """Find what an item asks of a fitting that isn't there or can't stand where it does."""
    if "wadi" not in entry:
        return []
    name = entry["wadi"]
    fittings = [key for key, other in items.items() if other.get("role") == "fitting"]
    if name not in fittings:
        mend = nearest(str(name), fittings) if fittings else "add an item of the role fitting"
        return [Fault(where, f"{place}.wadi", f"{name!r} is no fitting", mend)]
    there, needed = items[str(name)].get("ground"), entry.get("ground")
    if not isinstance(there, list) or not isinstance(needed, list):
        return []  # said already
    short = ", ".join(str(surface) for surface in needed if surface not in there)
    if not short:
        return []
    mend = f"let {name} stand there too, or take the ground from {place}"
    return [Fault(where, f"{place}.wadi", f"{name} does not stand on {short}", mend)]
