"""Figures of a card as people read them: few digits, their scale in words, their unit behind."""

from __future__ import annotations

import math

__all__ = ["THIN", "between", "capital", "written"]

THIN = "\u202f"  # a narrow space at which no line breaks
UNKNOWN = "not known"
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_EVERY = (
    "",
    "people",
    "men",
)  # counted: no digit below a thousand is left out


def written(value: float | str | None, unit: str = "") -> str:
    """Write a figure with its unit.

    Parameters
    ----------
    value
        A text is given as it is; None and NaN are not known; truths are yes and no.
    unit
        "share" is written in per cent; empty for counts.

    Examples
    --------
    >>> [written(*one).replace(THIN, " ") for one in
    ...  ((1.2345e9, "USD/yr"), (0.4567, "share"), (12, ""), (2843.2, "km"), (None, "km"))]
    ['1.23 billion USD/yr', '46 %', '12', '2 840 km', 'not known']
    """
    if value is None or isinstance(value, str):
        return UNKNOWN if value is None else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if math.isnan(value):
        return UNKNOWN
    if unit == "share":
        return _percent(value)
    text = _amount(value, _scale(value), unit)
    return f"{text} {unit}" if unit else text


def capital(text: str) -> str:
    """Write the first letter large.

    Examples
    --------
    >>> capital("the plan’s line"), capital("")
    ('The plan’s line', '')
    """
    return text[:1].upper() + text[1:]


def between(low: float, high: float, unit: str = "", *, beside: float | None = None) -> str:
    """Write a range, without its unit: both ends in one scale.

    Parameters
    ----------
    low, high
        Its ends.
    unit
        As for `written`.
    beside
        A figure whose scale it is to have, where that is a thousand or more; else it is the scale
        of the greater end.

    Examples
    --------
    >>> between(1.636e6, 5.684e6).replace(THIN, " ")
    '1.64 to 5.68 million'
    >>> between(-0.5, 0.25, "share").replace(THIN, " ")
    '−50 to 25 %'
    """
    if unit == "share":
        ends = (_percent(low), _percent(high))
        marks = [end.removesuffix(f"{THIN}%") for end in ends]
        return f"{marks[0]} to {ends[1]}"
    scale = _scale(beside or 0.0)
    if beside is None or abs(beside) < 1000:
        scale = _scale(max(abs(end) for end in (low, high) if math.isfinite(end) or end == low))
    first = _amount(low, scale, unit).removesuffix(f"{THIN}{scale[1]}")
    return f"{first} to {_amount(high, scale, unit)}"


def _scale(value: float) -> tuple[float, str]:
    """Choose the scale of a number, as it will be rounded."""
    if not math.isfinite(value):
        return 1.0, ""
    for divisor, word in _SCALES:
        if float(f"{abs(value):.3g}") >= divisor:
            return divisor, word
    return 1.0, ""


def _amount(value: float, scale: tuple[float, str], unit: str) -> str:
    """Write a number in a scale: three significant digits, and every digit of small counts."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    divisor, word = scale
    counted = unit in _EVERY and abs(value) < 1000 and not word
    whole = counted and (unit != "" or float(value).is_integer())
    digits = 2 if unit == "" and abs(value) < 1 else 3
    text = f"{round(value)}".replace("-", "−") if whole else _digits(value / divisor, digits)
    return f"{text}{THIN}{word}" if word and text != "0" else text


def _percent(share: float) -> str:
    """Write a share in per cent; nothing is rounded to all or to nothing."""
    share = round(share, 9)  # sums of many cells end a little beside 0 and 1
    if not math.isfinite(share):
        return "∞" if share > 0 else "−∞"
    if 0 < abs(share) < 0.0005:
        return f"<{THIN}0.1{THIN}%" if share > 0 else f">{THIN}−0.1{THIN}%"
    digits = 1 if abs(share) < 0.1 or 0.995 <= abs(share) < 1 else 0
    cut = math.floor(share * 1000) / 10 if 0.995 <= share < 1 else share * 100
    return f"{_signed(f'{cut:.{digits}f}')}{THIN}%".replace(f".0{THIN}%", f"{THIN}%")


def _digits(value: float, digits: int) -> str:
    """Write a number with some significant digits, without zeros that end its decimals."""
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - power)
    text = f"{rounded:,.{max(0, digits - 1 - power)}f}"
    return _signed(text.rstrip("0").rstrip(".") if "." in text else text)


def _signed(number: str) -> str:
    """Put the sign of the minus, and thin spaces between thousands."""
    return number.replace("-", "−").replace(",", THIN)
