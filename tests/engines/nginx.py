"""A real nginx on this machine's loopback, in front of a TensorBoard."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

START_SECONDS: Final = 20

CONFIGURATION: Final = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_proxied any;
    gzip_types *;
    gzip_min_length 1;
    proxy_buffering on;
    proxy_request_buffering on;
    server {{
        listen 127.0.0.1:{port};
        location {prefix} {{ proxy_pass {target}; }}
    }}
}}
"""
"""Everything between is compressed and buffered, as proxies do with what they know nothing of."""


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def proxied(nginx: str, folder: Path, prefix: str, target: str) -> Iterator[str]:
    """The address of an nginx that passes what is below ``prefix`` to ``target``."""
    port = free_port()
    text = CONFIGURATION.format(folder=folder, port=port, prefix=prefix, target=target)
    (folder / "nginx.conf").write_text(text)
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "messages.txt").open("wb") as messages:
        process = subprocess.Popen(command, stdout=messages, stderr=messages)
    try:
        _wait_for(port, process, folder)
        yield f"http://127.0.0.1:{port}{prefix}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            said = "".join(path.read_text() for path in folder.glob("*.*") if path.suffix != ".pid")
            raise AssertionError(f"nginx did not start:\n{said}")
        time.sleep(0.05)
