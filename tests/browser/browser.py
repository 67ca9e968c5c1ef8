"""Pages in Debian's chromium: opened as a person would, measured by a probe, and kept as pictures.

A copy of the page with a probe measures what a person would see: nothing overflows, labels do not overlap, text
has contrast, every chart is drawn once, nothing is fetched.
"""

import html
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"
SECONDS = 120  # for one start of the browser on a busy machine; nothing is decided by time

PROBE = r"""
<script>
addEventListener('load', () => {
  const problems = [];
  const shown = e => e.getClientRects().length > 0;
  const name = e => e.tagName + ' "' + (e.textContent || '').trim().slice(0, 40) + '"';
  const rgb = c => (c.match(/[\d.]+/g) || []).map(Number);
  const luminance = c => {
    const [r, g, b] = rgb(c).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const paper = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (rgb(c).length === 3 || rgb(c)[3] > 0) return c;
    }
    return 'rgb(255, 255, 255)';
  };
  if (document.documentElement.scrollWidth > innerWidth)
    problems.push('the page is ' + document.documentElement.scrollWidth + ' wide, the window ' + innerWidth);
  let texts = 0;
  for (const e of document.querySelectorAll('body *')) {
    if (!shown(e) || ['SCRIPT', 'title', 'desc', 'CAPTION'].includes(e.tagName)) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    ++texts;
    const style = getComputedStyle(e), inSvg = e.namespaceURI.endsWith('svg');
    const a = luminance(inSvg ? style.fill : style.color), b = luminance(paper(e));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) problems.push('contrast ' + contrast.toFixed(1) + ' of ' + name(e));
    const box = e.getBoundingClientRect();
    if (box.right > innerWidth + 1 && !e.closest('.scroll')) problems.push('beyond the edge: ' + name(e));
  }
  let charts = 0;
  for (const figure of document.querySelectorAll('figure')) {
    const drawings = [...figure.querySelectorAll(':scope > svg')].filter(shown);
    if (figure.querySelector(':scope > svg') && drawings.length !== 1)
      problems.push(drawings.length + ' drawings in ' + name(figure));
    if (!figure.textContent.trim()) problems.push('an empty figure');
    for (const svg of drawings) {
      ++charts;
      const frame = svg.getBoundingClientRect();
      const scale = frame.width / svg.viewBox.baseVal.width;
      if (12 * scale < 10) problems.push('text of ' + (12 * scale).toFixed(1) + ' pixels in ' + name(figure));
      if (!svg.querySelector('rect')) problems.push('no mark in ' + name(figure));
      const labels = [...svg.querySelectorAll('text')].map(e => [e, e.getBoundingClientRect()]);
      for (const [e, box] of labels)
        if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.bottom > frame.bottom + 2)
          problems.push('a label leaves its chart: ' + name(e));
      for (let i = 0; i < labels.length; ++i)
        for (let j = i + 1; j < labels.length; ++j) {
          const [a, b] = [labels[i][1], labels[j][1]];
          if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
              Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
            problems.push('labels overlap: ' + name(labels[i][0]) + ' and ' + name(labels[j][0]));
        }
    }
  }
  for (const table of document.querySelectorAll('table'))
    if (!table.querySelector('tbody tr')) problems.push('an empty table: ' + name(table));
  for (const svg of document.querySelectorAll('svg[role=img]'))
    if (!svg.querySelector('title').textContent || !svg.querySelector('desc').textContent)
      problems.push('a chart without words');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) problems.push('an id stands there twice');
  const result = {width: innerWidth, texts, charts, problems: [...new Set(problems)].slice(0, 20),
                  paper: luminance(paper(document.body)),
                  fetched: performance.getEntriesByType('resource').map(e => e.name)};
  parent.postMessage(JSON.stringify(result), '*');
});
</script>
"""

# The page that holds the probed one at exactly the width of a device.
FRAME = """<!DOCTYPE html><html><body style="margin:0">
<script>addEventListener('message', e => {
  const out = document.createElement('pre'); out.id = 'probe'; out.textContent = e.data; document.body.append(out);
});</script>
<iframe src="REPORT" style="border:0;width:WIDTHpx;height:9000px"></iframe></body></html>
"""


class Failure(Exception):
    pass


def find_browser():
    for name in ("chromium", "chromium-browser"):
        if path := shutil.which(name):
            return path
    return None


def browse(browser, url, *flags):
    """What the browser printed; always with a profile of its own, and with no network of its own accord."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--hide-scrollbars", f"--user-data-dir={profile}", *flags, url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise Failure(f"{browser} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode(errors="replace")


def framed(folder, report, width, probe):
    """A page that shows `report` at `width`, with the probe or as it is."""
    text = report.read_text(encoding="utf-8")
    if probe:
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)  # it forbids the probe
        text = text.replace("</body>", PROBE + "</body>")
    inner = folder / f"{report.stem}-{width}-{'probe' if probe else 'plain'}.html"
    inner.write_text(text, encoding="utf-8")
    outer = folder / f"frame-{inner.name}"
    outer.write_text(FRAME.replace("REPORT", inner.as_uri()).replace("WIDTH", str(width)), encoding="utf-8")
    return outer


def measure(browser, folder, report, width, scheme):
    page = framed(folder, report, width, True)
    dom = browse(browser, page.as_uri(), scheme, f"--window-size={max(width, 600)},1200",
                 "--virtual-time-budget=5000", "--dump-dom")
    match = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.DOTALL)
    if not match:
        raise Failure("the probe said nothing; the page may not have loaded")
    return json.loads(html.unescape(match.group(1)))


def check_png(path, width):
    data = path.read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return ["no PNG"]
    at, pixels, size = 8, b"", (0, 0)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            size = struct.unpack(">II", data[at + 8:at + 16])
        elif kind == b"IDAT":
            pixels += data[at + 8:at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(pixels)
    stride = len(raw) // size[1]
    rows = {raw[i * stride:(i + 1) * stride] for i in range(size[1])}
    problems = [] if size[0] == width else [f"{size[0]} pixels wide, not {width}"]
    return problems + ([] if len(rows) > 200 else [f"a picture of {len(rows)} different rows is empty"])


def require_browser(what):
    """The browser; without one the test is skipped, loudly."""
    browser = find_browser()
    if browser is None:
        print(f"SKIPPED: chromium is not installed; nobody has looked at {what} "
              "(deploy/install-dependencies --tests installs it)", file=sys.stderr)
        sys.exit(77)
    return browser
