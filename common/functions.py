"""Database functions that several floors use."""

from django.db.models import Func, TextField


class Unaccent(Func):
    """``unaccent`` through a wrapper that PostgreSQL may use in indexes and generated columns."""

    function = "immutable_unaccent"
    output_field = TextField()
