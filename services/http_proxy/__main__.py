"""`python -m services.http_proxy`: members go out to the web."""

from services.http_proxy.doors import open_doors
from services.http_proxy.settings import ProxySettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("http_proxy", ProxySettings, open_doors)
