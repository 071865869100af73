"""A Firefox that is told what to do by WebDriver BiDi, which it speaks itself: no driver between.

https://w3c.github.io/webdriver-bidi/
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import websocket

START_SECONDS: Final = 60
ANSWER_SECONDS: Final = 60

PREFERENCES: Final = """
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("layout.css.devPixelsPerPx", "1.0");
"""


class FrameGone(Exception):  # noqa: N818  # no error: it happens while a page is loaded
    """The frame that a command was for is not there any more."""


class Firefox:
    """One tab. What it logs and what fails in it is in ``complaints``."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._asked = 0
        self.complaints: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        (tab,) = self.call("browsingContext.getTree")["contexts"]
        self.tab: str = tab["context"]

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of a command; what happens meanwhile is taken in."""
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": parameters}
        self._socket.send(json.dumps(asked))
        while True:
            said: dict[str, Any] = json.loads(self._socket.recv())
            if said.get("id") == self._asked:
                if said.get("error") == "no such frame":
                    raise FrameGone
                assert said["type"] == "success", said
                result: dict[str, Any] = said["result"]
                return result
            if said.get("method") == "log.entryAdded":
                self._hear(said["params"])

    def _hear(self, entry: dict[str, Any]) -> None:
        if entry["level"] in ("error", "warn"):
            frames = (entry.get("stackTrace") or {}).get("callFrames") or [{}]
            self.complaints.append(f"{entry['level']}: {entry['text']} ({frames[0].get('url')})")

    def open(self, url: str) -> None:
        """Go to an address, and wait until it is loaded."""
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def size(self, width: int, height: int) -> None:
        """How large the page is seen, in CSS pixels."""
        self.call(
            "browsingContext.setViewport",
            context=self.tab,
            viewport={"width": width, "height": height},
        )

    def frame(self) -> str | None:
        """The plugin's frame, wherever in the page; None before there is one."""
        waiting = self.call("browsingContext.getTree", root=self.tab)["contexts"]
        while waiting:
            context = waiting.pop()
            if "name=layerview" in context["url"]:
                found: str = context["context"]
                return found
            waiting += context.get("children") or []
        return None

    def evaluate(self, expression: str) -> object:
        """What an expression is in the plugin's frame, by way of JSON; None before it is there."""
        frame = self.frame()
        if frame is None:
            return None
        answer = self.call(
            "script.evaluate",
            expression=f"JSON.stringify({expression}) ?? 'null'",
            target={"context": frame},
            awaitPromise=False,  # of a frame that goes, none would be kept
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def wait_for(self, expression: str) -> Any:  # noqa: ANN401  # JSON is anything
        """What an expression is in the plugin's frame as soon as that is true."""
        deadline = time.monotonic() + ANSWER_SECONDS
        page: object = None
        while True:
            try:
                found = self.evaluate(expression)
                page = self.evaluate("document.body?.innerText")
            except FrameGone:
                found = None
            if found:
                return found
            assert time.monotonic() < deadline, f"{expression} is never true on:\n{page}"
            time.sleep(0.2)

    def point_at(self, x: float, y: float) -> None:
        """Move the pointer, in CSS pixels from the window's corner."""
        move = {"type": "pointerMove", "x": round(x), "y": round(y)}
        actions = [{"type": "pointer", "id": "mouse", "actions": [move]}]
        self.call("input.performActions", context=self.tab, actions=actions)

    def screenshot(self) -> bytes:
        """The page as it is seen, as a PNG."""
        answer = self.call("browsingContext.captureScreenshot", context=self.tab)
        return base64.b64decode(answer["data"])


@contextmanager
def started(program: str, folder: Path) -> Iterator[Firefox]:
    """A Firefox without a window and with a profile of its own in ``folder``."""
    profile = folder / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(PREFERENCES)
    log = folder / "firefox.txt"
    command = [program, "--headless", "--no-remote", "--profile", str(profile)]
    with log.open("wb") as messages:
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0", "about:blank"],
            stdout=messages,
            stderr=messages,
        )
    try:
        socket = websocket.create_connection(
            f"{_address(process, log)}/session", timeout=120, suppress_origin=True
        )
        try:
            yield Firefox(socket)
        finally:
            socket.close()
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        said = log.read_text(errors="replace")
        told = re.search(r"WebDriver BiDi listening on (ws://\S+)", said)
        if told:
            return told[1]
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"Firefox did not start:\n{said}")
        time.sleep(0.1)
