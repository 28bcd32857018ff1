"""A proxy on loopback that relays one connection: HTTP CONNECT or SOCKS5, with a password where it has one."""

import base64
import socket
import threading
from contextlib import suppress


class Relay:
    """A proxy of the kind `scheme`; with a `password` it lets in only ``me`` with that one. `asked` are the targets."""

    def __init__(self, scheme: str, password: str) -> None:
        self._scheme = scheme
        self._password = password
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        # Wakes an accept that nobody came to.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join()
        self._listening.close()

    def _run(self) -> None:
        client, _ = self._listening.accept()
        with client, suppress(OSError):
            target = self._greet_http(client) if self._scheme == "http" else self._greet_socks(client)
            if target:
                self.asked.append(target)
                host, _, port = target.rpartition(":")
                with socket.create_connection((host, int(port))) as server:
                    back = threading.Thread(target=_copy, args=(server, client))
                    back.start()
                    _copy(client, server)
                    back.join()

    def _greet_http(self, client: socket.socket) -> str:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += client.recv(4096)
        lines = request.decode().split("\r\n")
        expected = base64.b64encode(f"me:{self._password}".encode()).decode()
        if self._password and f"Proxy-Authorization: Basic {expected}" not in lines:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return ""
        client.sendall(b"HTTP/1.1 200 Connection established\r\nVia: relay\r\n\r\n")
        return lines[0].split(" ")[1]

    def _greet_socks(self, client: socket.socket) -> str:
        methods = client.recv(2)[1]
        client.recv(methods)
        client.sendall(b"\x05\x02" if self._password else b"\x05\x00")
        if self._password:
            client.recv(2 + len("me"))
            length = client.recv(1)[0]
            if client.recv(length).decode() != self._password:
                client.sendall(b"\x01\x01")
                return ""
            client.sendall(b"\x01\x00")
        length = client.recv(5)[4]
        host = client.recv(length).decode()
        port = int.from_bytes(client.recv(2), "big")
        client.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        return f"{host}:{port}"


def _copy(source: socket.socket, into: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            into.sendall(data)
        into.shutdown(socket.SHUT_WR)
