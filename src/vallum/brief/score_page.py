"""The page of a territory that somebody drew: beside the frontier, and on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import ColumnDataSource, MultiPolygons

from vallum.brief import map as brief_map
from vallum.brief import page_chart
from vallum.brief.language import of_stage, say, speaking
from vallum.brief.onefile import write_page
from vallum.brief.page_bundle import as_data, assets, bokeh_script, figure_json
from vallum.brief.page_text import amount, area, count, percent, plain
from vallum.brief.verdict import best_within, verdict
from vallum.line import trace

if TYPE_CHECKING:
    from pathlib import Path

    from bokeh.plotting import figure
    from numpy.typing import NDArray

    from vallum.plan import Judged

__all__ = ["score_page", "write_score"]


def write_score(judged: Judged, path: Path | str, *, language: str = "en") -> Path:
    """Write the page of a territory that somebody drew.

    Parameters
    ----------
    judged
        From `vallum.score_line`.
    path
        The file; an older one there is replaced, at the end and at once.
    language
        A code of `vallum.brief.LANGUAGES`.

    Returns
    -------
    Path
        The same, absolute.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    with speaking(language):
        return write_page(path, lambda: score_page(judged))


def score_page(judged: Judged) -> str:
    """Draw the page.

    Parameters
    ----------
    judged
        To show.

    Returns
    -------
    str
        HTML that asks the network for nothing, in the language of the block.
    """
    templates, own = assets("page.css")
    score, ceiling = judged.found.score, judged.found.ceiling
    shown = bool(np.isfinite(score.cost))
    figures = [figure_json(_map(judged), "map")]
    if shown:
        most = score.benefit if np.isnan(ceiling) else ceiling
        chart = page_chart.draw_beside(judged.plans, score.cost, score.benefit, most)
        figures.append(figure_json(chart, "chart"))
    return templates.get_template("score.html.j2").render(
        css=own["page.css"],
        script=bokeh_script(),
        data=as_data(figures),
        title=of_stage(judged.theatre.title),
        said=said(judged),
        rows=_rows(judged),
        charted=shown,
        colours={"own": brief_map.HELD, "drawn": brief_map.OTHER},
    )


def said(judged: Judged) -> str:
    """Say the verdict in a sentence."""
    found = verdict(judged)
    if judged.found.barred_km > 0:
        return say(
            "{barred} of this line, of {line}, would stand where none may, or where nothing lawful "
            "is enough: it can’t be built as drawn. The rest alone would cost {cost} USD a year.",
            barred=_km(judged.found.barred_km),
            line=_km(found["line_km"]),
            cost=amount(judged.found.buildable_usd_yr),
        )
    total = max(judged.plans.frontier.total_benefit, 1e-300)

    def much(benefit: float) -> str:
        if judged.plans.objective == "people":
            return say("{number} people", number=count(benefit))
        share = percent(benefit / total)
        return say("{share} of all losses that could be averted", share=share)

    if found["ceiling"] is None:
        return say(
            "What was drawn leaves out land that every plan must hold: no plan can be compared "
            "with it."
        )
    text = say(
        "What was drawn earns {share} of the most that any territory of its cost could.",
        share=percent(found["share_of_ceiling"]),
    )
    if found["beyond_chain"] > 0:
        more = say(
            "It beats the chain’s plan for that money by {much}: the chain’s plans lie within one "
            "another, and this one need not.",
            much=much(found["beyond_chain"]),
        )
    elif found["beyond_chain"] < 0:
        more = say(
            "The chain’s plan for no more money earns {much} more.",
            much=much(-found["beyond_chain"]),
        )
    else:
        more = say("The chain’s plan for no more money earns as much.")
    return f"{text} {more}"


def _rows(judged: Judged) -> list[tuple[str, str, str]]:
    """Put what was drawn beside the chain's plan of no more than that cost."""
    found, step = verdict(judged), best_within(judged)
    best = judged.plans.steps.iloc[step].to_dict() if step >= 0 else None
    people = judged.plans.objective == "people"

    def money(usd: float) -> str:
        return say("{usd} USD a year", usd=amount(usd))

    def of(key: str, write: Any) -> str:  # noqa: ANN401  (a function of a number)
        return say("nothing") if best is None else str(write(best[key]))

    gain = say("People held, the aim") if people else say("Losses averted")
    earns = count if people else money
    return [
        (say("Land held"), area(found["held_km2"]), of("held_km2", area)),
        (say("People held"), count(found["people_held"]), of("people_held", count)),
        (say("Share of the people"), percent(found["people_share"]), of("people_share", percent)),
        (say("Share of the output"), percent(found["output_share"]), of("output_share", percent)),
        (say("Line"), _km(found["line_km"]), of("line_km", _km)),
        (
            say("Cost") if judged.found.barred_km <= 0 else say("Cost of what can be built"),
            money(judged.found.buildable_usd_yr),
            of("cost_usd_yr", money),
        ),
        (gain, earns(found["benefit"]), of("benefit", earns)),
        *([(say("The most that this cost could earn"), earns(found["ceiling"]), "")]
          if judged.found.barred_km <= 0 and found["ceiling"] is not None else []),
    ]  # fmt: skip


def _km(length: float) -> str:
    return f"{plain(length, 3)} km"


def _map(judged: Judged) -> figure:
    """Draw both territories on the ground."""
    entry, step = judged.plans.entry, best_within(judged)
    own = (entry >= 0) & (entry <= step)

    def below(p: figure) -> None:
        _land(p, judged, own, brief_map.HELD, "right_diagonal_line", "own")

    def above(p: figure) -> None:
        _land(p, judged, judged.held, brief_map.OTHER, None, "drawn")

    return brief_map.ground(judged.theatre, below, above)


def _land(
    p: figure,
    judged: Judged,
    held: NDArray[np.bool_],
    colour: str,
    hatch: str | None,
    name: str,
) -> None:
    """Draw a territory's pieces."""
    xs, ys = [], []
    for piece in trace.territory(held, judged.theatre.grid).geometry:
        rings = [piece.exterior, *piece.interiors]
        xs.append([[(np.array(ring.coords)[:, 0] / 1000.0).tolist() for ring in rings]])
        ys.append([[(np.array(ring.coords)[:, 1] / 1000.0).tolist() for ring in rings]])
    look = {} if hatch is None else {"hatch_pattern": hatch, "hatch_color": colour,
                                     "hatch_alpha": 0.5, "hatch_scale": 13}  # fmt: skip
    p.add_glyph(
        ColumnDataSource({"xs": xs, "ys": ys}),
        MultiPolygons(
            xs="xs", ys="ys", fill_color=colour, fill_alpha=0.2 if hatch else 0.0,
            line_color=colour, line_width=1.0 if hatch else 2.4, **look,
        ),
        name=name,
    )  # fmt: skip
