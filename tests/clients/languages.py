"""The examples of a language, made ready to run in a copy of what a checkout has: `prepare` gives {example: command}."""

import pathlib
import shutil
import subprocess

import running

ROOT = pathlib.Path(__file__).resolve().parents[2]


def prepare(language, home, build):
    """example -> the words of its command. Ends the test as skipped where the language is missing."""
    for name in ("proto", "deploy"):
        (home / name).symlink_to(ROOT / name)
    folder = home / "examples" / language
    shutil.copytree(ROOT / "examples" / language, folder, ignore=shutil.ignore_patterns("stubs", "node_modules"))
    return {"python": python, "node": node}[language](folder, build)

def python(folder, _):
    subprocess.run([folder / "generate"], check=True)
    return lambda example: ["/usr/bin/python3", "-B", folder / f"{example}.py"]

def node(folder, build):
    modules = build / "tests/npm/examples/node_modules"
    if shutil.which("node") is None or not modules.is_dir():
        running.skip("node or its packages are not here (the test npm_examples fetches them)")
    (folder / "node_modules").symlink_to(modules)
    return lambda example: ["node", folder / f"{example}.mjs"]
