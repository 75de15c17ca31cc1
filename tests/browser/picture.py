"""Make the README's picture from a brief: `python tests/browser/picture.py BRIEF.html OUT.png`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import driver


def main(brief: Path, out: Path) -> None:
    """Photograph the map and its numbers at the first step with 80 % of the people."""
    if driver.missing():
        sys.exit(driver.missing())
    with driver.start() as chrome:
        driver.size(chrome, 1240, 900, scale=1.5)
        driver.load(chrome, brief)
        marked = chrome.page.eval_on_selector_all(
            "button[data-mark]", "(all) => all.map((b) => [Number(b.dataset.mark), b.textContent])"
        )
        wanted = [step for step, name in marked if "80" in name] or [marked[-1][0]]
        driver.slide(chrome, wanted[0])
        x, y, width, _ = driver.box(chrome, "#explore")
        _, top, _, height = driver.box(chrome, ".map-side .legend")
        driver.shoot(chrome, out, (x - 16, y, width + 32, top + height - y + 12))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python tests/browser/picture.py BRIEF.html OUT.png")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
