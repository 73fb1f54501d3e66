"""Tickets of another system: read, staged, built case by case, loaded in batches. ``python manage.py import_tickets``.

``reading`` turns a file into rows with their lines, ``mapping`` says what its columns and activities mean, ``staging``
gathers the rows of a case, ``eventlog`` and ``records`` build what happened to it, ``people`` makes who took part, and
``running`` carries one run through.
"""
