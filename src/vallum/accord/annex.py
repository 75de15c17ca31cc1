"""The draft of the task annex: what each state does where, until when, for how much."""

from __future__ import annotations

from vallum.accord.annex_articles import articles
from vallum.accord.annex_blocks import Annex, trace
from vallum.accord.annex_check import check
from vallum.accord.annex_docx import to_docx
from vallum.accord.annex_figures import AnnexFigures, value_of
from vallum.accord.annex_markdown import to_markdown

__all__ = ["Annex", "AnnexFigures", "draft", "to_docx", "to_markdown", "trace", "value_of"]


def draft(figures: AnnexFigures) -> Annex:
    """Draft the annex.

    Parameters
    ----------
    figures
        All that it says.

    Returns
    -------
    Annex
        To be set by `vallum.accord.annex_markdown.to_markdown` and
        `vallum.accord.annex_docx.to_docx`.

    Raises
    ------
    InputError
        If the figures leave a blank, contradict each other or carry a coordinate
        (`vallum.accord.annex_check.check`).
    """
    check(figures)
    return Annex(figures.title, figures, tuple(articles(figures)))
