#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz_jpeg, fuzz_png, fuzz_exif and fuzz_mask: tiny pictures of every kind, an
EXIF block and a colour profile. Needs Pillow."""
import os
from PIL import Image, ImageCms

HERE = os.path.dirname(os.path.abspath(__file__))


def path(target, name):
    return os.path.join(HERE, target, name)


def ramp(mode):
    image = Image.new("RGB", (16, 8))
    image.putdata([(16 * x, 32 * y, 8 * (x + y)) for y in range(8) for x in range(16)])
    return image.convert(mode)


exif = Image.Exif()
exif[0x010F], exif[0x0110], exif[0x0112] = "maker", "model", 6
exif[0x8769] = {0x829A: (1, 125), 0x829D: (28, 10), 0x8827: 400, 0x9003: "2024:05:31 14:03:59",
                0x9011: "+02:00", 0x9209: 1, 0x920A: (26, 5), 0xA403: 0, 0xA434: "lens"}
block = exif.tobytes()
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

ramp("RGB").save(path("fuzz_jpeg", "baseline.jpg"), quality=80, exif=block, icc_profile=profile)
ramp("RGB").save(path("fuzz_jpeg", "progressive.jpg"), quality=80, progressive=True)
ramp("RGB").save(path("fuzz_jpeg", "full_chroma.jpg"), quality=95, subsampling=0)
ramp("L").save(path("fuzz_jpeg", "grey.jpg"), quality=50)
ramp("CMYK").save(path("fuzz_jpeg", "cmyk.jpg"), quality=50)

for mode in "1", "L", "LA", "P", "RGB", "RGBA", "I;16":
    image = Image.new("I;16", (16, 8), 300) if mode == "I;16" else ramp("RGBA").convert(mode)
    image.save(path("fuzz_png", f"{mode.replace(';', '_')}.png"))
ramp("RGB").save(path("fuzz_png", "tags.png"), exif=block, icc_profile=profile)
ramp("P").save(path("fuzz_png", "transparent.png"), transparency=3)

with open(path("fuzz_exif", "exif"), "wb") as f:
    f.write(block[6:])
with open(path("fuzz_exif", "srgb.icc"), "wb") as f:
    f.write(profile)

Image.new("L", (8, 8), 255).save(path("fuzz_mask", "white.png"))
Image.new("1", (8, 8), 0).save(path("fuzz_mask", "black.png"))
Image.new("L", (9, 8), 255).save(path("fuzz_mask", "wide.png"))
