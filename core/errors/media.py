"""Files: uploads, audio, pages with audio, and the tools that read and write them."""

from __future__ import annotations

from core.errors.tree import Permanent, UserError


class NotAudio(UserError):
    """The file holds no audio that can be decoded. Nothing was kept."""

    code = "not_audio"
    status = 415


class TextInPlace(NotAudio):
    """A server or the network answered with text in the place of the audio. Nothing of it was kept."""

    code = "text_in_place"


class EmptyUpload(UserError):
    """The file is empty. Nothing was kept."""

    code = "empty_upload"
    status = 422


class TooLarge(UserError):
    code = "too_large"
    status = 413


class TooManyUploads(UserError):
    """Too many uploads wait for the rest of their file. Nothing was kept; cancel some (GET /api/v1/uploads lists them)."""

    code = "too_many_uploads"
    status = 429


class PageExtraMissing(UserError):
    """The address leads to a web page. Nothing was fetched; reading such pages is an extra that is not installed."""

    code = "page_extra_missing"
    status = 422


class PageRefused(UserError):
    """No recording that can be fetched was found on the web page. Nothing was kept; check the address."""

    code = "page_refused"
    status = 422


class PageIsLive(PageRefused):
    """The web page shows what is live, or has not begun yet. Nothing was kept; come back when it is over."""

    code = "page_is_live"


class PageIsPlaylist(PageRefused):
    """The web page holds a list of recordings, not one. Nothing was kept; give the address of a single one."""

    code = "page_is_playlist"


class FontMissing(UserError):
    """The PDF needs a font that is not here. Nothing was written; install one, or choose another format."""

    code = "font_missing"
    status = 422


class ToolMissing(UserError):
    """A program that this needs is not installed. Nothing was changed; install it and try again."""

    code = "tool_missing"
    status = 503


class MediaMissing(Permanent):
    """The audio file is no longer in the data folder."""

    code = "media_missing"


class MediaUnreadable(Permanent):
    """The audio file cannot be decoded."""

    code = "media_unreadable"
