"""The canned replies that a desk begins with: an example of each kind, to keep, change or take out of use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One canned reply; an empty line parts paragraphs."""

    shortcut: str
    name: str
    text: str
    language: str = ""


DEFAULTS = (
    Text(
        "got-it", "We have it and look into it",
        "Hello {{ customer.first_name }},\n\nthank you for writing. I have your request #{{ ticket.number }} and am "
        "looking into it now. You hear from me by {{ ticket.due }} at the latest.\n\nKind regards\n{{ agent.name }}",
        "en",
    ),
    Text(
        "more", "Ask for details",
        "Hello {{ customer.first_name }},\n\nto find the cause I need one thing more: {{ ?what you need to know }}"
        "\n\nKind regards\n{{ agent.name }}",
        "en",
    ),
    Text(
        "delivery", "New delivery date",
        "Hello {{ customer.first_name }},\n\nyour delivery is now planned for {{ ?date of delivery }}. I am sorry for "
        "the wait. If that day does not suit you, answer this message and we find another one.\n\nKind regards\n"
        "{{ agent.name }}",
        "en",
    ),
    Text(
        "sorry", "Apologise and say what happens next",
        "Hello {{ customer.first_name }},\n\nI am sorry for the trouble. This is what I do now: {{ ?next step }}. "
        "I write to you again by {{ ?day and time }}.\n\nKind regards\n{{ agent.name }}",
        "en",
    ),
    Text(
        "solved", "Is it solved?",
        "Hello {{ customer.first_name }},\n\n{{ ?what was done }}. Please tell me if anything is left open: an answer "
        "to this message is enough.\n\nKind regards\n{{ agent.name }}",
        "en",
    ),
    Text(
        "thanks", "Thanks for the news",
        "Hello {{ customer.first_name }},\n\nthank you for telling us, that helps. I am glad that it works."
        "\n\nKind regards\n{{ agent.name }}",
        "en",
    ),
)  # fmt: skip

ABROAD = (
    Text(
        "eingang", "Eingang bestätigen",
        "Guten Tag {{ customer.first_name }},\n\nvielen Dank für Ihre Nachricht. Ich kümmere mich um Ihre Anfrage "
        "#{{ ticket.number }} und melde mich bis spätestens {{ ticket.due }}.\n\nFreundliche Grüße\n{{ agent.name }}",
        "de",
    ),
    Text(
        "liefertermin", "Neuer Liefertermin",
        "Guten Tag {{ customer.first_name }},\n\nIhre Lieferung kommt nun am {{ ?Liefertermin }}. Bitte entschuldigen "
        "Sie die Verzögerung. Passt Ihnen der Tag nicht, antworten Sie einfach auf diese Nachricht."
        "\n\nFreundliche Grüße\n{{ agent.name }}",
        "de",
    ),
    Text(
        "mottatt", "Bekreft mottak",
        "Hei {{ customer.first_name }},\n\ntakk for meldingen. Jeg ser på saken #{{ ticket.number }} nå, og du hører "
        "fra meg senest {{ ticket.due }}.\n\nVennlig hilsen\n{{ agent.name }}",
        "nb",
    ),
    Text(
        "mer-info", "Be om mer informasjon",
        "Hei {{ customer.first_name }},\n\nfor å finne årsaken trenger jeg å vite: {{ ?hva du trenger å vite }}"
        "\n\nVennlig hilsen\n{{ agent.name }}",
        "nb",
    ),
    Text(
        "recibido", "Confirmar la recepción",
        "Hola {{ customer.first_name }}:\n\nGracias por escribirnos. Ya estoy con su solicitud n.º "
        "{{ ticket.number }} y tendrá noticias mías a más tardar el {{ ticket.due }}.\n\nUn saludo\n{{ agent.name }}",
        "es",
    ),
)  # fmt: skip
