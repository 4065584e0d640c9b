#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From a manifest to a plot: compares all photos of a study, merges the records, and draws how one metric
went on, a line a subject with its 95 % intervals.

    samples/study.py MANIFEST FOLDER [METRIC] [--site body ...]     further options go to `dermetry batch`

    samples/study.py samples/series/manifest.csv samples/out/study pigmentation.load --site body

$DERMETRY is the program (default: dermetry). Run again after an interruption, it goes on where it stopped.
"""
import csv
import os
import subprocess
import sys

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

PARTLY_FAILED = 3  # some records failed; their reasons are in the tables


def run(*arguments):
    program = os.environ.get("DERMETRY", "dermetry")
    code = subprocess.run([program, *arguments], check=False).returncode
    if code not in (0, PARTLY_FAILED):
        sys.exit(code)


def changes(table, metric):
    """Of the whole face or close-up: {subject and view: [(days, change, low, high), ...]}, in percent."""
    lines = {}
    with open(table, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["metric"] != metric or row["region"] not in ("face", "roi"):
                continue
            if row["status"] == "measured" and row["days"] and row["change_percent"]:
                points = lines.setdefault((row["subject"], row["view"]), [(0, 0, 0, 0)])
                points.append((int(row["days"]), float(row["change_percent"]),
                               float(row["ci_lo"]), float(row["ci_hi"])))
    return lines


def draw(lines, metric, picture):
    figure, axes = plt.subplots(figsize=(8, 5))
    for (subject, view), points in sorted(lines.items()):
        days, change, low, high = zip(*sorted(points))
        axes.errorbar(days, change, capsize=3, marker="o", label=f"{subject}, {view}",
                      yerr=([c - l for c, l in zip(change, low)], [h - c for c, h in zip(change, high)]))
    axes.axhline(0, color="0.6", linewidth=1)
    axes.set_xlabel("days since the first photo")
    axes.set_ylabel(f"{metric}, change in % (95 % interval)")
    axes.legend()
    figure.tight_layout()
    figure.savefig(picture, dpi=120)


def main(manifest, folder, metric="pigmentation.load", *options):
    run("batch", manifest, "--out", folder, *options)
    run("merge", folder)
    lines = changes(os.path.join(folder, "tables", "metrics.csv"), metric)
    if not lines:
        sys.exit(f"study.py: {metric} was measured in no comparison")
    picture = os.path.join(folder, f"{metric}.png")
    draw(lines, metric, picture)
    print(picture)


if len(sys.argv) < 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
