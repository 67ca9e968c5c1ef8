"""The kinds of objects that deploy/kubernetes uses, field by field: types, required fields, nothing unknown.

Only what is used, in our own words after the API's reference; a field that is not here is refused, whether
it exists in Kubernetes or not, so that a misspelled one never is silently without effect.

    str, int, bool   that type exactly          {"field": type, "!required": type}   an object
    [type]           a list, not empty          Map                                  names to strings
    OneOf(...)       one of these values        Either(a, b)                         one of these types
"""

import re


class OneOf:
    def __init__(self, *values):
        self.values = values


class Either:
    def __init__(self, *types):
        self.types = types


class Pattern:
    def __init__(self, pattern):
        self.pattern = re.compile(pattern)


Map = "map of strings"
DATA = "map of keys"
NAME = Pattern(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
PORT_NAME = Pattern(r"[a-z0-9-]{1,15}")
QUANTITY = Pattern(r"\d+(m|Ki|Mi|Gi)?")
DURATION = Pattern(r"(\d+(ms|s|m|h|d))+")
PORT = Either(int, PORT_NAME)

SELECTOR = {"!matchLabels": Map}
EXEC = {"!command": [str]}
PROBE = {"grpc": {"!port": int, "service": str}, "exec": EXEC, "periodSeconds": int, "timeoutSeconds": int,
         "failureThreshold": int, "initialDelaySeconds": int}
SECURITY = {"allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool, "privileged": bool,
            "capabilities": {"drop": [str], "add": [str]}, "runAsNonRoot": bool, "runAsUser": int,
            "seccompProfile": {"!type": OneOf("RuntimeDefault", "Localhost", "Unconfined")}}
CONTAINER = {
    "!name": NAME, "!image": Pattern(r"[\w./-]+:[\w.-]+"), "!args": [str],
    "!ports": [{"!name": PORT_NAME, "!containerPort": int, "protocol": OneOf("TCP", "UDP")}],
    "startupProbe": PROBE, "!livenessProbe": PROBE, "!readinessProbe": PROBE, "!lifecycle": {"preStop": {"exec": EXEC}},
    "!securityContext": SECURITY,
    "!resources": {"!requests": {"!cpu": QUANTITY, "!memory": QUANTITY}, "!limits": {"!memory": QUANTITY}},
    "!volumeMounts": [{"!name": NAME, "!mountPath": Pattern(r"(/[\w.-]+)+"), "readOnly": bool}],
}
ITEMS = [{"!key": Pattern(r"[-._a-zA-Z0-9]+"), "!path": Pattern(r"(?!/)(?!.*\.\.)[\w./-]+")}]
VOLUME = {"!name": NAME, "emptyDir": {"sizeLimit": QUANTITY},
          "configMap": {"!name": NAME, "items": ITEMS, "defaultMode": int},
          "secret": {"!secretName": NAME, "items": ITEMS, "!defaultMode": int},
          "persistentVolumeClaim": {"!claimName": NAME}}
POD = {
    "!serviceAccountName": NAME, "!automountServiceAccountToken": bool, "enableServiceLinks": bool,
    "!terminationGracePeriodSeconds": int,
    "!securityContext": {"runAsNonRoot": bool, "runAsUser": int, "runAsGroup": int, "fsGroup": int,
                         "fsGroupChangePolicy": OneOf("OnRootMismatch", "Always"),
                         "seccompProfile": SECURITY["seccompProfile"]},
    "topologySpreadConstraints": [{"!maxSkew": int, "!topologyKey": str, "!labelSelector": SELECTOR,
                                   "!whenUnsatisfiable": OneOf("ScheduleAnyway", "DoNotSchedule")}],
    "!containers": [CONTAINER], "!volumes": [VOLUME],
    "hostNetwork": bool, "hostPID": bool, "hostIPC": bool,
}
DEPLOYMENT = {
    "replicas": int, "!selector": SELECTOR,
    "!strategy": {"!type": OneOf("RollingUpdate", "Recreate"),
                  "rollingUpdate": {"maxUnavailable": Either(int, str), "maxSurge": Either(int, str)}},
    "!template": {"!metadata": {"!labels": Map, "annotations": Map}, "!spec": POD},
}
SERVICE = {"clusterIP": OneOf("None"), "!selector": Map, "publishNotReadyAddresses": bool,
           "!ports": [{"!name": PORT_NAME, "!port": int, "!targetPort": PORT, "appProtocol": str}]}
PEERS = [{"namespaceSelector": SELECTOR, "podSelector": SELECTOR, "ipBlock": {"!cidr": str, "except": [str]}}]
POLICY_PORTS = [{"!port": PORT, "!protocol": OneOf("TCP", "UDP")}]
NETWORK_POLICY = {"!podSelector": SELECTOR, "!policyTypes": [OneOf("Ingress", "Egress")],
                  "!ingress": [{"!from": PEERS, "!ports": POLICY_PORTS}],
                  "!egress": [{"!to": PEERS, "!ports": POLICY_PORTS}]}
AUTOSCALER = {
    "!scaleTargetRef": {"!apiVersion": OneOf("apps/v1"), "!kind": OneOf("Deployment"), "!name": NAME},
    "!minReplicas": int, "!maxReplicas": int,
    "!metrics": [{"!type": OneOf("Resource"), "!resource": {
        "!name": OneOf("cpu", "memory"), "!target": {"!type": OneOf("Utilization"), "!averageUtilization": int}}}],
    "behavior": {"scaleDown": {"stabilizationWindowSeconds": int, "policies": [
        {"!type": OneOf("Pods", "Percent"), "!value": int, "!periodSeconds": int}]}},
}
DISRUPTION_BUDGET = {"!maxUnavailable": Either(int, str), "!selector": SELECTOR,
                     "unhealthyPodEvictionPolicy": OneOf("IfHealthyBudget", "AlwaysAllow")}
MONITOR = {"jobLabel": str, "!selector": SELECTOR,
           "!endpoints": [{"!port": PORT_NAME, "interval": DURATION, "scrapeTimeout": DURATION, "path": str}]}
RULES = {"!groups": [{"!name": str, "interval": DURATION, "!rules": [
    {"alert": str, "record": str, "!expr": str, "for": DURATION, "labels": Map, "annotations": Map}]}]}
CLAIM = {"!accessModes": [OneOf("ReadWriteOnce", "ReadWriteMany")], "!resources": {"!requests": {"!storage": QUANTITY}},
         "storageClassName": str}

# kind -> (apiVersion, what stands beside metadata)
KINDS = {
    "Deployment": ("apps/v1", {"!spec": DEPLOYMENT}),
    "Service": ("v1", {"!spec": SERVICE}),
    "ServiceAccount": ("v1", {"automountServiceAccountToken": bool}),
    "ConfigMap": ("v1", {"!data": DATA}),
    "PersistentVolumeClaim": ("v1", {"!spec": CLAIM}),
    "NetworkPolicy": ("networking.k8s.io/v1", {"!spec": NETWORK_POLICY}),
    "HorizontalPodAutoscaler": ("autoscaling/v2", {"!spec": AUTOSCALER}),
    "PodDisruptionBudget": ("policy/v1", {"!spec": DISRUPTION_BUDGET}),
    "ServiceMonitor": ("monitoring.coreos.com/v1", {"!spec": MONITOR}),
    "PrometheusRule": ("monitoring.coreos.com/v1", {"!spec": RULES}),
}
METADATA = {"!name": NAME, "!namespace": NAME, "labels": Map, "annotations": Map}


def violations(one):
    """Everything that is wrong with the form of one object, each with its path."""
    kind = one.get("kind")
    if kind not in KINDS:
        return [f"{kind}: unknown kind"]
    version, fields = KINDS[kind]
    schema = {"!apiVersion": OneOf(version), "!kind": str, "!metadata": METADATA, **fields}
    return list(check(one, schema, f"{kind}/{one.get('metadata', {}).get('name')}"))


def check(value, schema, path):
    if isinstance(schema, dict):
        yield from check_object(value, schema, path)
    elif isinstance(schema, list):
        if not isinstance(value, list) or not value:
            yield f"{path}: must be a list, not empty"
        else:
            for index, item in enumerate(value):
                yield from check(item, schema[0], f"{path}[{index}]")
    elif isinstance(schema, OneOf):
        if value not in schema.values or isinstance(value, bool):
            yield f"{path}: {value!r} is none of {schema.values}"
    elif isinstance(schema, Pattern):
        if not (isinstance(value, str) and schema.pattern.fullmatch(value)):
            yield f"{path}: {value!r} does not look like {schema.pattern.pattern}"
    elif isinstance(schema, Either):
        if all(list(check(value, option, path)) for option in schema.types):
            yield f"{path}: {value!r} is of no possible type"
    elif schema in (Map, DATA):
        if not (isinstance(value, dict) and value and all(
                isinstance(key, str) and isinstance(item, str) for key, item in value.items())):
            yield f"{path}: must map names to strings"
    elif type(value) is not schema:
        yield f"{path}: {value!r} must be of type {schema.__name__}"


def check_object(value, schema, path):
    if not isinstance(value, dict):
        yield f"{path}: must be an object"
        return
    fields = {name.lstrip("!"): kind for name, kind in schema.items()}
    for name in value.keys() - fields.keys():
        yield f"{path}.{name}: unknown field"
    for name in schema:
        if name.startswith("!") and name[1:] not in value:
            yield f"{path}.{name[1:]}: missing"
    for name in value.keys() & fields.keys():
        yield from check(value[name], fields[name], f"{path}.{name}")
