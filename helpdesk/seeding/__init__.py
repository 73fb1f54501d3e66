"""Load data: as many believable tickets as asked, the same for the same numbers, on an empty or a filled desk."""

from helpdesk.seeding.people import AGENT, PASSWORD, SIGN_INS, SUPERVISOR
from helpdesk.seeding.plan import LONG, LONG_SUBJECT
from helpdesk.seeding.seeder import Seeded, seed

__all__ = ["AGENT", "LONG", "LONG_SUBJECT", "PASSWORD", "SIGN_INS", "SUPERVISOR", "Seeded", "seed"]
