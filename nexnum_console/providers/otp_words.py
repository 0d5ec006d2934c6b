"""Words around a code in the texts of some forty languages: what announces it, what it is not.

Lists are divided by blanks; ``_`` stands for a blank and ``*`` for any ending.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """
    code* codice codigo código* codul* cod codi kode* kod* kód* koodi* kood* kods cód passcode
    password passwort passwd pass_code parol* parool* haslo* hasło* heslo* contrasena contraseña
    senha palavra-passe mot_de_passe clave wachtwoord lösenord* losenord* adgangskode*
    engangskode* salasana* jelsz* lozink* zapork* geslo sifre* şifre* sandi mật_khẩu mật_khau
    mat_khẩu mat_khau mã ma_xac ma_otp ma_kich ma_bao_mat ma_dang_nhap slaptazod* slaptažod*
    parole pin pins pincode pin-code otp tan mtan token msimbo nambari kodi raqam* fjalëkalim*
    aðgangskóði kóði нууц_код код* парол* пин* пін* шифр* құпия* рамз* лозинк* токен* κωδικ*
    κωδ* קוד* הקוד סיסמ* կոդ* գաղտնագիր* კოდ* ኮድ*
"""
# Scripts without blanks between words, or with vowel signs that no word pattern spans.
_JOINED_NAMES: Final = """
    رمز الرمز كود الكود کد کوڈ پاسورڈ پاس_ورڈ كلمة_المرور كلمة_السر رقم_التحقق رقم_سري گذرواژه
    कोड ओटीपी पासवर्ड पिन কোড ওটিপি পাসওয়ার্ড குறியீ ஓடிபி கடவுச்சொல் కోడ్ ఓటీపీ કોડ ઓટીપી ਕੋਡ
    ಕೋಡ್ ಒಟಿಪಿ കോഡ് ഒടിപി කේතය රහස්_අංක รหัส โอทีพี ລະຫັດ កូដ ကုဒ် ကုတ် 验证码 驗證碼 验證码
    校验码 校驗碼 动态码 動態碼 确认码 確認碼 认证码 認證碼 激活码 啟用碼 安全码 安全碼 识别码
    短信码 一次性密码 动态密码 動態密碼 密码 密碼 口令 授权码 登录码 登入碼 代码 代碼 コード
    認証番号 確認番号 暗証番号 パスワード 番号は 인증번호 인증_번호 확인번호 확인_번호 승인번호
    승인_번호 코드 비밀번호 비밀_번호
"""
# They go with a code, but name it only in the want of a better word.
_DEEDS: Final = """
    verif* vérif* confirm* conferm* activat* activa* attiva* authenti* autent* login log-in
    log_in log_-in signin sign-in sign_in sign_-in signup sign-up sign_up sign_-up signing
    security 2fa 2-step two-factor onetime one-time access einmal* jednoraz* bestätig* bestatig*
    anmeld* bevestig* inlog* doğrulama* dogrulama* onay* aktiv* potvr* ověř* ověr* oveř*
    weryfik* potwierdz* ellenőrz* ellenorz* megerős* megeros* bekräft* bekræft* bekraft*
    bekreft* vahvist* tasdiq* kinnit* apstiprin* patvirtin* conectare xác_minh xác_nhận xác_thực
    xác_thuc xác_nhan xac_minh xac_nhận xac_thực xac_thuc xac_nhan uwierzytel* logow* connexion
    connect* inici* registr* regis* uthibitish* подтвер* підтвердж* пiдтвердж* пацв* потвъ*
    потвр* потврд* вериф* активац* активир* авториз* вход* регистрац* растау* тасди* баталгаа*
    επαλ* επιβεβ* σύνδεσ* אימות להתחבר כניסה
"""
_JOINED_DEEDS: Final = """
    تحقق تأكيد تاكيد تفعيل تایید تأیید ورود تسجيل_الدخول تصدیق توثیق सत्याप लॉगइन लॉग_इन যাচাই
    ยืนยัน เข้าสู่ระบบ 验证 驗證 登录 登入 登陆 注册 認証 認證 認证 ログイン 確認 인증 본인
    로그인 확인
"""


def _any(words: str) -> str:
    return "|".join(words.split()).replace("_", " ")


_OTHER_CODES: Final = _any(
    r"""
    promo promotional discount coupon voucher gift referral invite zip postal post country area
    dial qr bar sort swift tax airport product dress source промо почтов\w* индекс реферальн\w*
    """
)
_PHONES: Final = _any(
    r"""
    call\w* phone tel t[ée]l[ée]phone\w* mobile hotline helpline toll dial whatsapp viber
    contact sms fax llam\w+ ligue appel\w* anruf\w* rufen zadzwo\w* chiam\w+ bel ara\w* hubungi
    g[ọo]i telp telefon\w*
    """
)
_JOINED_PHONES: Final = _any(
    r"""
    звон\w* позвон\w* телеф\w* тел дзвон\w* 电话 電話 致电 致電 客服 热线 熱線 お問い合わせ 문의
    전화 اتصل هاتف تماس โทร कॉल फोन
    """
)
_THINGS: Final = _any(
    r"""
    order orders ref reference account acct a/c invoice ticket card ending ends loan tracking
    parcel booking reservation flight bus room policy case id user client customer member
    transaction txn receipt version build ios android windows model plate pnr terminal pedido
    tarjeta cuenta commande compte bestellung bestellnummer konto karte zam[óo]wieni\w+
    sipari\w+ pesanan rekening đơn_hàng ordine conto encomenda cart[ãa]o conta
    """
)
_JOINED_THINGS: Final = _any(
    r"""
    заказ\w* сч[её]т\w* карт\w* договор\w* замовл\w* рейс\w* 订单 訂單 尾号 尾號 快递 注文 주문
    카드 طلب حساب بطاقة سفارش หมายเลขคำสั่งซื้อ ऑर्डर
    """
)
_YEARS: Final = _any(
    r"""
    in since until of year by from ano año année jahr rok\w* est © copyright january february
    march april may june july august september october november december jan feb mar apr jun jul
    aug sep oct nov dec год\w* с до в
    """
)
_UNITS: Final = _any(
    r"""
    min mins minute\w* minut\w* sec secs second\w* sekund\w* segund\w* hour\w* hrs? hora\w*
    heure\w* stunde\w* ore days? d[íi]as? jours? tage? dni dakika saniye gün menit detik hari
    phút giây minuti secondi мин\w* сек\w* час\w* дн\w* хв\w* points? pts users? people
    followers credits? coins? items? km kg mb gb kb балл\w* бонус\w* г год\w* року p\.?m a\.?m
    """
)
_JOINED_UNITS: Final = _any(
    r"""
    分钟 分鐘 分 秒 小时 小時 天 年 時間 日 분 초 시간 دقيق دقائق دقیقه ثانية ثانیه นาที วินาที
    मिनट মিনিট 積分 积分 ポイント
    """
)


_WORD = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """Finds its words in a text: whole words, stems, phrases, and words of joined scripts."""

    def __init__(self, words: str, joined: str) -> None:
        written = [word.replace("_", " ") for word in words.split()]
        self._stems = tuple(word[:-1] for word in written if word.endswith("*"))
        self._whole = frozenset(word for word in written if word.isalpha())
        self._phrases = _alternatives(
            [word for word in written if not word.rstrip("*").isalpha()], r"(?<!\w){}(?!\w)"
        )
        self._joined = _alternatives([word.replace("_", " ") for word in joined.split()], "{}")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each word found; ``text`` is in lower case."""
        found = [
            word.span()
            for word in _WORD.finditer(text)
            if word[0] in self._whole or word[0].startswith(self._stems)
        ]
        found += [phrase.span() for phrase in self._phrases.finditer(text)]
        if not text.isascii():
            found += [word.span() for word in self._joined.finditer(text)]
        return found


def _alternatives(words: list[str], around: str) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(around.format("(?:" + "|".join(map(re.escape, longest_first)) + ")"))


NAMES: Final = Vocabulary(_NAMES, _JOINED_NAMES)
DEEDS: Final = Vocabulary(_DEEDS, _JOINED_DEEDS)

OTHER_CODE: Final = re.compile(
    rf"(?<!\w)(?:{_OTHER_CODES})[ -]*$|^\s*(?:postal|promo\w*|promocional|de descuento)\b",
    re.IGNORECASE,
)
# Between the name of a code and the code itself nothing else may stand for them to belong together.
LINK: Final = re.compile(
    r"[\W_]*(?:(?:is|was|are|as|est|ist|es|é|ser[áa]|to|jest|je|adalah|ialah|là|la|lautet|[eè]|er|är|on"
    r"|هو|هي|ہے|है|является|есть|est[áa]|olarak|este|yra|ir|ni|si|είναι|הוא|为|為|是|は|는|은|คือ)[\W_]+)?",
    re.IGNORECASE,
)
LINK_BACK: Final = re.compile(
    r"[\W_]*(?:(?:is|est|ist|es|é|to|jest|je|adalah|là|[eè]|er|är|on|это|este|является)[\W_]+)?"
    r"(?:(?:your|the|a|as|for|ваш|ваша|твой|votre|ton|tu|su|tus|sua|seu|dein|ihr|il tuo|twój|uw|je"
    r"|din|ditt|kode|sizin|是您的|为您的|是你的|您的|あなたの)[\W_]*)?(?:[\w.&'’+-]+[ ]+){0,3}?",
    re.IGNORECASE,
)

# Just before a number: it is something else.
PHONE_WORD: Final = re.compile(
    rf"(?:\b(?:{_PHONES})|{_JOINED_PHONES})"
    r"(?:\W*(?:us|at|on|to|no|number|number is|au|al|по|номер\w*|na|unter|nr|в|до))*\W*$",
    re.IGNORECASE,
)
OTHER_NUMBER: Final = re.compile(
    rf"(?:\b(?:{_THINGS})|{_JOINED_THINGS})(?:\W*(?:number|no|nr|n[oº°]|num|id|in|with"
    r"|номер\w*|на|号|號|番号|번호|رقم|de|da|do))*[\W№]*$",
    re.IGNORECASE,
)
REPLY_TO: Final = re.compile(
    r"\b(?:reply|text|send|sms|stop|help|opt-?out|forward|отправ\w*|ответ\w*|envie|env[íi]a"
    r"|envoyez|schreibe|wy[śs]lij)\b[^.\n]{0,24}\b(?:to|at|на|al|au|para|an|na)\W*$",
    re.IGNORECASE,
)
YEAR_WORD: Final = re.compile(rf"(?:\b(?:{_YEARS}))\W*$", re.IGNORECASE)
# Just after a number: it counts something.
UNIT: Final = re.compile(rf"\s?(?:-\s?)?(?:(?:{_UNITS})(?!\w)|{_JOINED_UNITS})", re.IGNORECASE)
