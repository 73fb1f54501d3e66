"""What a closure means for feedback."""

from events.models import Event
from events.reactions import reaction
from feedback import operations
from tickets.models import Ticket


@reaction("ticket.closed", "ticket.confirmed", name="feedback.invite")
def invite(event: Event) -> None:
    """F1: the survey is planned for when the closure stands."""
    operations.invite(Ticket.objects.select_related("requester").get(pk=event.subject_id), closed_by=event)
