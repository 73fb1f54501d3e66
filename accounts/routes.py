"""Who may open the pages of signing in and out, which come from allauth."""

from common.routes import PUBLIC, SIGN_IN, SIGNED_IN, Rule

IN_PASSING = PUBLIC.but(anonymous=SIGN_IN)
"""Who is not in the middle of signing in, or not signed in at all, is led to the beginning."""

ACCESS: dict[str, Rule] = {
    "account_login": PUBLIC,
    "account_logout": IN_PASSING,
    "account_signup": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_request_login_code": PUBLIC,
    "account_confirm_login_code": IN_PASSING,
    "account_confirm_email": PUBLIC,
    "account_email_verification_sent": IN_PASSING,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "account_email": SIGNED_IN,
}
