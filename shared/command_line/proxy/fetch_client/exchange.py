"""One request and its redirects."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from shared.command_line.proxy.fetch_client.credentials import AskedFor
from shared.command_line.proxy.fetch_client.errors import NotFetched

REDIRECTS = 10
SECONDS = httpx.Timeout(30, read=60)  # of silence
ONE_REQUEST_EACH = httpx.Limits(max_keepalive_connections=0)  # a server may close after its answer and not say so


class Asked(NamedTuple):
    """What is asked for. `data` and `form` are sent by POST; a file of the form is a path."""

    url: str
    fields: Mapping[str, str] = {}  # never changed
    data: Mapping[str, Sequence[str]] = {}
    form: Sequence[tuple[str, str | Path]] = ()


@contextlib.contextmanager
def exchange(asked: Asked, credentials: AskedFor, trust: ssl.SSLContext) -> Iterator[httpx.Response]:
    """The answer, whose body is read within the block. Raises NotFetched."""
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(verify=trust, timeout=SECONDS, limits=ONE_REQUEST_EACH))
        try:
            response = _follow(client, _request(client, asked, stack), credentials, stack)
            yield response
        except httpx.InvalidURL as error:
            raise NotFetched(f"{asked.url} is no address: {error}") from None
        except httpx.UnsupportedProtocol:
            raise NotFetched(f"{asked.url} is no address: write http://… or https://…") from None
        except httpx.RemoteProtocolError as error:
            raise NotFetched(f"the answer is cut off: {error}") from None
        except httpx.DecodingError as error:
            raise NotFetched(f"the answer is not what its Content-Encoding says: {error}") from None
        except httpx.TimeoutException:
            raise NotFetched(f"{asked.url}: no answer in time") from None
        except httpx.TransportError as error:
            raise NotFetched(f"{asked.url}: {error}") from None


def _request(client: httpx.Client, asked: Asked, stack: contextlib.ExitStack) -> httpx.Request:
    if asked.form:
        files: list[tuple[str, Any]] = [
            (name, (value.name, stack.enter_context(value.open("rb"))) if isinstance(value, Path) else (None, value))
            for name, value in asked.form
        ]
        return client.build_request("POST", asked.url, headers=asked.fields, files=files)
    if asked.data:
        data = {name: list(values) for name, values in asked.data.items()}
        return client.build_request("POST", asked.url, headers=asked.fields, data=data)
    return client.build_request("GET", asked.url, headers=asked.fields)


def _follow(
    client: httpx.Client, request: httpx.Request, credentials: AskedFor, stack: contextlib.ExitStack
) -> httpx.Response:
    for _ in range(REDIRECTS + 1):
        response = client.send(request, auth=credentials, stream=True)
        stack.callback(response.close)
        if response.next_request is None:
            return response
        following = response.next_request
        if credentials.given and request.url.scheme == "https" and following.url.scheme == "http":
            raise NotFetched(f"{request.url} leads to {following.url}, which is not encrypted; credentials were sent")
        response.close()
        request = following
    raise NotFetched(f"more than {REDIRECTS} redirects, the last to {request.url}")
