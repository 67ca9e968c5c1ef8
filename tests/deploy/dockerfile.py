"""Rules for deploy/Dockerfile, in hadolint's spirit: what makes an image large, privileged or different each time."""

import re
import shlex


def instructions(text):
    """(instruction, rest) with continued lines joined and comments left out."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def stages(text):
    """Per stage its name, its base and its instructions."""
    found = []
    for word, rest in instructions(text):
        if word == "FROM":
            parts = rest.split()
            found.append({"base": parts[0], "name": parts[2] if len(parts) == 3 else "", "body": []})
        elif found:
            found[-1]["body"].append((word, rest))
    return found


def violations(text, exists):
    """Everything that is wrong; `exists`: whether a path of the build's context is there."""
    found = stages(text)
    names = {stage["name"] for stage in found}
    arguments = dict(rest.split("=", 1) for word, rest in instructions(text) if word == "ARG" and "=" in rest)
    for stage in found:
        base = arguments.get(stage["base"].strip("${}"), stage["base"])
        if base not in names and (":" not in base or base.endswith(":latest")):
            yield f"FROM {base}: without a tag the image is another one tomorrow"
        yield from stage_violations(stage, names, exists)
    if not found or effective(found, "USER") in (None, "0", "0:0", "root"):
        yield "the last stage runs as root"
    entry = effective(found, "ENTRYPOINT") or ""
    if not entry.startswith("["):
        yield "ENTRYPOINT must be a list: a shell in between would swallow SIGTERM"
    for key in ("title", "licenses", "version", "revision", "created"):
        if not any(word == "LABEL" and f"org.opencontainers.image.{key}=" in rest
                   for stage in found for word, rest in stage["body"]):
            yield f"no label org.opencontainers.image.{key}"


def stage_violations(stage, names, exists):
    declared = set()
    for word, rest in stage["body"]:
        if word in ("ARG", "ENV"):
            declared.add(re.split("[= ]", rest)[0])
        for name in re.findall(r"\$\{(\w+)\}", rest) if word in ("RUN", "LABEL") else []:
            if name not in declared:
                yield f"{word}: ${{{name}}} is empty in a stage that does not declare it"
        if word in ("ADD", "MAINTAINER"):
            yield f"{word}: use COPY, or a label"
        if word == "COPY":
            words = shlex.split(rest)
            sources = [part for part in words[:-1] if not part.startswith("--")]
            origin = next((part[7:] for part in words if part.startswith("--from=")), None)
            if origin is not None and origin not in names:
                yield f"COPY --from={origin}: no such stage"
            for source in sources if origin is None else []:
                if not exists(source):
                    yield f"COPY {source}: not in the build's context"
        if word == "RUN" and "apt-get install" in rest:
            if "apt-get update" not in rest or "rm -rf /var/lib/apt/lists" not in rest:
                yield "RUN apt-get install: update before and remove the lists after, in one layer"
            if "--no-install-recommends" not in rest or "--yes" not in rest:
                yield "RUN apt-get install: needs --yes --no-install-recommends"
        if word == "RUN" and re.search(r"\b(sudo|curl|wget)\b", rest):
            yield "RUN: no sudo, and nothing from outside of the distribution"
        if word == "ENV" and re.search(r"(?i)secret|password|token", rest):
            yield "ENV: a secret would lie in the image"
        if word == "EXPOSE" and not all(re.fullmatch(r"[1-9]\d{0,4}", port) for port in rest.split()):
            yield f"EXPOSE {rest}"


def effective(found, wanted):
    """The last value of an instruction, seen from the last stage through those it is built on."""
    by_name = {stage["name"]: stage for stage in found}
    stage = found[-1] if found else None
    while stage:
        values = [rest for word, rest in stage["body"] if word == wanted]
        if values:
            return values[-1]
        stage = by_name.get(stage["base"]) if stage["base"] != stage["name"] else None
    return None


def runtime_packages(text):
    """What the stage `runtime` installs."""
    for stage in stages(text):
        if stage["name"] == "runtime":
            for word, rest in stage["body"]:
                match = re.search(r"--no-install-recommends\s+([^&]+)", rest)
                if word == "RUN" and match:
                    return set(match.group(1).split())
    return set()
