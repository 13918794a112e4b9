"""A real browser for the tests: headless Chromium, driven over two pipes (--remote-debugging-pipe:
JSON that ends in a zero byte, to it on descriptor 3, from it on 4). One start serves many pages.

    with Browser(folder) as browser:
        page = browser.open(path, width=360)
        page["faults"], page["scroll"], browser.screenshot(path, 3000), browser.pdf(path)
"""

import base64
import json
import os
import select
import signal
import subprocess
import time

PROGRAM = "chromium"
# No sandbox of its own: tests run as root. Nothing is fetched, and nothing phones home.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
         "--no-default-browser-check", "--force-color-profile=srgb", "--remote-debugging-pipe")
ANSWER_S = 60


class BrowserError(Exception):
    """Chromium did not start, did not answer or refused; the text says what."""


class Browser:
    """One page at a time, in a folder that may be thrown away."""

    def __init__(self, folder):
        self.folder = folder
        self.last, self.rest, self.session = 0, b"", None
        self.faults, self.requests, self.loaded = [], [], False

    def __enter__(self):
        (self.folder / "browser").mkdir(parents=True, exist_ok=True)
        down, self.down = os.pipe()
        self.up, up = os.pipe()

        def ends():    # in the child: the two pipes at 3 and 4, wherever they were
            spare = [os.dup(down), os.dup(up)]
            for place, fd in enumerate(spare, 3):
                os.dup2(fd, place)

        env = {**os.environ, "HOME": str(self.folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        with open(self.folder / "browser.log", "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, *FLAGS, f"--user-data-dir={self.folder / 'browser'}", "about:blank"],
                preexec_fn=ends, close_fds=False, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=env, start_new_session=True)
        os.close(down)
        os.close(up)
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)    # its own group: it has children
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.down)
        os.close(self.up)

    # ---- the pipe -------------------------------------------------------------------------------

    def ask(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.down, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + ANSWER_S
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]

    def receive(self, until):
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.up], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.up, 1 << 20) if ready else b""
            if not piece:
                log = (self.folder / "browser.log").read_text(errors="replace")
                raise BrowserError("chromium does not answer:\n" + log[-2000:])
            self.rest += piece
        line, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(line)
        self.notice(message.get("method"), message.get("params", {}))
        return message

    def notice(self, method, params):
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.faults.append(params)
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    # ---- pages ----------------------------------------------------------------------------------

    def open(self, path, width, height=900, dark=False):
        """Loads a file; faults: what console and log had to say; requests: what it fetched."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.faults, self.requests, self.loaded = [], [], False
        self.ask("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + ANSWER_S
        while not self.loaded:
            self.receive(until)
        return {"faults": self.faults, "requests": self.requests,
                "scroll": self.value("document.scrollingElement.scrollWidth"),
                "inner": self.value("innerWidth")}

    def value(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise BrowserError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def screenshot(self, path, most):
        """The page as PNG, from its top, at most so many pixels of it."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                        clip={"x": 0, "y": 0, "scale": 1, "width": self.value("innerWidth"),
                              "height": min(most, self.value("document.scrollingElement.scrollHeight"))})
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def pdf(self, path):
        """As printed, on the paper that the page asks for."""
        made = self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        path.write_bytes(base64.b64decode(made["data"]))
        return path
