"""Trade that grows as roads become safer: from attacks on corridors to real incomes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import qmc

from vallum.dividend.corridors import corridors
from vallum.dividend.losses import QUANTILE
from vallum.dividend.model import Stream
from vallum.dividend.roads import factors, zones
from vallum.dividend.trade import partial_trade, trade_in_changes
from vallum.dividend.tradeuses import OTHER_T, uses_of
from vallum.dividend.tradeworld import flows_of, real_income, surrogate
from vallum.kernel.ledger import Assumption

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.dividend.corridors import Corridor
    from vallum.dividend.model import Land
    from vallum.dividend.tradeuses import Use
    from vallum.dividend.tradeworld import Surrogate
    from vallum.theatre import Theatre
    from vallum.threat import Threat

    Floats = NDArray[np.float64]

__all__ = ["ASSUMPTIONS", "costs", "trade"]

PIRACY = "https://zendy.io/pdf-viewer/10.1111/jeea.12114"
ASSUMPTIONS = (
    QUANTILE,
    Assumption(
        "dividend.trade_elasticity",
        5.0,
        4.0,
        8.0,
        "1",
        "https://explore.openaire.eu/search/publication?pid=10.2139%2Fssrn.3526933 (Fontagne et "
        "al.: centred on 5); low: https://studylib.net/doc/12424280/ (Simonovska and Waugh: about "
        "four, nearly half of Eaton and Kortum's, which is the high)",
    ),
    Assumption(
        "dividend.trade_markup",
        0.1,
        0.05,
        0.5,
        "share of freight",
        f"{PIRACY}: attacks raised the price of freight by 8 to 12 % at sea; ends: judgement, "
        "roads under siege cost more; of the corridors' mean danger today",
    ),
    Assumption(
        "dividend.trade_freight_share",
        0.175,
        0.15,
        0.2,
        "share of value in 1,000 km",
        "https://dlca.logcluster.org/display/public/DLCA/3.2+Mali+Transporteurs: from ports about "
        "1,000 km away to Bamako, 15 to 20 % of the cost of imports",
    ),
    Assumption(
        "dividend.trade_lorries_hit",
        0.2,
        0.02,
        1.0,
        "lorries lost per attack",
        "judgement: of the attacks in a cell that a corridor passes, one in five costs a lorry",
    ),
    Assumption(
        "dividend.trade_gate_h",
        2.0,
        0.5,
        8.0,
        "h",
        "judgement: what a lorry waits at a gate of the line",
    ),
    Assumption(
        "dividend.trade_day",
        0.0145,
        0.006,
        0.023,
        "share of value per day",
        "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1989330 (Hummels and Schaur): a day "
        "in transit is worth a tariff of 0.6 to 2.3 %; value: the middle",
    ),
    Assumption(
        "dividend.trade_flows",
        1.0,
        0.6,
        1.8,
        "multiple",
        "judgement: the goods traded on the corridors, over the modes of trade.csv; its rows' own "
        "ranges are wider, and do not move together",
    ),
)
NAMES = tuple(one.key.rpartition(".")[2] for one in ASSUMPTIONS)
LORRY_T = 25.0  # load of a lorry; judgement
TRIALS = 32  # draws in which the stand-in is held against the whole model
MOST_FREIGHT = 0.5  # no corridor's freight is more than half of what its goods are worth
SAID = (
    (
        "The way of each corridor is the quickest by road and stays; what flies or goes by sea, "
        "and what does not cross a border, gets no change."
    ),
    (
        "A road that is closed outright is not in it: danger shows as dearer freight only, up to "
        "the mark-up's upper end."
    ),
    "Beyond the grid nothing is known of attacks: none are counted there, before or after.",
)


@dataclass(frozen=True, eq=False)
class _Model:
    """All that money follows from."""

    corridors: tuple[Corridor, ...]
    uses: tuple[Use, ...]
    curve: Floats  # (D, Z + 1): factors on attacks, from the draw that spares held land least
    stand_in: Surrogate
    spent: Floats  # (P,) USD/yr
    parties: int

    def change(self, values: Floats) -> Floats:
        """Say how delivered costs change, by use, shape (n, U)."""
        by_corridor = costs(self.corridors, _factor(self.curve, values[:, 0]), values)
        shares = np.column_stack([self._share(use, values) for use in self.uses])
        weights = np.array([use.weights for use in self.uses])
        return np.asarray(shares * (by_corridor @ weights.T), np.float64)

    def _share(self, use: Use, values: Floats) -> Floats:
        """Share of the goods that goes by road."""
        return np.asarray(values[:, len(ASSUMPTIONS) + use.share], np.float64)

    def money(self, values: Floats) -> Floats:
        """Give USD/yr by party, shape (n, P)."""
        gain = self.stand_in.at(values[:, 1], self.change(values))[:, : self.parties]
        usd = gain * self.spent * values[:, NAMES.index("trade_flows"), None]
        return np.asarray(np.round(usd), np.float64)  # whole dollars: the rest is rounding


def trade(theatre: Theatre, threat: Threat, land: Land) -> Stream:
    """Say what trade gains when its roads become safer.

    Parameters
    ----------
    theatre
        With its tables of trade, corridors and economy.
    threat, land
        What is to be expected of attacks, and what the campaign changes.

    Returns
    -------
    stream
        Of kind "trade": parties are the theatre's states that trade, members first. Without
        tables, corridors or a campaign it is 0, and says so.
    """
    states, flows = flows_of(theatre)
    shown = {str(name) for name in theatre.countries.index}
    parties = tuple(name for name in states if name in shown) or theatre.members
    laid = corridors(theatre, threat, land) if len(states) else ()
    uses, shares = uses_of(theatre, states, flows, laid)
    lacking = _lacking(states, uses, land)
    if lacking:
        return _nothing(parties, land, lacking)
    elasticity = ASSUMPTIONS[1]
    masks = [use.mask for use in uses]
    model = _Model(
        corridors=laid,
        uses=uses,
        curve=_curve(theatre, land),
        stand_in=surrogate(flows, masks, elasticity.low or 0.0, elasticity.high or 0.0),
        spent=flows.sum(0)[: len(parties)],
        parties=len(parties),
    )
    covered = land.timing.covered

    def yearly(values: Floats) -> Floats:
        return np.asarray(model.money(values)[:, :, None] * covered, np.float64)

    assumptions = (*ASSUMPTIONS, *shares)
    mids = np.array([[one.value for one in assumptions]], np.float64)
    return Stream(
        kind="trade",
        title="trade on safer roads",
        parties=parties,
        assumptions=assumptions,
        yearly=yearly,
        tables=MappingProxyType(
            {
                "corridors": _corridor_table(model, mids),
                "pairs": _pair_table(model, mids, states, flows),
                "states": _state_table(model, mids, parties, flows),
            }
        ),
        said=(_checked(model, assumptions, flows), *SAID),
    )


def _checked(model: _Model, assumptions: tuple[Assumption, ...], flows: Floats) -> str:
    """Hold the stand-in against the whole model over the ranges, and say how far it is off."""
    low, high = (np.array([getattr(one, end) for one in assumptions]) for end in ("low", "high"))
    shares = qmc.Halton(len(assumptions), scramble=False).random(TRIALS)
    values = low + shares * (high - low)
    change = model.change(values)
    masks = [use.mask for use in model.uses]
    true = np.array(
        [
            real_income(flows, masks, row[1], moved)
            for row, moved in zip(values, change, strict=True)
        ]
    )
    off = float(np.abs(model.stand_in.at(values[:, 1], change) - true).max())
    most = float(np.abs(true).max())
    return (
        "Real incomes come from a stand-in for the whole model of trade, a polynomial in costs and "
        f"elasticity. Over its assumptions' ranges it is off by {off / most if most else 0.0:.2%} "
        "of the greatest gain at most."
    )


def costs(laid: tuple[Corridor, ...], factor: Floats, values: Floats) -> Floats:
    """Say how the cost of goods on each corridor changes, as a share of their delivered value.

    Three parts: freight, whose mark-up for danger follows the attacks along the corridor; lorries
    lost; and the wait at gates of the line.

    Parameters
    ----------
    laid
        C corridors.
    factor
        On attacks by zone, shape (n, Z + 1).
    values
        Of `ASSUMPTIONS`, in order, shape (n, k).

    Returns
    -------
    change
        Below 0 where goods become cheaper, shape (n, C).
    """
    value = {name: values[:, number, None] for number, name in enumerate(NAMES)}
    km = np.array([one.km for one in laid])
    before = np.array([one.attacks.sum() for one in laid])
    after = factor @ np.array([one.attacks for one in laid]).T
    tons = np.array([one.freight_t_yr for one in laid])
    tons = np.where(np.isfinite(tons), tons, OTHER_T)
    mean = float((tons * before / km).sum() / tons.sum())
    danger = np.divide(value["trade_markup"], mean * km) if mean > 0 else np.zeros_like(km)
    freight = np.minimum(value["trade_freight_share"] * km / 1000.0, MOST_FREIGHT)
    marked = freight * danger * (after - before) / (1.0 + danger * before)
    lost = value["trade_lorries_hit"] * (after - before) * LORRY_T / tons
    gates = np.array([one.gates for one in laid])
    waited = gates * value["trade_gate_h"] / 24.0 * value["trade_day"]
    return np.asarray(marked + lost + waited, np.float64)


def _curve(theatre: Theatre, land: Land) -> Floats:
    """Order the draws by what held land is spared; other zones follow by least squares."""
    names, _ = zones(theatre, land)
    every = factors(land, names, np.arange(len(land.change)))
    change = land.change
    spared = (change["held_before"] - change["held_after"]).to_numpy(np.float64)
    order = np.argsort(spared, kind="stable")
    off = spared - spared.mean()
    spread = float(off @ off)
    slope = off @ every / spread if spread > 0 else np.zeros(len(names))
    smooth = np.maximum(every.mean(0) + off[:, None] * slope, 0.0)
    smooth[:, 0] = every[:, 0]
    return np.column_stack([smooth[order], np.ones(len(order))])


def _factor(curve: Floats, quantile: Floats) -> Floats:
    """Read the factors at quantiles; drawn in a triangle, each draw has the same chance."""
    q = np.clip(quantile, 0.0, 1.0)
    rank = np.where(q < 0.5, 2.0 * q**2, 1.0 - 2.0 * (1.0 - q) ** 2)
    places = (np.arange(len(curve)) + 0.5) / len(curve)
    return np.column_stack([np.interp(rank, places, column) for column in curve.T])


def _lacking(states: tuple[str, ...], uses: tuple[Use, ...], land: Land) -> str:
    """Say why nothing can be said, if so."""
    if not states:
        return "The theatre has no table of trade: no gain of trade is counted."
    if not uses:
        return "No pair of states trades along a corridor: no gain of trade is counted."
    if not len(land.change):
        return "Nothing was played: no road becomes safer, and trade gains nothing."
    return ""


def _nothing(parties: tuple[str, ...], land: Land, why: str) -> Stream:
    """Make the stream that gives 0, and says why."""
    horizon = land.timing.horizon

    def yearly(values: Floats) -> Floats:
        return np.zeros((len(values), len(parties), horizon))

    return Stream("trade", "trade on safer roads", parties, (), yearly, said=(why,))


def _corridor_table(model: _Model, mids: Floats) -> pd.DataFrame:
    """Tabulate the corridors at the assumptions' own values."""
    factor = _factor(model.curve, mids[:, 0])
    change = costs(model.corridors, factor, mids)[0]
    freight_share = mids[0, NAMES.index("trade_freight_share")]
    rows = []
    for one, share in zip(model.corridors, change, strict=True):
        price = one.usd_tkm * one.km
        worth = price / min(freight_share * one.km / 1000.0, MOST_FREIGHT)
        rows.append(
            {
                "corridor": one.name,
                "km": one.km,
                "hours": one.hours,
                "risk_before": float(one.attacks.sum()),
                "risk_after": float(factor[0] @ one.attacks),
                "usd_t_before": price,
                "usd_t_after": price + share * worth,
                "held_share": one.held_share,
                "gates": one.gates,
                "freight_t_yr": one.freight_t_yr,
            }
        )
    return pd.DataFrame(rows)


def _cost(model: _Model, mids: Floats, flows: Floats) -> Floats:
    """Give the change of cost of each pair, shape (N, N)."""
    cost = np.ones_like(flows)
    for use, share in zip(model.uses, model.change(mids)[0], strict=True):
        cost = cost + use.mask * share
    return cost


def _pair_table(
    model: _Model, mids: Floats, states: tuple[str, ...], flows: Floats
) -> pd.DataFrame:
    """Give pairs whose cost changes: the whole model's flows beside the partial one's."""
    cost = _cost(model, mids, flows)
    whole = trade_in_changes(flows, cost, mids[0, 1]).flows_hat
    part = partial_trade(flows, cost, mids[0, 1]).flows_hat
    here, there = np.nonzero((cost != 1.0) & (flows > 0))
    return pd.DataFrame(
        {
            "origin": [states[number] for number in here],
            "destination": [states[number] for number in there],
            "usd_yr": flows[here, there],
            "cost_change": cost[here, there] - 1.0,
            "flow_change": whole[here, there] - 1.0,
            "partial_change": part[here, there] - 1.0,
        }
    )


def _state_table(
    model: _Model, mids: Floats, parties: tuple[str, ...], flows: Floats
) -> pd.DataFrame:
    """Give each state's gain by the whole model, by its stand-in, and if only its imports count."""
    cost = _cost(model, mids, flows)
    whole = trade_in_changes(flows, cost, mids[0, 1]).welfare_hat - 1.0
    count = len(parties)
    return pd.DataFrame(
        {
            "state": parties,
            "usd_yr": model.money(mids)[0],
            "whole_usd_yr": whole[:count] * model.spent,
            "partial_usd_yr": ((1.0 - cost) * flows).sum(0)[:count],
            "spent_usd_yr": model.spent,
        }
    )
