# SPDX-License-Identifier: Apache-2.0
"""The same work by scikit-image, SciPy and NumPy on one thread: whole-array calls, float32.

  peer_skimage.py FOLDER PHOTO WIDTH HEIGHT ANALYSIS      serves (peer.h, whose constants these are)
"""
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import skimage
from scipy import ndimage
from skimage import feature, filters, io, measure, transform

RIDGE_PX, BLOB_PX, BAND_PX = (1, 2, 3, 4, 5), (2, 3, 4, 5, 6), (2, 6)
BLOB_FLOOR_OD, OD_FLOOR, OBJECT_OD = 0.02, 0.002, 0.05
PIGMENT = np.array([[0.9, -0.2, 0.3], [-0.7, 1.1, -0.4]], np.float32)
GRID_PX_PER_MM, STEP, HALVE_FROM_PX = 11, 20 / 11, 6

code = np.arange(256) / 255
LIGHT = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def gaussian(plane, sigma):
    return filters.gaussian(plane, sigma, mode="nearest", preserve_range=True)


def shrink(plane, factor):
    """Means over factor x factor pixels; what is left over at the edges is dropped."""
    h, w = (side // factor * factor for side in plane.shape)
    return transform.downscale_local_mean(plane[:h, :w], (factor, factor)).astype(np.float32)


def maxima(plane, sigma):
    response = -sigma**2 * ndimage.gaussian_laplace(plane, sigma, mode="nearest")
    return feature.peak_local_max(response, min_distance=1, threshold_abs=BLOB_FLOOR_OD,
                                  exclude_border=1)


def ridges(plane, sigmas):
    return filters.sato(plane, sigmas, black_ridges=False, mode="nearest")


def components(mask):
    table = measure.regionprops_table(measure.label(mask, connectivity=2),
                                      properties=("bbox", "area"))
    return np.stack([table[name] for name in ("bbox-1", "bbox-0", "bbox-3", "bbox-2", "area")], 1)


class Peer:
    def __init__(self, folder, photo, w, h, analysis):
        load = lambda name, kind: np.fromfile(os.path.join(folder, name), kind)
        self.photo = photo
        self.rgb = load("rgb", np.uint8).reshape(h, w, 3)
        self.plane = load("plane", np.float32).reshape(h, w)
        self.mask = load("mask", np.uint8).reshape(h, w)
        x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
        self.come_from = np.stack([0.98 * y + 0.01 * x, 0.99 * x + 0.01 * y + 3])
        lines = [line.split() for line in open(analysis) if line[0] != "#"]
        number = lambda word: word.replace(".", "").isdigit()
        self.list = [(what, on, int(by), [float(s) for s in rest if number(s)])
                     for what, on, by, *rest in lines]

    def decode(self):
        self.rgb = io.imread(self.photo)
        return self.rgb

    def optical_density(self):
        h, w = (int(side / STEP) for side in self.rgb.shape[:2])
        light = transform.resize(LIGHT[self.rgb], (h, w, 3), order=1, mode="edge", anti_aliasing=True)
        return -np.log(np.maximum(light, OD_FLOOR))

    def maps(self):
        return np.moveaxis(self.optical_density() @ PIGMENT.T, 2, 0)

    def ridge(self):
        band = gaussian(self.plane, BAND_PX[0]) - gaussian(self.plane, BAND_PX[1])
        return np.stack([ridges(self.plane, RIDGE_PX), band])

    def blobs(self):
        return np.concatenate([np.insert(maxima(self.plane, sigma)[:, ::-1], 0, i, 1)
                               for i, sigma in enumerate(BLOB_PX)])

    def components(self):
        return components(self.mask)

    def warp(self):
        return transform.warp(self.plane, self.come_from, order=3, mode="edge", preserve_range=True)

    def filters(self):
        self.decode()
        od = self.optical_density()
        melanin, blood = np.moveaxis(od @ PIGMENT.T, 2, 0)
        planes = {"red": od[..., 0], "green": od[..., 1], "melanin": melanin, "blood": blood}
        shrunk = {(on, by): shrink(planes[on], by) for _, on, by, _ in self.list}
        for what, on, by, sigma_mm in self.list:
            run_filter(what, shrunk[on, by], GRID_PX_PER_MM / by, sigma_mm)


def run_filter(what, plane, px_per_mm, sigma_mm):
    if what == "objects":
        fine, wide = (gaussian(plane, sigma * px_per_mm) for sigma in sigma_mm)
        components(fine - wide > OBJECT_OD)
        return
    for sigma in sigma_mm:
        while sigma * px_per_mm >= HALVE_FROM_PX:
            plane, px_per_mm = shrink(plane, 2), px_per_mm / 2
        if what == "maxima":
            maxima(plane, sigma * px_per_mm)
        elif what == "curved":
            ridges(plane, [sigma * px_per_mm])
        else:
            gaussian(plane, sigma * px_per_mm)


def serve(peer, folder):
    kinds = {"decode": np.uint8, "components": np.int32}
    for line in sys.stdin:
        verb, stage = line.split()
        start = time.process_time()
        result = getattr(peer, stage)()
        seconds = time.process_time() - start
        if verb == "save" and result is not None:
            kind = kinds.get(stage, np.float32)
            np.ascontiguousarray(result, kind).tofile(os.path.join(folder, "skimage." + stage))
        print("%.6f" % seconds, flush=True)


if __name__ == "__main__":
    folder, photo, width, height, analysis = sys.argv[1:]
    print("scikit-image", skimage.__version__, flush=True)
    serve(Peer(folder, photo, int(width), int(height), analysis), folder)
