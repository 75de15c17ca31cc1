"""The table of civilian figures (`civilians.toml`): what it holds, and reading it, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from vallum.errors import Fault, InputError
from vallum.kernel.figures import (
    Entry,
    Range,
    figure,
    figure_faults,
    is_number,
    missing,
    read_toml,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Displaced", "Figures", "StateHerds", "load_figures"]

_BUILT_IN = Path(__file__).with_name("civilians.toml")
_FIGURES = {
    "herders": ("head_per_person", "moving_share", "head_per_herd", "moves_yr", "distance_km"),
    "traders": ("journeys_per_person_yr", "distance_power", "nearest_km"),
    "fleeing": ("people_per_death", "abroad_share", "distance_km"),
}
_SHARES = ("moving_share", "abroad_share")
_STATE = ("head", "moving_share", "abroad_share")
_DISPLACED = ("from", "to", "people", "source")


@dataclass(frozen=True)
class StateHerds:
    """The herds of one state.

    Attributes
    ----------
    head
        Cattle, sheep, goats and camels.
    moving_share
        Share of them that moves with the seasons.
    abroad_share
        Share of those that moves beyond the state's borders; None where it is left to what pulls.
    regions
        Share of the head by region; the rest follows country people.
    regions_source
        Where those shares were read.
    """

    head: Range
    moving_share: Range
    abroad_share: Range | None
    regions: Mapping[str, float]
    regions_source: str


@dataclass(frozen=True)
class Displaced:
    """People displaced from a state (`origin`), who were in another or the same one (`refuge`)."""

    origin: str
    refuge: str
    people: float
    source: str


@dataclass(frozen=True)
class Figures:
    """The table.

    Attributes
    ----------
    herders, traders, fleeing
        Figures by name.
    states
        Herds by state, iso3.
    displaced
        Where people displaced were.
    origin
        The file.
    """

    herders: Mapping[str, Range]
    traders: Mapping[str, Range]
    fleeing: Mapping[str, Range]
    states: Mapping[str, StateHerds]
    displaced: tuple[Displaced, ...]
    origin: str


def load_figures(path: Path | None = None) -> Figures:
    """Read a table of civilian figures.

    Parameters
    ----------
    path
        A TOML file laid out like the built-in one, which is read if none is given.

    Raises
    ------
    InputError
        With every fault: an unreadable file, unknown or missing keys, figures that are not
        numbers, are negative or out of order, shares of regions above 1, a missing source.
    """
    source = _BUILT_IN if path is None else path
    raw = read_toml(source)
    faults = _faults(str(source), raw)
    if faults:
        raise InputError(faults)
    sections = {
        name: MappingProxyType({key: figure(cast("Entry", raw[name])[key]) for key in keys})
        for name, keys in _FIGURES.items()
    }
    herders, fleeing = cast("Entry", raw["herders"]), cast("Entry", raw["fleeing"])
    states = cast("dict[str, Entry]", herders.get("state", {}))
    rows = cast("list[Entry]", fleeing.get("displaced", []))
    return Figures(
        **sections,
        states=MappingProxyType({iso3: _herds(entry) for iso3, entry in states.items()}),
        displaced=tuple(_displaced(row) for row in rows),
        origin=str(source),
    )


def _herds(entry: Entry) -> StateHerds:
    regions = dict(cast("Entry", entry.get("regions", {})))
    source = str(regions.pop("source", ""))
    shares = {name: float(cast("float", share)) for name, share in regions.items()}
    return StateHerds(
        head=figure(entry["head"]),
        moving_share=figure(entry["moving_share"]),
        abroad_share=figure(entry["abroad_share"]) if "abroad_share" in entry else None,
        regions=MappingProxyType(shares),
        regions_source=source,
    )


def _displaced(row: Entry) -> Displaced:
    people = float(cast("float", row["people"]))
    return Displaced(str(row["from"]), str(row["to"]), people, str(row["source"]))


def _faults(where: str, raw: Entry) -> list[Fault]:
    faults = unknown(where, "", raw, tuple(_FIGURES))
    extra = {"herders": ("state",), "fleeing": ("displaced",)}
    for name, keys in _FIGURES.items():
        entry = raw.get(name)
        if not isinstance(entry, dict):
            found = "missing" if entry is None else repr(entry)
            faults.append(Fault(where, name, found, "make it a table of " + ", ".join(keys)))
            continue
        faults += unknown(where, name, entry, (*keys, *extra.get(name, ())))
        faults += missing(where, name, entry, keys)
        for key in keys:
            if key in entry:
                faults += _figure(where, f"{name}.{key}", entry[key])
        if name == "herders":
            faults += _state_faults(where, entry.get("state", {}))
        if name == "fleeing":
            faults += _displaced_faults(where, entry.get("displaced", []))
    return faults


def _figure(where: str, place: str, raw: object) -> list[Fault]:
    share = place.rsplit(".", 1)[-1] in _SHARES
    return figure_faults(where, place, raw, positive=not share, share=share)


def _state_faults(where: str, raw: object) -> list[Fault]:
    if not isinstance(raw, dict):
        return [Fault(where, "herders.state", repr(raw), "add tables [herders.state.ISO3]")]
    faults: list[Fault] = []
    for iso3, entry in raw.items():
        place = f"herders.state.{iso3}"
        if not isinstance(entry, dict):
            faults.append(Fault(where, place, repr(entry), "make it a table"))
            continue
        faults += unknown(where, place, entry, (*_STATE, "regions"))
        faults += missing(where, place, entry, ("head", "moving_share"))
        for key in _STATE:
            if key in entry:
                faults += _figure(where, f"{place}.{key}", entry[key])
        faults += _region_faults(where, f"{place}.regions", entry.get("regions"))
    return faults


def _region_faults(where: str, place: str, raw: object) -> list[Fault]:
    if raw is None:
        return []
    if not isinstance(raw, dict):
        return [Fault(where, place, repr(raw), "make it a table of regions and their shares")]
    shares = {name: share for name, share in raw.items() if name != "source"}
    faults = missing(where, place, raw, ("source",))
    bad = [name for name, share in shares.items() if not is_number(share) or share < 0]
    faults += [
        Fault(where, f"{place}.{name}", repr(shares[name]), "give a share from 0 to 1")
        for name in bad
    ]
    total = sum(float(share) for name, share in shares.items() if name not in bad)
    if total > 1:
        faults.append(Fault(where, place, f"shares add up to {total:g}", "keep them within 1"))
    return faults


def _displaced_faults(where: str, raw: object) -> list[Fault]:
    if not isinstance(raw, list):
        mend = "add tables [[fleeing.displaced]]"
        return [Fault(where, "fleeing.displaced", repr(raw), mend)]
    faults: list[Fault] = []
    for n, row in enumerate(raw):
        place = f"fleeing.displaced[{n}]"
        if not isinstance(row, dict):
            faults.append(Fault(where, place, repr(row), "make it a table"))
            continue
        faults += unknown(where, place, row, _DISPLACED) + missing(where, place, row, _DISPLACED)
        people = row.get("people", 0)
        if not is_number(people) or people < 0:
            mend = "give a number of people"
            faults.append(Fault(where, f"{place}.people", repr(people), mend))
        if not str(row.get("source", "x")).strip():
            faults.append(Fault(where, f"{place}.source", "empty", "say where it was read"))
    return faults
