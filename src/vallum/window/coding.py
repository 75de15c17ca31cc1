"""The second coding of the record: by word rules, from the text lines alone.

The rules were written before the first line was collected (see `docs/method/record.md`), and are
not fitted to the first coding: their agreement with it is a finding, not a target.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RULES", "Rule", "code", "code_all"]


class Rule(NamedTuple):
    """Words, and the code of a line that has them.

    Attributes
    ----------
    words
        A regular expression, read without regard to case.
    cameo
        The CAMEO code that such a line gets.
    plover
        The PLOVER type that such a line gets.
    """

    words: str
    cameo: str
    plover: str


RULES = (  # the first that fits holds: blows, then breaks, then words, then work, then talk
    Rule(
        r"\bshot down|\bshelled|\bbombed|\bkilled|\bfired on|\braided|\bstruck\b", "190", "ASSAULT"
    ),
    Rule(r"\bexpelled \S+ diplomat|\bpersona non grata|\bsevered|\bbroke off", "161", "SANCTION"),
    Rule(
        r"\brecalled (its|his|her|their|the) ambassador|\bwithdrew (its|the) ambassador",
        "161",
        "SANCTION",
    ),
    Rule(r"\bdeported|\bexpelled|\bpushed back|\barrested|\bseized|\bdetained", "170", "COERCE"),
    Rule(
        r"\b(closed|shut) (its|the|their) (\S+ )?(airspace|border)|\bembargo|\bbanned|\bsuspended",
        "163",
        "SANCTION",
    ),
    Rule(r"\bthreatened|\bwarned|\bultimatum", "130", "THREATEN"),
    Rule(
        r"\bmassed|\breinforced its (troops|border)|\bmobilised|\bon alert|\bentered .* territory",
        "150",
        "MOBILIZE",
    ),
    Rule(r"\bwithdrew from|\brejected|\brefused|\bdenied|\bended the agreement", "120", "REJECT"),
    Rule(r"\bsummoned|\bprotested|\bcomplain|\bfiled a (case|suit)", "114", "DISAPPROVE"),
    Rule(
        r"\baccused|\bblamed|\bdenounced|\bcondemned|\bcriticised|\bregretted", "111", "DISAPPROVE"
    ),
    Rule(r"\bdemanded|\binsisted", "100", "DEMAND"),
    Rule(r"\bsigned|\bratified|\binitialled", "057", "SUPPORT"),
    Rule(
        r"\b(delivered|donated|gave|granted|sent) .*(tonnes?|aid|doses|equipment|vehicles|dollars|"
        r"scholarships|medical|food|fertili[sz]er|assistance)",
        "070",
        "AID",
    ),
    Rule(
        r"\bjoint (exercise|patrol|operation|manoeuvre)|\btrained|\bmilitary exercise",
        "062",
        "COOPERATE",
    ),
    Rule(
        r"\breopened|\blifted|\breleased|\bhanded over|\beased|\breturned (to|its|his)",
        "080",
        "CONCEDE",
    ),
    Rule(
        r"\bopened|\binaugurated|\blaunched|\bbegan (work|flights|exports)|\bput into service",
        "061",
        "COOPERATE",
    ),
    Rule(
        r"\bagreed|\bpromised|\boffered|\binvited|\bannounced|\bplanned|\bdecided", "030", "AGREE"
    ),
    Rule(
        r"\bbacked|\bpraised|\bendorsed|\bsupported|\bcredentials|\bappointed|\bnamed|\bresumed|"
        r"\bcondolences|\bthanked|\bwelcomed",
        "050",
        "SUPPORT",
    ),
    Rule(
        r"\bvisit|\breceived|\bhosted|\bmet\b|\bheld|\btalks|\bjoint commission|\bsession|"
        r"\btravelled|\btelephoned|\barrived|\bcommittee|\bdiscussed",
        "040",
        "CONSULT",
    ),
    Rule(r"\bcalled (on|for)|\bappealed|\basked|\burged|\bproposed", "020", "CONSULT"),
)
OTHER = Rule("", "010", "CONSULT")  # no word of any rule: a statement


def code(text: str) -> tuple[str, str]:
    """Code a line by the first rule whose words it has.

    Parameters
    ----------
    text
        One line of the record.

    Returns
    -------
    cameo
        The CAMEO code; 010, a statement, where no rule fits.
    plover
        The PLOVER type.
    """
    for rule in RULES:
        if re.search(rule.words, text, re.IGNORECASE):
            return rule.cameo, rule.plover
    return OTHER.cameo, OTHER.plover


def code_all(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Code many lines; each is seen alone.

    Parameters
    ----------
    texts
        The lines.

    Returns
    -------
    codes
        CAMEO code and PLOVER type of each.
    """
    return [code(text) for text in texts]
