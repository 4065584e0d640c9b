#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""dermetry precision over shots made of the sample photos, and of faces where there are any: its
statistics are those of NumPy, SciPy and R on the readings that it writes, and compare and series
take its profile.

study_precision.py DERMETRY [FOLDER], which keeps the files.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

import jsonschema
import numpy
from PIL import Image
from scipy import stats

from study_store import of_r

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "samples")
PHOTOS = ("closeup_before", "closeup_after", "series/visit1", "series/visit3")
FACES = os.path.join(SAMPLES, "..", "..", "shared", "data", "faces", "frll", "neutral")
SIDE = 420  # pixels of a shot, at 10 a millimetre


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def close(value, truth, what):
    """To the six digits that documents have, where differences of such may lose one."""
    check(math.isclose(value, truth, rel_tol=2e-5, abs_tol=1e-9), f"{what}: {value}, not {truth}")


def make_shots(folder):
    """Every photo is a subject, and one of darker skin; every place on it a visit, every shot a little off."""
    chance = numpy.random.default_rng(3)
    rows = []
    for subject, (photo, light) in enumerate([*((photo, 1) for photo in PHOTOS), (PHOTOS[0], 0.6)]):
        skin = numpy.asarray(Image.open(os.path.join(SAMPLES, photo + ".jpg"))).astype(float) * light
        for visit in range(4):
            x = 40 + visit % 2 * (skin.shape[1] - SIDE - 80)
            y = 40 + visit // 2 * (skin.shape[0] - SIDE - 80)
            for repeat in range(3 if visit == 0 else 2):
                dx, dy = chance.integers(-15, 16, 2)
                shot = skin[y + dy:y + dy + SIDE, x + dx:x + dx + SIDE]
                shot = shot * chance.uniform(0.93, 1.05) + chance.normal(0, 2, shot.shape)
                name = f"{subject}-{visit}-{repeat}.png"
                Image.fromarray(shot.clip(0, 255).astype("uint8")).save(os.path.join(folder, name))
                rows.append((f"S{subject}", f"place {visit}", "2026-01-05", "skin", name, repeat))
    rows.append(("S9", "v", "", "skin", "0-0-0.png", 0))
    rows.append(("S9", "v", "", "skin", "nothing.png", 1))
    path = os.path.join(folder, "manifest.csv")
    with open(path, "w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(("subject", "visit", "date", "view", "path", "repeat"))
        table.writerows(rows)
    return path


def make_faces(folder):
    """Three faces of two shots each, a little off; None where there are no photos of faces."""
    if not os.path.isdir(FACES):
        return None
    chance = numpy.random.default_rng(4)
    rows = ["subject,visit,date,view,path,repeat"]
    for name in sorted(n for n in os.listdir(FACES) if n.endswith(".jpg"))[:6:2]:
        face = Image.open(os.path.join(FACES, name)).convert("RGB").reduce(2)
        for repeat in (0, 1):
            shot = numpy.asarray(face).astype(float) * chance.uniform(0.95, 1.02)
            shot = numpy.roll(shot, chance.integers(-4, 5, 2), (0, 1)) + chance.normal(0, 1.5, shot.shape)
            path = os.path.join(folder, f"{repeat}-{name}.png")
            Image.fromarray(shot.clip(0, 255).astype("uint8")).save(path)
            rows.append(f"{name},v,,front,{path},{repeat}")
    path = os.path.join(folder, "faces.csv")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(rows) + "\n")
    return path


def make_table(path):
    """The program's own table with two classes of tones: four subjects are of one, one of the other."""
    models = os.environ.get("DERMETRY_MODELS", os.path.join(SAMPLES, "..", "models"))
    with open(os.path.join(models, "precision.json"), encoding="utf-8") as text:
        table = json.load(text)
    classes = {"III": "light", "V": "dark"}
    table["tones"] = [{"id": "light", "ita_above_deg": 10}, {"id": "dark", "ita_above_deg": -90}]
    for row in table["metrics"].values():
        for extent in ("region", "whole"):
            row[extent]["cells"] = [{**cell, "tone": classes[cell["tone"]]} for cell in row[extent]["cells"]
                                    if cell["tone"] in classes]
    with open(path, "w", encoding="utf-8") as out:
        json.dump(table, out)
    return table


def icc(table):
    """McGraw and Wong's ICC(A,1) and ICC(C,1) with their intervals; sd within rows."""
    n, k = table.shape
    mean, rows, columns = table.mean(), table.mean(axis=1), table.mean(axis=0)
    ms_rows = k * ((rows - mean) ** 2).sum() / (n - 1)
    ms_columns = n * ((columns - mean) ** 2).sum() / (k - 1)
    rest = table - rows[:, None] - columns[None] + mean
    ms_error = (rest ** 2).sum() / ((n - 1) * (k - 1))
    r = (ms_rows - ms_error) / (ms_rows + (k - 1) * ms_error + k * (ms_columns - ms_error) / n)
    a, b = k * r / (n * (1 - r)), 1 + k * r * (n - 1) / (n * (1 - r))
    v = (a * ms_columns + b * ms_error) ** 2 / ((a * ms_columns) ** 2 / (k - 1)
                                                + (b * ms_error) ** 2 / ((n - 1) * (k - 1)))
    low, high = stats.f.ppf(0.975, n - 1, v), stats.f.ppf(0.975, v, n - 1)
    both = k * ms_columns + (k * n - k - n) * ms_error
    absolute = (r, n * (ms_rows - low * ms_error) / (low * both + n * ms_rows),
                n * (high * ms_rows - ms_error) / (both + n * high * ms_rows))
    f, free = ms_rows / ms_error, (n - 1) * (k - 1)
    ratio = lambda value: (value - 1) / (value + k - 1)
    consistent = (ratio(f), ratio(f / stats.f.ppf(0.975, n - 1, free)),
                  ratio(f * stats.f.ppf(0.975, free, n - 1)))
    return absolute, consistent, math.sqrt(((table - rows[:, None]) ** 2).sum() / (n * (k - 1)))


def ratings(readings):
    """The table of targets and shots: the first shots of those that have them, most in all."""
    targets = {}
    for r in readings:
        targets.setdefault((r["sitting"], r["region"]), []).append(r)
    complete = []
    for rows in targets.values():
        rows.sort(key=lambda r: int(r["shot"]))
        run = [r for i, r in enumerate(rows, 1) if int(r["shot"]) == i]
        if run:
            complete.append(run)
    shots = max(range(2, 17), key=lambda k: (k * sum(len(c) + 1 >= k for c in complete), -k))
    table = []
    for rows in complete:
        if len(rows) + 1 >= shots:
            first = numpy.mean([float(r["baseline_value"]) for r in rows[:shots - 1]])
            table.append([first] + [first + float(r["change"]) for r in rows[:shots - 1]])
    return numpy.array(table).reshape(-1, shots)


def ratings_of(s, readings):
    return ratings([r for r in readings if r["metric"] == s["metric"] and r["unit"] == s["unit"]
                    and r["region"] == s["region"] and s["tone"] in ("all", r["tone"])])


def check_statistic(s, readings):
    what = f"{s['metric']}, {s['region']}, {s['tone']}"
    table = ratings_of(s, readings)
    check((s["targets"], s["shots"]) == table.shape, f"{what}: {table.shape}")
    difference = table[:, 1] - table[:, 0]
    n, sd = len(difference), difference.std(ddof=1)
    t = stats.t.ppf(0.975, n - 1)
    close(s["mean"], table.mean(), f"mean of {what}")
    limits = s["bland_altman"]
    half = t * sd * math.sqrt(1 / n + 1.96 ** 2 / (2 * (n - 1)))
    if sd > 1e-4 * abs(table.mean()):  # else the digits of the readings are too few
        close(limits["sd"], sd, f"sd of {what}")
        close(limits["upper"]["value"] - limits["lower"]["value"], 2 * 1.96 * sd, f"limits of {what}")
        close(limits["upper"]["ci95"][1] - limits["upper"]["ci95"][0], 2 * half, f"interval of {what}")
    if "icc_2_1" not in s:
        return 0
    absolute, consistent, sem = icc(table)
    close(s["sem"], sem, f"SEM of {what}")
    close(s["mdc95"], 1.96 * math.sqrt(2) * sem, f"MDC95 of {what}")
    for key, truth in (("icc_2_1", absolute), ("icc_3_1", consistent)):
        for value, true in zip((s[key]["value"], *s[key]["ci95"]), truth):
            close(value, true, f"{key} of {what}")
    return 1


def check_r(profile, readings, folder):
    """Agreement as R has it, of the same ratings. How many statistics were compared."""
    path = os.path.join(folder, "ratings.csv")
    sets = [s for s in profile["statistics"] if "icc_2_1" in s]
    with open(path, "w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(("set", "target", "shot", "reading"))
        for i, s in enumerate(sets):
            for (target, shot), reading in numpy.ndenumerate(ratings_of(s, readings)):
                table.writerow((i, target, shot, repr(float(reading))))
    made = of_r("agreement", path)
    for truth in made:
        s = sets[int(truth["set"])]
        for key in ("mean", "sem"):
            close(s[key], float(truth[key]), f"{key} of R")
        for key in ("icc_2_1", "icc_3_1"):
            for value, suffix in zip((s[key]["value"], *s[key]["ci95"]), ("", "_lo", "_hi")):
                close(value, float(truth[key + suffix]), f"{key}{suffix} of R")
    return len(made)


def check_cells(profile, table, readings):
    """Null figures: measured where there are rows enough, else those of the table before."""
    measured = 0
    for metric, row in profile["metrics"].items():
        for extent in ("region", "whole"):
            part, before = row[extent], table["metrics"][metric][extent]
            check(part.get("objects") == before.get("objects"), f"objects of {metric}")
            for cell in part["cells"]:
                known = next(c for c in before["cells"] if c["tone"] == cell["tone"]
                             and c["resolution"] == cell["resolution"])
                if cell["from"] == "the table before":
                    check(all(cell.get(k) == known.get(k) for k in ("sd_percent", "sd_absolute")),
                          f"{metric}: {cell} is not {known}")
                    continue
                rows = [r for r in readings if r["metric"] == metric and r["extent"] == extent and
                        (r["tone"] == cell["tone"] or cell["from"].endswith("of all tones")) and
                        r["change_percent"]]
                n = numpy.array([max(int(r["objects"]), 1) for r in rows])
                wide = numpy.sqrt(part["shared"] + (1 - part["shared"]) * part["objects"] / n)
                change = numpy.array([float(r["change_percent"]) for r in rows])
                close(cell["sd_percent"], numpy.percentile(abs(change / wide), 95) / 1.96,
                      f"{metric}: {cell}")
                check(cell["rows"] == len(rows) >= 12 and cell["subjects"] >= 3, f"{cell}")
                measured += 1
    return measured


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def read_readings(path):
    with open(path, encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def check_faces(program, folder):
    """Every region of a face has figures of its own."""
    manifest = make_faces(folder)
    if not manifest:
        print("skipped: there are no photos of faces")
        return
    table = os.path.join(folder, "faces-readings.csv")
    code, text, said = run(program, "precision", manifest, "--readings", table, "-q")
    check(code == 0, f"{code}: {said}")
    statistics, readings = json.loads(text)["statistics"], read_readings(table)
    for s in statistics:
        check_statistic(s, readings)
    regions = {s["region"] for s in statistics}
    check({"face", "forehead", "left_cheek", "right_cheek"} <= regions, f"regions are {regions}")
    print(f"{len(statistics)} statistics of {len(regions)} regions of faces as NumPy has them")


def check_series(program, profile):
    """A series takes a profile, too, and says so."""
    said = [json.loads(run(program, "series", os.path.join(SAMPLES, "series", "manifest.csv"), "--site",
                           "body", "-q", *options)[1])["provenance"]["models"]
            for options in ((), ("--precision", profile))]
    check(said[0] != said[1], "a series takes the profile")


def test(program, folder):
    manifest = make_shots(folder)
    path, table = os.path.join(folder, "profile.json"), os.path.join(folder, "readings.csv")
    known = os.path.join(folder, "known.json")
    before = make_table(known)
    code, _, said = run(program, "precision", manifest, "--site", "body", "--px-per-mm", "10", "-o",
                        path, "--readings", table, "--precision", known, "--progress", "none")
    check(code == 3 and "21 sittings, 26 pairs of shots: 1 failed" in said, f"{code}: {said}")
    with open(path, encoding="utf-8") as text:
        profile = json.load(text)
    jsonschema.validate(profile, json.loads(run(program, "schema", "precision")[1]))
    readings = read_readings(table)
    check([f["row"] for f in profile["failures"]] == [48], "the failed pair is named by its line")
    correlations = sum(check_statistic(s, readings) for s in profile["statistics"])
    check(correlations >= 20, f"only {correlations} correlations were checked")
    print(f"{check_r(profile, readings, folder)} agreements as R has them")
    cells = check_cells(profile, before, readings)
    check(cells >= 3, f"only {cells} null figures were measured")
    sources = [cell["from"] for row in profile["metrics"].values() for extent in ("region", "whole")
               for cell in row[extent]["cells"]]
    check(profile["figures"] == {"all": len(sources), "own": cells}, f"{profile['figures']}")
    check(f"{cells} of {len(sources)} figures are your own" in said, f"how many are own: {said}")
    check("repeat shots of all tones" in sources and "the table before" in sources, f"{set(sources)}")
    shots = [os.path.join(folder, f"0-0-{i}.png") for i in (0, 1)]
    code, document, said = run(program, "compare", *shots, "--site", "body", "--px-per-mm", "10",
                               "--precision", path)
    check(code == 0, f"compare takes the profile: {said}")
    check(json.loads(document)["provenance"]["models"], "and says so")
    check_series(program, path)
    check_faces(program, folder)
    with open(os.path.join(folder, "single.csv"), "w", encoding="utf-8") as out:
        out.write("subject,visit,date,view,path\nS,v,,skin,0-0-0.png\n")
    code, _, said = run(program, "precision", os.path.join(folder, "single.csv"))
    check(code == 64 and "no repeat shots" in said, f"{code}: {said}")
    print(f"{len(profile['statistics'])} statistics and {cells} null figures as NumPy has them")


def main():
    if len(sys.argv) > 2:
        test(sys.argv[1], sys.argv[2])
        return
    with tempfile.TemporaryDirectory() as folder:
        test(sys.argv[1], folder)


if __name__ == "__main__":
    main()
