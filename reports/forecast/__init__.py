"""Which clocks will outlast their promise at the present pace, and why: plain arithmetic over the rows of clocks (S6).

``waits`` says what is known of a clock at a moment, ``work`` counts the hours a team was at work, ``curve`` what became
of waits like it, ``chance`` puts them together, ``words`` says why, ``loading`` reads the rows of now, ``replay`` tries
it all on the past.
"""

from reports.forecast.chance import Outlook, outlooks
from reports.forecast.waits import Wait

__all__ = ["Outlook", "Wait", "outlooks"]
