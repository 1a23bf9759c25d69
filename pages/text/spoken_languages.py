"""Languages that a reader chooses from, by code, each named in itself. Any other code can be typed in."""

from __future__ import annotations

LANGUAGES = {
    "en": "English",
    "zh": "中文",
    "yue": "粵語",
    "ja": "日本語",
    "ko": "한국어",
    "ar": "العربية",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ru": "Русский",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
}
