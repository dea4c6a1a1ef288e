"""Accounts: who may use Agora, and how they prove who they are."""
