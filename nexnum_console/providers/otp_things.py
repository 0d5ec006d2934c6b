"""What says a number is something else: an order, a phone, a date, a year, a count, an amount.

Lists are divided by blanks; ``_`` stands for a blank and ``*`` for any ending or beginning.
"""

from __future__ import annotations

import re
from typing import Final

from nexnum_console.providers.otp_words import Vocabulary

_CURRENCY_SIGN = r"[$€£₽₹¥₺₴₫₩฿₦₱₸₾₪৳₨₮₭៛₼₵﷼֏]"
_CURRENCY = (
    rf"(?:{_CURRENCY_SIGN}|(?:USD|EUR|GBP|RUB|INR|UAH|KZT|TRY|BRL|IDR|VND|CNY|JPY|PLN|MXN|PHP|THB|AED|SAR|USDT|HUF|RON|CZK|SEK|NOK|DKK|BGN|CHF|KRW|NTD|AZN|GEL|FCFA|CFA|XOF|XAF"
    r"|Rs|Rp|R\$|руб\w*|р|грн|тг|тенге|сум|TL|z[łl]|K[čc]|kr|Ft|lei|лв|ден|so['ʻ’]m|MB|GB|kcal|dollars?|euros?|pesos?)(?!\w)\.?"
    r"|đ(?!\w)|元|円|원|บาท|%|درهم|ريال|تومان|ریال)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.)?"
_MONTH = (
    r"(?<![^\W\d_])(?=[^\W\d_]{3})(?!l[uü]tfen|sie\b|tempor)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|fév|avr|mai|juin|juil|août|déc|dez|okt|mär"
    r"|ene|abr|ago|dic|fev|out|gen|mag|giu|lug|set|ott|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек"
    r"|márc|ápr|máj|jún|júl|szept|led|úno|bře|dub|kvě|čer|srp|zář|říj|list|pro|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|gru"
    r"|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|січ|лют|берез|квіт|трав|черв|лип|серп|верес|жовт|листоп|груд"
    r"|ιαν|φεβ|μαρ|απρ|μαΐ|ιουν|ιουλ|αυγ|σεπ|οκτ|νοε|δεκ)"
    r"[^\W\d_]{0,7}\.?"
)
# What looks like a code and is part of something else.
HIDDEN: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:https?://|www\.)[^\s،\u3000-\u303f\uff00-\uffef]+",
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+",
        r"(?<![\w.])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,10}/[^\s،\u3000-\u303f\uff00-\uffef]*",
        r"(?<![\w.-])[a-z][\w-]{2,62}\.(?:com|net|org|info|ru|ua|de|fr|pl|uk|io|app|shop|online|top)\b",
        r"(?<!\d)(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2[12]\d{3}|\d{1,2}([/.])\d{1,2}\3\d{2}|(?:1[34]|20)\d\d/\d{1,2}|\d{1,2}/\d{1,2})(?!\d)",
        rf"(?<!\d)(?:19|20)\d\d\. {_MONTH} \d{{1,2}}(?!\d)",
        rf"(?<!\d)(?<![A-Z])(?<!\d-\d\d-)(?:{_DAY}\s?(?:of |de |di )?{_MONTH}"
        rf"|(?<![^\W\d_])(?=[^\W\d_]{{3,11}}\.?\s?\d){_MONTH}\s?{_DAY})(?!\w)"
        r"(?:,? ?(?:de )?(?:19|20)\d\d(?!\d))?",
        r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",
        rf"(?:{_CURRENCY_SIGN}|रु\.?|টাকা|\b(?:USD|EUR|RUB|INR|Rs|Rp|R\$|GBP|AED|SAR)\b\.?)\s?\d[\d.,]*(?:\s\d{{3}}(?!\d))*",
        r"(?<![\d.,])(?<![A-Z]-)(?<![A-Z]\d-)(?:\d{1,3}(?:[ ,.]\d{3})+|\d+)"
        rf"(?:[.,]\d{{1,2}})?\s?{_CURRENCY}",
        r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|(?<![\d.,])\d+[.,]\d{1,2}(?![\d.,]?\d)",
        r"(?<!\d)\d{1,5}(?: [A-Z][\w']+){1,3} (?:St|Street|Ave|Avenue|Rd|Road|Blvd|Lane)\b",
        r"(?:\+|(?<!\d)00)\d[\d\s().*•-]{6,18}\d",
        r"(?<!\d)(?:8|1)?[- ]?\(?[08]?800\)?(?:[- ]\d{2,4}){2,4}(?!\d)",
        r"(?<!\d)(?:0\d{1,4}[- ]\d{6,8}|\d{2,4}[- ]\d{7})(?!\d)",
        r"(?<!\d)\(?\d{3}\)[- ]?\d{3}[- ]?\d{2}[- ]?\d{2}(?!\d)",
        r"\(0?\d{2,4}\) ?9?\d{3,4}[- ]\d{4}(?!\d)",
        r"(?<!\d)\d{3}[-. ]\d{3}[-. ]\d{4}(?!\d)",
        r"(?<!\d)0\d{3}[- ]\d{3}[- ]\d{1,2}[- ]\d{2,3}(?!\d)",
        r"(?<!\d)(?<!\d[ -])(?!\d{3}[ -]\d{3}[ -]\d{3}(?![ -]?\d))"
        r"(?!\d\d[ -]\d\d[ -]\d\d[ -]\d\d(?![ -]?\d))"
        r"(?!(?!0)\d{4}[ -]\d{4}[ -]\d\d(?![ -]?\d))"
        r"(?=[\d -]{10}\d)\d{1,5}(?:[ -]\d{2,5}){2,4}(?!\d)",
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z]-?[A-Z0-9]{5,6}(?![A-Z0-9])",
        r"(?<![*•x#])(?:[*•x#]{2,20}|\*)\s?\d{2,6}(?![\d*])",
        r"(?<!\d)\d{2,6}(?:\.{2,5}|…)\d{2,6}(?!\d)",
        r"(?<!\S)(?=\S*[a-z])(?=\S*\d)[A-Za-z0-9+/]{11}(?=\s*$)",
    )
)


def _any(words: str) -> str:
    return "|".join(words.split()).replace("_", " ")


_TRADE: Final = """
    termin appuntamento wizyta randevu тариф* абонент* абонплат* rechnung fälligkeit tagihan
    so_du số_dư han_dung hạn_dùng pnr train voiture départ departs partenza carrozza rdv
    rendez-vous annulation facture fattura factura bill invoice receipt renewal lasku* viite
    cupón coupon hisob qəbz счёт квитанц* полис билет* рейс* рахун* билаг* tilaus* tilaukse*
    balance avl credited debited charged purchase* paid spent withdrawn deposited transfer*
    booked parcel parcels package* shipped boarding delivered delivery appointment booking
    reservation
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
# What carries a number of its own: orders, parcels, papers, accounts, journeys, rooms, devices.
_THINGS: Final = """
    balance* solde saldo* баланс* guthaben kontostand bakiye* egyenleg* sold points puntos punti
    pontos punkte ταχ._κώδικας plz psč psc postnr индекс* індекс* zip postcode
    маршрут*
    voucher* coupon* gutschein* kupon* cupón cupom bon buono ваучер* купон*
    order* reference ref rif réf reading* показан* odczyt* zählerstand lettura lectura relevé
    account acct a/c ac invoice* ticket* card cards ending ends loan tracking
    parcel package shipment consignment booking reservation flight bus train tram gate room
    suite
    floor desk policy case claim id user client customer subscriber member* transaction txn trx
    receipt version build ios android windows model plate pnr terminal contract agreement meter
    reading serial imei imsi branch port error status class course chapter page lot batch flat
    apt
    unit route platform seat coach locker employee patient student licence license prescription
    rx
    sort routing awb kid iban swift vat score* scored utr rrn docket ticket_id protocol*
    pedido* tarjeta* cuenta* orden factura* guía guia reserva* vuelo tren habitación habitacion
    sala
    puerta contrato* póliza poliza expediente folio referencia* recibo boleto envío envio
    sucursal
    acabada terminada operación operacion usuario usuário localizador encomenda conta cartão
    cartao
    fatura* protocolo nota voo quarto apólice agência agencia final operação operacao commande
    commandes compte carte facture* contrat* dossier colis réservation vol train chambre
    référence
    police billet abonné agence opération operation bestell* konto karte* rechnung* auftrag*
    vertrag*
    kunde* sendung* buchung* vorgang* aktenzeichen flug zug zimmer filiale benutzer* artikel
    ordine
    conto carta fattura* contratto pratica spedizione prenotazione volo treno camera cliente
    polizza
    utente factuur* rekening* klant* zending* reservering vlucht kamer polis kaart zamówieni*
    zamowieni* faktur* umow* klient* przesył* przesyl* rezerwacj* pokój kart* polis* spraw*
    objednáv* objednav* smlouv* zmluv* účet účtu zásil* zásiel* rezervac* pokoj zákazn*
    variabilní
    rendelés* számla* szerződés* ügyfél ügyfélszám* csomag* foglalás* járat* szoba kártya* azonosító
    comand*
    cont contul colet* rezervar* zbor поръчк* сметк* пратк* резервац* полет нарачк* порачк*
    поруџбин* рачун* уговор* пошиљк* narudžb* narudzb* porudžb* račun* racun* ugovor* pošilj*
    rezervacij* kartic* naročil* pogodb* παραγγελί* τιμολόγι* λογαριασμ* συμβόλαι* πελάτ*
    αποστολ*
    κράτησ* πτήσ* δωμάτι* κάρτα* δέμα sipariş* siparis* fatura* hesap* hesab* sözleşme* müşteri*
    kargo* gönderi* rezervasyon* uçuş* poliçe* dosya abone* заказ* счёт* счет* карт* договор*
    рейс* поезд* накладн* посыл* отправлен* брон* кабинет* каб квитанц* чек чека полис* заяв*
    обращени* абонент* клиент* талон* операц* логин пользовател* замовл* рахун* договір* потяг*
    посил* beställ* kund* paket* försändelse* bokning* ärende* ordre* bestilling* kunde* kort
    pakke* sag sak tilau* lasku* tili* asiakas* lähety* varau* viite tellimus* arve* saadetis*
    pasūtīj* rēķin* sūtīj* užsakym* sąskait* siunt* đơn_hàng don_hang đơn don hoá_đơn
    hóa_đơn hoa_don tài_khoản tai_khoan tk hợp_đồng hop_dong chuyến_bay chuyen_bay vận_đơn
    van_don
    pesanan invoice
    akun akaun kartu kad tagihan resi pelanggan resibo agizo akaunti buyurtma* hisob* тапсырыс*
    atm cajero caixa_eletrônico bankomat* geldautomat* банкомат* distributeur bancomat
    sifariş* numer nummer kadi inayoishia πρωτοκόλλ*
"""
_JOINED_THINGS: Final = """
    الطلب طلبك طلب فاتورة حساب بطاقة شحنة شحنتك عقد رحلة حجز مرجع سفارش فاکتور کارت مرسوله
    قرارداد پرواز رزرو رهگیری پیگیری شناسه הזמנה הזמנתך חשבונית חשבון כרטיס משלוח חבילה חוזה
    טיסה آرڈر اکاؤنٹ ऑर्डर खाता खाते बिल कार्ड बुकिंग অর্ডার একাউন্ট অ্যাকাউন্ট বিল คำสั่งซื้อ
    ออเดอร์
    บัญชี ใบแจ้งหนี้ พัสดุ เที่ยวบิน 订单 訂單 单号 單號 尾号 尾號 账户 帐户 帳戶 卡号 快递 运单
    合同 保单 航班 发票 工单 编号 編號 注文 予約 伝票番号 会員番号 管理番号 口座 주문 운송장
    계좌
    לקוח מנוי عميل مشترك رصيد مشتری اشتراک موجودی 余额 餘額 残高 잔액
    예약 접수번호 회원번호 우편번호 쿠폰 邮编 邮政编码 郵遞區號 郵便番号 优惠码 優惠碼 优惠券
    優惠券 折扣码
    折扣碼 兑换码 兌換碼 邀请码 邀請碼 推荐码 クーポン
"""

# A code of another kind: a discount, a district, a fault; said before, in or after "code".
_OTHER_BEFORE: Final = _any(
    r"""
    promo promotional promosyon discount coupon voucher gift gift_card giftcard referral invite
    claim prize bonus zip postal post posta
    country area dial qr bar sort swift tax airport product item dress source error fault status
    branch store merchant dealer class tracking order booking reservation loyalty postcode
    indirim
    mokėtojo įmonės ürün hata
    ταχ\.? ταχυδρομικ\w* εκπτωτικ\w* промо почтов\w* индекс реферальн\w* kupon[ou]?\w*
    """
)
_OTHER_WITHIN: Final = _any(
    r"""
    gutschein\w* rabatt?\w* fehler\w* aktions\w* vorteils\w* strich\w* bar\w* qr\w* post\w*
    alennus\w* kortings\w* error\w* kampanj\w* hiba\w* vonal\w* kupon\w* virhe\w* viiva\w*
    промокод\w* штрих\w* promo\w* zip\w*
    """
)
_OTHER_AFTER: Final = _any(
    r"""
    client\w* klient\w* abon\w* абонент\w* клиента клієнта договора de_cliente? barras postal
    postale postaux promo promocional promotionnel
    de_descuento de_desconto de_barras
    de_seguimiento de_rastreo de_rastreio de_error d'erreur de_réduction de_remise barre fiscale
    sconto pocztow\w* rabatow\w* kreskow\w* promocyjn\w* товара заказа ошибки города страны
    скидки
    товару замовлення pos resi booking diskon تخفیف خصم رهگیری پستی سفارش البريدي بريدي الخصم
    ไปรษณีย์ ส่วนลด קופון הנחה מבצע po[șş]tal κουπονιού έκπτωσης προσφοράς giảm_giá giam_gia
    pemenang đơn_hàng don_hang vận_đơn
    van_don khuyến_mãi khuyen_mai giới_thiệu gioi_thieu
    """
)
_JOINED_OTHER_BEFORE: Final = _any(
    "クーポン 招待 紹介 郵便 商品 割引 쿠폰 할인 초대 추천 优惠 優惠 折扣 邀请 邀請 推荐"
    " कूपन प्रोमो কুপন প্রোমো"
)
OTHER_BEFORE: Final = re.compile(
    rf"(?:(?<!\w)(?:{_OTHER_BEFORE})|{_JOINED_OTHER_BEFORE})[ -]*$", re.IGNORECASE
)
OTHER_WITHIN: Final = re.compile(rf"(?:{_OTHER_WITHIN})", re.IGNORECASE)
OTHER_AFTER: Final = re.compile(rf"\s*(?:{_OTHER_AFTER})(?!\w)", re.IGNORECASE)
_PHONES: Final = _any(
    r"""
    call\w* phone tel infos? info(?:line|rmation\w*|rmaci\w*|rmaç\w*)
    ext infolini\w* details? support lh li[eê]n_h[eệ] detay ayrıntı
    więcej t[ée]l t[ée]l[ée]phone\w* mobile hotline helpline toll dial contact\w* sms fax
    llam\w+ ligue
    appel\w* anruf\w* rufen τηλ\w* tlf puh đt điện_thoại dien_thoai zadzwo\w* chiam\w+ bel
    ara\w* hubungi g[ọo]i telp telefon\w*
    usizo sími simi help central
    """
)
_JOINED_PHONES: Final = _any(
    r"""
    звон\w* позвон\w* подробн\w* подр инфо справк\w* детальн\w* довідк\w* สอบถาม ติดต่อ телеф\w* тел
    дзвон\w* 电话 電話 详询 詳詢 咨询 拨打 回复 致电 致電 客服 热线 熱線 お問い合わせ 문의
    전화 اتصل هاتف تماس โทร कॉल फोन शिकायत हेल्पलाइन सहायता ಸಹಾಯವಾಣಿ
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
    min mins minute\w* minut\w* s ms sec secs second\w* sekund\w* segund\w* hour\w* hrs? hora\w*
    heure\w* stunde\w* ore days? d[íi]as? jours? tage? dni dakika saniye gün menit detik hari
    phút giây minuti secondi мин\w* сек\w* час\w* дн\w* хв\w* points? pts users? people
    followers credits? coins? items? km kg mb gb kb [kmg]bps kwh mah steps? kcal
    rpm mo балл\w* бонус\w* г год\w* року p\.?m a\.?m
    """
)
_JOINED_UNITS: Final = _any(
    r"""
    分钟 分鐘 分 秒 小时 小時 天 年 時間 日 분 초 시간 دقيق دقائق دقیقه ثانية ثانیه นาที
    วินาที मिनट মিনিট 積分 积分 ポイント
    """
)


TRADE: Final = Vocabulary(_TRADE, _JOINED_TRADE)
THINGS: Final = Vocabulary(_THINGS, _JOINED_THINGS)

# What was hidden before a number ended the matter.
_GAP = r"[^\w\x1f]*"
_GAP_IN_LINE = r"(?:\n?[^\w\x1f\n]*)"
_TIGHT = r"[^\w\x1f,;!?\n，、。]*"
# Between the name of a thing and its number.
THING_GAP: Final = re.compile(
    rf"(?:{_TIGHT}(?:number|no|nr|n[oº°]|num|id|in|with|номер\w*|na|на|\b(?:is|ist|est|es|é|è|jest|lautet|adalah|là|este)\b|n[uú]mero|num[ée]ro|numer\w*"
    rf"|numara\w*|raqam\w*|nummer|[čc]\w{{0,4}}|sz[áa]m\w*|αρ\w*|номір|so|số|号|號|码|碼|番号|번호|رقم|شماره|מספר"
    rf"|क्रमांक|नंबर|संख्या|নম্বর|หมายเลข|เลขที่|de|da|do))*{_TIGHT}",
    re.IGNORECASE,
)
THING_TIE: Final = re.compile(r"[^\d\x1f.!?\n]{0,32}[:：]\s?")
# "Takip no: 4821": what is only numbered is no code; "type this number: 4821" asks for one.
NUMBER_WORD: Final = re.compile(
    r"(?<!\bthis )(?<!\beste )(?<!\bquesto )(?<!\bquel )(?<!\bce )(?<!\bdiese )(?<!\bэтот )"
    r"(?<!\bцей )(?<!\bbu )"
    r"(?:\b(?:number|no|nr|n[oº°]|номер|numara\w*|n[uú]mero|num[ée]ro|numer|\w*nummer|\w*szám\w*|αριθμ\w*)"
    r"|号|號|رقم|شماره|מספר|नंबर|নম্বর|หมายเลข|เลขที่)\W{1,3}$",
    re.IGNORECASE,
)
NUMBER_SIGN: Final = re.compile(r"(?:№|\bno\.|\bnr?\.|\bn[º°]|#)\s?$", re.IGNORECASE)
# Just after a number: its thing, in the languages that put it there.
THING_AFTER: Final = re.compile(
    r"\s?(?:nolu|no'lu|numaralı|numarali|sayılı|számú|sz\.|番の|번\s)(?!(?:\s*\w+){0,3}\s*(?:kod|şifre))",
    re.IGNORECASE,
)
PHONE_WORD: Final = re.compile(
    rf"(?:\b(?:{_PHONES})(?!\w)|{_JOINED_PHONES})"
    rf"(?:{_GAP}(?:me|us|at|on|to|from|no|number|number is|au|al|le|il|el|the|pe|ke|di"
    rf"|по|с|номер\w*|na|unter|nr|в|до))*"
    rf"{_GAP_IN_LINE}$",
    re.IGNORECASE,
)
REPLY_TO: Final = re.compile(
    r"(?<!kod )(?<!code )(?<!has[łl]o )"
    r"\b(?:reply|report|fwd|text|send|sms|stop|help|opt-?out|forward|отправ\w*|ответ\w*|envie|env[íi]a"
    r"|envoyez|schreibe|wy[śs]lij|ketik|kirim|yaz)\b[^.\n]{0,24}"
    r"\b(?:ke|(?<!kod )(?<!has[łl]o )(?<!pin )to|at|на|al|au|para|an|na)\s*$",
    re.IGNORECASE,
)
CONFIRMATION: Final = re.compile(r"\bconfirm(?:ation|ed)\W{1,3}$", re.IGNORECASE)
WORD_AFTER: Final = re.compile(r" [^\W\d_]")
YEAR_WORD: Final = re.compile(rf"(?:\b(?:{_YEARS}))\W*$", re.IGNORECASE)
# Just after a number: it counts something.
JOINED_UNIT: Final = rf"\s?(?:{_JOINED_UNITS})"
UNIT: Final = re.compile(rf"\s?(?:-\s?)?(?:(?:{_UNITS})(?!\w)|{_JOINED_UNITS})", re.IGNORECASE)
