"""The examples of a language, made ready to run in a copy of what a checkout has: `prepare` gives {example: command}."""

import os
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
    return {"python": python, "node": node, "go": go}[language](folder, build)

def python(folder, _):
    subprocess.run([folder / "generate"], check=True)
    return lambda example: ["/usr/bin/python3", "-B", folder / f"{example}.py"]

def node(folder, build):
    modules = build / "tests/npm/examples/node_modules"
    if shutil.which("node") is None or not modules.is_dir():
        running.skip("node or its packages are not here (the test npm_examples fetches them)")
    (folder / "node_modules").symlink_to(modules)
    return lambda example: ["node", folder / f"{example}.mjs"]


def go(folder, build):
    for tool in ("go", "protoc-gen-go", "protoc-gen-go-grpc"):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not here; the clients in Go were not even compiled")
            raise SystemExit(77)
    out = build / "tests/go"
    cache = {"GOCACHE": str(out / "cache"), "HOME": os.environ.get("HOME", str(out))}
    subprocess.run([folder / "build", out], check=True, env=os.environ | cache)
    # Versions before 1.40 want to be asked for the repetitions of the service config.
    return lambda example: ["env", "GRPC_GO_RETRY=on", out / "bin" / example]
