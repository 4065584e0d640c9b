#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The report pages from outside.

  report.py PROGRAM [PAGE.html...]

Pages of an analysis, of two comparable photos, of two that are not, of a series, and of documents
with hostile names: well-formed, nothing that a browser would fetch, one script and one style sheet and both by
their hash, every metric of the document on them; the same bytes on a second run and from the stored
document; an output that cannot be written gives 73 and leaves nothing behind. With pages named,
those are checked for form alone.
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

from PIL import Image

import run as e2e

VOID = {"meta", "br", "img", "input", "link", "hr"}
MOST_BYTES = 3 << 20
BEFORE, AFTER = (os.path.join(e2e.SAMPLES, "closeup_%s.jpg" % s) for s in ("before", "after"))
CLOSEUP = ["--site", "body", "--px-per-mm", "10"]
HOSTILE = ["</script><script>alert(1)</script>.jpg", "\"onerror=\"alert(1).jpg", "a'b<b>&amp;.jpg",
           "\u202egpj.exe", "<!--", "javascript:alert(1)", "{{7*7}}%s%n.jpg", "]]>&#x3c;"]
failures = []


def expect(what, right, found=""):
    if not right:
        failures.append(what)
        print("FAILED %s %s" % (what, found))


class Page(HTMLParser):
    """Reads a page as strictly as it was written: every element is closed, in order."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.errors, self.tags, self.ids = [], [], [], []
        self.attributes, self.words, self.own = [], [], {"script": [], "style": []}
        self.feed(html)
        self.close()
        if self.open:
            self.errors.append("never closed: %s" % self.open)

    def handle_starttag(self, tag, attrs):
        if len({name for name, _ in attrs}) != len(attrs):
            self.errors.append("an attribute twice in %s" % tag)
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append("</%s> out of order, line %d" % (tag, self.getpos()[0]))

    def handle_data(self, data):
        if self.open and self.open[-1] in self.own:
            self.own[self.open[-1]].append(data)
        else:
            self.words.append(data)

    def text(self):
        return " ".join("".join(self.words).split())


def policy_of(page):
    return next(value for tag, name, value in page.attributes
                if tag == "meta" and name == "content" and "default-src" in value)


def check_form(name, html):
    page = Page(html)
    expect("%s: well-formed" % name, not page.errors, page.errors[:3])
    expect("%s: ids are unique" % name, len(set(page.ids)) == len(page.ids))
    expect("%s: says its language" % name, ("html", "lang", "en") in page.attributes)
    for tag in ("header", "main", "footer", "h1"):
        expect("%s: one %s" % (name, tag), page.tags.count(tag) == 1)
    fetched = [(t, n, v[:60]) for t, n, v in page.attributes
               if n in ("src", "href", "srcset", "action", "data", "poster", "background")
               and not v.startswith("data:image/") and not v.startswith("#")]
    expect("%s: nothing is fetched" % name, not fetched, fetched)
    expect("%s: no address in the style" % name,
           not re.search(r"url\(|@import|//", "".join(page.own["style"])))
    handlers = [(t, n) for t, n, _ in page.attributes if n.startswith("on") or n == "style"]
    expect("%s: no handlers and no inline style" % name, not handlers, handlers)
    for tag in ("script", "style"):
        body = "".join(page.own[tag])
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        expect("%s: one %s, named by its hash" % (name, tag),
               page.tags.count(tag) == 1 and "%s-src 'sha256-%s'" % (tag, digest) in policy_of(page))
    expect("%s: nothing else is allowed" % name, "default-src 'none'" in policy_of(page)
           and "unsafe" not in policy_of(page))
    labels = {v for _, n, v in page.attributes if n == "aria-labelledby"}
    expect("%s: labels exist" % name, labels <= set(page.ids), labels - set(page.ids))
    expect("%s: pictures have a text" % name,
           page.tags.count("img") == sum(t == "img" and n == "alt" for t, n, _ in page.attributes))
    expect("%s: below 3 MiB" % name, len(html.encode()) < MOST_BYTES, len(html))
    return page


def figure(value):
    """A number as the page writes it: four significant digits, halves up, never with an exponent."""
    places = max(0, 3 - int(("%e" % value).split("e")[1])) if value else 0
    text = str(Decimal(repr(abs(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("\u2212" if value < 0 else "") + (text or "0")


def check_content(name, document, page):
    text = page.text()
    for row in document["metrics"]:
        expect("%s: %s is on it" % (name, row["metric"]), row["metric"] in text)
        if row["status"] != "measured":
            expect("%s: why %s is not measured" % (name, row["metric"]), row["text"] in text)
            continue
        value = row["change"]["value"] if "change" in row else row["value"]
        expect("%s: the value of %s" % (name, row["metric"]), figure(value) in text, figure(value))
    for photo in document["photos"]:
        expect("%s: hash of %s" % (name, photo["id"]), photo["sha256"] in text)
    expect("%s: is no diagnosis" % name, "not a diagnosis" in text)


class Reports:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *args, code=0):
        done = subprocess.run([self.program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=e2e.TIMEOUT_S)
        expect("exit code of %s" % (args[:2],), done.returncode == code,
               "%d: %s" % (done.returncode, done.stderr.decode()[-200:]))
        return done

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def make(self, name, *args):
        """Document and page of a job; both again, and the page from the stored document."""
        outputs = ["--overlay", self.path(name + ".pictures"), "-q"]
        self.run(*args, *outputs, "--report", self.path(name + ".html"),
                 "-o", self.path(name + ".json"))
        self.run(*args, "-q", "--threads", "1", "--report", self.path("again.html"),
                 "-o", self.path("again.json"))
        self.run("report", self.path(name + ".json"), "--overlay", self.path(name + ".pictures"),
                 "-o", self.path("stored.html"))
        html = self.read(name + ".html")
        expect("%s: the same page on a second run" % name, html == self.read("again.html"))
        expect("%s: the same page of the stored document" % name, html == self.read("stored.html"))
        document = json.loads(self.read(name + ".json"))
        page = check_form(name, html)
        check_content(name, document, page)
        return document, page

    def of_document(self, document):
        """The page of a document, by way of standard input and output."""
        done = subprocess.run([self.program, "report", "-"], input=json.dumps(document).encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        expect("a page of a document", done.returncode == 0, done.stderr)
        return done.stdout.decode()


def check_comparison(reports):
    document, page = reports.make("comparison", "compare", BEFORE, AFTER, *CLOSEUP,
                                  "--followup-px-per-mm", "10.4")
    text = page.text()
    expect("comparison: pictures", page.tags.count("img") >= 5)
    expect("comparison: a slider", ("input", "type", "range") in page.attributes)
    expect("comparison: may be compared", "These photos can be compared" in text)
    expect("comparison: a chart", ("path", "class", "zero") in page.attributes)
    alone = Page(reports.of_document(document))
    expect("without pictures it says why", "made from the document alone" in alone.text()
           and "img" not in alone.tags)
    return document


def check_refusal(reports):
    noise = reports.path("noise.png")
    Image.effect_noise((640, 480), 60).convert("RGB").save(noise)
    document, page = reports.make("refusal", "compare", BEFORE, noise, *CLOSEUP)
    expect("refusal: is one", document["comparability"]["verdict"] == "not_comparable")
    text = page.text()
    expect("refusal: comes first", -1 < text.find("These photos cannot be compared")
           < text.find("What changed"))
    expect("refusal: no verdict", not re.search(r"\bImproved\b|\bWorsened\b", text))


def check_face(reports):
    folder = os.path.join(e2e.DATA, "faces", "frll")
    photo = os.path.join(folder, "neutral", "008_03.jpg")
    if not os.path.exists(photo):
        print("faces are not there: pages of faces are not tested")
        return
    _, page = reports.make("face", "analyze", photo, "--eye-bar")
    expect("face: regions in plain words", "around the left eye" in page.text())


def check_record(reports, document):
    record = {"schema": "dermetry/study-row/1", "status": "done", "comparison": document}
    expect("a study's record has the page of its comparison",
           reports.of_document(record) == reports.of_document(document))


def check_broken(reports, document):
    """A document of which a part is lost has no page that looks whole."""
    reports.run("report", reports.folder, code=66)
    for lost in ("photos", "metrics", "summary", "provenance", None):
        broken = {key: value for key, value in document.items() if key == "schema" or lost and key != lost}
        with open(reports.path("broken.json"), "w", encoding="utf-8") as file:
            json.dump(broken, file)
        done = reports.run("report", reports.path("broken.json"), code=65)
        expect("broken: names the file", b"broken.json lacks" in done.stderr, done.stderr)


def check_series(reports):
    manifest = os.path.join(e2e.SAMPLES, "series", "manifest.csv")
    reports.run("series", manifest, "--site", "body", "-q", "--report", reports.path("series.html"),
                "-o", reports.path("series.json"))
    html, document = reports.read("series.html"), json.loads(reports.read("series.json"))
    expect("series: the same page of the stored document", html == reports.of_document(document))
    page = check_form("series", html)
    check_content("series", document, page)
    expect("series: a chart of every concern with a change", page.attributes.count(
        ("path", "class", "trend")) >= len({r["concern"] for r in document["summary"]
                                            if r["verdict"] != "not_comparable"}))


def check_injection(reports, document):
    for name in HOSTILE:
        copy = json.loads(json.dumps(document))
        for photo in copy["photos"]:
            photo.update(file=name, colour_space=name, captured_at=name)
            photo["camera"].update(make=name)
        for row in copy["metrics"] + copy["summary"]:
            row.update(metric=row["metric"] + name, verdict=name, unit=name, region=name)
        copy["comparability"] = {"verdict": "limited", "reasons": [
            {"code": name, "severity": "fail", "quantity": name, "measured": 1, "limit": 2,
             "concerns": [name], "regions": [name], "text": name}]}
        copy["provenance"].update(program=name, version=name, configuration_sha256=name)
        html = reports.of_document(copy)
        page = check_form("hostile name %r" % name, html)
        shown = name.replace("\u202e", "\ufffd")
        expect("hostile name %r: shown as it is" % name, " ".join(shown.split()) in page.text())
        expect("hostile name %r: turns no text around" % name, "\u202e" not in html)


def check_outputs(reports):
    nowhere = reports.path("nowhere/visit.html")
    before = e2e.snapshot(reports.folder)
    compare = ["compare", BEFORE, AFTER, *CLOSEUP, "-q"]
    done = reports.run(*compare, "--report", nowhere, code=73)
    expect("names the file", b"visit.html" in done.stderr, done.stderr)
    reports.run("report", reports.path("comparison.json"), "-o", nowhere, code=73)
    reports.run("report", reports.path("comparison.json"), "-o", reports.folder, code=73)
    reports.run("report", reports.path("missing.json"), code=66)
    reports.run("report", BEFORE, code=65)
    reports.run("report", code=64)
    reports.run("report", reports.path("comparison.json"), "--overlay", reports.path("nowhere"),
                "-o", reports.path("x.html"), code=66)
    reports.run("report", reports.path("comparison.json"), "--overlay",
                reports.path("refusal.pictures"), "-o", reports.path("x.html"), code=65)
    reports.run(*compare, "--report", "-", code=64)
    reports.run("analyze", BEFORE, AFTER, "--report", reports.path("x.html"), code=64)
    expect("nothing is left behind", e2e.snapshot(reports.folder) == before)


def main():
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            check_form(os.path.basename(path), f.read())
    if len(sys.argv) == 2:
        with tempfile.TemporaryDirectory() as folder:
            reports = Reports(sys.argv[1], folder)
            document = check_comparison(reports)
            check_refusal(reports)
            check_face(reports)
            check_record(reports, document)
            check_broken(reports, document)
            check_series(reports)
            check_injection(reports, document)
            check_outputs(reports)
    print("report: %s" % ("%d failures" % len(failures) if failures else "all pages as they should be"))
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
