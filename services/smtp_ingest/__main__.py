"""`python -m services.smtp_ingest`: mail comes in."""

from services.smtp_ingest.doors import open_doors
from services.smtp_ingest.settings import SmtpSettings
from shared.runtime.service import run_service

if __name__ == "__main__":
    run_service("smtp_ingest", SmtpSettings, open_doors)
