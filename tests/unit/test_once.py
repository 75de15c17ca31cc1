"""What is worked out once for an object, and forgotten with it."""

from __future__ import annotations

import gc
import weakref

from vallum.kernel.once import once


class Thing:
    """Told apart by identity, as results are."""


def test_each_object_and_each_value_once_and_no_object_is_kept():
    asked = []

    @once
    def found(thing: Thing, more: int = 0) -> list[int]:
        asked.append((id(thing), more))
        return [more]

    one, other = Thing(), Thing()
    assert found(one) is found(one)
    assert found(one, 1) == found(one, 1) == [1]
    assert found(other) is not found(one)
    assert len(asked) == 3
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
    assert found.__name__ == "found"
    assert (found("a name"), found("a name")) == ([0], [0])
    assert len(asked) == 5
