"""Numbers as people read them: few significant digits, thin spaces, en dashes for ranges."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from vallum.brief.language import current, say, say_n
from vallum.kernel.card_figures import THIN, capital

__all__ = [
    "THIN",
    "Piece",
    "amount",
    "area",
    "between",
    "capital",
    "count",
    "linked",
    "listed",
    "percent",
    "plain",
    "trimmed",
    "whole",
]

_SCALES = ((1e9, "billion"), (1e6, "million"))
_ADDRESS = re.compile(r"https?://[^\s;|<>\"]+")


@dataclass(frozen=True)
class Piece:
    """A part of a text: with an address where it is a link."""

    text: str
    address: str = ""


def plain(value: float, digits: int = 2) -> str:
    """Write a number with some significant digits and thin spaces between thousands.

    Examples
    --------
    >>> plain(2843.4, 3).replace(THIN, " "), plain(0.6112), plain(10.36), plain(0.0)
    ('2 840', '0.61', '10', '0')
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - power)
    power = math.floor(math.log10(abs(rounded)))
    text = _signs(f"{abs(rounded):,.{max(0, digits - 1 - power)}f}")
    return f"−{text}" if value < 0 else text


def trimmed(value: float) -> str:
    """Write a round number, as a bound of classes is, without the zeros that end it.

    Examples
    --------
    >>> trimmed(0.5), trimmed(25.0), trimmed(3000.0).replace(THIN, " ")
    ('0.5', '25', '3 000')
    """
    return plain(value, 4) if abs(value) >= 1000 else _signs(f"{value:g}").replace("-", "−")


def whole(value: float) -> str:
    """Write a count of things, every digit of it, with thin spaces between thousands.

    Examples
    --------
    >>> whole(75.0), whole(12_000).replace(THIN, " ")
    ('75', '12 000')
    """
    return f"{round(value):,}".replace(",", THIN)


def amount(value: float, digits: int = 2) -> str:
    """Write a large number with its scale in words.

    Examples
    --------
    >>> amount(6267524.0).replace(THIN, " "), amount(1.3241e9).replace(THIN, " "), amount(40053.6)
    ('6.3 million', '1.3 billion', '40\u202f000')
    """
    divisor, word = _scale(value, digits)
    written = plain(value / divisor, digits)
    return f"{written}{THIN}{_word(word, value / divisor, digits)}" if word else written


def area(km2: float) -> str:
    """Write an area.

    Examples
    --------
    >>> area(25.0), area(396_000.0).replace(THIN, " ")
    ('25 km²', '396 000 km²')
    """
    return f"{amount(km2, 3 if km2 >= 100 else 2)} km²"


def count(value: float) -> str:
    """Write a number of people: three significant digits, and no parts of one.

    Examples
    --------
    >>> count(3.7e-9), count(17.2), count(17_684_100.0).replace(THIN, " ")
    ('0', '17', '17.7 million')
    """
    return amount(value, 3) if round(value) >= 1000 else str(round(value))


def between(low: float, high: float, digits: int = 2, *, scale: float | None = None) -> str:
    """Write a range, both ends in the scale of the upper one, or of a number that is given.

    Examples
    --------
    >>> between(1.636e6, 5.684e6).replace(THIN, " "), between(0.0, 2.06)
    ('1.6–5.7 million', '0–2.1')
    """
    divisor, word = _scale(high if scale is None else scale, digits)
    if low < 1e-4 * high:  # nothing, at any number of digits that a reader would want
        low = 0.0
    ends = f"{plain(low / divisor, digits)}–{plain(high / divisor, digits)}"
    return f"{ends}{THIN}{_word(word, high / divisor, digits)}" if word else ends


def percent(share: float, digits: int = 2) -> str:
    """Write a share in per cent.

    Examples
    --------
    >>> [percent(x).replace(THIN, " ") for x in (0.594, 0.001347, 0.9987, 1.0)]
    ['59 %', '0.13 %', '99.8 %', '100 %']
    """
    share = round(share, 9)  # sums of many cells end a little beside 0 and 1
    if 0 < share < 0.001:
        return say("under {least}", least=f"{plain(0.1, 1)}{THIN}%").replace(" ", THIN)
    if 0.995 <= share < 1:
        return f"{_signs(f'{math.floor(share * 1000.0) / 10.0:.1f}')}{THIN}%"
    return f"{plain(share * 100.0, 3 if share >= 1 else digits)}{THIN}%"


def listed(names: list[str], *, most: int = 6) -> str:
    """Join names with commas and "and"; what is beyond `most` is left out.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', 'none')
    """
    shown = names[:most]
    if not shown:
        return say("none")
    if len(shown) == 1:
        return shown[0]
    return say("{first} and {last}", first=", ".join(shown[:-1]), last=shown[-1])


def linked(text: str) -> list[Piece]:
    """Split a text into pieces, with the web addresses in it as links.

    Examples
    --------
    >>> linked("see https://a.org/x, low: judgement")[1]
    Piece(text='a.org/x', address='https://a.org/x')
    """
    out, at = [], 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(".,:)")
        if found.group().count("(") > address.count(")"):
            address = found.group().rstrip(".,:")
        end = found.start() + len(address)
        if found.start() > at:
            out.append(Piece(text[at : found.start()]))
        shown = address.split("://", 1)[1].removeprefix("www.")
        out.append(Piece(shown if len(shown) <= 48 else f"{shown[:46]}…", address))
        at = end
    if at < len(text):
        out.append(Piece(text[at:]))
    return out


def _signs(number: str) -> str:
    """Write a number of Python's with thin spaces and the decimal sign of the language."""
    return number.replace(",", THIN).replace(".", current().decimal)


def _word(word: str, value: float, digits: int) -> str:
    """Write the scale of a number; in French it takes an s from two on, as rounded."""
    if current().code == "en":
        return word
    rounded = float(f"{abs(value):.{digits}g}")
    if word == "million":
        return say_n("million", "millions", rounded)
    return say_n("billion", "billions", rounded)


def _scale(value: float, digits: int) -> tuple[float, str]:
    """Choose the scale of a number, as it will be rounded."""
    if not math.isfinite(value):
        return 1.0, ""
    for divisor, word in _SCALES:
        if float(f"{abs(value):.{digits}g}") >= divisor:
            return divisor, word
    return 1.0, ""
