"""The subsystem sftp: pages as Markdown files, rooms as mbox files."""
