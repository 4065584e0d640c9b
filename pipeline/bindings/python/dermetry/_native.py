# SPDX-License-Identifier: Apache-2.0
"""libdermetry as C sees it: the structs of <dermetry/dermetry.h> and the functions that are used.

tests/e2e/bindings.py compares the layout with the header's.
"""
from __future__ import annotations

import ctypes
import ctypes.util
import os
from ctypes import (CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_size_t, c_uint64, c_void_p)

SONAME = "libdermetry.so.0"


class Progress(ctypes.Structure):
    _fields_ = [("stage", c_char_p), ("step", c_int), ("steps", c_int)]


ProgressFunction = CFUNCTYPE(c_int, c_void_p, POINTER(Progress))


class Settings(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("models", c_char_p),
        ("config", c_char_p),
        ("cpu", c_char_p),
        ("threads", c_int),
        ("max_megapixels", c_double),
        ("max_file_bytes", c_uint64),
        ("max_memory_bytes", c_uint64),
        ("findings", c_int),
        ("progress", ProgressFunction),
        ("user", c_void_p),
        ("precision", c_char_p),
        ("eye_bar", c_int),
        ("no_pictures", c_int),
    ]


class PhotoRequest(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("path", c_char_p),
        ("roi_path", c_char_p),
        ("exclude_path", c_char_p),
        ("control_path", c_char_p),
        ("px_per_mm", c_double),
        ("site", c_int),
        ("scar_line_path", c_char_p),
    ]


class ReportRequest(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("document", c_void_p),
        ("json", c_char_p),
        ("pictures", c_char_p),
        ("name", c_char_p),
    ]


# name, result, arguments
_FUNCTIONS = (
    ("derm_version", c_char_p, ()),
    ("derm_context_new", c_int, (POINTER(c_void_p), POINTER(Settings))),
    ("derm_context_free", None, (c_void_p,)),
    ("derm_error_text", c_char_p, (c_void_p,)),
    ("derm_analyze", c_int, (c_void_p, POINTER(PhotoRequest), POINTER(c_void_p))),
    ("derm_compare", c_int,
     (c_void_p, POINTER(PhotoRequest), POINTER(PhotoRequest), POINTER(c_void_p))),
    ("derm_document_free", None, (c_void_p,)),
    ("derm_document_json", c_char_p, (c_void_p,)),
    ("derm_document_summary", c_char_p, (c_void_p,)),
    ("derm_document_refused", c_int, (c_void_p,)),
    ("derm_document_overlays", c_int, (c_void_p, c_char_p)),
    ("derm_report", c_int, (c_void_p, POINTER(ReportRequest), POINTER(c_void_p))),
    ("derm_text_free", None, (c_void_p,)),
    ("derm_schema", c_char_p, (c_char_p,)),
)


def load() -> ctypes.CDLL:
    """The library: $DERMETRY_LIBRARY, else the one that the system's loader finds."""
    asked = os.environ.get("DERMETRY_LIBRARY")
    library = ctypes.CDLL(asked or ctypes.util.find_library("dermetry") or SONAME)
    for name, result, arguments in _FUNCTIONS:
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library
