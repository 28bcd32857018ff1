"""Which class decides about the encryption of a claim?"""

from typing import Any

from sample_manifests import resources_in
from seawall.facts.storage import derive_claim_storage

CLASSES = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: ebs.csi.aws.com
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: safe}
provisioner: ebs.csi.aws.com
parameters: {encrypted: "true"}
---
"""


def claims(spec: str, annotations: str = "{}", classes: str = CLASSES) -> dict[str, Any]:
    claim = f"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c, annotations: {annotations}}}\nspec: {spec}\n"
    [fact] = derive_claim_storage(resources_in(classes + claim))
    [found] = fact.value["claims"]
    return {"class": found["class"], "known": found["known"], "parameters": dict(found["parameters"])}


def test_a_claim_takes_the_class_that_it_names() -> None:
    safe = {"class": "safe", "known": True, "parameters": {"encrypted": "true"}}
    assert claims("{storageClassName: safe}") == safe
    assert claims("{}", "{volume.beta.kubernetes.io/storage-class: safe}") == safe
    assert claims("{storageClassName: other}") == {"class": "other", "known": False, "parameters": {}}


def test_a_claim_without_class_takes_the_default_of_the_scan_and_nothing_where_it_has_none() -> None:
    assert claims("{}") == {"class": "standard", "known": True, "parameters": {}}
    assert claims("{}", classes="") == {"class": "", "known": False, "parameters": {}}


def test_an_empty_class_and_a_named_volume_ask_for_no_class() -> None:
    assert claims('{storageClassName: ""}')["known"] is False
    assert claims("{volumeName: disk-7}")["known"] is False


def test_templates_and_ephemeral_volumes_are_claims_with_places() -> None:
    text = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      volumes:
        - name: plain
          emptyDir: {}
        - name: work
          ephemeral: {volumeClaimTemplate: {spec: {storageClassName: safe}}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: standard}
"""
    [fact] = derive_claim_storage(resources_in(CLASSES + text))
    assert [(claim["name"], claim["class"]) for claim in fact.value["claims"]] == [
        ("data", "standard"),
        ("work", "safe"),
    ]
    assert fact.roots["claims"] == [
        ("spec", "volumeClaimTemplates", 0),
        ("spec", "template", "spec", "volumes", 1, "ephemeral", "volumeClaimTemplate"),
    ]
