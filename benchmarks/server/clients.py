"""Clients of a TensorBoard on this machine, and what its process uses meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

ROUTE: Final = "data/plugin/layerview/"
PATIENCE_SECONDS: Final = 60
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Client:
    """One connection that is kept open, as a browser keeps it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self._connection = HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)

    def get(self, route: str, **query: object) -> bytes:
        """The body of an answer.

        Raises:
            AssertionError: the status is not 200; it tells the body.
            OSError: there was no answer.
        """
        self._connection.request("GET", f"{self._path}{ROUTE}{route}?{urlencode(query)}")
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
            raise AssertionError(f"{route}: {answer.status} {body[:300]!r}")
        return body

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Usage(NamedTuple):
    """What a process has used: seconds of processor, bytes of memory now, open files."""

    processor_seconds: float
    resident_bytes: int
    files: int


def usage_of(pid: int) -> Usage:
    """As Linux tells it. Its threads are counted in; the data server is a process of its own."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    pages = int(fields[21])
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Usage(ticks / _TICKS, pages * os.sysconf("SC_PAGE_SIZE"), files)


class Answers(NamedTuple):
    """What clients got: the seconds of each answer, and what went wrong."""

    seconds: list[float]
    errors: list[str]

    def percentile(self, share: float) -> float:
        """Seconds within which `share` (0 to 1) of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ask_together(
    url: str,
    clients: int,
    until: Callable[[int], bool],
    ask: Callable[[Client, int], object],
    pause: Callable[[], float] = lambda: 0.0,
) -> Answers:
    """Let `clients` threads ask over and over.

    Args:
        url: of the TensorBoard.
        clients: how many ask at once.
        until: whether to stop, given how many answers there are.
        ask: makes one request, given a client and a number that is another each time.
        pause: seconds before each request.
    """
    answers = Answers([], [])
    numbers = iter(range(1 << 62))

    def work() -> None:
        client = Client(url)
        try:
            while not until(len(answers.seconds) + len(answers.errors)):
                time.sleep(pause())
                number = next(numbers)
                begun = time.perf_counter()
                try:
                    ask(client, number)
                except (AssertionError, OSError) as error:
                    answers.errors.append(f"{type(error).__name__}: {error}")
                    client.close()
                else:
                    answers.seconds.append(time.perf_counter() - begun)
        finally:
            client.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def tile_query(run: str, key: str, step: int, level: int, corner: Sequence[int]) -> dict[str, str]:
    """A tile as the page asks for it: 512 x 512 cells of a level from `corner` on."""
    row, col = corner
    return {
        "run": run,
        "key": key,
        "step": str(step),
        "level": str(level),
        "slice": f"{row}:{row + TILE},{col}:{col + TILE}",
    }


TILE: Final = 512
"""Cells of a tile in both directions."""
