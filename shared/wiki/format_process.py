"""The process that formats pages: one after another, from standard input to standard output, until that ends.

A page may be made so that it takes minutes to format, or gigabytes. The kernel ends this process then; whoever asked it
starts another one. It also keeps the reactor's interpreter free: formatting is pure Python.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from contextlib import suppress
from struct import Struct

from shared.wiki.errors import TooMuchToFormat
from shared.wiki.format_page import Formatted, format_page
from shared.wiki.markdown import links_in

MEMORY_OCTETS = 1 << 30  # of addresses; a page of 1 MiB takes 200 MiB
NICENESS = 5  # what waits for no page goes first
SIZE = Struct(">I")  # before each question and each answer
OTHER_SECONDS = 1.0  # of the processor, to write the HTML of what took all its time to read

Question = tuple[str | None, str]  # the page's name, or None: its links only; its source
Answer = Formatted | tuple[str, ...] | None  # None: too much


def main() -> None:
    """Answer until the standard input ends."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
    seconds = float(sys.argv[1])  # of the processor, for a page
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(size := questions.read(SIZE.size)) == SIZE.size:
        question: Question = pickle.loads(questions.read(*SIZE.unpack(size)))
        signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends the process
        answer = pickle.dumps(_answer(question, seconds - OTHER_SECONDS))
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(SIZE.pack(len(answer)) + answer)
        answers.flush()


def _answer(question: Question, seconds: float) -> Answer:
    name, source = question
    try:
        return tuple(links_in(source, seconds)) if name is None else format_page(name, source, seconds)
    except (TooMuchToFormat, RecursionError, MemoryError):
        return None


if __name__ == "__main__":
    main()
