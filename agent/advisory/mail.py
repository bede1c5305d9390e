"""E-mail: text and picture. Blocks: call it in a thread."""

from __future__ import annotations

import logging
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate

from agent.advisory.message import Message
from agent.advisory.model import BusyError, ContentError
from agent.advisory.settings import EmailSettings, Tls

log = logging.getLogger("plantroom.advisory")


def build_mail(settings: EmailSettings, message: Message, utc: float) -> EmailMessage:
    """The same notes give the same Message-ID: a mail that comes twice after a restart is seen to be one."""
    mail = EmailMessage()
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Subject"] = message.title
    mail["Date"] = formatdate(utc)
    mail["Message-ID"] = f"<{message.id}@{_domain(settings.sender)}>"
    mail.set_content(message.plain() + "\n", cte="quoted-printable")
    if message.picture is not None:
        mail.add_attachment(message.picture, maintype="image", subtype="png", filename="lamp-times.png")
    return mail


def send_mail(settings: EmailSettings, mail: EmailMessage) -> None:
    """Raises BusyError for what may pass, ContentError where the server refuses this mail for good."""
    try:
        with _connected(settings) as server:
            if settings.user:
                server.login(settings.user, settings.password)
            refused = server.send_message(mail)
            if refused:  # the others have it: once more would be twice for them
                log.warning(
                    "%s refused %d of %d recipients", settings.host, len(refused), len(settings.recipients)
                )
    except smtplib.SMTPAuthenticationError as error:
        raise BusyError(f"{settings.host} does not let us in ({error.smtp_code})", 60.0) from None
    except smtplib.SMTPDataError as error:
        if 500 <= error.smtp_code < 600:
            raise ContentError(f"{settings.host} refuses the mail ({error.smtp_code})") from None
        raise BusyError(f"{settings.host}: {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        code = getattr(error, "smtp_code", "")
        raise BusyError(f"{settings.host}: {type(error).__name__} {code}".strip()) from None


def _connected(settings: EmailSettings) -> smtplib.SMTP:
    if settings.tls is Tls.IMPLICIT:
        context = _context(settings)
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    try:
        if settings.tls is Tls.STARTTLS:
            server.starttls(context=_context(settings))
    except BaseException:
        with suppress(OSError):
            server.close()
        raise
    return server


def _context(settings: EmailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca or None)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("> ") or "plantroom"
