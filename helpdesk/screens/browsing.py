"""How a browser is opened for a picture or a check: the same Chromium, clock and signed-in person everywhere."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings

from helpdesk import env

UNUSED = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    # Playwright's own: of two such lists Chromium takes the last
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "MediaRouter"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    "PreconnectToSearch",
)
"""Features of Chromium that no picture and no check is about. Its address bar, which nobody sees, is itself two pages,
drawn anew at each visit: half of what a visit cost."""


def launch_options() -> dict[str, Any]:
    """The Chromium that bin/screens or bin/test found."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = [*sandbox, "--disable-gpu", f"--disable-features={','.join(UNUSED)}"]
    return {"executable_path": env.text("CHROMIUM"), "args": arguments}


def context_options(url: str, role: str, sessions: dict[str, str]) -> dict[str, Any]:
    """A browser of this person; a visitor has no session."""
    options: dict[str, Any] = {"base_url": url, "reduced_motion": "reduce", "timezone_id": "Europe/Oslo"}
    if role in sessions:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sessions[role], "url": url}
        options["storage_state"] = {"cookies": [_stored(cookie)], "origins": []}
    return options


def _stored(cookie: dict[str, str]) -> dict[str, Any]:
    """A cookie as a stored state holds it."""
    return {
        "name": cookie["name"], "value": cookie["value"], "domain": "localhost", "path": "/", "expires": -1,
        "httpOnly": True, "secure": False, "sameSite": "Lax",
    }  # fmt: skip
