"""The setting that says where the site is, for all services that name it to others."""

from __future__ import annotations

from pydantic import Field

from shared.runtime.settings import ServiceSettings


class SiteSettings(ServiceSettings):
    """The address of the site."""

    web_url: str = Field(
        default="",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$",
        examples=["https://example.org, without a path"],
        description="How others reach the site, such as https://example.org: for links in feeds and mail. "
        "Empty: as the client of a request says it, and in mail the host's name with the door's port.",
    )
