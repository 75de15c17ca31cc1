"""The claim tested: that violence came into some regions through one state, not another way.

The data say *supports*, *contradicts* or *can't tell* by a rule that was fixed before they were
looked at (`judge`), and the power says what silence is worth: passing through a desert leaves no
events, so that none were recorded there is weak evidence.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from vallum.kernel.ledger import Assumption
from vallum.threat.claim.counts import count_test
from vallum.threat.claim.pairs import Points
from vallum.threat.claim.shift import shift_test
from vallum.threat.claim.words import listed, silence, verdict_sentence
from vallum.threat.claim.zones import Zones, find_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vallum.theatre import Theatre
    from vallum.threat.claim.chance import Case
    from vallum.threat.claim.settings import ClaimSettings

__all__ = ["Claim", "as_record", "assess_claim", "judge"]

ZONES = (
    "zone", "events", "pairs", "pairs_after", "expected", "ratio", "ratio_low", "ratio_high", "p",
    "power",
)  # fmt: skip
POWER = ("zone", "planted_share", "recorded_share", "power")


@dataclass(frozen=True, eq=False)
class Claim:
    """What the record of events says of the claim.

    Attributes
    ----------
    stated
        Whether the theatre has the claimed regions and the way in.
    verdict
        `supports`, `contradicts`, `can't tell` or `not stated`.
    sentence
        The same in plain English, with the numbers.
    zones
        One row per zone, the claimed way first, then its rivals, `elsewhere` and `inside` (events
        in the claimed regions themselves): zone, events, pairs and pairs_after (of an arrival and
        an event of the zone before and after it, in the main window), expected (pairs before, by
        chance), ratio with ratio_low and ratio_high, p (over all windows), power (to find
        `share_of_interest`; NaN where it was not computed).
    power
        zone, planted_share, recorded_share (of the precursors, how many leave an event that the
        table holds), power. A planted share of 0 gives the rate of false alarms.
    kind
        `located` (dated events with coordinates), `counts` (by region and year) or `none`.
    arrivals
        How many arrivals were tested.
    notes
        What limits it.
    ledger, seed
        Assumptions; of all draws.
    """

    stated: bool
    verdict: str
    sentence: str
    zones: pd.DataFrame
    power: pd.DataFrame
    kind: str
    arrivals: int
    notes: tuple[str, ...]
    ledger: tuple[Assumption, ...]
    seed: int


def assess_claim(theatre: Theatre, settings: ClaimSettings, *, seed: int) -> Claim:
    """Test the claim on a theatre's events.

    Parameters
    ----------
    theatre
        Its single events, or else its counts by region and year.
    settings
        The claim and the test.
    seed
        Of all draws; the same gives the same bytes.

    Returns
    -------
    Claim
        With its verdict `not stated` where the default claim is not about this theatre.

    Raises
    ------
    InputError
        If the user's own claim names regions or states that the theatre lacks.
    """
    zones = find_zones(theatre, settings)
    if zones is None:
        text = "No claim on the ways of violence is stated for this theatre."
        return Claim(
            stated=False, verdict="not stated", sentence=text, zones=_frame([], ZONES),
            power=_frame([], POWER), kind="none", arrivals=0, notes=(), ledger=(), seed=seed,
        )  # fmt: skip
    case, notes = _case(theatre, zones, settings, seed)
    if case is None:
        text = (
            f"The record can't tell by which way violence came into {listed(zones.claimed)}: it "
            f"holds no event there since {settings.first_year} that could be tested."
        )
        return Claim(
            stated=True, verdict="can't tell", sentence=text, zones=_frame([], ZONES),
            power=_frame([], POWER), kind="none", arrivals=0, notes=zones.notes + notes,
            ledger=_ledger(settings), seed=seed,
        )  # fmt: skip
    power = _power(case, zones, settings, seed)
    table = _zones(case, zones, power, settings)
    verdict = judge(table, power, settings)
    return Claim(
        stated=True, verdict=verdict,
        sentence=verdict_sentence(verdict, case, zones, table, settings, power),
        zones=table, power=power, kind=case.kind, arrivals=case.arrivals,
        notes=zones.notes + notes + case.notes + _gap(case, power, settings, seed)
        + silence(case, table, settings),
        ledger=_ledger(settings), seed=seed,
    )  # fmt: skip


def judge(zones: pd.DataFrame, power: pd.DataFrame, settings: ClaimSettings) -> str:
    """Give the verdict.

    *Supports*: the first zone's p is below alpha, and its ratio above 1 and above every rival's.
    *Contradicts*: it is not below alpha, and the power to find the share of interest is at least
    `power_wanted` even if few passages leave an event and few events are kept. Else *can't tell*.

    Parameters
    ----------
    zones, power
        As in `Claim`.
    settings
        alpha, power_wanted, share_of_interest, rivals.

    Returns
    -------
    verdict
        `supports`, `contradicts` or `can't tell`.
    """
    through, rivals = zones.iloc[0], zones.iloc[1 : 1 + len(settings.rivals)]
    if through["p"] < settings.alpha:
        above = through["ratio"] > max([1.0, *rivals["ratio"].dropna()])
        return "supports" if above else "can't tell"
    mine = power[
        (power["zone"] == through["zone"]) & (power["planted_share"] == settings.share_of_interest)
    ]
    enough = bool(len(mine)) and float(mine["power"].min()) >= settings.power_wanted
    return "contradicts" if enough else "can't tell"


def as_record(claim: Claim) -> dict[str, Any]:
    """Give a claim as plain values, for JSON; what is not known is None.

    Parameters
    ----------
    claim
        Of `assess_claim`.

    Returns
    -------
    dict
        stated, verdict, sentence, kind, arrivals, zones and power (a list of rows each; a zone's
        ratio as low, mid and high), notes, seed.
    """
    return {
        "stated": claim.stated,
        "verdict": claim.verdict,
        "sentence": claim.sentence,
        "kind": claim.kind,
        "arrivals": claim.arrivals,
        "zones": [_ranged(row) for row in _plain(claim.zones)],
        "power": _plain(claim.power),
        "notes": list(claim.notes),
        "seed": claim.seed,
    }


def _ranged(row: dict[str, Any]) -> dict[str, Any]:
    """Put a row's ratio and its range under one key."""
    ends = {"low": "ratio_low", "mid": "ratio", "high": "ratio_high"}
    kept = {key: value for key, value in row.items() if key not in ends.values()}
    return {**kept, "ratio": {end: row[key] for end, key in ends.items()}}


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, NaN as None."""
    return [
        {
            str(key): None if isinstance(value, float) and not np.isfinite(value) else value
            for key, value in row.items()
        }
        for row in table.to_dict("records")
    ]


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _case(
    theatre: Theatre, zones: Zones, settings: ClaimSettings, seed: int
) -> tuple[Case | None, tuple[str, ...]]:
    """Run the test that the theatre's data allow, and say what was left out of it."""
    if theatre.events.empty:
        return count_test(theatre, zones, settings, seed=seed), ()
    recent = theatre.events[theatre.events["year"] >= settings.first_year]
    dated = recent[recent["date"].notna()].sort_values(
        ["date", "lon", "lat", "event_id"], ignore_index=True
    )
    day = dated["date"].to_numpy("datetime64[D]").astype(np.int64)
    x, y = Transformer.from_crs(4326, theatre.grid.crs, always_xy=True).transform(
        dated["lon"].to_numpy(float), dated["lat"].to_numpy(float)
    )
    points = Points(day, np.column_stack([x, y]) / 1000.0, zones.of(theatre, dated))
    notes = []
    if len(recent) > len(dated):
        notes.append(f"{len(recent) - len(dated)} of {len(recent)} events have no day: left out")
    vague = int((dated["where_precision"].fillna(0) >= 4).sum())
    if vague:
        notes.append(f"{vague} of {len(dated)} events are placed no better than by their region")
    case = shift_test(
        points, _observed(theatre, recent), _places(theatre, zones), zones.names, settings,
        seed=seed,
    )  # fmt: skip
    return case, tuple(notes)


def _observed(theatre: Theatre, events: pd.DataFrame) -> NDArray[np.int64]:
    """Days since 1970 that the record covers: its complete years, its months, all with events."""
    months = {
        (int(year), month)
        for year in theatre.events_year["year"].unique()
        for month in range(1, 13)
    }
    for table in (theatre.events_month, events[events["month"].notna()]):
        pairs = zip(table["year"], table["month"], strict=True)
        months |= {(int(year), int(month)) for year, month in pairs}
    first = np.array([12 * (y - 1970) + m - 1 for y, m in sorted(months)], "datetime64[M]")
    spans = [
        np.arange(month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]"))
        for month in first
    ]
    return np.concatenate(spans).astype(np.int64)


def _places(theatre: Theatre, zones: Zones) -> list[NDArray[np.float64]]:
    """Centres of each zone's cells in km; of the whole grid's nearest edge where it has none."""
    region = theatre.ground["region"].to_numpy()
    zone = np.append(zones.of_region, -2)[region]  # region −1 takes the last
    x, y = np.meshgrid(theatre.grid.x / 1000.0, theatre.grid.y / 1000.0)
    places = []
    for number in range(len(zones.names)):
        mine = zone == number
        found = np.column_stack([x[mine], y[mine]])
        places.append(found if len(found) else np.full((1, 2), np.inf))
    return places


def _power(case: Case, zones: Zones, settings: ClaimSettings, seed: int) -> pd.DataFrame:
    """Compute how often a planted spread is found, by share and by what is recorded of it."""
    rates = settings.recorded
    shares = sorted({*settings.planted, settings.share_of_interest})
    wanted = [(0, 0.0, rates["mid"])]
    wanted += [(0, share, rates[key]) for share in shares for key in ("low", "mid", "high")]
    wanted += [
        (zone, share, rates["rival"]) for zone in range(1, len(zones.names)) for share in shares
    ]
    rows = []
    for number, (zone, share, recorded) in enumerate(wanted):
        found = case.detect(zone, share * recorded, np.random.default_rng((seed, 3, number)))
        rows.append(dict(zip(POWER, (zones.names[zone], share, recorded, found), strict=True)))
    return _frame(rows, POWER)


def _zones(case: Case, zones: Zones, power: pd.DataFrame, settings: ClaimSettings) -> pd.DataFrame:
    """Put the power at the share of interest beside each zone."""
    rates = settings.recorded
    rows = []
    for row in case.rows:
        recorded = rates["mid" if row.zone == zones.names[0] else "rival"]
        mine = power[
            (power["zone"] == row.zone)
            & (power["planted_share"] == settings.share_of_interest)
            & (power["recorded_share"] == recorded)
        ]
        found = float(mine["power"].iloc[0]) if len(mine) else float("nan")
        rows.append({**asdict(row), "power": found})
    return _frame(rows, ZONES)


def _gap(case: Case, power: pd.DataFrame, settings: ClaimSettings, seed: int) -> tuple[str, ...]:
    """Say what gaps in the record take from the power."""
    if not case.gap:
        return ()
    share, way = settings.share_of_interest, power["zone"].iloc[0]
    rate = share * settings.recorded["high"]
    whole = case.detect(0, rate, np.random.default_rng((seed, 4)), whole=True)
    known = power["power"][(power["zone"] == way) & (power["planted_share"] == share)].max()
    text = (
        f"the power to find {share:.0%} through {way} is {known:.0%} at best; with the same "
        f"arrivals and a record without gaps it would be {whole:.0%}; what the arrivals missing in "
        "the gap would add can't be said"
    )
    return (text,)


def _ledger(settings: ClaimSettings) -> tuple[Assumption, ...]:
    """List what the power rests on."""
    return (
        Assumption(
            "threat.claim.leaves_event", settings.leaves_event, settings.leaves_low,
            settings.leaves_high, "share of passages",
            "judgement: groups that cross thinly held desert avoid contact; Mauritania was free of "
            "attacks after 2011 but not of activity (https://ctc.westpoint.edu/?p=44516)",
        ),
        Assumption(
            "threat.claim.kept_share", settings.kept_share, settings.kept_low, settings.kept_high,
            "share of events", "judgement: tables are samples of a record that needs reports",
        ),
        Assumption(
            "threat.claim.share_of_interest", settings.share_of_interest, None, None,
            "share of arrivals",
            "judgement: under a quarter, a line along that way is not the first need",
        ),
    )  # fmt: skip
