"""`python -m services.http_proxy`: the HTTP proxy."""

from services.http_proxy.doors import open_doors
from services.http_proxy.settings import ProxySettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("http_proxy", ProxySettings, open_doors)
