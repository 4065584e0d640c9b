# SPDX-License-Identifier: Apache-2.0
"""Makes the inputs that the cases name, in one folder. Those that need a face come from photos
outside the project (data); without them they are not made and their cases are skipped."""
import os
import struct
import zlib

from PIL import Image, ImageEnhance, ImageFilter, ImageOps


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header_only(width, height):
    """A valid start of a picture of this size, with next to no data behind it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
            + png_chunk(b"IDAT", zlib.compress(b"\0" * 100000)) + png_chunk(b"IEND", b""))


def jpeg_of_other_size(jpeg, width, height):
    """The same data, promised to be a picture of this size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4:]


def make_huge(folder, side):
    """Two whole pictures that are in order, but for their size."""
    Image.MAX_IMAGE_PIXELS = None
    Image.new("L", (side, side), 128).save(os.path.join(folder, "huge.jpg"))
    Image.new("1", (side, side), 1).save(os.path.join(folder, "huge.png"))


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def make_tables(folder):
    """Tables of null figures: the shipped one, and it broken in three ways."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "models", "precision.json")
    table = open(path, "rb").read()
    write(folder, "precision.json", table)
    write(folder, "precision_cut.json", table[:len(table) // 2])
    write(folder, "precision_lacks.json", table.replace(b"scars.relief", b"scars.relics"))
    write(folder, "precision_negative.json", table.replace(b'"sd_percent": ', b'"sd_percent": -'))


def make_files(folder, sample):
    jpeg = open(sample, "rb").read()
    write(folder, "empty.jpg", b"")
    write(folder, "text.jpg", b"This is not a photo.\n" * 50)
    write(folder, "truncated.jpg", jpeg[:len(jpeg) * 6 // 10])
    write(folder, "bomb.png", png_header_only(100000, 100000))
    write(folder, "lying_huge.png", png_header_only(20000, 20000))
    write(folder, "lying_huge.jpg", jpeg_of_other_size(jpeg, 20000, 20000))
    write(folder, "lying.png", png_header_only(3000, 3000))
    write(folder, "lying.jpg", jpeg_of_other_size(jpeg, 3000, 3000))
    make_huge(folder, 20000)
    write(folder, "config.json", b'{ // a comment\n "grid": { "target_px_per_mm": 6 } }\n')
    write(folder, "config_typo.json", b'{ "grid": { "target_px_per_mn": 6 } }\n')
    write(folder, "config_broken.json", b'{ "grid": { "target_px_per_mm" 6 } }\n')
    write(folder, "config_range.json", b'{ "grid": { "target_px_per_mm": -6 } }\n')
    make_tables(folder)
    os.mkdir(os.path.join(folder, "folder.jpg"))
    os.mkdir(os.path.join(folder, "nomodels"))


def make_closeups(folder, before, after):
    photo = Image.open(before).convert("RGB")
    width, height = photo.size
    photo.save(os.path.join(folder, "before.jpg"), quality=95)
    follow = Image.open(after).convert("RGB")
    follow.save(os.path.join(folder, "after.jpg"), quality=95)
    follow.resize((width // 2, height // 2), Image.LANCZOS).save(
        os.path.join(folder, "after_small.jpg"), quality=95)
    photo.save(os.path.join(folder, "whole.png"))
    png = open(os.path.join(folder, "whole.png"), "rb").read()
    write(folder, "truncated.png", png[:len(png) // 2])
    photo.crop((0, 0, 1, 1)).save(os.path.join(folder, "one.png"))
    photo.convert("CMYK").save(os.path.join(folder, "cmyk.jpg"), quality=95)
    for name, grey in (("framed_black.jpg", 0), ("framed_dark.jpg", 20), ("framed_white.jpg", 255)):
        ImageOps.expand(photo, 10, (grey, grey, grey)).save(os.path.join(folder, name), quality=90)
    Image.new("L", (width, height), 255).save(os.path.join(folder, "mask.png"))
    Image.new("L", (10, 10), 255).save(os.path.join(folder, "mask_small.png"))
    Image.new("L", (width, height), 0).save(os.path.join(folder, "mask_empty.png"))
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(
        os.path.join(folder, "gradient.png"))
    leaf = Image.effect_noise((800, 600), 60)
    Image.merge("RGB", (leaf.point(lambda v: v // 4), leaf, leaf.point(lambda v: v // 5))).save(
        os.path.join(folder, "leaf.png"))


def make_faces(folder, data):
    neutral = os.path.join(data, "faces", "frll", "neutral")
    smiling = os.path.join(data, "faces", "frll", "smiling")
    if not os.path.isdir(neutral):
        return False
    one = Image.open(os.path.join(neutral, "003_03.jpg")).convert("RGB")
    other = Image.open(os.path.join(neutral, "008_03.jpg")).convert("RGB")
    same = Image.open(os.path.join(smiling, "003_08.jpg")).convert("RGB")

    def save(name, photo):
        photo.save(os.path.join(folder, name), quality=95)

    save("face.jpg", one)
    save("face_smiling.jpg", same)
    save("face_other.jpg", other)
    two = Image.new("RGB", (one.width + other.width, one.height))
    two.paste(one, (0, 0))
    two.paste(other.resize((other.width * 8 // 10, other.height * 8 // 10)), (one.width, 100))
    save("face_two.jpg", two)
    third = Image.open(os.path.join(neutral, "038_03.jpg")).convert("RGB")
    far = Image.new("RGB", (third.width * 5 // 4, third.height * 5 // 4), (90, 110, 120))
    far.paste(third, (third.width // 8, third.height // 8))
    save("face_far.jpg", far)
    save("face_dark.jpg", ImageEnhance.Brightness(one).enhance(0.12))
    save("face_over.jpg", ImageEnhance.Brightness(one).enhance(2.6))
    save("face_blurred.jpg", one.filter(ImageFilter.GaussianBlur(9)))
    save("face_grey.jpg", ImageOps.grayscale(one))
    return True


def make_all(folder, samples, data):
    """True when the faces could be made too."""
    make_files(folder, os.path.join(samples, "closeup_before.jpg"))
    make_closeups(folder, os.path.join(samples, "closeup_before.jpg"),
                  os.path.join(samples, "closeup_after.jpg"))
    return make_faces(folder, data)
