"""The compositions as a picture shows them: few families with colours, and lanes of a strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vallum.brief import look
from vallum.brief.language import say
from vallum.brief.works_names import composed, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.plan import Plan
    from vallum.works.catalogue import Catalogue

__all__ = ["GROUND", "LANES", "Family", "Kind", "Kinds", "commonest", "kinds", "on_member_land"]

# the colours of the page of layers, so that sand is sand on both
GROUND = look.GROUND
# Okabe & Ito's colours: told apart by the colour-blind, and by lightness where two are alike
# softened, for they cover whole maps
_COLOURS = tuple(look.fade(look.KINDS[n], 0.72) for n in (1, 2, 6, 3, 0, 4, 5))
_OTHER, _BARE = look.QUIET, look.WASH
_FORTS = look.ramp(look.MONEY, 5)[1:]  # the more men, the darker
_WATCHING = (
    look.fade(look.LINE, 0.8),
    look.SURE[2],
    look.fade(look.PARTNER, 0.6),
    look.EDGE,
)  # items of one lane
LANES = ("tower", "air", "line", "track")


@dataclass(frozen=True)
class Family:
    """Compositions with the same barriers: name, colour, share of the members' land."""

    name: str
    colour: str
    share: float


@dataclass(frozen=True)
class Kind:
    """One row of `Works.compositions` for the eye.

    Attributes
    ----------
    family
        Row of `Kinds.families`.
    surface
        Row of `Kinds.surfaces`.
    lanes
        By name of the lane: row of `Kinds.watching`, and the spacing in km (0 along the line);
        None where nothing stands.
    fort, fort_km
        Row of `Kinds.forts` and spacing; -1 and 0 where none stands.
    """

    family: int
    surface: int
    lanes: dict[str, tuple[int, float] | None]
    fort: int
    fort_km: float


@dataclass(frozen=True)
class Kinds:
    """All that stands, in the order of the compositions.

    Attributes
    ----------
    rows
        One per composition.
    families
        The commonest first; the last may gather the rare ones.
    surfaces
        Names.
    watching
        Name and colour of sensors and tracks, in the catalogue's order; those of one lane differ.
    forts
        Name and colour, in the order of their men.
    """

    rows: tuple[Kind, ...]
    families: tuple[Family, ...]
    surfaces: tuple[str, ...]
    watching: tuple[tuple[str, str], ...]
    forts: tuple[tuple[str, str], ...]

    @property
    def lanes(self) -> list[str]:
        """Lanes in which something stands somewhere."""
        return [lane for lane in LANES if any(row.lanes[lane] for row in self.rows)]

    def inside(self, lane: str) -> list[int]:
        """Give the rows of `watching` that stand in a lane."""
        return sorted({at[0] for row in self.rows if (at := row.lanes[lane])})


def on_member_land(plan: Plan) -> NDArray[np.float64]:
    """Give each composition's share of the members' land that can bear works; adds up to 1."""
    codes = plan.works.composition[plan.theatre.member_mask]
    count = np.bincount(codes[codes >= 0], minlength=len(plan.works.compositions))
    return np.asarray(count / max(int(count.sum()), 1), np.float64)


def commonest(plan: Plan) -> int:
    """Give the class of ground that most of the members' land is of."""
    total = np.bincount(np.asarray(plan.works.ground_row), weights=on_member_land(plan))
    return int(np.argmax(total))


def kinds(plan: Plan, *, most: int = 7) -> Kinds:
    """Put the compositions into families, and each into the lanes of a strip.

    Parameters
    ----------
    plan
        To read.
    most
        Families with a colour of their own; the rest are "other barriers".

    Returns
    -------
    Kinds
        See there.
    """
    catalogue = plan.works.catalogue
    used = [choice.quantities for choice in plan.works.choices]
    items = catalogue.items
    table = plan.works.compositions
    names = [_barriers(row, catalogue) for row in used]
    families, family_of = _families(names, on_member_land(plan), most)
    surfaces = tuple(dict.fromkeys(table["surface"]))
    every = {key for row in used for key in row}
    watching = [k for k in items if k in every and items[k].role in {"sensor", "track"}]
    forts = [k for k in items if k in every and items[k].role == "fort"]
    forts.sort(key=lambda key: items[key].men.mode)
    rows = []
    for n, surface in enumerate(table["surface"]):
        fort = next((key for key in used[n] if key in forts), None)
        rows.append(
            Kind(
                family=family_of[n],
                surface=surfaces.index(surface),
                lanes={lane: _lane(lane, used[n], watching, catalogue) for lane in LANES},
                fort=forts.index(fort) if fort else -1,
                fort_km=1.0 / used[n][fort] if fort else 0.0,
            )
        )
    return Kinds(
        rows=tuple(rows),
        families=families,
        surfaces=surfaces,
        watching=_watching(watching, catalogue),
        forts=tuple((short(key), _FORTS[min(n, len(_FORTS) - 1)]) for n, key in enumerate(forts)),
    )


def _barriers(used: Mapping[str, float], catalogue: Catalogue) -> str:
    """Give the ids of a composition's barriers, as its own id has them; "" for none."""
    return "+".join(key for key in used if catalogue.items[key].role == "barrier")


def _families(
    names: list[str], shares: NDArray[np.float64], most: int
) -> tuple[tuple[Family, ...], list[int]]:
    """Gather compositions of the same barriers; beyond `most` the rarest go together."""
    total: dict[str, float] = {}
    for name, share in zip(names, shares.tolist(), strict=True):
        total[name] = total.get(name, 0.0) + share
    order = sorted(total, key=lambda name: (-total[name], name))
    own = order if len(order) <= most else order[: most - 1]
    colours = iter(_COLOURS)
    families = [
        Family(
            composed(name) if name else say("no barrier"),
            next(colours) if name else _BARE,
            total[name],
        )
        for name in own
    ]
    rest = [name for name in order if name not in own]
    if rest:
        families.append(Family(say("other barriers"), _OTHER, sum(total[name] for name in rest)))
    place = {name: n for n, name in enumerate(own)}
    return tuple(families), [place.get(name, len(own)) for name in names]


def _watching(keys: list[str], catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Name sensors and tracks, those of one lane in colours of their own."""
    count: dict[str, int] = {}
    out = []
    for key in keys:
        lane = _slot(catalogue, key)
        n = count.get(lane, 0)
        count[lane] = n + 1
        out.append((short(key), _WATCHING[min(n, len(_WATCHING) - 1)]))
    return tuple(out)


def _slot(catalogue: Catalogue, key: str) -> str:
    """Give the lane that an item stands in; none for barriers and forts."""
    item = catalogue.items[key]
    return "track" if item.role == "track" else item.slot if item.role == "sensor" else ""


def _lane(
    lane: str, used: Mapping[str, float], watching: list[str], catalogue: Catalogue
) -> tuple[int, float] | None:
    """Find what of a composition stands in a lane."""
    for key, number in used.items():
        if _slot(catalogue, key) == lane:
            site = catalogue.items[key].unit == "site"
            return watching.index(key), (1.0 / number if site else 0.0)
    return None
