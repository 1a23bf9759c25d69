"""Recognise labels before a colon that are no speakers: `Tip: `, `Chapter 3: `, `Antwort: `, `注意：`.

Such a label announces a tip, an answer, a date of the current speaker. Given names are no labels, and neither are roles in a
conversation (host, guest, Q, A).
"""

from __future__ import annotations

import re

_LABELS = frozenset(
    label.strip()
    for line in (
        "tip, tips, pro tip, hint, update, updates, news, breaking news, breaking, spoiler, spoiler alert, disclaimer",
        "caution, alert, attention, important, reminder, example, examples, case study, question, questions, answer",
        "answers, step, part, chapter, section, act, scene, episode, season, verse, psalm, lesson, rule, point, reason",
        "number, fact, myth, truth, reality, result, results, conclusion, summary, bottom line, takeaway, key takeaway",
        "key point, overview, introduction, background, problem, solution, goal, challenge, lesson learned, pros, cons",
        "advantages, disadvantages, subject, ps, fyi, faq, tldr, eta, rsvp, re, fwd, cc, bcc, source, sources, credit",
        "credits, music, sound, video, audio, image, photo, picture, link, links, website, web, email, phone, address",
        "location, date, time, cost, rating, score, title, author, sponsor, sponsors, ad, advertisement, intro, outro",
        "hello, hi, hey, wait, look, listen, think, imagine, guess, again, also, otherwise, therefore, however",
        "meanwhile, next, last, lastly, fourth, fifth, sixth, firstly, secondly, thirdly, specifically, basically",
        "honestly, seriously, actually, clearly, obviously, simply, please, thanks, sorry, today, tomorrow, yesterday",
        "tonight, http, https, url, www, monday, tuesday, wednesday, thursday, friday, saturday, sunday, january",
        "february, march, july, september, october, november, december, plus, total, ok, right, exactly, correct, wrong",
        "true, false, quote, unquote, definition, translation, correction, clarification, trigger warning, content",
        "warning, fun fact, quick question, real talk, long story short, one word, two words, three words, hypothesis",
        "theorem, proof, lemma, level, phase, round, option, exodus, romans, proverbs, leviticus, isaiah, corinthians",
        "revelation, acts, question of the day, word of the day, quote of the day, my point, big question",
        # German
        "frage, antwort, hinweis, achtung, beispiel, zum beispiel, wichtig, fazit, also, aber, denn, dann, erstens",
        "zweitens, drittens, ergebnis, ziel, grund, lösung, kapitel, teil, schritt, regel, übrigens, kurz, merke, tipp",
        "quelle, warnung, nun, anmerkung",
        # French
        "bonjour, exemple, par exemple, remarque, réponse, résultat, donc, mais, enfin, premièrement, deuxièmement",
        "d'abord, ensuite, puis, voilà, bref, chapitre, partie, étape, conseil, astuce, résumé, note",
        # Spanish, Portuguese, Italian
        "nota, ejemplo, pregunta, respuesta, entonces, pero, porque, primero, segundo, tercero, consejo, atención",
        "capítulo, parte, paso, resumen, conclusión, resultado, importante, ojo, hola, además, exemplo, pergunta",
        "resposta, então, mas, dica, atenção, capítulo, conclusão, esempio, domanda, risposta, allora, quindi, perché",
        "capitolo, consiglio, attenzione, conclusione",
        # Dutch, Polish, Russian, Korean
        "voorbeeld, vraag, antwoord, dus, maar, let op, hoofdstuk, przykład, pytanie, odpowiedź, uwaga, więc, rozdział",
        "например, вопрос, ответ, итак, но, во-первых, во-вторых, в-третьих, внимание, важно, пример, вывод, итог, глава",
        "часть, совет, кстати, 예를 들어, 예를, 예, 질문, 답변, 답, 결론, 주의, 참고, 예시, 첫째,",
        "둘째, 셋째, 그래서, 하지만, 그리고, 결과, 이유",
    )
    for label in line.split(",")
)
_COUNTED = re.compile(r"(?:one|two|three|four|five|six|seven|eight|nine|ten|[ivx]{1,4}|[abc])$", re.IGNORECASE)
# Roles that may carry a number; any other word with a number is a chapter, a verse, a step.
_ROLES = frozenset(
    re.findall(
        r"\w+",
        "speaker guest host cohost voice caller man woman male female boy girl person participant interviewer interviewee "
        "moderator narrator presenter student audience panelist attendee member unknown reporter announcer anchor actor agent "
        "customer client doctor patient teacher listener user sprecher sprecherin stimme teilnehmer gast moderatorin "
        "locuteur intervenant invité participante hablante orador oradora invitado voz falante convidado ospite voce "
        "relatore spreker mówca спикер гость ведущий голос диктор 화자 참석자 진행자 q a s spk",
    )
)
_CHINESE_BEGINS = (
    "比如 譬如 例如 正如 首先 其次 再次 最后 最後 先是 然后 然後 接着 接著 接下来 接下來 另外 此外 而且 同时 "
    "同時 总之 總之 总的 總的 因此 因为 因為 所以 所谓 所謂 于是 於是 但是 不过 不過 可是 可见 可見 还有 "
    "還有 或者 并且 並且 也就 就是 那么 那麼 这样 這樣 换句 換句 换言 換言 简单 簡單 也就是 其实 其實 其中 "
    "其一 其二 其三 你好 大家好 谢谢 謝謝 请 請"
)
_CHINESE_LABELS = (
    "注意 提示 提醒 备注 備註 说明 說明 结论 結論 结果 結果 答案 回答 问题 問題 提问 提問 原因 理由 方法 "
    "步骤 步驟 重点 重點 要点 要點 关键 關鍵 总结 總結 小结 小結 补充 補充 更正 更新 标题 標題 主题 主題 "
    "内容 內容 时间 時間 地点 地點 日期 来源 來源 背景 目的 目标 目標 优点 優點 缺点 缺點 事实 事實 真相 "
    "建议 建議 广告 廣告 音乐 音樂 字幕 翻译 翻譯 链接 連結 网址 網址 电话 電話 地址 邮箱 摘要 前言 正文 "
    "定义 定義 概念 例子 举例 舉例 意思 好 对 對 是 不是 没错 沒錯 新闻 新聞 快讯 快訊 题目 題目 选项 選項 "
    "公式 定理 引言 结语 結語 一 二 三 四 五 六 七 八 九 十 つまり 例えば たとえば 質問 回答 答え 結論 "
    "注意点 ちなみに ところで そして しかし だから まず 次に 最後に 例 注 問い 要するに"
)
_CHINESE = re.compile(
    rf"第[一二三四五六七八九十百两\d].*|(?:{'|'.join(_CHINESE_BEGINS.split())}).*|(?:{'|'.join(_CHINESE_LABELS.split())})"
)


def is_label(name: str) -> bool:
    """Return whether the text before a colon labels the words after it, rather than naming their speaker."""
    words = name.split()
    if name.casefold() in _LABELS or _CHINESE.fullmatch(name):
        return True
    if not words or words[0].casefold() in _ROLES:
        return False
    counted = words[-1].isdecimal() or (
        len(words) == 2 and words[0].casefold() in _LABELS and _COUNTED.match(words[-1]) is not None
    )
    return len(words) > 1 and counted
