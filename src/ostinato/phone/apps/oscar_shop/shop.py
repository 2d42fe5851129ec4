"""The shop as a program of its own virtual environment: `shop.py fill CONTENT.json` or `shop.py serve HOST PORT`."""

# mypy: ignore-errors

import datetime
import json
import logging
import os
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
SESSION = "ostinato0customer0is0logged0in00"  # the browser's cookie of the customer
NEVER = datetime.datetime(2124, 1, 1, tzinfo=datetime.UTC)


def main(arguments: list[str]) -> None:
    django.setup()
    if arguments[0] == "fill":
        from fill import fill

        fill(json.loads(Path(arguments[1]).read_text(encoding="utf-8")))
        log_in()
    else:
        serve(arguments[1], int(arguments[2]))


def log_in() -> None:
    """Keep the customer logged in, whose login may have ended or whose password may have changed since."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    customer = get_user_model().objects.order_by("pk").first()
    known = {
        SESSION_KEY: str(customer.pk),
        BACKEND_SESSION_KEY: "oscar.apps.customer.auth_backends.EmailBackend",
        HASH_SESSION_KEY: customer.get_session_auth_hash(),
    }
    kept = SessionStore(SESSION).load()
    if any(kept.get(name) != value for name, value in known.items()):
        content = {"session_data": SessionStore().encode(known), "expire_date": NEVER}
        Session.objects.update_or_create(session_key=SESSION, defaults=content)


def serve(host: str, port: int) -> None:
    import waitress
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    log_in()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a page asks for more at once than there are threads
    waitress.serve(StaticFilesHandler(get_wsgi_application()), host=host, port=port, threads=4, _quiet=True)


if __name__ == "__main__":
    main(sys.argv[1:])
