# SPDX-License-Identifier: Apache-2.0
"""Made-up stores of studies: what batch would leave behind, without photos; and R beside them."""
import csv
import hashlib
import json
import os
import shutil
import subprocess


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def key_of(subject, view, baseline, followup):
    text = "\0".join([subject, view, *baseline, *followup])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Store:
    """A folder like that of batch. comparison: a template, whose rows a record may replace."""

    def __init__(self, folder, comparison, version, shards=1):
        self.folder, self.comparison = folder, comparison
        self.version, self.configuration, self.shards = version, "c" * 64, shards
        self.columns = ["subject", "visit", "date", "view", "path"]
        self.rows, self.records = [], []

    def add(self, subject, visit, date, view="frontal", **columns):
        """A row of the manifest. Returns its line."""
        row = dict(subject=subject, visit=visit, date=date, view=view,
                   path=f"photos/{subject}-{visit}.jpg", **columns)
        for name in columns:
            if name not in self.columns:
                self.columns.append(name)
        self.rows.append(row)
        return len(self.rows) + 1

    def record(self, baseline, line, metrics=None, error=None):
        """The record of two lines of the manifest."""
        before, after = self.rows[baseline - 2], self.rows[line - 2]
        shots = [{k: row[k] for k in ("visit", "date", "path") if row[k]} for row in (before, after)]
        key = key_of(after["subject"], after["view"], (before["visit"], before.get("repeat", "")),
                     (after["visit"], after.get("repeat", "")))
        record = dict(schema="dermetry/study-row/1", key=key, row=line, subject=after["subject"],
                      view=after["view"], baseline=shots[0], followup=shots[1], days=30,
                      columns={k: v for k, v in after.items() if k not in self.columns[:5] and v},
                      status="failed" if error else "done")
        if error:
            record["error"] = {"code": "malformed_input", "text": error}
        record.update(inputs={"baseline": "a" * 64, "followup": "b" * 64},
                      configuration=self.configuration, version=self.version)
        if not error:
            record["comparison"] = dict(self.comparison)
            if metrics is not None:
                record["comparison"]["metrics"] = metrics
        record["run"] = {"seconds": 1.5}
        self.records.append(record)
        return record

    def path(self, record):
        return os.path.join(self.folder, "records", record["key"][:2], record["key"] + ".json")

    def write_record(self, record):
        os.makedirs(os.path.dirname(self.path(record)), exist_ok=True)
        with open(self.path(record), "w", encoding="utf-8") as out:
            out.write(dump(record) + "\n")

    def write(self):
        for record in self.records:
            self.write_record(record)
        self.write_study(len(self.records))

    def write_study(self, records):
        """All but the records, for studies that do not fit into memory."""
        os.makedirs(os.path.join(self.folder, "shards"), exist_ok=True)
        manifest = os.path.join(self.folder, "manifest.csv")
        with open(manifest, "w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, self.columns, restval="")
            table.writeheader()
            table.writerows(self.rows)
        with open(manifest, "rb") as text:
            sha256 = hashlib.sha256(text.read()).hexdigest()
        study = dict(schema="dermetry/study/1", version=self.version, manifest=sha256,
                     configuration=self.configuration, records=records,
                     shards=self.shards)
        with open(os.path.join(self.folder, "study.json"), "w", encoding="utf-8") as out:
            out.write(dump(study))
        for k in range(1, self.shards + 1):
            with open(self.shard(k), "w", encoding="utf-8") as out:
                out.write("{}")

    def shard(self, k):
        return os.path.join(self.folder, "shards", f"{k}-of-{self.shards}.done")


def of_r(part, path):
    """Rows that R makes of a table (statistics.R); none, after a word, where R is not installed."""
    if not shutil.which("Rscript"):
        print("skipped: there is no R (Debian package r-base-core)")
        return []
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "statistics.R")
    run = subprocess.run(["Rscript", "--vanilla", script, part, path], stdout=subprocess.PIPE,
                         text=True, check=False)
    if run.returncode == 77:
        print("skipped: R has no psych (Debian package r-cran-psych)")
        return []
    run.check_returncode()
    return list(csv.DictReader(run.stdout.splitlines()))
