"""Make the gallery's pictures from a plan's folder: `python docs/gallery/make.py out/sahel`."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

HERE = Path(__file__).parent
MOST_BYTES = 240_000
LEAST_SHOWN = 200  # px: what is smaller than this is no picture


class Picture(NamedTuple):
    """A picture of the gallery, and where it is on the page."""

    name: str
    places: tuple[str, ...]  # selectors: the first that is on the page is taken; none: it is drawn
    title: str
    alt: str
    command: str = "vallum plan sahel --out out/sahel"


PICTURES = (
    Picture(
        "frontier",
        ("#explore .map-side", "#explore #map", "#explore", "#line"),
        "The frontier on the map",
        "A map of Mauritania and Mali with the land held at one step of the frontier, its "
        "line, the towns, and the loss rate of each region in shades.",
    ),
    Picture(
        "entry",
        (),
        "All plans in one raster",
        "A map of the step of the frontier at which each cell is first held, drawn from entry.tif. "
        "Early steps lie round central and southern Mali, late ones in the northern desert.",
    ),
    Picture(
        "threat",
        ("#map-threat", "#threat svg", "#threat"),
        "Where attacks are expected",
        "A map of the violent events expected per 1,000 km² and year, most of them in Burkina Faso "
        "and central Mali.",
    ),
    Picture(
        "ways",
        ("#map-corridors", "#threat figure:nth-of-type(2)"),
        "By which ways they come, on the model's assumptions",
        "A map of the corridors by which the model's journeys lead from outside to vital land.",
    ),
    Picture(
        "works",
        ("#map-prices", "#works-frontier", "#works svg", "#works"),
        "What a kilometre of line costs",
        "A map of the price of a kilometre of line by cell, from cheap sand and soil to dear "
        "wetland and ground where no line may stand.",
    ),
    Picture(
        "campaign",
        ("#campaign figure", "#campaign svg", "#campaign"),
        "Does it hold",
        "A map of attacks a year by blocks of about 100 km, as circles, before there is a line, "
        "with the land that is held.",
    ),
    Picture(
        "dividend",
        ("#dividend figure", "#dividend svg", "#dividend"),
        "What it buys",
        "Chart of the costs and benefits of the line by stream over thirty years, with ranges.",
    ),
    Picture(
        "accord",
        ("#accord figure", "#accord svg", "#accord"),
        "Who should pay",
        "Chart of how Mali and Mauritania could share what a joint line brings: the core, and "
        "where each rule of sharing lies.",
    ),
    Picture(
        "window",
        ("#window figure", "#window svg", "#window"),
        "Does the window stay open",
        "Chart of the opening from 2020 to 2026, month by month, with the range of its parts; at "
        "one half all relations are neutral.",
    ),
)


def browser_path() -> str | None:
    """Give the path of Debian's Chromium, or what VALLUM_CHROMIUM names."""
    return os.environ.get("VALLUM_CHROMIUM") or shutil.which("chromium")


def find(page: Page, places: tuple[str, ...]) -> Locator | None:
    """Find the first of some places that is shown, and large enough to be a picture."""
    for place in places:
        for found in page.locator(place).all():
            box = found.bounding_box() if found.is_visible() else None
            if box and min(box["width"], box["height"]) >= LEAST_SHOWN:
                return found
    return None


def small(shot: bytes) -> bytes:
    """Keep a picture below the limit: fewer colours, and if need be fewer pixels."""
    from PIL import Image  # noqa: PLC0415

    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for width in (1400, 1200, 1000, 800):
        if picture.width > width:
            height = round(picture.height * width / picture.width)
            picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        for colours in (256, 128, 64):
            out = io.BytesIO()
            reduced = picture.quantize(colours, dither=Image.Dither.NONE)
            reduced.save(out, "PNG", optimize=True)
            if out.tell() <= MOST_BYTES:
                return out.getvalue()
    raise ValueError("a picture is too large even at 800 px")


def entry_map(folder: Path) -> bytes:
    """Draw the steps at which land enters, from the files of a plan alone."""
    import matplotlib as mpl  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    import rasterio  # noqa: PLC0415

    mpl.use("agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    with rasterio.open(folder / "entry.tif") as file:
        entry = file.read(1, masked=True)
    rows, cols = (np.flatnonzero((~entry.mask).any(axis=axis)) for axis in (1, 0))
    land = entry[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    figure, axes = plt.subplots(figsize=(8, 6.2), layout="constrained")
    colours = mpl.colormaps["cividis_r"].with_extremes(under="#f2efe8")  # never held
    shown = axes.imshow(land, cmap=colours, interpolation="none", vmin=0)
    axes.set_axis_off()
    axes.set_title("The step of the frontier at which land is first held")
    figure.colorbar(shown, label="step", shrink=0.7)
    out = io.BytesIO()
    figure.savefig(out, dpi=130, metadata={"Software": None})
    plt.close(figure)
    return out.getvalue()


def main(folder: Path, out: Path) -> int:
    """Make all pictures; name those whose place was not found."""
    brief = folder / "brief.html"
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    missing = []
    with sync_playwright() as started:
        chrome = started.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = chrome.new_page(viewport={"width": 1240, "height": 900}, device_scale_factor=1.5)
        page.goto(brief.resolve().as_uri())
        page.wait_for_load_state("networkidle")
        # parts that are folded away are opened, and bars that follow the page are put aside
        page.evaluate(
            "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
        )
        page.add_style_tag(content="nav, .toc { position: static !important; }")
        _choose(page)
        for picture in PICTURES:
            if picture.places:
                place = find(page, picture.places)
                if place is None:
                    missing.append(picture.name)
                    continue
                place.scroll_into_view_if_needed()
                page.wait_for_timeout(300)
                shot = small(place.screenshot(animations="disabled"))
            else:
                shot = small(entry_map(folder))
            (out / f"{picture.name}.png").write_bytes(shot)
            print(f"{picture.name}.png: {len(shot) / 1e3:.0f} kB")
        chrome.close()
    if missing:
        print(f"not found on the page: {', '.join(missing)}", file=sys.stderr)
    return len(missing)


def _choose(page: Page) -> None:
    """Show the first step that holds 80 % of the people, where the page offers it."""
    marks = page.locator("button[data-mark]").filter(has_text="80")
    if marks.count():
        marks.first.click()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, help="as vallum plan leaves it")
    asked.add_argument("--out", type=Path, default=HERE)
    given = asked.parse_args()
    sys.exit(main(given.folder, given.out))
