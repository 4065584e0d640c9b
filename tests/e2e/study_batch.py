#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Studies from outside: batch, status, submit.

  study_batch.py PROGRAM [KILLS [TEST...]]  a small study gives the same records whatever happens on
                                            the way: KILLS (20) kills, signals, hostile photos, crashes
"""
import csv
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import jsonschema
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SAMPLES = os.path.join(ROOT, "samples")
DATA = os.path.join(os.path.dirname(ROOT), "shared", "data")
COLUMNS = ["subject", "visit", "date", "view", "path", "px_per_mm", "arm"]
BODY = ["--site", "body"]
TIMEOUT_S = 600


# ---- a study

def write_manifest(folder, rows, name="study.csv"):
    with open(os.path.join(folder, name), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS] + rows)
    return name


def make_study(folder, subjects=6, side=(240, 200)):
    """Two follow-ups each, cut from the samples; a photo is small, so that many fit into a test."""
    names = ["series/visit%d.jpg" % visit for visit in (1, 2, 3)]
    photos = [Image.open(os.path.join(SAMPLES, name)) for name in names]
    rows = []
    for s in range(subjects):
        x, y = 90 * s % (900 - side[0]), 60 * s % (700 - side[1])
        for v, photo in enumerate(photos):
            path = "s%d v%d.jpg" % (s, v)
            photo.crop((x, y, x + side[0], y + side[1])).save(os.path.join(folder, path), quality=92)
            rows.append(["S%d" % s, "visit %d" % v, "2026-%02d-01" % (v + 1), "abdomen", path, "14",
                         "AB"[s % 2]])
    return rows


def batch(program, folder, out, *extra, **how):
    return subprocess.run([program, "batch", "study.csv", "--out", out, *BODY, *extra], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S,
                          text=True, **how)


def start(program, folder, out, *extra):
    return subprocess.Popen([program, "batch", "study.csv", "--out", out, *BODY, *extra], cwd=folder,
                            stderr=subprocess.DEVNULL, start_new_session=True)


def files_of(out):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(os.path.join(out, "records"))
                  for name in names)


def table(out):
    """The records without what may differ, by key; nothing but records is there."""
    records = {}
    for path in files_of(out):
        with open(path, encoding="utf-8") as file:
            line = file.read()
        key = os.path.splitext(os.path.basename(path))[0]
        record = json.loads(line)
        assert line.endswith("}\n") and line.count("\n") == 1, path
        assert record["key"] == key and os.path.dirname(path).endswith(key[:2]), path
        assert key not in records, key
        records[key] = line[:line.rindex(',"run":')]
    return records


def events(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"event":"record"')]


def status(program, folder, out):
    run = subprocess.run([program, "status", out, "--json"], cwd=folder, stdout=subprocess.PIPE,
                         timeout=TIMEOUT_S)
    said = json.loads(run.stdout)
    jsonschema.validate(said, json.loads(subprocess.check_output([program, "schema", "study-status"])))
    return run.returncode, said


class Failed(Exception):
    pass


def expect(truth, *about):
    if not truth:
        raise Failed(" ".join(map(str, about)))


# ---- tests: each gets the program, a folder with study.csv, and the table of an undisturbed run

def jobs(program, folder, expected):
    run = batch(program, folder, "two", "--jobs", "2", "--cpu", "c")
    expect(run.returncode == 0, run.stderr)
    expect(table(os.path.join(folder, "two")) == expected, "two workers in plain C give other records")
    ends = events(run.stderr)
    expect([e["done"] for e in ends] == list(range(1, len(expected) + 1)), ends)
    again = batch(program, folder, "two", "--jobs", "2")
    expect(all(e["status"] == "kept" for e in events(again.stderr)), again.stderr)
    code, said = status(program, folder, "two")
    expect(code == 0 and said["done"] == len(expected) and not said["missing_shards"], said)


def schema(program, folder, expected):
    del expected
    check = {name: jsonschema.Draft202012Validator(json.loads(
        subprocess.check_output([program, "schema", name]))) for name in ("study-row", "comparison")}
    with open(os.path.join(folder, "study.csv"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    for path in files_of(os.path.join(folder, "one")):
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
        check["study-row"].validate(record)
        check["comparison"].validate(dict(record["comparison"], run=record["run"]))
        expect(record["days"] in (31, 59), record["days"])
        expect(record["columns"] == {"px_per_mm": "14", "arm": lines[record["row"] - 1][-1]}, record)
        for broken in ({"status": "failed"}, {"extra": 1}, {"key": "x"}, {"inputs": {}}):
            expect(not check["study-row"].is_valid(dict(record, **broken)), broken)


def kills(program, folder, expected, count):
    """A study is killed until it is done, then the next one, so that kills fall at any moment."""
    rng = random.Random(6)
    began = time.monotonic()
    expect(batch(program, folder, "whole").returncode == 0)
    whole_s = time.monotonic() - began
    killed = studies = 0
    while killed < count or studies == 0:
        out = "killed%d" % studies
        while killed < count:
            run = start(program, folder, out, "--jobs", "2")
            time.sleep(rng.uniform(0, whole_s / 3))
            if run.poll() is not None:
                expect(run.returncode == 0, run.returncode)
                break
            # The parent alone, or everything at once as when a node goes down.
            os.kill(run.pid, signal.SIGKILL) if rng.random() < .5 else os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            killed += 1
        last = batch(program, folder, out)
        expect(last.returncode == 0, last.stderr)
        expect(table(os.path.join(folder, out)) == expected, "differs after kills")
        studies += 1
    print("  %d kills in %d studies" % (killed, studies))


def stop(program, folder, expected):
    for number in (signal.SIGTERM, signal.SIGINT):
        out = "stop%d" % number
        run = subprocess.Popen([program, "batch", "study.csv", "--out", out, *BODY], cwd=folder,
                               stderr=subprocess.PIPE, text=True)
        run.stderr.readline()
        run.send_signal(number)
        said = run.stderr.read()
        expect(run.wait(TIMEOUT_S) == 75 and "run it again to resume" in said, run.returncode, said)
        code, there = status(program, folder, out)
        expect(code == 75 and 0 < there["missing"] < len(expected), there)
        expect(there["missing_shards"] == [1] and len(there["missing_rows"]) == there["missing"])
        last = batch(program, folder, out)
        expect(last.returncode == 0 and events(last.stderr)[-1]["kept"] > 0, last.stderr)
        expect(table(os.path.join(folder, out)) == expected, "differs after signal", number)


def change(program, folder, expected):
    """What a changed photo takes part in is done again, and nothing else."""
    path, kept = os.path.join(folder, "s1 v1.jpg"), os.path.join(folder, "kept.jpg")
    expect(batch(program, folder, "change").returncode == 0)
    os.rename(path, kept)
    shutil.copy(os.path.join(folder, "s2 v1.jpg"), path)
    run = batch(program, folder, "change")
    expect(run.returncode == 0, run.stderr)
    redone = [e["row"] for e in events(run.stderr) if e["status"] == "done"]
    expect(redone == [6], redone)
    now = table(os.path.join(folder, "change"))
    differ = [key for key in expected if now[key] != expected[key]]
    expect(len(differ) == 1 and json.loads(now[differ[0]] + "}")["row"] == 6, differ)
    os.rename(kept, path)
    expect(batch(program, folder, "change").returncode == 0)
    expect(table(os.path.join(folder, "change")) == expected)


def masks(program, folder, expected):
    """A mask is an input as a photo is."""
    del expected
    def draw(edge):
        mask = Image.new("L", (240, 200), 0)
        mask.paste(255, (edge, edge, 240 - edge, 200 - edge))
        mask.save(os.path.join(folder, "mask.png"))

    def run():
        return events(subprocess.run([program, "batch", "masks.csv", "--out", "masks", *BODY],
                                     cwd=folder, stderr=subprocess.PIPE, text=True).stderr)

    with open(os.path.join(folder, "masks.csv"), "w") as file:
        file.write("subject,visit,date,view,path,roi\nA,1,,f,s0 v0.jpg,\nA,2,,f,s0 v1.jpg,mask.png\n")
    draw(20)
    expect([e["status"] for e in run()] == ["done"])
    expect([e["status"] for e in run()] == ["kept"])
    draw(30)
    expect([e["status"] for e in run()] == ["done"])
    with open(files_of(os.path.join(folder, "masks"))[0]) as file:
        record = json.load(file)
    expect("followup_roi" in record["inputs"] and "baseline_roi" not in record["inputs"], record)
    asked = record["comparison"]["provenance"]["configuration"]["requests"]
    expect([r["roi"] for r in asked] == [False, True], asked)


def lock(program, folder, expected):
    first = subprocess.Popen([program, "batch", "study.csv", "--out", "lock", *BODY], cwd=folder,
                             stderr=subprocess.PIPE, text=True)
    first.stderr.readline()
    first.send_signal(signal.SIGSTOP)
    second = batch(program, folder, "lock")
    first.send_signal(signal.SIGCONT)
    first.stderr.read()
    expect(second.returncode == 64 and "another batch is at work" in second.stderr, second.stderr)
    expect(first.wait(TIMEOUT_S) == 0)
    expect(table(os.path.join(folder, "lock")) == expected)


def other_plan(program, folder, expected):
    """A folder is of one configuration and number of shards."""
    shutil.copytree(os.path.join(folder, "one"), os.path.join(folder, "other"))
    for extra, says in ((["--px-per-mm", "9"], "other options"), (["--shard", "1/2"], "in 1 shards")):
        run = batch(program, folder, "other", *extra)
        expect(run.returncode == 64 and says in run.stderr, run.stderr)
    expect(table(os.path.join(folder, "other")) == expected)


def growth(program, folder, expected):
    """Of a manifest that has changed, only what it asks for anew is computed; the records are those of a
    study that was begun with it."""
    with open(os.path.join(folder, "study.csv"), newline="") as file:
        rows = list(csv.reader(file))[1:]
    changed = [[*row[:-1], "needling" if row[-1] == "A" else row[-1]] for row in rows]
    changed[0:0] = [["S9", "visit %d" % v, "2026-0%d-01" % v, "abdomen", "s1 v%d.jpg" % v, "", "B"] for v in (1, 2)]
    changed.append(["S5", "visit 4", "2026-05-01", "abdomen", "s4 v1.jpg", "14", "B"])
    changed[5][5] = "15"  # the scale of S1's baseline: both of its records
    changed[10][4] = "again.jpg"  # a photo by another name
    shutil.copy(os.path.join(folder, rows[8][4]), os.path.join(folder, "again.jpg"))

    def run(out, *extra):
        return subprocess.run([program, "batch", "changed.csv", "--out", out, *BODY, *extra], cwd=folder,
                              stderr=subprocess.PIPE, text=True)

    write_manifest(folder, changed, "changed.csv")
    pages = os.path.join(folder, "grown-pages")
    expect(batch(program, folder, "grown", "--report", pages).returncode == 0)
    held = subprocess.Popen([program, "batch", "study.csv", "--out", "grown", *BODY, "--report", pages], cwd=folder,
                            stderr=subprocess.PIPE, text=True)
    held.stderr.readline()
    held.send_signal(signal.SIGSTOP)
    refused = run("grown")
    held.send_signal(signal.SIGCONT)
    held.stderr.read()
    expect(refused.returncode == 64 and "by another manifest" in refused.stderr, refused.stderr)
    expect(held.wait(TIMEOUT_S) == 0 and table(os.path.join(folder, "grown")) == expected)
    old = {name: os.stat(os.path.join(pages, name)).st_mtime_ns for name in pages_in(pages)[1]}
    grown = run("grown", "--report", pages)
    expect(grown.returncode == 0, grown.stderr)
    redone = sorted(e["row"] for e in events(grown.stderr) if e["status"] == "done")
    expect(redone == [3, 8, 9, 12, 22], redone)
    expect(all(os.stat(os.path.join(pages, name)).st_mtime_ns > t for name, t in old.items()), "old pages")
    expect(run("afresh").returncode == 0)
    expect(table(os.path.join(folder, "grown")) == table(os.path.join(folder, "afresh")), "not those of a new study")
    expect(subprocess.run([program, "merge", "grown"], cwd=folder, stdout=subprocess.DEVNULL).returncode == 0)
    expect(all(e["status"] == "kept" for e in events(run("grown").stderr)))
    # A batch that was killed when it had replaced the one file and not the other.
    shutil.copy(os.path.join(folder, "study.csv"), os.path.join(folder, "grown", "manifest.csv"))
    merged = subprocess.run([program, "merge", "grown"], cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    expect(merged.returncode == 65, merged)
    expect(run("grown").returncode == 0 and status(program, folder, "grown")[0] == 0)


def shards(program, folder, expected):
    """Parts of a study, as options or as an array job gives them, make up the whole."""
    for k in (1, 3):
        expect(batch(program, folder, "shards", "--shard", "%d/3" % k).returncode == 0)
    code, said = status(program, folder, "shards")
    expect(code == 75 and said["missing_shards"] == [2] and said["shards"] == 3, said)
    array = dict(os.environ, SLURM_ARRAY_TASK_ID="1", SLURM_ARRAY_TASK_MIN="0", SLURM_ARRAY_TASK_COUNT="3")
    expect(batch(program, folder, "shards", env=array).returncode == 0)
    expect(table(os.path.join(folder, "shards")) == expected, "shards do not make the whole")
    expect(status(program, folder, "shards")[0] == 0)
    alone = batch(program, folder, "shards", env=dict(os.environ, PBS_ARRAY_INDEX="1"))
    expect(alone.returncode == 64 and "--shards N" in alone.stderr, alone.stderr)
    for k in (1, 2):
        expect(batch(program, folder, "pbs", "--shards", "2", env=dict(os.environ, PBS_ARRAY_INDEX=str(k))).returncode
               == 0)
    expect(table(os.path.join(folder, "pbs")) == expected and status(program, folder, "pbs")[0] == 0)
    for extra, array in ((["--shards", "2"], {"PBS_ARRAY_INDEX": "3"}), (["--shards", "2"], {}),
                         (["--shards", "2", "--shard", "1/2"], {})):
        expect(batch(program, folder, "pbs", *extra, env=dict(os.environ, **array)).returncode == 64, extra, array)


def workers_of(parent):
    with open("/proc/%d/task/%d/children" % (parent, parent)) as file:
        return list(map(int, file.read().split()))


def deaths(program, folder, expected):
    """A crash, a hang and a lack of memory cost a record, and are made good by the next run."""
    run = subprocess.Popen([program, "batch", "study.csv", "--out", "crash", *BODY], cwd=folder,
                           stderr=subprocess.PIPE, text=True)
    run.stderr.readline()
    for _ in range(100):
        for worker in workers_of(run.pid)[:1]:
            os.kill(worker, signal.SIGSEGV)
        if events(run.stderr.readline())[0]["status"] == "failed":
            break
    run.stderr.read()
    expect(run.wait(TIMEOUT_S) == 3, run.returncode)
    code, said = status(program, folder, "crash")
    expect(code == 3 and said["missing"] == 0 and said["done"] > 0, said)
    # A sanitizer turns the signal into an exit code.
    expect(all(f["code"] == "internal_error" and ("crashed" in f["text"] or "ended early" in f["text"])
               for f in said["failures"]), said)
    expect(batch(program, folder, "crash").returncode == 0)
    expect(table(os.path.join(folder, "crash")) == expected)
    for extra, error in ((["--time-limit", "0.001"], "limit_exceeded"),
                         (["--max-memory-mib", "4"], "out_of_memory")):
        run = batch(program, folder, error, *extra)
        code, said = status(program, folder, error)
        # On a busy machine a record can end before the parent finds its time over.
        expect(run.returncode == 3 and code == 3 and said["failed"] > 0, error, said)
        expect(said["failed"] + said["done"] == len(expected), error, said)
        expect({f["code"] for f in said["failures"]} == {error}, said)
        expect(batch(program, folder, error).returncode == 0)
        expect(table(os.path.join(folder, error)) == expected)


def memory(program, folder, expected):
    """The limit holds for all that a record takes together: one that each part of it keeps to can be too
    small, and then the record fails and the batch goes on, at whatever place it was."""
    outcomes = {}
    for mib in (18, 24, 32, 40, 48, 56, 64, 72, 80, 96, 512):
        out = "memory%d" % mib
        run = batch(program, folder, out, "--max-memory-mib", str(mib))
        _, said = status(program, folder, out)
        expect(run.returncode in (0, 3) and said["missing"] == 0, mib, run.returncode, run.stderr)
        expect({f["code"] for f in said["failures"]} <= {"out_of_memory"}, mib, said)
        outcomes[mib] = said["done"]
    names = ["s0 v0.jpg", "s0 v1.jpg"]
    alone = subprocess.run([program, "compare", *names, *BODY, "--max-memory-mib", "32", "-q", "-o", "alone.json"],
                           cwd=folder)
    expect(alone.returncode == 0 and outcomes[32] == 0 and outcomes[512] == len(expected), outcomes)
    expect(list(outcomes.values()) == sorted(outcomes.values()), outcomes)


def moving(program, folder, expected):
    """Options that change while a batch runs do not get into it."""
    def write_config(value):  # whole: a worker that read half of it would say something else
        path = os.path.join(folder, "config.json")
        with open(path + ".new", "w") as file:
            json.dump({"decode": {"clip_low": value}}, file)
        os.replace(path + ".new", path)

    write_config(5)
    run = subprocess.Popen([program, "batch", "study.csv", "--out", "moving", *BODY, "--jobs", "1",
                            "--config", "config.json"], cwd=folder, stderr=subprocess.PIPE, text=True)
    run.stderr.readline()
    write_config(6)
    said = run.stderr.read()
    expect(run.wait(TIMEOUT_S) == 0, run.returncode, said)
    moved = table(os.path.join(folder, "moving"))
    expect(moved.keys() == expected.keys())
    expect(all('"clip_low":5' in record for record in moved.values()))
    run = batch(program, folder, "moving", "--config", "config.json")
    expect(run.returncode == 64 and "other options" in run.stderr, run.returncode, run.stderr)


def hostile_files(count):
    """Small files that the formats test says are refused, from all over the collection."""
    with open(os.path.join(ROOT, "tests", "golden", "formats.csv"), encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    refused = [os.path.join(DATA, "formats", row[0]) for row in rows if row[1] == "refused"]
    there = [path for path in refused if os.path.isfile(path)]
    return there[::max(1, len(there) // count)][:count]


def hostile(program, folder, expected):
    """Photos that cannot be read fail with a reason; all others come out as without them."""
    bad = hostile_files(12)
    if not bad:
        print("  SKIPPED: no photos in ../shared/data")
        return
    os.mkfifo(os.path.join(folder, "pipe.jpg"))
    bad += ["pipe.jpg", ".", "missing.jpg"]
    rows = make_study(folder)
    rows += [["S%d" % (i % 6), "bad %d" % i, "2026-09-01", "abdomen", path, "14", "AB"[i % 2]]
             for i, path in enumerate(bad)]
    write_manifest(folder, rows, "hostile.csv")
    run = subprocess.run([program, "batch", "hostile.csv", "--out", "hostile", *BODY, "--jobs", "2"],
                         cwd=folder, stderr=subprocess.PIPE, timeout=TIMEOUT_S, text=True)
    expect(run.returncode == 3, run.stderr)
    code, said = status(program, folder, "hostile")
    expect(code == 3 and said["done"] == len(expected) and said["failed"] == len(bad), said)
    expect(all(f["text"] for f in said["failures"]))
    now = table(os.path.join(folder, "hostile"))
    expect(all(now[key] == expected[key] for key in expected), "a hostile photo changed another record")


NAMES = ['=cmd|\' /C calc\'!A0', 'a, "b"; c', "O'Neil; DROP TABLE comparison;--", "Zo\u00eb \u65e5\u672c\u202e",
         '</script><b>', '"},"run":{', '%s%n\\', "n" * 999]


def hostile_names(program, folder, expected):
    """Whatever subjects, views and columns are called is data all the way to the tables and pages."""
    del expected
    rows = [["subject", "visit", "date", "view", "path", "px_per_mm", 'arm "of", it']]
    for name in NAMES:
        rows += [[name, visit, "2026-0%s-01" % visit, name, "s0 v%s.jpg" % visit, "14", name] for visit in "12"]
    with open(os.path.join(folder, "names.csv"), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    run = subprocess.run([program, "batch", "names.csv", "--out", "named", "--report", "named pages", *BODY],
                         cwd=folder, stderr=subprocess.PIPE, text=True)
    expect(run.returncode == 0, run.stderr)
    subprocess.run([program, "merge", "named"], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    tables = os.path.join(folder, "named", "tables")
    with open(os.path.join(tables, "comparisons.ndjson"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    expect(all(r["view"] == r["subject"] == r["columns"]['arm "of", it'] for r in records))
    with open(os.path.join(tables, "comparisons.csv"), newline="", encoding="utf-8") as file:
        table_rows = list(csv.DictReader(file, strict=True))
    db = sqlite3.connect(os.path.join(tables, "study.sqlite"))
    stored = [name for name, in db.execute("SELECT DISTINCT subject FROM measurement")]
    db.close()
    for got in ([r["subject"] for r in records], [r["subject"] for r in table_rows], stored):
        expect(sorted(got) == sorted(NAMES), got)
    pages, series = pages_in(os.path.join(folder, "named pages"))
    expect(len(pages) == len(series) == len(NAMES), pages, series)
    for page in pages:
        with open(os.path.join(folder, "named pages", page), encoding="utf-8") as file:
            expect('src="data:image/' in file.read(), "a page without its photos: " + page)
    with open(os.path.join(folder, "named pages", "index.html"), encoding="utf-8") as file:
        index = file.read()
    expect(all('"%s"' % page in index for page in pages + series), index)
    expect("<script" not in index and "</script>" not in index and "\u202e" not in index, index)


def wrong_manifest(program, folder, expected):
    del expected
    with open(os.path.join(folder, "wrong.csv"), "w") as file:
        file.write("subject,visit,date,view,path\nA,1,1.1.2026,f,a.jpg\nA,2,,f\nA,3,,f,b.jpg\n")
    run = subprocess.run([program, "batch", "wrong.csv", "--out", "wrong"], cwd=folder,
                         stderr=subprocess.PIPE, text=True)
    expect(run.returncode == 65 and "line 2 has" in run.stderr and "line 3 has 4" in run.stderr, run)
    expect(not os.path.exists(os.path.join(folder, "wrong")), "a wrong manifest leaves a folder")
    with open(os.path.join(folder, "wrong.csv"), "a") as file:
        file.write("A,4,,f\n" * 300)
    for how in ("json", "plain"):
        said = subprocess.run([program, "batch", "wrong.csv", "--out", "wrong", "--progress", how], cwd=folder,
                              stderr=subprocess.PIPE, text=True).stderr
        if how == "json":
            told = json.loads(said)
            expect(told["event"] == "error" and told["file"] == "wrong.csv", told)
            said = told["text"]
        expect(all("  line %d has" % line in said for line in [2, 3, *range(5, 305)]), said)
    run = subprocess.run([program, "status", "nowhere"], cwd=folder, stderr=subprocess.PIPE)
    expect(run.returncode == 66, run)


def is_of_series(path):
    with open(path, encoding="utf-8") as file:
        return "<h1>Skin over time</h1>" in file.read()


def pages_in(folder):
    """Names of the pages of records, and of those of all visits of a subject."""
    names = sorted(set(os.listdir(folder)) - {"index.html"})
    series = [name for name in names if is_of_series(os.path.join(folder, name))]
    return [name for name in names if name not in series], series


def pictures(program, folder, expected):
    """Pictures and a page for each record; what is asked for and not there is made."""
    asked = ["--overlay", "pictures", "--report", "pages"]
    pages = lambda: pages_in(os.path.join(folder, "pages"))[0]
    expect(batch(program, folder, "drawn").returncode == 0)
    run = batch(program, folder, "drawn", *asked)
    expect(run.returncode == 0 and events(run.stderr)[-1]["kept"] == 0, run.stderr)
    expect(table(os.path.join(folder, "drawn")) == expected)
    drawn = os.listdir(os.path.join(folder, "pictures"))
    expect(sorted(drawn) == sorted(expected), drawn)
    expect(all(os.listdir(os.path.join(folder, "pictures", key)) for key in drawn))
    expect(pages() == sorted(key + ".html" for key in expected), pages())
    key = sorted(expected)[0]
    with open(os.path.join(folder, "pages", key + ".html"), "rb") as file:
        page = file.read()
    expect(page == subprocess.check_output([program, "report", "drawn/records/%s/%s.json" % (key[:2], key),
                                            "--overlay", "pictures/" + key], cwd=folder), "another page")
    os.unlink(os.path.join(folder, "pages", key + ".html"))
    run = batch(program, folder, "drawn", *asked)
    expect(events(run.stderr)[-1]["kept"] == len(expected) - 1 and len(pages()) == len(expected), run.stderr)


def subject_pages(program, folder, expected):
    """A page of all visits of a subject: what series makes, made again when a record is, and lost
    with nothing else when its worker dies."""
    del expected
    there = os.path.join(folder, "subjects")
    write_manifest(folder, make_study(folder, subjects=1), "single.csv")

    def start_single():
        return subprocess.Popen([program, "batch", "single.csv", "--out", "single", *BODY, "--report", there],
                                cwd=folder, stderr=subprocess.PIPE, text=True)

    def run_single():
        run = start_single()
        said = run.stderr.read()
        expect(run.wait(TIMEOUT_S) == 0, said)
        names = pages_in(there)[1]
        expect(len(names) == 1, names)
        with open(os.path.join(there, names[0]), "rb") as file:
            return os.path.join(there, names[0]), file.read()

    def series_page():
        made = os.path.join(folder, "made.html")
        subprocess.run([program, "series", "single.csv", "-q", "--report", made, *BODY], cwd=folder,
                       stdout=subprocess.DEVNULL, check=True)
        with open(made, "rb") as file:
            return file.read()

    page, first = run_single()
    expect(first == series_page(), "the page is not that of series")
    path, kept = os.path.join(folder, "s0 v1.jpg"), os.path.join(folder, "kept.jpg")
    os.rename(path, kept)
    shutil.copy(os.path.join(folder, "s1 v1.jpg"), path)
    expect(run_single()[1] != first, "the page of a changed record is an old one")
    os.unlink(path)
    run = start_single()
    said = run.stderr.read()
    with open(page, "rb") as file:
        expect(run.wait(TIMEOUT_S) == 3 and file.read() != first, "the page of a lost photo is an old one", said)
    os.rename(kept, path)
    expect(run_single()[1] == first)
    os.unlink(page)
    run = start_single()
    for _ in range(2):
        expect(events(run.stderr.readline())[0]["status"] == "kept")
    os.kill(workers_of(run.pid)[0], signal.SIGSEGV)
    said = run.stderr.read()
    expect(run.wait(TIMEOUT_S) == 70 and "pages of subjects could not be made: 1" in said, run.returncode, said)
    code, there_now = status(program, folder, "single")
    expect(code == 0 and there_now["done"] == 2 and not os.path.exists(page), there_now)
    expect(run_single()[1] == first)


# Runs what it is given as the tasks of an array, one after the other, and logs its other arguments.
SBATCH = """#!/bin/sh
last=0
for argument; do
    case $argument in
    --array=1-*) last=${argument#--array=1-} ;;
    --wrap=*) script=${argument#--wrap=}; continue ;;
    esac
    printf '%s ' "$argument"
done >>"$TOOLS/log"
echo >>"$TOOLS/log"
for SLURM_ARRAY_TASK_ID in $(seq $last); do
    export SLURM_ARRAY_TASK_ID; sh -c "$script" 2>/dev/null
done
[ $last != 0 ] || sh -c "$script" >&2
echo 41
"""
HOSTILE_NAME = "a b's \"$(touch oops)\" `x` \\ ;*\nWRAP\n#é"


def submit(program, folder, expected):
    """The script runs as it stands whatever its folders are called; the second job merges."""
    tools, study = os.path.join(folder, "tools"), os.path.join(folder, HOSTILE_NAME)
    os.mkdir(tools)
    with open(os.path.join(tools, "sbatch"), "w") as file:
        file.write(SBATCH)
    os.chmod(os.path.join(tools, "sbatch"), 0o755)
    os.mkdir(study)
    make_study(study)
    shutil.copy(os.path.join(folder, "study.csv"), os.path.join(study, HOSTILE_NAME + ".csv"))
    script = subprocess.check_output([program, "submit", "slurm", HOSTILE_NAME + ".csv", "--out",
                                      HOSTILE_NAME, "--shards", "3", "--cohort", *BODY], cwd=study, text=True)
    expect(" --shards 3 " in script, "a task that is submitted alone could not tell which it is")
    subprocess.run(["sh", "-s", "--", "--partition=main"], input=script, cwd="/", check=True, text=True,
                   env=dict(os.environ, PATH=tools + ":" + os.environ["PATH"], TOOLS=tools),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=TIMEOUT_S)
    out = os.path.join(study, HOSTILE_NAME)
    expect(table(out) == expected)
    expect({"study.sqlite", "cohort.csv"} <= set(os.listdir(os.path.join(out, "tables"))))
    missing = subprocess.run([program, "submit", "slurm", "missing.csv", "--out", "out", "--shards", "3"],
                             cwd=study, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect(missing.returncode == 66 and not missing.stdout and "missing.csv" in missing.stderr, missing)
    expect(not any("oops" in names for _, _, names in os.walk(study)))
    with open(os.path.join(tools, "log")) as file:
        array, merge = file.read().splitlines()
    expect("--requeue" in array and "--array=1-3 " in array and "--partition=main" in array, array)
    expect("--dependency=afterany:41 --partition=main" in merge, merge)


def test(program, count, names):
    tests = [jobs, schema, stop, change, masks, lock, other_plan, growth, shards, deaths, memory, moving, hostile,
             hostile_names, wrong_manifest, pictures, subject_pages, submit, kills]
    folder = tempfile.mkdtemp(prefix="dermetry-study-")
    failed = 0
    try:
        write_manifest(folder, make_study(folder))
        expect(batch(program, folder, "one", "--jobs", "1").returncode == 0)
        expected = table(os.path.join(folder, "one"))
        expect(len(expected) == 12, len(expected))
        for one in tests:
            if names and one.__name__ not in names:
                continue
            try:
                one(program, folder, expected, *([count] if one is kills else []))
                print("ok     %s" % one.__name__, flush=True)
            except Failed as why:
                print("FAILED %s: %s" % (one.__name__, why), flush=True)
                failed += 1
    finally:
        shutil.rmtree(folder)
    return failed == 0


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    return 0 if test(os.path.abspath(sys.argv[1]), count, sys.argv[3:]) else 1


if __name__ == "__main__":
    sys.exit(main())
