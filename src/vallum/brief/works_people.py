"""People at the line: gates, who is cut off, false challenges and harm, and what is owed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.language import named, of_stage, say, say_n
from vallum.brief.law_rows import instrument_name
from vallum.brief.law_tables import bound_states
from vallum.brief.page_text import between, count, linked, listed, percent, plain, whole
from vallum.brief.works_names import serving
from vallum.works.duties import bound_duties
from vallum.works.law import load_law

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.works.duties import Duty
    from vallum.works.people import PeopleAtLine

__all__ = ["cuts", "owed", "people"]

_LEAST = 0.005  # of a gate
_MOST = 8  # instruments that are named
_RAILWAY = 4  # its place behind the classes of roads


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
    kinds = serving()
    return {
        "lead": _lead(found),
        "rows": [_row(plan, str(kind), row) for kind, row in found.table.iterrows()],
        "gates": [
            [
                _text(plan, str(key)),
                ", ".join(kinds.get(k, k) for k in str(row["serves"]).split(", ")),
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
        return {
            "said": say("The line as drawn cuts no road or railway that the theatre has."),
            "rows": [],
        }
    rows = table.assign(
        order=table["road_class"].where(table["kind"] == "road", _RAILWAY),
        name=table["name"].fillna("").replace("", say("without a name")),
    )
    joined = rows.groupby(["order", "kind", "name"], sort=True)["cuts"].sum().reset_index()
    joined = joined.sort_values(
        ["order", "cuts", "name"], ascending=[False, False, True], kind="stable"
    )
    roads = table["kind"] == "road"
    kinds = _road_classes()
    return {
        "said": _cut_words(*(int(table.loc[some, "cuts"].sum()) for some in (roads, ~roads))),
        "rows": [
            [
                str(row["name"]),
                kinds.get(int(row["order"]), str(row["kind"])),
                whole(float(row["cuts"])),
            ]
            for row in joined.to_dict("records")
        ],
    }


def _road_classes() -> dict[int, str]:
    return {
        1: say("track"),
        2: say("primary road"),
        3: say("trunk road"),
        _RAILWAY: say("railway"),
    }


def _cut_words(roads: int, railways: int) -> str:
    """Say how often roads and railways are cut."""
    counts = [
        text
        for number, text in (
            (roads, say_n("{n} time a road", "{n} times roads", roads, n=whole(roads))),
            (
                railways,
                say_n("{n} time a railway", "{n} times railways", railways, n=whole(railways)),
            ),
        )
        if number
    ]
    return say(
        "As drawn, the line of the step shown first cuts {counts} of those that the theatre has. "
        "Of the other steps only the estimate by density above is given.",
        counts=listed(counts),
    )


def owed(plan: Plan) -> dict[str, Any]:
    """Say what is owed to people who flee: `said`, and `duties` with those whom they bind."""
    duties = bound_duties(load_law().duties, bound_states(plan), serves="fleeing")
    names = [instrument_name(duty.instrument, duty.article) for duty in duties if not duty.everyone]
    return {
        "said": say(
            "Gates for people fleeing stay open in every plan, and no setting closes them. They "
            "are owed under these instruments: {names}.",
            names=say("; ").join(names[:_MOST]),
        )
        if names
        else say("Gates for people fleeing stay open in every plan, and no setting closes them."),
        "duties": [_duty(plan, duty) for duty in duties],
    }


def _lead(found: PeopleAtLine) -> list[str]:
    """Say it in sentences."""
    table = found.table
    pass_by, challenged, harmed, cut = (
        _told(_ends([float(table[f"{name}_{end}"].sum()) for end in ("low", "mid", "high")]))
        for name in ("people", "challenges", "harmed", "people_cut_off")
    )
    kinds = serving()
    shut = [kinds[str(kind)] for kind in table.index[table["closed"].astype(bool)]]
    closed = (
        say(
            "Gates for {kinds} are closed by the settings: {cut} people a year are cut off.",
            kinds=listed(shut),
            cut=cut,
        )
        if shut
        else say("No gate is closed by the settings, so nobody is counted as cut off.")
    )
    return [
        say(
            "Every road, herding route and market path that the line cuts gets a gate. By how "
            "dense they are on its ground that makes {gates} gates (exact, a mean and no count), "
            "for {people} people a year.",
            gates=plain(float(found.gates["gates"].sum())),
            people=pass_by,
        ),
        say(
            "Some pass where no gate is, and are taken for intruders: {challenges} false "
            "challenges a year. In them, on these assumptions, {harmed} civilians a year are "
            "killed or injured: expected harm, counted and never priced.",
            challenges=challenged,
            harmed=harmed,
        ),
        closed,
    ]


def _row(plan: Plan, kind: str, row: Any) -> list[Any]:  # noqa: ANN401  (a row of a table)
    """Write one kind of people."""
    return [
        serving().get(kind, kind),
        say("closed") if row["closed"] else _text(plan, str(row["gate"])),
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
    few = say("under {least}", least=plain(0.1, 1))
    if high < 0.1:
        return few, ""
    said = few if mid < 0.1 else count(mid) if mid >= 10 else plain(mid, 1 + (mid >= 1))
    if f"{low:.2g}" == f"{high:.2g}":
        return said, ""
    return said, between(0.0 if low < 0.05 else low, high)


def _told(pair: tuple[str, str]) -> str:
    return f"{pair[0]} ({pair[1]})" if pair[1] else pair[0]


def _text(plan: Plan, key: str) -> str:
    items = plan.works.catalogue.items
    return of_stage(items[key].text) if key in items else key


def _duty(plan: Plan, duty: Duty) -> dict[str, Any]:
    """Write one duty and whom it binds."""
    names = plan.theatre.countries["name"]
    bound = []
    for iso3 in bound_states(plan):
        standing = duty.bound.get(iso3)
        if standing is not None and standing.binds():
            name = named(str(names[iso3]))
            bound.append(
                say("{state} since {year}", state=name, year=standing.since.year)
                if standing.since
                else name
            )
    return {
        "name": instrument_name(duty.instrument, duty.article),
        "text": of_stage(duty.text),
        "bound": say("whoever builds") if duty.everyone else ", ".join(bound),
        "source": linked(duty.source),
    }
