#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Python package, from outside.

  bindings.py LIBRARY PROGRAM CC    its structs are the header's; its documents are the program's;
                                    arrays are measured like files; failures and Ctrl-C are exceptions;
                                    a study goes from manifest to tables
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
from dermetry import _common, _native  # noqa: E402

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
    for name, struct in _native.STRUCTS.items():
        yield f"{name} {_native.ctypes.sizeof(struct)}"
        for field, _ in struct._fields_:
            yield f"{name}.{field} {getattr(struct, field).offset}"
    for error_id in _common.ERROR_IDS:
        yield f"error {error_id}"


def layout_program():
    """C that prints the header's layout of the same fields; a field too few shows in the size."""
    yield "#include <stddef.h>\n#include <stdio.h>\n#include <dermetry/study.h>\nint main(void) {"
    for name, struct in _native.STRUCTS.items():
        yield f'printf("{name} %zu\\n", sizeof(struct {name}));'
        for field, _ in struct._fields_:
            yield f'printf("{name}.{field} %zu\\n", offsetof(struct {name}, {field}));'
    yield '#define X(name, id, code, text) puts("error " id);\nDERM_ERROR_LIST(X) }'


def test_structs():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "structs")
        subprocess.run([CC, "-x", "c", "-I", os.path.join(ROOT, "include"), "-", "-o", program],
                       input="\n".join(layout_program()), text=True, check=True)
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

    signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs this may have it ignored
    with dermetry.Context(progress=interrupt) as ctx:
        raises(KeyboardInterrupt, lambda: ctx.analyze(BEFORE, px_per_mm=8))
    with dermetry.Context(progress=lambda *at: 1 / 0) as ctx:
        raises(ZeroDivisionError, lambda: ctx.analyze(BEFORE, px_per_mm=8))


def make_study(folder):
    """Two subjects with three visits, as small crops, and a photo that is none."""
    rows = ["subject,visit,date,view,path,px_per_mm,arm"]
    for s in range(2):
        for v in (1, 2, 3):
            photo = Image.open(os.path.join(SAMPLES, "series", f"visit{v}.jpg"))
            photo.crop((200 * s, 100, 200 * s + 240, 300)).save(os.path.join(folder, f"{s}{v}.png"))
            rows.append(f'S{s},"visit, {v}",2026-0{v}-01,skin,{s}{v}.png,14,{"AB"[s]}')
    rows.append("S1,bad,2026-04-01,skin,study.csv,14,B")
    with open(os.path.join(folder, "study.csv"), "w", encoding="utf-8") as out:
        out.write("\n".join(rows) + "\n")
    return os.path.join(folder, "study.csv")


def test_study():
    with tempfile.TemporaryDirectory() as folder:
        manifest, out, seen = make_study(folder), os.path.join(folder, "out"), []
        asked = dict(site="body", progress=lambda *at: seen.append(at))
        counts = dermetry.batch(manifest, out, jobs=2, shard=(1, 1), **asked)
        assert counts == dermetry.Counts(records=5, done=4, kept=0, failed=1), counts
        ended = [row for _, row, _, _ in seen if row]
        assert sorted(ended) == [3, 4, 6, 7, 8] and seen[-1][0] == counts
        said = dermetry.status(out)
        assert said["done"] == 4 and said["failures"][0]["row"] == 8
        assert dermetry.batch(manifest, out, **asked).kept == 4
        merged = dermetry.merge(out, cohort=True)
        assert (merged.records, merged.failed, merged.missing) == (5, 1, 0)
        assert merged.folder == os.path.join(out, "tables") and "5 records" in merged.text
        comparisons, metrics = merged.table("comparisons"), merged.table()
        assert list(comparisons["row"]) == [3, 4, 6, 7, 8]
        assert set(metrics["visit"]) == {"visit, 2", "visit, 3"} and set(metrics["arm"]) == {"A", "B"}
        assert (np.isnan(metrics["change"]) == (metrics["status"] != "measured")).all()
        os.unlink(os.path.join(out, "shards", "1-of-1.done"))
        assert raises(dermetry.Error, lambda: dermetry.merge(out)).id == "missing_input"
        assert dermetry.merge(out, os.path.join(folder, "part"), partial=True).missing_shards == 1
        assert raises(dermetry.Error, lambda: dermetry.status(folder)).id == "missing_input"
        assert raises(dermetry.Error, lambda: dermetry.batch("none.csv", out)).id == "missing_input"
        raises(TypeError, lambda: dermetry.batch(manifest, out, colour="red"))
        raises(ZeroDivisionError, lambda: dermetry.batch(manifest, os.path.join(folder, "stopped"),
                                                         progress=lambda *at: 1 / 0))
        raises(ZeroDivisionError, lambda: dermetry.merge(out, partial=True,
                                                         progress=lambda *at: 1 / 0))


def test_series():
    with tempfile.TemporaryDirectory() as folder, dermetry.Context() as ctx:
        manifest = make_study(folder)
        series = ctx.series(manifest, subject="S0", site="body")
        printed = subprocess.run([PROGRAM, "series", manifest, "--subject", "S0", "--site", "body",
                                  "-q"], check=True, capture_output=True, text=True).stdout
        assert without_run(series.text) == without_run(printed)
        assert {"visit, 2", "visit, 3"} <= set(series.metrics()["visit"])
        assert raises(dermetry.Error, lambda: ctx.series(manifest)).id == "usage"


def test_precision():
    with tempfile.TemporaryDirectory() as folder, dermetry.Context() as ctx:
        make_study(folder)
        shots = os.path.join(folder, "shots.csv")
        with open(shots, "w", encoding="utf-8") as out:
            out.write("subject,visit,date,view,path,repeat\n" + "".join(
                f"S{s},v,,skin,{s}{r}.png,{r}\n" for s in (0, 1) for r in (1, 2)))
        profile = ctx.precision(shots, site="body", px_per_mm=14,
                                readings=os.path.join(folder, "readings.csv"))
        assert profile["pairs"] == 2 and profile["statistics"]
        assert os.path.exists(os.path.join(folder, "readings.csv"))
        taken = os.path.join(folder, "profile.json")
        with open(taken, "w", encoding="utf-8") as out:
            json.dump(profile, out)
        with dermetry.Context(precision=taken) as other:
            assert not other.compare(*(os.path.join(folder, f"0{r}.png") for r in (1, 2)),
                                     site="body", px_per_mm=14).refused


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print(f"{name}: passed")
