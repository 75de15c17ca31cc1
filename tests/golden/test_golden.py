"""Small worlds with stored answers; when one changes, a map shows where.

`python tests/golden/test_golden.py` stores the answers anew: do so only when the change is meant,
and say why in the commit.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vallum.kernel.cut import frontier

HERE = Path(__file__).parent
LETTERS = ".0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def hills(rows, cols):
    """Four round hills of benefit, from a formula and no random numbers."""
    y, x = np.mgrid[:rows, :cols].astype(float)
    tops = [(8, 9, 40.0, 4.0), (20, 24, 55.0, 5.0), (9, 28, 12.0, 3.0), (26, 6, 20.0, 2.5)]
    return sum(h * np.exp(-((y - r) ** 2 + (x - c) ** 2) / (2 * w * w)) for r, c, h, w in tops)


def bay():
    """Land with a bay of sea, a watched neighbour and an open one."""
    benefit = hills(34, 38)
    flank = np.ones(benefit.shape)
    benefit[:2] = benefit[-2:] = np.nan
    benefit[:, :2] = benefit[:, -2:] = np.nan
    flank[:, :2] = 0.0
    flank[-2:] = 0.5
    benefit[14:18, :9] = np.nan
    flank[14:18, :9] = 0.0
    return {
        "benefit": benefit,
        "holding": np.full(benefit.shape, 2.0),
        "closure": 10.0 + np.add.outer(np.arange(34.0), np.arange(38.0)) / 4.0,
        "flank": flank,
        "cell_km": 1.0,
    }


def road():
    """The same with a road between two hills that pays only whole, and fixed land."""
    world = bay()
    cells = [r * 38 + c for r, c in zip(range(8, 21), np.linspace(9, 24, 13).round(), strict=True)]
    must = np.zeros(world["benefit"].shape, bool)
    must[26, 6] = True
    closure = world["closure"].copy()
    closure[18:24, 18] = np.inf
    projects = [(300.0, np.array(cells, int))]
    return {**world, "closure": closure, "projects": projects, "must_hold": must}


WORLDS = {"bay": bay, "road": road}


def drawn(entry):
    """One letter per cell: the step at which it enters; a dot for never."""
    return "\n".join("".join(LETTERS[step + 1] for step in row) for row in entry) + "\n"


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_small_world_keeps_its_answer(name):
    found = drawn(frontier(**WORLDS[name](), step=0.03).entry).splitlines()
    stored = (HERE / f"{name}.txt").read_text("utf-8").splitlines()
    if found != stored:
        difference = [
            "".join(b if a != b else "·" for a, b in zip(old, new, strict=True))
            for old, new in zip(stored, found, strict=True)
        ]
        pytest.fail(f"{name} changed; new steps where they differ:\n" + "\n".join(difference))


if __name__ == "__main__":
    for key, world in WORLDS.items():
        (HERE / f"{key}.txt").write_text(drawn(frontier(**world(), step=0.03).entry), "utf-8")
