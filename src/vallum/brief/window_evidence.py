"""What the head on the window says of its evidence: record, codings, back-test, early warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vallum.brief.accord_head import together
from vallum.brief.figures import COUNT, MONTHS, NUMBER, SHARE, exact, joined, range_of
from vallum.brief.language import named, say
from vallum.brief.window_words import couple

if TYPE_CHECKING:
    from markupsafe import Markup

    from vallum.brief.figures import Reading, Unit

__all__ = ["change", "gain", "sure"]


def sure(reading: Reading) -> tuple[str, ...]:
    """Say how sure the opening is: its record, two codings of it, a back-test."""
    return tuple(text for text in (_record(reading), _tested(reading)) if text)


def change(reading: Reading) -> tuple[str, ...]:
    """Say what would change it: levels that warn, what is a judgement, what is missing."""
    return tuple(text for text in (_warning(reading), _missing(reading)) if text)


def gain(reading: Reading) -> str:
    """Say what the accord adds to the partner's part in each member's ties, and who has most."""
    names, partners = (
        {key: named(str(name)) for key, name in (reading.at("names") or {}).items()},
        reading.at("partners") or [],
    )
    rows = [
        (n, row)
        for n, row in enumerate(reading.at("window/influence") or [])
        if row["part"] == "index" and row["after"] is not None and row["before"] is not None
    ]
    texts = []
    for n, row in rows:
        if row["state"] not in partners or row["after_low"] is None:
            continue
        most = max((r for _, r in rows if r["member"] == row["member"]), key=lambda r: r["after"])
        at = f"window/influence/{n}"
        told = {
            "partner": names.get(row["state"], row["state"]),
            "member": names.get(row["member"], row["member"]),
            "before": exact(reading, f"{at}/before", SHARE),
            "after": _of(reading, at, ("after_low", "after", "after_high"), SHARE),
        }
        texts.append(
            say(
                "Of {member}’s outside ties {partner} has {before} today and {after} with the "
                "accord; no other has more.",
                **told,
            )
            if most["state"] == row["state"]
            else say(
                "Of {member}’s outside ties {partner} has {before} today and {after} with the "
                "accord; {other} has most.",
                other=names.get(most["state"], most["state"]),
                **told,
            )
        )
    return together(*texts)


def _of(reading: Reading, at: str, names: tuple[str, str, str], unit: Unit) -> Markup:
    """Write a figure with its range, from three keys of a row."""
    low, mid, high = (reading.number(f"{at}/{name}") for name in names)
    return range_of(low, mid, high, unit)


def _record(reading: Reading) -> str:
    """Say what the record is, and how two codings of it agree."""
    events = exact(reading, "window/events", COUNT)
    built_in = bool(reading.at("window/agreement"))
    text = (
        say(
            "It rests on {events} dated public events, chosen by people who knew what had "
            "happened: they illustrate, and validate nothing.",
            events=events,
        )
        if built_in
        else say("It rests on {events} dated events that were given.", events=events)
    )
    at = next(
        (n for n, row in enumerate(reading.at("window/agreement") or []) if row["by"] == "quad"),
        None,
    )
    if at is None:
        return text
    path = f"window/agreement/{at}"
    codings = say(
        "Two codings of them agree on {share} by kind of act, κ {kappa}.",
        share=exact(reading, f"{path}/share", SHARE),
        kappa=_of(reading, path, ("low", "kappa", "high"), NUMBER),
    )
    return together(text, codings)


def _tested(reading: Reading) -> str:
    """Say how such outlooks did, and how often a turn is found where there is none."""
    texts = []
    if reading.at("window/back_test"):
        at = "window/back_test/0"
        texts.append(
            say(
                "Looking back, {forecasts} forecasts {ahead} ahead missed by {mae} on the mean, "
                "“no change” by {same}, “the mean so far” by {mean}: so few prove nothing.",
                forecasts=exact(reading, f"{at}/forecasts", COUNT),
                ahead=exact(reading, f"{at}/ahead", MONTHS),
                mae=exact(reading, f"{at}/mae", NUMBER),
                same=exact(reading, f"{at}/mae_no_change", NUMBER),
                mean=exact(reading, f"{at}/mae_mean_so_far", NUMBER),
            )
        )
    if reading.has("window/alarm"):
        texts.append(
            say(
                "A pair of states without any turn is given one in {alarm} of cases.",
                alarm=exact(reading, "window/alarm", SHARE),
            )
        )
    return together(*texts)


def _warning(reading: Reading) -> str:
    """Say at which levels relations would warn."""
    names = {key: named(str(name)) for key, name in (reading.at("names") or {}).items()}
    rows = []
    for n, row in enumerate(reading.at("window/indicators") or []):
        told = {
            "pair": couple(str(row["pair"]), names),
            "threshold": exact(reading, f"window/indicators/{n}/threshold", NUMBER),
        }
        rows.append(
            say("{pair} above {threshold}", **told)
            if row["side"] == "above"
            else say("{pair} below {threshold}", **told)
        )
    if not rows:
        return ""
    return say(
        "Early warning that it closes, by the level of relations: {list}.", list=joined(rows)
    )


def _missing(reading: Reading) -> str:
    """Say what is a judgement, and which data would tell more."""
    return say(
        "The parts’ weights, and what counts as open (from {open} on), are judgements. A published "
        "series of events between these states, in place of a record kept by hand, would tell more "
        "(settings “window.events”, “window.panel”).",
        open=exact(reading, "settings/window/open_at", NUMBER),
    )
