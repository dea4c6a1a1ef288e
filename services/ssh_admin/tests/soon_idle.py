"""The service, with shells that are idle when no key has come for half a second; run by test_idle_shells.py."""

from twisted.internet import asyncioreactor

if __name__ == "__main__":
    asyncioreactor.install()

    from services.ssh_admin import line_editor
    from services.ssh_admin.doors import open_doors
    from services.ssh_admin.settings import SshAdminSettings
    from shared.runtime.service import run_service

    line_editor.IDLE_SECONDS = 0.5
    run_service("ssh_admin", SshAdminSettings, open_doors)
