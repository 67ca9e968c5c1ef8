"""kulanzd's options as a container has them: those of its file, under those that it is started with."""

import pathlib
import subprocess

import kustomize


def text(value):
    """As a flag has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(text, value)) if isinstance(value, list) else str(value)


def of_file(content):
    """{flag: value} of a kulanz.yaml."""
    (read,) = kustomize.load(content)
    return {"--" + key.replace("_", "-"): text(value) for key, value in read.items()}


def of_command(words, read_file):
    """{flag: value}; `read_file` gives the text of what --config names, by its path in the container."""
    given = dict(word.partition("=")[::2] for word in words)
    return {**(of_file(read_file(given["--config"])) if "--config" in given else {}), **given}


def of_container(container, objects, volumes):
    """{flag: value} of a pod's container, whose configuration is in a ConfigMap."""
    maps = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap"}
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    sources = {volume["name"]: volume.get("configMap", {}).get("name") for volume in volumes}

    def read(path):
        folder, _, key = path.rpartition("/")
        return maps.get(sources.get(mounts.get(folder)), {}).get(key, "{}")
    return of_command(container["args"], read)


def ask(kulanzd, file, question):
    return subprocess.run([kulanzd, "--config", pathlib.Path(file), question], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin"})


def check(kulanzd, file):
    """kulanzd's own word on a file: (exit status, what it says), whatever variables there are here."""
    run = ask(kulanzd, file, "--check-config")
    return run.returncode, run.stdout + run.stderr


def printed(kulanzd, file):
    """What is in force with a file, as kulanzd prints it: the text of a kulanz.yaml."""
    run = ask(kulanzd, file, "--print-config")
    run.check_returncode()
    return run.stdout
