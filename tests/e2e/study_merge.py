#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""dermetry merge over made-up stores: completeness, tables, databases, cohort statistics.

study_merge.py PART DERMETRY, PART one of tables, rows, faults, killed, cohort, postgres, shards (over a real store).
"""
import collections
import csv
import glob
import json
import os
import pwd
import random
import sqlite3
import subprocess
import sys
import tempfile

import jsonschema
import numpy
from scipy import stats

from study_store import Store, dump, of_r

METRICS = {"pigmentation.load": ("pigmentation", "local", "lower", "mm2/cm2"),
           "scars.relief": ("scars", "local", "lower", "1"),
           "radiance.highlight_fraction": ("radiance", "local", "higher", "%"),
           "tone.l": ("tone", "absolute", "neither", "1")}
REGIONS = ("face", "left_cheek")


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def close(value, truth, what):
    """To the six digits that tables have."""
    check(abs(float(value) - truth) <= 1e-5 * max(abs(truth), 1e-12), f"{what}: {value}, not {truth}")


def measured(metric, region, before, after):
    concern, kind, better, unit = METRICS[metric]
    number = lambda v: float(f"{v:.6g}")
    percent = 100 * (after / before - 1)
    return {"metric": metric, "concern": concern, "region": region, "class": kind, "unit": unit,
            "better": better, "status": "measured",
            "baseline": {"value": number(before), "sd": 0.1},
            "followup": {"value": number(after), "sd": 0.1},
            "change": {"value": number(after - before), "sd": 0.14, "dominated_by": "objects",
                       "percent": number(percent),
                       "ci95_percent": [number(percent - 9), number(percent + 9)]},
            "mdc95_percent": 9, "objects": 12,
            "verdict": "improved" if percent < -9 else "no_detectable_change"}


def refused(metric, region):
    concern, kind, better, unit = METRICS[metric]
    return {"metric": metric, "concern": concern, "region": region, "class": kind, "unit": unit,
            "better": better, "status": "not_assessable", "reason": "region_not_visible",
            "text": "the region is hidden, \"turned away\" or outside", "verdict": "not_comparable"}


def make_study(folder, version, subjects=24, shards=3):
    """Two arms, two later visits; one record failed, one metric refused, one change without percent
    and one that is not comparable."""
    chance = random.Random(5)
    store = Store(folder, {"schema": "dermetry/comparison/1",
                           "comparability": {"verdict": "limited", "reasons": []},
                           "metrics": [], "provenance": {"text": "} ] \\ \" {"}}, version, shards)
    for i in range(subjects):
        arm = "needling" if i % 2 else "sham, \"placebo\""
        name = f"S{i:02}" if i else "Zoë \"Zed\", 0\\1"
        base = store.add(name, "v0", "2026-01-05", arm=arm, Status="new")
        for visit, date, fade in (("v1", "2026-02-09T10:30+01:00", 0.1), ("v2", "2026-03-16", 0.3)):
            line = store.add(name, visit, date, arm=arm, Status="seen")
            rows = []
            for metric in METRICS:
                for region in REGIONS:
                    before = 2 + chance.random()
                    shift = fade * (i % 2) + chance.gauss(0, 0.15)
                    if metric == "tone.l":  # with ties and zeros among the changes
                        before, shift = 2, round(shift, 1)
                    row = measured(metric, region, before, before * (1 - shift))
                    if i == 3 and region == "left_cheek":
                        row = refused(metric, region)
                    if i == 4:
                        del row["change"]["percent"], row["change"]["ci95_percent"]
                        del row["mdc95_percent"]
                    if i == 5:
                        row["verdict"] = "not_comparable"
                        row["reason"] = "sharpness_differs"
                    rows.append(row)
            store.record(base, line, rows, "the photo is no JPEG" if i == 7 and visit == "v2" else None)
    store.write()
    return store


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def merge(program, store, out, *options):
    return run(program, "merge", store.folder, "-o", out, *options)


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, strict=True))


# ---- tables

def killed(program, folder, version):
    """A merge that is killed leaves no table, and nothing at all once it was done again."""
    store, out = make_study(os.path.join(folder, "study"), version, 400), os.path.join(folder, "out")
    run = subprocess.Popen([program, "merge", store.folder, "-o", out], stdout=subprocess.DEVNULL)
    while not glob.glob(os.path.join(out, "*.part-*")):
        check(run.poll() is None, "the merge is still at work")
    run.kill()
    run.wait()
    check(not [name for name in os.listdir(out) if ".part-" not in name], "no table is there")
    merge(program, store, out)
    check(len(os.listdir(out)) == 6, f"and then nothing but tables: {os.listdir(out)}")


def tables(program, folder, version):
    store = make_study(os.path.join(folder, "study"), version)
    out = os.path.join(folder, "out")
    stale = store.path(store.records[0]) + ".part-4711"
    with open(stale, "w", encoding="utf-8") as text:
        text.write('{"half')
    code, said, _ = merge(program, store, out)
    check(code == 3, f"a study with a failed record ends with 3, not {code}")
    check("48 records: 47 done, 1 failed, 0 missing" in said, said)
    check("72 rows in the manifest: 24 baselines, 48 later visits, 0 other photos" in said, said)
    with open(os.path.join(out, "comparisons.ndjson"), encoding="utf-8") as text:
        lines = text.read().splitlines()
    check(lines == [dump(record) for record in store.records], "NDJSON is the records, in order")
    check_csv(store, out)
    check_sqlite(store, out)
    many_visits(program, folder, version)
    # The number of shards shows nowhere.
    other = make_study(os.path.join(folder, "single"), version, shards=1)
    merge(program, other, os.path.join(folder, "other"))
    for name in ("comparisons.ndjson", "comparisons.csv", "metrics.csv", "data_dictionary.csv"):
        with open(os.path.join(out, name), "rb") as a, \
                open(os.path.join(folder, "other", name), "rb") as b:
            check(a.read() == b.read(), f"{name} is the same for one shard and for three")
    check(not glob.glob(os.path.join(out, "*.part-*")), "nothing half-written is left")


def check_csv(store, out):
    metrics = read_csv(os.path.join(out, "metrics.csv"))
    truth = [(r, row) for r in store.records for row in r.get("comparison", {}).get("metrics", [])]
    check(len(metrics) == len(truth), f"{len(metrics)} rows of metrics, not {len(truth)}")
    for got, (record, row) in zip(metrics, truth):
        check(got["subject"] == record["subject"] and got["row"] == str(record["row"]) and
              got["arm"] == record["columns"]["arm"] and got["manifest_Status"] == "seen" and
              got["session_datetime"] == record["followup"]["date"], f"whose row: {got}")
        check(got["comparability"] == "limited" and got["status"] == row["status"], f"what: {got}")
        change = row.get("change", {})
        expected = (row.get("followup", {}).get("value"), change.get("value"),
                    change.get("percent"), *change.get("ci95_percent", (None, None)))
        for name, value in zip(("value", "change", "change_percent", "ci_lo", "ci_hi"), expected):
            if value is None:
                check(got[name] == "", f"{name} is empty where there is none: {got}")
            else:
                close(got[name], value, name)
    comparisons = read_csv(os.path.join(out, "comparisons.csv"))
    check([int(r["row"]) for r in comparisons] == [r["row"] for r in store.records], "every record")
    failed = [r for r in comparisons if r["record_status"] == "failed"]
    check(len(failed) == 1 and failed[0]["error_text"] == "the photo is no JPEG", "the failed one")
    dictionary = read_csv(os.path.join(out, "data_dictionary.csv"))
    for file, table in (("metrics.csv", metrics), ("comparisons.csv", comparisons)):
        described = [r["column"] for r in dictionary if r["file"] == file and not r["value"]]
        check(described == list(table[0]), f"the dictionary describes the columns of {file}")
    check({r["metric"] for r in metrics} <= {r["value"] for r in dictionary}, "and all metrics")


def check_sqlite(store, out):
    path = os.path.join(out, "study.sqlite")
    check(os.listdir(out).count("study.sqlite-wal") == 0, "the database is one file")
    db = sqlite3.connect(path)
    one = lambda sql: db.execute(sql).fetchone()[0]
    check(one("PRAGMA journal_mode") == "wal", "WAL")
    check(one("PRAGMA integrity_check") == "ok", "integrity")
    check(db.execute("PRAGMA foreign_key_check").fetchall() == [], "foreign keys")
    check(one("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%STRICT%'")
          == 0, "all tables are STRICT")
    metrics = read_csv(os.path.join(out, "metrics.csv"))
    db.row_factory = sqlite3.Row
    rows = db.execute("SELECT * FROM measurement").fetchall()
    check(len(rows) == len(metrics), "as many measurements as in the CSV")
    by_name = {(str(r["row"]), r["metric"], r["region"]): r for r in rows}
    for row in metrics:
        got = by_name[row["row"], row["metric"], row["region"]]
        for name, text in row.items():
            value = got[name]
            same = value is None if text == "" else \
                value == float(text) if isinstance(value, (int, float)) else value == text
            check(same, f"{name} is {value} in SQLite and {text} in the CSV")
    record = store.records[0]
    check(by_name[str(record["row"]), "scars.relief", "face"]["time"] == 1770629400,
          "time is in seconds, offsets minded")
    check(db.execute("SELECT count(*) FROM headline").fetchone()[0] ==
          sum(1 for r in metrics if r["region"] == "face" and
              r["metric"] != "tone.l"), "headline has main metrics only")
    check_verdicts(db, metrics)
    check(db.execute("SELECT error FROM failure").fetchone()[0] == "malformed_input", "failures")
    check_dashboards(db, metrics)
    db.close()


def check_verdicts(db, metrics):
    columns = ("view", "visit", "metric", "region", "verdict")
    truth = collections.Counter(tuple(r[c] for c in columns) for r in metrics if r["status"] == "measured")
    got = {tuple(r[c] for c in columns): r["n"] for r in db.execute("SELECT * FROM verdict_count")}
    check(got == truth, f"verdicts are counted: {got}, not {truth}")


def check_dashboards(db, metrics):
    """Grafana's macros are written out: $__from in ms, $__unixEpochGroupSeconds(time, 86400)."""
    types = {r["name"]: r["type"] for r in db.execute("PRAGMA table_info(headline)")}
    check(all(types.values()) and types["time"] == "INTEGER", f"Metabase sees the types {types}")
    drawn = db.execute("SELECT time, subject AS metric, change_percent AS value FROM headline"
                       " WHERE metric = 'scars.relief' AND time >= 1772323200000 / 1000 ORDER BY time")
    truth = [r for r in metrics if r["visit"] == "v2" and r["metric"] == "scars.relief" and
             r["region"] == "face"]
    check(len(drawn.fetchall()) == len(truth) > 0, "a line per subject since the first of March")
    by_day = db.execute("SELECT cast(time / 86400 AS integer) * 86400 AS time, avg(change_percent)"
                        " FROM headline WHERE metric = 'scars.relief' GROUP BY 1 ORDER BY 1").fetchall()
    check([r["time"] for r in by_day] == [1770595200, 1773619200], f"a point per day: {by_day}")


def many_visits(program, folder, version):
    """More names of views and visits than are counted at a time, in turn."""
    store, out = Store(os.path.join(folder, "many"), {"metrics": []}, version), os.path.join(folder, "counted")
    rows = [measured("scars.relief", "face", 2, after) for after in (1.5, 2)]
    for i in range(2):
        for view in range(30):
            base = store.add(f"S{i}", "v0", "2026-01-05", view=f"view {view}")
            for visit in range(1, 8):
                store.record(base, store.add(f"S{i}", f"v{visit}", f"2026-02-0{visit}", view=f"view {view}"),
                             [rows[visit % 2]])
    store.write()
    code, said, complained = merge(program, store, out)
    check(code == 0, said + complained)
    with sqlite3.connect(os.path.join(out, "study.sqlite")) as db:
        db.row_factory = sqlite3.Row
        check_verdicts(db, read_csv(os.path.join(out, "metrics.csv")))
        check(db.execute("SELECT count(*) FROM verdict_tally").fetchone()[0] > 7 * 30, "some took turns")


# ---- faults

def refuses(program, store, out, code, *words, options=()):
    got, said, complained = merge(program, store, out, *options)
    check(got == code, f"exit code {got}, not {code}: {said}{complained}")
    for word in words:
        check(word in said + complained, f"{word!r} is not in: {said}{complained}")
    check(not os.path.exists(out) or not os.listdir(out), f"nothing is written: {words}")


def faults(program, folder, version):
    store = make_study(os.path.join(folder, "study"), version, subjects=4)
    out = os.path.join(folder, "out")
    first, second = store.records[0], store.records[1]
    os.unlink(store.path(second))
    os.unlink(store.shard(2))
    refuses(program, store, out, 66, f"line {second['row']}", second["key"], "shard 2 of 3")
    code, said, _ = merge(program, store, out, "--partial")
    check(code == 3 and "1 missing" in said and len(read_csv(os.path.join(out, "comparisons.csv")))
          == 7, f"a partial merge: {code}, {said}")
    for name in os.listdir(out):
        os.unlink(os.path.join(out, name))
    store.write()
    for change, word in (({"version": "0.0.9"}, "versions are not mixed"),
                         ({"configuration": "d" * 64}, "another configuration"),
                         ({"row": 77}, "is not the record of line")):
        store.write_record({**first, **change})
        refuses(program, store, out, 65, word)
    with open(store.path(first), "w", encoding="utf-8") as text:
        text.write(dump(first)[:-40])
    refuses(program, store, out, 65, "is damaged")
    strange = json.loads(dump(first))
    strange["comparison"]["metrics"][0]["metric"] = "scars.number"
    store.write_record(strange)
    refuses(program, store, out, 65, "scars.number")
    for record in store.records:
        rows = [dict(row, change={"dominated_by": f"{record['key']} {i}"},
                     **{name: f"{name} {record['key']} {i}" for name in ("unit", "status", "reason", "verdict")})
                for i, row in enumerate(record["comparison"]["metrics"])]
        store.write_record({**record, "comparison": {**record["comparison"], "metrics": rows}})
    refuses(program, store, out, 65, "more than 256 units")
    store.write()
    nuls = json.loads(dump(first))
    for row, reason in zip(nuls["comparison"]["metrics"], ("a\0b", "a\0c", "a\0b")):
        row["reason"] = reason
    store.write_record(nuls)
    code, said, complained = merge(program, store, out)
    check(code in (0, 3), f"words with a NUL: {code}, {said}{complained}")
    with sqlite3.connect(os.path.join(out, "study.sqlite")) as db:
        words = db.execute("SELECT hex(word) FROM word WHERE hex(word) LIKE '6100%' ORDER BY id").fetchall()
    check(words == [("610062",), ("610063",)], f"words with a NUL: {words}")
    for name in os.listdir(out):
        os.unlink(os.path.join(out, name))
    store.write()
    with open(os.path.join(store.folder, "manifest.csv"), "a", encoding="utf-8") as text:
        text.write("S99,v0,2026-01-05,frontal,photos/x.jpg,sham,new\n")
    refuses(program, store, out, 65, "not the manifest")
    refuses(program, Store(os.path.join(folder, "nothing"), {}, version), out, 66, "holds no study")
    store.write()
    code, said, complained = merge(program, store, os.path.join(store.folder, "study.json"))
    check(code == 73, f"a file in the place of the folder: {code} {complained}")


def rows(program, folder, version):
    """Every row of the manifest is accounted for once: as a later visit, a baseline, or by its line."""
    store = Store(os.path.join(folder, "study"), {"metrics": [], "comparability": {"verdict": "limited"}},
                  version)
    base = store.add("A", "v0", "2026-01-05", repeat="1")
    spare = [store.add("A", "v0", "2026-01-05", repeat="2")]
    later = [store.add("A", f"v{i}", f"2026-0{i + 1}-05", repeat="1") for i in (1, 2)]
    spare += [store.add("A", "v2", "2026-03-05", repeat="2"), store.add("B", "v0", "2026-01-05")]
    for line, error in zip(later, (None, "the photo is no JPEG")):
        store.record(base, line, error=error)
    store.write()
    out = os.path.join(folder, "out")
    code, said, _ = merge(program, store, out)
    check(code == 3 and "6 rows in the manifest: 1 baselines, 2 later visits, 3 other photos" in said, said)
    named = [int(line.split()[3].strip(",")) for line in said.splitlines() if line.startswith("not compared")]
    compared = [int(r["row"]) for r in read_csv(os.path.join(out, "comparisons.csv"))]
    check(compared == later and named == spare, f"compared {compared}, named {named}")
    check(sorted([base] + named + compared) == list(range(2, 8)), "every row once")
    manifest = os.path.join(folder, "twice.csv")
    with open(manifest, "w", encoding="utf-8") as text:
        text.write("subject,visit,date,view,path\n" + 2 * "A,v0,2026-01-05,f,a.jpg\n")
    code, _, said = run(program, "batch", manifest, "--out", os.path.join(folder, "twice"))
    check(code == 65 and "line 3 has the subject, view, visit and repeat of line 2" in said, said)


# ---- cohort

def expected_cohort(records):
    """What SciPy makes of the same records: (visit, arm, metric, region) -> figures."""
    groups = {}
    for record in records:
        for row in record.get("comparison", {}).get("metrics", []):
            if row["status"] == "measured" and row["verdict"] != "not_comparable":
                key = (record["followup"]["visit"], record["columns"]["arm"], row["metric"],
                       row["region"])
                groups.setdefault(key, []).append(row)
    truth = {}
    for key, rows in groups.items():
        x = numpy.array([row["change"]["value"] for row in rows])
        percent = [row["change"]["percent"] for row in rows if "percent" in row["change"]]
        better = [p if rows[0]["better"] == "higher" else -p for p in percent]
        half = stats.sem(x) * stats.t.ppf(0.975, len(x) - 1)
        exact = len(set(abs(x))) == len(x) < 50 and all(x)
        test = stats.wilcoxon(x, mode="exact" if exact else "approx", correction=True)
        truth[key] = dict(n=len(x), change_mean=x.mean(), change_lo=x.mean() - half,
                          change_hi=x.mean() + half, percent_mean=numpy.mean(percent),
                          n_percent=len(percent), wilcoxon_p=test.pvalue,
                          responders_mdc=sum(p > 9 for p in better),
                          responders_25=sum(p >= 25 for p in better),
                          responders_50=sum(p >= 50 for p in better))
    return truth


def check_r(out, table):
    """The statistics of R, name by name."""
    rows = {(r["visit"], r["arm"], r["metric"], r["region"]): r for r in table}
    made = of_r("cohort", os.path.join(out, "metrics.csv"))
    check(len(made) in (0, len(table)), f"R has {len(made)} groups, not {len(table)}")
    for truth in made:
        got = rows[truth["visit"], truth["arm"], truth["metric"], truth["region"]]
        for name in list(truth)[4:]:
            if got[name] or not name.startswith("responders"):
                close(got[name], float(truth[name]), f"{name} of R")
    return len(made)


def cohort(program, folder, version):
    for subjects in (24, 110): # exact and approximate tests
        store = make_study(os.path.join(folder, f"study{subjects}"), version, subjects)
        out = os.path.join(folder, f"out{subjects}")
        merge(program, store, out, "--cohort")
        truth = expected_cohort(store.records)
        table = read_csv(os.path.join(out, "cohort.csv"))
        check(len(table) == len(truth), f"{len(table)} groups, not {len(truth)}")
        described = [r["column"] for r in read_csv(os.path.join(out, "data_dictionary.csv"))
                     if r["file"] == "cohort.csv" and r["meaning"]]
        check(described == list(table[0]), f"the dictionary describes the columns of cohort.csv: {described}")
        with open(os.path.join(out, "cohort.json"), encoding="utf-8") as text:
            document = json.load(text)
        jsonschema.validate(document, json.loads(run(program, "schema", "cohort")[1]))
        rows = document["rows"]
        hows = set()
        for got, row in zip(table, rows, strict=True):
            key = (got["visit"], got["arm"], got["metric"], got["region"])
            for name, value in truth[key].items():
                if name.startswith("responders") and got["better"] == "neither":
                    check(got[name] == "", "nobody responds where no direction is good")
                else:
                    close(got[name], value, f"{name} of {key}")
            check((row["visit"], row["arm"], row["metric"], row["region"]) == key and
                  row["change"]["n"] == int(got["n"]), "the document has the rows of the table")
            close(got["wilcoxon_p"], row["wilcoxon"]["p"], "p of the document")
            hows.add(got["wilcoxon_how"])
        print(f"{check_r(out, table)} groups as R has them")
        check(hows == ({"exact", "normal"} if subjects == 24 else {"normal"}), f"tests were {hows}")


# ---- PostgreSQL

class Postgres:
    """A server of our own on a socket in a folder; only a user that is not root can run it."""

    def __init__(self, folder):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.folder, self.data = folder, os.path.join(folder, "data")
        self.prefix = []
        if os.getuid() == 0:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
            self.prefix = ["runuser", "-u", "postgres", "--"]

    def call(self, name, *arguments, cwd=None, works=True):
        done = subprocess.run([*self.prefix, os.path.join(self.bin, name), *arguments], text=True,
                              cwd=cwd, capture_output=True, check=False)
        check((done.returncode == 0) == works, f"{name}: {done.stdout}{done.stderr}")
        return done.stdout if works else done.stderr

    def __enter__(self):
        self.call("initdb", "-D", self.data, "-A", "trust", "-E", "UTF8", "--no-sync")
        self.call("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "-o",
                  f"-k {self.folder} -c listen_addresses=", "start")
        return self

    def __exit__(self, *_):
        self.call("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def psql(self, *arguments, **how):
        return self.call("psql", "-X", "-h", self.folder, "-d", "postgres", "-At", *arguments, **how)


def postgres(program, folder, version):
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb"):
        print("skipped: there is no PostgreSQL (Debian package postgresql)")
        return
    store = make_study(os.path.join(folder, "study"), version)
    out = os.path.join(folder, "out")
    merge(program, store, out)
    os.chmod(folder, 0o755)
    server = os.path.join(folder, "server")
    os.mkdir(server)
    metrics = read_csv(os.path.join(out, "metrics.csv"))
    with Postgres(server) as db:
        db.psql("-f", "postgres.sql", cwd=out)
        check(int(db.psql("-c", "SELECT count(*) FROM measurement")) == len(metrics), "all rows")
        check(int(db.psql("-c", "SELECT count(*) FROM comparison")) == len(store.records), "records")
        name = store.records[0]["subject"].replace("'", "''")
        got = db.psql("-c", "SELECT time, value, arm FROM measurement WHERE metric = 'scars.relief' "
                      f"AND region = 'face' AND visit = 'v1' AND subject = '{name}'").strip()
        row = next(r for r in metrics if r["metric"] == "scars.relief")
        check(got == f"1770629400|{row['value']}|{row['arm']}", f"the row is {got}")
        counts = db.psql("-c", "SELECT sum(n) FROM verdict_count")
        check(int(counts) == sum(1 for r in metrics if r["status"] == "measured"), "verdicts")
        again = db.psql("-f", "postgres.sql", cwd=out, works=False)
        check('"comparison" already exists' in again, f"a second load harms nothing: {again}")
        db.psql("-c", "CREATE VIEW mine AS SELECT * FROM headline; DELETE FROM metrics")
        db.psql("-v", "replace=1", "-f", "postgres.sql", cwd=out)
        check(int(db.psql("-c", "SELECT count(*) FROM measurement")) == len(metrics), "loaded again")
        check(db.psql("-c", "SELECT error FROM failure").strip() == "malformed_input", "failure")
    print("loaded into PostgreSQL")


# ---- a real store

def shards(program, folder, _):
    """One run of all, and two shards: the same tables, and the same NDJSON but for run."""
    samples = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "samples")
    manifest = os.path.join(folder, "manifest.csv")
    with open(manifest, "w", encoding="utf-8") as out:
        out.write("subject,visit,date,view,path,arm\n")
        for subject in "AB":
            out.writelines(f"{subject},v{i},2026-0{i}-01,skin,{samples}/series/visit{i}.jpg,x\n"
                           for i in (1, 2, 3))
    lines = {}
    for name, parts in (("whole", [["--jobs", "2"]]),
                        ("parts", [["--shard", "2/2"], ["--shard", "1/2"]])):
        store, out = os.path.join(folder, name), os.path.join(folder, name + "-tables")
        for part in parts:
            code, _, said = run(program, "batch", manifest, "--out", store, "--site", "body",
                                "--px-per-mm", "8", "--progress", "none", *part)
            check(code == 0, f"batch {part}: {code} {said}")
        code, said, complained = run(program, "merge", store, "-o", out)
        check(code == 0, f"merge: {code} {said}{complained}")
        with open(os.path.join(out, "comparisons.ndjson"), encoding="utf-8") as text:
            lines[name] = [line.split(',"run":')[0] for line in text]
    check(len(lines["whole"]) == 4 and lines["whole"] == lines["parts"], "NDJSON but for run")
    with open(os.path.join(folder, "whole-tables", "metrics.csv"), "rb") as a, \
            open(os.path.join(folder, "parts-tables", "metrics.csv"), "rb") as b:
        check(a.read() == b.read(), "metrics.csv")


def main():
    part, program = sys.argv[1:]
    version = run(program, "--version")[1].split()[-1]
    with tempfile.TemporaryDirectory() as folder:
        {"tables": tables, "rows": rows, "faults": faults, "cohort": cohort, "killed": killed, "postgres": postgres,
         "shards": shards}[part](program, folder, version)
    print(f"{part}: as it should be")


if __name__ == "__main__":
    main()
