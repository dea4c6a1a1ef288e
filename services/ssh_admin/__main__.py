"""`python -m services.ssh_admin`: the server is administered over SSH."""

from twisted.internet import asyncioreactor

if __name__ == "__main__":
    # The shell's line editor needs asyncio. Installed before any other import: txredisapi imports the reactor.
    asyncioreactor.install()

    from services.ssh_admin.doors import open_doors
    from services.ssh_admin.settings import SshAdminSettings
    from shared.runtime.service import run_service

    run_service("ssh_admin", SshAdminSettings, open_doors)
