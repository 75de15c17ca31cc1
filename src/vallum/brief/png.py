"""Pictures with few colours as PNG in a data address, written without any plotting library."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["indexed"]


def indexed(index: NDArray[np.uint8], palette: Sequence[tuple[int, ...]]) -> str:
    """Write a PNG with a palette.

    Parameters
    ----------
    index
        Row of the palette per pixel, shape (rows, cols).
    palette
        Red, green, blue and, where wanted, how opaque, 0 to 255; at most 256 rows.

    Returns
    -------
    str
        A data address.

    Examples
    --------
    >>> indexed(np.zeros((1, 1), np.uint8), [(0, 0, 0)])[:22]
    'data:image/png;base64,'
    """
    rows, cols = index.shape
    sheer = bool(palette) and len(palette[0]) == 4
    lines = np.zeros((rows, cols + 1), np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = index

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    data = b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", bytes(part for colour in palette for part in colour[:3])),
            *([chunk(b"tRNS", bytes(colour[3] for colour in palette))] if sheer else []),
            chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            chunk(b"IEND", b""),
        )
    )
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
