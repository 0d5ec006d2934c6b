"""Words around a code in the texts of some forty languages: what announces it, what it is not.

Lists are divided by blanks; ``_`` stands for a blank and ``*`` for any ending or beginning.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """
    *code *kode *kod *koodi *kód *passwort *kennwort *passord *lösenord *salasana *wachtwoord
    *codes code* codice codigo código* codul* cod codi kode* kod* kód* koodi* kood* kods cód
    passcode password passwort passwd pass_code parol* parool* haslo* hasło* heslo* contrasena
    contraseña senha chave ключ* pass_number one-time_number security_number kennwort*
    palavra-passe mot_de_passe clave wachtwoord lösenord* losenord* adgangskode* engangskode*
    salasana* jelsz* lozink* zapork* geslo sifre* şifre* sandi mật_khẩu mật_khau mat_khẩu
    mat_khau mã ma_xac ma_otp ma_kich ma_bao_mat ma_dang_nhap slaptazod* slaptažod* parole pin
    pins pincode pin-code otp tan mtan token msimbo nambari kodi fjalëkalim* aðgangskóði kóði
    нууц_код код* парол* пин* пін* шифр* құпия* рамз* лозинк* токен* κωδικ* κωδ* קוד* הקוד
    סיסמ* կոդ* գաղտնագիր* კოდ* ኮድ*
"""
# Scripts without blanks between words, or with vowel signs that no word pattern spans.
_JOINED_NAMES: Final = """
    رمز الرمز كود الكود کد کوڈ پاسورڈ پاس_ورڈ كلمة_المرور كلمة_السر رقم_التحقق رقم_سري گذرواژه
    कोड ओटीपी पासवर्ड पिन কোড ওটিপি পাসওয়ার্ড குறியீ ஓடிபி கடவுச்சொல் కోడ్ ఓటీపీ કોડ ઓટીપી
    ਕੋਡ ಕೋಡ್ ಒಟಿಪಿ കോഡ് ഒടിപി කේතය රහස්_අංක รหัส โอทีพี ລະຫັດ កូដ ကုဒ် ကုတ် 验证码 驗證碼
    验證码 校验码 校驗碼 动态码 動態碼 确认码 確認碼 认证码 認證碼 激活码 啟用碼 安全码 安全碼
    识别码 短信码 一次性密码 动态密码 動態密碼 密码 密碼 口令 授权码 登录码 登入碼 代码 代碼
    コード 認証番号 確認番号 暗証番号 パスワード 番号は 인증번호 인증_번호 확인번호 확인_번호
    승인번호 승인_번호 코드 비밀번호 비밀_번호
"""
# They go with a code, but name it only in the want of a better word.
_DEEDS: Final = """
    unlock* confirming назов* назвать озвуч* скаж* сказать покаж* набер* продикт* кажет*
    кажіть назвіть tapez tast tasten firma firme acceso acesso accès zugang dostęp přístup
    accesso toegang adgang tilgang pääsy hozzáférés доступ* associar ukažte pokaż visa vis
    näytä tunjukkan sebutkan прочит* enter* type key use input вве* ввод* указ* introdu*
    ingres* saisi* entrez eingeb* geben inserisc* digit* wpisz* zadej* voer girin* gir
    masukkan nhập nhap írja skriv* ange angi syötä въвед* unesi* kiriting енгіз* εισάγ*
    πληκτρ* הזן הקלד* ingiza ilagay verif* vérif* confirm* conferm* activat* activa* attiva*
    authenti* autent* login log-in log_in log_-in signin sign-in sign_in sign_-in signup
    sign-up sign_up sign_-up signing security 2fa 2-step two-factor onetime one-time access
    einmal* jednoraz* bestätig* bestatig* anmeld* bevestig* inlog* doğrulama* dogrulama* onay*
    aktiv* potvr* ověř* ověr* oveř* weryfik* potwierdz* ellenőrz* ellenorz* megerős* megeros*
    bekräft* bekræft* bekraft* bekreft* vahvist* tasdiq* kinnit* apstiprin* patvirtin*
    conectare xác_minh xác_nhận xác_thực xác_thuc xác_nhan xac_minh xac_nhận xac_thực xac_thuc
    xac_nhan uwierzytel* logow* connexion connect* inici* registr* regis* uthibitish* подтвер*
    підтвердж* пiдтвердж* пацв* потвъ* потвр* потврд* вериф* активац* активир* авториз* вход*
    регистрац* растау* тасди* баталгаа* επαλ* επιβεβ* σύνδεσ* אימות להתחבר כניסה
"""
_JOINED_DEEDS: Final = """
    输入 輸入 入力 입력 أدخل ادخل استخدم وارد_کنید درج กรอก ใส่ दर्ज डालें উপযোগ লিখুন تحقق
    تأكيد تاكيد تفعيل تایید تأیید ورود تسجيل_الدخول تصدیق توثیق सत्याप लॉगइन लॉग_इन যাচাই
    ยืนยัน เข้าสู่ระบบ 验证 驗證 登录 登入 登陆 注册 認証 認證 認证 ログイン 確認 인증 본인
    로그인 확인
"""


def _any(words: str) -> str:
    return "|".join(words.split()).replace("_", " ")


# A message of trade or advertising: a number in it is a code only where it is called one.
_TRADE: Final = """
    termin appuntamento wizyta randevu тариф* абонент* абонплат* rechnung fälligkeit tagihan
    so_du số_dư han_dung hạn_dùng pnr train voiture départ departs partenza carrozza rdv
    rendez-vous annulation facture fattura factura bill invoice receipt renewal lasku* viite
    cupón coupon hisob qəbz счёт квитанц* полис билет* рейс* рахун* билаг* tilaus* tilaukse*
    balance avl credited debited charged purchase* paid spent withdrawn deposited transfer*
    parcel parcels package* shipped delivered delivery appointment booking reservation
    voucher* discount* sale sales off unsubscribe cashback покупк* баланс* зачисл* списан*
    перевод* посылк* доставк* скидк* заказ* остаток пополн* счет счёт* купівл* зараховано
    посилк* знижк* баланс saldo compra compras transferencia* cita reserva localizador envío
    descuento* oferta* pedido rebajas desconto* promoção encomenda cartao cartão solde soldes
    achat colis livraison remise réduction virement gutschein* rabatt* filiale paket* sendung
    lieferung kontostand einkauf credito residuo ricarica sconto* pacco spedizione rabat*
    zakup* znizk* zniżk* paczk* przelew* indirim* alışveriş* kargo bakiye pakke* pakken
    paketti* lokero* hent hentes säilytys pošiljk* posiljk* balík* zásilk* slev* zľav* csomag*
    egyenleg kedvezmény reducere colet* sold отстъпк* пратк* попуст* korting pakket*
    bestelling diskon paket belanja pulsa giảm ưu_đãi έκπτωσ* δέμα υπόλοιπο הנחה יתרה משלוח
    chegirma жеңілдік
"""
_JOINED_TRADE: Final = """
    ค่าบริการ ชำระ ご請求 お支払い 요금 납부 账单 帳單 缴费 قبض فاتورة 订单 訂單 注文 주문
    발송 余额 餘額 入账 支出 消费 消費 流量 快递 优惠 優惠 折扣 满减 予約 配達 残高 割引
    お届け 일시불 누적 잔액 할인 배송 رصيد خصم شحنة طرد موجودی تخفیف بسته ยอดเงิน ส่วนลด พัสดุ
    शेष जमा छूट ব্যালেন্স ছাড় بیلنس
"""
_OTHER_CODES: Final = _any(
    r"""
    promo promotional discount coupon voucher gift referral invite zip postal post country
    area dial qr bar sort swift tax airport product dress source промо почтов\w* индекс
    реферальн\w*
    """
)
_PHONES: Final = _any(
    r"""
    call\w* phone tel info\w* infolini\w* details? support lh li[eê]n_h[eệ] detay ayrıntı
    więcej t[ée]l[ée]phone\w* mobile hotline helpline toll dial contact sms fax llam\w+ ligue
    appel\w* anruf\w* rufen zadzwo\w* chiam\w+ bel ara\w* hubungi g[ọo]i telp telefon\w*
    """
)
_JOINED_PHONES: Final = _any(
    r"""
    звон\w* позвон\w* подробн\w* подр инфо справк\w* детальн\w* довідк\w* สอบถาม телеф\w* тел
    дзвон\w* 电话 電話 详询 詳詢 咨询 拨打 回复 致电 致電 客服 热线 熱線 お問い合わせ 문의
    전화 اتصل هاتف تماس โทร कॉल फोन
    """
)
_THINGS: Final = _any(
    r"""
    order orders ref reference account acct a/c invoice ticket card ending ends loan tracking
    parcel booking reservation flight bus room policy case id user client customer member
    transaction txn receipt version build ios android windows model plate pnr terminal pedido
    tarjeta cuenta commande compte bestellung bestellnummer konto karte zam[óo]wieni\w+
    protocol\w* viite benutzer\w* usuario usu[áa]rio utente пользовател\w* логин op operation
    operaci[óo]n opera[çc][ãa]o op[ée]ration buchung vorgang\w* aktenzeichen kundennummer
    numer nummer sipari\w+ pesanan rekening đơn_hàng ordine conto encomenda cart[ãa]o conta
    """
)
_JOINED_THINGS: Final = _any(
    r"""
    операц\w* операц[ії]\w* заказ\w* сч[её]т\w* карт\w* договор\w* замовл\w* рейс\w* 订单 訂單
    尾号 尾號 账户 帐户 帳戶 快递 予約番号 注文番号 予約 注文 주문 카드 طلب حساب بطاقة سفارش
    หมายเลขคำสั่งซื้อ ऑर्डर
    """
)
_YEARS: Final = _any(
    r"""
    in since until of year by from ano año année jahr rok\w* est © copyright january february
    march april may june july august september october november december jan feb mar apr jun
    jul aug sep oct nov dec год\w* с до в
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
    分钟 分鐘 分 秒 小时 小時 天 年 時間 日 분 초 시간 دقيق دقائق دقیقه ثانية ثانیه นาที
    วินาที मिनट মিনিট 積分 积分 ポイント
    """
)


_WORD = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """Finds its words in a text: whole words, stems, phrases, and words of joined scripts."""

    def __init__(self, words: str, joined: str) -> None:
        written = [word.replace("_", " ") for word in words.split()]
        self._stems = tuple(word[:-1] for word in written if word.endswith("*"))
        self._endings = tuple(word[1:] for word in written if word.startswith("*"))
        self._whole = frozenset(word for word in written if word.isalpha())
        self._phrases = _alternatives(
            [word for word in written if not word.strip("*").isalpha()], r"(?<!\w){}(?!\w)"
        )
        self._joined = _alternatives([word.replace("_", " ") for word in joined.split()], "{}")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each word found; ``text`` is in lower case."""
        found = [
            word.span()
            for word in _WORD.finditer(text)
            if word[0] in self._whole
            or word[0].startswith(self._stems)
            or word[0].endswith(self._endings)
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
TRADE: Final = Vocabulary(_TRADE, _JOINED_TRADE)

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

# Just before a number: it is something else. What was hidden there ended the matter.
_GAP = r"[^\w\x1f]*"
PHONE_WORD: Final = re.compile(
    rf"(?:\b(?:{_PHONES})|{_JOINED_PHONES})"
    rf"(?:{_GAP}(?:us|at|on|to|no|number|number is|au|al|по|номер\w*|na|unter|nr|в|до))*{_GAP}$",
    re.IGNORECASE,
)
OTHER_NUMBER: Final = re.compile(
    rf"(?:\b(?:{_THINGS})|{_JOINED_THINGS})(?:{_GAP}(?:number|no|nr|n[oº°]|num|id|in|with"
    rf"|номер\w*|на|号|號|番号|번호|رقم|de|da|do))*{_GAP}$|(?:№|\bno\.|\bn[º°])\s?$",
    re.IGNORECASE,
)
REPLY_TO: Final = re.compile(
    r"\b(?:reply|text|send|sms|stop|help|opt-?out|forward|отправ\w*|ответ\w*|envie|env[íi]a"
    r"|envoyez|schreibe|wy[śs]lij)\b[^.\n]{0,24}\b(?:to|at|на|al|au|para|an|na)\s*$",
    re.IGNORECASE,
)
YEAR_WORD: Final = re.compile(rf"(?:\b(?:{_YEARS}))\W*$", re.IGNORECASE)
# Just after a number: it counts something.
UNIT: Final = re.compile(rf"\s?(?:-\s?)?(?:(?:{_UNITS})(?!\w)|{_JOINED_UNITS})", re.IGNORECASE)
