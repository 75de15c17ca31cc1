"""People at the line: gates, who is cut off, false challenges and harm, and what is owed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.law_tables import bound_states
from vallum.brief.page_text import THIN, between, count, linked, listed, percent, plain
from vallum.works.duties import bound_duties
from vallum.works.law import load_law

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.works.duties import Duty
    from vallum.works.people import PeopleAtLine

__all__ = ["cuts", "owed", "people"]

_LEAST = 0.005  # of a gate
KINDS = {"road": "on roads", "herders": "herders", "traders": "traders off the roads",
         "fleeing": "people fleeing"}  # fmt: skip


def people(plan: Plan, found: PeopleAtLine) -> dict[str, Any]:
    """Say what a line is to those who live with it.

    Parameters
    ----------
    plan
        To read.
    found
        A year's people at one line.

    Returns
    -------
    dict
        `lead`, sentences; `rows`, a row per kind: who, gate, gates, and pairs of figure and range
        for people who pass, cut off, challenged, harmed; `gates`, a row per gate: name, whom it
        serves, number, share of intruders found.
    """
    return {
        "lead": _lead(found),
        "rows": [_row(plan, str(kind), row) for kind, row in found.table.iterrows()],
        "gates": [
            [
                _text(plan, str(key)),
                ", ".join(KINDS.get(k, k) for k in str(row["serves"]).split(", ")),
                plain(float(row["gates"])),
                (
                    f"{percent(row['p_stop'])} "
                    f"({plain(100 * row['p_stop_low'])}–{plain(100 * row['p_stop_high'])})"
                ),
            ]
            for key, row in found.gates.iterrows()
            if row["gates"] >= _LEAST
        ],
    }


_CLASSES = {1: "track", 2: "primary road", 3: "trunk road"}


def cuts(plan: Plan) -> dict[str, Any]:
    """List the roads and railways that the chosen plan's line really cuts; names and counts only.

    Parameters
    ----------
    plan
        To read.

    Returns
    -------
    dict
        `said`, a sentence; `rows`, the railways, then the roads by class, the widest first: name,
        class, times cut. Roads of one name and class are one row. No place of a cut is given.
    """
    table = plan.bill.roads
    if table is None or table.empty:
        return {"said": "The line as drawn cuts no road or railway that the theatre has.",
                "rows": []}  # fmt: skip
    named = table.assign(
        order=table["road_class"].where(table["kind"] == "road", 4),
        name=table["name"].fillna("").replace("", "without a name"),
    )
    joined = named.groupby(["order", "kind", "name"], sort=True)["cuts"].sum().reset_index()
    joined = joined.sort_values(
        ["order", "cuts", "name"], ascending=[False, False, True], kind="stable"
    )
    roads = table["kind"] == "road"
    count_of = [int(table.loc[rows, "cuts"].sum()) for rows in (roads, ~roads)]
    words = [
        f"{number:,} {one if number == 1 else many}".replace(",", THIN)
        for number, one, many in zip(
            count_of, ("time a road", "time a railway"), ("times roads", "times railways"),
            strict=True,
        )
        if number
    ]  # fmt: skip
    return {
        "said": (
            f"As drawn, the line of the step shown first cuts {listed(words)} of those that the "
            "theatre has. Of the other steps only the estimate by density above is given."
        ),
        "rows": [
            [
                str(row["name"]),
                _CLASSES.get(int(row["order"]), str(row["kind"])),
                f"{int(row['cuts'])}",
            ]
            for row in joined.to_dict("records")
        ],
    }


def owed(plan: Plan) -> dict[str, Any]:
    """Say what is owed to people who flee: `said`, and `duties` with those whom they bind."""
    duties = bound_duties(load_law().duties, bound_states(plan), serves="fleeing")
    names = listed([duty.name for duty in duties if not duty.everyone], most=8)
    return {
        "said": (
            "Gates for people fleeing stay open in every plan, and no setting closes them. They "
            f"are owed by the {names}."
        ),
        "duties": [_duty(plan, duty) for duty in duties],
    }


def _lead(found: PeopleAtLine) -> list[str]:
    """Say it in sentences."""
    table = found.table
    challenged, harmed, cut = (
        _told(_ends([float(table[f"{name}_{end}"].sum()) for end in ("low", "mid", "high")]))
        for name in ("challenges", "harmed", "people_cut_off")
    )
    shut = [KINDS[str(kind)] for kind in table.index[table["closed"].astype(bool)]]
    return [
        (
            "Every road, herding route and market path that the line cuts gets a gate: about "
            f"{plain(float(found.gates['gates'].sum()))}, for "
            f"{count(float(table['people_mid'].sum()))} people a year."
        ),
        (
            f"Some pass where no gate is, and are taken for intruders: {challenged} false "
            f"challenges a year. In them, on these assumptions, {harmed} civilians a year are "
            "killed or injured: expected harm, counted and never priced."
        ),
        f"Gates for {listed(shut)} are closed by the settings: {cut} people a year are cut off."
        if shut
        else "No gate is closed by the settings, so nobody is counted as cut off.",
    ]


def _row(plan: Plan, kind: str, row: Any) -> list[Any]:  # noqa: ANN401  (a row of a table)
    """Write one kind of people."""
    return [
        KINDS.get(kind, kind),
        "closed" if row["closed"] else _text(plan, str(row["gate"])),
        "0" if row["closed"] or row["gates"] < _LEAST else plain(float(row["gates"])),
        *(
            _ends([float(row[f"{name}_{end}"]) for end in ("low", "mid", "high")])
            for name in ("people", "people_cut_off", "challenges", "harmed")
        ),
    ]


def _ends(ends: list[float]) -> tuple[str, str]:
    """Write a figure and its range; what is below a tenth of a person is that."""
    low, mid, high = ends
    if high <= 0:
        return "0", ""
    if high < 0.1:
        return "under 0.1", ""
    said = "under 0.1" if mid < 0.1 else count(mid) if mid >= 10 else plain(mid, 1 + (mid >= 1))
    if f"{low:.2g}" == f"{high:.2g}":
        return said, ""
    return said, between(0.0 if low < 0.05 else low, high)


def _told(pair: tuple[str, str]) -> str:
    return f"{pair[0]} ({pair[1]})" if pair[1] else pair[0]


def _text(plan: Plan, key: str) -> str:
    items = plan.works.catalogue.items
    return items[key].text if key in items else key


def _duty(plan: Plan, duty: Duty) -> dict[str, Any]:
    """Write one duty and whom it binds."""
    names = plan.theatre.countries["name"]
    bound = []
    for iso3 in bound_states(plan):
        standing = duty.bound.get(iso3)
        if standing is not None and standing.binds():
            since = f" since {standing.since:%Y}" if standing.since else ""
            bound.append(f"{names[iso3]}{since}")
    return {
        "name": duty.name,
        "text": duty.text,
        "bound": "whoever builds" if duty.everyone else ", ".join(bound),
        "source": linked(duty.source),
    }
