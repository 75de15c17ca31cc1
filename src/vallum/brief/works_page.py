"""What the page's chapter on works prints and what its script reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief import (
    look,
    threat_maps,
    works_bill,
    works_figures,
    works_kinds,
    works_maps,
    works_people,
    works_strips,
    works_tables,
)
from vallum.brief.language import current, named, of_stage, say
from vallum.brief.works_names import surface

if TYPE_CHECKING:
    from vallum.brief.works_kinds import Kinds
    from vallum.plan import Plan

__all__ = ["chapter"]


def chapter(plan: Plan) -> dict[str, Any]:
    """Gather texts, tables, figures and maps of the chapter on works.

    Parameters
    ----------
    plan
        To show.

    Returns
    -------
    dict
        For the template; `data` is what the script reads.
    """
    found = works_kinds.kinds(plan)
    paper = threat_maps.on(plan)
    every = works_bill.bills(plan)
    ids, items = works_bill.named(every)
    bills = [works_bill.rows(bill, ids) for bill in every]
    met = [
        None if bill.people is None else works_people.people(plan, bill.people) for bill in every
    ]
    return {
        "legend": _legend(found),
        "standard": plan.settings.works.rule == "one",
        "families": works_maps.families(plan, found, paper),
        "prices": works_maps.prices(plan, paper),
        "bill": bills[plan.line.step],
        "items": items,
        "by_sector_only": works_tables.tells_places(plan),
        "by_surface": works_tables.by_surface(plan),
        "every": works_tables.every(plan),
        "modes": [of_stage(mode.text) for mode in plan.works.catalogue.modes.values()],
        "frontier": works_figures.frontier(plan),
        "real": works_figures.real_lines(plan, every),
        "people": met[plan.line.step],
        "owed": works_people.owed(plan),
        "cuts": works_people.cuts(plan),
        "data": {
            "strips": works_strips.strips(plan, works_strips.courses(plan)),
            "bills": bills,
            "items": items,
            "people": met,
            "texts": _script_texts(),
            **_drawn(plan, found),
        },
    }


def _drawn(plan: Plan, found: Kinds) -> dict[str, Any]:
    """Give what the strips need to be drawn, by number."""
    countries = plan.theatre.countries
    return {
        "kinds": [
            [
                row.family,
                row.surface,
                *_placed(row.lanes["tower"]),
                *_placed(row.lanes["air"]),
                _placed(row.lanes["line"])[0],
                _placed(row.lanes["track"])[0],
                row.fort,
                round(row.fort_km, 2),
            ]
            for row in found.rows
        ],
        "families": [[each.name, each.colour] for each in found.families],
        "surfaces": [
            [surface(name), works_kinds.GROUND.get(name, look.EDGE)] for name in found.surfaces
        ],
        "watching": [list(each) for each in found.watching],
        "forts": [list(fort) for fort in found.forts],
        "lanes": found.lanes,
        "states": [named(str(name)) for name in countries["name"]],
        "own": [iso3 in plan.theatre.members for iso3 in countries.index],
    }


def _placed(lane: tuple[int, float] | None) -> tuple[int, float]:
    return (-1, 0.0) if lane is None else (lane[0], round(lane[1], 2))


def _legend(found: Kinds) -> dict[str, Any]:
    """Give the keys of the strips."""
    lanes = {
        "tower": say("towers:"),
        "air": say("in the air:"),
        "line": say("on the line:"),
        "track": "",
    }
    return {
        "surfaces": [(works_kinds.GROUND.get(n, look.EDGE), surface(n)) for n in found.surfaces],
        "families": [(each.colour, each.name) for each in found.families if each.share > 0],
        "watching": [
            (
                lanes[lane],
                [(found.watching[n][1], found.watching[n][0]) for n in found.inside(lane)],
            )
            for lane in found.lanes
        ],
        "forts": [(colour, name) for name, colour in found.forts],
    }


def _script_texts() -> dict[str, str]:
    """Give the texts of the scripts; what stands in braces there is filled in there."""
    return {
        "decimal": current().decimal,
        "ground": say("ground of"),
        "towards": say("towards"),
        "surface": say("surface"),
        "barriers": say("barriers"),
        "tower": say("towers"),
        "air": say("in the air"),
        "line": say("on the line"),
        "track": say("track"),
        "forts": say("forts"),
        "stops": say("stops"),
        "near": say("near"),
        "join": say("; "),
        "every": say("{thing} every {km} km"),
        "no_fort": say("no fort"),
        "not_held": say("land not held"),
        "at": say("km {km}: {what}"),
        "told": say(
            "{own} towards {other}; {surface}; {works}; {price} ({range}) USD per km and year"
        ),
        "no_line": say("This step needs no line."),
        "not_drawn": say("Not drawn: short lines, {count} of them, {km} km in all."),
        "not_drawn_one": say("Not drawn: one short line, {km} km."),
        "besides": say("Besides, {count} short lines, joined: {km} km"),
        "besides_one": say("Besides, one short line: {km} km"),
        "title": say("Line {n}: {km} km"),
        "title_closed": say("Line {n}: {km} km, closed"),
        "label": say("{title}. What stands on each kilometre; arrow keys read it out."),
        "all": say("All of it"),
        "billion": say("billion USD per year"),
        "million": say("million USD per year"),
        "thousand": say("thousand USD per year"),
    }
