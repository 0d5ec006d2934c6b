"""SMS texts as services send them: by service, and in the language of the country."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from nexnum_console.sandbox.catalogue_facts import Service

TEMPLATES = {
    "en": (
        "Your {name} verification code is {code}",
        "{code} is your {name} code. Don't share it.",
        "[{name}] Use {code} to sign in. It expires in 10 minutes.",
    ),
    "ru": ("Код подтверждения {name}: {code}. Никому его не сообщайте.", "{code} — ваш код {name}"),
    "uk": ("Ваш код підтвердження {name}: {code}",),
    "es": ("Tu código de {name} es {code}. No lo compartas.", "{code} es tu código de {name}"),
    "pt": ("Seu código {name} é {code}. Não compartilhe.",),
    "fr": ("{code} est votre code de vérification {name}.",),
    "de": ("Dein {name}-Code lautet {code}. Gib ihn nicht weiter.",),
    "it": ("Il tuo codice {name} è {code}",),
    "pl": ("Twój kod {name}: {code}. Nie podawaj go nikomu.",),
    "tr": ("{name} doğrulama kodunuz: {code}",),
    "id": ("Kode verifikasi {name} Anda: {code}. Jangan berikan kepada siapa pun.",),
    "vi": ("Mã xác minh {name} của bạn là {code}",),
    "hi": ("आपका {name} सत्यापन कोड {code} है",),
    "ar": ("رمز التحقق الخاص بك في {name} هو {code}",),
    "zh": ("【{name}】您的验证码是{code}，10分钟内有效。",),
}
LANGUAGE_COUNTRIES = {
    "ru": "RU KZ KG BY TJ UZ",
    "uk": "UA",
    "es": "ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY",
    "pt": "BR PT AO MZ CV",
    "fr": "FR BE SN CI ML GN CM MG CD CG TG BJ NE BF GA",
    "de": "DE AT CH",
    "it": "IT",
    "pl": "PL",
    "tr": "TR",
    "id": "ID",
    "vi": "VN",
    "hi": "IN",
    "ar": "SA AE EG MA DZ TN IQ JO KW LB LY OM QA YE SD BH SY",
    "zh": "CN HK TW MO",
}
LANGUAGE_OF = {
    iso2: language for language, codes in LANGUAGE_COUNTRIES.items() for iso2 in codes.split()
}
# Services with words of their own: digits in a code, and the text around it.
OWN_WORDS = {
    "tg": (5, "Telegram code: {code}\n\nYou can also tap on this link to log in:\nhttps://t.me/login/{code}"),
    "wa": (6, "Your WhatsApp code: {dashed}\nDon't share this code with others"),
    "go": (6, "G-{code} is your Google verification code."),
    "fb": (5, "Facebook: {code} - use this code to confirm your account."),
    "ig": (6, "{spaced} is your Instagram code. Don't share it."),
    "ub": (4, "Your Uber code is {code}. Never share this code."),
    "vk": (6, "VK: {code} - код для входа. Не сообщайте его никому."),
    "mm": (6, "Use {code} as Microsoft account security code"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """What a service sends; ``code`` keeps its leading zeros."""

    sender: str
    text: str
    code: str


def compose(service: Service, iso2: str, rng: Random) -> Message:
    """A fresh message with a fresh code."""
    own = OWN_WORDS.get(service.code)
    digits = own[0] if own else rng.choice((4, 5, 6, 6, 6, 8))
    code = f"{rng.randrange(10**digits):0{digits}d}"
    language = LANGUAGE_OF.get(iso2, "en")
    own_fits = own is not None and (language in ("en", "ru") or rng.random() < 0.5)
    template = own[1] if own and own_fits else rng.choice(TEMPLATES[language])
    half = digits // 2
    text = template.format(
        name=service.name,
        code=code,
        dashed=f"{code[:half]}-{code[half:]}",
        spaced=f"{code[:half]} {code[half:]}",
    )
    return Message(_sender(service, rng), text, code)


def quoting(service: Service, code: str, text: str | None, rng: Random) -> Message:
    """The message a person injects; without a text a plain English one is made up."""
    words = text if text is not None else TEMPLATES["en"][0].format(name=service.name, code=code)
    return Message(_sender(service, rng), words, code)


def _sender(service: Service, rng: Random) -> str:
    if rng.random() < 0.7:
        return "".join(char for char in service.name if char.isalnum())[:11] or "Verify"
    return str(rng.randint(20_000, 99_999))
