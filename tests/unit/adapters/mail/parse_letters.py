#!/usr/bin/env python3
"""Reads letters back with Python's own e-mail parser and compares every header and both bodies.

    parse_letters.py FOLDER     with NAME.eml, NAME.txt, NAME.html and NAME.expected (header: value)

An independent reader: what it decodes is what customers' mail programs decode.
"""

import email
import email.header
import email.policy
import email.utils
import pathlib
import sys


def unflow(text):
    """RFC 3676: joins the lines of each paragraph."""
    out, paragraph = [], ""
    for line in text.split("\n"):
        if line.startswith(" "):
            line = line[1:]
        paragraph += line
        if not line.endswith(" ") or line == "-- ":
            out.append(paragraph)
            paragraph = ""
    return "\n".join(out + ([paragraph] if paragraph else []))


def squeezed(text):
    """Without runs of empty lines and blanks at the ends of lines, which flowing takes out."""
    lines = [line.rstrip(" ") for line in text.split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i > 0 and lines[i - 1])]
    return "\n".join(kept).strip("\n")


def name_in(raw, header):
    """The display name, read the old way: the new parser of some Python versions puts a blank between two
    encoded words of a name, which RFC 2047, section 6.2, forbids."""
    unfolded = email.message_from_bytes(raw)[header].replace("\r\n", "")
    phrase = email.utils.parseaddr(unfolded)[0]
    return str(email.header.make_header(email.header.decode_header(phrase)))


def problems_of(folder, name):
    raw = (folder / f"{name}.eml").read_bytes()
    expected = dict(line.split(": ", 1) for line in
                    (folder / f"{name}.expected").read_text("utf-8").split("\n") if line)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    problems = []

    def check(what, got, wanted):
        if got != wanted:
            at = next((i for i, (a, b) in enumerate(zip(str(got), str(wanted))) if a != b), 0)
            shown = slice(max(0, at - 30), at + 50)
            problems.append(f"{name}: {what} is ...{str(got)[shown]!r}, not ...{str(wanted)[shown]!r}")

    check("defects", [str(d) for part in message.walk() for d in part.defects], [])
    check("a line over 998 bytes", max(len(line) for line in raw.split(b"\r\n")) > 998, False)
    check("a bare line end", raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"), 0)
    check("8-bit bytes", max(raw) > 126, False)
    for header in ["From", "Reply-To", "To"]:
        addresses = message[header].addresses
        check(f"{header} count", len(addresses), 1)
        check(f"{header} name", name_in(raw, header), expected[f"{header} name"])
        check(f"{header} address", addresses[0].addr_spec, expected[f"{header} address"])
    for header in ["Subject", "Message-ID", "Content-Language", "X-Kulanz-Incident"]:
        check(header, str(message[header]), expected[header])
    check("Date", message["Date"].datetime.isoformat(), expected["Date"])
    check("Auto-Submitted", message["Auto-Submitted"], "auto-generated")
    check("MIME-Version", message["MIME-Version"], "1.0")
    check("headers", len(message.keys()), 11)
    for defect in [d for key in message.keys() for d in message[key].defects]:
        problems.append(f"{name}: a header's defect: {defect}")

    check("type", message.get_content_type(), "multipart/alternative")
    parts = list(message.iter_parts())
    check("parts", [part.get_content_type() for part in parts], ["text/plain", "text/html"])
    check("flowed", parts[0].get_param("format"), "flowed")
    check("charsets", [part.get_content_charset() for part in parts], ["utf-8", "utf-8"])
    bodies = [part.get_content().replace("\r\n", "\n") for part in parts]
    text = (folder / f"{name}.txt").read_text("utf-8")
    check("text", squeezed(unflow(bodies[0])), squeezed(text))
    check("lines that are too long",
          [line for line in bodies[0].split("\n") if len(line) > 74 and " " in line.strip()], [])
    html = (folder / f"{name}.html").read_text("utf-8")
    check("html", bodies[1].rstrip("\n"), html.rstrip("\n"))
    return problems


def main():
    folder = pathlib.Path(sys.argv[1])
    names = sorted(path.stem for path in folder.glob("*.eml"))
    problems = [problem for name in names for problem in problems_of(folder, name)]
    print("\n".join(problems) or f"{len(names)} letters read back as they were written")
    return 1 if problems or not names else 0


if __name__ == "__main__":
    sys.exit(main())
