"""`python -m services.ssh_admin`: the server is administered over SSH."""

from services.ssh_admin.doors import open_doors
from services.ssh_admin.settings import SshAdminSettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("ssh_admin", SshAdminSettings, open_doors)
