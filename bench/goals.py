# SPDX-License-Identifier: Apache-2.0
"""What the project asks of its speed, what it has, and whether that is enough: one table.

  goals.py BUILD ROUNDS

D is the time that libjpeg-turbo takes to decode the same photo on the same thread. Times are of the
processor, ratios of one round's neighbours, medians of the rounds, except what uses two threads or
processes: that is the wall clock, and means something only where two cores are free.
"""
import csv
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
import compare

WIDEST = "avx512" if "avx512dq" in open("/proc/cpuinfo", encoding="utf-8").read() else "auto"
PHOTO = ["--px-per-mm", "20", "--site", "body"]


def pipeline(build, rounds, *options):
    """The text of bench_pipeline on its own photos of 12 megapixels, which it makes."""
    program = os.path.join(build, "bench", "bench_pipeline")
    return subprocess.run([program, "--rounds", str(rounds), *options], check=True,
                          stdout=subprocess.PIPE, universal_newlines=True).stdout


def in_d(text, what):
    return float(re.search(r"^%s +([\d.]+) D" % what, text, re.M).group(1))


def run(*command, cwd=None):
    """Seconds of processor time, seconds by the clock, bytes of memory at the peak."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit("failed: " + " ".join(command))
    return used.ru_utime + used.ru_stime, time.monotonic() - start, 1024 * used.ru_maxrss


def analyze(program, photo, *options):
    return run(program, "analyze", "-q", "--threads", "1", *PHOTO, *options, photo)


def interleaved(rounds, *jobs):
    """Of each job the list of what its rounds gave."""
    return list(zip(*[[job() for job in jobs] for _ in range(rounds)]))


def ratio(a, b, which=0):
    return statistics.median(x[which] / y[which] for x, y in zip(a, b))


def of_peers(build, photo, rounds):
    """Ratios to the peers and stages in D, as compare.py has them."""
    with tempfile.TemporaryDirectory() as folder:
        peers = compare.start(build, photo, folder, compare.PEERS)
        times = {stage: compare.time_stage(folder, peers[:2], stage, rounds)
                 for stage in ("decode", "maps", "ridge")}
        whole = compare.time_stage(folder, peers, "filters", rounds)
    d = statistics.median(row[1] for row in times["decode"])
    own = {stage: statistics.median(row[0] for row in rows) / d for stage, rows in times.items()}
    goals = {"opencv": (6, 12), "skimage": (70, 100)}
    for i, peer in enumerate(peers[1:], 1):
        slower = statistics.median(row[i] / row[0] for row in whole)
        yield ("filters of an analysis: %s, times" % peer.greeting, slower, *goals[peer.name])
    yield "ridges of 5 scales and a band-pass, D", own["ridge"], -1.5, -0.8
    yield "optical density, melanin, haemoglobin, D", own["maps"], -0.5, -0.3


def mib_of(bytes_per_pixel, more):
    """For a photo of 12 megapixels."""
    return bytes_per_pixel * 12e6 / 2**20 + more


def of_pipeline(build, rounds):
    one, two = pipeline(build, rounds), pipeline(build, rounds, "--wall", "2")
    peak = float(re.search(r"^analysis +peak RSS +([\d.]+)", one, re.M).group(1))
    yield "analysis, D", in_d(one, "analysis"), -6, -3
    yield "analysis, two threads, wall clock, D", in_d(two, "analysis"), -3.5, -1.8
    yield "comparison, D", in_d(one, "comparison"), -20, -9
    yield ("comparison with its ensemble against without, time",
           float(re.search(r"^ensemble +([\d.]+)", one, re.M).group(1)), -3, -1.5)
    yield "peak of memory, MiB", peak, -mib_of(12, 32), -mib_of(4, 16)


def of_processes(build, rounds, photo, folder):
    program, small = os.path.join(build, "dermetry"), os.path.join(folder, "small.jpg")
    Image.open(photo).crop((0, 0, 256, 192)).save(small, quality=92)
    large = photo.replace(".12.", ".24.")
    analysis = lambda *options: lambda: analyze(program, photo, *options)
    a12, a24, tiny, avx2, plain, avx512 = interleaved(
        rounds, analysis(), lambda: analyze(program, large), lambda: analyze(program, small),
        analysis("--cpu", "avx2"), analysis("--cpu", "c"), analysis("--cpu", WIDEST))
    yield "24 megapixels against 12, time", ratio(a24, a12), -2.1, -2.02
    yield "24 megapixels against 12, memory", ratio(a24, a12, 2), -2.1, -2.02
    yield ("photo of 256 x 192, whole process, ms", 1e3 * statistics.median(t[0] for t in tiny),
           -60, -25)
    if WIDEST == "avx512":
        yield "AVX2 against AVX-512, time", ratio(avx2, avx512), -1.7, -1.4
        yield "plain C (SSE2) against AVX-512, time", ratio(plain, avx512), -3.5, -2.5


def of_batch(build, rounds, photo, folder):
    program = os.path.abspath(os.path.join(build, "dermetry"))
    for visit, later in enumerate((photo, photo.replace(".base.", ".follow."))):
        part = Image.open(later).crop((0, 0, 1600, 1200))
        part.save(os.path.join(folder, "%d.jpg" % visit), quality=92)
    with open(os.path.join(folder, "study.csv"), "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["subject", "visit", "date", "view", "path", "px_per_mm"])
        rows.writerows([subject, visit, date, "abdomen", "%d.jpg" % visit, 20]
                       for subject in range(12)
                       for visit, date in enumerate(("2026-01-01", "2026-02-01")))
    out = (os.path.join(folder, "out%d" % i) for i in range(2 * rounds))
    work = lambda jobs: run(program, "batch", "study.csv", "-q", "--site", "body", "--jobs", jobs,
                            "--out", next(out), cwd=folder)
    one, two = interleaved(rounds, lambda: work("1"), lambda: work("2"))
    yield "two batch workers against one, wall clock", ratio(one, two, 1), 1.85, 1.95


def print_row(name, value, must, aim):
    """Negative: no more than that; positive: no less."""
    good = lambda limit: value <= -limit if limit < 0 else value >= limit
    sign = "<=" if must < 0 else ">="
    state = "aim met" if good(aim) else "met" if good(must) else "MISSED"
    print("%-46s %8.2f   %s %5.3g   %s %5.3g   %s" % (name, value, sign, abs(must), sign, abs(aim),
                                                  state), flush=True)


def main(build, rounds):
    photo = os.path.join(build, "bench", "bench_pipeline.12.base.jpg")
    for megapixels in ("12", "24"):
        pipeline(build, 0, "--megapixels", megapixels)
    print("%-46s %8s   %8s   %8s" % ("goal", "measured", "must", "aim"))
    with tempfile.TemporaryDirectory() as folder:
        for rows in (of_pipeline(build, rounds), of_peers(build, photo, rounds),
                     of_processes(build, rounds, photo, folder),
                     of_batch(build, rounds, photo, folder)):
            for row in rows:
                print_row(*row)
    print("wall clock: wants an idle machine; its load was %.1f by then" % os.getloadavg()[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
