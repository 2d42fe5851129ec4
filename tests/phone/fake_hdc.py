"""A fake of the program `hdc` and of the agent that uitest runs on a HarmonyOS phone.

`hdc` is a real program in a folder of its own, which asks `FakeHdc` what to print; a forwarded port is a real one, on
which the agent speaks JSON. What they are asked is done to the `FakePhone` of the other fakes, whose screens are told
as uitest tells them. It tests our side of the wire, not HarmonyOS.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fake_android import KEYBOARD, LAUNCHER, FakePhone, View

AGENT = "/data/local/tmp/agent.so"
PERMISSION = "com.ohos.permissionmanager"
SYSTEM = "com.ohos.sceneboard"
_HDC = """#!{python} -SE
import json, os, socket, sys
try:
    line = socket.create_connection(("127.0.0.1", int(os.environ["OHOS_HDC_SERVER_PORT"])))
    line.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    said, code = json.loads(line.makefile("rb").read())
except (OSError, ValueError, KeyError):
    said, code = "[Fail]Connect server failed", 0
sys.stdout.write(said)
sys.stdout.flush()
os._exit(code)
"""
_TYPES = {
    "EditText": "TextInput", "TextView": "Text", "Spinner": "Select", "RecyclerView": "List", "ListView": "Menu",
    "LinearLayout": "ListItem", "FrameLayout": "Stack", "CheckBox": "Checkbox", "CheckedTextView": "Option",
}  # fmt: skip
_BUNDLES = {
    "com.android.systemui": SYSTEM, "com.android.permissioncontroller": PERMISSION, KEYBOARD: "com.example.inputmethod",
    LAUNCHER.partition("/")[0]: SYSTEM,
}  # fmt: skip
_KEYS = {1: 3, 2: 4, 2054: 66, 2055: 67}


class Refused(Exception):
    """What the agent answers as an exception."""


@dataclass
class Device:
    """What hdc knows of a phone: `state` as `hdc list targets -v` says it; `service` is the number of the agent's
    process, `starts` says that it can start, `knows_layout` that it knows `captureLayout`.

    `faults` are what goes wrong, each once and in order: (a call of the agent, `shell`, `recv` or `connect`; how). How:
    `drop` the connection before anything was done; `deaf`: it is done, then the connection breaks; `half`: it is done,
    and half of the answer comes; `parts`: the answer comes in small parts; `slow`: it is done, and no answer comes;
    `offline`: the phone goes offline; another word: an exception of the agent with these words. `said` keeps what was
    asked of the agent and of the shell."""

    phone: FakePhone
    state: str = "Connected"
    service: int = 0
    starts: bool = True
    knows_layout: bool = True
    stored: dict[str, bytes] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    channels: list[socket.socket] = field(default_factory=list)

    def fault(self, where: str) -> str | None:
        for place, (name, how) in enumerate(self.faults):
            if name == where:
                del self.faults[place]
                return how
        return None

    def end(self) -> None:
        """The agent ends, and every line to it."""
        self.service = 0
        self.cut()

    def cut(self) -> None:
        """Every line to the agent is lost."""
        for channel in self.channels:
            with suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
        self.channels.clear()


class FakeHdc:
    """The server behind the program. `devices` by serial; `environment` lets a process find the program."""

    def __init__(self, folder: Path) -> None:
        self.devices: dict[str, Device] = {}
        self.closing = threading.Event()
        self.lock = threading.RLock()
        self.forwards: dict[str, socketserver.ThreadingTCPServer] = {}
        self.processes = 1000
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ValueError):
                    answer = fake.run(json.loads(self.rfile.readline()))
                    if answer is not None:
                        self.wfile.write(json.dumps(answer).encode())

        self._server = _serve(Handler)
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / "hdc"
        program.write_text(_HDC.format(python=sys.executable))
        program.chmod(0o755)
        self.environment = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "OHOS_HDC_SERVER_PORT": str(self._server.server_address[1]),
        }

    def add(self, serial: str, phone: FakePhone, *, state: str = "Connected") -> Device:
        self.devices[serial] = Device(phone, state)
        return self.devices[serial]

    def close(self) -> None:
        self.closing.set()
        for server in (self._server, *self.forwards.values()):
            server.shutdown()
            server.server_close()

    # ---- the program ----------------------------------------------------------------------------------

    def run(self, words: list[str]) -> tuple[str, int] | None:
        """What `hdc` prints, and its exit code; None when it never ends."""
        if words[:2] == ["list", "targets"]:
            lines = [f"{serial}\t\tUSB\t{d.state}\tlocalhost\thdc\n" for serial, d in self.devices.items()]
            return "".join(lines) or "[Empty]\n", 0
        if words[:1] == ["tconn"]:
            known = self.devices.get(words[1])
            if known is not None and known.state == "Offline":
                known.state = "Connected"
            return ("Connect OK\n" if known else "[Fail]Connect failed\n"), 0
        device = self.devices.get(words[1]) if words[:1] == ["-t"] else None
        if device is None:
            return "[Fail]ExecuteCommand need connect-key? please confirm a device by help info\n", 0
        if device.state != "Connected":
            return "[Fail]Device not founded or connected\n", 0
        if words[2] == "fport":
            return self._forward(device, words[3:]), 0
        if words[2] == "file":
            return self._file(device, *words[3:])
        assert words[2] == "shell" and len(words) == 4, words
        return self._shell(device, words[3])

    def _shell(self, device: Device, command: str) -> tuple[str, int] | None:
        words, marker, mark = command.partition("; echo ")
        device.said.append(words)
        how = device.fault("shell")
        if how == "offline":
            device.state = "Offline"
            return "[Fail]Device not founded or connected\n", 0
        if how == "fail":
            return "[Fail]The communication channel is being established. Please wait for several seconds\n", 0
        if how == "drop":
            return "", 1
        with self.lock:
            said = self._does(device, words)
        if how == "slow":
            self.closing.wait()
            return None
        if how in ("half", "deaf"):
            return said[: len(said) // 2], 0
        return said + (mark.removesuffix("$?") + "0\n" if marker else ""), 0

    def _does(self, device: Device, command: str) -> str:
        words = shlex.split(command)
        if words[0] == "chmod":
            return self._does(device, command.partition(" && ")[2])
        if words[0] == "param" and "; " in command:
            return "FAKE-60\n" + self._does(device, command.partition("; ")[2])
        if command == "ps -ef":
            line = f"shell {device.service} 1 2 11:03:37 ? 00:00:16 uitest start-daemon singleness\n"
            return "UID PID PPID C STIME TTY TIME CMD\n" + (line if device.service else "")
        if words[:2] == ["kill", "-9"]:
            if words[2] == str(device.service):
                device.end()
            return ""
        if words[0] == "md5sum":
            data = device.stored.get(words[1])
            return f"{hashlib.md5(data).hexdigest()}  {words[1]}\n" if data else f"md5sum: {words[1]}: No such file\n"
        if command == "uitest start-daemon singleness":
            if device.starts and AGENT in device.stored:
                self.processes += 1
                device.service = self.processes
            return ""
        if words[:2] == ["uitest", "dumpLayout"]:
            return json.dumps(layout(device.phone))
        if words[0] == "hidumper":
            return f"POWER STATE DUMP:\nCurrent State: {'AWAKE' if device.phone.awake else 'INACTIVE'}  Reason: 1\n"
        if command == "power-shell wakeup":
            device.phone.awake = True
            return "WakeupDevice is called\n"
        if words[0] == "snapshot_display":
            if not device.phone.pictures:
                return "error: snapshot failed\n"
            device.stored[words[2]] = device.phone.picture("JPEG")
            return f"success: snapshot display 0 , write to {words[2]} as jpeg\n"
        if words[:2] == ["rm", "-f"]:
            for path in words[2:]:
                device.stored.pop(path, None)
            return ""
        if words[:3] == ["bm", "dump", "-n"]:
            return self._about(device.phone, words[3])
        if words[0] == "aa":
            return self._abilities(device.phone, words)
        return f"/bin/sh: {words[0]}: inaccessible or not found\n"

    def _about(self, phone: FakePhone, bundle: str) -> str:
        app = phone.apps.get(bundle)
        if app is None:
            return "error: failed to get information and the parameters may be wrong.\n"
        home = {"name": app.first.removeprefix("."), "skills": [{"actions": ["action.system.home"]}]}
        module = {"moduleName": "entry", "mainAbility": "", "abilityInfos": [{"name": "Other", "skills": []}, home]}
        return f"{bundle}:\n" + json.dumps({"mainEntry": "entry", "hapModuleInfos": [module]}, indent=4) + "\n"

    def _abilities(self, phone: FakePhone, words: list[str]) -> str:
        if words[1] == "force-stop":
            phone.shell(shlex.join(["am", *words[1:]]))
            return "force stop process successfully.\n"
        given = dict(zip(words[2::2], words[3::2], strict=True))
        if "-U" in given:
            started = phone.shell(shlex.join(["am", "start", "-d", given["-U"]]))
        else:
            started = phone.shell(shlex.join(["am", "start", "-n", f"{given['-b']}/.{given['-a']}"]))
        if "Error" in started:
            return "error: failed to start ability.\nError Code:10104001  Error Message:The ability is not found\n"
        return "start ability successfully.\n"

    def _file(self, device: Device, way: str, source: str, target: str) -> tuple[str, int]:
        if way == "send":
            device.stored[target] = Path(source).read_bytes()
            return f"FileTransfer finish, Size:{len(device.stored[target])}, File count = 1, time:5ms\n", 0
        if device.fault("recv") is not None or source not in device.stored:
            return f"[Fail]Error opening file: no such file or directory, path:{source}\n", 0
        Path(target).write_bytes(device.stored[source])
        return f"FileTransfer finish, Size:{len(device.stored[source])}, File count = 1, time:5ms\n", 0

    def _forward(self, device: Device, words: list[str]) -> str:
        if words[0] == "rm":
            server = self.forwards.pop(words[1], None)
            if server is None:
                return f"[Fail]Remove forward ruler failed, ruler is not exist {words[1]} {words[2]}\n"
            server.shutdown()
            server.server_close()
            return f"Remove forward ruler success, ruler:{words[1]} {words[2]}\n"
        assert words[1] == "tcp:8012"
        fake = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ValueError):
                    _Agent(fake, device, self.request).serve()

        self.forwards[words[0]] = _serve(Handler, int(words[0].removeprefix("tcp:")))
        return "Forwardport result:OK\n"


def _serve(handler: type[socketserver.BaseRequestHandler], port: int = 0) -> socketserver.ThreadingTCPServer:
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def found_hdc() -> bool:
    return shutil.which("hdc") is not None


# ---- the agent ----------------------------------------------------------------------------------------


class _Agent:
    """One line to the agent: a call each line, an answer after it."""

    def __init__(self, hdc: FakeHdc, device: Device, channel: socket.socket) -> None:
        self._hdc, self._device, self._channel = hdc, device, channel
        self._words: dict[str, dict[str, Any]] = {"On#seed": {}}
        self._found: dict[str, View] = {}

    def serve(self) -> None:
        if not self._device.service or self._device.state != "Connected":
            return  # hdc takes the connection, and ends it when nothing listens on the phone
        how = self._device.fault("connect")
        if how == "drop":
            return
        if how == "offline":
            self._device.state = "Offline"
            return
        self._device.channels.append(self._channel)
        for line in self._channel.makefile("rb"):
            asked = json.loads(line)
            assert asked["module"] == "com.ohos.devicetest.hypiumApiHelper" and asked["request_id"], asked
            if not self._answer(asked["method"], asked["params"]):
                return

    def _answer(self, method: str, params: dict[str, Any]) -> bool:
        api = params["api"]
        self._device.said.append(api)
        how = self._device.fault(api)
        if how == "drop":
            return False
        if how is None or how in ("slow", "half", "deaf", "parts"):
            try:
                with self._hdc.lock:
                    answer: dict[str, Any] = {"result": self._do(method, api, params.get("this"), params["args"])}
            except Refused as error:
                answer = {"result": None, "exception": str(error)}
        else:
            answer = {"result": None, "exception": how}
        data = json.dumps(answer, ensure_ascii=False).encode()
        if how == "slow":
            self._hdc.closing.wait()
        elif how == "half":
            self._channel.sendall(data[: len(data) // 2])
        elif how == "parts":
            for start in range(0, len(data), 1000):
                self._channel.sendall(data[start : start + 1000])
        elif how != "deaf":
            self._channel.sendall(data)
        return how in (None, "parts") or "exception" in answer

    def _do(self, method: str, api: str, this: str | None, given: list[Any]) -> Any:
        phone = self._device.phone
        if method == "Captures":
            if api != "captureLayout" or not self._device.knows_layout:
                raise Refused("Illegal capture api")
            return layout(phone)
        if api == "Driver.create":
            return "Driver#0"
        kind, _, name = api.partition(".")
        if kind == "On":
            self._words[f"On#{len(self._words)}"] = {**self._words[str(this)], name: given[0]}
            return f"On#{len(self._words) - 1}"
        if kind == "Component":
            return self._to_component(name, str(this), given)
        assert kind == "Driver" and this == "Driver#0", (api, this)
        own = "do_" + re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)
        does: Callable[..., Any] | None = getattr(self, own, None)
        if does is None:
            raise Refused(f"Illegal api name: {api}")
        return does(*given)

    def _to_component(self, name: str, this: str, given: list[Any]) -> None:
        phone, view = self._device.phone, self._found[this]
        if phone.focused != view.id or not any(v.id == view.id for w in phone.windows() for v in w.all()):
            raise Refused('{"code":17000004,"message":"Component dose not exist on current UI!"}')
        phone.do_set_text({"focused": True, "resourceId": view.id}, given[0] if name == "inputText" else "")

    def do_get_display_size(self) -> dict[str, int]:
        width, height = self._device.phone.size()
        return {"x": width, "y": height}

    def do_get_display_density(self) -> dict[str, int]:
        return {"x": 480, "y": 480}

    def do_get_display_rotation(self) -> int:
        return self._device.phone.rotation

    def do_set_display_rotation(self, turned: int) -> None:
        self._device.phone.rotation = turned

    def do_find_components(self, words: str) -> list[str]:
        phone, wanted, found = self._device.phone, self._words[words], []
        for view in [v for window in phone.windows() for v in window.all()]:
            about = _attributes(phone, view)
            if all(str(about[name]) in (str(value), str(value).lower()) for name, value in wanted.items()):
                self._found[f"Component#{len(self._found)}"] = view
                found.append(f"Component#{len(self._found) - 1}")
        return found

    def do_click(self, x: int, y: int) -> None:
        self._device.phone.do_click(x, y)

    def do_double_click(self, x: int, y: int) -> None:
        self._device.phone.do_click(x, y)
        self._device.phone.do_click(x, y)

    def do_long_click(self, x: int, y: int) -> None:
        self._device.phone.do_click(x, y, 1500)

    def do_swipe(self, x: int, y: int, to_x: int, to_y: int, speed: int) -> None:
        assert 200 <= speed <= 40_000
        self._device.phone.do_swipe(x, y, to_x, to_y, 10)

    def do_drag(self, x: int, y: int, to_x: int, to_y: int, speed: int) -> None:
        self._device.phone.do_drag(x, y, to_x, to_y, 10)

    def do_trigger_key(self, code: int) -> None:
        self._device.phone.do_press_key_code(_KEYS.get(code, 0))

    def do_trigger_combine_keys(self, *codes: int) -> None:
        self._device.said.append(f"keys {codes}")

    def do_press_back(self) -> None:
        self._device.phone.do_press_key_code(4)

    def do_press_home(self) -> None:
        self._device.phone.do_press_key_code(3)


# ---- the layout ---------------------------------------------------------------------------------------


def layout(phone: FakePhone) -> dict[str, Any]:
    """The screen as uitest tells it: the window in front first."""
    phone.ticks += 1
    width, height = phone.size()
    windows = phone.windows()
    bars = [w for w in windows if w.package == "com.android.systemui"]
    keys = [w for w in windows if w.package == KEYBOARD]
    shown = [w for w in windows if w not in bars + keys][::-1] + keys + bars
    ability = phone.front[-1].partition("/.")[2]
    children = []
    for number, window in enumerate(shown):
        told = {"attributes": _attributes(phone, window), "children": [_told(phone, window, number)]}
        told["attributes"] |= {
            "type": "root", "clickable": "false", "scrollable": "false", "id": "", "key": "",
            "bundleName": _BUNDLES.get(window.package, window.package), "pagePath": "pages/Index",
            "abilityName": "GrantAbility" if phone.permission and number == 0 else ability,
        }  # fmt: skip
        children.append(told)
    return {"attributes": {"bounds": f"[0,0][{width},{height}]", "type": "", "text": ""}, "children": children}


def _told(phone: FakePhone, view: View, window: int) -> dict[str, Any]:
    about = {**_attributes(phone, view), "hostWindowId": str(window)}
    return {"attributes": about, "children": [_told(phone, child, window) for child in view.children]}


def _attributes(phone: FakePhone, view: View) -> dict[str, str]:
    edits = view.kind == "EditText"
    held = phone.fields.get(view.id, "") if edits else view.text
    flags = {
        "checkable": view.checked is not None, "checked": bool(view.checked), "enabled": view.enabled,
        "clickable": view.does is not None or view.held is not None or edits, "longClickable": view.held is not None,
        "focused": (edits and view.id == phone.focused) or view.kind == "FrameLayout", "selected": False,
        "scrollable": view.scrolls, "visible": True,
    }  # fmt: skip
    return {
        "text": "*" * len(held) if view.password else held, "description": view.says, "hint": view.hint, "id": view.id,
        "key": view.id, "zIndex": str(view.drawn),
        "type": "TextArea" if view.lines else _TYPES.get(view.kind, view.kind),
        "bounds": "[{},{}][{},{}]".format(*view.bounds), **{name: str(on).lower() for name, on in flags.items()},
    }  # fmt: skip
