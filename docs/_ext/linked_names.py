"""Names of code lead to the reference: those in the text, and those of types in signatures."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.domains.python import ObjectEntry

NAME = re.compile(r"vallum(?:\.\w+)+")


class LinkedNames(SphinxPostTransform):
    """Link each `vallum.….name` to where the reference describes it."""

    default_priority = 600

    def run(self, **_kwargs: Any) -> None:  # noqa: ANN401  (the base class's own)
        """Look every name up."""
        for node in list(self.document.findall(nodes.literal)):
            found = NAME.match(node.astext())
            if found is None or isinstance(node.parent, nodes.reference | nodes.title):
                continue
            entry = described(self.env.domains["py"], found[0])
            if entry is not None:
                node.replace_self(_link(self, entry, node.deepcopy()))


class LinkedTypes(SphinxPostTransform):
    """Link each type of a signature to the one that its own module means by the name."""

    default_priority = 5  # before Sphinx looks for any object of that name

    def run(self, **_kwargs: Any) -> None:  # noqa: ANN401  (the base class's own)
        """Look up the names of each signature."""
        for signature in list(self.document.findall(addnodes.desc_signature)):
            known = meant(str(signature.get("module") or ""), str(signature.get("fullname") or ""))
            for node in list(signature.findall(addnodes.pending_xref)):
                name = str(node.get("reftarget"))
                entry = described(self.env.domains["py"], known.get(name, name))
                if entry is None:  # another library's, or one that the reference leaves out
                    node.replace_self(_short(node))
                else:
                    node.replace_self(_link(self, entry, *_short(node)))


def _short(node: addnodes.pending_xref) -> list[nodes.Node]:
    """Give what a reference shows: the short name, where it has two."""
    for child in node.children:
        if isinstance(child, addnodes.pending_xref_condition) and child.get("condition") != "*":
            return list(child.children)
    return list(node.children)


def _link(transform: SphinxPostTransform, entry: ObjectEntry, *shown: nodes.Node) -> nodes.Node:
    """Make a link to what the reference describes."""
    text = nodes.inline("", "", *shown)
    return make_refnode(
        transform.app.builder, transform.env.docname, entry.docname, entry.node_id, text
    )


def described(domain: Any, name: str) -> ObjectEntry | None:  # noqa: ANN401  (Sphinx's own)
    """Find what the reference describes under a name, or under the name by which it is exported."""
    if name in domain.objects:
        return domain.objects[name]  # type: ignore[no-any-return]
    home, _, own = name.rpartition(".")
    while "." in home:  # a package exports what its modules hold
        home = home.rpartition(".")[0]
        outer = f"{home}.{own}"
        if outer in domain.objects and _same(name, outer):
            return domain.objects[outer]  # type: ignore[no-any-return]
    return None


def _same(name: str, outer: str) -> bool:
    """Whether two names are of one object."""
    try:
        first, second = (_found(path) for path in (name, outer))
    except (ImportError, AttributeError):
        return False
    return first is second


def _found(path: str) -> object:
    """Give what a dotted name stands for."""
    home, _, own = path.rpartition(".")
    return getattr(importlib.import_module(home), own)


def meant(module: str, name: str) -> dict[str, str]:
    """Give the whole names of what the module of an object imports or defines, by short name."""
    try:
        found = getattr(importlib.import_module(module), name.partition(".")[0])
    except (ImportError, AttributeError, ValueError):
        return {}
    home = getattr(inspect.unwrap(found), "__module__", None) or module
    return imported(home) if home.startswith("vallum") else {}


@functools.cache
def imported(module: str) -> dict[str, str]:
    """Read what a module imports, for types only too, and what it defines."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return {}
    names = {}
    for node in ast.walk(ast.parse(Path(spec.origin).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(
                {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            )
        elif isinstance(node, ast.ClassDef):
            names[node.name] = f"{module}.{node.name}"
    return names


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transforms."""
    app.add_post_transform(LinkedTypes)
    app.add_post_transform(LinkedNames)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
