"""The site of the docs: it builds without a warning, asks nothing of the network, and is whole."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import runpy
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click
import pytest
from pydantic import BaseModel

import vallum
from vallum.cli import cli
from vallum.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GALLERY = runpy.run_path(str(DOCS / "gallery/make.py"), run_name="gallery")
# tags whose address is fetched when a page is shown
FETCHED = {"script": "src", "link": "href", "img": "src", "source": "src", "iframe": "src"}
PACKAGES = [
    module.name
    for module in pkgutil.iter_modules(vallum.__path__, "vallum.")
    if module.ispkg and module.name != "vallum.cli"
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does; any warning fails it."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-j", "auto",
        "-d", str(folder / "trees"), str(DOCS), str(folder / "html"),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


class Links(HTMLParser):
    """What a page fetches, where its links lead, and the places within it."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.formulas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        has = {key: value or "" for key, value in attrs}
        if tag in FETCHED and FETCHED[tag] in has:
            self.fetched.append(has[FETCHED[tag]])
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
        if has.get("id"):
            self.places.add(has["id"])
        self.formulas += tag == "math"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    """Read every page of the site."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        found[path] = Links()
        found[path].feed(path.read_text("utf-8"))
    return found


def test_every_page_of_the_docs_is_on_the_site(site):
    for page in sorted(DOCS.rglob("*.md")):
        assert (site / page.relative_to(DOCS).with_suffix(".html")).exists()


def test_nothing_is_fetched_from_elsewhere(site, pages):
    asked = [
        address
        for page in pages.values()
        for address in page.fetched
        if urlsplit(address).netloc
    ]  # fmt: skip
    assert not asked
    for sheet in sorted(site.rglob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
        assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']*", text), sheet


def test_every_link_leads_to_a_page_and_a_place(site, pages):
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                broken.append((path.name, link))
            elif parts.fragment and target in pages:
                place = unquote(parts.fragment)
                if place not in pages[target].places:
                    broken.append((path.name, link))
    assert not broken
    assert len(pages) > 100, site


def test_formulas_are_shown_as_mathml(site, pages):
    written = 0
    for page in sorted((DOCS / "method").glob("*.md")):
        text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        blocks = len(re.findall(r"^\s*\$\$$", text, re.MULTILINE)) // 2
        shown = pages[site / "method" / f"{page.stem}.html"]
        assert shown.formulas >= blocks, page.name
        written += blocks
    assert written > 50


def _keys(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Give the whole name of every setting."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{path}{name}.")
        else:
            yield path + name


def test_the_reference_has_every_setting_with_its_meaning(site):
    text = (site / "reference/settings.html").read_text("utf-8")
    keys = list(_keys(Settings))
    assert len(keys) > 100
    places = [f'id="setting-{re.sub("[._]", "-", key)}"' for key in keys]
    assert not [key for key, place in zip(keys, places, strict=True) if place not in text]
    assert "<p>–</p>" not in text  # what stands where a docstring says nothing of a setting


def _commands(command: click.Command, path: str) -> Iterator[str]:
    """Give the path of every command."""
    yield path
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _commands(below, f"{path} {name}")


def test_the_reference_has_every_command(site, pages):
    places = pages[site / "reference/commands.html"].places
    paths = list(_commands(cli, "vallum"))
    assert len(paths) > 15
    assert not [path for path in paths if path.replace(" ", "-") not in places]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_reference_has_all_that_a_package_exports(package, site, pages):
    module = importlib.import_module(package)
    places = pages[site / f"reference/{package.rpartition('.')[2]}.html"].places
    assert not [
        name for name in getattr(module, "__all__", []) if f"{package}.{name}" not in places
    ]


def test_the_gallery_has_its_pictures():
    pictures = GALLERY["PICTURES"]
    files = {path.stem: path.stat().st_size for path in (DOCS / "gallery").glob("*.png")}
    assert set(files) == {picture.name for picture in pictures}
    assert max(files.values()) < 250_000
    assert sum(files.values()) < 2_500_000
    assert all(len(picture.alt) > 40 for picture in pictures)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    """Start Debian's Chromium, or skip."""
    path = os.environ.get("VALLUM_CHROMIUM") or shutil.which("chromium")
    if path is None:
        if os.environ.get("VALLUM_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is required here and absent")
        pytest.skip("Chromium is absent")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (the extra `docs`)

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_open_quietly_and_fit(width, chrome, site):
    page = chrome.new_page(viewport={"width": width, "height": 844})
    page.set_default_timeout(120_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for name in (
        "index", "first-plan", "tutorial", "notebook", "method/line", "method/works-interruption",
        "how-to/read-as-a-sceptic", "reference/settings", "reference/commands", "reference/line",
        "gallery/index", "limits-and-ethics", "search",
    ):  # fmt: skip
        page.goto((site / f"{name}.html").as_uri())
        # a page from a file has loaded what it asks for; scripts and fonts come to rest after it
        page.wait_for_function(
            "() => document.readyState === 'complete' && document.fonts.status === 'loaded'"
        )
        page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        broken = "[...document.images].filter((i) => i.complete && !i.naturalWidth).length"
        assert page.evaluate(broken) == 0, name
    page.close()
    assert not said
    assert not [address for address in asked if not address.startswith(("file:", "data:"))]


@pytest.mark.browser
def test_formulas_have_a_size(chrome, site):
    page = chrome.new_page()
    page.goto((site / "method/line.html").as_uri())
    heights = page.evaluate(
        "[...document.querySelectorAll('div.formula math')]"
        ".map((formula) => formula.getBoundingClientRect().height)"
    )
    page.close()
    assert len(heights) >= 4
    assert min(heights) > 15


def test_what_no_formula_can_be_is_refused(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    to_mathml = importlib.import_module("offline_math").to_mathml
    assert "<msub>" in to_mathml(r"\mu_i", display=False)
    assert "munder" in to_mathml(r"\max_i x_i", display=True)
    with pytest.raises(ValueError, match="not all of this formula"):
        to_mathml(r"\nosuchsign{x}", display=False)
