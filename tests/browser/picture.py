"""Make the README's picture from a brief: `python tests/browser/picture.py BRIEF.html OUT.png`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import driver


def main(brief: Path, out: Path) -> None:
    """Photograph the map and its numbers at the first step with 80 % of the people."""
    if driver.missing():
        sys.exit(driver.missing())
    with tempfile.TemporaryDirectory() as profile:
        chrome = driver.start(Path(profile))
        try:
            driver.size(chrome, 1240, 900, scale=1.5)
            driver.load(chrome, brief)
            marked = chrome.execute_script(
                "return [...document.querySelectorAll('button[data-mark]')]"
                ".map((b) => [Number(b.dataset.mark), b.textContent])"
            )
            wanted = [step for step, name in marked if "80" in name] or [marked[-1][0]]
            driver.slide(chrome, wanted[0])
            box = chrome.execute_script(
                "const a = document.querySelector('#explore').getBoundingClientRect();"
                "const b = document.querySelector('.map-side .legend').getBoundingClientRect();"
                "return [a.left + scrollX, a.top + scrollY, a.width, b.bottom - a.top];"
            )
            x, y, width, height = box
            driver.shoot(chrome, out, (x - 16, y, width + 32, height + 12))
        finally:
            chrome.quit()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python tests/browser/picture.py BRIEF.html OUT.png")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
