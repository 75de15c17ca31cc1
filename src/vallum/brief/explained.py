"""Why these works stand at a place: as tables for the terminal, and as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from vallum.brief.page_text import THIN, between, percent, plain

if TYPE_CHECKING:
    from vallum.works import Explanation

__all__ = ["explained_record", "explained_tables", "explained_words"]

_SHOWN = 12  # points of the frontier, those nearest to the chosen one


def explained_words(found: Explanation) -> str:
    """Say in a few sentences what stands at a place, and why.

    Parameters
    ----------
    found
        From `vallum.works.explain`.

    Returns
    -------
    str
        Lines of text.
    """
    row = found.chosen
    lines = [
        "On open water nothing stands; these are the works of the nearest bank."
        if found.bank
        else "No post can stand on ground this steep, and so no line; these are the works of the "
        "nearest ground on which one can."
        if found.barren
        else "",
        f"{str(row['description'])[:1].upper()}{str(row['description'])[1:]}.",
        _choice(found),
        (
            f"The response is there after {plain(found.response_s[0] / 60)} minutes "
            f"(± {plain(found.response_s[1] / 60)}), at the point midway between two forts."
        ),
        *(
            (
                f"{item['text'].split(',')[0]}: never placed. {item['rule']} bars it. It would "
                f"have cost {plain(item['price_usd_km_yr'])} USD per km and year, harm not "
                f"counted; {item['equivalent'].replace('+', ' and ') or 'nothing'} delays "
                + _as_long(item["short_s"])
                + f" for {plain(item['equivalent_usd_km_yr'])}: "
                + (
                    f"mines would have saved {plain(item['saved_usd_km_yr'])}."
                    if item["saved_usd_km_yr"] > 0
                    else f"mines would have cost {plain(-item['saved_usd_km_yr'])} more."
                )
            )
            for item in found.barred.to_dict("records")
        ),
    ]
    return "\n".join(line for line in lines if line)


def _as_long(short_s: float) -> str:
    """Say whether lawful works delay as long as what they stand in for, or how much less."""
    return "as long" if short_s <= 0 else f"up to {plain(short_s)} seconds less"


def _choice(found: Explanation) -> str:
    """Say why it and no other, and what it stops and costs."""
    row, many = found.chosen, f"{found.candidates:,} lawful compositions"
    facts = (
        f"it stops {percent(row['p_e'])} ({between(100 * row['p_e_low'], 100 * row['p_e_high'])}"
        f"{THIN}%) of those who cross {found.path}, for {plain(row['cost_usd_km_yr'], 3)} "
        f"({between(row['cost_low_usd_km_yr'], row['cost_high_usd_km_yr'])}) USD per km and year."
    )
    if found.rule == "least_cost":
        return (
            f"Of {many} it costs least together with the losses that still come through, of "
            f"{plain(found.at_stake_usd_km_yr, 3)} USD per km and year at stake: {facts}"
        )
    if row["standard_met"]:
        return f"Of {many} it is the cheapest that meets the standard: {facts}"
    stands = "" if found.buildable else " So no line stands there."
    return f"None of {many} meets the standard; this one stops most: {facts}{stands}"


def explained_tables(found: Explanation) -> dict[str, pd.DataFrame]:
    """Lay out why these works stand at a place.

    Parameters
    ----------
    found
        From `vallum.works.explain`.

    Returns
    -------
    tables
        By title, in the order in which one asks.
    """
    front = found.frontier
    at = int(front["chosen"].to_numpy().argmax())
    first = max(0, min(at - _SHOWN // 2, len(front) - _SHOWN))
    some = front.iloc[first : first + _SHOWN]
    gates = pd.DataFrame(
        {"gate": list(found.gates), "per km": [round(v, 4) for v in found.gates.values()]}
    )
    return {
        "the ground": pd.DataFrame({"what": list(found.ground), "is": list(found.ground.values())}),
        f"cost and effect: {len(some)} of {len(front)} that nothing cheaper equals": some,
        f"the crossing that is worst for us: {found.path}": found.tasks.round(3),
        "why the others lost": found.others.round(3).astype(object).fillna(""),
        "what the effect hangs on: P_E with each figure at its ends, and for 1 % more of it": (
            found.doubts.round(4)
        ),
        "gates for those who may pass, and their USD/km/yr": gates,
        "never placed": found.barred.drop(columns=["rule_text"]).round(0),
        "what may stand, by state": _standing(found.law),
    }


def _standing(law: pd.DataFrame) -> pd.DataFrame:
    """Lay out the legal status: a row per item, a column per state, then the rules that bar it."""
    rows = []
    for key, each in law.groupby("item", sort=False):
        rules = [rule for rule in dict.fromkeys(each["rule"]) if rule]
        status = dict(zip(each["state"], each["status"], strict=True))
        rows.append({"item": key, **status, "rule": ", ".join(rules)})
    return pd.DataFrame(rows)


def explained_record(found: Explanation) -> dict[str, Any]:
    """Put an explanation into one record of plain values."""
    row = {
        str(key): value.item() if hasattr(value, "item") else value
        for key, value in found.chosen.items()
    }
    return {
        "ground": found.ground,
        "bank": found.bank,
        "barren": found.barren,
        "buildable": found.buildable,
        "rule": found.rule,
        "chosen": row | {"items": list(row["items"])},
        "candidates": found.candidates,
        "at_stake_usd_km_yr": found.at_stake_usd_km_yr,
        "path": found.path,
        "response_s": {"mean": found.response_s[0], "sd": found.response_s[1]},
        "gates": found.gates,
        **{
            name: getattr(found, name).to_dict("records")
            for name in ("frontier", "tasks", "others", "doubts", "barred", "law")
        },
    }
