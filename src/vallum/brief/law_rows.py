"""What the law bars, what would do the same lawfully, and who is bound, as rows of text."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from vallum.brief.language import dated, named, of_stage, say
from vallum.brief.page_text import THIN, amount, between, linked, plain
from vallum.brief.works_names import brief_name, composed, surface
from vallum.works.law import load_law

if TYPE_CHECKING:
    from vallum.plan import Plan

__all__ = ["barred", "equivalents", "treaties"]

_CONSENT = re.compile(r"party, consent (\d{4}-\d\d-\d\d)")


def barred(plan: Plan) -> list[dict[str, Any]]:
    """List what the law or the project's policy bars."""
    names = plan.theatre.countries["name"]
    articles = {rule.id: (rule.instrument, rule.article) for rule in load_law().rules}
    out = []
    for row in plan.works.barred.reset_index().to_dict("records"):
        bound = [part.strip() for part in str(row["states_bound"]).split(",") if part.strip()]
        instrument, article = articles.get(str(row["rule"]), (str(row["rule_name"]), "whole"))
        out.append(
            {
                "item": str(row["item"]),
                "text": of_stage(str(row["text"])).replace("km2", "km²"),
                "rule": instrument_name(instrument, article),
                "rule_text": of_stage(str(row["rule_text"])),
                "source": linked(row["rule_source"]),
                "bound": ", ".join(named(str(names.get(iso3, iso3))) for iso3 in bound),
                "harm": of_stage(str(row["harm"])),
                "price": amount(row["price_usd_km_yr"]),
                "price_range": between(row["price_low_usd_km_yr"], row["price_high_usd_km_yr"]),
            }
        )
    return out


def instrument_name(instrument: str, article: str) -> str:
    """Name an instrument of law and the place in it.

    Parameters
    ----------
    instrument, article
        As `vallum.works.law` has them; "whole" where no one place is meant.

    Returns
    -------
    str
        In the language of the block.
    """
    whole = of_stage(instrument)
    return whole if article == "whole" else f"{whole}, {of_stage(article)}"


def equivalents(plan: Plan) -> list[dict[str, str]]:
    """List the lawful works that delay as long as what is barred."""
    text = {str(k): brief_name(str(v)) for k, v in plan.works.barred["text"].items()}
    return [
        {
            "item": text.get(str(row["item"]), str(row["item"])),
            "surface": surface(str(row["surface"])),
            "what": composed(str(row["equivalent"])),
            "forts": f"{plain(row['fort_spacing_km'])}{THIN}km",
            "cost": amount(row["equivalent_usd_km_yr"]),
            "met": say("yes") if row["equivalent_met"] else say("no"),
        }
        for row in plan.works.equivalents.to_dict("records")
    ]


def treaties(plan: Plan) -> list[dict[str, Any]]:
    """Say what binds each member and partner."""
    status = load_law().status
    countries = plan.theatre.countries
    roles = {"member": say("member"), "partner": say("partner")}
    out = []
    for iso3, role in countries["role"].items():
        if role not in roles:
            continue
        row: dict[str, Any] = {
            "state": named(str(countries["name"][str(iso3)])),
            "role": roles[str(role)],
        }
        known = status.get(str(iso3))
        if known is None:
            unknown = {"ban": say("not known"), "ccw": say("not known"), "note": "", "source": []}
            out.append(row | unknown)
            continue
        ban = (
            say("party since {year}", year=known.mine_ban.year)
            if known.mine_ban
            else say("not a party")
        )
        more = {"ban": ban, "ccw": _protocol(known.ccw_ap2), "note": of_stage(known.note)}
        out.append(row | more | {"source": linked(known.source)})
    return out


def _protocol(said: str) -> str:
    """Say how a state stands under the amended protocol on mines."""
    consent = _CONSENT.fullmatch(said)
    if consent is None:
        return of_stage(said)
    return say("party, consent of {day}", day=dated(dt.date.fromisoformat(consent.group(1))))
