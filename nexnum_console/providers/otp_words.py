"""Words that speak for a code in some sixty languages: its names, and what is done with it.

Lists are divided by blanks; ``_`` stands for a blank and ``*`` for any ending or beginning.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """
    *code *kode *kod *koodi *kód *passwort *kennwort *passord *lösenord *salasana *wachtwoord
    *koden *koodin *koodisi *kóði *kóðinn *kódja *kódod *kódot *kóddal *codes code* codice
    codigo código* codul* cod codi kode* kod* kód* kòd* kôd* koodi* kood* kods
    cód
    verification_no verification_number confirmation_no security_no login_no
    access_key account_key login_number login_key one-time_key комбинац* комбінац* combinaz*
    combinaci* combinaiso* kata_laluan
    *kood khodi clau öryggisnúmer* нууц_үг کوډ ziffernfolge*
    passcode password passwort passwd pass_code parol* parool* haslo* hasło* heslo* contrasena
    contraseña contrasenya senha chave ключ* pass_number one-time_number security_number kennwort*
    palavra-passe mot_de_passe clave wachtwoord lösenord* losenord* adgangskode* engangskode*
    salasana* jelsz* lozink* zapork* geslo sifre* şifre* sandi mật_khẩu mật_khau mat_khẩu
    mat_khau mã ma_xac ma_otp ma_giao_dich pass ma_kich ma_bao_mat ma_dang_nhap slaptazod*
    slaptažod* parole pin
    pins pincode pin-code otp tan mtan token msimbo nambari namba kodi fjalëkalim* aðgangskóði kóði
    tac mobiltan mobiletan itoken clé cle klíč klic klíčem kľúč klucz ključ chiave schlüssel
    cheie cheia anahtar κλειδί kunci nip passkey authenticator kóði kóðinn kóðann chód nenosiri
    tunnus *tunnus tunnusluku ciąg_cyfr zahlenfolge kodlar kodini kodingiz
    нууц_код код* парол* пин* пін* шифр* құпия* рамз* лозинк* токен* κωδικ* κωδ* קוד* הקוד
    şifr* entsperrnummer freischaltnummer számsor* smstan pushtan phototan chiptan tunnusluv*
    סיסמ* הסיסמ* לסיסמ* בסיסמ* הקוד* לקוד* בקוד* שקוד* կոդ* գաղտնագիր* գաղտնաբառ* კოდ* ኮድ*
    extrapin smspin mpin tpin webpin upin
    *jelszó *jelszava kluc klúč numerito ciąg_znaków șirul_următor
    code_de_retrait codice_di_ritiro código_de_recogida código_de_retirada
    tunnuks* belépési_azonosító lambar_tabbatarwa
"""
# Scripts without blanks between words, or with vowel signs that no word pattern spans.
_JOINED_NAMES: Final = """
    رمز الرمز كود الكود کد کوڈ پاسورڈ پاس_ورڈ كلمة_المرور كلمة_السر رقم_التحقق رقم_سري گذرواژه
    कोड ओटीपी पासवर्ड पिन কোড ওটিপি পাসওয়ার্ড குறியீ ஓடிபி கடவுச்சொல் కోడ్ ఓటీపీ કોડ ઓટીપી
    ਕੋਡ ಕೋಡ್ ಒಟಿಪಿ കോഡ് ഒടിപി කේතය රහස්_අංක รหัส โอทีพี ລະຫັດ កូដ ကုဒ် ကုတ် 验证码 驗證碼
    验證码 校验码 校驗碼 动态码 動態碼 确认码 確認碼 认证码 認證碼 激活码 啟用碼 安全码 安全碼
    识别码 短信码 保安編碼 保安编码 او_ٹی_پی 一次性密码 动态密码 動態密碼 密码
    密碼 口令 授权码 登录码 登入碼 代码 代碼
    コード ワンタイムキー 認証番号 確認番号 暗証番号 パスワード
    番号は 인증번호 인증_번호 확인번호 확인_번호
    승인번호 승인_번호 보안번호 보안_번호 코드 비밀번호 비밀_번호 交易码 交易碼 取件码 收餐码
    പാസ്വേഡ് പാസ്‌വേഡ് ಪಾಸ್ವರ್ಡ್
    收货码 提货码 註冊號碼 ਓਟੀਪੀ ਪਿਨ পিন পাসকোড ծածկագիր الرقم_السري رقم_الأمان
    เลขยืนยัน عارضی_پن 승인용_번호 인증용_번호 簡訊碼 简讯码 短信碼
    خفیہ_نمبر 提取碼 提取码 取件碼 சரிபார்ப்பு_எண் பின்_எண்
"""
# They go with a code, but name it only in the want of a better word.
_DEEDS: Final = """
    gebruik* unlock* confirming назов* назвать озвуч* скаж* сказать покаж* набер* продикт* кажет*
    кажіть назвіть tapez tast tasten firma firme acceso acesso accès zugang dostęp přístup
    accesso toegang adgang tilgang pääsy hozzáférés доступ* associar ukažte pokaż vis
    näytä tunjukkan sebutkan прочит* enter* type key use input вве* ввод* указ* introdu*
    ingres* saisi* entrez eingeb* geben inserisc* digit* wpisz* zadej* voer girin* gir
    masukkan nhập nhap írja skriv* ange angi syötä въвед* unesi* kiriting енгіз* εισάγ*
    tell hand donnez comunica* dile diga dígale zapyta zeigen nenne* dites montrez sdělte
    two-step 2-factor multi-factor giriş giris girişiniz faollashtir* вкаж* drück* öffn* άνοιξ*
    odblok* ritirare retirar opens_with unlock_with get_into finish* pop yes_with
    escrib* tecle* introduz* insira insire marca pon usa recopi* tapez indiqu* ziffern
    eintipp* eintrag* eingib* gib nutzen verwend* scriv* digita cifre cifras chiffres cijfers
    *cijfers typ toets vul cyfr cyfry podaj przepisz użyj uzyj wprowadź wprowadz číslice číslem
    opište zadajte zadejte sdělte zadať písmena írja adja gépelj* használ* folos* tasteaz* scrie
    rəqəm* siffror* knappa uppge indtast* oplys oppgi tast tal luvut luku numerolla numerot
    näppäil*
    kirjoita sisesta* kasuta* ievad* izmantoj* įved* naudok* rakam* yazın* kullan* използв*
    употреб* въвед* upiši* upisi* upišite koristi* vnesi* vnesite внеси* унеси* упиши* искорист*
    shkruaj* përdor* цифр* числ* використ* используй* использу* впиш* напиш* жаз*
    autoriz* utiliz* utilis* tipp* odemk* otwórz otworz öppna öppn* otevř* otvor* відкри* откро*
    abre abra apri ouvrez open_het open_de open_your open_the open_it
    pick_up collect_with type_in key_in never_share təsdiq* brug godkend* להקליד להזין להקיש
    tu_repartidor al_repartidor seu_entregador ao_entregador au_livreur le_livreur de_bezorger
    vpiši* vpisi* shkru* použi* pouzi* įves* sláðu_inn sláðu staðfest* увядзі* sebenzisa faka
    geef tastând tastand composez compose paste give δώστε δωστε girmen* giriniz informe informando
    киргиз* оруул* daxil yazın raqam* ספרות הקש* הקליד* bấm nhấn bam gunakan ketik taip balas
    tik cola cole copie copiez copier скопію* скопиру* скопіюй* копирай* теріңіз respond
    pengesahan angka gamitin i-type sabihin tumia weka iingize γράψ* χρησιμοπ* βάλ* ψηφί* keypad
    punch submit approve approv* authoris* authoriz*
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
    nutz* kennung zahl schaltest freischalt* přihláš* prihlás* prihlas* prihláš* confírm* verifíc*
    tabbatarwa amfani pakilagay lagay ayting отворет* отворит* przepis* șirul
"""
_JOINED_DEEDS: Final = """
    输入 輸入 入力 입력 أدخل ادخل استخدم استعمال وارد_کنید درج กรอก ใส่ दर्ज डालें डालकर উপযোগ লিখুন تحقق
    تأكيد تاكيد تفعيل تایید تأیید ورود تسجيل_الدخول تصدیق توثیق सत्याप लॉगइन लॉग_इन যাচাই
    ยืนยัน เข้าสู่ระบบ 验证 驗證 登录 登入 登陆 注册 認証 認證 認证 ログイン 確認 인증 본인
    შეიყვან ჩაწერ მიუთით დადასტურ մուտքագր հաստատ أخبر اعط أعط به_راننده दें बताइए เปิดด้วย
    로그인 확인
    적어 बताकर 눌러 누르 գրեք கூறவும்
    숫자 数字 數字 填写 填寫 凭 اكتب أرقام الأرقام عدد لکھیں درج_کریں बताएं प्रविष्ट
    उपयोग_करें ব্যবহার সংখ্যা உள்ளிட உள்நுழை నమోదు ใช้ ป้อน ປ້ອນ បញ្ចូល ရိုက် ማረጋገጫ ያስገቡ
    भरें टाका टाकून ನಮೂದಿಸಿ നൽകുക ନିଅନ୍ତୁ
    சரிபார்ப்ப చెప్పండి ඇතුළත් ໃສ່ გამოიყენ დასადასტურ डालि درج_کی הקישו
"""


def _any(words: str) -> str:
    return "|".join(words.split()).replace("_", " ")


# Where no blanks divide words a Latin one may stand glued: "OTP번호".
_UNDIVIDED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W\d_{_UNDIVIDED}]+")


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

# What ends a clause that began with the name of a code: "the code for … is 1234", "… : 1234".
_TIES = (
    r"(?:[:：=]| - |\b(?:is|est|ist|lautet|es|é|è|är|er|jest|zní|znie|brzmi|lyder|este|είναι"
    r"|adalah|adlh|ialah|yaitu|je|su|yra|ni|là|la|است|هو|ہے|है|הוא|היא|הינו)|คือ)[\W_]*"
)
TIE: Final = re.compile(f"{_TIES}$", re.IGNORECASE)
TIED: Final = re.compile(_TIES, re.IGNORECASE)
# "Open the locker with 62014": what is done, and then by what.
WITH: Final = re.compile(
    r"\b(?:with|by|met|med|mit|con|com|avec|using|z|ze|с|з)\W*$", re.IGNORECASE
)
# Between the name of a code and the code itself nothing else may stand for them to belong together.
LINK: Final = re.compile(
    r"[\W_]*(?:sms[\W_]+)?(?:(?:is|was|are|as|est|ist|es|é|ser[áa]|to|jest|je|adalah|adlh|ialah|yaitu|là|la|lautet|[eè]|er|är|on"
    r"|هو|هي|ہے|है|является|есть|est[áa]|olarak|este|yra|ir|ni|si|είναι|הוא|为|為|是|は|는|은|คือ)[\W_]+)?",
    re.IGNORECASE,
)
LINK_BACK: Final = re.compile(
    r"[\W_]*(?:(?:is|est|ist|es|é|to|jest|je|adalah|là|[eè]|er|är|on|это|este|является)[\W_]+)?"
    r"(?:(?:your|the|a|as|for|ваш|ваша|твой|votre|ton|tu|su|tus|sua|seu|dein|ihr|il tuo|twój|uw|je"
    r"|din|ditt|kode|sizin|是您的|为您的|是你的|您的|あなたの)[\W_]*)?(?:[\w.&'’+-]+[ ]+){0,3}?",
    re.IGNORECASE,
)

# Only so do mere letters count as a code: "XKDPQRTM is your … code".
IS_YOUR: Final = re.compile(
    r" (?:is|ist|est|es|è|é|to|jest) (?:your|dein|ihr|votre|ton|tu|su|il tuo|seu|twój)\b",
    re.IGNORECASE,
)

# What is said of a code that holds no more; said before it, within a few words, or after it.
VOID_BEFORE: Final = re.compile(
    r"(?:\b(?:old|previous|former|earlier|ignore|disregard|expired|alte[rn]?|vorherige[rn]?"
    r"|früher\w*|ancien\w*|précédent\w*|anterior|antiguo|viejo|antigo|vecchio|precedente"
    r"|poprzedni\w*|stary|старый|старого|прежний|предыдущий|попередній|oude?|vorige|önceki|eski"
    r"|starý|předchozí)"
    r"(?: [^\W\d]+){0,3}|[旧舊][^\W\d]{0,4}|以前の[^\W\d]{0,4}|이전 ?[^\W\d]{0,4})\W{1,4}$",
    re.IGNORECASE,
)
VOID_AFTER: Final = re.compile(
    r"[^.!?。！？\n]{0,24}?(?:no longer|not valid|invalid|has been cancell?ed|was cancell?ed"
    r"|has expired|is expired|abgelaufen|ungültig|n'est plus|expiré|ya no|caducad\w*|caducó"
    r"|expirad\w*|expirou|não é mais|non è più|scadut\w*|wygas\w*|nieważn\w*|недействит\w*"
    r"|истёк|истек\w*|больше не|недійсн\w*|vervallen|verlopen|geçersiz\w*|süresi dol\w*"
    r"|neplatn\w*|失效|过期|過期|無効|만료)",
    re.IGNORECASE,
)
