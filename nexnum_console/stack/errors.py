"""What keeps the stack from starting: one line of problem, one line of cure."""

from __future__ import annotations


class StackError(Exception):
    """Something outside the program must change; nothing was left half done.

    ``problem`` says what is wrong, ``cure`` what the operator does about it.
    """

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(f"{problem} {cure}")
        self.problem = problem
        self.cure = cure


class StartFailed(StackError):
    """A process of the stack ended or stayed silent instead of becoming ready."""


class AlreadyRunning(StackError):
    """Another command holds this checkout's services."""
