"""A fake of adb's server and of uiautomator2's service, for the real clients adbutils and uiautomator2.

It speaks what the clients send (host protocol, `shell:`, `sync:`, `tcp:` with HTTP and JSON-RPC) and does to a
`FakePhone` what Android would do to a phone. It tests our side of the wire, not Android.
"""

from __future__ import annotations

import hashlib
import json
import re
import socketserver
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from fake_android import FakePhone, NothingThere

JAR = "/data/local/tmp/u2.jar"


@dataclass
class Device:
    """What adb knows of a phone: `state` as `adb devices` says it; `service` says whether uiautomator2 runs on it,
    `ended` that it ended, `starts` that it can.

    `faults` are what goes wrong, each once and in order: (a method of the service, or `shell`, or `connect`; how).
    How: `drop` the connection before anything was done; `deaf`: it is done, then the connection breaks; `half`: it is
    done, and half of the answer comes; `slow`: it is done, and no answer comes; `500`: an HTTP error; another word: an
    error of the service with these words. A connection is dropped, `slow`, goes through (`pass`), or finds the phone
    `offline`. `said` keeps what was asked of the service and of the shell."""

    phone: FakePhone
    state: str = "device"
    service: bool = False
    starts: bool = True
    ended: threading.Event = field(default_factory=threading.Event)
    stored: dict[str, bytes] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def fault(self, where: str) -> str | None:
        for place, (name, how) in enumerate(self.faults):
            if name == where:
                del self.faults[place]
                return how
        return None


class FakeAdb:
    """The server, on a port of 127.0.0.1. `devices` by serial; the uiautomator2 program is already on new ones."""

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}
        self.closing = threading.Event()
        self.lock = threading.RLock()
        fake = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, EOFError):
                    _Connection(fake, self.request).serve()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def add(self, serial: str, phone: FakePhone, *, state: str = "device", with_jar: bool = True) -> Device:
        device = self.devices[serial] = Device(phone, state)
        if with_jar:
            device.stored[JAR] = (files("uiautomator2") / "assets/u2.jar").read_bytes()
        return device

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Connection:
    def __init__(self, adb: FakeAdb, channel: Any) -> None:
        self._adb, self._channel = adb, channel
        self._device: Device

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._channel.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _send(self, data: bytes) -> None:
        self._channel.sendall(data)

    def _fail(self, why: str) -> None:
        self._send(b"FAIL" + f"{len(why):04x}{why}".encode())

    def _block(self, text: str) -> None:
        self._send(b"OKAY" + f"{len(text.encode()):04x}".encode() + text.encode())

    def serve(self) -> None:
        while True:
            command = self._read(int(self._read(4), 16)).decode()
            if command == "host:version":
                return self._block(f"{41:04x}")
            if command == "host:devices":
                return self._block("".join(f"{name}\t{d.state}\n" for name, d in self._adb.devices.items()))
            if command.startswith("host:connect:"):
                serial = command.removeprefix("host:connect:")
                known = self._adb.devices.get(serial)
                if known is not None and known.state == "offline":
                    known.state = "device"
                return self._block(f"connected to {serial}" if known else f"failed to connect to {serial}")
            if command.startswith("host:tport:serial:"):
                if not self._transport(command.removeprefix("host:tport:serial:")):
                    return
            elif command.startswith("shell:"):
                return self._shell(command.removeprefix("shell:"))
            elif command == "sync:":
                self._send(b"OKAY")
                return self._sync()
            elif command.startswith("tcp:"):
                if not self._device.service:
                    return self._fail("closed")
                self._send(b"OKAY")
                return self._http()
            else:
                return self._fail(f"unknown host service: {command}")

    def _transport(self, serial: str) -> bool:
        device = self._adb.devices.get(serial)
        if device is None:
            self._fail(f"device '{serial}' not found")
            return False
        how = device.fault("connect")
        if how == "drop":
            return False
        if how == "slow":
            self._adb.closing.wait()
        if how == "offline":
            device.state = how
        if device.state != "device":
            self._fail(f"device {device.state}")
        else:
            self._device = device
            self._send(b"OKAY" + struct.pack("<Q", 7))
            return True
        return False

    # ---- the shell ------------------------------------------------------------------------------------

    def _shell(self, command: str) -> None:
        device = self._device
        self._send(b"OKAY")
        if "app_process" in command:
            if not device.starts:
                return self._send(b"Error: could not start\n")
            device.service = True
            while self._channel.recv(1024):  # until the one who started it goes away
                pass
            device.service = False
            device.ended.set()
            return None
        device.said.append(command.partition("; echo")[0])
        how = device.fault("shell")
        if how == "drop":
            return None
        with self._adb.lock:
            printed = self._run(command)
        if how == "slow":
            self._adb.closing.wait()
        elif how == "half":
            self._send(printed[: len(printed) // 2])
        elif how != "deaf":
            self._send(printed)
        return None

    def _run(self, command: str) -> bytes:
        if command.startswith("toybox md5sum "):
            data = self._device.stored.get(command.split()[-1])
            return f"{hashlib.md5(data).hexdigest()}  {JAR}\n".encode() if data else b"No such file or directory\n"
        if command == "screencap -p":
            return self._device.phone.picture("PNG")
        words, marker, _ = command.partition("; echo ")
        said = self._device.phone.shell(words)
        return (said + (f"{_.removesuffix('$?')}0\n" if marker else "")).encode()

    # ---- files ----------------------------------------------------------------------------------------

    def _sync(self) -> None:
        stored = self._device.stored
        while True:
            kind = self._read(4)
            path = self._read(struct.unpack("<I", self._read(4))[0]).decode()
            if kind == b"STAT":
                data = stored.get(path)
                self._send(b"STAT" + struct.pack("<III", 0o100644 if data is not None else 0, len(data or b""), 1))
            elif kind == b"SEND":
                data = b""
                while self._read(4) == b"DATA":
                    data += self._read(struct.unpack("<I", self._read(4))[0])
                self._read(4)
                stored[path.rpartition(",")[0]] = data
                self._send(b"OKAY" + bytes(4))
            elif kind == b"RECV":
                self._send(b"DATA" + struct.pack("<I", len(stored[path])) + stored[path] + b"DONE" + bytes(4))

    # ---- the service ----------------------------------------------------------------------------------

    def _http(self) -> None:
        stream = self._channel.makefile("rb")
        lines = [stream.readline()]
        while lines[-1].strip():
            lines.append(stream.readline())
        if lines[0].startswith(b"GET /ping"):
            return self._answer(b"pong")
        length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
        return self._rpc(json.loads(stream.read(length)))

    def _answer(self, body: bytes, how: str | None = None) -> None:
        status = "500 Internal Server Error" if how == "500" else "200 OK"
        whole = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        if how == "slow":
            self._adb.closing.wait()
        elif how == "half":
            self._send(whole[: -len(body) // 2])
        elif how != "deaf":
            self._send(whole)

    def _rpc(self, question: dict[str, Any]) -> None:
        method, parameters = question["method"], question["params"]
        self._device.said.append(method)
        how = self._device.fault(method)
        if how == "drop":
            return
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": question["id"]}
        if how is None or how in ("slow", "half", "deaf"):
            with self._adb.lock:
                answer |= self._do(method, parameters)
        else:
            answer["error"] = {"code": -32001, "message": how, "data": ""}
        self._answer(json.dumps(answer).encode(), how)

    def _do(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        name = re.sub(r"[A-Z]", lambda found: "_" + found.group().lower(), method)
        does: Callable[..., Any] | None = getattr(self._device.phone, "do_" + name, None)
        if does is None:
            return {"error": {"code": -32601, "message": f"method not found: {method}", "data": ""}}
        try:
            return {"result": does(*parameters)}
        except NothingThere as error:
            words = f"androidx.test.uiautomator.UiObjectNotFoundException: {error}"
            return {"error": {"code": -32002, "message": words, "data": ""}}
