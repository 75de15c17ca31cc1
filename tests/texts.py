"""Gathers every text that the brief, the explorer or the guard says, from code and templates."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, nodes

import vallum.brief

__all__ = ["Text", "gathered"]

HOME = Path(str(vallum.brief.__file__)).parent
CONTEXT = "\x04"
RAISED = {"TurnedAwayError": 1, "ProviderError": 0}  # which argument is said to people


class Text(NamedTuple):
    """A text with where it is said; `many` is its plural, or empty."""

    key: str
    many: str
    place: str
    braces: bool  # values in braces, as Python has them; else %(name)s, as templates have them


def gathered(home: Path = HOME) -> list[Text]:
    """Gather the texts of a package."""
    out = []
    for path in sorted(home.rglob("*.py")):
        out += _of_module(path)
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # it doubles per cent signs, as when the page is made
    for path in sorted((home / "assets").glob("*.j2")):
        source = path.read_text("utf-8")
        for line, function, message in environment.extract_translations(source):
            place = f"{path.name}:{line}"
            if function == "ngettext":
                out.append(Text(message[0], message[1], place, braces=False))
            elif function in ("gettext", "_"):
                key = message[0] if isinstance(message, tuple) else message
                out.append(Text(str(key), "", place, braces=False))
        for node in environment.parse(source).find_all(nodes.Call):
            out += _of_call(node, path)
    return out


def _of_call(node: object, path: Path) -> list[Text]:
    """Take the text of a `say(…)` in a template."""
    if not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name)):
        return []
    if node.node.name != "say" or not isinstance(node.args[0], nodes.Const):
        return []
    return [Text(str(node.args[0].value), "", f"{path.name}:{node.lineno}", braces=True)]


def _of_module(path: Path) -> list[Text]:
    out = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        place = f"{path.name}:{node.lineno}"
        if node.func.id == "say":
            key = _constant(node.args[0], place)
            context = next(
                (_constant(k.value, place) for k in node.keywords if k.arg == "context"), ""
            )
            out.append(Text(f"{context}{CONTEXT}{key}" if context else key, "", place, braces=True))
        elif node.func.id == "say_n":
            one, many = (_constant(arg, place) for arg in node.args[:2])
            out.append(Text(one, many, place, braces=True))
        elif node.func.id in RAISED:
            key = _constant(node.args[RAISED[node.func.id]], place)
            out.append(Text(key, "", place, braces=True))
    return out


def _constant(node: ast.expr, place: str) -> str:
    """Give a literal text; a text made when called can't be gathered."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise AssertionError(f"{place}: a text that people are told is not written out there")
