# SPDX-License-Identifier: Apache-2.0
"""libdermetry as C sees it: the structs of <dermetry/...> and the functions that are used.

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


class StudyCounts(ctypes.Structure):
    _fields_ = [("records", c_int), ("done", c_int), ("kept", c_int), ("failed", c_int)]


class BatchProgress(ctypes.Structure):
    _fields_ = [("row", c_int), ("status", c_char_p), ("text", c_char_p), ("counts", StudyCounts)]


BatchProgressFunction = CFUNCTYPE(c_int, c_void_p, POINTER(BatchProgress))


class BatchRequest(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("manifest", c_char_p),
        ("folder", c_char_p),
        ("overlays", c_char_p),
        ("jobs", c_int),
        ("shard", c_int),
        ("shards", c_int),
        ("time_limit_s", c_double),
        ("px_per_mm", c_double),
        ("site", c_int),
        ("progress", BatchProgressFunction),
        ("user", c_void_p),
        ("reports", c_char_p),
    ]


class SeriesRequest(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("manifest", c_char_p),
        ("subject", c_char_p),
        ("view", c_char_p),
        ("px_per_mm", c_double),
        ("site", c_int),
    ]


MergeProgressFunction = CFUNCTYPE(c_int, c_void_p, c_int, c_int)


class MergeRequest(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("store", c_char_p),
        ("out", c_char_p),
        ("cohort", c_int),
        ("partial", c_int),
        ("progress", MergeProgressFunction),
        ("user", c_void_p),
    ]


class MergeCounts(ctypes.Structure):
    _fields_ = [("records", c_int), ("failed", c_int), ("missing", c_int),
                ("missing_shards", c_int), ("written", c_int)]


class PrecisionRequest(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("manifest", c_char_p),
        ("readings", c_char_p),
        ("px_per_mm", c_double),
        ("site", c_int),
    ]


class PrecisionCounts(ctypes.Structure):
    _fields_ = [("sittings", c_int), ("pairs", c_int), ("failed", c_int), ("refused", c_int),
                ("figures", c_int), ("own", c_int)]


STRUCTS = {
    "derm_progress": Progress,
    "derm_settings": Settings,
    "derm_photo_request": PhotoRequest,
    "derm_report_request": ReportRequest,
    "derm_study_counts": StudyCounts,
    "derm_batch_progress": BatchProgress,
    "derm_batch_request": BatchRequest,
    "derm_series_request": SeriesRequest,
    "derm_merge_request": MergeRequest,
    "derm_merge_counts": MergeCounts,
    "derm_precision_request": PrecisionRequest,
    "derm_precision_counts": PrecisionCounts,
}

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
    ("derm_series", c_int, (c_void_p, POINTER(SeriesRequest), POINTER(c_void_p))),
    ("derm_measure_precision", c_int,
     (c_void_p, POINTER(PrecisionRequest), POINTER(PrecisionCounts), POINTER(c_void_p))),
    ("derm_batch", c_int,
     (POINTER(Settings), POINTER(BatchRequest), POINTER(StudyCounts), POINTER(c_void_p))),
    ("derm_status", c_int, (c_char_p, c_int, POINTER(StudyCounts), POINTER(c_void_p))),
    ("derm_merge", c_int, (POINTER(MergeRequest), POINTER(MergeCounts), POINTER(c_void_p))),
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
