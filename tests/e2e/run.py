#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program from outside.

  run.py cases PROGRAM      tests/e2e/cases.json: arguments, exit code, sentence, nothing left behind;
                            every document, refusals too, fits its schema by two validators
  run.py documents PROGRAM  documents of the samples and of real photos fit their schemas, and broken
                            copies of them do not
  run.py identity PROGRAM   the same bytes for every code path, thread count and repetition
  run.py signals PROGRAM    SIGTERM and SIGINT leave nothing behind
  run.py samples PROGRAM    the samples' metrics are those of tests/golden/metrics.csv, and the
                            intervals of the main metrics cover the samples' known truth, but
                            for one that may miss it by chance
  run.py skinless PROGRAM   of photos without skin nothing is measured, and none is compared with another
  run.py null PROGRAM       false verdicts on neutral and smiling photos of the same faces: a report
  run.py bless PROGRAM      writes tests/golden/metrics.csv anew: a change to review
"""
import csv
import glob
import json
import os
import platform
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

import fixtures

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SAMPLES = os.path.join(ROOT, "samples")
DATA = os.path.join(os.path.dirname(ROOT), "shared", "data")
TIMEOUT_S = 600


def snapshot(folder):
    found = []
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(base, name)
            found.append((path, os.path.getsize(path) if name in files else -1))
    return sorted(found)


# ---- validation, by two programs that share no code

def validate_with_python(schema, document):
    import jsonschema
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    return ["%s: %s" % ("/".join(map(str, e.path)), e.message[:200])
            for e in validator.iter_errors(document)]


def broken_copies(document):
    """What the schema must refuse."""
    def mutant(change):
        copy = json.loads(json.dumps(document))
        change(copy)
        return copy

    def rows(d, status):
        return [r for r in d["metrics"] if r["status"] == status]

    yield mutant(lambda d: d.update(extra=1))
    yield mutant(lambda d: d["photos"][0].update(gps="48.1 N"))
    yield mutant(lambda d: d["metrics"][0].update(unit=None))
    yield mutant(lambda d: d["run"].pop("host"))
    yield mutant(lambda d: d.pop("provenance"))
    yield mutant(lambda d: d["photos"].clear())
    yield mutant(lambda d: d["photos"][0].update(sha256="none"))
    yield mutant(lambda d: d["scale"].update(source="guess"))
    yield mutant(lambda d: d["metrics"][0].update(status="perhaps"))
    yield mutant(lambda d: d["metrics"][0].update(region="elbow"))
    if "comparability" in document:
        yield mutant(lambda d: d["comparability"].update(verdict="perhaps"))
        yield mutant(lambda d: d["summary"][0].update(verdict="better"))
        if any("regions" in r for r in document["comparability"]["reasons"]):
            yield mutant(lambda d: [r.update(regions=[]) for r in d["comparability"]["reasons"]])
    if rows(document, "measured"):
        yield mutant(lambda d: rows(d, "measured")[0].update(value=None, change=None))
        yield mutant(lambda d: rows(d, "measured")[0].update(status="not_assessable", reason="dark",
                                                             text="x"))
    if rows(document, "not_assessable"):
        yield mutant(lambda d: rows(d, "not_assessable")[0].update(value=0, sd=0))
        yield mutant(lambda d: rows(d, "not_assessable")[0].pop("reason"))


def schemas(program):
    return {name: json.loads(subprocess.check_output([program, "schema", name]))
            for name in ("analysis", "comparison", "series")}


def ajv_program():
    modules = os.path.join(HERE, "node_modules", "ajv")
    if not os.path.isdir(modules):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE,
                       check=True, stdout=subprocess.DEVNULL)
    return ["node", os.path.join(HERE, "validate.mjs")]


class Validation:
    """Documents against their schemas: at once by jsonschema, in the end by ajv, which finds them in
    the folder. With broken=True copies of each are broken, and must be refused by both."""

    def __init__(self, program, folder):
        self.folder = folder
        self.schema = schemas(program)
        self.documents = self.failed = 0
        os.mkdir(folder)
        for name in self.schema:
            self.keep(name + ".schema.json", self.schema[name])

    def keep(self, name, content):
        with open(os.path.join(self.folder, name), "w") as f:
            json.dump(content, f)

    def check(self, text, about, broken=False):
        document = json.loads(text)
        name = document["schema"].split("/")[1]
        wrong = validate_with_python(self.schema[name], document)
        if list(document)[-1] != "run":
            wrong.append("run is not last")
        self.keep("%s-good-%d.json" % (name, self.documents), document)
        for i, copy in enumerate(broken_copies(document) if broken else []):
            if not validate_with_python(self.schema[name], copy):
                wrong.append("broken copy %d fits the schema" % i)
            self.keep("%s-bad-%d-%d.json" % (name, self.documents, i), copy)
        for message in wrong[:5]:
            print("FAILED %s: %s" % (about, message))
        self.documents += 1
        self.failed += bool(wrong)

    def passed(self):
        agreed = subprocess.run(ajv_program() + [self.folder]).returncode == 0
        print("%d documents, %d do not fit their schema" % (self.documents, self.failed))
        return agreed and self.failed == 0


# ---- cases

def codes_of(document):
    rows = document["quality"] + document["metrics"] + document.get("comparability", {}).get(
        "reasons", [])
    return {row.get("code") or row.get("reason") for row in rows}


def check_document(case, text):
    """What is wrong with a document, or nothing."""
    document = json.loads(text)
    if "codes" in case and not codes_of(document) & set(case["codes"]):
        return "no reason of %s among %s" % (case["codes"], sorted(map(str, codes_of(document))))
    if codes_of(document) & set(case.get("without", [])):
        return "a reason of %s among %s" % (case["without"], sorted(map(str, codes_of(document))))
    if not set(case.get("has", [])) <= set(document):
        return "it has only %s" % sorted(document)
    if "comparability" in case and document["comparability"]["verdict"] not in case["comparability"]:
        return "verdict is %s" % document["comparability"]["verdict"]
    reasons = [row["code"] for row in document.get("comparability", {}).get("reasons", [])]
    if reasons[:len(case.get("reasons", []))] != case.get("reasons", []):
        return "reasons are %s" % reasons
    if "regions" in case and {row["region"] for row in document["metrics"]} != set(case["regions"]):
        return "regions are %s" % sorted({row["region"] for row in document["metrics"]})
    return None


def check_output(case, run, stdout):
    exits = case["exit"] if isinstance(case["exit"], list) else [case["exit"]]
    stderr = run.stderr.decode(errors="replace")
    if run.returncode not in exits:
        return "exit code %d, not %s" % (run.returncode, case["exit"])
    if "stderr" in case and not re.search(case["stderr"], stderr):
        return "standard error does not match %s" % case["stderr"]
    sentences = [line for line in stderr.splitlines() if not line.startswith('{"event":"stage"')]
    failed = run.returncode not in (0, 2, 3) and case["args"][:1] != ["doctor"]
    if failed and len(sentences) != 1:
        return "not one sentence on standard error"
    if failed and stdout:
        return "data on standard output although it failed"
    if "stdout" in case and not re.search(case["stdout"], stdout):
        return "standard output does not match %s" % case["stdout"]
    if "lines" in case and len([json.loads(l) for l in stdout.splitlines()]) != case["lines"]:
        return "not %d lines" % case["lines"]
    if run.returncode == 0 and {"codes", "comparability", "has", "regions"} & set(case):
        return check_document(case, stdout)
    return None


def nobody_reads():
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "wb")


def restrict(case):
    """In the child: closes the standard streams that the case wants closed, limits its files."""
    for fd in case.get("closed", []):
        os.close(fd)
    if "file_limit" in case:
        resource.setrlimit(resource.RLIMIT_FSIZE, (case["file_limit"], case["file_limit"]))


def documents_of(run):
    """The documents on standard output: one indented, or one per line."""
    text = (run.stdout or b"").decode()
    if text.startswith('{\n\t"schema":'):
        return [text]
    return text.splitlines() if text.startswith('{"schema":') else []


def run_case(program, folder, case, validation):
    before = snapshot(folder)
    target = subprocess.PIPE
    if "stdout_to" in case:
        target = nobody_reads() if case["stdout_to"] == "|" else open(case["stdout_to"], "wb")
    source = open(os.path.join(folder, case["stdin"]), "rb") if "stdin" in case else None
    run = subprocess.run([program] + case["args"], cwd=folder, stdout=target, timeout=TIMEOUT_S,
                         stderr=subprocess.PIPE, stdin=source or subprocess.DEVNULL,
                         preexec_fn=lambda: restrict(case))
    wrong = check_output(case, run, (run.stdout or b"").decode())
    for text in documents_of(run):
        validation.check(text, case["name"])
    if not wrong and snapshot(folder) != before:
        wrong = "left behind: %s" % (set(snapshot(folder)) ^ set(before))
    if wrong:
        print("FAILED %s: %s\n  %s\n  %s" % (case["name"], wrong, " ".join(case["args"]),
                                             run.stderr.decode(errors="replace").strip()))
    return not wrong


def cases(program, folder):
    have_faces = fixtures.make_all(folder, SAMPLES, DATA)
    with open(os.path.join(HERE, "cases.json")) as f:
        table = json.load(f)
    here = [c for c in table if c.get("machine", platform.machine()) == platform.machine()]
    chosen = [c for c in here if have_faces or not c.get("faces")]
    if len(chosen) < len(here):
        print("skipped: %d cases need photos of faces in %s" % (len(table) - len(chosen), DATA))
    with tempfile.TemporaryDirectory(prefix="dermetry-e2e-") as results:
        validation = Validation(program, os.path.join(results, "documents"))
        failed = sum(not run_case(program, folder, c, validation) for c in chosen)
        print("%d cases, %d failed" % (len(chosen), failed))
        return validation.passed() and failed == 0


# ---- documents

def photo_runs():
    """Argument lists whose documents are checked."""
    def sample(name):
        return os.path.join(SAMPLES, name)

    scaled = ["--px-per-mm", "10", "--followup-px-per-mm", "10"]
    runs = [
        ["analyze", sample("closeup_before.jpg"), "--px-per-mm", "10"],
        ["analyze", sample("closeup_before.jpg"), "--findings"],
        ["compare", sample("closeup_before.jpg"), sample("closeup_after.jpg"), "--findings"] + scaled,
        ["compare", sample("closeup_before.jpg"), sample("closeup_after.jpg")],
        ["compare", sample("closeup_before.jpg"), sample("series/visit1.jpg")] + scaled,
    ]
    faces = os.path.join(DATA, "faces", "frll")
    if not os.path.isdir(faces):
        print("skipped: no photos of faces in %s" % DATA)
        return runs
    neutral = os.path.join(faces, "neutral", "003_03.jpg")
    return runs + [
        ["analyze", neutral, "--findings"],
        ["compare", neutral, os.path.join(faces, "smiling", "003_08.jpg"), "--findings"],
        ["compare", neutral, os.path.join(faces, "neutral", "008_03.jpg")],
    ]


def documents(program, folder):
    validation = Validation(program, os.path.join(folder, "documents"))
    for args in photo_runs():
        text = subprocess.check_output([program] + args + ["-q"], timeout=TIMEOUT_S)
        validation.check(text, " ".join(args), broken=True)
    return validation.passed()


# ---- identity

def code_paths(program):
    """Those that can run here; the others are named, so that their absence does not pass for a check."""
    report = subprocess.run([program, "doctor"], stdout=subprocess.PIPE).stdout.decode()
    for path, why in re.findall(r"^- +code path (\w+) +(.*)", report, re.M):
        print("no %s: %s" % (path, why))
    return re.findall(r"^ok +code path (\w+)", report, re.M)


# OpenCV and the C library as they are on a processor without these instructions. glibc's exp, log and
# their like differ in the last bit there; that must not reach a document.
OLDER_PROCESSOR = {"OPENCV_CPU_DISABLE": "AVX512-SKX,AVX2,FP16,AVX",
                   "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA"}


def core(program, args, environment=None):
    """The document as text, without run."""
    text = subprocess.check_output([program] + args + ["-q"], timeout=TIMEOUT_S,
                                   env=dict(os.environ, **(environment or {}))).decode()
    cut = text.rindex('\n\t"run":')
    assert set(json.loads(text)) - set(json.loads(text[:cut].rstrip(",") + "}")) == {"run"}
    return text[:cut]


def identity(program, folder):
    del folder
    paths = code_paths(program)
    failed = 0
    for args in photo_runs():
        reference = core(program, args + ["--cpu", "c", "--threads", "1"])
        variants = [(["--cpu", p, "--threads", t], None) for p in paths for t in ("1", "2")]
        variants += [([], None), ([], OLDER_PROCESSOR)]
        for extra, environment in variants:
            if core(program, args + extra, environment) != reference:
                print("FAILED %s %s %s differs" % (" ".join(args), extra, environment or ""))
                failed += 1
    print("%d documents on %s, %d differ" % (len(photo_runs()), ", ".join(paths), failed))
    return failed == 0


# ---- signals

def signals(program, folder):
    failed = 0
    shutil.copy(os.path.join(SAMPLES, "closeup_before.jpg"), folder)
    trials = [(number, stages) for number in (signal.SIGTERM, signal.SIGINT) for stages in (1, 6, 9)]
    for number, stages in trials:
        before = snapshot(folder)
        run = subprocess.Popen([program, "analyze", "closeup_before.jpg", "--px-per-mm", "10", "-o",
                                "out.json", "--overlay", "pictures", "--progress", "plain"],
                               cwd=folder, stderr=subprocess.PIPE)
        for _ in range(stages):  # so many have begun
            run.stderr.readline()
        run.send_signal(number)
        said = run.stderr.read().decode()
        code = run.wait(TIMEOUT_S)
        if code != 75 or "stopped" not in said or snapshot(folder) != before:
            print("FAILED %s at stage %d: exit code %d, %s" % (number, stages, code, said))
            failed += 1
    print("%d signals, %d failed" % (len(trials), failed))
    return failed == 0


# ---- samples

SAMPLE_PAIRS = [("closeup_before.jpg", "closeup_after.jpg"),
                ("series/visit1.jpg", "series/visit2.jpg"),
                ("series/visit1.jpg", "series/visit3.jpg")]
GOLDEN = os.path.join(ROOT, "tests", "golden", "metrics.csv")


def sample_truth():
    with open(os.path.join(SAMPLES, "truth.json")) as file:
        return {sample["file"]: sample for sample in json.load(file)["samples"]}


def compare_sample(program, pair, truth):
    scale = [str(truth[name]["px_per_mm"]) for name in pair]
    run = subprocess.run([program, "compare", *pair, "--px-per-mm", scale[0],
                          "--followup-px-per-mm", scale[1], "--progress", "none"], cwd=SAMPLES,
                         stdout=subprocess.PIPE, check=True, timeout=TIMEOUT_S)
    return json.loads(run.stdout)


def golden_rows(pair, document):
    for row in document["metrics"]:
        change = row.get("change", {})
        yield [pair[1], row["metric"], row["region"], row["status"],
               *(str(row.get(photo, {}).get("value", "")) for photo in ("baseline", "followup")),
               str(change.get("percent", "")), row["verdict"]]


def misses_of(pair, document, truth):
    known = truth[pair[1]]["true_change_percent"]
    for row in document["summary"]:
        if row["metric"] not in known:
            continue
        true = known[row["metric"]]
        low, high = row.get("change", {}).get("ci95_percent", (1, 0))
        print("%-20s %-18s true %6.1f  read %6.1f  interval %6.1f to %6.1f" %
              (pair[1], row["metric"], true, row.get("change", {}).get("percent", float("nan")),
               low, high))
        if not low <= true <= high:
            yield "%s %s: the interval misses the truth" % (pair[1], row["metric"])


def measure_samples(program):
    truth = sample_truth()
    rows = [["followup", "metric", "region", "status", "baseline_value", "followup_value",
             "percent", "verdict"]]
    misses = []
    for pair in SAMPLE_PAIRS:
        document = compare_sample(program, pair, truth)
        rows += golden_rows(pair, document)
        misses += misses_of(pair, document, truth)
    return rows, misses


# Of nine intervals that cover 95 times in 100 one misses in 37 of 100 tables, two in 7.
MOST_MISSES = 1


def samples(program, folder):
    rows, misses = measure_samples(program)
    for miss in misses:
        print("outside:", miss)
    failures = misses if len(misses) > MOST_MISSES else []
    with open(GOLDEN, newline="") as file:
        golden = list(csv.reader(file))
    if len(golden) != len(rows):
        failures.append("%d rows, %d in the golden table" % (len(rows), len(golden)))
    failures += ["now %s, golden %s" % pair for pair in zip(rows, golden) if pair[0] != pair[1]]
    for failure in failures:
        print("FAILED", failure)
    print("%d values, %d failed" % (len(rows) - 1, len(failures)))
    return not failures


def bless(program, folder):
    rows, misses = measure_samples(program)
    with open(GOLDEN, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return True


# ---- no skin

def skinless(program, folder):
    del folder
    photos = sorted(glob.glob(os.path.join(DATA, "faces", "webmorph", "rainbow", "*.jpg")))
    if not photos:
        print("SKIPPED: no photos without skin in %s" % DATA)
        return True

    def document(*args):
        return json.loads(subprocess.check_output([program, *args, "-q"], timeout=TIMEOUT_S))

    measured = [p for p in photos
                if any(m["status"] == "measured" for m in document("analyze", p)["metrics"])]
    compared = [pair for pair in zip(photos, photos[1:])
                if document("compare", *pair)["comparability"]["verdict"] != "not_comparable"]
    print("of %d photos without skin %d measured; of %d pairs %d compared" %
          (len(photos), len(measured), len(photos) - 1, len(compared)), *measured, *compared)
    return not measured and not compared


# ---- null

def null(program, folder):
    faces = os.path.join(DATA, "faces", "frll")
    if not os.path.isdir(faces):
        print("SKIPPED: no photos in ../shared/data")
        return True
    judged, false = {}, {}
    for name in sorted(os.listdir(os.path.join(faces, "smiling"))):
        if not name.endswith("_08.jpg"):
            continue
        pair = [os.path.join(faces, "neutral", name.replace("_08", "_03")),
                os.path.join(faces, "smiling", name)]
        run = subprocess.run([program, "compare", *pair, "-q"], stdout=subprocess.PIPE, check=True,
                             timeout=TIMEOUT_S)
        document = json.loads(run.stdout)
        for kind in ("metrics", "summary"):
            for row in document[kind]:
                key = kind, row["concern"]
                judged[key] = judged.get(key, 0) + (row["verdict"] != "not_comparable")
                false[key] = false.get(key, 0) + (row["verdict"] in ("improved", "worsened"))
    for key in judged:
        print("%-8s %-13s %4d judged, %3d false" % (*key, judged[key], false[key]))
    return True


def main():
    what = {"cases": cases, "documents": documents, "identity": identity, "signals": signals,
            "samples": samples, "skinless": skinless, "null": null, "bless": bless}
    folder = tempfile.mkdtemp(prefix="dermetry-e2e-")
    try:
        return 0 if what[sys.argv[1]](os.path.abspath(sys.argv[2]), folder) else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
