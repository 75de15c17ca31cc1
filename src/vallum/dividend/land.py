"""What the land bears: farming, herding and mining secured, and herders' routes that are cut."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vallum.campaign.harm import harm
from vallum.dividend.model import Stream
from vallum.dividend.outside import economy_figure
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.model import Land
    from vallum.theatre import Theatre
    from vallum.threat import Threat
    from vallum.works import Works
    from vallum.worth import Worth

    Floats = NDArray[np.float64]

__all__ = ["farming", "herding", "journeys_cut", "output_secured"]

TILLED, WATER = (3, 4), (0, 5)  # codes of the surface: soil and wetland; sea and water
SORTS = ("farming", "herding", "mining")
MINES = ("mine",)
FARMS = ("irrigation", "fishery")
KEY = "dividend.herding_"
_TENTH = 5e4  # head a year: fewer are no tenth of a million
SPLIT = (
    "A split of the losses averted that are counted already: the part that falls on farming, "
    "herding and mining on held land. It is not added again."
)
CENSUS = "https://rimweb.net/2025/03/27/la-mauritanie-compte-un-total-de-29-millions-tetes-de-betail-comprenant-bovins-camelins-ovins-et-caprins"
EARLIER = "https://www.thenewhumanitarian.org/fr/actualit%C3%A9s/2006/05/05/nouvel-accord-sur-la-transhumance-entre-la-mauritanie-et-le-s%C3%A9n%C3%A9gal"
CRISIS = "https://maliweb.net/societe/crise-pastorale-severe-dans-le-sahel-occidental-frontiere-mali-mauritanie-menace-de-mort-sur-75-du-cheptel-de-plus-de-40-000-tetes-de-bovins-2763490.html?amp=1"
HERDS = "https://docslib.org/doc/4656722/typology-of-cattle-herds-in-transhumance-in-the-municipality-of-djidja-in-southern-benin-azalou-maximilien-assani-s"
DOCUMENTED = (
    "Documented: 45 % of Mauritania's 29 million head are on the move, and 30 % beyond the "
    f"borders ({CENSUS}); more than a million crossed to Mali and Senegal in a season, three or "
    f"four in a drought ({EARLIER})."
)


def output_secured(
    theatre: Theatre, worth: Worth, held: NDArray[np.bool_], place: str = "mode"
) -> pd.DataFrame:
    """Split the output of held land by what makes it.

    Parameters
    ----------
    theatre
        Sites, and `herding_share` of `economy`.
    worth
        Output by cell.
    held
        Cells held, shape (rows, cols).
    place
        Of the range of the herding share: "low", "mode" or "high".

    Returns
    -------
    table
        A row per member: `state`, `output_usd_yr` (all of it), `farming`, `herding` and `mining`
        (USD/yr, value added). Mining is the output of cells with a mine, as far as sites make it;
        farming and herding are what countrymen and farm sites make, by the state's herding share.
        A state without that share has its herding in farming.
    """
    mines = _cells_of(theatre, MINES)
    farms = _cells_of(theatre, FARMS)
    country = worth.output - worth.urban_output - worth.site_output
    rows = []
    for state in theatre.members:
        mask = theatre.state_mask(state) & held
        share = economy_figure(theatre, state, "herding_share", "")
        part = 0.0 if share is None else _place(share, place)
        mined = float(worth.site_output[mask & mines].sum())
        # a cell with both a mine and a perimeter counts as mining: no cell counts twice
        farmed = float(worth.site_output[mask & farms & ~mines].sum())
        grown = float(country[mask].sum())
        rows.append(
            (state, float(worth.output[mask].sum()), farmed + grown * (1 - part), grown * part,
             mined)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["state", "output_usd_yr", *SORTS])


def farming(theatre: Theatre, worth: Worth, threat: Threat, land: Land) -> Stream:
    """Say what part of the losses averted falls on farming, herding and mining.

    Parameters
    ----------
    theatre, worth
        Sites and output by cell.
    threat
        With the theatre, the range of what an attack costs.
    land
        What is held, and attacks on it before and after.

    Returns
    -------
    Stream
        Of kind "farming", a party per member, and not counted: a split of the stream "losses" by
        each state's output on held land. Table `secured`: a row per state and sort.
    """
    low, _, high = harm(theatre, threat)[2]["lost_usd"]
    # the same assumption as in the stream of losses, which this is a part of
    factor = Assumption(
        "dividend.lost_per_attack", 1.0, low, high, "multiple",
        "output lost by an attack, over the threat stage's own: its range, as in the campaign",
    )  # fmt: skip
    table = _secured(theatre, worth, land)
    averted = table.groupby("state")["averted_usd_yr"].sum().reindex(list(theatre.members))
    usd, covered = averted.fillna(0.0).to_numpy(np.float64), land.timing.covered

    def yearly(values: Floats) -> Floats:
        return np.asarray(values[:, :1, None] * usd[:, None] * covered, np.float64)

    return Stream(
        kind="farming",
        title="of losses averted: farming, herding and mining",
        parties=theatre.members,
        assumptions=(factor,),
        yearly=yearly,
        tables=MappingProxyType({"secured": table}),
        said=(SPLIT,) if land.held.any() else (SPLIT, "No land is held, so nothing is secured."),
        counted=False,
    )


def _secured(theatre: Theatre, worth: Worth, land: Land) -> pd.DataFrame:
    """Give output secured and losses averted by state and sort."""
    by = {end: output_secured(theatre, worth, land.held, end) for end in ("low", "mode", "high")}
    targets, spared = land.targets, {}
    if len(targets) and land.held.any():
        on = targets[targets["side"] == "held"]
        usd = (on["before"] - on["after"]) * on["lost_usd_per_attack"]
        spared = usd.groupby(on["iso3"]).sum().to_dict()
    output = by["mode"]["output_usd_yr"].to_numpy(np.float64)
    parts = {end: table[list(SORTS)].to_numpy(np.float64) for end, table in by.items()}
    rows = []
    for at, state in enumerate(theatre.members):
        whole = float(output[at])
        for n, sort in enumerate(SORTS):
            ends = sorted(float(table[at, n]) for table in parts.values())
            made = float(parts["mode"][at, n])
            saved = float(spared.get(state, 0.0)) * made / whole if whole > 0 else 0.0
            rows.append(
                (state, sort, ends[0], made, ends[-1], saved, *_extent(theatre, land, state, sort))
            )
    names = ["state", "sort", "low_usd_yr", "output_usd_yr", "high_usd_yr", "averted_usd_yr",
             "held_km2", "all_km2", "sites_held", "sites"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _extent(theatre: Theatre, land: Land, state: str, sort: str) -> tuple[float, float, int, int]:
    """Give the land of a sort that is held, and all of it, km², and likewise sites.

    Farming is on soil and wetland, herding on all land but water; mines have sites and no land.
    """
    surface = theatre.ground["surface"].to_numpy()
    ground = {"farming": np.isin(surface, TILLED), "herding": ~np.isin(surface, WATER)}.get(
        sort, np.zeros(surface.shape, bool)
    )
    mine = ground & theatre.state_mask(state)
    km2 = theatre.grid.cell_km2
    kinds = {"farming": FARMS, "mining": MINES}.get(sort, ())
    sites = theatre.sites[theatre.sites["row"] >= 0]
    own = sites[(sites["state"] == state) & sites["kind"].isin(kinds)]
    on = land.held[own["row"].to_numpy(int), own["col"].to_numpy(int)] if len(own) else np.zeros(0)
    return float((mine & land.held).sum()) * km2, float(mine.sum()) * km2, int(on.sum()), len(own)


def journeys_cut(theatre: Theatre, works: Works, land: Land) -> Floats:
    """Count the journeys of herds that cross the line in a year.

    Parameters
    ----------
    theatre
        Whose land is whose.
    works
        Journeys per km of line, by cell.
    land
        What is held, and how long the line is.

    Returns
    -------
    journeys
        By member, whose side of the line they come to, shape (P,). The line stands on the held
        cells that have a side towards land that is not held, in proportion to such sides.
    """
    sides = _sides(land.held, theatre.ground["state"].to_numpy() >= 0)
    if works.gates is None or not sides.any():
        return np.zeros(len(theatre.members))
    per_km = works.gates.crossed.journeys["herders"]
    laid = sides / sides.sum() * land.line_km
    return np.array(
        [float((laid * per_km)[theatre.state_mask(state)].sum()) for state in theatre.members]
    )


def herding(theatre: Theatre, works: Works, land: Land) -> Stream:
    """Say what herders lose whose routes the line cuts.

    Parameters
    ----------
    theatre
        Heads and their value, of `economy`.
    works
        Journeys of herds, and whether gates are open to them.
    land
        What is held, the length of the line, when it works.

    Returns
    -------
    Stream
        Of kind "herding", a party per member; a cost. A herd that passes a gate loses days; one
        that turns back, or finds no gate, loses a season's pasture. Table `herds`: a row per state.
    """
    parties = theatre.members
    cut = journeys_cut(theatre, works, land)
    gates = works.gates
    closed = gates is not None and "herders" in gates.closed
    low, high = (
        (1.0, 1.0)
        if gates is None
        else (float(gates.crossed.low["herders"]), float(gates.crossed.high["herders"]))
    )
    found = [
        economy_figure(theatre, state, "livestock_usd_head", f"{KEY}usd_head_{state}")
        for state in parties
    ]
    priced = [at for at, one in enumerate(found) if one is not None]
    common = _common(low, high)
    covered = land.timing.covered

    def yearly(values: Floats) -> Floats:
        journeys, head, days, day, turned, season = values[:, : len(common)].T
        away = np.ones_like(turned) if closed else turned
        lost = journeys * head * ((1 - away) * days * day + away * season)
        usd = np.zeros((len(values), len(parties)))
        usd[:, priced] = lost[:, None] * cut[priced] * values[:, len(common) :]
        return np.asarray(-usd[:, :, None] * covered, np.float64)

    table = _herds(theatre, cut, float(common[1].value or 0.0))
    return Stream(
        kind="herding",
        title="herders' routes cut",
        parties=parties,
        assumptions=(*common, *(one for one in found if one is not None)),
        yearly=yearly,
        tables=MappingProxyType({"herds": table}),
        said=_said(table, closed=closed, built=bool(land.held.any())),
    )


def _common(low: float, high: float) -> tuple[Assumption, ...]:
    """List what all states share, in the order of the columns."""
    head = (
        f"judgement: as in the threat stage: herds on the move in Benin, 102, 80 and 53 head "
        f"({HERDS}); high: flocks of sheep and goats are larger"
    )
    wait = (
        "judgement: a detour of 15 km to a gate is a day's walk; low: a gate on the way; high: "
        "papers and vaccination are asked for"
    )
    day = (
        "judgement: a herd yields about a quarter of its value a year, 0.07 % a day, and herders' "
        "pay and lost weight come on top; low: half of the yield is lost; high: a waterless halt"
    )
    turn = "judgement: gates are open to herds; some have no papers or fear the post"
    season = (
        "judgement: a season without the other side's pasture costs bought feed and sales in "
        "haste; high: half of the herds was in danger in the bad season of 2018, of which a part "
        f"dies ({CRISIS})"
    )
    return (
        Assumption(
            f"{KEY}journeys",
            1.0,
            low,
            high,
            "times",
            "journeys of herds, as the works stage has them, with their range",
        ),
        Assumption(
            f"{KEY}head",
            90.0,
            50.0,
            200.0,
            "head per herd",
            head,
        ),
        Assumption(f"{KEY}days", 1.0, 0.25, 4.0, "days per crossing", wait),
        Assumption(
            f"{KEY}day_loss", 0.001, 0.0003, 0.003, "share of the herd's value per day", day
        ),
        Assumption(f"{KEY}turned", 0.05, 0.0, 0.3, "share of journeys", turn),
        Assumption(f"{KEY}season_loss", 0.04, 0.01, 0.15, "share of the herd's value", season),
    )


def _herds(theatre: Theatre, cut: Floats, head: float) -> pd.DataFrame:
    """Set the herds that cross beside the herds that there are."""
    rows = []
    for state, journeys in zip(theatre.members, cut, strict=True):
        known = economy_figure(theatre, state, "livestock_head", "")
        every = np.nan if known is None or known.value is None else known.value
        rows.append((state, float(journeys), float(journeys) * head, every))
    return pd.DataFrame(rows, columns=["state", "journeys_yr", "head_passes_yr", "livestock_head"])


def _said(table: pd.DataFrame, *, closed: bool, built: bool) -> tuple[str, ...]:
    """Say what the line means to herders."""
    if not built:
        return ("No land is held, so no route of herders is cut.",)
    out = [
        _crossing(str(row["state"]), float(row["journeys_yr"]), float(row["head_passes_yr"]))
        for _, row in table.iterrows()
    ]
    shut = "No gate is open to herds: every journey is lost."
    paid = "The gates themselves are a cost of their own; here is what herders lose at them."
    return (*out, DOCUMENTED, shut if closed else paid)


def _sides(held: NDArray[np.bool_], ground: NDArray[np.bool_]) -> Floats:
    """Count the sides of each held cell that lie towards land that is not held."""
    other = np.pad(ground & ~held, 1)
    near = [other[:-2, 1:-1], other[2:, 1:-1], other[1:-1, :-2], other[1:-1, 2:]]
    return np.asarray(np.sum(near, axis=0) * held, np.float64)


def _cells_of(theatre: Theatre, kinds: tuple[str, ...]) -> NDArray[np.bool_]:
    """Mark cells with sites of some kinds."""
    out = np.zeros(theatre.grid.shape, np.bool_)
    sites = theatre.sites[theatre.sites["kind"].isin(kinds)]
    row, col = (sites[name].to_numpy(np.int64) for name in ("row", "col"))
    inside = (row >= 0) & (row < out.shape[0]) & (col >= 0) & (col < out.shape[1])
    out[row[inside], col[inside]] = True
    return out


def _place(one: Assumption, place: str) -> float:
    """Read an end of an assumption's range, or its value."""
    value = {"low": one.low, "mode": one.value, "high": one.high}[place]
    return float(value or 0.0)


def _crossing(state: str, journeys: float, head: float) -> str:
    """Say how many herds cross on the side of a state, in a unit that fits."""
    if journeys < 1.0:
        return f"Next to no herds cross the line on the side of {state}."
    said = f"{head / 1e6:.1f} million head" if head >= _TENTH else f"{round(head, -2):,.0f} head"
    return (
        f"Herds cross the line {journeys:,.0f} times a year on the side of {state}, {said}, "
        "each pass counted."
    )
