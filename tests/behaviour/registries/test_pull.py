"""The registry client on a bad day: it resumes, refreshes, waits and gives up, and its credentials stay where they belong.

Threads: trivy-db#442, grype#837 (rate limits and broken downloads).
"""

import hashlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seawall.formats.image_reference import parse_image_reference
from seawall.formats.oci_digests import DigestError, verified
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.sources.registry import transport
from seawall.sources.registry.image import open_registry_image
from seawall.sources.registry.settings import RegistrySettings
from tests.simulators.registry import INDEX, Registry, Reply, always, once, serve
from tests.testbed.certificates import CertificateAuthority

LAYER = hashlib.shake_256(b"layer").digest(1_000_000)
BLOB = f"sha256:{hashlib.sha256(LAYER).hexdigest()}"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[float]:
    """No credentials but those of the test, and no real waiting: the seconds that would have been waited."""
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serve() as served:
        served.add_image("team/app", "1", LAYER)
        yield served


def pull(registry: Registry, name: str = "team/app:1", digest: str = BLOB, **settings: Any) -> bytes:
    """Open the image and return the verified bytes of one blob."""
    with open_registry_image(parse_image_reference(f"{registry.host}/{name}"), RegistrySettings(**settings)) as store:
        blob = Descriptor(digest=digest, size=len(LAYER))
        with store.open(blob) as chunks:
            return b"".join(verified(chunks, blob))


def sign_in(folder: Path, host: str, pair: str = "bWU6c2VzYW1l") -> None:
    (folder / "config.json").write_text(f'{{"auths": {{"{host}": {{"auth": "{pair}"}}}}}}')


def test_a_manifest_and_a_layer_are_pulled_over_one_connection(registry: Registry) -> None:
    with open_registry_image(parse_image_reference(f"{registry.host}/team/app:1"), RegistrySettings()) as store:
        root = store.root()
        with store.open(root) as chunks:
            manifest = b"".join(verified(chunks, root))
        assert root.size == len(manifest)
        assert BLOB.encode() in manifest
        assert (store.kind, store.name) == ("image", f"{registry.host}/team/app:1")
    assert pull(registry) == LAYER
    assert len(registry.asked("GET", "/manifests/1")) == 2  # once for each store, and not again for its bytes


def test_a_layer_is_resumed_from_what_has_arrived(registry: Registry) -> None:
    registry.faults.append(once(Reply(200, LAYER, cut=400_000), part="/blobs/"))
    assert pull(registry) == LAYER
    ranges = [request.headers.get("range") for request in registry.asked("GET", "/blobs/")]
    assert ranges[0] is None
    assert ranges[1] is not None
    assert 0 < int(ranges[1].removeprefix("bytes=").removesuffix("-")) <= 400_000


def test_a_registry_that_cannot_resume_sends_it_all_again(registry: Registry) -> None:
    registry.faults.append(once(Reply(200, LAYER, cut=400_000), part="/blobs/"))
    registry.faults.append(once(Reply(200, LAYER), part="/blobs/"))
    assert pull(registry) == LAYER


def test_a_registry_that_resumes_elsewhere_is_refused(registry: Registry) -> None:
    registry.faults.append(once(Reply(200, LAYER, cut=400_000), part="/blobs/"))
    wrong = Reply(206, LAYER[5:], {"Content-Range": f"bytes 5-999999/{len(LAYER)}"})
    registry.faults.append(once(wrong, part="/blobs/"))
    with pytest.raises(SourceError, match="at another place"):
        pull(registry)


def test_a_layer_that_breaks_off_each_time_is_given_up(registry: Registry) -> None:
    registry.faults.append(always(Reply(200, LAYER, cut=1_000), part="/blobs/"))
    with pytest.raises(SourceError, match=r"broke off 5 times at 1,000 bytes"):
        pull(registry)


def test_a_content_length_that_lies_is_no_layer(registry: Registry) -> None:
    registry.faults.append(once(Reply(200, LAYER, {"Content-Length": "1000"}), part="/blobs/"))
    with pytest.raises(DigestError, match=r"1,000 bytes and not the 1,000,000"):
        pull(registry)


def test_other_bytes_than_those_named_are_no_layer(registry: Registry) -> None:
    registry.faults.append(always(Reply(200, LAYER[:-1] + b"x"), part="/blobs/"))
    with pytest.raises(DigestError, match="are those of"):
        pull(registry)


def test_another_manifest_than_the_one_named_is_refused(registry: Registry) -> None:
    digest = registry.add_image("team/app", "2", b"other")
    registry.manifests[f"team/app/{digest}"] = registry.manifests["team/app/1"]
    with pytest.raises(SourceError, match="not what it names"):
        pull(registry, f"team/app@{digest}")
    false = Reply(200, b"{}", {"Docker-Content-Digest": digest})
    registry.faults.append(always(false, part="/manifests/"))
    with pytest.raises(SourceError, match="not what it names"):
        pull(registry)


def test_an_endless_manifest_is_cut_at_4_mb(registry: Registry) -> None:
    registry.faults.append(always(Reply(200, bytes(5 << 20)), part="/manifests/"))
    with pytest.raises(SourceError, match="more than 4 MB"):
        pull(registry)


def test_a_layer_that_drips_is_given_up(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "STALL_SECONDS", 0.1)
    registry.faults.append(always(Reply(200, LAYER, drip=True), part="/blobs/"))
    started = time.monotonic()
    with pytest.raises(SourceError, match="did not answer in time"):
        pull(registry)
    assert time.monotonic() - started < 5


def test_a_registry_that_is_silent_is_given_up(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.sources.registry.client.CALL_SECONDS", 0.1)
    registry.faults.append(always(Reply(hang=True), part="/manifests/"))
    with pytest.raises(SourceError, match=r"failed 5 times: it did not answer in time"):
        pull(registry)


def test_a_limit_is_waited_for_where_that_takes_seconds(registry: Registry, waits: list[float]) -> None:
    registry.faults.append(once(Reply(429, b"", {"Retry-After": "7"}), part="/manifests/"))
    registry.faults.append(once(Reply(503), part="/blobs/"))
    assert pull(registry) == LAYER
    assert waits == [7.0, 0.4]


def test_a_limit_of_hours_is_said(registry: Registry, waits: list[float]) -> None:
    registry.faults.append(always(Reply(429, b"", {"Retry-After": "21600"}), part="/manifests/"))
    with pytest.raises(SourceError, match=r"says to wait 21600 s \(sign in, wait, or use a mirror"):
        pull(registry)
    assert waits == []


def test_a_missing_tag_names_those_near_it(registry: Registry) -> None:
    registry.add_image("team/app", "1.20.3", b"")
    with pytest.raises(SourceError, match=r"has no tag '1.20.2' \(near it are 1\.20\.3\)"):
        pull(registry, "team/app:1.20.2")
    with pytest.raises(SourceError, match=r"there is no image .*/team/other:1 \(MANIFEST_UNKNOWN\)"):
        pull(registry, "team/other:1")


def test_an_image_of_schema_1_is_refused(registry: Registry) -> None:
    registry.add_manifest("team/app", "old", "text/plain", b'{"schemaVersion": 1}')
    with pytest.raises(SourceError, match="schema 1"):
        pull(registry, "team/app:old")


def test_the_manifest_of_a_platform_is_pulled_by_its_digest(registry: Registry) -> None:
    digest = registry.add_image("team/app", "one", b"one")
    registry.add_manifest("team/app", "all", INDEX, b'{"schemaVersion": 2}')
    with open_registry_image(parse_image_reference(f"{registry.host}/team/app:all"), RegistrySettings()) as store:
        assert store.root().media_type == INDEX
        with store.open(Descriptor(digest=digest, media_type="application/vnd.oci.image.manifest.v1+json")) as chunks:
            assert b"".join(chunks) == registry.manifests["team/app/one"][1]


def test_a_token_is_asked_for_as_the_registry_says(registry: Registry) -> None:
    registry.tokens = ["anybody"]
    assert pull(registry) == LAYER
    (asked,) = registry.asked("GET", "/token")
    assert asked.query == {"service": ["simulator"], "scope": ["repository:a:pull"]}
    assert "authorization" not in asked.headers


def test_a_token_that_expires_in_between_is_asked_for_again(registry: Registry) -> None:
    registry.tokens = ["first"]

    def expire(request: Any) -> None:
        if "/blobs/" in request.path and len(registry.asked("GET", "/blobs/")) == 2:
            registry.tokens = ["second"]

    registry.faults.append(expire)
    registry.faults.append(once(Reply(200, LAYER, cut=400_000), part="/blobs/"))
    assert pull(registry) == LAYER
    assert len(registry.asked("GET", "/token")) == 2


def test_a_user_signs_in_at_the_token_service_only(registry: Registry, tmp_path: Path) -> None:
    registry.tokens, registry.users = ["mine"], {"me": "sesame"}
    sign_in(tmp_path, registry.host)
    assert pull(registry) == LAYER
    for request in registry.requests:
        kind = "Basic " if request.path == "/token" else "Bearer "
        assert request.headers.get("authorization", kind).startswith(kind)


def test_an_identity_token_is_sent_as_a_refresh_token(registry: Registry, tmp_path: Path) -> None:
    registry.tokens, registry.users = ["mine"], {"me": "sesame"}
    (tmp_path / "config.json").write_text(f'{{"auths": {{"{registry.host}": {{"identitytoken": "long-lived"}}}}}}')
    assert pull(registry) == LAYER
    (asked,) = registry.asked("POST", "/token")
    assert b"grant_type=refresh_token" in asked.body
    assert b"refresh_token=long-lived" in asked.body


def test_basic_credentials_are_sent_when_they_are_asked_for(registry: Registry, tmp_path: Path) -> None:
    registry.basic, registry.users = True, {"me": "sesame"}
    sign_in(tmp_path, registry.host)
    assert pull(registry) == LAYER
    assert "authorization" not in registry.requests[0].headers


def test_refused_credentials_are_named_by_their_source_and_not_shown(registry: Registry, tmp_path: Path) -> None:
    sign_in(tmp_path, registry.host)
    for registry.basic, registry.tokens in ((True, []), (False, ["mine"])):
        registry.users = {"me": "other"}
        with pytest.raises(SourceError, match=r"refuses team/app with the credentials of .*config\.json") as caught:
            pull(registry)
        assert "sesame" not in str(caught.value)
    (tmp_path / "config.json").unlink()
    with pytest.raises(SourceError, match="wants credentials for team/app, and none were found"):
        pull(registry)


def test_credentials_do_not_follow_to_another_host(registry: Registry, tmp_path: Path) -> None:
    registry.basic, registry.users = True, {"me": "sesame"}
    sign_in(tmp_path, registry.host)
    with serve() as storage:
        storage.add_blob(LAYER)
        there = Reply(307, b"", {"Location": f"http://{storage.host}/v2/team/app/blobs/{BLOB}"})
        registry.faults.append(once(there, part="/blobs/"))
        assert pull(registry) == LAYER
        assert [request.headers.get("authorization") for request in storage.requests] == [None]


def test_redirects_end(registry: Registry) -> None:
    registry.faults.append(always(Reply(307, b"", {"Location": f"/v2/team/app/blobs/{BLOB}"}), part="/blobs/"))
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        pull(registry)
    registry.faults[:] = [always(Reply(307, b"", {"Location": "http://198.51.100.7/layer"}), part="/blobs/")]
    with pytest.raises(SourceError, match=r"sends us to 198\.51\.100\.7 without TLS"):
        pull(registry)


def test_an_unknown_authority_is_refused_unless_it_is_given(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path)
    pair = authority.issue_server("registry")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    with serve(context) as registry:
        registry.add_image("team/app", "1", LAYER)
        with pytest.raises(SourceError, match=r"not trusted: .*--registry-ca FILE"):
            pull(registry)
        assert pull(registry, certificate_authority=str(authority.certificate)) == LAYER
        assert pull(registry, insecure=frozenset({"127.0.0.1"})) == LAYER
        folder = tmp_path / "certs.d" / registry.host
        folder.mkdir(parents=True)
        (folder / "ca.crt").write_bytes(authority.certificate.read_bytes())
        assert pull(registry, certificate_folders=(str(tmp_path / "certs.d"),)) == LAYER
        (folder / "ca.crt").write_text("no certificate")
        with pytest.raises(SourceError, match="it is not PEM"):
            pull(registry, certificate_folders=(str(tmp_path / "certs.d"),))


def test_a_mirror_is_asked_first_and_the_host_when_it_does_not_have_it(registry: Registry) -> None:
    with serve() as mirror:
        mirror.add_image("hub/team/app", "1", LAYER)
        mirrors = {registry.host: (f"{mirror.host}/hub",)}
        assert pull(registry, mirrors=mirrors) == LAYER
        assert registry.requests == []
        registry.add_image("team/app", "2", LAYER)
        assert pull(registry, "team/app:2", mirrors=mirrors) == LAYER
