"""As much of kustomize as deploy/kubernetes uses, so that the manifests are tested where there is none.

Resources, components, namespace, configMapGenerator with files and without hash, JSON patches. Anything
else in a kustomization is an error, so that nothing is left out silently. Where kustomize or kubectl is
installed, manifests_test.py compares the two.
"""

import copy
import pathlib

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "components", "configMapGenerator", "patches"}
CLUSTER_WIDE = {"Namespace"}


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
    if generator.get("options") != {"disableNameSuffixHash": True} or set(generator) != {"name", "options", "files"}:
        raise ValueError(f"{folder}: this renderer knows generators of files, without hash")
    data = {}
    for entry in generator["files"]:
        key, path = entry.split("=", 1)
        data[key] = (folder / path).read_text()
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data}


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
