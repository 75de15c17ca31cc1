"""The commented config that `vallum theatre init` writes."""

from __future__ import annotations

from importlib import resources

__all__ = ["template"]


def template() -> str:
    """Give the text of a commented CONFIG.toml.

    Examples
    --------
    >>> template().splitlines()[0]
    '# A theatre of your own. Fill this in, then:'
    """
    return resources.files(__package__).joinpath("template.toml").read_text("utf-8")
