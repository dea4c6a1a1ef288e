"""The key of a stack: made once, and what it has sealed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from shared.runtime.stack_key import SealBroken, StackKeyUnusable, ensure_stack_key, read_stack_key


def test_it_is_made_once_for_its_owner_alone_and_opens_what_it_has_sealed(tmp_path: Path) -> None:
    file = tmp_path / "stack-key"
    sealed = ensure_stack_key(file).seal(b"a secret", "tests")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert ensure_stack_key(file).open(sealed, "tests") == b"a secret"
    assert b"a secret" not in sealed


def test_another_key_purpose_or_content_opens_nothing(tmp_path: Path) -> None:
    key, other = ensure_stack_key(tmp_path / "one"), ensure_stack_key(tmp_path / "two")
    sealed = key.seal(b"a secret", "tests")
    for opener, content, purpose in ((other, sealed, "tests"), (key, sealed, "else"), (key, sealed[:-1], "tests")):
        with pytest.raises(SealBroken):
            opener.open(content, purpose)


def test_a_file_that_cannot_be_the_key_is_named_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackKeyUnusable, match="AGORA_STACK_KEY_FILE"):
        read_stack_key(tmp_path / "none")
    with pytest.raises(StackKeyUnusable, match="cannot be made"):
        ensure_stack_key(tmp_path / "no" / "such" / "folder")
    (tmp_path / "short").write_text("secret\n")
    with pytest.raises(StackKeyUnusable, match="less than"):
        read_stack_key(tmp_path / "short")
