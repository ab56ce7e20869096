"""Requests to map servers: the only place that goes online, and only `siting fetch` comes here."""

import gzip
import http.client
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from siting import __version__
from siting.errors import DownloadError

BUSY = (429, 502, 503, 504)
"""Replies of a server that is busy: worth asking again."""
TRIES = 3
PAUSE_S = 20.0
HEADERS = {"User-Agent": f"siting/{__version__}", "Accept-Encoding": "gzip"}


def download(
    url: str,
    target: Path,
    *,
    form: dict[str, str] | None = None,
    timeout_s: float,
    tries: int = TRIES,
    pause_s: float = PAUSE_S,
) -> None:
    """Save what a server answers into a file; a busy server is asked again after a pause.

    Parameters
    ----------
    form : posted, where it is given
    timeout_s : how long the server may be silent

    Raises
    ------
    DownloadError
        There is no connection, it broke off, or the server refuses or stays busy.
    """
    scheme, host = urllib.parse.urlsplit(url)[:2]
    if scheme not in ("http", "https") or not host:
        msg = f"{url!r} is no address of a server; give http://… or https://…"
        raise DownloadError(msg)
    body = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=body, headers=HEADERS)
    for attempt in range(1, tries + 1):
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as reply, target.open("wb") as file:
                packed = reply.headers.get("Content-Encoding") == "gzip"
                shutil.copyfileobj(gzip.GzipFile(fileobj=reply) if packed else reply, file)
                return
        except urllib.error.HTTPError as error:
            if error.code in BUSY and attempt < tries:
                time.sleep(pause_s * attempt)
                continue
            if error.code in BUSY:
                msg = f"{host} is busy ({error.code} {error.reason}, asked {tries} times). Try later, or another server"
            else:
                said = " ".join(error.read(2000).decode("utf-8", "replace").split())[:300]
                msg = f"{host} refuses the request ({error.code} {error.reason}): {said}"
            raise DownloadError(msg) from error
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException, EOFError) as error:
            reason = getattr(error, "reason", None) or error or type(error).__name__
            msg = (
                f"no connection to {host}, or it broke off ({type(error).__name__}: {reason}). "
                "Check the internet connection and proxy; servers are set with --nominatim-url and --overpass-url"
            )
            raise DownloadError(msg) from error
