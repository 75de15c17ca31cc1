"""The appendix: ledger, sources, settings, method and certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.figures import COUNT, exact
from vallum.brief.language import current, of_stage, say
from vallum.brief.page_text import THIN, amount, linked, percent, plain, whole
from vallum.brief.record import assumptions, matters, versions

if TYPE_CHECKING:
    from vallum.brief.figures import Reading
    from vallum.kernel.ledger import Assumption
    from vallum.plan import Plan
    from vallum.theatre import Source

__all__ = ["depth", "kicker", "ledger", "method", "provenance", "settings", "sources"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def ledger(plan: Plan) -> list[dict[str, Any]]:
    """List every assumption, those that matter most first."""
    weights = matters(plan)
    rows = sorted(assumptions(plan), key=lambda row: -weights.get(row.key, -1.0))
    return [
        {
            "key": row.key,
            "value": _value(row.value),
            "range": _range(row),
            "unit": of_stage(row.unit),
            "matters": percent(weights[row.key]) if row.key in weights else "",
            "source": linked(of_stage(row.source)),
            "foreign": _foreign(row.source),
        }
        for row in rows
    ]


def sources(plan: Plan) -> list[dict[str, Any]]:
    """List the theatre's layers with source and licence."""
    return [
        {
            "layer": row.layer,
            "source": row.source,
            "licence": row.licence,
            "address": linked(of_stage(row.address)),
            "date": row.date,
            "treatment": _done(row),
            "foreign": _foreign(row.treatment),
        }
        for row in plan.theatre.sources
    ]


def settings(plan: Plan) -> list[tuple[str, str]]:
    """List all settings, flat."""
    out: list[tuple[str, str]] = []

    def add(path: str, content: object) -> None:
        if isinstance(content, dict) and content:
            for key, value in content.items():
                add(f"{path}.{key}" if path else str(key), value)
        else:
            out.append((path, "–" if content is None or content in ({}, []) else str(content)))

    add("", plan.settings.model_dump(mode="json"))
    return out


def provenance(plan: Plan) -> list[tuple[str, str]]:
    """Say what made the plan; no time of day, so that one plan is one page."""
    rounding = plan.line.plans.frontier.rounding_usd_yr
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    return [
        (say("depth"), depth(plan)),
        (say("fingerprint of the ground"), plan.theatre.fingerprint),
        (say("draws and seed"), f"{whole(plan.ranges.draws)}, {plan.ranges.seed}"),
        (say("projection"), plan.theatre.grid.crs),
        (say("rounding of the cuts"), say("at most {usd} USD a year", usd=plain(rounding))),
        (
            say("gap to the bound"),
            say("{share} of the total benefit", share=percent(plan.line.bound_gap)),
        ),
        (say("made with"), made),
    ]


def depth(plan: Plan) -> str:
    """Say how finely the ground is cut, and how finely journeys were solved."""
    ways = plan.threat.ways
    how = {"default": say("default depth"), "full": say("full depth")}
    text = say(
        "{depth}, cells of {cell} km",
        depth=how.get(plan.settings.depth, plan.settings.depth),
        cell=plain(plan.theatre.grid.cell_km),
    )
    if ways is None:
        return text
    return say("{text}; journeys solved on cells of {cell} km", text=text, cell=plain(ways.cell_km))


def kicker(plan: Plan) -> str:
    """Name the theatre and say at which depth the page shows it."""
    return say("{title} · {depth}", title=of_stage(plan.theatre.title), depth=depth(plan))


def method(reading: Reading) -> tuple[str, ...]:
    """Say in short how the numbers are made, and what proves them.

    Parameters
    ----------
    reading
        The record.

    Returns
    -------
    tuple of str
        Paragraphs.
    """
    return (
        say(
            "What is vital, who comes, what can be built and where the line goes are worked out on "
            "a grid, then forces, campaign, dividend, accord and window on the line. The frontier "
            "is a family of minimum cuts, each inside the next: at each exact step no territory of "
            "its cost averts more, and between them a search finds plans, with a bound. Ranges are "
            "of {draws} joint draws of the ledger’s assumptions, with seed {seed}; the same inputs "
            "and seed give the same bytes.",
            draws=exact(reading, "ranges/draws", COUNT),
            seed=exact(reading, "seed", COUNT),
        ),
        say(
            "The certificate (certificate.npz) holds the flow that proves each exact step: no "
            "territory of its cost averts more. “vallum verify” checks it again from the files of "
            "this folder alone, finds every file that was changed since, and says what it does not "
            "check."
        ),
        say(
            "Each step of the method has a page with its formulas and the names of the functions, "
            "in the project’s documentation (docs/method). Nothing here selects persons or "
            "targets; leakage is told by sectors of 50 km or more, and places of single forts are "
            "in no published file."
        ),
    )


def _done(row: Source) -> str:
    """Say what was done to a layer and what of it was lost; of a user's file, which one it was."""
    said = [of_stage(row.treatment)]
    said += [say("On the grid: {how}", how=of_stage(row.resampling))] if row.resampling else []
    said += [say("Lost: {what}", what=of_stage(row.lost))] if row.lost else []
    files = zip(row.file.split(), row.sha256.split(), strict=True)
    said += [f"{name} (SHA-256 {digest[:12]}…)" for name, digest in files]
    return ". ".join(part.rstrip(".") for part in said) + "."


def _range(row: Assumption) -> str:
    if row.low is None or row.high is None:
        return "–"
    return f"{_value(row.low)}–{_value(row.high)}"


def _value(value: float | None) -> str:
    """Write an assumption's figure in full, as the ledger has it."""
    if value is None:
        return "–"
    if abs(value) >= 1e6:
        return amount(value, 4)
    if abs(value) >= 1000:
        return plain(value, 4)
    text = f"{value:.4g}".replace(".", current().decimal)
    number, _, power = text.partition("e")  # a very small number: 5.7e-05
    if power:
        raised = str(int(power)).translate(_RAISED)
        number = f"{number}{THIN}×{THIN}10{raised}"
    return number.replace("-", "−")


def _foreign(text: str) -> bool:
    """Say whether a text stays in English on a page that speaks another language."""
    return current().code != "en" and of_stage(text) == text
