"""What an entry of the catalogue has to say, by role, and what is wrong with one that doesn't."""

from __future__ import annotations

import itertools
import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from vallum.errors import Fault, nearest
from vallum.kernel.figures import Entry, figure_faults, is_number, missing, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BY_KEY", "FIGURES", "SURFACES", "item_faults", "material_faults", "mode_faults"]

SURFACES = ("sand", "rock", "soil", "wetland")
# single figures, and tables of figures by mode or by material
FIGURES = (
    "capital_usd",
    "life_yr",
    "upkeep_usd_yr",
    "men",
    "end_usd",
    "detection",
    "speed_kmh",
    "muster_s",
    "neutralisation",
    "slope_max",
    "burial",
    "build_days",
    "height_m",
    "responders",
    "journeys_yr",
    "search",
)
BY_KEY = ("delay_s", "sight_km", "material")

_ALWAYS = ("text", "role", "unit", "ground", "capital_usd", "life_yr", "upkeep_usd_yr", "men")
_BY_ROLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "barrier": ("delay_s",),
        "sensor": ("detection", "slot"),
        "track": ("detection", "speed_kmh"),
        "fort": ("detection", "sight_km", "height_m", "muster_s", "responders", "rides"),
        "fitting": (),
        "gate": ("serves", "journeys_yr", "search"),
        "mine": ("delay_s", "weapon", "end_usd", "harm"),
    }
)
_BUILT = ("end_usd", "slope_max", "burial", "build_days", "material")
_MAY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "barrier": (*_BUILT, "wadi"),
        "sensor": _BUILT,
        "track": (*_BUILT, "wadi"),
        "fort": (*_BUILT, "neutralisation", "spacing_km"),
        "fitting": _BUILT,
        "gate": _BUILT,
        "mine": (),
    }
)
# what a sensor needs, and may have, beside: one along the line detects there and needs no sight
_BY_SLOT: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "tower": (("sight_km", "height_m"), ("spacing_km",)),
        "line": ((), ()),
        "air": (("sight_km", "height_m"), ("spacing_km",)),
    }
)
_UNIT_BY_ROLE: Mapping[str, str] = MappingProxyType(
    {
        "barrier": "km",
        "track": "km",
        "mine": "km",
        "fort": "site",
        "fitting": "site",
        "gate": "site",
    }
)
_WEAPONS = ("anti_personnel", "anti_vehicle")
_SERVES = ("road", "herders", "traders", "fleeing")
_SHARES = ("detection", "neutralisation", "search")
_POSITIVE = ("life_yr", "speed_kmh", "slope_max", "height_m", "build_days", "t_per_unit")
_MOST_SPACING_KM = 500

# What may not come in under the name of a work. The law bars a thing by what it is called, so a
# name that is not the thing's own is the way round it; what kills whoever touches it has no role.
# Read in words of plain small letters (`_plain`), with a blank for whatever else is between them.
# A barrier that says what it stops (anti-tank ditch) is none; a belt that does is one.
_EXPLOSIVE = re.compile(
    r"(?<![a-z])(?:mines?|mined|minee?s?|minage|mining)(?![a-z])|(?:land|sea) ?mine"
    r"|mine ?(?:belt|field|strip|lay)|champ ?de ?mine|(?<![a-z])anti ?person|(?<![a-z])a ?p ?mine"
    r"|(?<!fosse )(?<!mur )(?<!talus )(?<![a-z])anti ?(?:tank|vehic|char(?![a-z]))"
    r"(?!(?:les?|ules?)? (?:ditch|trench|wall|berm|bank|obstacle|teeth"
    r"|fence|bollard|boulder|rock|barrier))"
    r"|explosi|booby|munition|claymore|bomb|grenade|warhead|pieg(?:e|er|es|ee|ees)(?![a-z])"
    r"|(?<![a-z])(?:ied|uxo|erw|tnt|semtex|pmn|pmd|pfm|pomz|ozm)s?(?![a-z])"
    r"|(?<![a-z])(?:tm|tma|pma|mon) ?[0-9]{1,3}(?![0-9a-z])"
    r"|ordnance|detonat|dynamit|fougasse|shrapnel|fragmentation|shotgun"
    r"|(?<![a-z])charges?(?![a-z])|trip ?wire|pressure ?plate"
)
_KILLS_ALONE = re.compile(
    r"(?<!non-)(?<!non )(?<!non)(?<!less-)(?<!less )(?<![a-z])(?:lethal|l[eé]tal)"
    r"|electrocut|[eé]lectrifi[eé]e|high[- ]voltage|haute tension"
    r"|(?<!non-lethal )(?<!non lethal )electri(?:c|fied)[- ](?:fence|wire|barrier)"
    r"|(?:spring|trap|sentry|automatic)[- ]gun|self[- ]firing|punji|man[- ]?trap|poison",
    re.IGNORECASE,
)


def mode_faults(where: str, place: str, entry: Entry) -> list[Fault]:
    """Find what is wrong with a way of moving."""
    known = ("text", "speed_kmh")
    faults = unknown(where, place, entry, known) + missing(where, place, entry, known)
    faults += _text_faults(where, place, entry)
    if "speed_kmh" in entry:
        faults += _table_faults(where, f"{place}.speed_kmh", entry["speed_kmh"], SURFACES)
    return faults


def material_faults(where: str, place: str, entry: Entry) -> list[Fault]:
    """Find what is wrong with a material."""
    known = ("text", "found_on", "unit", "t_per_unit")
    faults = unknown(where, place, entry, known) + missing(where, place, entry, known)
    faults += _text_faults(where, place, entry)
    faults += _choice_faults(where, place, entry, {"unit": ("m3", "t")})
    if "found_on" in entry:
        faults += _list_faults(where, f"{place}.found_on", entry["found_on"], SURFACES, empty=True)
    if "t_per_unit" in entry:
        faults += _figure_faults(where, f"{place}.t_per_unit", entry["t_per_unit"])
    return faults


def item_faults(
    where: str, place: str, entry: Entry, modes: tuple[str, ...], materials: tuple[str, ...]
) -> list[Fault]:
    """Find what is wrong with an item, by itself.

    Parameters
    ----------
    where, place
        The file, and the entry's dotted key.
    entry
        As the file has it.
    modes, materials
        The ids that there are.

    Returns
    -------
    faults
        Empty where there are none. What one item asks of another is for `reading` to check.
    """
    role = entry.get("role")
    if not isinstance(role, str) or role not in _BY_ROLE:
        found = "missing" if role is None else repr(role)
        return [Fault(where, f"{place}.role", found, nearest(str(role), list(_BY_ROLE)))]
    needed, may = (*_ALWAYS, *_BY_ROLE[role]), _MAY[role]
    if role == "sensor":
        slot = entry.get("slot")
        if isinstance(slot, str) and slot in _BY_SLOT:
            needed, may = (*needed, *_BY_SLOT[slot][0]), (*may, *_BY_SLOT[slot][1])
        else:  # what it needs isn't known: let any sensor's field pass
            may = (*may, "sight_km", "height_m", "spacing_km")
    known = (*needed, *may)
    faults = unknown(where, place, entry, known) + missing(where, place, entry, needed)
    faults += _weapon_faults(where, place, entry)
    faults += _word_faults(where, place, entry, modes)
    tables = {"delay_s": modes, "sight_km": modes, "material": materials}
    for name, value in entry.items():
        if name not in known:
            continue
        if name in BY_KEY:
            some = name == "material"
            faults += _table_faults(where, f"{place}.{name}", value, tables[name], some=some)
        elif name in FIGURES:
            faults += _figure_faults(where, f"{place}.{name}", value)
    return faults + _sense_faults(where, place, entry)


def _weapon_faults(where: str, place: str, entry: Entry) -> list[Fault]:
    words = f"{place} {entry.get('text', '')}".replace("_", " ")
    role = entry["role"]
    if role != "mine" and _EXPLOSIVE.search(_plain(words)):
        mend = (
            "give it the role mine: it is then listed, priced and never placed; "
            "or, if it is none, say it in other words"
        )
        return [Fault(where, f"{place}.role", f"{role!r} for a mine or explosive", mend)]
    if _KILLS_ALONE.search(words):
        found = "by its name it kills or maims whoever touches it"
        mend = "leave it out; a work here delays or detects (say non-lethal where that is so)"
        return [Fault(where, place, found, mend)]
    return []


def _plain(words: str) -> str:
    """Write words in small letters without accents, and a blank for all that is no letter."""
    apart = unicodedata.normalize("NFKD", words).casefold()
    # marks of accents, and signs that show as nothing, part no word
    kept = "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Cf"))
    return re.sub(r"[^a-z0-9]+", " ", kept)


def _word_faults(where: str, place: str, entry: Entry, modes: tuple[str, ...]) -> list[Fault]:
    choices = {
        "unit": ("km", "site"),
        "weapon": _WEAPONS,
        "rides": modes,
        "slot": tuple(_BY_SLOT),
    }
    faults = _text_faults(where, place, entry) + _choice_faults(where, place, entry, choices)
    role = str(entry["role"])
    unit = _UNIT_BY_ROLE.get(role, "km" if entry.get("slot") == "line" else "site")
    if entry.get("unit") in ("km", "site") and entry["unit"] != unit:
        found = repr(entry["unit"])
        faults.append(Fault(where, f"{place}.unit", found, f"this role is counted by the {unit}"))
    if "ground" in entry:
        faults += _list_faults(where, f"{place}.ground", entry["ground"], SURFACES)
    if "serves" in entry:
        faults += _list_faults(where, f"{place}.serves", entry["serves"], _SERVES)
    if "spacing_km" in entry:
        faults += _spacing_faults(where, f"{place}.spacing_km", entry["spacing_km"])
    return faults


def _sense_faults(where: str, place: str, entry: Entry) -> list[Fault]:
    """Find figures that are each in order and make no sense together."""
    faults = []
    least = _end(entry.get("burial"), "low")
    if least is not None and least < 1:
        mend = "give 1 or more: it multiplies upkeep where dunes move over it"
        faults.append(Fault(where, f"{place}.burial", f"low {least:g}", mend))
    for end in ("low", "mode", "high"):
        riders, men = _end(entry.get("responders"), end), _end(entry.get("men"), end)
        if riders is not None and men is not None and riders > men:
            found = f"{end} {riders:g} of {men:g} men"
            mend = "no more can ride out than are there"
            faults.append(Fault(where, f"{place}.responders", found, mend))
    return faults


def _end(raw: object, end: str) -> float | None:
    """Give an end of what may be a figure."""
    value = raw.get(end) if isinstance(raw, dict) else None
    return float(cast("float", value)) if is_number(value) else None


def _text_faults(where: str, place: str, entry: Entry) -> list[Fault]:
    return [
        Fault(where, f"{place}.{name}", repr(entry[name]), "say it in words")
        for name in ("text", "harm")
        if name in entry and not (isinstance(entry[name], str) and str(entry[name]).strip())
    ]


def _choice_faults(
    where: str, place: str, entry: Entry, choices: Mapping[str, tuple[str, ...]]
) -> list[Fault]:
    return [
        Fault(where, f"{place}.{name}", repr(entry[name]), nearest(str(entry[name]), list(valid)))
        for name, valid in choices.items()
        if name in entry and entry[name] not in valid
    ]


def _list_faults(
    where: str, place: str, raw: object, valid: tuple[str, ...], *, empty: bool = False
) -> list[Fault]:
    if not isinstance(raw, list) or not (raw or empty):
        return [Fault(where, place, repr(raw), "list some of: " + ", ".join(valid))]
    return [
        Fault(where, place, repr(name), nearest(str(name), list(valid)))
        for name in raw
        if name not in valid
    ]


def _spacing_faults(where: str, place: str, raw: object) -> list[Fault]:
    mend = f"list kilometres, rising, above 0 and up to {_MOST_SPACING_KM}"
    if not isinstance(raw, list) or not raw or not all(is_number(value) for value in raw):
        return [Fault(where, place, repr(raw), mend)]
    rising = all(a < b for a, b in itertools.pairwise(raw))
    if not rising or raw[0] <= 0 or raw[-1] > _MOST_SPACING_KM:
        return [Fault(where, place, repr(raw), mend)]
    return []


def _table_faults(
    where: str, place: str, raw: object, keys: tuple[str, ...], *, some: bool = False
) -> list[Fault]:
    """Find what is wrong with a table of figures, by all of the keys or by some."""
    if not isinstance(raw, dict):
        return [Fault(where, place, repr(raw), "make it a table of " + ", ".join(keys))]
    faults = unknown(where, place, raw, keys)
    if not some:
        faults += missing(where, place, raw, keys)
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
        share=any(name in names for name in _SHARES),
    )
