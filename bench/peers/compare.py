# SPDX-License-Identifier: Apache-2.0
"""dermetry, OpenCV and scikit-image do the same work on the same pixels, in turn, in one run.

  compare.py time BUILD PHOTO ROUNDS [PEER]
      a table: milliseconds of processor time, how many times dermetry's a peer takes (median
      [least .. most] of the rounds' own ratios), and how far the results agree; PEER: only against
      opencv, only against skimage
  compare.py agree BUILD PHOTO
      a test: OpenCV's results agree with dermetry's
"""
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np

GRID_STEP, MARGIN = 20 / 11, 20  # px; peer.h
HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ["opencv", "skimage"]
COMPARED = ("decode", "maps", "ridge", "blobs", "components", "warp")
STAGES = (*COMPARED, "filters", "analysis")
# Least agreement with OpenCV. Its remap knows 1/32 px and another cubic; its derivatives are
# differences; whether a maximum reaches the threshold is up to rounding.
LEAST = {"decode": 1, "maps": 0.9999, "ridge": 0.999, "blobs": 0.99, "components": 1, "warp": 0.999}


class Peer:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        universal_newlines=True)
        self.greeting = self.process.stdout.readline().strip()

    def ask(self, verb, stage):
        print(verb, stage, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("%s failed in %s" % (self.name, stage))
        return float(answer)


def start(build, photo, folder, wanted):
    """dermetry and what is wanted of the peers, as far as it is installed."""
    bench = os.path.join(build, "bench", "peers")
    analysis = os.path.join(HERE, "analysis.txt")
    own = Peer("dermetry", [os.path.join(bench, "peer_dermetry"), folder, photo, analysis])
    rest = [folder, photo, *own.greeting.split(), analysis]
    commands = {"opencv": [os.path.join(bench, "peer_opencv")],
                "skimage": [sys.executable, os.path.join(HERE, "peer_skimage.py")]}
    if "skimage" in wanted and not importlib.util.find_spec("skimage"):
        print("scikit-image: skipped, it is not installed (python3-skimage)")
        del commands["skimage"]
    peers = [own] + [Peer(name, command + rest) for name, command in commands.items()
                     if name in wanted]
    return peers


def correlation(a, b, size):
    """The lesser of two planes', without a margin in which derivatives know of the border."""
    margin = slice(MARGIN, -MARGIN)
    planes = (rows.reshape(-1, *size)[:, margin, margin] for rows in (a, b))
    return min(np.corrcoef(x.ravel(), y.ravel())[0, 1] for x, y in zip(*planes))


def common(a, b, _):
    """Of two lists of (scale, x, y), the share that both have; rounding moves a maximum by 1 px."""
    a, b = (set(map(tuple, rows.reshape(-1, 3).astype(int))) for rows in (a, b))
    near = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    found = sum(any((s, x + dx, y + dy) in b for dx, dy in near) for s, x, y in a)
    return found / max(len(a), len(b))


def same_rows(a, b, _):
    a, b = (sorted(map(tuple, rows.reshape(-1, 5))) for rows in (a, b))
    return float(a == b)


def agreement(folder, stage, peers, peer):
    w, h = map(int, peers[0].greeting.split())
    size = (int(h / GRID_STEP), int(w / GRID_STEP)) if stage == "maps" else (h, w)
    how, kind = {"decode": (lambda a, b, _: np.mean(a == b), np.uint8),
                 "components": (same_rows, np.int32),
                 "blobs": (common, np.float32)}.get(stage, (correlation, np.float32))
    return how(*(np.fromfile(os.path.join(folder, "%s.%s" % (p.name, stage)), kind)
                 for p in (peers[0], peer)), size)


def agree(build, photo):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        peers = start(build, photo, folder, ["opencv"])
        for stage, least in LEAST.items():
            for peer in peers:
                peer.ask("save", stage)
            value = agreement(folder, stage, peers, peers[1])
            print("%-12s %.6f, at least %g" % (stage, value, least))
            failed += int(value < least)
    return failed > 0


def time_stage(folder, peers, stage, rounds):
    """First a round that warms up and is compared. An analysis has no peer but its filters."""
    work = [(peers[0], stage)] + [(peer, {"analysis": "filters"}.get(stage, stage))
                                  for peer in peers[1:]]
    for peer, own in work:
        peer.ask("save", own)
    return [[peer.ask("run", own) for peer, own in work] for _ in range(rounds)]


def print_stage(folder, peers, stage, rounds):
    own = [row[0] for row in rounds]
    text = "%-11s %9.1f" % (stage, 1e3 * statistics.median(own))
    for i, peer in enumerate(peers[1:], 1):
        ratio = [row[i] / row[0] for row in rounds]
        same = "%.5f" % agreement(folder, stage, peers, peer) if stage in COMPARED else "-"
        text += " | %9.1f %6.1fx [%5.1f .. %5.1f] %8s" % (
            1e3 * statistics.median(row[i] for row in rounds), statistics.median(ratio), min(ratio),
            max(ratio), same)
    print(text, flush=True)


def print_table(build, photo, rounds, wanted):
    with tempfile.TemporaryDirectory() as folder:
        peers = start(build, photo, folder, wanted)
        print("%s pixels, one thread, %d rounds, load %.1f" % (
            " x ".join(peers[0].greeting.split()), rounds, os.getloadavg()[0]))
        print("%-11s %9s" % ("ms", "dermetry") + "".join(
            " | %-41s" % (peer.greeting + ", ratio, agreement") for peer in peers[1:]))
        for stage in STAGES:
            print_stage(folder, peers, stage, time_stage(folder, peers, stage, rounds))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["agree"] and len(sys.argv) == 4:
        sys.exit(agree(*sys.argv[2:]))
    if sys.argv[1:2] == ["time"] and len(sys.argv) in (5, 6):
        sys.exit(print_table(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:] or PEERS))
    sys.exit(__doc__)
