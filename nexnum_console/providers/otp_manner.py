"""What is said beside a code in any language, and seldom beside another number: that nobody may
hear it, that it holds for minutes, that it is to be ignored by who did not ask for it."""

from __future__ import annotations

import re
from typing import Final

# Told to nobody.
_HUSHED: Final = (
    r"never (?:share|give|tell|send|reveal|disclose)|(?:don'?t|do not|not to) (?:share|give|tell"
    r"|send|reveal|disclose|pass)|keep (?:it|this) (?:secret|private|to yourself)|with no ?one"
    r"|\b(?:niemandem|niemanden|nicht weiter|niemand|nikomu|nikome|nikogar|senki\w*|nimănui"
    r"|nimanui|kenellekään|kenellegi|nevienam|niekam|никому|нікому|ешкім\w*|хен ким|ингэж)\b"
    r"|ne (?:la |le |les )?(?:partage|communique|donne|transmet|divulgue)\w*|à personne"
    r"|no (?:lo |la |los )?(?:compart|reve|digas|comuni|facilit)\w*|con nadie|a nadie"
    r"|n[ãa]o (?:o |a )?(?:compartilh|partilh|inform|revel|divulg|passe)\w*|com ningu[ée]m"
    r"|a nessuno|non (?:condivider|comunicar|dir|fornir|rivelar)\w*"
    r"|(?:deel|geef) \w+ (?:nooit|niet|met niemand)|nie (?:udostępniaj|podawaj|przekazuj)"
    r"|не (?:сообща|говор|переда|дел|показыв|повідом|переда|споделя|давайте|казуј|дел)\w*"
    r"|kimseyle|kimseye|paylaşma\w*|ne adja meg|ne ossza|nesdělujte|neposkytujte|nezdieľajte"
    r"|nu (?:îl |il |o )?(?:divulg|comunic|împărt|da)\w*|dela (?:den )?(?:inte|aldrig)"
    r"|del (?:den )?(?:ikke|aldri|aldrig)|älä (?:jaa|kerro|luovuta)|ära jaga|neizpaudiet"
    r"|hech kim\w*|heç kim\w*|jangan (?:beri|bagi|kongsi|kasih|sebar|dedah)\w*|siapa ?pun"
    r"|sesiapa|(?:không|đừng|ko|khong) (?:chia sẻ|cung cấp|tiết lộ|cho|đưa|chia se|cung cap)"
    r"|huwag|usimpe|usishiriki|kwa mtu"
    r"|κανέναν|κανένα|σε άλλον|μην (?:τον |το )?(?:μοιρ|δώσ|κοινοπ)\w*"
    r"|لا تشارك|لا تعط|لا تفصح|مع أحد|لأي شخص|مع أي|هیچ ?کس|به کسی|دیگران|کسی کو|نہ بتائیں"
    r"|לאף אחד|עם אף|אל ת(?:מסור|שתף|עביר)\w*|किसी|साझा न|কারো|কাউকে|ห้าม|อย่า(?:บอก|แจ้ง|แชร์|ให้)"
    r"|教えない|他人|第三者|誰にも|알려주지|공유하지|타인|누구에게|勿|不要告|别告|別告|请不要|請不要"
    r"|არავის|არ გაუზიარ|մի՛? (?:տվեք|հայտնեք|փոխանցեք)|ոչ մեկի"
)
# It holds for minutes.
_SHORTLIVED: Final = (
    r"(?<!\d)\d{1,2} ?(?:-?min(?:s|ute|utes|utos|uti|uten|uter|utter|uti|ut|uta|uty|ūtes|utę"
    r"|uuttia|utit|utach|utes)?\b|m\b|мин\w*|хв\w*|dakika\w*|dk\b|daqiqa\w*|dəqiqə\w*|phút|phut"
    r"|menit|minit|perc\w*|λεπτ\w*|минут\w*|دقائق|دقيقة|دقیقه|منٹ|דקות|मिनट|মিনিট|นาที|分|분"
    r"|წუთ\w*|րոպե\w*)"
)
# Who did not ask for it need do nothing.
_UNASKED: Final = (
    r"(?:did ?n[o']t|didn.t|haven'?t) (?:you )?(?:request|ask|initiat|try|make|sign)\w*|wasn'?t you"
    r"|not you\b|if this was not|nicht (?:du|sie|angefordert|von ihnen|von dir)"
    r"|pas (?:vous|demandé|à l'origine)|no (?:fuiste|has sido|lo has|solicitaste|pediste)"
    r"|n[ãa]o (?:foi você|pediu|solicitou|foste)|non (?:sei stato|hai richiesto|l'hai)"
    r"|niet (?:zelf |aangevraagd|jij)|nie (?:ty|prosił\w*|zleca\w*)|не (?:вы|запрашива\w*|ви|ти)\b"
    r"|istemed\w*|talep etmed\w*|siz değil\w*|bukan anda|tidak meminta|không yêu cầu|لم تطلب"
    r"|درخواست نکرد\w*|心当たりがな|요청하지 않|非本人"
)
_MANNER: Final = re.compile(f"{_HUSHED}|{_SHORTLIVED}|{_UNASKED}", re.IGNORECASE)


def is_of_a_code(text: str) -> bool:
    """Whether the message speaks as those with a code do."""
    return bool(_MANNER.search(text))
