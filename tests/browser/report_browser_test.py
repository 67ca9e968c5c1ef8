#!/usr/bin/env python3
"""The reports of `kulanz simulate` and `kulanz diff` in Debian's chromium.

    report_browser_test.py KULANZ [FOLDER]     keeps screenshots and PDFs in FOLDER (else ./report-screenshots)

Each report is opened light, dark, on a phone and for print, measured and photographed (browser.py). Ends with
77, loudly, where chromium is not installed.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from browser import DARK, LIGHT, browse, check_png, framed, measure, require_browser

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "report"
REPORTS = {
    "simulate": ["simulate", "rules"],
    "diff": ["diff", "rules", "stricter"],
}
DESKTOP, PHONE = 1200, 390


def check_measures(result, width, is_dark):
    problems = list(result["problems"])
    if result["width"] != width:
        problems.append(f"measured at {result['width']}, not {width}")
    if result["charts"] < 2 or result["texts"] < 50:
        problems.append(f"only {result['charts']} charts and {result['texts']} texts are seen")
    if result["fetched"]:
        problems.append(f"fetched {result['fetched']}")
    if (result["paper"] < 0.2) != is_dark:
        problems.append(f"the paper's luminance is {result['paper']:.2f}")
    return problems


def check_pdf(path):
    data = path.read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", data))
    return [] if data.startswith(b"%PDF-") and 2 <= pages <= 12 else [f"a PDF of {pages} pages"]


def check_report(browser, kulanz, name, arguments, folder, shots):
    """Yields (what was looked at, its problems)."""
    report = folder / f"{name}.html"
    subprocess.run([kulanz, *arguments, "--incidents", "incidents.csv", "--map", "map.yaml", "--report", report],
                   cwd=GOLDEN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if 'http-equiv="Content-Security-Policy"' not in report.read_text(encoding="utf-8"):
        yield name, ["the report has no Content-Security-Policy"]
    for view, width, scheme in (("light", DESKTOP, LIGHT), ("dark", DESKTOP, DARK), ("phone", PHONE, LIGHT),
                                ("phone-dark", PHONE, DARK)):
        result = measure(browser, folder, report, width, scheme)
        yield f"{name}, {view}", check_measures(result, width, "dark" in view)
        picture = shots / f"{name}-{view}.png"
        window = max(width, 600)
        page = report.as_uri() if width == DESKTOP else framed(folder, report, width, False).as_uri()
        browse(browser, page, scheme, f"--window-size={window},3600", f"--screenshot={picture}")
        yield f"{name}, picture {view}", check_png(picture, window)
    pdf = shots / f"{name}-print.pdf"
    browse(browser, report.as_uri(), DARK, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    yield f"{name}, print", check_pdf(pdf)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    browser = require_browser("the reports")
    shots = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "report-screenshots").resolve()
    shots.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in REPORTS.items():
            for what, problems in check_report(browser, sys.argv[1], name, arguments, pathlib.Path(folder), shots):
                print(f"{'FAILED' if problems else 'ok'}: {what}")
                for problem in problems:
                    print(f"    {problem}")
                failed += 1 if problems else 0
    print(f"pictures are in {shots}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
