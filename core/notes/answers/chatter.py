"""Detect a language model's talk to its user in place of notes: refusals, prefaces, fragments of a template or of code. Pure.

A match that also occurs in the recording is ignored: it is a speaker's own words.
"""

from __future__ import annotations

import re

# Only at the beginning of a text: notes may well report an apology.
_TO_THE_ASKER = (
    # Statements about its nature and its limits.
    r"as an? (?:ai|artificial intelligence)(?: language)? (?:model|assistant|system)\b",
    r"as an ai,|as an? (?:large )?language model\b",
    r"i(?:'m| am) (?:very |so |really )?sorry,? (?:but )?(?:i|as)\b|(?:sorry|my apologies|i apologi[sz]e),? (?:but )?i\b",
    r"i (?:can(?:no|')t|cannot|can not|am (?:not able|unable) to|won't|will not) (?:assist|help|provide|summari[sz]e|fulfill?|"
    r"complete|generate|write|answer|access|process|comply|create)\b",
    r"i (?:do not|don't) have (?:access|enough|any|the|sufficient)(?: \w+)? (?:information|context|transcript|audio|recording)",
    r"(?:作为|作為|身为|身為)(?:一个|一個|一名)?(?:人工智能|人工智慧|ai|大型?语言模型|大型?語言模型|语言模型|語言模型|大模型)",
    r"(?:很|非常)?(?:抱歉|对不起|對不起|不好意思)[，,。！!、\s]*(?:但是?)?我?(?:无法|無法|不能|没有|沒有|没法|不会)",
    r"我(?:无法|無法|不能)(?:回答|提供|总结|總結|访问|存取|帮助|幫助|协助|协助|满足|完成)",
    r"como (?:un |uma? )?(?:modelo de l|ia\b|inteligencia artificial)",
    r"(?:lo siento|desculpe|sinto muito|lamento),? (?:pero |mas )?n[oã]o? p[ou]",
    r"als (?:eine? )?(?:ki\b|künstliche intelligenz|sprachmodell|taalmodel|ai\b)",
    r"(?:es )?tut mir leid,? (?:aber )?ich\b|het spijt me",
    r"en tant qu(?:e |')(?:modèle|ia\b|assistant|intelligence)|(?:je suis )?désolée?,? (?:mais )?je ne\b",
    r"come modello linguistico|mi dispiace,? (?:ma )?non posso|jako (?:model językowy|sztuczna)|przepraszam,? (?:ale )?nie mog",
    r"как (?:языковая модель|искусственный интеллект|ии\b)|(?:извините|простите|к сожалению),? (?:но )?я не\b",
    r"(?:申し訳|すみません).{0,30}ません|(?:ai|人工知能|言語モデル)として",
    r"죄송.{0,30}없|(?:ai|인공지능|언어 모델)(?:으?로서)",
    r"(?:bir )?(?:yapay zeka|dil modeli) olarak|üzgünüm,? (?:ama|ancak)",
    r"كنموذج لغوي|بصفتي نموذج|(?:آسف|عذر).{0,12}لا (?:أستطيع|يمكن)",
    # Announcements of an answer, and complaints that the transcript is missing.
    r"(?:sure|certainly|of course|absolutely|okay|ok|great|alright)[,!.:]+ *(?:here|i|let|below|happy)\b",
    r"(?:here|below)(?:'s| is| are) (?:the|your|an?|my|some) (?:\w+ ){0,3}(?:summary|notes?|json|answer|response|output)\b",
    r"i (?:would be|am|will be) (?:happy|glad) to help|(?:i )?hope this helps|let me know if|how (?:can|may) i (?:help|assist)",
    r"(?:please|could you|can you) (?:provide|share|paste|upload) (?:me )?(?:with )?(?:the|a|your|more) (?:\w+ )?"
    r"(?:transcript|text|audio|recording|context)",
    r"no transcript (?:was|is|has)\b|the transcript (?:is|was) (?:not|missing|empty)\b",
    r"(?:好的|当然|當然|没问题|沒問題)[，,！!。\s]*(?:以下|这是|這是|下面|我)",
    r"(?:以下|下面)(?:是|为|為).{0,8}(?:笔记|筆記|总结|總結|摘要|json|回答|答案)",
    r"请(?:您|你)?(?:提供|上传|发送|给出).{0,6}(?:文字稿|录音|文本|音频)|請(?:您|你)?(?:提供|上傳).{0,6}(?:文字稿|錄音|文本|音訊)",
)
_ASKER = re.compile(r"^[\W_]*+(?:" + "|".join(_TO_THE_ASKER) + ")", re.IGNORECASE)
# Marks of a chat template, and special tokens of tokenizers.
_FRAME = re.compile(
    r"\[/?(?:INST|SYS|END|UNK|PAD|CLS|SEP)\]|</?s>|<(?:start|end)_of_turn>|<0x[0-9A-F]{2}>|[▁Ġ]\w|Ċ|^(?:user|assistant) ?[:：]|"
    r"\b(?:user|human)[:：].{0,200}\b(?:assistant|ai)[:：]",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"</[a-z]\w*>|^\s*(?:def|function)\s+\w*\s*\(|^\s*import \w+(?:;|$)|^\s*from \w+ import\b|\b(?:const|let|var) \w+ =|"
    r"\w{2,}\([^()]*\)(?:\s*\{|;\s*$)|"
    r"&(?:nbsp|amp|lt|gt|quot|#\d+);|\\u[0-9a-f]{4}|\\[nt]\b|\\n\\n|^select\b.+\bfrom\b.+[;=]|```|"
    r'"(?:sentence_\d|points?|chapters?|terms?|actions?|quotes?|text|code|line|title|summary|explanation|index|picks)"\s*:|'
    r"^\|.*\|$|^(?:https?://|www\.)\S+$|\bjson\b",
    re.IGNORECASE,
)
_SPOILT = re.compile(r"â€|ï¿½|Ã[©¨¼¶¤ª«®´±§]|\ufffd{2}|lorem ipsum", re.IGNORECASE)
_SIGNS = (
    (_ASKER, "it speaks to whoever asked"),
    (_FRAME, "it holds marks of a prompt"),
    (_CODE, "it is code"),
    (_SPOILT, "its letters are spoilt"),
)
# Adjacent letters of a keyboard, and runs of consonants that no word has.
_MASHED = re.compile(r"qwer|sdf|zxcv|xcvb|vbnm|jkl|kjh|lkj|dfg|[bcdfghjklmnpqrstvwxz]{9}", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)


def fault(text: str, body: str) -> str:
    """Return the reason why the text is chatter; "" if it may be notes on the recording, whose words are `body`."""
    low = body.lower()
    for sign, why in _SIGNS:
        found = sign.search(text)
        if found and found[0].strip().lower() not in low:
            return why
    words = _LATIN_WORD.findall(text)
    mashed = [word for word in words if _MASHED.search(word) and word.lower() not in low]
    return "it is no language" if mashed and 2 * len(mashed) >= len(words) else ""
