#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Python package, from outside.

  bindings.py LIBRARY PROGRAM CC    its structs are the header's; its documents are the program's;
                                    arrays are measured like files; failures and Ctrl-C are exceptions
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SAMPLES = os.path.join(ROOT, "samples")
LIBRARY, PROGRAM, CC = sys.argv[1:4]
os.environ["DERMETRY_LIBRARY"] = LIBRARY
sys.path.insert(0, os.path.join(ROOT, "pipeline", "bindings", "python"))
import dermetry  # noqa: E402
from dermetry import _native  # noqa: E402

BEFORE = os.path.join(SAMPLES, "closeup_before.jpg")
AFTER = os.path.join(SAMPLES, "closeup_after.jpg")


def without_run(text):
    document = json.loads(text)
    del document["run"]
    return document


def raises(kind, call):
    try:
        call()
    except kind as raised:
        return raised
    raise AssertionError(f"no {kind.__name__}")


def layout_of_python():
    for name, struct in (("derm_progress", _native.Progress), ("derm_settings", _native.Settings),
                         ("derm_photo_request", _native.PhotoRequest),
                         ("derm_report_request", _native.ReportRequest)):
        yield f"{name} {_native.ctypes.sizeof(struct)}"
        for field, _ in struct._fields_:
            yield f"{name}.{field} {getattr(struct, field).offset}"
    for error_id in dermetry._IDS:
        yield f"error {error_id}"


def test_structs():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "structs")
        subprocess.run([CC, "-I", os.path.join(ROOT, "include"),
                        os.path.join(HERE, "structs.c"), "-o", program], check=True)
        header = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    assert header.splitlines() == list(layout_of_python())


def test_version():
    with open(os.path.join(ROOT, "pipeline/bindings/python/pyproject.toml"), encoding="utf-8") as f:
        assert re.search(r'^version = "(.*)"', f.read(), re.M).group(1) == dermetry.version()
    assert dermetry.schema("comparison")["$schema"].startswith("https://json-schema.org/")
    raises(KeyError, lambda: dermetry.schema("nonsense"))


def test_documents():
    stages = []
    with dermetry.Context(progress=lambda stage, step, steps: stages.append(stage)) as ctx:
        change = ctx.compare(BEFORE, AFTER, px_per_mm=8, site="body")
    printed = subprocess.run([PROGRAM, "compare", BEFORE, AFTER, "--px-per-mm", "8",
                              "--followup-px-per-mm", "8", "--site", "body", "-q"],
                             check=True, capture_output=True, text=True).stdout
    assert without_run(change.text) == without_run(printed)
    assert not change.refused and "pores" in change.summary.lower()
    assert stages[0] == "decode" and stages[-1] == "measure"
    table, listed = change.metrics(), change.data["metrics"]
    assert table.dtype == dermetry.METRIC_ROW and len(table) == len(listed)
    for row, metric in zip(table, listed):
        assert row["metric"] == metric["metric"] and row["verdict"] == metric["verdict"]
        measured = metric["status"] == "measured" and "percent" in metric["change"]
        assert np.isnan(row["percent"]) != measured
        if measured:
            assert row["percent"] == metric["change"]["percent"]


def test_arrays():
    array = np.asarray(Image.open(BEFORE).convert("RGB"))
    inside = np.zeros(array.shape[:2], bool)
    inside[100:-100, 100:-100] = True
    with tempfile.TemporaryDirectory() as folder, dermetry.Context(findings=True) as ctx:
        photo, mask = os.path.join(folder, "photo.png"), os.path.join(folder, "mask.png")
        Image.fromarray(array).save(photo)
        Image.fromarray(np.where(inside, 255, 0).astype(np.uint8)).save(mask)
        of_file = ctx.analyze(photo, roi=mask, px_per_mm=8)
        of_array = ctx.analyze(array, roi=inside, px_per_mm=8)
        of_wide = ctx.analyze(array.astype(np.uint16) * 257, roi=inside, px_per_mm=8)
        everywhere = ctx.analyze(dermetry.Photo(array, px_per_mm=8),
                                 overlays=os.path.join(folder, "pictures"))
        assert os.listdir(os.path.join(folder, "pictures"))
    assert of_file.data["metrics"] == of_array.data["metrics"]
    assert np.array_equal(of_array.metrics()["region"], of_wide.metrics()["region"])
    pores = of_array.findings("pore")
    assert len(pores["x"]) > 100 and pores["x"].min() >= 99 and pores["x"].max() <= array.shape[1] - 100
    assert len(everywhere.findings("pore")["x"]) > len(pores["x"])
    with dermetry.Context() as ctx:
        raises(TypeError, lambda: ctx.analyze(array.astype(float)))
        raises(ValueError, lambda: ctx.analyze(array[:, :, :2]))
        raises(TypeError, lambda: ctx.analyze(dermetry.Photo(array), px_per_mm=8))


def test_report():
    with tempfile.TemporaryDirectory() as folder, dermetry.Context() as ctx:
        pictures, file = os.path.join(folder, "pictures"), os.path.join(folder, "change.json")
        change = ctx.compare(BEFORE, AFTER, px_per_mm=8, site="body", overlays=pictures)
        with open(file, "w", encoding="utf-8") as out:
            out.write(change.text)
        for asked, options in ((None, []), (pictures, ["--overlay", pictures])):
            page = subprocess.run([PROGRAM, "report", file, *options], check=True,
                                  capture_output=True).stdout.decode()
            assert ctx.report(change, pictures=asked) == ctx.report(change.text, pictures=asked) == page
        assert raises(dermetry.Error, lambda: ctx.report("{}")).id == "malformed_input"
    raises(ValueError, lambda: ctx.report(change))


def test_failures():
    with dermetry.Context() as ctx:
        missing = raises(dermetry.Error, lambda: ctx.analyze("/nowhere/photo.jpg"))
        assert missing.id == "missing_input" and "photo.jpg" in missing.text
        wrong = raises(dermetry.Error, lambda: ctx.analyze(BEFORE, px_per_mm=1e9))
        assert wrong.id == "usage"
        assert not ctx.analyze(BEFORE, px_per_mm=8).refused  # a failure harms nothing
    raises(ValueError, lambda: ctx.analyze(BEFORE))
    assert raises(dermetry.Error, lambda: dermetry.Context(cpu="abacus")).id == "usage"


def test_interruption():
    def interrupt(stage, step, steps):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    with dermetry.Context(progress=interrupt) as ctx:
        raises(KeyboardInterrupt, lambda: ctx.analyze(BEFORE, px_per_mm=8))
    with dermetry.Context(progress=lambda *at: 1 / 0) as ctx:
        raises(ZeroDivisionError, lambda: ctx.analyze(BEFORE, px_per_mm=8))


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print(f"{name}: passed")
