"""Errors that are answers: what a rule says to a person and to a program."""


class Refused(Exception):
    """A rule forbids this. Nothing was written.

    ``str()`` is a sentence for people that says what to do, ``code`` a stable word for programs, ``rule`` the rule's
    name in the product's rule book (``"H1"``), ``field`` the form or API field the sentence belongs to, if any.
    ``offers`` lists codes of acts that remain open to the person who was refused (H5: ``["promise", "escalate"]``).
    """

    def __init__(
        self, message: str, *, code: str, rule: str = "", field: str | None = None, offers: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.rule = rule
        self.field = field
        self.offers = offers


class Malformed(Refused):
    """The input is broken (too long, not a date, no such choice): 422 for a program, the field's error in a form."""
