"""Formulas as MathML, made while the site is built: nothing is fetched to show them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from latex2mathml.converter import convert
from sphinx.util import logging

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
LIMITS = {"max", "min", "argmax", "argmin"}  # what they run over stands below them
FUNCTIONS = {"exp", "log", "ln", "sin", "cos", "max", "min"}
logger = logging.getLogger(__name__)


def to_mathml(latex: str, *, display: bool) -> str:
    """Turn LaTeX into a MathML element.

    Parameters
    ----------
    latex
        Formula, without its dollars.
    display
        Whether it stands on lines of its own.

    Returns
    -------
    str
        A `math` element, with the LaTeX as its annotation.

    Raises
    ------
    ValueError
        If the converter left a piece of LaTeX standing.
    """
    text = " ".join(latex.split())
    text = re.sub(r"\\begin\{aligned\}", r"\\begin{array}{rl}", text)
    text = re.sub(r"\\end\{aligned\}", r"\\end{array}", text)
    tree = ET.fromstring(convert(text, display="block" if display else "inline"))  # noqa: S314
    for element in tree.iter():
        # the converter keeps the escape that LaTeX needs within \text
        if element.text:
            element.text = element.text.replace(r"\_", "_")
        # text counts as space, and signs beside it would lose theirs: words are names here
        if element.tag.endswith("}mtext") and (element.text or "").strip():
            element.tag = f"{{{NAMESPACE}}}mi"
            element.set("mathvariant", "normal")
        _limits(element, display=display)
        # browsers know the style, and not the old attribute
        side = element.attrib.pop("columnalign", None)
        if side:
            element.set("style", f"text-align: {side}")
    for row in list(tree.iter()):
        _space(row)
        _bars(row)
    left = "".join(tree.itertext())
    if "\\" in left or "&" in left:
        raise ValueError(f"not all of this formula could be converted: {latex}")
    if display:
        for cell in tree.iter(f"{{{NAMESPACE}}}mtable"):
            cell.set("displaystyle", "true")
    _annotate(tree, latex)
    ET.register_namespace("", NAMESPACE)
    return ET.tostring(tree, encoding="unicode")


def _limits(element: ET.Element, *, display: bool) -> None:
    """Put what a maximum runs over below it, where there is room."""
    under = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
    kind = element.tag.rpartition("}")[2]
    if display and kind in under and len(element) and (element[0].text or "") in LIMITS:
        element.tag = f"{{{NAMESPACE}}}{under[kind]}"


def _space(row: ET.Element) -> None:
    """Set signs close to what they belong to, and names of functions apart from what precedes."""
    for number, element in reversed(list(enumerate(row))):
        before = row[number - 1] if number else None
        operator = before is None or before.tag.endswith("}mo") or before.tag.endswith("}mspace")
        text = element.text or ""
        if element.tag.endswith("}mo") and text in {"-", "\u2212"} and operator:
            closing = before is not None and (before.text or "") in {")", "]", "}"}
            if not closing:
                element.set("form", "prefix")
        if element.tag.endswith("}mi") and text in FUNCTIONS and not operator:
            row.insert(number, ET.Element(f"{{{NAMESPACE}}}mspace", width="0.167em"))


def _bars(row: ET.Element) -> None:
    """Say which bar opens and which closes: the same sign stands for both."""
    bars = [element for element in row if element.tag.endswith("}mo") and element.text == "|"]
    for number, bar in enumerate(bars):
        bar.set("form", "postfix" if number % 2 else "prefix")


def _annotate(tree: ET.Element, latex: str) -> None:
    """Keep the source beside the formula, for those who copy it."""
    semantics = ET.Element(f"{{{NAMESPACE}}}semantics")
    semantics.extend(list(tree))
    note = ET.SubElement(semantics, f"{{{NAMESPACE}}}annotation", encoding="application/x-tex")
    note.text = latex.strip()
    for child in list(tree):
        tree.remove(child)
    tree.append(semantics)


def _rendered(self: HTML5Translator, node: nodes.Element, *, display: bool) -> str:
    """Give the MathML of a node; what can't be converted is a warning, and shown as written."""
    try:
        return to_mathml(node.astext(), display=display)
    except Exception as error:  # noqa: BLE001  (the converter has no error of its own)
        logger.warning("formula: %s", error, location=node)
        return f"<code>{self.encode(node.astext())}</code>"


def visit_inline(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula within a sentence."""
    from docutils import nodes as kinds  # noqa: PLC0415

    self.body.append(_rendered(self, node, display=False))
    raise kinds.SkipNode


def visit_block(self: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula on lines of its own; it scrolls by itself where the page is narrow."""
    from docutils import nodes as kinds  # noqa: PLC0415

    self.body.append('<div class="formula" tabindex="0">')
    self.body.append(_rendered(self, node, display=True))
    self.body.append("</div>\n")
    raise kinds.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the renderer."""
    app.add_html_math_renderer("offline", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
