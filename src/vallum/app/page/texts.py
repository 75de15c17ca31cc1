"""What the page's scripts say, by key, in the language of the block.

Scripts have no texts of their own: they ask for these by key (`V.say`), so that all of the page
goes through one table of translations, `vallum/brief/locale/fr/explorer.po`.
"""

from __future__ import annotations

from vallum.brief.language import current, say, say_n

__all__ = ["of_scripts"]


def of_scripts() -> dict[str, str]:
    """Give the texts of all scripts, with the names of their values in braces.

    Returns
    -------
    dict
        By key. A text that depends on a number has two keys, ending in `.one` and `.many`.
    """
    return (
        _numbers() | _budget() | _assumptions() | _states() | _drawing() | _uploads() | _look()
        | _scenarios() | _plans() | _comparison()
    )  # fmt: skip


def _numbers() -> dict[str, str]:
    return {
        "decimal": current().decimal,
        "million": say_n("million", "millions", 1),
        "billion": say_n("billion", "billions", 1),
        "usd_a_year": say("{amount} USD a year"),
        "axis.cost.9": say("cost, billion USD a year"),
        "axis.cost.6": say("cost, million USD a year"),
        "axis.cost.0": say("cost, USD a year"),
        "axis.averted.9": say("averted, billion USD a year"),
        "axis.averted.6": say("averted, million USD a year"),
        "axis.averted.0": say("averted, USD a year"),
        "axis.more.9": say("earned, billion USD a year"),
        "axis.more.6": say("earned, million USD a year"),
        "axis.more.0": say("earned, USD a year"),
        "axis.people.9": say("people held, billion"),
        "axis.people.6": say("people held, million"),
        "axis.people.0": say("people held"),
    }


def _budget() -> dict[str, str]:
    return {
        "slider": say("{cost}, plan {n} of {all}"),
        "redrawn": say("Redrawn in {ms}\u202fms."),
        "found_exact": say("Frontier of {n} plans found in {s}\u202fs, each exact."),
        "found_rough": say(
            "Frontier of {n} plans found in {s}\u202fs; those between exact ones are left to the "
            "plan."
        ),
        "gain.output": say("Losses averted, USD a year"),
        "gain.people": say("People held, the aim"),
        "gain.more": say("Losses averted and development, USD a year"),
        "gain.mix": say("Losses averted and people, USD a year"),
        "ratio": say("Averted per dollar"),
        "ratio.more": say("Earned per dollar"),
        "ratio.people": say("Cost of a person, USD a year"),
        "budget.raised": say(
            "The budget bought no plan of this frontier. The least plan is shown, and its cost is "
            "the budget now: {cost}."
        ),
        "budget.short": say("This budget buys no plan. Shown is the least: {cost}."),
        "works.of": say("What the line of plan {n} is made of ({cost})"),
        "illustration": say(
            "Illustration: at the price μ = {mu} nothing is worth holding. Shown is the plan that "
            "brings most for a dollar."
        ),
        "mark.price": say("the plan at the stated price"),
        "mark.ratio": say("most per dollar"),
        "mark.share": say("{share} of the people"),
        "mark.all": say("all that can be held"),
    }


def _assumptions() -> dict[str, str]:
    return {
        "open.0": say("trusted"),
        "open.0.5": say("watched"),
        "open.1": say("open", context="border"),
        "open.low": say("between trusted and watched"),
        "open.high": say("between watched and open"),
        "open.scale": say("From trusted (no line is needed there) over watched to open."),
        "members.all": say("all", context="states"),
        "nothing": say("none"),
        "changed": say("changed; default {value}"),
        "put_back": say("put back"),
        "put_back.name": say("Put back the default of {name}"),
        "changed.none": say("All as by default."),
        "changed.one": say("{n} assumption changed."),
        "changed.many": say("{n} assumptions changed."),
        "others.one": say("{n} setting differs that this page doesn’t ask for: {names}."),
        "others.many": say("{n} settings differ that this page doesn’t ask for: {names}."),
        "sent.large": say("This is too much at once: at most {n} signs can be sent."),
        "number.bad": say("This is no number. What was there before still holds."),
        "remove": say("remove"),
        "remove.name": say("Remove {name}"),
        "place.hint": say("town, region, state or lon,lat"),
        "place.add": say("Add"),
        "meaning": say("Meaning and source"),
        "meaning.default": say("Default {value}: meaning and source"),
    }


def _states() -> dict[str, str]:
    return {
        "local": say("on this machine, no login"),
        "user": say("logged in as {user}"),
        "logout": say("log out"),
        "finding": say("Finding the frontier… {s}\u202fs"),
        "found": say("Frontier found."),
        "found.changed": say("Frontier found for these assumptions."),
        "not_found": say("Not found: {why}. The map shows the frontier before."),
        "cancelled": say("Cancelled: the map shows the frontier before this change."),
        "cancelled.first": say("Cancelled: nothing was found yet."),
        "find_again": say("Find it again"),
        "lost": say("Not connected."),
        "lost.more": say(
            "The connection to the server was lost. Load the page again: it goes on from what was "
            "last found here. Scenarios that were saved and plans are kept."
        ),
    }


def _drawing() -> dict[str, str]:
    return {
        "pen.line": say("Press on the map to add points of the line, from border to border."),
        "pen.area": say("Press on the map to add corners of the area."),
        "pen.place": say("Press on the place that every plan must hold."),
        "pen.side": say("Press on each side of the line that is to be held, then on Finish."),
        "pen.least": say("At least {n} points are needed."),
        "points.one": say("{n} point."),
        "points.many": say("{n} points."),
        "line": say("Line {n}, {points} points"),
        "area": say("Area {n}, {points} points"),
        "sides.none": say("holds the side of each state’s largest town"),
        "sides.one": say("holds the side that you marked"),
        "sides.many": say("holds the {n} sides that you marked"),
        "side": say("choose its side"),
        "side.name": say("Choose its side: drawing {n}"),
        "drawing.remove": say("Remove drawing {n}"),
    }


def _uploads() -> dict[str, str]:
    return {
        "upload.reading": say("Reading {name}…"),
        "upload.lost": say("The file did not arrive. Try it again."),
        "upload.empty": say("{name} is empty."),
        "upload.points": say("It has {n} points; at most {most} can be drawn. Simplify it first."),
        "upload.places.one": say("{n} place added."),
        "upload.places.many": say("{n} places added."),
    }


def _look() -> dict[str, str]:
    return {
        "look.rest": say("Comes when the slider has rested."),
        "looking": say("Looking at forces, campaign and accord… {s}\u202fs"),
        "look.of": say("Plan {n}, {draws} draws, {s}\u202fs."),
        "stopped": say("Cancelled."),
        "not_had": say("It could not be had."),
    }


def _scenarios() -> dict[str, str]:
    return {
        "unnamed": say("A new scenario"),
        "act.open": say("Open"),
        "act.history": say("History"),
        "act.share": say("Share"),
        "act.private": say("Keep private"),
        "act.delete": say("Delete"),
        "act.cancel": say("Cancel"),
        "act.resume": say("Resume"),
        "delete.sure": say("delete for good?"),
        "version": say("version {n}, {day} by {who}"),
        "version.open": say("version {n}"),
        "of_owner": say("of {who}"),
        "shared": say("shared", context="scenario or plan"),
        "empty": say("None yet.", context="scenarios"),
        "now": say("what is on the page"),
        "kept.option": say("{name} (version {n})"),
        "kept": say("Kept as version {n}."),
        "kept.changed": say("Changed since version {n} was kept."),
        "kept.other": say("It is somebody else’s: saving makes your own."),
        "kept.not": say("Not kept yet."),
        "large": say("{name} has {size} bytes. At most {most} may be loaded."),
    }


def _plans() -> dict[str, str]:
    return {
        "status.queued": say("waiting"),
        "status.running": say("running"),
        "status.done": say("done"),
        "status.failed": say("failed"),
        "status.cancelled": say("cancelled"),
        "status.interrupted": say("interrupted: it can be resumed"),
        "plan.name": say("plan of {day}"),
        "plan.asked": say("asked {day}"),
        "plan.by": say("by {who}"),
        "plan.en": say("brief in English"),
        "plan.fr": say("brief in French"),
        "plan.progress": say("Progress of {name}"),
        "plan.far": say("{stage}, {done} of {all} stages, {s}\u202fs"),
        "plan.none": say("None yet.", context="plans"),
        "plan.more.one": say("{n} more file"),
        "plan.more.many": say("{n} more files"),
        "plan.submitted": say("Asked for. It goes on if you close the page."),
        "plan.first": say("The full plan is made first; its brief is downloaded when it is done."),
        "plan.brief": say("The brief is being downloaded."),
        "plan.no_brief": say("The plan made no brief; see below."),
    }


def _comparison() -> dict[str, str]:
    return {
        "comparing": say("Finding both frontiers…"),
        "compared": say("Below the map."),
        "row.cost": say("Cost, USD a year"),
        "row.benefit": say("Earned a year"),
        "cell.of": say("{value} ({what})"),
        "row.people": say("People held"),
        "row.people_share": say("Share of people, %"),
        "row.output_share": say("Share of output, %"),
        "row.line_km": say("Line, km"),
        "row.held_km2": say("Land held, km²"),
        "at_budget": say("At this budget"),
        "difference": say("Difference"),
        "holds_nothing": say("nothing is held"),
        "differing": say("Assumed differently"),
        "differing.none": say("No assumption of this page differs."),
        "assumptions": say("Assumptions"),
    }
