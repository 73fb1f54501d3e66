"""``{% steady kind %} … {% endsteady %}``: what is always the same in one language is drawn once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django import template
from django.template import Context, Node, NodeList, TemplateSyntaxError, Variable
from django.template.base import Parser, Token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 500


class SteadyNode(Node):
    """Drawn for each language and each value of the names given, and of nothing else: no more of the page is known
    inside, so what is kept can neither grow old nor tell one reader of another."""

    def __init__(self, nodes: NodeList, names: list[str]) -> None:
        self.nodes = nodes
        self.names = {name: Variable(name) for name in names}
        self.drawn: dict[Hashable, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """What was drawn for these values, or now."""
        given = {name: _plain(name, variable.resolve(context)) for name, variable in self.names.items()}
        key = (get_language(), *((type(value), value) for value in given.values()))
        found = self.drawn.get(key)
        if found is None:
            if len(self.drawn) >= MOST:
                self.drawn.clear()
            alone = Context(given, autoescape=context.autoescape)
            alone.template, alone.render_context = context.template, context.render_context
            found = self.drawn[key] = self.nodes.render(alone)
        return found


def _plain(name: str, value: Any) -> str | int | bool | None:
    if value is not None and not isinstance(value, (str, int)):
        raise TypeError(f"steady: {name} is neither text, number nor truth, but {type(value).__name__}.")
    return value


@register.tag
def steady(parser: Parser, token: Token) -> SteadyNode:
    """Keep what stands up to ``endsteady``; the words after the tag name all that it may read."""
    names = token.split_contents()[1:]
    if not all(name.isidentifier() for name in names):
        raise TemplateSyntaxError("steady takes names of the context and nothing else.")
    nodes = parser.parse(("endsteady",))
    parser.delete_first_token()
    return SteadyNode(nodes, names)
