"""The page's address in a test, and imr-web as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

TOKEN = "t0ken-of-this-run"
PORT = 8417
BASE = f"http://127.0.0.1:{PORT}"

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "import sys; sys.argv[0] = 'imr-web'; from imr_search.web.server import web_command; web_command()"


class Server:
    """A run of imr-web; `address` is what it printed."""

    def __init__(self, index: Path, home: Path, *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IMR_SEARCH")}
        environment = kept | {
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-c", COMMAND, "--no-open", "--index", str(index), *arguments]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/[\w-]{20,}/", told)
        assert found is not None, told + (self.process.stderr.read() if self.process.stderr else "")
        self.address, self.port = found[0], int(found[1])

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
