"""Scenarios as text: what is written is read again, and what no library could bear is refused."""

from __future__ import annotations

import time

import pytest

from vallum.app.sheet import MOST_TEXT, Drawn, Sheet, read, write
from vallum.errors import InputError
from vallum.settings import Settings


def long_line(count, digits):
    return tuple((round(-8.0 + n * 1.0e-3, digits), round(14.0 + n / 3.0e3, digits))
                 for n in range(count))  # fmt: skip


def test_the_longest_line_that_is_read_is_written_so_that_it_is_read_again():
    line = Drawn(long_line(5_000, 6), closed=False, holding=((-7.0, 14.0),))
    area = Drawn(((-8.0, 12.0), (-7.0, 12.0), (-7.0, 13.0)), closed=True)
    sheet = Sheet("Kayes\tfirst", "sahel", Settings(seed=7), (line, area), "a\nnote\twith a tab")
    text = write(sheet)
    assert len(text) < MOST_TEXT
    assert read(text) == sheet


def test_what_would_not_be_read_is_not_written():
    line = Drawn(long_line(5_000, 17), closed=False)
    with pytest.raises(InputError, match="draw with fewer points"):
        write(Sheet("a", "sahel", Settings(), (line, line)))


@pytest.mark.parametrize(
    "text",
    [
        f"seed = {'1' * 5_000}", f"seed = 0x{'f' * 40}", f"[works]\nstandard = 0x{'f' * 4_000}",
        f"[line]\nmust_hold = [[[{2**63}]]]", "seed = 9223372036854775808",
    ],
)  # fmt: skip
def test_numbers_that_no_library_can_write_are_refused_in_words(text):
    with pytest.raises(InputError) as caught:
        read(text)
    assert all(fault.mend for fault in caught.value.faults)
    assert len(str(caught.value)) < 2_000


def test_thousands_of_unknown_names_are_told_and_few_are_compared(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "vallum.settings.nearest", lambda name, _: compared.append(name) or "did you mean 'x'?"
    )
    began = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read("[forces.tasks]\n" + "".join(f"unknown_{n} = 1\n" for n in range(5_000)))
    print(f"told in {time.perf_counter() - began:.1f} s")
    assert len(caught.value.faults) >= 5_000
    assert len(compared) == 20
