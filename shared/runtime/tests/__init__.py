"""Tests of how a process lives."""
