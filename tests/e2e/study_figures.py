#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Figures of large studies: reports, no tests.

  study_figures.py batch PROGRAM PHANTOM RECORDS  throughput of two workers over one, memory of the parent,
                                                  on photos of ../shared/data and phantoms, one record in
                                                  ten with a file that no one can read
  study_figures.py merge PROGRAM RECORDS [BASELINE FOLLOWUP]
                                                  time of a merge of records like that of the sample close-ups,
                                                  or of two photos of a face, with other numbers in each, and what
                                                  the tables take of the disk; $TMPDIR says on which
"""
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

from PIL import Image

from study_batch import BODY, DATA, SAMPLES, hostile_files, status, table, write_manifest
from study_store import Store


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# ---- batch

SIDE = 300  # pixels of a photo, at 14 a millimetre: small, so that thousands fit into minutes


def memory_kb(pid):
    with open("/proc/%d/status" % pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def timed(program, folder, out, workers, records):
    """Wall time in s. CPU time tells a slow program from a busy machine."""
    before, began = cpu_s(), time.monotonic()
    marks, memory, ended = {max(1, records // 20), max(1, records // 2), records - 1}, [], 0
    run = subprocess.Popen([program, "batch", "study.csv", "--out", out, *BODY, "--threads", "1",
                            "--jobs", str(workers), "--progress", "json"], cwd=folder, text=True,
                           stderr=subprocess.PIPE)
    for line in run.stderr:
        if '"event":"record"' not in line:
            continue
        ended += 1
        if ended in marks:
            memory.append("%d kB at %d records" % (memory_kb(run.pid), ended))
    run.wait()
    seconds = time.monotonic() - began
    print("%d workers: %.1f s (%.1f s of CPU), exit code %d; memory of the parent: %s"
          % (workers, seconds, cpu_s() - before, run.returncode, ", ".join(memory)), flush=True)
    return seconds


def photos_of(phantom, folder):
    """Every other one a phantom, rendered once for all its turns."""
    lesions = os.path.join(DATA, "lesions", "padufes", "images")
    names = [os.path.join(lesions, name) for name in sorted(os.listdir(lesions))]
    for i in range(0, len(names), 2):
        names[i] = os.path.join(folder, "phantom%d.png" % i)
        subprocess.run([phantom, "--out", names[i], "--seed", str(i), "--width", str(SIDE), "--height",
                        str(SIDE), "--ita", str(55 - i * 5 % 80)], check=True)
    return names


def batch(program, phantom, records):
    bad, rows = hostile_files(40), []
    with tempfile.TemporaryDirectory(prefix="dermetry-figures-") as folder:
        names = photos_of(phantom, folder)
        for i in range(records // 2):
            photo = Image.open(names[i % len(names)]).convert("RGB")
            photo.thumbnail((SIDE, SIDE))
            photo = photo.rotate(90 * (i // len(names) % 4), expand=True)
            for v, quality in enumerate((92, 85, 78)):
                path = "p%d v%d.jpg" % (i, v)
                photo.save(os.path.join(folder, path), quality=quality)
                if v == 2 and i % 5 == 0:
                    path = bad[i // 5 % len(bad)]
                rows.append(["S%04d" % i, v, "2026-%02d-01" % (v + 1), "arm", path, "14", "A"])
        write_manifest(folder, rows)
        one, two = (timed(program, folder, out, workers, records)
                    for out, workers in (("one", 1), ("two", 2)))
        same = table(os.path.join(folder, "one")) == table(os.path.join(folder, "two"))
        _, said = status(program, folder, "two")
    expected = sum(1 for row in rows if row[4] in bad)
    explained = sum(1 for failure in said["failures"] if failure["text"])
    print("throughput %.2f (target 1.85); same records: %s; %d records: %d done, %d failed of %d hostile, %d with a "
          "reason, %d missing" % (one / two, same, said["records"], said["done"], said["failed"], expected,
                                  explained, said["missing"]))


# ---- merge

CLOSEUPS = [*(os.path.join(SAMPLES, "closeup_%s.jpg" % when) for when in ("before", "after")), *BODY,
            "--px-per-mm", "14"]


def varied(value, chance):
    """The same with other decimal numbers, of six digits as in documents."""
    if isinstance(value, float):
        return float("%.6g" % (value * chance.uniform(.8, 1.2)))
    if isinstance(value, list):
        return [varied(item, chance) for item in value]
    if isinstance(value, dict):
        return {key: varied(item, chance) for key, item in value.items()}
    return value


def merge(program, records, photos):
    comparison = json.loads(subprocess.check_output([program, "compare", *(photos or CLOSEUPS), "-q"]))
    del comparison["run"]
    version = subprocess.check_output([program, "--version"], text=True).split()[-1]
    with tempfile.TemporaryDirectory(prefix="dermetry-figures-") as folder:
        store, chance = Store(os.path.join(folder, "study"), comparison, version), random.Random(1)
        for i in range(records):
            name = "S%06d" % i
            store.write_record(store.record(store.add(name, "v1", "2026-01-05", arm="AB"[i % 2]),
                                            store.add(name, "v2", "2026-03-05", arm="AB"[i % 2]),
                                            varied(comparison["metrics"], chance)))
            size = os.path.getsize(store.path(store.records.pop()))
        store.write_study(records)
        before, began = cpu_s(), time.monotonic()
        subprocess.run([program, "merge", store.folder], check=True, stdout=subprocess.DEVNULL)
        seconds, tables = time.monotonic() - began, os.scandir(os.path.join(store.folder, "tables"))
        print("%d records of %d bytes merged in %.1f s (%.1f s of CPU) into tables of %.2f GB" %
              (records, size, seconds, cpu_s() - before, sum(f.stat().st_size for f in tables) / 1e9))


def main():
    what, program, *rest = sys.argv[1:]
    if what == "batch":
        batch(os.path.abspath(program), os.path.abspath(rest[0]), int(rest[1]))
    else:
        merge(os.path.abspath(program), int(rest[0]), rest[1:])


if __name__ == "__main__":
    main()
