"""Styles as QGIS reads them (QML): symbols, renderers and labels as XML.

The elements and their attributes are those that QGIS 3.22 itself saves; what isn't given here QGIS
takes from its defaults. https://docs.qgis.org/3.22/en/docs/user_manual/appendices/qgis_file_formats.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from vallum.brief import look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Class",
    "Label",
    "Paint",
    "Range",
    "arrows",
    "categorised",
    "document",
    "fill",
    "graduated",
    "line",
    "marker",
    "single",
]

_VERSION = "3.22.16-Białowieża"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
Kind = Literal["fill", "line", "marker"]


@dataclass(frozen=True)
class Paint:
    """One layer of a symbol: QGIS's class of it, its properties, and expressions for some."""

    kind: Kind
    of: str
    properties: Mapping[str, str]
    expressions: Mapping[str, str] = field(default_factory=dict)
    sub: Paint | None = None


@dataclass(frozen=True)
class Class:
    """Features with one text: its legend, the text, and how they are painted."""

    label: str
    of: str
    paints: tuple[Paint, ...]


@dataclass(frozen=True)
class Range:
    """Features with a number between two ends: legend, ends, and how they are painted."""

    label: str
    ends: tuple[float, float]
    paints: tuple[Paint, ...]


@dataclass(frozen=True)
class Label:
    """What is written at each feature: an expression, its size (points), and who comes first."""

    expression: str
    size: float
    colour: str
    priority: str = ""
    along: bool = False


def colour(hexadecimal: str, alpha: float = 1.0) -> str:
    """Give a colour as QGIS writes it.

    Examples
    --------
    >>> colour("#0072b2", 0.5)
    '0,114,178,128'
    """
    red, green, blue = (int(hexadecimal[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(alpha * 255)}"


def fill(inside: str, alpha: float) -> Paint:
    """Paint an area without an outline; `inside` is a hexadecimal colour, `alpha` 0 to 1."""
    return Paint("fill", "SimpleFill", {
        "color": colour(inside, alpha), "style": "solid", "outline_style": "no",
    })  # fmt: skip


def line(of: str, width: float, dash: str = "solid") -> Paint:
    """Paint a line: its colour, width in mm, and Qt's name of its pattern."""
    return Paint("line", "SimpleLine", {
        "line_color": colour(of), "line_width": f"{width:g}", "line_width_unit": "MM",
        "line_style": dash, "capstyle": "flat", "joinstyle": "round",
    })  # fmt: skip


def marker(
    inside: str, size: float, shape: str = "circle", edge: str = look.SHEET, *, by: str = ""
) -> Paint:
    """Paint a point: colour, size in mm, shape; `by` is an expression that gives the colour."""
    return Paint(
        "marker",
        "SimpleMarker",
        {
            "name": shape, "color": colour(inside), "size": f"{size:g}", "size_unit": "MM",
            "outline_color": colour(edge), "outline_width": "0.2", "outline_width_unit": "MM",
        },
        {"fillColor": by} if by else {},
    )  # fmt: skip


def arrows(of: str, size: float) -> Paint:
    """Put an arrow's head at the end of a line."""
    return Paint(
        "line",
        "MarkerLine",
        {"placement": "lastvertex", "rotate": "1"},
        sub=marker(of, size, "filled_arrowhead", of),
    )


def single(paints: Sequence[Paint]) -> ET.Element:
    """Paint all features alike."""
    root = ET.Element("renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0")
    root.append(_symbols([paints]))
    return root


def categorised(attribute: str, classes: Sequence[Class]) -> ET.Element:
    """Paint features by a text; the class of "" takes in whatever has no class of its own."""
    root = ET.Element(
        "renderer-v2",
        type="categorizedSymbol", attr=attribute, symbollevels="0", enableorderby="0",
    )  # fmt: skip
    within = ET.SubElement(root, "categories")
    for number, each in enumerate(classes):
        ET.SubElement(
            within, "category",
            symbol=str(number), value=each.of, label=each.label, render="true", type="string",
        )  # fmt: skip
    root.append(_symbols([each.paints for each in classes]))
    return root


def graduated(expression: str, classes: Sequence[Range], *, size: bool = False) -> ET.Element:
    """Paint features by a number: classes with a lower and an upper end each."""
    root = ET.Element(
        "renderer-v2",
        type="graduatedSymbol", attr=expression, symbollevels="0", enableorderby="0",
        graduatedMethod="GraduatedSize" if size else "GraduatedColor",
    )  # fmt: skip
    within = ET.SubElement(root, "ranges")
    for number, each in enumerate(classes):
        low, high = each.ends
        ET.SubElement(
            within, "range",
            symbol=str(number), lower=str(low), upper=str(high), label=each.label, render="true",
        )  # fmt: skip
    root.append(_symbols([each.paints for each in classes]))
    return root


def document(renderer: ET.Element, label: Label | None = None) -> str:
    """Put a renderer and a label together.

    Parameters
    ----------
    renderer
        From `single`, `categorised` or `graduated`.
    label
        What is written; None: nothing.

    Returns
    -------
    str
        QML.
    """
    root = ET.Element(
        "qgis",
        version=_VERSION,
        styleCategories="Symbology|Labeling",
        labelsEnabled=str(int(label is not None)),
    )
    root.append(renderer)
    if label is not None:
        root.append(_labeling(label))
    ET.indent(root, " ")
    return _DOCTYPE + ET.tostring(root, "unicode") + "\n"


def _symbols(all_paints: Sequence[Sequence[Paint]]) -> ET.Element:
    """List symbols by number, each of one or more layers."""
    root = ET.Element("symbols")
    for number, paints in enumerate(all_paints):
        root.append(_symbol(str(number), paints))
    return root


def _symbol(name: str, paints: Sequence[Paint]) -> ET.Element:
    symbol = ET.Element("symbol", type=paints[0].kind, name=name, alpha="1", clip_to_extent="1")
    for number, paint in enumerate(paints):
        layer = ET.SubElement(
            symbol, "layer", {"class": paint.of, "enabled": "1", "locked": "0", "pass": "0"}
        )
        layer.append(_map(paint.properties))
        if paint.expressions:
            layer.append(_defined(paint.expressions))
        if paint.sub is not None:
            layer.append(_symbol(f"@{name}@{number}", [paint.sub]))
    return symbol


def _map(values: Mapping[str, str], **attributes: str) -> ET.Element:
    root = ET.Element("Option", {"type": "Map", **attributes})
    for name, value in values.items():
        ET.SubElement(root, "Option", type="QString", name=name, value=value)
    return root


def _defined(expressions: Mapping[str, str], tag: str = "data_defined_properties") -> ET.Element:
    """Let expressions give properties: QGIS's type 3."""
    root = ET.Element(tag)
    whole = ET.SubElement(root, "Option", type="Map")
    ET.SubElement(whole, "Option", type="QString", name="name", value="")
    each = ET.SubElement(whole, "Option", type="Map", name="properties")
    for name, expression in expressions.items():
        one = ET.SubElement(each, "Option", type="Map", name=name)
        ET.SubElement(one, "Option", type="bool", name="active", value="true")
        ET.SubElement(one, "Option", type="QString", name="expression", value=expression)
        ET.SubElement(one, "Option", type="int", name="type", value="3")
    ET.SubElement(whole, "Option", type="QString", name="type", value="collection")
    return root


def _labeling(label: Label) -> ET.Element:
    """Write labels with a white rim, beside points and along lines."""
    root = ET.Element("labeling", type="simple")
    settings = ET.SubElement(root, "settings", calloutType="simple")
    text = ET.SubElement(
        settings, "text-style",
        fieldName=label.expression, isExpression="1", fontFamily="Open Sans", namedStyle="Regular",
        fontSize=f"{label.size:g}", fontSizeUnit="Point", textColor=colour(label.colour),
        textOpacity="1",
    )  # fmt: skip
    ET.SubElement(
        text, "text-buffer",
        bufferDraw="1", bufferSize="0.7", bufferSizeUnits="MM", bufferColor=colour(look.SHEET, 0.8),
        bufferOpacity="1",
    )  # fmt: skip
    ET.SubElement(
        settings, "placement",
        placement="2" if label.along else "6", dist="1", distUnits="MM", priority="5",
        placementFlags="10",
    )  # fmt: skip
    ET.SubElement(settings, "rendering", displayAll="0", obstacle="1", scaleVisibility="0")
    if label.priority:
        settings.append(_defined({"Priority": label.priority}, "dd_properties"))
    return root
