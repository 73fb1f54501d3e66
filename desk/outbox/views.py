"""Every mail the desk wrote, and what became of it; without a mail server one reads them here."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role
from common.paging import page
from desk.access import role_required
from notifications import sending
from notifications.models import OutgoingMail


@role_required(Role.ADMIN)
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Newest first; ``status`` narrows it."""
    mails = OutgoingMail.objects.select_related("ticket").defer("text", "html")
    status = request.GET.get("status", "")
    if status in OutgoingMail.Status.values:
        mails = mails.filter(status=status)
    shown = page(mails, order=("-created_at", "-pk"), after=request.GET.get("after"))
    context = {"page": shown, "status": status, "statuses": OutgoingMail.Status.choices}
    return render(request, "desk/outbox/list.html", context)


@csp_update({"frame-src": [SELF]})
@role_required(Role.ADMIN)
@require_GET
def mail(request: HttpRequest, public_id: str) -> HttpResponse:
    """One mail as its reader gets it: as HTML in a frame of its own, and its plain twin."""
    found = get_object_or_404(OutgoingMail.objects.select_related("ticket"), public_id=public_id)
    return render(request, "desk/outbox/mail.html", {"mail": found})


@csp_replace(
    {
        "script-src": [NONE],
        "connect-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": [SELF],
        "frame-ancestors": [SELF],
    }
)
@role_required(Role.ADMIN)
@require_GET
@xframe_options_sameorigin
def mail_html(request: HttpRequest, public_id: str) -> HttpResponse:
    """The mail's own HTML, for the frame: its tags carry their style, and nothing in it can run."""
    found = get_object_or_404(OutgoingMail, ~Q(html=""), public_id=public_id)
    return HttpResponse(found.html.replace("<head>", '<head><base target="_blank">', 1))


@role_required(Role.ADMIN)
@require_POST
def send_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Try a failed or kept mail anew."""
    found = get_object_or_404(OutgoingMail, public_id=public_id)
    if sending.try_again(found):
        messages.success(request, _("The mail waits to be sent again."))
    else:
        messages.warning(request, _("Only a mail that failed or was kept is sent again."))
    return redirect("desk:outbox_mail", public_id)
