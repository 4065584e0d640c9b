# SPDX-License-Identifier: Apache-2.0
"""dermetry: measures how skin changes between photographs.

    import dermetry

    with dermetry.Context() as ctx:
        change = ctx.compare("before.jpg", "after.jpg")
        print(change.summary)
        table = change.metrics()            # NumPy, one row per metric and region
        ctx.analyze(array, px_per_mm=12)    # a photo can be an array: (height, width, 3), sRGB

    dermetry.batch("study.csv", "results")              # a study: every later visit against the first
    table = dermetry.merge("results").table()           # and the tables of all records

Nothing leaves the machine. It measures appearance and makes no diagnosis.

A context serves one call at a time; contexts of different threads are independent. A call leaves
Python's lock free while it measures.
"""
from __future__ import annotations

import ctypes
import json
import math
import os
import tempfile
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Union

import numpy as np

from . import _native, _pictures
from ._common import SITES, Error, Guard, Path, encoded, settings, take_text
from ._common import lib as _lib
from ._study import Counts, Merged, batch, merge, status

__all__ = ["Context", "Counts", "Document", "Error", "Merged", "METRIC_ROW", "Photo", "batch",
           "merge", "schema", "status", "version"]

Picture = Union[Path, np.ndarray]

#: One row of `Document.metrics`. A number that was not measured is NaN, and `reason` says why.
METRIC_ROW = np.dtype([
    ("metric", "U40"), ("concern", "U24"), ("region", "U24"), ("unit", "U16"), ("status", "U16"),
    ("reason", "U32"), ("baseline", "f8"), ("baseline_sd", "f8"), ("followup", "f8"),
    ("followup_sd", "f8"), ("change", "f8"), ("change_sd", "f8"), ("percent", "f8"),
    ("ci95_low", "f8"), ("ci95_high", "f8"), ("mdc95_percent", "f8"), ("verdict", "U24"),
    ("visit", "O"),
])


@dataclass(frozen=True)
class Photo:
    """A photo and what is known of it.

    picture:     path of a JPEG or PNG, or an sRGB array (height, width, 3) of uint8 or uint16
    roi:         measure only here: path of a mask, or an array (height, width), true inside
    exclude:     do not measure here
    control:     untreated skin
    px_per_mm:   pixels per millimetre on the skin; 0: found from the face where there is one
    site:        "face", or "body": a close-up, whether a face is in it or not
    scar_line:   points x, y in pixels of the upright photo along a scar: path, or array (n, 2)
    """
    picture: Picture
    roi: Optional[Picture] = None
    exclude: Optional[Picture] = None
    control: Optional[Picture] = None
    px_per_mm: float = 0.0
    site: str = "face"
    scar_line: Optional[Picture] = None


def version() -> str:
    """Version of the library, such as "0.1.0"."""
    return _lib.derm_version().decode()


def schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema of a document: "analysis", "comparison", ..."""
    text = _lib.derm_schema(name.encode())
    if text is None:
        raise KeyError(name)
    return json.loads(text.decode())


class _Folder:
    """Arrays as files, in a private folder for the time of one call."""

    def __init__(self, folder: str):
        self._folder = folder
        self._count = 0

    def _write(self, suffix: str, data: bytes) -> bytes:
        self._count += 1
        path = os.path.join(self._folder, f"array{self._count}{suffix}")
        with open(path, "wb") as file:
            file.write(data)
        return os.fsencode(path)

    def photo(self, picture: Picture) -> bytes:
        if isinstance(picture, np.ndarray):
            return self._write(".png", _pictures.png(picture))
        return os.fsencode(picture)

    def mask(self, inside: Optional[Picture]) -> Optional[bytes]:
        if isinstance(inside, np.ndarray):
            return self._write(".png", _pictures.png(_pictures.mask(inside)))
        return None if inside is None else os.fsencode(inside)

    def line(self, points: Optional[Picture]) -> Optional[bytes]:
        if isinstance(points, np.ndarray):
            rows = "".join(f"{float(x)!r},{float(y)!r}\n" for x, y in points)
            return self._write(".csv", rows.encode())
        return None if points is None else os.fsencode(points)

    def request(self, photo: Photo) -> _native.PhotoRequest:
        return _native.PhotoRequest(
            size=ctypes.sizeof(_native.PhotoRequest),
            path=self.photo(photo.picture),
            roi_path=self.mask(photo.roi),
            exclude_path=self.mask(photo.exclude),
            control_path=self.mask(photo.control),
            px_per_mm=photo.px_per_mm,
            site=SITES[photo.site],
            scar_line_path=self.line(photo.scar_line),
        )


class Context:
    """Opened models, chosen code path and threads; use as `with Context() as ctx`.

    threads:    0: as many as this process may use; changes the time, never the result
    cpu:        "auto", "c", "avx2", "avx512", "neon"; changes the time, never the result
    models:     folder of the face models; None: $DERMETRY_MODELS, else the installed one
    config:     JSON file {"stage": {"option": value}}
    precision:  JSON file of null figures, as `dermetry precision` writes it
    findings:   documents list every object that was found
    eye_bar:    pictures have a bar over the eyes of the face that is measured
    progress:   called as progress(stage, step, steps) before every stage
    """

    def __init__(self, *, threads: int = 0, cpu: str = "auto", models: Optional[Path] = None,
                 config: Optional[Path] = None, precision: Optional[Path] = None,
                 findings: bool = False, eye_bar: bool = False, max_megapixels: float = 0.0,
                 max_file_bytes: int = 0, max_memory_bytes: int = 0,
                 progress: Optional[Callable[[str, int, int], None]] = None):
        self._guard = Guard()
        self._progress = progress
        self._on_stage = _native.ProgressFunction(self._stage)  # lives as long as the context
        asked = settings(threads=threads, cpu=cpu, models=models, config=config,
                         precision=precision, findings=findings, eye_bar=eye_bar,
                         max_megapixels=max_megapixels, max_file_bytes=max_file_bytes,
                         max_memory_bytes=max_memory_bytes)
        asked.progress = self._on_stage
        self._handle = ctypes.c_void_p()
        try:
            self._check(_lib.derm_context_new(ctypes.byref(self._handle), ctypes.byref(asked)))
        except Error:
            self.close()
            raise

    def close(self) -> None:
        """Frees everything; documents stay usable. Closing twice is harmless."""
        handle, self._handle = self._handle, ctypes.c_void_p()
        _lib.derm_context_free(handle)

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stage(self, _user: object, at: Any) -> int:
        report = self._progress or (lambda *_: None)
        return self._guard.call(report, at.contents.stage.decode(), at.contents.step,
                                at.contents.steps)

    def _check(self, code: int) -> None:
        self._guard.check(code, lambda: _lib.derm_error_text(self._handle).decode())

    def _open(self) -> ctypes.c_void_p:
        if not self._handle:
            raise ValueError("the context is closed")
        return self._handle

    def _document(self, function: Any, overlays: Optional[Path], *requests: Any) -> "Document":
        handle = ctypes.c_void_p()
        try:
            self._check(function(self._open(), *map(ctypes.byref, requests), ctypes.byref(handle)))
            if overlays is not None:
                self._check(_lib.derm_document_overlays(handle, os.fsencode(overlays)))
            return Document(_lib.derm_document_json(handle).decode(),
                            _lib.derm_document_summary(handle).decode(),
                            bool(_lib.derm_document_refused(handle)))
        finally:
            _lib.derm_document_free(handle)

    def _of_photos(self, function: Any, overlays: Optional[Path], *photos: Photo) -> "Document":
        with tempfile.TemporaryDirectory(prefix="dermetry-") as folder:
            files = _Folder(folder)
            return self._document(function, overlays, *(files.request(photo) for photo in photos))

    def analyze(self, picture: Union[Picture, Photo], *, overlays: Optional[Path] = None,
                **about: Any) -> "Document":
        """Measures one photo. `about` are the fields of Photo; overlays: folder for pictures."""
        return self._of_photos(_lib.derm_analyze, overlays, _as_photo(picture, about))

    def compare(self, baseline: Union[Picture, Photo], followup: Union[Picture, Photo], *,
                overlays: Optional[Path] = None, **about: Any) -> "Document":
        """Measures what changed between two photos of the same skin. `about` holds for both; give
        a Photo where they differ. Photos that cannot be compared are a result with reasons."""
        return self._of_photos(_lib.derm_compare, overlays, _as_photo(baseline, about),
                               _as_photo(followup, about))

    def series(self, manifest: Path, *, subject: Optional[str] = None, view: Optional[str] = None,
               site: str = "face", px_per_mm: float = 0.0) -> "Document":
        """Follows one subject and view over all visits of a manifest (CSV), which needs no name
        where there is only one. px_per_mm: of photos whose row says nothing. A photo that cannot be
        read or compared is in the document with its reason."""
        return self._document(_lib.derm_series, None, _native.SeriesRequest(
            size=ctypes.sizeof(_native.SeriesRequest), manifest=encoded(manifest),
            subject=encoded(subject), view=encoded(view), px_per_mm=px_per_mm, site=SITES[site]))

    def precision(self, manifest: Path, *, site: str = "face", px_per_mm: float = 0.0,
                  readings: Optional[Path] = None) -> Mapping[str, Any]:
        """How much repeat shots of unchanged skin differ (schema precision). manifest: CSV with a
        column `repeat`; readings: CSV file for what every pair said. Written to a file with
        json.dump, the profile is one for `Context(precision=FILE)`."""
        request = _native.PrecisionRequest(
            size=ctypes.sizeof(_native.PrecisionRequest), manifest=encoded(manifest),
            readings=encoded(readings), px_per_mm=px_per_mm, site=SITES[site])
        counts, profile = _native.PrecisionCounts(), ctypes.c_void_p()
        self._check(_lib.derm_measure_precision(self._open(), ctypes.byref(request),
                                                ctypes.byref(counts), ctypes.byref(profile)))
        return json.loads(take_text(profile))

    def report(self, document: Union["Document", str], *, pictures: Optional[Path] = None) -> str:
        """A page (HTML) to look at with the patient: one text that needs no other file and no
        network. document: from `analyze` or `compare`, or the text of any that `dermetry` has
        printed, a series or a record of a study, too; pictures: the folder of its overlays."""
        text = document.text if isinstance(document, Document) else document
        context, page = self._open(), ctypes.c_void_p()
        request = _native.ReportRequest(size=ctypes.sizeof(_native.ReportRequest),
                                        json=text.encode(), pictures=encoded(pictures))
        self._check(_lib.derm_report(context, ctypes.byref(request), ctypes.byref(page)))
        return take_text(page)


def _as_photo(picture: Union[Picture, Photo], about: Mapping[str, Any]) -> Photo:
    if isinstance(picture, Photo):
        if about:
            raise TypeError("a Photo says everything about itself: give either it or keywords")
        return picture
    return Photo(picture, **about)


@dataclass(frozen=True)
class Document:
    """One analysis, comparison or series.

    text:     the JSON document, as `dermetry` prints it
    summary:  the answer in a few lines, for a person
    refused:  the photos are not comparable, or nothing can be measured; the document says why
    """
    text: str
    summary: str
    refused: bool

    @property
    def data(self) -> Mapping[str, Any]:
        """The document as dictionaries and lists (schema: `dermetry.schema`)."""
        return json.loads(self.text)

    def metrics(self) -> np.ndarray:
        """metrics[] as an array of METRIC_ROW. Of an analysis, value and sd are in `baseline`; only
        rows of a series have a visit."""
        return np.array([_metric_row(m) for m in self.data["metrics"]], METRIC_ROW)

    def findings(self, kind: str) -> Mapping[str, np.ndarray]:
        """The objects of one kind ("pore", "pigment_spot", ...) as columns, where the context was
        made with findings=True; numbers that an object does not have are NaN."""
        rows = [f for f in self.data.get("findings", ()) if f["kind"] == kind]
        keys = sorted({key for row in rows for key, value in row.items()
                       if isinstance(value, (int, float)) and not isinstance(value, bool)})
        return {key: np.array([row.get(key, math.nan) for row in rows], float) for key in keys}


def _metric_row(m: Mapping[str, Any]) -> tuple:
    baseline = m.get("baseline", m)
    followup, change = m.get("followup", {}), m.get("change", {})
    low, high = change.get("ci95_percent", (math.nan, math.nan))
    number = lambda of, key: of.get(key, math.nan)
    return (m["metric"], m["concern"], m["region"], m["unit"], m["status"], m.get("reason", ""),
            number(baseline, "value"), number(baseline, "sd"), number(followup, "value"),
            number(followup, "sd"), number(change, "value"), number(change, "sd"),
            number(change, "percent"), low, high, number(m, "mdc95_percent"), m.get("verdict", ""),
            m.get("visit", ""))
