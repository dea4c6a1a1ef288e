"""`python -m services.wiki`: the web service."""

from services.wiki.doors import open_doors
from services.wiki.settings import WikiSettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("wiki", WikiSettings, open_doors)
