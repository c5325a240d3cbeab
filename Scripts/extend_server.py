"""`extend serve` for the scripts that talk to it."""
import os
import re
import subprocess
import sys
import threading


class ExtendServer:
    """A server of a model on a free port of this machine; killed at the end of its `with` block if it still runs."""

    def __init__(self, program, model, *options, key=""):
        """Starts it, and returns when it listens. With a key, only those who send that are let in."""
        self.process = subprocess.Popen(
            [program, "serve", model, "--port", "0", *options], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "EXTEND_API_KEY": key})
        place = re.search(r"http://\S+:(\d+)/v1", self.process.stdout.readline())
        if place is None:
            sys.exit(f"extend serve ended with code {self.process.wait()}; its message stands above")
        self.url, self.port = place[0], int(place[1])
        # What it says of each request has to be taken, or a full pipe stops it.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def end(self):
        """Asks it to end when the answers under way are finished, and gives its exit code."""
        self.process.terminate()
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
