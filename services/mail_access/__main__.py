"""`python -m services.mail_access`: members read their mail."""

from services.mail_access.doors import open_doors
from services.mail_access.settings import MailAccessSettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("mail_access", MailAccessSettings, open_doors)
