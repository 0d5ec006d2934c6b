"""Ways for letters to leave: a mail server, or files where there is none."""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from nexnum_console.core.outbox import DeliveryFailed
from nexnum_console.notifications.mail import Carriage, Letter

SECONDS: Final = 15
_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The letter as MIME."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = formatdate(localtime=False)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<nexnum-{letter.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


@dataclass(frozen=True, slots=True)
class Smtp:
    """``smtp://``, ``smtps://`` or ``smtp+starttls://user:password@host:port``."""

    url: str
    sender: str

    def deliver(self, letter: Letter) -> None:
        """Send over a connection of its own; mail is rare here."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
        try:
            with self._open(parts.scheme, host, port) as server:
                if parts.scheme == "smtp+starttls":
                    server.starttls(context=ssl.create_default_context())
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(compose(letter, self.sender))
        except smtplib.SMTPRecipientsRefused as error:
            (code, words) = next(iter(error.recipients.values()))
            raise DeliveryFailed(_told(code, words), final=code >= 550) from None
        except smtplib.SMTPResponseException as error:
            # The server's words may repeat a login; only the code is kept of an authentication.
            raise DeliveryFailed(_told(error.smtp_code, b"")) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"{host}:{port}: {type(error).__name__}") from None

    def _open(self, scheme: str, host: str, port: int) -> smtplib.SMTP:
        if scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
        return smtplib.SMTP(host, port, timeout=SECONDS)


@dataclass(frozen=True, slots=True)
class Folder:
    """One ``.eml`` file a letter, readable by the owner alone: mail without a mail server."""

    path: Path
    sender: str

    def deliver(self, letter: Letter) -> None:
        """Write the file whole or not at all."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            target = self.path / f"{letter.id:06}.eml"
            draft = target.with_suffix(".part")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
                f.write(compose(letter, self.sender).as_bytes())
            draft.replace(target)
        except OSError as error:
            raise DeliveryFailed(f"{self.path}: {error.strerror}") from None


def carriage(smtp_url: str | None, folder: Path, sender: str) -> Carriage:
    """The mail server where one is named, else the folder."""
    return Smtp(smtp_url, sender) if smtp_url else Folder(folder, sender)


def _told(code: int, words: bytes) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f"the mail server answered {code} {text}"[:300].strip()
