"""What all forms of the desk share: a refusal stands at the field it belongs to."""

from django import forms

from common.errors import Refused


def refuse(form: forms.BaseForm, refusal: Refused) -> None:
    """Put a rule's answer at its field, or on top of the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
