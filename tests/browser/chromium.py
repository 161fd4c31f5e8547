"""A headless Chromium, spoken to through a pipe: the DevTools protocol needs nothing that Python has not.

Messages are JSON, each ended by a zero byte. Commands are answered by their id; everything else that arrives is an
event and is kept.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60.0
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip


def installed() -> str | None:
    """The browser of this machine, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One browser. `events` are what it told without being asked."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = to, back
        self._last = 0
        self._buffer = b""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """A command and its answer."""
        self._last += 1
        said = {"id": self._last, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._to, json.dumps(said).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            heard = self._next(end - time.monotonic())
            if heard is None:
                continue
            if heard.get("id") == self._last:
                assert "error" not in heard, heard
                return dict(heard["result"])
            self.events.append(heard)
        raise TimeoutError(method)

    def _next(self, seconds: float) -> dict[str, Any] | None:
        while b"\0" not in self._buffer:
            if not select.select([self._back], [], [], max(0.0, seconds))[0]:
                return None
            piece = os.read(self._back, 65536)
            assert piece, "the browser is gone"
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(text))

    def visitor(self) -> Visitor:
        """Somebody who was never here: a profile of their own."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        return Visitor(self, context)


class Visitor:
    """A profile with one page."""

    def __init__(self, browser: Chromium, context: str) -> None:
        self._browser = browser
        target = browser.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self._session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.ask(method, self._session, **params)

    def before_every_page(self, program: str) -> None:
        """Run this before any script of a page."""
        self._ask("Page.addScriptToEvaluateOnNewDocument", source=program)

    def opens(self, address: str) -> None:
        """Load a page, to its end."""
        self._ask("Page.navigate", url=address)
        self.waits_for(f"location.href.split('#')[0] === {json.dumps(address)} && document.readyState === 'complete'")

    def does(self, program: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        told = self._ask("Runtime.evaluate", expression=program, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def types(self, field: str, text: str) -> None:
        """Key by key, as a person does."""
        self.does(f"document.querySelector({json.dumps(f'[name={field}]')}).focus()")
        for key in text:
            self._ask("Input.dispatchKeyEvent", type="char", text=key)

    def clicks(self, selector: str, times: int = 1) -> None:
        """With the mouse, in the middle of it, wherever on the page it is."""
        self.does(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        box = self.does(f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
                        f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")  # fmt: skip
        for number in range(times):
            for kind in ("mousePressed", "mouseReleased"):
                self._ask(
                    "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=number + 1
                )

    def presses(self, key: str) -> None:
        """A key that is no letter, such as Tab."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27}
        for kind in ("rawKeyDown", "keyUp"):
            self._ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key])

    def looks(self, width: int, prefers: str = "light", media: str = "screen", height: int = 900) -> None:
        """From now on through a window of this width, by somebody who prefers these colours; or on paper (`print`)."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        features = [{"name": "prefers-color-scheme", "value": prefers}]
        self._ask("Emulation.setEmulatedMedia", media=media, features=features)

    def pictures(self) -> str:
        """What is seen, as PNG in base64."""
        return str(self._ask("Page.captureScreenshot", format="png")["data"])

    def prints(self) -> str:
        """The page as PDF in base64."""
        return str(self._ask("Page.printToPDF", printBackground=False)["data"])

    def waits_for(self, condition: str) -> None:
        """Until an expression holds. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if self.does(f"Boolean({condition})"):
                    return
            except AssertionError:
                pass  # the page is being replaced
            time.sleep(0.05)
        raise TimeoutError(condition)

    def complaints(self) -> list[str]:
        """What the page's console shows in red: exceptions, and what a policy forbade."""
        own = [event for event in self._browser.events if event.get("sessionId") == self._session]
        thrown = [str(each["params"]) for each in own if each["method"] == "Runtime.exceptionThrown"]
        entries = [each["params"]["entry"] for each in own if each["method"] == "Log.entryAdded"]
        return thrown + [each["text"] for each in entries if each["source"] in ("security", "violation", "javascript")]


@contextmanager
def started(program: str, folder: Path) -> Iterator[Chromium]:
    """A running browser, ended afterwards."""
    (read, to), (back, write) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", program, *_FLAGS, f"--user-data-dir={folder}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(read, write),
    )
    for end in (read, write):
        os.close(end)
    try:
        yield Chromium(to, back)
    finally:
        process.terminate()
        process.wait(30)
        for end in (to, back):
            os.close(end)
