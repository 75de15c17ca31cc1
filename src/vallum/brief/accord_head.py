"""What a head says of the accord: does it last, what joint drawing and help bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from vallum.brief.figures import DOLLARS_YEAR, KM, SHARE, exact, ranged
from vallum.brief.language import named, say
from vallum.brief.page_text import listed

if TYPE_CHECKING:
    from vallum.brief.figures import Reading

__all__ = ["UNLIKE", "change", "found", "lasts", "sure", "together"]

UNLIKE = ("accord/step", "marks/half_people/step")  # choose whose values are told


def lasts(reading: Reading) -> tuple[str, ...]:
    """Say whether an accord would last; nothing where none was reckoned."""
    if not reading.has("accord/game"):
        return ()
    if not _gains(reading):
        return (say("No state gains by holding anything: no accord lasts by itself."),)
    empty = reading.at("accord/core_empty")
    if empty is None:
        return (say("All together have no plan that can be carried out: no accord lasts."),)
    if empty:
        return (say("However it is shared, somebody does better by leaving the accord."),)
    # who leaves is known of the land that the proposal aims at
    leaving = (reading.at("accord/leaving") or []) if reading.at("accord/game") == "aim" else []
    if leaving:
        who = listed([_coalition(reading, str(row["coalition"])) for row in leaving])
        return (
            say(
                "An accord can be shared so that all are better off, but by the money of single "
                "years {who} would leave it.",
                who=who,
            ),
        )
    return (say("An accord can last: some shares keep everybody in."),)


def found(reading: Reading) -> tuple[str, ...]:
    """Say what drawing jointly saves, and what helping costs and brings the partner."""
    texts = [text for text in (_joint(reading), _partner(reading)) if text]
    return (together(*texts),) if texts else ()


def sure(reading: Reading) -> tuple[str, ...]:
    """Say how sure that is; nothing where no accord was reckoned."""
    if not reading.has("accord/game"):
        return ()
    return (
        say(
            "Whether shares keep everybody in is settled by linear programmes, exactly, and again "
            "at both ends of the ranges. The amounts behind it are as sure as the frontier’s: each "
            "coalition’s line is drawn again, but not played out."
        ),
    )


def change(reading: Reading) -> tuple[str, ...]:
    """Say what would make an accord last, or break it."""
    if not reading.has("accord/game"):
        return ()
    if not _gains(reading) or reading.at("accord/core_empty") is not False:
        return (
            say(
                "An accord would take what is not in this sum: money from outside, or a worth of "
                "standing and friendship that a state names for itself (setting "
                "“accord.influence_usd_yr”)."
            ),
        )
    return (
        say(
            "A higher cost or a smaller fall of attacks can take away the gain that there is to "
            "share; the table of rules below has who would then leave."
        ),
    )


def together(*texts: str) -> str:
    """Put whole sentences one after the other."""
    return (
        Markup(" ").join(texts)
        if any(isinstance(one, Markup) for one in texts)
        else " ".join(texts)
    )


def _gains(reading: Reading) -> bool:
    """Whether any coalition has more by holding something than by doing nothing."""
    values = (reading.at("accord/games/best/value") or {}).values()
    return max((value or 0.0 for value in values), default=0.0) > 0.0


def _coalition(reading: Reading, coalition: str) -> str:
    names = reading.at("names") or {}
    return listed([named(str(names.get(one, one))) for one in coalition.split("+")], most=12)


def _joint(reading: Reading) -> str:
    """Say what drawing one line jointly saves against each drawing its own."""
    rows = reading.at("accord/games/aim/saved") or []
    at = next((n for n, row in enumerate(rows) if row["what"] == "line_km"), None)
    if at is None or rows[at]["saved"] is None:
        return ""
    path = f"accord/games/aim/saved/{at}"
    figures = {"joint": exact(reading, f"{path}/joint", KM)}
    if reading.number(f"{path}/saved") > 0:
        said = say(
            "One joint line around the land that the proposal aims at is {joint} long, and {saved} "
            "shorter than if each state drew its own.",
            saved=exact(reading, f"{path}/saved", KM),
            **figures,
        )
    else:
        said = say(
            "One joint line around the land that the proposal aims at is {joint} long, and no "
            "shorter than if each state drew its own ({alone}).",
            alone=exact(reading, f"{path}/alone", KM),
            **figures,
        )
    return together(said, *_other(reading))


def _other(reading: Reading) -> tuple[str, ...]:
    """Tell it apart from the line around half of the people, of the chapter on where it goes."""
    own, other = reading.at("accord/step"), reading.at("marks/half_people/step")
    if own is None or other is None or own == other:
        return ()
    return (
        say(
            "It goes around {output} of the output and {people} of the people; the line of the "
            "chapter on where it would go is another one, {line} long, around half of the people "
            "({other}).",
            output=exact(reading, f"frontier/{own}/output_share", SHARE),
            people=exact(reading, f"frontier/{own}/people_share", SHARE),
            line=exact(reading, f"frontier/{other}/line_km", KM),
            other=exact(reading, f"frontier/{other}/people_share", SHARE),
        ),
    )


def _partner(reading: Reading) -> str:
    """Say what the partner's help costs it and brings it."""
    partners, game = reading.at("partners") or [], reading.at("accord/game")
    rows = reading.at(f"accord/games/{game}/partner/parts") or []
    at = {str(row["part"]): n for n, row in enumerate(rows)}
    if not partners or not {"cost", "trade", "security", "influence"} <= set(at):
        return ""
    path = f"accord/games/{game}/partner/parts"
    figures = {
        "partner": listed([_coalition(reading, str(one)) for one in partners]),
        **{
            part: ranged(reading, f"{path}/{at[part]}", DOLLARS_YEAR)
            for part in ("cost", "trade", "security")
        },
    }
    if not any(rows[at["influence"]][end] for end in ("low", "mid", "high")):
        return say(
            "For the land that the proposal aims at {partner} would bring help that costs it "
            "{cost}; by trade it has {trade}, by losses that it is spared itself {security}. The "
            "rest its standing would have to be worth, which nobody has priced.",
            **figures,
        )
    return say(
        "For the land that the proposal aims at {partner} would bring help that costs it {cost}; "
        "by trade it has {trade}, by losses that it is spared itself {security} and by its "
        "standing {influence}.",
        influence=ranged(reading, f"{path}/{at['influence']}", DOLLARS_YEAR),
        **figures,
    )
