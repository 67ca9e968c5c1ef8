#!/usr/bin/env python3
"""Every shipped letter in Debian's chromium, as `kulanz preview` writes it.

    letter_browser_test.py KULANZ [FOLDER]     keeps screenshots in FOLDER (else ./letter-screenshots)

Each letter in each language is opened as wide as a mail client shows it and on small phones, light and dark. Ends
with 77, loudly, where chromium is not installed.
"""

import email
import email.policy
import pathlib
import subprocess
import sys
import tempfile

from browser import DARK, LIGHT, browse, check_png, framed, measure, require_browser

RULES = pathlib.Path(__file__).resolve().parents[2] / "rules"
VIEWS = (("light", 700, LIGHT), ("dark", 700, DARK), ("phone", 390, LIGHT), ("small-phone-dark", 320, DARK))


def shipped():
    for folder in sorted((RULES / "messages").iterdir()):
        if folder.is_dir() and folder.name != "shared":
            for locale in sorted(folder.iterdir()):
                if locale.is_dir():
                    yield folder.name, locale.name


def preview(kulanz, message, locale, folder):
    done = subprocess.run([kulanz, "preview", message, "--rules", RULES, "--locale", locale, "--out", folder,
                           "--company-name", "Nordlicht Versand GmbH", "--company-address",
                           "Hafenstraße 1, 20457 Hamburg", "--company-url", "https://shop.example"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode()


def check_mail(path, page):
    """The mail says the same as the page and the text beside it."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    problems = []
    if mail.defects or mail.get_content_type() != "multipart/alternative":
        problems.append(f"the mail is broken: {mail.get_content_type()} {mail.defects}")
        return problems
    html = mail.get_body(("html",)).get_content().replace("\r\n", "\n")
    if html.strip() != page.read_text(encoding="utf-8").strip():
        problems.append("the mail's HTML is not the page")
    return problems


def check_letter(browser, kulanz, message, locale, folder, shots):
    """Yields (what was looked at, its problems)."""
    status, output = preview(kulanz, message, locale, folder)
    name = f"{message}.{locale}"
    page = folder / f"{name}.html"
    if status != 0 or not page.exists():
        yield name, [f"kulanz preview ended with {status}: {output}"]
        return
    yield f"{name}, mail", check_mail(folder / f"{name}.eml", page)
    for view, width, scheme in VIEWS:
        result = measure(browser, folder, page, width, scheme)
        problems = list(result["problems"])
        if result["texts"] < 8:
            problems.append(f"only {result['texts']} texts are seen")
        if result["fetched"]:
            problems.append(f"fetched {result['fetched']}")
        if (result["paper"] < 0.2) != ("dark" in view):
            problems.append(f"the paper's luminance is {result['paper']:.2f}")
        yield f"{name}, {view}", problems
        picture, window = shots / f"{name}-{view}.png", max(width, 600)
        browse(browser, framed(folder, page, width, False).as_uri(), scheme, f"--window-size={window},1100",
               f"--screenshot={picture}")
        yield f"{name}, picture {view}", check_png(picture, window)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    browser = require_browser("the letters")
    shots = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "letter-screenshots").resolve()
    shots.mkdir(parents=True, exist_ok=True)
    seen, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for message, locale in shipped():
            seen += 1
            for what, problems in check_letter(browser, sys.argv[1], message, locale, pathlib.Path(folder), shots):
                print(f"{'FAILED' if problems else 'ok'}: {what}")
                for problem in problems:
                    print(f"    {problem}")
                failed += 1 if problems else 0
    print(f"{seen} letters; pictures are in {shots}")
    sys.exit(1 if failed or seen < 6 else 0)


if __name__ == "__main__":
    main()
