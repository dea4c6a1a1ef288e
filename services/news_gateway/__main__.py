"""`python -m services.news_gateway`: rooms are read and posted to with newsreaders."""

from services.news_gateway.doors import open_doors
from services.news_gateway.settings import NewsGatewaySettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("news_gateway", NewsGatewaySettings, open_doors)
