"""Who wants to hear of what: higher apps register, so news travels up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from events.models import Event

Reaction = Callable[[Event], None]
ReactionToMany = Callable[[Sequence[Event]], None]

_reactions: dict[str, dict[str, ReactionToMany]] = defaultdict(dict)
_in_bulk: set[str] = set()


def reaction(*kinds: str, name: str = "") -> Callable[[Reaction], Reaction]:
    """Register a function to run once per event of ``kinds``, after the event's transaction, in one of its own.

    ``name`` (default: module and function) is stored with each delivery, so it must not change between releases. The
    function gets the ``Event``; its rows and the mark that it is done are one transaction; it may be tried again.
    """

    def register(function: Reaction) -> Reaction:
        label = name or _label(function)

        def each(events: Sequence[Event]) -> None:
            for event in events:
                function(event)

        for kind in kinds:
            _reactions[kind][label] = each
        return function

    return register


def reaction_to_many(*kinds: str, name: str = "") -> Callable[[ReactionToMany], ReactionToMany]:
    """As ``reaction``, for what is cheaper done for many events at once: the function gets a list of them, or of one.

    What it does for each must not depend on the others: where it fails, each is tried alone.
    """

    def register(function: ReactionToMany) -> ReactionToMany:
        label = name or _label(function)
        for kind in kinds:
            _reactions[kind][label] = function
        _in_bulk.add(label)
        return function

    return register


def reactions_to(kind: str) -> Mapping[str, ReactionToMany]:
    """The reactions registered for a kind of event, by name; each takes a list of events."""
    return _reactions.get(kind, {})


def is_in_bulk(label: str) -> bool:
    """May this reaction be given many events at once?"""
    return label in _in_bulk


def _label(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__name__}".replace(".reactions.", ".")
