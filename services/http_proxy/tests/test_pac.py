"""The PAC file, run by a JavaScript engine where there is one, and read as text everywhere."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from services.http_proxy.pac import PLAIN_NAMES, proxy_script

# The functions of a browser's that the script calls (Navigator's specification of 1996, still what browsers have).
BROWSER = """
function isPlainHostName(host) { return host.indexOf(".") === -1; }
function dnsDomainIs(host, domain) { return host.endsWith(domain); }
"""
HOSTS = (
    "www.example.org",
    "example.org",
    "notexample.org",
    "intranet",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "evil\"'.org",
)


def ways(script: bytes, hosts: tuple[str, ...] = HOSTS) -> list[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    asked = f"JSON.stringify({json.dumps(hosts)}.map(host => FindProxyForURL('http://' + host + '/', host)))"
    program = f"{BROWSER}\n{script.decode()}\nconsole.log({asked})"
    found: list[str] = json.loads(subprocess.run([node, "-e", program], capture_output=True, check=True).stdout)
    return found


def test_all_but_this_machine_and_plain_names_go_through_the_proxy() -> None:
    out, direct = "PROXY proxy.example:3128", "DIRECT"
    found = ways(proxy_script("proxy.example:3128", (PLAIN_NAMES,)))
    assert found == [out, out, out, direct, direct, direct, direct, out]


def test_domains_of_ones_own_are_reached_directly_and_plain_names_are_not_unless_they_are_listed() -> None:
    out, direct = "HTTPS proxy.example:3129", "DIRECT"
    found = ways(proxy_script("proxy.example:3129", ("example.org",), secure=True))
    assert found == [direct, direct, out, out, direct, direct, direct, out]


def test_a_domain_cannot_end_the_script() -> None:
    script = proxy_script("p:1", ('x") || alert("',)).decode()
    assert 'alert(\\"' in script
    assert script.count("return") == 2
