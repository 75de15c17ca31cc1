"""Pages that are filled in by code: a comment in the page says what belongs in its place."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filled_api
import filled_commands
import filled_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
# a heading's code goes below it, so that contents and menus stay short
HEADING = re.compile(r"^(#{1,4} [^\n]*?) \((`[^\n]*`)\)$", re.MULTILINE)
MARK = re.compile(r"^<!-- filled: (\w+)(?: (\S.*?))? -->$", re.MULTILINE)


def whole(name: str) -> str:
    """Give a Markdown file of the project's folder, its links turned for a page of docs/."""
    return _turned((ROOT / name).read_text("utf-8"))


def section(given: str) -> str:
    """Give one section of a file, without its heading: the file's name, then the heading."""
    name, _, heading = given.partition(" ")
    text = (ROOT / name).read_text("utf-8")
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    if found is None:
        raise ValueError(f"{name} has no section '{heading}'")
    return _turned(found[1].strip())


def notebook(name: str) -> str:
    """Give a notebook's cells as a page."""
    cells = json.loads((ROOT / "docs" / name).read_text("utf-8"))["cells"]
    return "\n\n".join(
        text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```"
        for cell in cells
        for text in ["".join(cell["source"])]
    )


def gallery(_given: str) -> str:
    """Give every picture that the gallery's script makes, with its title and alternative text."""
    made = runpy.run_path(str(ROOT / "docs/gallery/make.py"), run_name="gallery")
    return "\n\n".join(
        f"## {picture.title}\n\n```{{image}} {picture.name}.png\n:alt: {picture.alt}\n"
        f":class: gallery\n```\n\n{picture.alt}\n\n`{picture.command}`"
        for picture in made["PICTURES"]
    )


def _turned(text: str) -> str:
    """Turn links from the project's folder to pages: what is no page is named, and not linked."""

    def turn(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        if target in {"CHANGELOG.md", "CONTRIBUTING.md"}:
            return f"[{words}]({target.lower()})"
        if target.startswith("docs/"):
            return f"[{words}]({target.removeprefix('docs/')})"
        return words

    return re.sub(r"\[([^\]]+)\]\((?![a-z]+:)([^)\s]+)\)", turn, text)


FILLERS: dict[str, Callable[[str], str]] = {
    "whole": whole,
    "section": section,
    "notebook": notebook,
    "gallery": gallery,
    "commands": filled_commands.commands,
    "settings": filled_settings.settings,
    "api": filled_api.api,
}


def fill(_app: Sphinx, _docname: str, source: list[str]) -> None:
    """Fill in a page before it is read."""
    text = HEADING.sub(r"\1\n\n{.home}\n\2\n", source[0])
    source[0] = MARK.sub(lambda found: FILLERS[found[1]](found[2] or ""), text)


def setup(app: Sphinx) -> dict[str, Any]:
    """Fill in every page that asks for it."""
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
