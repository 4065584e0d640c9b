#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes models/classifier.json: what spot of skin is it?

    build/release/tests/truth_classify table table.csv
    /usr/bin/python3 models/classifier.py table.csv > models/classifier.json

Needs Debian's python3-sklearn (1.2) and python3-numpy, for making the model only. The same table gives the
same file. Figures on standard error are by cross-validation over skins and people; those of the model card,
classifier.md, are of skins that were never in a table: `truth_classify`.
"""
import csv
import json
import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

ROUNDS, RATE, DEPTH, LEAST_IN_LEAF, SEED = 240, 0.16, 3, 40, 1
RIDGE = 5  # without it leaves of places that are all known already grow without bound
PHOTO_WEIGHT = 16  # of a place on a real face: there are 130 times as many on phantoms
CLASSES = ["pore", "scar", "pigment", "vascular", "mole", "hair", "papule", "artefact"]
NOT_FEATURES = ("class", "from", "group", "finder")


def read(path):
    """Features, class index, group of every row of the table, and whether it is of a photo."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [k for k in rows[0] if k not in NOT_FEATURES]
    x = np.array([[float(r[k]) for k in names] for r in rows])
    y = np.array([CLASSES.index(r["class"]) for r in rows])
    group = np.unique([r["from"] + r["group"] for r in rows], return_inverse=True)[1]
    return names, x, y, group, np.array([r["from"] == "face" for r in rows])


def weights(y, photo):
    """Rare classes count as much as frequent ones, half way: the skins of the table have what was put there."""
    count = np.bincount(y, minlength=len(CLASSES))
    return np.sqrt(len(y) / len(CLASSES) / np.maximum(count, 1))[y] * np.where(photo, PHOTO_WEIGHT, 1)


def complete(nodes):
    """A tree of at most three levels as [features of 7 forks, thresholds, values of 8 leaves]."""
    feature, above, value = [0] * 7, [0.0] * 7, [0.0] * 8

    def fill(node, at, level):
        if level == DEPTH:
            value[at - 7] = round(float(nodes[node]["value"]), 3)
            return
        if nodes[node]["is_leaf"]:
            fill_same(float(nodes[node]["value"]), at, level)
            return
        feature[at] = int(nodes[node]["feature_idx"])
        above[at] = float("%.4g" % nodes[node]["num_threshold"])
        fill(nodes[node]["left"], 2 * at + 1, level + 1)
        fill(nodes[node]["right"], 2 * at + 2, level + 1)

    def fill_same(v, at, level):
        if level == DEPTH:
            value[at - 7] = round(v, 3)
            return
        fill_same(v, 2 * at + 1, level + 1)
        fill_same(v, 2 * at + 2, level + 1)

    fill(0, 0, 0)
    return feature + above + value


def train(x, y, photo):
    """Prior scores and trees [class, features, thresholds, values]."""
    model = HistGradientBoostingClassifier(max_iter=ROUNDS, learning_rate=RATE, max_depth=DEPTH,
                                           min_samples_leaf=LEAST_IN_LEAF, l2_regularization=RIDGE,
                                           early_stopping=False, random_state=SEED)
    model.fit(x, y, sample_weight=weights(y, photo))
    prior = [round(float(v), 3) for v in np.ravel(model._baseline_prediction)]
    trees = [[k] + complete(p.nodes) for one in model._predictors for k, p in enumerate(one)]
    return prior, trees


def scores(prior, trees, x):
    """What pipeline/stages/classifier.c computes, before the temperature."""
    out = np.tile(np.array(prior), (len(x), 1))
    rows = np.arange(len(x))
    for t in trees:
        feature, above, value = np.array(t[1:8]), np.array(t[8:15]), np.array(t[15:])
        at = np.zeros(len(x), int)
        for _ in range(DEPTH):
            at = 2 * at + 1 + (x[rows, feature[at]] > above[at])
        out[:, t[0]] += value[at - 7]
    return out


def softmax(s):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def fit_temperature(s, y):
    """The one that makes the truth likeliest."""
    grid = np.round(np.arange(0.5, 2.5, 0.01), 2)
    loss = [-np.log(softmax(s / t)[np.arange(len(y)), y]).mean() for t in grid]
    return float(grid[int(np.argmin(loss))])


def tell(p, y):
    """Confusion (rows: truth), F1 of each class, calibration error; to standard error."""
    said = p.argmax(axis=1)
    table = np.zeros((len(CLASSES), len(CLASSES)), int)
    np.add.at(table, (y, said), 1)
    f1 = 2 * np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1)
    sure, right = p.max(axis=1), said == y
    cell = np.minimum((sure * 10).astype(int), 9)
    ece = sum(abs(right[cell == k].mean() - sure[cell == k].mean()) * (cell == k).mean()
              for k in range(10) if (cell == k).any())
    print(table, file=sys.stderr)
    print("macro-F1 %.3f" % f1.mean(), " ".join("%s %.2f" % c for c in zip(CLASSES, f1)), file=sys.stderr)
    print("expected calibration error %.3f, rows %d" % (ece, len(y)), file=sys.stderr)


def main():
    names, x, y, group, photo = read(sys.argv[1])
    unseen = np.zeros((len(y), len(CLASSES)))
    for train_rows, test_rows in GroupKFold(3).split(x, y, group):
        unseen[test_rows] = scores(*train(x[train_rows], y[train_rows], photo[train_rows]), x[test_rows])
    temperature = fit_temperature(unseen, y)
    tell(softmax(unseen / temperature), y)
    prior, trees = train(x, y, photo)
    lines = ",\n".join(json.dumps(t, separators=(",", ":")) for t in trees)
    print('{\n"schema": "dermetry/classifier/1",\n"about": "What spot of skin is it? Boosted trees; read by '
          'pipeline/stages/classifier.c, made by models/classifier.py. Model card: classifier.md. A tree: class, '
          'features of its 7 forks, their thresholds, values of its 8 leaves.",')
    for name, value in (("classes", CLASSES), ("features", names), ("prior", prior), ("temperature", temperature)):
        print(json.dumps(name) + ": " + json.dumps(value) + ",")
    print('"trees": [\n' + lines + "\n]\n}")


main()
