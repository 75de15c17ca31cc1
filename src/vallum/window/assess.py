"""The verb: is the opening real, and does it last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from vallum.errors import Fault, InputError
from vallum.window.changes import changes
from vallum.window.climate import NO_DATA, climate, ledger
from vallum.window.influence import influence
from vallum.window.level import Prior
from vallum.window.model import Opening, Part, Window
from vallum.window.opening import Load, Sought, opening
from vallum.window.outlook import back_test, outlook, summary
from vallum.window.panel import deduplicate, monthly, pairs
from vallum.window.readers.gdelt import read_gdelt, read_panel
from vallum.window.readers.icews import read_icews
from vallum.window.readers.ideal import distances, read_ideal_points
from vallum.window.readers.plain import read_plain
from vallum.window.readers.polecat import read_polecat
from vallum.window.record import agreement, leave_one_out, record
from vallum.window.scales import plover_quads
from vallum.window.settings import assumptions, ends
from vallum.window.stability import listed, ranged, stability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vallum.accord.model import Accord
    from vallum.theatre import Theatre
    from vallum.window.climate import Climate
    from vallum.window.settings import WindowSettings
    from vallum.window.stability import Scenario

    Floats = NDArray[np.float64]

__all__ = ["assess", "events_table"]

YEARS = 20  # of a state's own troubles, in whose greatest the last is measured
QUIET, LOUD = 0.1, 0.9  # of a pair's own months, beyond which an indicator warns
COUNTED = (
    "event", "date", "date_precision", "actor", "target", "pair", "goldstein", "kind", "text",
    "source",
)  # fmt: skip


class _Pair(NamedTuple):
    """A pair with a climate: its row, name, mean weights and counts by month."""

    row: int
    name: str
    means: Floats
    counts: Floats


def assess(
    theatre: Theatre,
    accord: Accord | None,
    settings: WindowSettings,
    *,
    programme_months: int,
    seed: int,
) -> Window:
    """Measure relations, the opening, influence, and whether the accord stays together.

    Parameters
    ----------
    theatre
        With members and partner; its trade, corridors and deaths are used.
    accord
        Of the plan; None where none was reckoned.
    settings
        Events, weights, scenarios.
    programme_months
        Until all is covered.
    seed
        Of the draws.

    Returns
    -------
    Window
        With "no data" wherever there is none: a theatre whose members are not in the events has
        no climate, and says so.

    Raises
    ------
    InputError
        If the events can't be read.
    """
    rng = np.random.default_rng(seed)
    frame, source = _events(theatre, settings)
    found = _climate(frame)
    known = _known(found)
    built_in = settings.events is None
    told = "" if known else f"{NO_DATA}: no pair of the theatre's states has events enough"
    game = None if accord is None else accord.game(accord.told)
    rule = "shapley" if accord is None else accord.rule
    every, least, most = _scenarios(settings)
    return Window(
        source=source,
        events=_listed(frame),
        climate=found,
        changes=_changes(found, known, rng),
        outlook=_outlook(known, settings.ahead),
        back_test=_back_test(known, settings.ahead),
        one_left_out=leave_one_out(frame) if built_in and len(frame) else pd.DataFrame(),
        agreement=_agreement(frame, rng) if built_in and len(frame) else pd.DataFrame(),
        opening=_opening(theatre, found, settings, programme_months, rng),
        background=_background(theatre, settings),
        influence=influence(theatre, frame, _security(accord), draws=settings.draws, rng=rng),
        stability=pd.DataFrame() if game is None else stability(game, every, rule),
        scenarios=pd.DataFrame() if game is None else ranged(game, every, (least, most)),
        indicators=_indicators(found, known, _sought(theatre)),
        status=told or "ok",
        seed=seed,
        ledger=(*assumptions(settings), *ledger(Prior())),
        fingerprint=theatre.fingerprint,
    )


def _scenarios(settings: WindowSettings) -> tuple[tuple[Scenario, ...], ...]:
    """List the scenarios as set, and with the least and the most that they may leave."""
    left = [ends(settings)[name] for name in ("mediation", "closed", "sanctioned")]
    return tuple(listed(*(one[end] for one in left)) for end in (1, 0, 2))


def events_table() -> pd.DataFrame:
    """Give the built-in record with its sources, the latest last.

    Returns
    -------
    table
        event, date, date_precision, actor, target, kind, cameo, plover, goldstein, text, source,
        disagree; an event among several states has a row for each pair, of one number.
    """
    names = ["event", "date", "date_precision", "actor", "target", "kind", "cameo", "plover",
             "goldstein", "text", "source", "disagree"]  # fmt: skip
    return record().sort_values(["date", "event"])[names].reset_index(drop=True)


def _events(theatre: Theatre, settings: WindowSettings) -> tuple[pd.DataFrame, str]:
    """Read the events among the theatre's states: the user's, or the built-in record."""
    states = tuple(str(iso3) for iso3 in theatre.countries.index)
    if settings.events is None:
        frame = record()
        frame = frame.assign(quad=plover_quads(frame["plover"]))
        inside = frame["actor"].isin(states) & frame["target"].isin(states)
        return frame[inside].reset_index(drop=True), "built-in record, 2020 to 2026"
    path = Path(settings.events)
    if not path.is_file():
        mend = "give the path of a file of events"
        raise InputError([Fault("window.events", str(path), "no such file", mend)])
    if settings.form == "table":
        read = read_plain(path)
    else:
        by = {"gdelt": read_gdelt, "icews": read_icews, "polecat": read_polecat}
        read = by[settings.form](path, states)
    frame, _ = deduplicate(read.frame)
    inside = frame["actor"].isin(states) & frame["target"].isin(states)
    return frame[inside].reset_index(drop=True), path.name


def _climate(frame: pd.DataFrame) -> Climate | None:
    """Estimate levels by month; None without events."""
    return climate(monthly(frame)) if len(frame) else None


def _known(found: Climate | None) -> list[_Pair]:
    """Give the pairs that have a climate."""
    if found is None:
        return []
    return [
        _Pair(row, pair, *found.series(pair))
        for row, pair in enumerate(found.pairs)
        if not found.status[row]
    ]


def _listed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the events for the time lines."""
    if not len(frame):
        return pd.DataFrame(columns=list(COUNTED))
    out = frame.assign(pair=pairs(frame).to_numpy())
    for name in ("date_precision", "kind", "text", "source"):
        if name not in out:
            out[name] = ""
    if "event" in out:  # an event between two of several is told once for each pair
        out = out.drop_duplicates(["event", "pair"])
    else:
        out["event"] = np.arange(len(out))
    return out[list(COUNTED)].sort_values("date").reset_index(drop=True)


def _changes(
    found: Climate | None, known: Sequence[_Pair], rng: np.random.Generator
) -> pd.DataFrame:
    """Find the turns of each pair."""
    rows: list[tuple[object, ...]] = []
    for pair in known:
        if found is None:
            break
        turned = changes(found.months, pair.means, pair.counts, rng)
        for one in turned.found:
            dates = (str(one.month), str(one.low), str(one.high))
            rows.append((pair.name, *dates, one.before, one.after, turned.p))
    return pd.DataFrame(rows, columns=["pair", "month", "low", "high", "before", "after", "p"])


def _outlook(known: Sequence[_Pair], ahead: Sequence[int]) -> pd.DataFrame:
    """Look ahead for each pair."""
    rows: list[tuple[object, ...]] = []
    for pair in known:
        seen = outlook(pair.means, pair.counts, ahead)
        for months, low, mid, high in zip(seen.ahead, seen.low, seen.mid, seen.high, strict=True):
            rows.append((pair.name, int(months), float(low), float(mid), float(high)))
    return pd.DataFrame(rows, columns=["pair", "ahead", "low", "mid", "high"])


def _back_test(known: Sequence[_Pair], ahead: Sequence[int]) -> pd.DataFrame:
    """Sum the back-tests of all pairs up."""
    tests = [back_test(pair.means, pair.counts, ahead) for pair in known]
    tests = [one for one in tests if len(one)]
    return summary(pd.concat(tests, ignore_index=True)).reset_index() if tests else pd.DataFrame()


def _agreement(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Say how two codings agree."""
    names = ["by", "events", "share", "kappa", "low", "high"]
    return pd.DataFrame(
        [[getattr(one, name) for name in names] for one in agreement(frame, rng)], columns=names
    )


def _sought(theatre: Theatre) -> tuple[tuple[Sought, ...], str | None]:
    """Name the pairs that the opening is made of, and the rival whose troubles count.

    The rival is the neighbour of most people beside the members and the partner. The first member
    is the one of most people, whose border the proposal is about.
    """
    countries = theatre.countries
    people = {str(i): float(n) for i, n in countries["people"].items()}
    members = sorted(theatre.members, key=lambda one: -people[one])
    partner = [str(i) for i in countries.index[countries["role"] == "partner"]]
    flank = countries[countries["role"] == "flank"]
    named = {str(i): str(n) for i, n in countries["name"].items()}
    rival = None
    if len(flank) and partner:
        near = [str(i) for i in flank.index if str(i) in _neighbours(theatre)]
        rival = max(near, key=lambda one: people[one], default=None)
    first = members[0]
    other = members[1] if len(members) > 1 else None
    out = []
    if rival is not None:
        out.append(_part("drift", first, rival, named, hostile=True))
    if partner and other is not None:
        out.append(_part("lean", other, partner[0], named))
    if other is not None:
        out.append(_part("members", first, other, named))
    if partner:
        out.append(_part("partner", first, partner[0], named))
    return tuple(out), rival


RIVAL = frozenset({"DZA"})  # of the built-in record: the proposal names it


def _neighbours(theatre: Theatre) -> frozenset[str]:
    """States that may be the rival: the one that the proposal names, else any flank."""
    states = {str(i) for i in theatre.countries.index}
    return RIVAL if states >= RIVAL else frozenset(states)


def _part(
    name: str, one: str, two: str, named: Mapping[str, str], *, hostile: bool = False
) -> Sought:
    """Name one part."""
    said = {
        "drift": f"{named[one]} and {named[two]} drifting apart",
        "lean": f"{named[one]} leaning to {named[two]}",
        "members": f"{named[one]} and {named[two]} with one another",
        "partner": f"{named[one]} and {named[two]}",
    }[name]
    return Sought(name, "-".join(sorted((one, two))), said, hostile)


def _background(theatre: Theatre, settings: WindowSettings) -> pd.DataFrame:
    """Say how far apart the opening's pairs vote, where the user gives ideal points."""
    if settings.ideal_points is None:
        return pd.DataFrame(columns=["pair", "year", "distance"])
    states = [str(iso3) for iso3 in theatre.countries.index]
    points = read_ideal_points(Path(settings.ideal_points), states)
    return distances(points, [one.pair for one in _sought(theatre)[0]])


def _of_panel(path: Path, rival: str | None, said: str) -> Load:
    """Measure the rival's own troubles by a panel: conflict of a year, of the most in twenty."""
    table = read_panel(path)
    own = table[table["iso3"] == rival].sort_values("month").tail(YEARS * 12)
    rolled = own["conflict"].astype(float).rolling(12).sum().dropna()
    if not len(rolled) or not float(rolled.max()) > 0:
        return Load(said, f"conflict events of {path.name}", None, None)
    last = pd.Timestamp(own["month"].iloc[-1])
    title = (
        f"conflict events in the year to {last:%Y-%m}, of the most in {YEARS} years ({path.name})"
    )
    return Load(said, title, float(rolled.iloc[-1]) / float(rolled.max()), last.year)


def _load(theatre: Theatre, rival: str | None, panel: str | None) -> Load:
    """Measure the rival's own troubles: deaths in its land, of the greatest of twenty years."""
    name = "" if rival is None else str(theatre.countries.loc[rival, "name"])
    said = f"{name} absorbed by its own troubles" if name else "the rival's own troubles"
    if panel is not None:
        return _of_panel(Path(panel), rival, said)
    table = theatre.deaths_year
    own = table[table["iso3"] == rival] if rival is not None else table[:0]
    own = own.sort_values("year").tail(YEARS)
    most = float(own["deaths"].max()) if len(own) else 0.0
    if not len(own) or not most > 0:
        return Load(said, "deaths by organised violence, by year", None, None)
    year = int(own["year"].iloc[-1])
    title = (
        f"deaths by organised violence in {rival} in {year}, of the most in {len(own)} years (UCDP)"
    )
    return Load(said, title, float(own["deaths"].iloc[-1]) / most, year)


def _opening(
    theatre: Theatre,
    found: Climate | None,
    settings: WindowSettings,
    months: int,
    rng: np.random.Generator,
) -> Opening:
    """Weigh the opening; without any climate all parts are 'no data'."""
    sought, rival = _sought(theatre)
    load = _load(theatre, rival, settings.panel)
    ranged = ends(settings)
    if found is None:
        parts = [Part(one.name, one.said, one.pair, ranged[one.name], None, NO_DATA)
                 for one in sought]  # fmt: skip
        score = None if load.now is None else (load.now, load.now, load.now)
        parts.append(Part("load", load.said, load.title, ranged["load"], score, ""))
        return Opening(None, tuple(parts), pd.DataFrame(), None, None, months)
    return opening(
        found, sought, load, {name: ranged[name] for name in ("drift", "lean", "members",
                                                              "partner", "load")},
        open_at=ranged["open_at"], months=months, draws=settings.draws, rng=rng,
    )  # fmt: skip


def _security(accord: Accord | None) -> dict[str, dict[str, float]]:
    """Give by member the share of the tasks' cost on its ground that outside states bear."""
    if accord is None or accord.joint is None or accord.joint.forces is None:
        return {}
    tasks = accord.joint.forces.tasks
    if tasks is None:
        return {}
    table = tasks.by_regime["joint_with_partner"].table
    ground = accord.joint.forces.sectors.set_index(
        accord.joint.forces.sectors["sector"].astype(str)
    )["state"]
    where = table["sector"].astype(str).map(ground)
    out: dict[str, dict[str, float]] = {}
    for member in sorted(set(where.dropna())):
        own = table[where == member]
        total = float(own["cost_usd_yr"].sum())
        if total > 0:
            by = own.groupby("state")["cost_usd_yr"].sum() / total
            out[str(member)] = {str(state): float(share) for state, share in by.items()}
    return out


def _indicators(
    found: Climate | None,
    known: Sequence[_Pair],
    sought: tuple[tuple[Sought, ...], str | None],
) -> pd.DataFrame:
    """Give an early warning for each pair of the opening: an end of its own months so far."""
    names = ["name", "pair", "now", "threshold", "side", "passed", "said"]
    rows = []
    by = {pair.name: pair.row for pair in known}
    for one in sought[0]:
        row = by.get(one.pair)
        if row is None or found is None:
            continue
        seen = found.means[row][found.counts[row] > 0]
        edge = float(np.quantile(seen, LOUD if one.hostile else QUIET))
        now = float(found.mid[row, -1])
        side = "above" if one.hostile else "below"
        passed = now > edge if one.hostile else now < edge
        said = f"the level {side} {edge:.1f}, the end of nine months in ten with events so far"
        rows.append((one.said, one.pair, now, edge, side, passed, said))
    return pd.DataFrame(rows, columns=names)
