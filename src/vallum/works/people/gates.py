"""Gates: how many a kilometre of line needs, what they cost, and whom closing one cuts off.

A gate is needed for every road that is cut, for as many journeys as one gate passes, and so that
nobody has to go too far along the line to the next one. With journeys r per km and year, a gate
that passes v a year, the farthest detour d (two gates stand 2d apart at most) and the fewest
journeys m that a gate is built for, a kind of people needs

    n = max( r/v, min( 1/(2d), r/m ) )   gates per km,

never fewer as journeys grow. A gate serves all whom its item serves, so an item's gates per km are
the most that any of its demands asks for, all its journeys together counting for what it passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.ledger import Assumption
from vallum.works.cost import price_items
from vallum.works.duties import KINDS, OPEN, refuse_closing
from vallum.works.law import check_states, load_law, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.works.catalogue import Catalogue, Item
    from vallum.works.people.crossings import Crossed
    from vallum.works.people.figures import PeopleFigures
    from vallum.works.settings import WorksSettings

__all__ = ["Gates", "chosen_gates", "gate_density"]


_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "capital_usd": "USD",
        "life_yr": "yr",
        "upkeep_usd_yr": "USD/yr",
        "men": "men",
        "journeys_yr": "journeys/yr",
        "search": "probability",
    }
)


@dataclass(frozen=True, eq=False)
class Gates:
    """The gates that a kilometre of line needs in each cell; all arrays have shape (rows, cols).

    Attributes
    ----------
    items
        By kind whose gates are open, the gate that serves it.
    per_km
        By id of a gate's item, gates per km of line.
    crossed
        What a kilometre of line crosses, whatever is closed.
    closed
        Kinds whose gates are closed.
    low, mode, high
        USD/km/yr. The ends swing the items' figures, then journeys and detours, each from its mode
        to its end, and combine the swings as the root of the sum of their squares.
    capital_usd, men
        Per km, at the modes; men are on duty, before rotation.
    """

    items: Mapping[str, Item]
    per_km: Mapping[str, NDArray[np.float64]]
    crossed: Crossed
    closed: tuple[str, ...]
    low: NDArray[np.float64]
    mode: NDArray[np.float64]
    high: NDArray[np.float64]
    capital_usd: NDArray[np.float64]
    men: NDArray[np.float64]

    @property
    def cut_off(self) -> Mapping[str, NDArray[np.float64]]:
        """By closed kind, journeys per km and year whose way is closed."""
        return MappingProxyType({kind: self.crossed.journeys[kind] for kind in self.closed})

    @property
    def ledger(self) -> tuple[Assumption, ...]:
        """What a gate passes and finds, and what it costs."""
        rows = []
        for item in {each.id: each for each in self.items.values()}.values():
            for name, unit in _UNITS.items():
                each = getattr(item, name)
                if each is not None:
                    key = f"works.{item.id}.{name}"
                    rows.append(Assumption(key, each.mode, each.low, each.high, unit, each.source))
        return tuple(rows)

    def of_kind(self, kind: str) -> NDArray[np.float64]:
        """Gates per km that are open to a kind; none where it is closed."""
        if kind in self.closed:
            return np.zeros_like(self.mode)
        return self.per_km[self.items[kind].id]


def chosen_gates(
    catalogue: Catalogue,
    settings: WorksSettings,
    *,
    closed: Sequence[str] = (),
    states: Sequence[str] = (),
) -> Mapping[str, Item]:
    """Choose the gate for each kind of people that is not shut out: the cheapest that serves it.

    Parameters
    ----------
    catalogue
        Its items of the role gate.
    settings
        Rate, man-year and rotation; what they exclude is not chosen.
    closed
        Kinds whose gates are closed, of "road", "herders", "traders".
    states
        ISO3 codes of the members and partners, for the refusals.

    Returns
    -------
    items
        By open kind, in the order of "road", "herders", "traders", "fleeing".

    Raises
    ------
    BarredError
        When "fleeing" is to be closed, or a gate carries a weapon.
    InputError
        When a kind or a state's code is not known, or no gate serves a kind that is open.
    """
    check_states(states)
    refuse_closing(closed, load_law().duties, states)
    gates = [item for item in catalogue.of_role("gate") if item.id not in settings.exclude]
    refuse(gates, states, where="gates")
    each = price_items(gates, np.eye(len(gates)), settings).mode if gates else np.empty(0)
    faults, out = [], {}
    for kind in KINDS:
        if kind in closed:
            continue
        serving = [n for n, gate in enumerate(gates) if kind in gate.serves]
        if serving:
            out[kind] = gates[min(serving, key=lambda n: (each[n], n))]
        else:
            mend = "add a gate that serves it" + ("" if kind == OPEN else ", or close it")
            found = "no gate of the catalogue serves it, less those left out by exclude"
            faults.append(Fault("works", f"gates: {kind}", found, mend))
    if faults:
        raise InputError(faults)
    return MappingProxyType(out)


def gate_density(
    crossed: Crossed,
    catalogue: Catalogue,
    figures: PeopleFigures,
    settings: WorksSettings,
    *,
    closed: Sequence[str] = (),
    states: Sequence[str] = (),
) -> Gates:
    """Say how many gates a kilometre of line needs in each cell, and what they cost in a year.

    Parameters
    ----------
    crossed
        What a kilometre of line crosses, from `vallum.works.people.crossings.crossed`.
    catalogue
        Its gates; the cheapest that serves a kind is built for it.
    figures
        Detours, and the fewest journeys that a gate is built for.
    settings
        Rate, man-year and rotation.
    closed
        Kinds that get no gate, of "road", "herders", "traders".
    states
        ISO3 codes of the members and partners, for the refusals.

    Returns
    -------
    Gates
        Per km of line in each cell.

    Raises
    ------
    BarredError, InputError
        As `chosen_gates`.
    """
    items = chosen_gates(catalogue, settings, closed=closed, states=states)
    per_km = _needed(crossed, items, figures)
    used = {item.id: item for item in items.values()}
    shape = crossed.all_roads.shape

    def priced(counts: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.stack([counts[key].ravel() for key in used], axis=1)

    cost = price_items(list(used.values()), priced(per_km), settings)
    # USD/yr of a gate at the modes prices the swings of what is counted
    unit = price_items(list(used.values()), np.eye(len(used)), settings).mode
    down, up = (cost.mode - cost.low) ** 2, (cost.high - cost.mode) ** 2
    for ends in _swung(crossed, items, figures):
        moved = [priced(each) @ unit - cost.mode for each in ends]
        down += np.minimum(np.minimum(*moved), 0) ** 2
        up += np.maximum(np.maximum(*moved), 0) ** 2
    laid = [
        frozen(each.reshape(shape))
        for each in (
            np.maximum(cost.mode - np.sqrt(down), 0.0),
            cost.mode,
            cost.mode + np.sqrt(up),
            cost.capital_usd,
            cost.men,
        )
    ]
    return Gates(
        items,
        MappingProxyType({key: frozen(each) for key, each in per_km.items()}),
        crossed,
        tuple(kind for kind in KINDS if kind in closed),
        *laid,
    )


def _swung(
    crossed: Crossed, items: Mapping[str, Item], figures: PeopleFigures
) -> Iterator[list[dict[str, NDArray[np.float64]]]]:
    """Gates per km with one figure that decides their number at its low and its high end.

    One after another: at 1 km all of them together would take gigabytes.
    """
    ends: dict[tuple[str, str], tuple[float, float]] = {}
    for kind, item in items.items():
        ends["journeys", kind] = crossed.low[kind], crossed.high[kind]
        for name in ("detour_km", "fewest_yr"):
            each = getattr(figures, name).get(kind)
            if each is not None:
                ends[name, kind] = each.low, each.high
        if item.journeys_yr is not None:
            ends["journeys_yr", item.id] = item.journeys_yr.low, item.journeys_yr.high
    for key, pair in ends.items():
        yield [_needed(crossed, items, figures, set_to={key: end}) for end in pair]


def _needed(
    crossed: Crossed,
    items: Mapping[str, Item],
    figures: PeopleFigures,
    *,
    set_to: Mapping[tuple[str, str], float] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Gates per km by item: for roads, for the detours of each kind, for all journeys together."""
    given = dict(set_to or {})

    def value(name: str, kind: str) -> float:
        return given.get((name, kind), float(getattr(figures, name)[kind].mode))

    needed: dict[str, NDArray[np.float64]] = {}
    load: dict[str, NDArray[np.float64]] = {}
    passes: dict[str, float] = {}
    none = np.zeros(crossed.all_roads.shape)
    for kind, item in items.items():
        rate = given.get(("journeys", kind), 1.0) * crossed.journeys[kind]
        if kind == "road":
            asked = crossed.all_roads
        else:
            every = 1 / (2 * value("detour_km", kind))
            asked = np.minimum(every, rate / value("fewest_yr", kind))
        needed[item.id] = np.maximum(needed.get(item.id, none), asked)
        load[item.id] = load.get(item.id, none) + rate
        most = item.journeys_yr.mode if item.journeys_yr is not None else np.inf
        passes[item.id] = given.get(("journeys_yr", item.id), most)
    return {key: np.maximum(needed[key], load[key] / passes[key]) for key in needed}
