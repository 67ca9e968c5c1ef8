"""What no single object can know: that selectors, names, ports, keys, times and privileges fit together."""

import re
import urllib.parse

import configuration
import ending

# Made by an operator; deploy/README.md says how.
EXTERNAL_SECRETS = {"kulanz-secrets": {"record.secret", "lookup.secret", "codes.secret"},
                    "kulanz-redis": {"password", "ca.crt", "tls.crt", "tls.key"},
                    "kulanz-tls": {"ca.crt", "tls.crt", "tls.key"}, "kulanz-access": {"access.yaml", "jwks.json"},
                    "kulanz-smtp": {"password"}, "kulanz-otlp": {"headers", "ca.crt"},
                    "kulanz-webhooks": {"events", "messages"}}
WEBHOOKS = {"--event-webhook", "--message-webhook"}
# What the restricted profile lets a pod mount.
VOLUME_KINDS = {"configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected", "downwardAPI"}
CONFIG_MAP_BYTES_MAX = 1 << 20


def violations(objects, options):
    """Everything that does not fit; `options`: kulanzd's, from its --help."""
    return [*names(objects), *selectors(objects), *ports(objects), *volumes(objects), *arguments(objects, options),
            *life_cycle(objects), *restricted(objects)]


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def pods(objects):
    for deployment in of_kind(objects, "Deployment"):
        yield deployment["spec"]["template"]


def names(objects):
    seen = set()
    for one in objects:
        key = (one["kind"], one["metadata"]["name"])
        if key in seen:
            yield f"{key} stands twice"
        seen.add(key)
    if len({one["metadata"].get("namespace") for one in objects}) != 1:
        yield "objects in more than one namespace"
    for template in pods(objects):
        if ("ServiceAccount", template["spec"]["serviceAccountName"]) not in seen:
            yield f"no ServiceAccount {template['spec']['serviceAccountName']}"
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        if ("Deployment", spec["scaleTargetRef"]["name"]) not in seen:
            yield f"the autoscaler scales {spec['scaleTargetRef']['name']}, which is not there"
        if spec["minReplicas"] > spec["maxReplicas"]:
            yield "the autoscaler's minimum is above its maximum"
        if any("replicas" in one["spec"] for one in of_kind(objects, "Deployment")):
            yield "replicas are set by the autoscaler and by the Deployment"
        for budget in of_kind(objects, "PodDisruptionBudget"):
            if budget["spec"]["maxUnavailable"] == 0 or spec["minReplicas"] <= budget["spec"]["maxUnavailable"]:
                yield "the disruption budget forbids every eviction, or allows that of all pods"
    if any(depends_on_redis(container["readinessProbe"]) for template in pods(objects)
           for container in template["spec"]["containers"]):
        for budget in of_kind(objects, "PodDisruptionBudget"):
            if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
                yield "while Redis is away no pod is ready, and the disruption budget keeps nodes from being drained"


def depends_on_redis(probe):
    return "readiness" in (probe.get("grpc", {}).get("service"), *probe.get("exec", {}).get("command", ()))


def matches(selector, labels):
    return selector.items() <= labels.items()


def selectors(objects):
    labels = [template["metadata"]["labels"] for template in pods(objects)]
    wanted = [(one, one["spec"]["selector"]["matchLabels"])
              for kind in ("Deployment", "PodDisruptionBudget") for one in of_kind(objects, kind)]
    wanted += [(one, one["spec"]["selector"]) for one in of_kind(objects, "Service")]
    wanted += [(one, one["spec"]["podSelector"]["matchLabels"]) for one in of_kind(objects, "NetworkPolicy")]
    wanted += [(one, spread["labelSelector"]["matchLabels"]) for one in of_kind(objects, "Deployment")
               for spread in one["spec"]["template"]["spec"].get("topologySpreadConstraints", [])]
    for one, selector in wanted:
        if not any(matches(selector, pod) for pod in labels):
            yield f"{one['kind']} {one['metadata']['name']} selects no pod: {selector}"
    for monitor in of_kind(objects, "ServiceMonitor"):
        found = [service for service in of_kind(objects, "Service")
                 if matches(monitor["spec"]["selector"]["matchLabels"], service["metadata"]["labels"])]
        if len(found) != 1:
            yield f"the ServiceMonitor selects {len(found)} Services"
        for service in found:
            offered = {port["name"] for port in service["spec"]["ports"]}
            for endpoint in monitor["spec"]["endpoints"]:
                if endpoint["port"] not in offered:
                    yield f"the ServiceMonitor's port {endpoint['port']} is none of the Service's"
            if service["metadata"]["labels"].get(monitor["spec"].get("jobLabel")) != "kulanz":
                yield "the job would not be called kulanz, as the rules expect"


def ports(objects):
    for template in pods(objects):
        offered = {}
        for container in template["spec"]["containers"]:
            given = configuration.of_container(container, objects, template["spec"]["volumes"])
            listening = {int(given[option].rsplit(":", 1)[1]) for option in ("--listen", "--metrics", "--health-listen")
                         if option in given}
            for port in container["ports"]:
                offered[port["name"]] = port["containerPort"]
                if port["containerPort"] not in listening:
                    yield f"nothing listens on port {port['containerPort']}"
            loopback = given.get("--listen", "127.").startswith("127.")
            for name in ("startupProbe", "livenessProbe", "readinessProbe"):
                grpc = container.get(name, {}).get("grpc")
                if grpc and (grpc["port"] not in offered.values() or loopback):
                    yield f"{name}: the kubelet cannot reach port {grpc['port']}"
                if grpc and grpc["port"] == offered.get("grpc") and "--tls-cert-file" in given:
                    yield f"{name}: the kubelet knows no TLS, which port {grpc['port']} wants"
                if grpc and grpc.get("service") != ("readiness" if name == "readinessProbe" else "liveness"):
                    yield f"{name} asks for the service {grpc.get('service')}"
        known = set(offered) | set(offered.values())
        for service in of_kind(objects, "Service"):
            for port in service["spec"]["ports"]:
                if port["targetPort"] not in known:
                    yield f"Service {service['metadata']['name']}: no port {port['targetPort']} in the pod"
        for policy in of_kind(objects, "NetworkPolicy"):
            open_ports = [port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]]
            for port in set(open_ports) - known:
                yield f"the NetworkPolicy opens port {port}, which the pod does not have"
            out = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
            for container in template["spec"]["containers"]:
                given = configuration.of_container(container, objects, template["spec"]["volumes"])
                for option in given.keys() & {"--redis", "--smtp", "--otlp-endpoint", *WEBHOOKS}:
                    for port in ports_of(given[option]):
                        if port not in out:
                            yield f"the NetworkPolicy lets nothing out to port {port} of {option}"


def ports_of(address):
    """Of one or more hosts, or of a URL, which need not say it."""
    said = [int(port) for port in re.findall(r":(\d+)", address)]
    return said or {"https": [443], "http": [80]}.get(urllib.parse.urlsplit(address).scheme, [])


def volumes(objects):
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(objects, "ConfigMap")}
    claims = {one["metadata"]["name"] for one in of_kind(objects, "PersistentVolumeClaim")}
    for name, data in maps.items():
        if sum(len(text.encode()) for text in data.values()) > CONFIG_MAP_BYTES_MAX:
            yield f"ConfigMap {name} is larger than 1 MiB"
    used = set()
    for template in pods(objects):
        spec = template["spec"]
        mounted = {mount["name"] for container in spec["containers"] for mount in container["volumeMounts"]}
        declared = {volume["name"] for volume in spec["volumes"]}
        for name in mounted ^ declared:
            yield f"volume {name} is mounted or declared, but not both"
        for volume in spec["volumes"]:
            if "configMap" in volume:
                name = volume["configMap"]["name"]
                items = volume["configMap"].get("items", [{"key": key, "path": key} for key in maps.get(name, {})])
                used.add(name)
                if name not in maps:
                    yield f"no ConfigMap {name}"
                for key in {item["key"] for item in items} ^ set(maps.get(name, {})):
                    yield f"ConfigMap {name}, key {key}: mounted or there, but not both"
                if len({item["path"] for item in items}) != len(items):
                    yield f"ConfigMap {name}: two keys for one path"
            if "secret" in volume:
                if volume["secret"]["secretName"] not in EXTERNAL_SECRETS:
                    yield f"nobody is told to make the Secret {volume['secret']['secretName']}"
                if volume["secret"]["defaultMode"] != 0o440:
                    yield f"Secret {volume['secret']['secretName']}: defaultMode is not 0440"
            if "persistentVolumeClaim" in volume:
                if volume["persistentVolumeClaim"]["claimName"] not in claims:
                    yield f"no claim {volume['persistentVolumeClaim']['claimName']}"
                context = spec["securityContext"]
                if "fsGroup" in context and context.get("fsGroupChangePolicy") != "OnRootMismatch":
                    yield "the kubelet lets the group write a claim's files at each start; of secrets kulanzd refuses that"
    for name in set(maps) - used:
        yield f"ConfigMap {name} is mounted nowhere"


def arguments(objects, options):
    for template in pods(objects):
        spec = template["spec"]
        secrets = {volume["name"]: volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume}
        for container in spec["containers"]:
            said = [argument.partition("=")[0] for argument in container["args"]]
            given = configuration.of_container(container, objects, spec["volumes"])
            for option in set(given) - options:
                yield f"kulanzd has no option {option}"
            if len(set(said)) != len(said):
                yield "an option is given twice"
            yield from configured(given, container, spec)
            mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
            for option in ("--rules", "--data", "--secrets", "--mail-dir"):
                if option in given and given[option] not in mounts:
                    yield f"{option}: nothing is mounted at {given[option]}"
            for option, path in given.items():
                if re.match(r"--(redis-|smtp-|tls-|otlp-|access-file|(event|message)-webhook-)", option) and path.startswith("/"):
                    folder, _, key = path.rpartition("/")
                    if key not in EXTERNAL_SECRETS.get(secrets.get(mounts.get(folder)), ()):
                        yield f"{option}: {path} is in no Secret"
            for folder in (folder for folder, name in mounts.items() if name in secrets):
                if not any(value == folder or value.startswith(folder + "/") for value in given.values()):
                    yield f"no option names what the Secret at {folder} holds"
            for option in given.keys() & WEBHOOKS:
                if option + "-secret-file" not in given:
                    yield f"{option}: nothing signs what is sent"
            tls = given.get("--redis", "").startswith("rediss")
            if tls != ("--redis-ca-file" in given):
                yield "the URL of Redis says TLS and its certificates are not given, or the reverse"
            if "127." not in given.get("--listen", "127.") and not {"--tls-cert-file", "--tls-key-file", "--access-file"} <= set(given):
                yield "the API can be reached from elsewhere, and asks nobody who they are"
            if (given.get("--embedded") == "true") == ("--redis" in given):
                yield "exactly one of embedded and redis must be given"


def configured(given, container, spec):
    """Options come from a file whose change is another ConfigMap, so that it rolls the pods."""
    folder = given.get("--config", "").rpartition("/")[0]
    volume = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}.get(folder)
    source = next((one["configMap"]["name"] for one in spec["volumes"] if one["name"] == volume and "configMap" in one), "")
    if not re.fullmatch(r"kulanz-config-[a-z0-9]{10}", source):
        yield f"--config: {given.get('--config')} is in no ConfigMap with a hash in its name"
    if len(given) < 2:
        yield "the file of --config says nothing"


def life_cycle(objects):
    for template in pods(objects):
        for container in template["spec"]["containers"]:
            given = configuration.of_container(container, objects, template["spec"]["volumes"])
            command = container["lifecycle"]["preStop"]["exec"]["command"]
            if not {"--drain-wait", "--grace"} <= given.keys():
                yield "how long stopping may take is not said"
                continue
            needed = ending.needed(given, before=int(command[1]) if command[0] == "sleep" else 10 ** 6)
            if needed > template["spec"]["terminationGracePeriodSeconds"]:
                yield f"stopping may take {needed} s, more than terminationGracePeriodSeconds"


def restricted(objects):
    """The Pod Security Standards' profile "restricted", and a root file system that cannot be written."""
    for template in pods(objects):
        spec = template["spec"]
        pod = spec["securityContext"]
        if any(spec.get(flag) for flag in ("hostNetwork", "hostPID", "hostIPC")):
            yield "a host namespace is shared"
        if pod.get("runAsNonRoot") is not True or pod.get("runAsUser", 0) == 0:
            yield "the pod may run as root"
        if pod.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield "no seccomp profile"
        if spec["automountServiceAccountToken"] is not False:
            yield "a token of the API server is mounted"
        if spec.get("enableServiceLinks") is not False:
            yield "variables of Services (KULANZ_...) would be read as options"
        for volume in spec["volumes"]:
            if set(volume) - {"name"} - VOLUME_KINDS:
                yield f"volume {volume['name']} is of a kind that is not allowed"
        for container in spec["containers"]:
            context = container["securityContext"]
            for name, wanted in (("allowPrivilegeEscalation", False), ("readOnlyRootFilesystem", True)):
                if context.get(name) is not wanted:
                    yield f"{name} must be {wanted}"
            if context.get("capabilities") != {"drop": ["ALL"]} or context.get("privileged"):
                yield "capabilities are not all dropped"
            if context.get("runAsNonRoot") is False or context.get("runAsUser") == 0:
                yield "the container may run as root"
