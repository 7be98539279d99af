"""Firefox, by its own Marionette: WebDriver's commands as JSON over a socket.

It is what geckodriver speaks to it, which Debian does not have; so nothing but Firefox has to be there.
"""

import base64
import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.automation import Automation
from tests.window import PATIENCE, SIZE

PREFERENCES = {
    "intl.accept_languages": "en-GB",
    "layout.css.prefers-color-scheme.content-override": 1,  # light
    "ui.prefersReducedMotion": 1,
    # A test asks nobody for anything.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "",
}

# What the standard's commands are called here, where it is another name.
NAMES = {"Navigate To": "Navigate", "New Window": "NewWindow"}

# Errors of any kind that are about pages, as Firefox's own console of the browser has them, from a place in it on.
ERRORS = """const [heard, url] = arguments;
const messages = Services.console.getMessageArray();
const amiss = messages.slice(heard).filter((one) => one instanceof Ci.nsIScriptError && one.sourceName.startsWith(url)
  || String(one.message).includes(`${url}/`)).filter((one) => !(one.flags & Ci.nsIScriptError.infoFlag));
return [messages.length, amiss.map((one) => one.message)];"""

# What the page itself has written into the console since this was asked last; it is gone with the page.
WRITTEN = """const kept = Cc["@mozilla.org/consoleAPI-storage;1"].getService(Ci.nsIConsoleAPIStorage);
const events = kept.getEvents();
kept.clearEvents();
return events.filter(({ level, filename }) => ["error", "warn", "assert"].includes(level) && /^https?:/.test(filename))
  .map(({ level, arguments: said }) => `${level}: ${said.join(" ")}`);"""

# What it says of a font or a script that was on its way, or had just begun, when the page was left; and of a page that
# was laid out before its style sheets had come, by the page around it or by a test that looks: it paints nothing of it.
LEFT = re.compile(
    r"download failed .*status=2152398850|Loading failed for the (?:<script>|module)|XPC_SECURITY_MANAGER_VETO"
    r"|Layout was forced before the page was fully loaded"
)


def executable() -> str | None:
    """Debian's Firefox. Others may be stubs that fetch a snap, which cannot read a profile of ours."""
    return shutil.which("firefox-esr")


class Firefox(Automation):
    """Firefox without a screen, with a profile of its own in a folder."""

    def __init__(self, url: str, folder: Path, *, dark: bool = False) -> None:
        super().__init__(url)
        program = executable()
        assert program is not None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        preferences = {
            **PREFERENCES,
            "marionette.port": port,
            "layout.css.prefers-color-scheme.content-override": 0 if dark else 1,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
        profile = folder / "profile"
        profile.mkdir()
        (profile / "user.js").write_text("\n".join(lines))
        # System access: the browser's console is read, which knows of more than a page is told.
        options = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
        with (folder / "log.txt").open("w") as log:
            self._process = subprocess.Popen([program, *options, "--profile", profile], stdout=log, stderr=log)
        try:
            self._begin(port)
        except BaseException:
            self._process.kill()
            raise

    def _begin(self, port: int) -> None:
        self._socket = self._connected(port)
        self._answers = self._socket.makefile("rb")
        self._asked = 0
        self._heard = 0  # how many messages of the browser's console
        self._written: list[str] = []  # into the page's, by pages that were left
        self._receive()  # its greeting
        abilities = self.command("NewSession")["capabilities"]
        self.name = f"Firefox {abilities['browserVersion']}"
        # The window that it starts with never has the focus.
        handle = self.command("New Window", type="tab", focus=True)["handle"]
        self.command("CloseWindow")
        self.command("SwitchToWindow", handle=handle, focus=True)
        self.resize(*SIZE)
        self.hear()

    def _connected(self, port: int) -> socket.socket:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            except ConnectionRefusedError:
                assert self._process.poll() is None, "Firefox has ended"
                assert time.monotonic() < end, "Firefox does not listen"
                time.sleep(0.05)

    def _receive(self) -> Any:
        size = b""
        while not size.endswith(b":"):
            digit = self._answers.read(1)
            assert digit, "Firefox has ended"
            size += digit
        return json.loads(self._answers.read(int(size[:-1])))

    def command(self, name: str, **parameters: Any) -> Any:
        self._asked += 1
        wanted = NAMES.get(name, name.replace(" ", ""))
        wanted = wanted if ":" in wanted else f"WebDriver:{wanted}"
        request = json.dumps([0, self._asked, wanted, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(request), request))
        _, _, error, answer = self._receive()
        assert error is None, f"Firefox says of {name}: {error}"
        return answer["value"] if isinstance(answer, dict) and answer.keys() == {"value"} else answer

    def _within(self, context: str, script: str, *arguments: Any) -> Any:
        """Run a script of the browser itself: where it draws its windows ("chrome"), or where a page is ("content")."""
        self.command("Marionette:SetContext", value=context)
        try:
            system = {"sandbox": "system"} if context == "content" else {}
            return self.command("ExecuteScript", script=script, args=list(arguments), **system)
        finally:
            self.command("Marionette:SetContext", value="content")

    def screenshot(self) -> bytes:
        return base64.b64decode(self.command("Take Screenshot", full=False))

    def resize(self, width: int, height: int) -> None:
        # A window has a least width; a page within it may be smaller.
        self.command("Set Window Rect", width=max(width, 500) + 20, height=height + 120)
        self._within(
            "chrome",
            """const { style } = gBrowser.selectedBrowser;
            for (const [edge, size] of [["width", arguments[0]], ["height", arguments[1]]])
              for (const bound of ["min", "max"]) style.setProperty(`${bound}-${edge}`, `${size}px`);""",
            width,
            height,
        )
        self.wait("([width, height]) => innerWidth === width && innerHeight === height", [width, height])

    def go(self, address: str) -> None:
        self._written += self._within("content", WRITTEN)
        super().go(address)

    def hear(self) -> list[str]:
        self._heard, errors = self._within("chrome", ERRORS, self._heard, self.url)
        written, self._written = [*self._written, *self._within("content", WRITTEN)], []
        return [*(error for error in errors if not LEFT.search(error)), *written]

    def close(self) -> None:
        try:
            self.command("Marionette:Quit", flags=["eForceQuit"])
            self._process.wait(timeout=PATIENCE)
        finally:
            self._process.kill()
        self._answers.close()
        self._socket.close()
