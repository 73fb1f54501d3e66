"""Tickets as staff meet them: the list, one ticket, and a form for every verb."""
