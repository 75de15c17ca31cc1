"""What a page in one file is made of: our templates, styles and scripts, and Bokeh's.

Figures are JSON with ids that are always the same.
"""

from __future__ import annotations

import base64
import functools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.resources import Resources
from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vallum.brief import look
from vallum.brief.language import current, gettext, named, ngettext, of_stage, say

if TYPE_CHECKING:
    from jinja2.bccache import Bucket
    from numpy.typing import NDArray

__all__ = ["as_data", "assets", "bokeh_script", "figure_json", "packed"]


def assets(*names: str) -> tuple[Environment, dict[str, Markup]]:
    """Give our templates, and the text of our own files for a page.

    Parameters
    ----------
    names
        Styles and scripts.

    Returns
    -------
    templates, own
        The templates escape what they print, and refuse names that they are not given.
    """
    templates = _templates(current().code)
    own = {
        # the look's properties come first, for the styles that read them
        name: (look.root() if name == "page.css" else Markup(""))
        + Markup(_LOADER.get_source(templates, name)[0])  # noqa: S704  (our own files)
        for name in names
    }
    return templates, own


class _Compiled(BytecodeCache):
    """What templates were compiled to, which takes as long as all that they print."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is known."""
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the other languages."""
        self.known[bucket.key] = bucket.bytecode_to_string()


_LOADER = PackageLoader("vallum.brief", "assets")
_COMPILED = _Compiled()


@functools.cache
def _templates(language: str) -> Environment:
    """Give the templates of a language: what they import from each other keeps its language."""
    templates = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED,
    )
    templates.policies["ext.i18n.trimmed"] = True
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    templates.globals |= {"say": say, "named": named, "of_stage": of_stage, "lang": language}
    return templates


@functools.cache
def bokeh_script() -> Markup:
    """Give Bokeh's own script, for a page that asks the network for nothing."""
    script = "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw)
    if "</script" in script.lower():  # pragma: no cover  (Bokeh's bundle holds none)
        script = script.replace("</script", "<\\/script")
    return Markup(script)  # noqa: S704  (a library's file, not text from a plan)


def figure_json(figure: Any, target: str) -> dict[str, Any]:  # noqa: ANN401  (Bokeh has no types)
    """Turn a figure into JSON for `Bokeh.embed.embed_item`, its ids numbered in order of place.

    Parameters
    ----------
    figure
        A Bokeh model.
    target
        Id of the element that will hold it, which also keeps the ids of two figures apart.

    Returns
    -------
    dict
        Plain values.
    """
    item = json.loads(json.dumps(json_item(figure, ID(target))))
    # models that other libraries of this process told Bokeh of: no figure of ours is made of them
    item["doc"].pop("defs", None)
    names: dict[str, str] = {}
    _collect(item, target, names)
    renamed = _renamed(item, names)
    if not isinstance(renamed, dict):  # pragma: no cover  (a dict goes in)
        raise TypeError("no figure")
    return renamed


def as_data(content: object) -> Markup:
    """Write JSON that can stand in a script element: no text in it can end the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  (every sign that could end the element is escaped)


def packed(raster: NDArray[np.integer[Any]]) -> str:
    """Pack an integer raster: runs of (value, length) as little-endian int32, in base64.

    Examples
    --------
    >>> import numpy as np
    >>> np.frombuffer(base64.b64decode(packed(np.array([[-1, -1], [-1, 3]]))), "<i4").tolist()
    [-1, 3, 3, 1]
    """
    flat = raster.ravel()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1])
    lengths = np.diff(np.concatenate([starts, [flat.size]]))
    runs = np.stack([flat[starts], lengths], axis=1).astype("<i4")
    return base64.b64encode(runs.tobytes()).decode("ascii")


def _collect(content: object, target: str, names: dict[str, str]) -> None:
    """Give every id a number, in the order in which it is met."""
    if isinstance(content, dict):
        name = content.get("id")
        if isinstance(name, str) and name not in names:
            names[name] = f"{target}-{len(names)}"
        for value in content.values():
            _collect(value, target, names)
    elif isinstance(content, list):
        for value in content:
            _collect(value, target, names)


def _renamed(content: object, names: dict[str, str]) -> object:
    """Replace ids where they stand as ids."""
    if isinstance(content, dict):
        return {
            key: names.get(value, value)
            if key in ("id", "root_id") and isinstance(value, str)
            else _renamed(value, names)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_renamed(value, names) for value in content]
    return content
