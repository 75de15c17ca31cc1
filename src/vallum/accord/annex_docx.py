"""The annex as a Word document, by python-docx (MIT); the same bytes for the same draft."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from typing import TYPE_CHECKING

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Pt

from vallum.accord.annex_blocks import Heading, Table

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell

    from vallum.accord.annex_blocks import Annex, Line

__all__ = ["to_docx"]

_MADE_BY = "Vallum"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can carry
_SMALL = 8  # points, in tables


def to_docx(annex: Annex) -> bytes:
    """Set the annex as a Word document.

    Parameters
    ----------
    annex
        The draft.

    Returns
    -------
    bytes
        A .docx. Its dates are that of the data, and members of the zip carry no time: the same
        bytes for the same draft and the same versions of python-docx and zlib.
    """
    document = docx.Document()
    _page(document)
    _properties(document, annex)
    for block in annex.blocks:
        if isinstance(block, Heading):
            document.add_heading(_text(block.line), block.level)
        elif isinstance(block, Table):
            _table(document, block)
        else:
            style = "List Bullet" if block.item else None
            document.add_paragraph(_text(block.line), style)
    made = io.BytesIO()
    document.save(made)
    return _timeless(made.getvalue())


def _text(line: Line) -> str:
    """Join the pieces of a line."""
    return "".join(piece.text for piece in line)


def _page(document: Document) -> None:
    """Turn the page on its side: tables are wide."""
    section = document.sections[0]
    width, height = section.page_height, section.page_width
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = width, height


def _properties(document: Document, annex: Annex) -> None:
    """Say what the document is; the template's own dates and author go."""
    when = datetime.combine(annex.figures.as_of, time())  # docx takes no zone
    about = document.core_properties
    about.title = annex.title[:255]
    about.author = about.last_modified_by = _MADE_BY
    about.comments = "Draft"
    about.created = about.modified = when
    about.revision = 1


def _table(document: Document, block: Table) -> None:
    """Set a table; its head is repeated on every page."""
    table = document.add_table(rows=1 + len(block.cells), cols=len(block.heads))
    table.style = "Table Grid"
    head, *rows = table.rows
    for cell, text in zip(head.cells, block.heads, strict=True):
        _fill(cell, text, bold=True, right=False)
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    head._tr.get_or_add_trPr().append(repeat)  # noqa: SLF001  (python-docx has no call for it)
    for row, lines in zip(rows, block.cells, strict=True):
        for cell, line, numeric in zip(row.cells, lines, block.numeric, strict=True):
            _fill(cell, _text(line), bold=False, right=numeric)
    document.add_paragraph()  # Word joins tables that touch


def _fill(cell: _Cell, text: str, *, bold: bool, right: bool) -> None:
    """Write a cell."""
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.size = Pt(_SMALL)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _timeless(made: bytes) -> bytes:
    """Pack a zip anew, without times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 0  # else it tells on which system it was made
            new.writestr(info, old.read(name), zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()
