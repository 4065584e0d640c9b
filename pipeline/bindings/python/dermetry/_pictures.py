# SPDX-License-Identifier: Apache-2.0
"""NumPy arrays as PNG files, the form in which libdermetry takes pictures: nothing is lost, and the
document of an array is that of the file. Standard library and NumPy only."""
from __future__ import annotations

import struct
import zlib

import numpy as np

_GREY, _RGB = 0, 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(pixels: np.ndarray) -> bytes:
    """A PNG of an array of shape (height, width) or (height, width, 3), uint8 or uint16."""
    if pixels.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"a picture is uint8 or uint16, not {pixels.dtype}")
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3) or 0 in pixels.shape:
        raise ValueError(f"a picture is (height, width) or (height, width, 3), not {pixels.shape}")
    height, width = pixels.shape[:2]
    depth = 8 * pixels.itemsize
    colour = _GREY if pixels.ndim == 2 else _RGB
    rows = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">"))
    rows = rows.view(np.uint8).reshape(height, -1)
    unfiltered = np.zeros((height, 1), np.uint8)  # each row says how it is filtered: not at all
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join((
        _SIGNATURE,
        _chunk(b"IHDR", header),
        _chunk(b"IDAT", zlib.compress(np.hstack((unfiltered, rows)).tobytes(), 1)),
        _chunk(b"IEND", b""),
    ))


def mask(inside: np.ndarray) -> np.ndarray:
    """A mask as a picture: white where inside is true. Shape (height, width)."""
    inside = np.asarray(inside)
    if inside.ndim != 2:
        raise ValueError(f"a mask is (height, width), not {inside.shape}")
    return np.where(inside, 255, 0).astype(np.uint8)
