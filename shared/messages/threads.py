"""Threads of messages: by references (RFC 5256 §3, REFERENCES) and by subject and date (ORDEREDSUBJECT).

Both take time in proportion to what they are given, but for sorting, and nothing here calls itself: a thread may be as
deep as there are messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from shared.messages.base_subject import base_subject
from shared.messages.fold import fold
from shared.messages.thread_header import ThreadHeader


class Threaded(NamedTuple):
    """A message that belongs into threads. `sent` is in seconds since 1970; `number` breaks ties, and is told."""

    number: int
    sent: float
    header: ThreadHeader


class ThreadNode:
    """A message with the answers to it; `message` None: one that is not here, but has more than one answer."""

    __slots__ = ("children", "message", "parent")

    def __init__(self, message: Threaded | None = None) -> None:
        self.message = message
        self.parent: ThreadNode | None = None
        self.children: list[ThreadNode] = []


def by_references(messages: Sequence[Threaded]) -> list[ThreadNode]:
    """The threads, the earliest first, and in each of them the answers to a message by date."""
    roots = _pruned(_linked(messages))
    _sort_all(roots)
    roots = _gathered_by_subject(roots)
    _sort_all(roots)
    return roots


def by_subject(messages: Sequence[Threaded]) -> list[ThreadNode]:
    """Messages of one base subject are a thread: the earliest one, and all others as answers to it."""
    threads: dict[str, ThreadNode] = {}
    for message in sorted(messages, key=_order):
        node = ThreadNode(message)
        first = threads.setdefault(_subject(message)[0], node)
        if first is not node:
            first.children.append(node)
    return sorted(threads.values(), key=_order_of)


def render_threads(roots: Iterable[ThreadNode]) -> Iterator[bytes]:
    """A piece for each thread, as THREAD tells it: `(2)(3 6 (4 23)(44 7 96))`."""
    for root in roots:
        pieces: list[bytes] = []
        waiting: list[ThreadNode | bytes] = [b")", root, b"("]
        while waiting:
            each = waiting.pop()
            if isinstance(each, bytes):
                pieces.append(each)
                continue
            if each.message is not None:
                pieces.append(b"%d" % each.message.number if pieces[-1] == b"(" else b" %d" % each.message.number)
            if len(each.children) == 1 and each.message is not None:
                waiting.append(each.children[0])
            elif each.children:
                if each.message is not None:
                    pieces.append(b" ")
                for child in reversed(each.children):
                    waiting += [b")", child, b"("]
        yield b"".join(pieces)


def _linked(messages: Sequence[Threaded]) -> list[ThreadNode]:
    """All nodes, linked by what the messages say (step 1): each to its last reference first, then references among
    themselves where nothing is known yet.
    """
    by_identifier: dict[bytes, ThreadNode] = {}
    nodes: list[ThreadNode] = []
    own: list[ThreadNode] = []
    for message in messages:
        node = by_identifier.get(message.header.identifier) if message.header.identifier else None
        if node is None or node.message is not None:  # none, or one that was given to two messages
            node = ThreadNode()
            nodes.append(node)
            if message.header.identifier:
                by_identifier.setdefault(message.header.identifier, node)
        node.message = message
        own.append(node)
    for message in messages:
        for reference in message.header.references:
            if reference not in by_identifier:
                node = by_identifier[reference] = ThreadNode()
                nodes.append(node)
    trees = _Trees()
    for node, message in zip(own, messages, strict=True):
        if message.header.references:
            trees.link(by_identifier[message.header.references[-1]], node)
    for message in messages:
        references = message.header.references
        for parent, child in pairwise(references):
            trees.link(by_identifier[parent], by_identifier[child])
    return nodes


class _Trees:
    """Links nodes, never in a circle: the root of each node's tree is found by ever shorter ways (union-find)."""

    def __init__(self) -> None:
        self._above: dict[ThreadNode, ThreadNode] = {}

    def link(self, parent: ThreadNode, child: ThreadNode) -> None:
        """Nothing is done if the child has a parent, or is above its parent already."""
        if child.parent is not None or self._root(parent) is child:
            return
        child.parent = parent
        parent.children.append(child)
        self._above[child] = parent

    def _root(self, node: ThreadNode) -> ThreadNode:
        above, root = self._above, node
        while (higher := above.get(root)) is not None:
            root = higher
        while node is not root:
            above[node], node = root, above[node]
        return root


def _pruned(nodes: Sequence[ThreadNode]) -> list[ThreadNode]:
    """The roots, without nodes that have no message, but for those that hold several threads together (steps 2, 3)."""
    roots = [node for node in nodes if node.parent is None]
    order: list[ThreadNode] = []  # parents before their children
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += node.children
    for node in reversed(order):
        children: list[ThreadNode] = []
        for child in node.children:
            if child.message is None:
                children += child.children  # none, if it has no answers
            else:
                children.append(child)
        node.children = children
    found: list[ThreadNode] = []
    for root in roots:
        if root.message is not None or len(root.children) > 1:
            found.append(root)
        else:
            found += root.children
    return found


def _gathered_by_subject(roots: Sequence[ThreadNode]) -> list[ThreadNode]:
    """Threads whose first messages have one base subject are one (step 5): References was lost, or rewritten."""
    groups: dict[object, list[tuple[ThreadNode, bool]]] = {}
    for root in roots:
        subject, is_reply = _subject(_first_message(root))
        groups.setdefault(subject or root, []).append((root, is_reply))  # those without a subject stay alone
    return [_one_of(group) if len(group) > 1 else group[0][0] for group in groups.values()]


def _one_of(group: Sequence[tuple[ThreadNode, bool]]) -> ThreadNode:
    """The thread of all of these: below one without a message, else below the first that is no reply."""
    first, is_reply = min(group, key=lambda each: (each[0].message is not None, each[1]))
    head = first
    for root, root_is_reply in group:
        if root is first:
            continue
        if head.message is None:
            head.children += root.children if root.message is None else [root]
        elif root_is_reply and not is_reply:
            head.children.append(root)
        else:
            together = ThreadNode()
            together.children = [head, root]
            head = together
    return head


def _sort_all(roots: list[ThreadNode]) -> None:
    """Siblings by date, at every depth; a node without a message is as old as its first child (step 4, step 6)."""
    order: list[ThreadNode] = []
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += node.children
    for node in reversed(order):  # below before above
        if len(node.children) > 1:
            node.children.sort(key=_order_of)
    roots.sort(key=_order_of)


def _first_message(node: ThreadNode) -> Threaded:
    while node.message is None:
        node = node.children[0]
    return node.message


def _order_of(node: ThreadNode) -> tuple[float, int]:
    return _order(_first_message(node))


def _order(message: Threaded) -> tuple[float, int]:
    return message.sent, message.number


def _subject(message: Threaded) -> tuple[str, bool]:
    text, is_reply = base_subject(message.header.subject)
    return fold(text), is_reply
