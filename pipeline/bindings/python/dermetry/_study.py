# SPDX-License-Identifier: Apache-2.0
"""Studies of many photos: what `dermetry batch`, `status` and `merge` do, and their tables."""
from __future__ import annotations

import csv
import ctypes
import json
import os
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Tuple

import numpy as np

from . import _native
from ._common import ERROR_IDS, SITES, Error, Guard, Path, encoded, lib, settings, take_text


@dataclass(frozen=True)
class Counts:
    """How far a batch is, in comparisons of a later visit with the first one.

    records:  that the manifest (or its shard) asks for
    done:     of them; "not comparable" is done, too
    kept:     of those done: by an earlier run
    failed:   the record says why; a next run tries again
    """
    records: int
    done: int
    kept: int
    failed: int


@dataclass(frozen=True)
class Merged:
    """What a merge found.

    folder:          of the tables
    records:         that the manifest asks for
    failed:          of those that are there
    missing:         of all; more than 0 only where partial=True
    missing_shards:  that have not finished
    text:            the same for a person, with what is missing and what was written
    """
    folder: str
    records: int
    failed: int
    missing: int
    missing_shards: int
    text: str

    def table(self, name: str = "metrics") -> np.ndarray:
        """comparisons.csv or metrics.csv as a structured array, a field per column, as
        data_dictionary.csv describes them. A number that is not there is NaN, a text ""."""
        with open(os.path.join(self.folder, "data_dictionary.csv"), encoding="utf-8",
                  newline="") as file:
            kinds = {row["column"]: row["type"] for row in csv.DictReader(file)
                     if row["file"] == f"{name}.csv" and row["type"]}
        with open(os.path.join(self.folder, f"{name}.csv"), encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        columns = list(zip(*rows)) or [()] * len(header)
        fields = [_column(cells, kinds[key]) for key, cells in zip(header, columns)]
        table = np.empty(len(rows), [(key, field.dtype) for key, field in zip(header, fields)])
        for key, field in zip(header, fields):
            table[key] = field
        return table


def _column(cells: Tuple[str, ...], kind: str) -> np.ndarray:
    if kind == "text":
        return np.array(cells, str)
    return np.array([float(cell) if cell else np.nan for cell in cells], float)


def _counts(counts: _native.StudyCounts) -> Counts:
    return Counts(counts.records, counts.done, counts.kept, counts.failed)


def batch(manifest: Path, folder: Path, *, site: str = "face", px_per_mm: float = 0.0,
          jobs: int = 0, shard: Tuple[int, int] = (0, 0), time_limit_s: float = 0.0,
          overlays: Optional[Path] = None, reports: Optional[Path] = None,
          progress: Optional[Callable[[Counts, int, str, str], None]] = None,
          **how: Any) -> Counts:
    """Compares every later visit of a study with the first one. The records go to `folder`; run
    again after an interruption, it goes on where it stopped. A photo that cannot be measured is a
    failed record and harms no other.

    manifest:      CSV, as `dermetry batch` takes it
    px_per_mm:     of photos whose row says nothing; 0: not known
    jobs:          worker processes; 0: as many as processors are allowed
    shard:         (k, n): this part of so many, from 1; (0, 0): all
    time_limit_s:  of one record; 0: 900
    overlays:      folder that gets a folder of pictures for each record
    reports:       folder that gets a page for each record and for each subject and view
    progress:      called as progress(counts, row, status, text) whenever the record of a row of the
                   manifest has ended ("done", "kept", "failed" and why), and several times a second
                   with row 0
    how:           settings of `Context`: threads (of one worker), cpu, models, config, precision,
                   eye_bar, max_megapixels, max_file_bytes, max_memory_bytes (of one worker)

    The workers are forked from this process and run no Python in it: call it before threads of your
    own are at work."""
    guard = Guard()

    def on_progress(_user: object, at: Any) -> int:
        said = at.contents
        return guard.call(progress or (lambda *_: None), _counts(said.counts), said.row,
                          said.status.decode(), said.text.decode())

    request = _native.BatchRequest(
        size=ctypes.sizeof(_native.BatchRequest), manifest=encoded(manifest),
        folder=encoded(folder), overlays=encoded(overlays), jobs=jobs, shard=shard[0],
        shards=shard[1], time_limit_s=time_limit_s, px_per_mm=px_per_mm, site=SITES[site],
        progress=_native.BatchProgressFunction(on_progress), reports=encoded(reports))
    counts, answer = _native.StudyCounts(), ctypes.c_void_p()
    code = lib.derm_batch(ctypes.byref(settings(**how)), ctypes.byref(request),
                          ctypes.byref(counts), ctypes.byref(answer))
    text = take_text(answer)
    guard.check(code, lambda: text)
    return _counts(counts)


def status(folder: Path) -> Mapping[str, Any]:
    """How far the study in a folder is: what is done, failed and missing (schema study-status)."""
    counts, answer = _native.StudyCounts(), ctypes.c_void_p()
    code = lib.derm_status(encoded(folder), 1, ctypes.byref(counts), ctypes.byref(answer))
    text = take_text(answer)
    Guard().check(code, lambda: text)
    return json.loads(text)


def merge(folder: Path, out: Optional[Path] = None, *, cohort: bool = False, partial: bool = False,
          progress: Optional[Callable[[int, int], None]] = None) -> Merged:
    """Makes tables of a study that is all there: NDJSON, CSV with a dictionary, SQLite, PostgreSQL.

    folder:    that `batch` filled
    out:       folder of the tables; None: `tables` in that of the study
    cohort:    also the statistics of the cohort, per arm where the manifest has such a column
    partial:   of what is there, though records are missing; without it they are an Error
    progress:  called as progress(done, records) now and then
    """
    guard = Guard()
    tables = os.path.join(folder, "tables") if out is None else os.fspath(out)

    def on_progress(_user: object, done: int, records: int) -> int:
        return guard.call(progress or (lambda *_: None), done, records)

    request = _native.MergeRequest(
        size=ctypes.sizeof(_native.MergeRequest), store=encoded(folder), out=encoded(tables),
        cohort=int(cohort), partial=int(partial),
        progress=_native.MergeProgressFunction(on_progress))
    counts, answer = _native.MergeCounts(), ctypes.c_void_p()
    code = lib.derm_merge(ctypes.byref(request), ctypes.byref(counts), ctypes.byref(answer))
    text = take_text(answer)
    guard.check(code, lambda: text)
    if not counts.written:
        raise Error(ERROR_IDS.index("missing_input"), text)
    return Merged(tables, counts.records, counts.failed, counts.missing, counts.missing_shards,
                  text)
