"""WebKitGTK, by its WebKitWebDriver, on a screen of Xvfb's that nobody looks at."""

import base64
import contextlib
import http.client
import json
import os
import re
import select
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.automation import Automation
from tests.window import PATIENCE, SIZE

PROGRAM = Path(__file__).with_name("webkit_window.py")
PYTHON = "/usr/bin/python3"  # Debian's, for which its bindings of GTK are made

# The standard's commands, with their methods and paths.
COMMANDS = {
    "Navigate To": ("POST", "/url"),
    "Execute Async Script": ("POST", "/execute/async"),
    "Perform Actions": ("POST", "/actions"),
    "Set Window Rect": ("POST", "/window/rect"),
    "Take Screenshot": ("GET", "/screenshot"),
    "Delete Session": ("DELETE", ""),
}

AMISS = re.compile(r"CONSOLE (?:\w+ )?(?:ERROR|WARN)")


def executable() -> str | None:
    """The driver, if everything else that it takes is there as well."""
    asked = "import gi; gi.require_version('WebKit2', '4.1'); from gi.repository import WebKit2"
    found = shutil.which("WebKitWebDriver")
    if not found or not shutil.which("Xvfb"):
        return None
    return None if subprocess.run([PYTHON, "-c", asked], capture_output=True, timeout=60).returncode else found


class WebKit(Automation):
    """A window of WebKitGTK on a screen of its own, with a profile in a folder."""

    def __init__(self, url: str, folder: Path, *, dark: bool = False) -> None:
        super().__init__(url)
        driver = executable()
        assert driver is not None
        reads, writes = os.pipe()
        screen = ["Xvfb", "-displayfd", str(writes), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
        self._screen = subprocess.Popen(screen, pass_fds=[writes], stderr=subprocess.DEVNULL)
        os.close(writes)
        with os.fdopen(reads) as number:
            assert select.select([number], [], [], PATIENCE)[0], "Xvfb does not start"
            display = f":{number.readline().strip()}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # Composed by GL without a graphics card, each frame takes five times as long.
        environment = {"DISPLAY": display, "GDK_BACKEND": "x11", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
        self._log = folder / "log.txt"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [driver, f"--port={port}"], stdout=log, stderr=log, env=os.environ | environment
            )
        self._heard = 0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            self._begin(folder, dark)
        except BaseException:
            self._process.kill()
            self._screen.kill()
            raise

    def _begin(self, folder: Path, dark: bool) -> None:
        self._wait_until_it_listens()
        arguments = [str(PROGRAM), str(folder), *map(str, SIZE), "dark" if dark else "light"]
        options = {"binary": PYTHON, "args": arguments}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        session = self._ask("POST", "/session", wanted)
        self._session = session["sessionId"]
        self.name = f"WebKitGTK {session['capabilities']['browserVersion']}"

    def _wait_until_it_listens(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._connection.connect()
            except ConnectionRefusedError:
                assert time.monotonic() < end, "WebKitWebDriver does not listen"
                time.sleep(0.05)

    def _ask(self, method: str, path: str, body: Any) -> Any:
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = json.loads(self._connection.getresponse().read())["value"]
        assert not (isinstance(answer, dict) and "stacktrace" in answer), f"WebKit says of {path}: {answer}"
        return answer

    def command(self, name: str, **parameters: Any) -> Any:
        method, path = COMMANDS[name]
        return self._ask(method, f"/session/{self._session}{path}", parameters if method == "POST" else None)

    def screenshot(self) -> bytes:
        return base64.b64decode(self.command("Take Screenshot"))

    def resize(self, width: int, height: int) -> None:
        self.command("Set Window Rect", width=width, height=height)
        self.wait("([width, height]) => innerWidth === width && innerHeight === height", [width, height])

    def hear(self) -> list[str]:
        lines = self._log.read_text(errors="replace").splitlines()
        heard, self._heard = self._heard, len(lines)
        return [line for line in lines[heard:] if AMISS.search(line)]

    def close(self) -> None:
        with contextlib.suppress(
            AssertionError, OSError, http.client.HTTPException
        ):  # the window may be gone before it has answered
            self.command("Delete Session")
        self._connection.close()
        for process in (self._process, self._screen):
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            finally:
                process.kill()
