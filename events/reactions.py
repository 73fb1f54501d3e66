"""Who wants to hear of what: higher apps register, so news travels up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from events.models import Event

Reaction = Callable[[Event], None]

_reactions: dict[str, dict[str, Reaction]] = defaultdict(dict)


def reaction(*kinds: str, name: str = "") -> Callable[[Reaction], Reaction]:
    """Register a function to run once per event of ``kinds``, after the event's transaction, in one of its own.

    ``name`` (default: module and function) is stored with each delivery, so it must not change between releases. The
    function gets the ``Event``; its rows and the mark that it is done are one transaction; it may be tried again.
    """

    def register(function: Reaction) -> Reaction:
        label = name or f"{function.__module__}.{function.__name__}".replace(".reactions.", ".")
        for kind in kinds:
            _reactions[kind][label] = function
        return function

    return register


def reactions_to(kind: str) -> Mapping[str, Reaction]:
    """The reactions registered for a kind of event, by name."""
    return _reactions.get(kind, {})
