"""Objects near the largest that people write: the API server stops a policy at a calculated cost, and must not stop here."""

from tests.testbed.api_client import Object

_CONTAINERS, _VARIABLES, _ARGUMENTS, _CHARACTERS = 10, 30, 10, 80


def large_objects() -> list[Object]:
    """Return a pod of 48 KB, a ConfigMap of 900 KB, a role of 500 rules, an Ingress of 300 hosts, a policy of 2,000 peers."""
    return [_pod(), _config_map(), _role(), _ingress(), _network_policy()]


def _pod() -> Object:
    text = "v" * _CHARACTERS
    mounts = [{"name": f"v{index}", "mountPath": f"/mnt/{index}"} for index in range(5)]
    containers = [
        {
            "name": f"container-{number}",
            "image": f"registry.example.com/shop/service-{number}:1.2.3",
            "args": [text] * _ARGUMENTS,
            "env": [{"name": f"VARIABLE_{index:03}", "value": text} for index in range(_VARIABLES)],
            "ports": [{"containerPort": 10_000 + number}],
            "volumeMounts": mounts,
        }
        for number in range(_CONTAINERS)
    ]
    volumes = [{"name": f"v{index}", "emptyDir": {}} for index in range(5)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "large"},
        "spec": {"containers": containers, "volumes": volumes},
    }


def _config_map() -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "large"},
        "data": {f"dashboard-{index}": "x=y " * 25_000 for index in range(9)},
    }


def _role() -> Object:
    resources = [f"resource{index}" for index in range(30)]
    rule = {"apiGroups": ["apps", ""], "resources": resources, "verbs": ["get", "list", "watch"]}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "large"},
        "rules": [rule] * 500,
    }


def _ingress() -> Object:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": f"/p{index}", "pathType": "Prefix", "backend": backend} for index in range(10)]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "large"},
        "spec": {"rules": [{"host": f"host-{n}.example.com", "http": {"paths": paths}} for n in range(300)]},
    }


def _network_policy() -> Object:
    egress = [
        {"to": [{"ipBlock": {"cidr": f"10.{a}.{b}.0/24"}} for b in range(20)], "ports": [{"port": 443}]}
        for a in range(100)
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "large"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": egress},
    }
