"""What it costs, by state and year: works when they are built and renewed, and men from then on.

The line is the same as in the line stage, and so are its prices: capital as a yearly payment over
its life, with upkeep and men, adds up to the line stage's cost. Here capital is paid when it is
built, and again when it is worn out.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.dividend.model import Stream
from vallum.kernel.ledger import Assumption
from vallum.line.billed import bill_of
from vallum.line.course import Course, carried
from vallum.line.trace import Rim
from vallum.works.span import priced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.dividend.settings import DividendSettings
    from vallum.forces import Forces
    from vallum.line import Line
    from vallum.theatre import Theatre
    from vallum.works import Bill, Works, WorksSettings
    from vallum.worth import Worth

    Floats = NDArray[np.float64]

__all__ = ["costs", "outlays"]

PER_1000 = 1000.0
ITEMS = ("party", "item", "role", "life_yr", "capital_usd", "upkeep_usd_yr", "men", "end_usd",
         "cost_usd_yr")  # fmt: skip
BILL = "the bill's ends over its value, all of its figures together (works.ledger)"


@dataclass(frozen=True, eq=False)
class _Costs:
    """What a line is made of, and what it rests on.

    Attributes
    ----------
    parties
        The members.
    items
        `ITEMS`: a row per state whose land the line stands on, and item.
    people, km2
        Held, by party.
    build
        Share of a party's capital that is paid in each year, shape (P, H).
    covered
        Shape (H,).
    guards
        Share of the line's men that each party gives, shape (P,); None: by where they stand.
    """

    parties: tuple[str, ...]
    items: pd.DataFrame
    people: Floats
    km2: Floats
    build: Floats
    covered: Floats
    guards: Floats | None


def costs(  # noqa: PLR0913  (the stages' results)
    theatre: Theatre,
    worth: Worth,
    works: Works,
    line: Line,
    forces: Forces,
    land: Land,
    *,
    how: WorksSettings,
    settings: DividendSettings,
) -> tuple[Stream, ...]:
    """Say what a held land costs its members, by state and year.

    Parameters
    ----------
    theatre, worth, works, line, forces
        Results of the earlier stages.
    land
        Whose line it is.
    how
        The settings that the works were priced with.
    settings
        Delay of a line that has no programme.

    Returns
    -------
    streams
        "capital" (when built, and again when worn out), "upkeep", "men" (on the line and on held
        land), "gates" (all that they take) and "clearance" (owed at the end of a life). All are 0
        or below. `tables["items"]` of the first is the bill by state.
    """
    bills = _bills(theatre, works, line, land, how)
    members = tuple(theatre.members)
    state = [theatre.state_mask(iso3) & land.held for iso3 in members]
    made = _Costs(
        parties=members,
        items=_items(bills, works),
        people=np.array([worth.people[on].sum() for on in state]),
        km2=np.array([on.sum() for on in state]) * theatre.grid.cell_km2,
        build=_build(members, forces, land, settings, own=land.step == line.step),
        covered=land.timing.covered,
        guards=_guards(members, forces) if land.step == line.step else None,
    )
    known = {row.key: row for row in (*works.ledger, *line.ledger)}
    return _streams(made, _factors(bills), known)


def outlays(
    capital: float, life_yr: float, build: Floats, *, end: float = 0.0
) -> tuple[Floats, Floats]:
    """Give what is paid for works by year: when built, and again each time they are worn out.

    Parameters
    ----------
    capital
        USD to build them once.
    life_yr
        Years they last, rounded to whole years.
    build
        Share that is built in each year, shape (H,).
    end
        USD owed at the end of each life.

    Returns
    -------
    paid, cleared
        USD of each year, shape (H,). The first building counts whole. A renewal counts for that
        share of its life that lies within the H years, so that nothing is left over at their end.

    Examples
    --------
    >>> outlays(100.0, 2, np.array([1.0, 0.0, 0.0]))[0].tolist()
    [100.0, 0.0, 50.0]
    """
    horizon = len(build)
    life = max(1, round(life_yr))
    paid, cleared = build * capital, np.zeros(horizon)
    for after in range(life, horizon, life):
        again = np.zeros(horizon)
        again[after:] = build[: horizon - after]
        left = np.minimum(1.0, (horizon - np.arange(horizon)) / life)
        paid, cleared = paid + again * left * capital, cleared + again * end
    return paid, cleared


def _bills(
    theatre: Theatre, works: Works, line: Line, land: Land, how: WorksSettings
) -> dict[str, Bill]:
    """Add up the bill of the line on each state's land; "" is the whole."""
    rim, prices = carried(line.plans.problem, land.held), priced(works, how)
    masks = {iso3: theatre.state_mask(iso3).ravel() for iso3 in theatre.members}
    masks[""] = np.ones(land.held.size, np.bool_)
    return {
        iso3: bill_of(
            works,
            Course((), (), Rim(rim.length_km * on, rim.cost_usd_yr * on)),
            how,
            prices=prices,
        )
        for iso3, on in masks.items()
    }


def _items(bills: Mapping[str, Bill], works: Works) -> pd.DataFrame:
    """Give a row per state and item."""
    rows = []
    for iso3, bill in bills.items():
        if not iso3:
            continue
        for key, row in bill.items.iterrows():
            item = works.catalogue.items[str(key)]
            rows.append(
                (
                    iso3,
                    str(key),
                    str(row["role"]),
                    float(item.life_yr.mode),
                    float(row["capital_usd_mid"]),
                    float(row["upkeep_usd_yr_mid"]),
                    float(row["men_mid"]),
                    float(row["quantity"]) * item.end_usd.mode,
                    float(row["cost_usd_yr_mid"]),
                )
            )
    return pd.DataFrame(rows, columns=list(ITEMS))


def _build(
    members: tuple[str, ...],
    forces: Forces,
    land: Land,
    settings: DividendSettings,
    *,
    own: bool,
) -> Floats:
    """Say in which years each member's works are paid for: as in the programme, else evenly."""
    horizon = land.timing.horizon
    if own and forces.programme is not None and len(forces.programme.cash):
        cash = forces.programme.cash
        year = cash["year"].to_numpy(int) - int(cash["year"].min())
        usd, state = cash["capital_usd"].to_numpy(np.float64), cash["state"].to_numpy(str)
        size = max(horizon, int(year.max()) + 1)
        whole = np.bincount(year, usd, size)
        rows = [np.bincount(year, usd * (state == iso3), size) for iso3 in members]
        if whole.sum() > 0:
            table = np.array([row if row.sum() > 0 else whole for row in rows])
            return np.asarray((table / table.sum(axis=1, keepdims=True))[:, :horizon])
    years = max(1, int(np.ceil(settings.delay_yr)))
    even = np.zeros(max(horizon, years))
    even[:years] = 1.0 / years
    return np.tile(even[:horizon], (len(members), 1))


def _guards(members: tuple[str, ...], forces: Forces) -> Floats | None:
    """Say what share of the line's men each member gives, by who guards which sector."""
    table = forces.sectors
    if not len(table) or not table["guard"].isin(members).all():
        return None
    men = table["men_paid"].to_numpy(np.float64)
    if not men.sum() > 0:
        return None
    guard = table["guard"].to_numpy(str)
    given = np.array([men[guard == iso3].sum() for iso3 in members], np.float64)
    return np.asarray(given / men.sum())


def _factors(bills: Mapping[str, Bill]) -> dict[str, Assumption]:
    """Give the prices of the works, and the men on duty, as multiples with their ranges."""
    out = {}
    for name, key, what in (
        ("capital_usd", "dividend.capital_price", "capital of the works"),
        ("upkeep_usd_yr", "dividend.upkeep_price", "upkeep of the works"),
        ("men", "dividend.line_men", "men on duty on the line"),
    ):
        low, mid, high = bills[""].totals[name]
        ends = (low / mid, high / mid) if mid > 0 else (1.0, 1.0)
        out[name] = Assumption(key, 1.0, *ends, "multiple", f"{what}: {BILL}")
    return out


def _streams(
    made: _Costs, factors: Mapping[str, Assumption], known: Mapping[str, Assumption]
) -> tuple[Stream, ...]:
    """Make the five streams."""
    gates = made.items["role"] == "gate"
    works, posts = made.items[~gates], made.items[gates]
    man, away = known["works.man_year_usd"], known["works.rotation"]
    people, area = known["line.men_per_1000_people"], known["line.men_per_1000_km2"]
    built, cleared = _paid(made, works)
    built_gates, _ = _paid(made, posts)
    covered = made.covered
    kept, kept_gates = _by(made, works, "upkeep_usd_yr"), _by(made, posts, "upkeep_usd_yr")
    guards, at_gates = _by(made, works, "men"), _by(made, posts, "men")
    if made.guards is not None:
        guards = made.guards * guards.sum()

    def capital(v: Floats) -> Floats:
        return np.asarray(-v[:, 0, None, None] * built)

    def upkeep(v: Floats) -> Floats:
        return np.asarray(-v[:, 0, None, None] * (kept[:, None] * covered))

    def men(v: Floats) -> Floats:
        factor, usd, turns, per_person, per_km2 = v.T[..., None]
        held = (per_person * made.people + per_km2 * made.km2) / PER_1000
        return np.asarray(-((factor * guards + held) * usd * turns)[:, :, None] * covered)

    def at_gate(v: Floats) -> Floats:
        price, keep, factor, usd, turns = v.T[..., None]
        running = keep * kept_gates + factor * at_gates * usd * turns
        return np.asarray(-price[..., None] * built_gates - running[:, :, None] * covered)

    def clearance(v: Floats) -> Floats:
        return np.asarray(-v[:, 0, None, None] * cleared)

    cost, keep, duty = factors["capital_usd"], factors["upkeep_usd_yr"], factors["men"]
    mined = "Nothing that is built leaves anything to clear: mines are barred."
    table = MappingProxyType({"items": made.items})
    return (
        Stream("capital", "building and renewing works", made.parties, (cost,), capital, table),
        Stream("upkeep", "keeping works", made.parties, (keep,), upkeep),
        Stream("men", "men on the line and on held land", made.parties,
               (duty, man, away, people, area), men, tables=_holding(made, guards, known)),
        Stream("gates", "gates and their guards", made.parties,
               (cost, keep, duty, man, away), at_gate),
        Stream("clearance", "clearing what is worn out", made.parties, (cost,), clearance,
               said=() if cleared.any() else (mined,)),
    )  # fmt: skip


def _paid(made: _Costs, items: pd.DataFrame) -> tuple[Floats, Floats]:
    """Give outlays and clearance by party and year, shape (P, H) each."""
    paid, cleared = np.zeros_like(made.build), np.zeros_like(made.build)
    for row in items.to_dict("records"):
        at = made.parties.index(str(row["party"]))
        out, end = outlays(
            float(row["capital_usd"]), float(row["life_yr"]), made.build[at],
            end=float(row["end_usd"]),
        )  # fmt: skip
        paid[at] += out
        cleared[at] += end
    return paid, cleared


def _by(made: _Costs, items: pd.DataFrame, name: str) -> Floats:
    """Add up a column by party, shape (P,)."""
    party, amount = items["party"].to_numpy(str), items[name].to_numpy(np.float64)
    return np.array([amount[party == iso3].sum() for iso3 in made.parties])


def _holding(
    made: _Costs, guards: Floats, known: Mapping[str, Assumption]
) -> Mapping[str, pd.DataFrame]:
    """Give men on duty by party at the assumptions' own values."""
    people = (known["line.men_per_1000_people"].value or 0.0) / PER_1000
    area = (known["line.men_per_1000_km2"].value or 0.0) / PER_1000
    table = pd.DataFrame(
        {
            "party": list(made.parties),
            "on_the_line": guards,
            "for_people_held": people * made.people,
            "for_land_held": area * made.km2,
        }
    )
    return MappingProxyType({"on_duty": table})
