"""As much of kustomize as deploy/kubernetes uses, so that the manifests are tested where there is none.

Resources, components, namespace, configMapGenerator with files, JSON patches. Anything else in a
kustomization is an error, so that nothing is left out silently. Where kustomize or kubectl is installed,
manifests_test.py compares the two.
"""

import copy
import hashlib
import json
import pathlib

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "components", "configMapGenerator", "patches"}
CLUSTER_WIDE = {"Namespace"}
# Of a ConfigMap whose name is to end with its hash, until it does.
HASHED = "a hash belongs to the name"


class Loader(yaml.SafeLoader):
    """YAML that refuses a key that stands twice."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"{node.start_mark}: key {key!r} stands twice")
        return super().construct_mapping(node, deep)


def load(text):
    return [document for document in yaml.load_all(text, Loader=Loader) if document is not None]


def render(folder):
    """All objects of an overlay, as kustomize would write them, without their order."""
    objects = []
    apply(pathlib.Path(folder).resolve(), objects)
    add_hashes(objects)
    return objects


def apply(folder, objects):
    (kustomization,) = load((folder / "kustomization.yaml").read_text())
    unknown = set(kustomization) - KNOWN
    if unknown:
        raise ValueError(f"{folder}: this renderer does not know {sorted(unknown)}")
    for resource in kustomization.get("resources", []):
        path = folder / resource
        if path.is_dir():
            apply(path.resolve(), objects)
        else:
            objects += load(path.read_text())
    for component in kustomization.get("components", []):
        apply((folder / component).resolve(), objects)
    for generator in kustomization.get("configMapGenerator", []):
        objects.append(config_map(folder, generator))
    for patch in kustomization.get("patches", []):
        apply_patch(patch, objects)
    if "namespace" in kustomization:
        for one in objects:
            if one["kind"] not in CLUSTER_WIDE:
                one["metadata"]["namespace"] = kustomization["namespace"]


def config_map(folder, generator):
    hashed = "options" not in generator
    if generator.get("options", {"disableNameSuffixHash": True}) != {"disableNameSuffixHash": True} or (
            set(generator) - {"options"} != {"name", "files"}):
        raise ValueError(f"{folder}: this renderer knows generators of files, with hash or without")
    data = {}
    for entry in generator["files"]:
        key, path = entry.split("=", 1) if "=" in entry else (pathlib.PurePath(entry).name, entry)
        data[key] = (folder / path).read_text()
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"], HASHED: hashed}, "data": data}


def add_hashes(objects):
    """Names of ConfigMaps end with a hash of their data, as kustomize makes it, and volumes name them so."""
    renamed = {}
    for one in objects:
        if one["metadata"].pop(HASHED, False):
            name = one["metadata"]["name"]
            said = json.dumps({"kind": "ConfigMap", "name": "", "data": one["data"]}, sort_keys=True,  # really no name
                              separators=(",", ":"), ensure_ascii=False)
            for letter in "<>&\u2028\u2029":  # as Go writes JSON
                said = said.replace(letter, f"\\u{ord(letter):04x}")
            digits = hashlib.sha256(said.encode()).hexdigest()[:10]
            renamed[name] = name + "-" + digits.translate(str.maketrans("013ae", "ghkmt"))
            one["metadata"]["name"] = renamed[name]
    for one in objects:
        for volume in one["spec"]["template"]["spec"]["volumes"] if one["kind"] == "Deployment" else ():
            if volume.get("configMap", {}).get("name") in renamed:
                volume["configMap"]["name"] = renamed[volume["configMap"]["name"]]


def apply_patch(patch, objects):
    target = patch["target"]
    found = [one for one in objects if one["kind"] == target["kind"] and one["metadata"]["name"] == target["name"]]
    if not found or set(target) != {"kind", "name"}:
        raise ValueError(f"nothing to patch, or more than kind and name: {target}")
    (operations,) = load(patch["patch"])
    for one in found:
        for operation in operations:
            apply_operation(one, operation)


def apply_operation(one, operation):
    """One operation of RFC 6902: add or replace."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    place = one
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    value = copy.deepcopy(operation["value"])
    if isinstance(place, list):
        if operation["op"] == "add":
            place.insert(len(place) if last == "-" else int(last), value)
            return
        last = int(last)
    if operation["op"] == "replace":
        place[last]  # must be there
    elif operation["op"] != "add":
        raise ValueError(f"this renderer does not know the operation {operation['op']}")
    place[last] = value
