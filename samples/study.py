#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From a manifest to a plot: compares all photos of a study, merges the records, and draws how one metric
went on, a line a subject with its 95 % intervals.

    samples/study.py samples/series/manifest.csv samples/out/study --site body --metric pigmentation.load

It uses the Python package (README: studies) and matplotlib. samples/out is there after samples/demo.sh. Run
again after an interruption, it goes on where it stopped.
"""
import argparse
import os

import matplotlib
import numpy as np

import dermetry

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def show(counts, row, status, text):
    if status == "failed":
        print(f"line {row} failed: {text}")
    elif row:
        print(f"{counts.done} of {counts.records} compared")


def lines_of(table, metric):
    """Of the whole face or close-up: a table per subject and view, by days since the first photo."""
    rows = table[(table["metric"] == metric) & np.isin(table["region"], ("face", "roi"))]
    rows = np.sort(rows[~np.isnan(rows["change_percent"]) & ~np.isnan(rows["days"])], order="days")
    for subject, view in sorted(set(zip(rows["subject"], rows["view"]))):
        yield f"{subject}, {view}", rows[(rows["subject"] == subject) & (rows["view"] == view)]


def draw(lines, metric, picture):
    figure, axes = plt.subplots(figsize=(8, 5))
    for label, rows in lines:
        change = np.append(0, rows["change_percent"])
        low, high = np.append(0, rows["ci_lo"]), np.append(0, rows["ci_hi"])
        axes.errorbar(np.append(0, rows["days"]), change, yerr=(change - low, high - change),
                      capsize=3, marker="o", label=label)
    axes.axhline(0, color="0.6", linewidth=1)
    axes.set_xlabel("days since the first photo")
    axes.set_ylabel(f"{metric}, change in % (95 % interval)")
    axes.legend()
    figure.tight_layout()
    figure.savefig(picture, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("manifest")
    parser.add_argument("folder", help="of the study; made when missing")
    parser.add_argument("--metric", default="pigmentation.load")
    parser.add_argument("--site", choices=("face", "body"), default="face")
    parser.add_argument("--px-per-mm", type=float, default=0, help="of photos whose row says nothing")
    asked = parser.parse_args()

    dermetry.batch(asked.manifest, asked.folder, site=asked.site, px_per_mm=asked.px_per_mm, progress=show)
    lines = list(lines_of(dermetry.merge(asked.folder).table(), asked.metric))
    if not lines:
        parser.exit(1, f"{asked.metric} was measured in no comparison\n")
    picture = os.path.join(asked.folder, f"{asked.metric}.png")
    draw(lines, asked.metric, picture)
    print(picture)


if __name__ == "__main__":
    main()
