"""The shells that are open in a process: each takes memory, so there is a limit of them."""

from __future__ import annotations

from collections import Counter

MOST_SHELLS = 500  # in a process; one in the middle of a line has 0.4 MB
MOST_OF_ACCOUNT = 10


class OpenShells:
    """The shells that are open in this process: an account has a limited number, all together have one."""

    def __init__(self) -> None:
        self._of_account: Counter[int] = Counter()

    def admit(self, account_id: int) -> bool:
        """Note one more; False when there are as many as there may be."""
        if self._of_account[account_id] >= MOST_OF_ACCOUNT or self._of_account.total() >= MOST_SHELLS:
            return False
        self._of_account[account_id] += 1
        return True

    def leave(self, account_id: int) -> None:
        """One is over."""
        self._of_account[account_id] -= 1
        if not self._of_account[account_id]:
            del self._of_account[account_id]
