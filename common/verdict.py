"""What a policy answers: yes, or no with the reason."""

from dataclasses import dataclass

from common.errors import Refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """Truthy when allowed; falsy when it holds a refusal. Templates grey a button with ``verdict.why``."""

    refusal: Refused | None = None

    def __bool__(self) -> bool:
        return self.refusal is None

    @property
    def why(self) -> str:
        """The refusal as a sentence; empty when allowed."""
        return str(self.refusal) if self.refusal else ""

    def demand(self) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal:
            raise self.refusal


ALLOWED = Verdict()


def no(message: str, *, code: str, rule: str = "", field: str | None = None, offers: tuple[str, ...] = ()) -> Verdict:
    """A refusal as a verdict."""
    return Verdict(Refused(message, code=code, rule=rule, field=field, offers=offers))
