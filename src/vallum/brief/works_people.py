"""People at the line: gates, who is cut off, false challenges and harm, and what is owed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.page_text import between, count, linked, listed, percent, plain
from vallum.works.duties import bound_duties
from vallum.works.law import load_law

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.works.duties import Duty
    from vallum.works.people import PeopleAtLine

__all__ = ["people"]

KINDS = {"road": "on roads", "herders": "herders", "traders": "traders off the roads",
         "fleeing": "people fleeing"}  # fmt: skip


def people(plan: Plan, found: PeopleAtLine | None) -> dict[str, Any] | None:
    """Say what the line of the step shown first is to those who live with it.

    Parameters
    ----------
    plan
        To read.
    found
        A year's people at that line; None where journeys are not known.

    Returns
    -------
    dict or None
        `rows` by kind, `gates` by item, `lead` in sentences, `duties` to those who flee.
    """
    if found is None:
        return None
    return {
        "lead": _lead(plan, found),
        "rows": [_row(plan, str(kind), row) for kind, row in found.table.iterrows()],
        "gates": [
            {
                "gate": _text(plan, str(key)),
                "number": plain(row["gates"]),
                "serves": ", ".join(KINDS.get(k, k) for k in str(row["serves"]).split(", ")),
                "stops": f"{percent(row['p_stop'])} "
                f"({plain(100 * row['p_stop_low'])}–{plain(100 * row['p_stop_high'])})",
            }
            for key, row in found.gates.iterrows()
            if row["gates"] > 0
        ],
        "duties": [_duty(plan, duty) for duty in _owed(plan)],
    }


def _lead(plan: Plan, found: PeopleAtLine) -> list[str]:
    """Say it in sentences."""
    table = found.table
    challenged = [float(table[f"challenges_{end}"].sum()) for end in ("low", "mid", "high")]
    harmed = [float(table[f"harmed_{end}"].sum()) for end in ("low", "mid", "high")]
    shut = [KINDS[str(kind)] for kind in table.index[table["closed"].astype(bool)]]
    out = [
        f"Every road, herding route and market path that the line cuts gets a gate: "
        f"{plain(float(found.gates['gates'].sum()))} are to be expected here, for "
        f"{count(float(table['people_mid'].sum()))} people a year.",
        "Some pass where no gate is, and are taken for intruders: "
        f"{_ends(challenged)} false challenges a year. In them, on these assumptions, "
        f"{_ends(harmed)} civilians a year are killed or injured: expected harm, counted and "
        "never priced.",
    ]
    if shut:
        cut = [float(table[f"people_cut_off_{end}"].sum()) for end in ("low", "mid", "high")]
        out.append(f"Gates for {listed(shut)} are closed by the settings: {_ends(cut)} people a "
                   "year are cut off.")  # fmt: skip
    else:
        out.append("No gate is closed by the settings, so nobody is counted as cut off.")
    names = listed([duty.name for duty in _owed(plan)], most=4)
    out.append(
        "Gates for people fleeing stay open in every plan, and no setting closes them. "
        f"They are owed by: {names}."
    )
    out.append(
        "Rules of engagement are out of scope: this page says nothing on when anyone may use "
        "force, and no figure here is to be read as leave to."
    )
    return out


def _row(plan: Plan, kind: str, row: Any) -> dict[str, str]:  # noqa: ANN401  (a row of a table)
    """Write one kind of people."""
    return {
        "kind": KINDS.get(kind, kind),
        "gate": "closed" if row["closed"] else _text(plan, str(row["gate"])),
        "gates": "0" if row["closed"] else plain(float(row["gates"])),
        **{
            name: _ends([float(row[f"{name}_{end}"]) for end in ("low", "mid", "high")])
            for name in ("people", "people_cut_off", "challenges", "harmed")
        },
    }


def _ends(ends: list[float]) -> str:
    """Write a figure with its range; of people, what is below a tenth is that."""
    low, mid, high = ends
    if high <= 0:
        return "0"
    if high < 0.1:
        return "under 0.1"
    if f"{low:.2g}" == f"{high:.2g}":
        return count(mid)
    said = "under 0.1" if mid < 0.1 else count(mid) if mid >= 10 else plain(mid, 1 + (mid >= 1))
    return f"{said} ({between(0.0 if low < 0.05 else low, high)})"


def _text(plan: Plan, key: str) -> str:
    items = plan.works.catalogue.items
    return items[key].text if key in items else key


def _states(plan: Plan) -> list[str]:
    roles = plan.theatre.countries["role"]
    return [str(iso3) for iso3 in roles.index[roles.isin(["member", "partner"])]]


def _owed(plan: Plan) -> tuple[Duty, ...]:
    return bound_duties(load_law().duties, _states(plan), serves="fleeing")


def _duty(plan: Plan, duty: Duty) -> dict[str, Any]:
    """Write one duty and whom it binds."""
    names = plan.theatre.countries["name"]
    bound = []
    for iso3 in _states(plan):
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
