"""Can violence be foretold a year ahead? The forecasts' verdict and scores, for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vallum.brief.language import of_stage, say, say_n
from vallum.brief.page_text import between, listed, percent, plain, whole
from vallum.threat.intensity.counts import MODELS
from vallum.threat.intensity.forecast import BASELINES, SCORES

if TYPE_CHECKING:
    from vallum.plan import Plan
    from vallum.threat.intensity.forecast import Forecast

__all__ = ["forecast"]


def forecast(plan: Plan) -> dict[str, Any] | None:
    """Give the verdict on the forecasts and their mean scores; None where none could be scored."""
    found = plan.threat.forecast
    if found is None:
        return None
    rows = []
    for row in found.means.to_dict("records"):
        key = str(row["model"])
        if key == "default" or key in BASELINES:
            name = say("this page’s default") if key == "default" else of_stage(MODELS[key].name)
            rows.append(
                {
                    "model": name,
                    "log": plain(row["log_score"]),
                    "log_range": between(row["log_score_low"], row["log_score_high"]),
                    "crps": plain(row["crps"]),
                    "crps_range": between(row["crps_low"], row["crps_high"]),
                }
            )
    wanted = percent(found.interval)
    return {
        "verdict": _verdict(found),
        "rows": rows,
        "caption": say_n(
            "Means over {n} year foretold; smaller is better",
            "Means over {n} years foretold; smaller is better",
            len(found.splits),
            n=whole(len(found.splits)),
        ),
        "log": say("Log score, nats"),
        "crps": say("CRPS, events"),
        "wanted": wanted,
        "inside": say(
            "{share} of the counts fell inside the default’s {wanted} interval.",
            share=percent(found.coverage),
            wanted=wanted,
        ),
    }


def _verdict(found: Forecast) -> tuple[str, ...]:
    """Say whether the default beat the simple forecasts, how surely, and what is used next."""
    used = sorted(set(found.table.loc[found.table["model"] == "default", "fitted"]))
    default = listed([_quoted(str(key)) for key in used])
    return (_beaten(found, default), *_chance(found), _next(found))


def _beaten(found: Forecast, default: str) -> str:
    lost = [tuple(pair.split(": ")) for pair in found.lost]
    if not lost:
        return say(
            "The default ({default}) beats all three simple forecasts by mean log score and by "
            "CRPS.",
            default=default,
        )
    return say(
        "The default ({default}) does not beat all three simple forecasts: it loses to {lost}.",
        default=default,
        lost=listed([_by(model, score) for score, model in lost]),
    )


def _chance(found: Forecast) -> tuple[str, ...]:
    """Name the leads that may be chance."""
    rows = found.against.set_index("model")
    unsure = [
        _by(key, score)
        for score in SCORES
        for key in BASELINES
        if rows[score][key] > 0 >= rows[f"{score}_low"][key]
    ]
    if not unsure:
        return ()
    return (
        say(
            "Its lead over {unsure} is within the {share} interval: it may be chance.",
            unsure=listed(unsure),
            share=percent(found.interval),
        ),
    )


def _next(found: Forecast) -> str:
    return say("What is used next: {model}.", model=_quoted(found.best))


def _by(key: str, score: str) -> str:
    """Name a forecast and the score by which it is compared."""
    if score == "crps":
        return say("{model} by CRPS", model=_quoted(key))
    return say("{model} by log score", model=_quoted(key))


def _quoted(key: str) -> str:
    return say("“{name}”", name=of_stage(MODELS[key].name))
