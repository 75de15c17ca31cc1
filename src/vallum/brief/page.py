"""The brief's page: one self-contained HTML file, the same bytes for the same plan."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from vallum.brief import (
    accord_page,
    appendix,
    campaign_page,
    dividend_page,
    first,
    forces_page,
    law_rows,
    law_tables,
    line_head,
    map_rim,
    page_chart,
    page_fails,
    page_steps,
    page_tables,
    robust_page,
    threat_page,
    vital_page,
    window_page,
    works_page,
    works_rows,
)
from vallum.brief import map as brief_map
from vallum.brief.figures import Reading
from vallum.brief.heads import CHAPTERS, titles
from vallum.brief.language import current, named, of_stage, say
from vallum.brief.map_places import WIDTHS
from vallum.brief.page_bundle import as_data, assets, bokeh_script, figure_json, packed
from vallum.brief.page_text import THIN, count, percent, plain, trimmed
from vallum.brief.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vallum.plan import Plan

__all__ = ["render"]

_STYLES = (
    "page.css",
    "head.css",
    "threat.css",
    "works.css",
    "forces.css",
    "robust.css",
    "campaign.css",
    "dividend.css",
    "accord.css",
    "window.css",
)
_SCRIPTS = (
    "threat.js", "works.js", "works_bill.js", "robust.js", "cases.js", "campaign.js", "trace.js",
    "scroll.js", "page.js",
)  # fmt: skip


def render(
    plan: Plan, content: Mapping[str, Any] | None = None, other: Mapping[str, str] | None = None
) -> str:
    """Write the page, in the language of the block (`vallum.brief.language`).

    Parameters
    ----------
    plan
        To show; the step shown first is the plan's own.
    content
        Its record, where it is at hand; the heads of the chapters are read from it.
    other
        The same page in the other language: `file`, `code` and `name` of the language. None where
        there is no such file.

    Returns
    -------
    str
        HTML that asks the network for nothing.
    """
    templates, own = assets(*_STYLES, *_SCRIPTS)
    names, facing = page_steps.facing_km(plan)
    steps = page_steps.steps(plan)
    works = works_page.chapter(plan)
    made = record(plan) if content is None else content
    return templates.get_template("page.html.j2").render(
        css=Markup("").join(own[name] for name in _STYLES),
        scripts=(bokeh_script(), *(own[name] for name in _SCRIPTS)),
        data=as_data(_data(plan, steps, facing.round(1).tolist())),
        works=works,
        works_data=as_data(works["data"]),
        other_page=other,
        **_from_record(Reading(made)),
        **_texts(plan, names, facing, steps),
        vital=vital_page.chapter(plan, made["worth"]),
        fails=page_fails.fails(plan, made),
    )


def _from_record(reading: Reading) -> dict[str, Any]:
    """Give what is said from the record alone: question, answer, the chapters' heads, method."""
    named_by = titles()
    return {
        "question": first.question(reading),
        "answer": first.answer(reading),
        "method": appendix.method(reading),
        "chapters": {
            chapter.name: {
                "number": number,
                "name": chapter.name,
                "title": named_by[chapter.name],
                "head": chapter.head(reading),
            }
            for number, chapter in enumerate(CHAPTERS, start=1)
        },
    }


def _data(plan: Plan, steps: list[dict[str, Any]], facing: list[Any]) -> dict[str, Any]:
    """Gather what the page's script reads."""
    grid, line = plan.theatre.grid, plan.line
    inside = page_steps.regions_inside(plan)
    table = line.plans.steps
    units = (
        page_chart.scale_of(float(table["cost_usd_yr"].max()))[0],
        page_chart.scale_of(float(table["benefit"].max()))[0],
    )
    other = line.other
    people = plan.threat.regions["people"].to_numpy()
    return {
        "grid": {
            "rows": grid.rows,
            "cols": grid.cols,
            "cell": grid.cell_km,
            "west": grid.west_m / 1000.0,
            "north": grid.north_m / 1000.0,
        },
        "first": line.step,
        "entry": packed(line.plans.entry),
        "fenced": packed((line.plans.stakes.flank > 0).astype("int8")),
        "steps": steps,
        "units": units,
        "widths": WIDTHS,
        "facing": facing,
        "settlements": page_tables.settlements(plan),
        "regions": [
            [round(float(all_of)), inside[n].round().tolist()] for n, all_of in enumerate(people)
        ],
        "members": _members(plan, inside),
        "other": {
            "entry": packed(other.entry),
            "at": page_steps.at_equal_cost(line.plans, other),
            "none": say(
                "For this money no line drawn for {other} is to be had.",
                other=line_head.objective(other.objective),
            ),
            "text": [
                say(
                    "Drawn for {other}, for no more money: {people} of the people, {output} of the "
                    "output, {km} km.",
                    other=line_head.objective(other.objective),
                    people=percent(row["people_share"]),
                    output=percent(row["output_share"]),
                    km=plain(row["line_km"], 3),
                )
                for row in other.steps.to_dict("records")
            ],
        },
        "words": {
            "step": say("step {step}: {held}, {people} people, {cost}"),
            "no_towns": say("none of the 150 largest"),
            "chart": say("Chart of the frontier"),
            "decimal": current().decimal,
        },
        "figures": [
            figure_json(brief_map.draw(plan), "map"),
            figure_json(page_chart.draw(plan), "chart"),
        ],
    }


def _members(plan: Plan, inside: NDArray[np.float64]) -> dict[str, list[str]]:
    """Say for each member and step how many of its people are inside."""
    state, people = plan.threat.regions["iso3"], plan.threat.regions["people"].to_numpy()
    out = {}
    for iso3 in plan.theatre.members:
        rows = (state == iso3).to_numpy()
        total = float(people[rows].sum())
        held = inside[rows].sum(axis=0)
        out[iso3] = [f"{count(v)} ({percent(v / max(total, 1.0))})" for v in held.tolist()]
    return out


def _texts(
    plan: Plan, names: list[str], facing: NDArray[np.float64], steps: list[dict[str, Any]]
) -> dict[str, Any]:
    """Gather what the template prints."""
    countries = plan.theatre.countries
    return {
        "title": of_stage(plan.theatre.title),
        "kicker": appendix.kicker(plan),
        "threat": threat_page.chapters(plan),
        "forces": forces_page.chapter(plan),
        "campaign": campaign_page.chapter(plan),
        "dividend": dividend_page.chapter(plan),
        "accord": accord_page.chapter(plan),
        "window": window_page.chapter(plan),
        "robust": robust_page.chapter(plan),
        "illustration": plan.line.status != "ok",
        "objective": plan.line.plans.objective,
        "other_objective": line_head.objective(plan.line.other.objective),
        "first": plan.line.step,
        "last": len(steps) - 1,
        "now": steps[plan.line.step]["text"],
        "land_share": Markup('<span data-field="held_share">{}</span>').format(
            steps[plan.line.step]["text"]["held_share"]
        ),
        "marks": page_steps.marks(plan),
        "members": [(one, named(str(countries.loc[one, "name"]))) for one in plan.theatre.members],
        "disputed": [named(str(n)) for n in plan.theatre.borders.query("disputed")["name"]],
        "regions": page_tables.regions(plan),
        "flanks": [
            (n, row)
            for n, row in enumerate(page_tables.flanks(plan, names))
            if facing[:, n].max() >= 0.5
        ],
        "barred": law_rows.barred(plan),
        "equivalents": law_rows.equivalents(plan),
        "treaties": law_rows.treaties(plan),
        "standing": law_tables.kinds(plan),
        "duties": law_tables.duties(plan),
        "sectors": works_rows.sectors(plan),
        "ledger": appendix.ledger(plan),
        "sources": appendix.sources(plan),
        "settings": appendix.settings(plan),
        "provenance": appendix.provenance(plan),
        "map_signs": map_rim.signs(),
        "map_note": map_rim.note(plan.theatre),
        "legends": {
            "loss": _legend(brief_map.LOSS, percents=True),
            "events": _legend(brief_map.EVENTS, percents=False),
        },
        "colours": {"held": brief_map.HELD, "line": brief_map.LINE, "other": brief_map.OTHER},
    }


def _legend(scale: brief_map.Scale, *, percents: bool) -> list[tuple[str, str]]:
    """Name the classes of a colour scale."""
    bounds, colours = scale
    sign = f"{THIN}%" if percents else ""
    ends = [trimmed(100 * b if percents else b) for b in bounds]
    middle = [f"{a}–{b}{sign}" for a, b in pairwise(ends)]
    least = say("under {least}", least=f"{ends[0]}{sign}")
    most = say("{most} and more", most=f"{ends[-1]}{sign}")
    return list(zip(colours, [least, *middle, most], strict=True))
