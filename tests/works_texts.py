"""Every text of the built-in tables of works and law that the brief says, gathered by code."""

from __future__ import annotations

import re

from vallum.works.catalogue import load_catalogue
from vallum.works.law import load_law
from vallum.works.real_lines import load_real_lines

__all__ = ["texts_of_law", "texts_of_works"]

_BEFORE_SIZES = re.compile(r",|\(| (?=\d)")


def texts_of_works() -> list[str]:
    """Give texts, brief names and names with an article of all that the catalogue lists."""
    catalogue = load_catalogue(None)
    out: list[str] = []
    for key, item in catalogue.items.items():
        out += [item.text, item.text.split(",")[0], key.replace("_", " ")]
        if item.role == "barrier":
            bare = _BEFORE_SIZES.split(item.text)[0].strip()
            many = bare.split(" ", 1)[0].endswith("s") or bare.startswith(("two ", "three "))
            article = "an" if bare[0] in "aeiou" else "a"
            out.append(bare if many else f"{article} {bare}")
        out.append(item.harm)
    out += [material.text.split(":")[0] for material in catalogue.materials.values()]
    out += [mode.text for mode in catalogue.modes.values()]
    for line in load_real_lines():
        out += [line.text, line.note]
    return list(dict.fromkeys(text for text in out if text))


def texts_of_law() -> list[str]:
    """Give what the rules that bar, the duties and the standing of states say."""
    law = load_law()
    out: list[str] = []
    for rule in law.rules:
        out += [rule.instrument, rule.text, rule.article]
    for duty in law.duties:
        out += [duty.instrument, duty.text, duty.article]
    for status in law.status.values():
        out += [] if status.ccw_ap2.startswith("party, consent ") else [status.ccw_ap2]
        out.append(status.note)
    return list(dict.fromkeys(text for text in out if text and text != "whole"))
