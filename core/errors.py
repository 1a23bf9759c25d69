"""One tree of exceptions, each with a stable code.

    CastMindError
    ├─ UserError          the request cannot be met; HTTP 4xx; nothing changed
    ├─ OutsideCondition   something outside is missing: the job is `waiting`, no try is used up
    ├─ Transient          may work next time: the job is retried with backoff
    ├─ Permanent          will not work again: the job fails at once, its error is kept
    └─ Stopped            the job was cancelled, requeued or lost its lease: not an error to show

`code` is stable: pages translate it under the text key `error.<code>`, with `params` for the placeholders; the HTTP API
returns it in its problem details. `detail` is the same in English: what happened, what was kept, what to do. The first line of
a class's docstring is its default `detail`, so these docstrings are texts for users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

# Bytes of a file name that are not UTF-8, as Python represents them: no file, database or response accepts them.
_NO_TEXT = re.compile("[\ud800-\udfff]")


class CastMindError(Exception):
    """The root. `detail` is a full English sentence for people; `params` fill the placeholders of translations."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", **params: str | int | float) -> None:
        detail = writable(detail)
        super().__init__(detail or self.code)
        self.detail = detail or (self.__doc__ or self.code).strip().splitlines()[0]
        self.params = {name: writable(value) if isinstance(value, str) else value for name, value in params.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return `{code, detail, params}`, as stored on a job row and sent by the API."""
        return {"code": self.code, "detail": self.detail, "params": dict(self.params)}


def from_dict(record: Mapping[str, Any]) -> CastMindError:
    """Return the error of a `to_dict`, in its own class; a CastMindError if no class has that code."""
    cls = next((each for each in _tree(CastMindError) if each.code == record["code"]), CastMindError)
    # Some constructors compose the sentence; here it exists already.
    error = cls.__new__(cls)
    CastMindError.__init__(error, record["detail"], **record["params"])
    return error


def _tree(cls: type[CastMindError]) -> Iterator[type[CastMindError]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from _tree(sub)


def writable(text: str) -> str:
    """Return the text with � in place of characters that cannot be encoded as UTF-8."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text) if _NO_TEXT.search(text) else text


# --- the request cannot be met -------------------------------------------------------------------


class UserError(CastMindError):
    code = "invalid"
    status = 422


class NotFound(UserError):
    code = "not_found"
    status = 404


class Conflict(UserError):
    """The thing is not in a state that allows this."""

    code = "conflict"
    status = 409


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


class FeedTooLarge(TooLarge):
    """The feed is larger than what is read of one. Its episodes are kept, and it is asked again later."""

    code = "feed_too_large"


class BadAddress(UserError):
    """Only http and https addresses of public hosts are fetched."""

    code = "bad_address"
    status = 422


class NotAFeed(UserError):
    """The address answers, but not with a podcast feed."""

    code = "not_a_feed"
    status = 422


class NotOpml(UserError):
    """The file is no list of feeds. Nothing was read; choose the OPML file that a podcast program exports."""

    code = "not_opml"
    status = 422


class FeedUnavailable(UserError):
    """The feed's server answers with an error. The feed and its episodes are kept, and it is asked again later."""

    code = "feed_unavailable"
    status = 422


class FeedMissing(FeedUnavailable):
    """The server has no feed at this address (status 404). Its episodes are kept, and it is asked again later."""

    code = "feed_missing"


class FeedForbidden(FeedUnavailable):
    """The server refuses to give the feed to this program. Its episodes are kept; another user agent may be let in."""

    code = "feed_forbidden"


class FeedGone(FeedUnavailable):
    """The publisher says that there is no such feed any more (status 410). Its episodes are kept, and it is asked again daily."""

    code = "feed_gone"


class FeedNotAdded(FeedUnavailable):
    """The server does not give out what the address names. Nothing was added; check the address, or try again later."""

    code = "feed_not_added"


class FeedElsewhere(UserError):
    """The feed has moved to where another subscription is already. Its episodes are kept; the new ones come there."""

    code = "feed_elsewhere"
    status = 409


class AddressNotChanged(FeedUnavailable):
    """The server does not give out what the new address names. The feed stays where it was; check the address."""

    code = "address_not_changed"


class AddressTaken(Conflict):
    """Another subscription has that address. The feed stays where it was; unsubscribe from one of the two first."""

    code = "address_taken"


class AnotherShow(Conflict):
    """The feed there holds none of this one's episodes. The address was not changed; say that you mean it if you do."""

    code = "another_show"


class ShowSubscribed(Conflict):
    """The show is subscribed at another address already; from both, each episode would come twice. Nothing was added."""

    code = "show_subscribed"


class BadAccess(UserError):
    """These credentials cannot be sent. Nothing was changed; check what you entered."""

    code = "bad_access"
    status = 422


class AccessRefused(UserError):
    """The server asks for a user and password, or does not take those that it was given. Nothing was fetched."""

    code = "access_refused"
    status = 422


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


class ForbiddenOrigin(UserError):
    """The request names a host or origin that this server does not serve."""

    code = "forbidden_origin"
    status = 403


class FontMissing(UserError):
    """The PDF needs a font that is not here. Nothing was written; install one, or choose another format."""

    code = "font_missing"
    status = 422


class ToolMissing(UserError):
    """A program that this needs is not installed. Nothing was changed; install it and try again."""

    code = "tool_missing"
    status = 503


class SettingLocked(UserError):
    """The setting is fixed by the environment and cannot be changed here."""

    code = "setting_locked"
    status = 409


# --- something outside is missing: wait -----------------------------------------------------------


class OutsideCondition(CastMindError):
    """A condition outside CastMind; the job waits and goes on by itself. `retry_after` is seconds."""

    code = "outside"
    status = 503
    retry_after: float = 30.0


class OllamaUnreachable(OutsideCondition):
    code = "ollama_unreachable"


class OllamaBusy(OutsideCondition):
    code = "ollama_busy"
    retry_after = 10.0


class OllamaModelMissing(OutsideCondition):
    code = "ollama_model_missing"


class RemoteModel(OutsideCondition):
    """The language model runs on another computer, and nobody has agreed to send transcripts there. It waits for that."""

    code = "ollama_remote_model"
    status = 409
    retry_after = 600.0


class NotAChatModel(OutsideCondition):
    """The model that is named cannot write text. Another one has to be named."""

    code = "ollama_not_a_chat_model"
    status = 409
    retry_after = 600.0


class ContextTooSmall(OutsideCondition):
    """The context length leaves no room for the transcript. A larger one, or another model, has to be chosen."""

    code = "context_too_small"
    status = 409
    retry_after = 600.0


class OllamaNoMemory(OutsideCondition):
    """The language model does not fit into the free memory. The transcript is kept; the notes go on when there is room."""

    code = "ollama_no_memory"
    retry_after = 120.0


class OllamaBroke(OutsideCondition):
    """Ollama ended in the middle of an answer. Finished parts are kept; the notes go on by themselves."""

    code = "ollama_broke"
    retry_after = 60.0


class SpeechModelMissing(OutsideCondition):
    code = "speech_model_missing"


class NetworkUnreachable(OutsideCondition):
    code = "network_unreachable"
    retry_after = 60.0


class NameUnknown(NetworkUnreachable):
    """There is no host of that name. What was there is kept; check the address."""

    code = "name_unknown"


class ConnectionRefused(NetworkUnreachable):
    """The host is there, but takes no connections. What was there is kept, and it is tried again."""

    code = "connection_refused"


class NoAnswer(NetworkUnreachable):
    """The host does not answer at all. What was there is kept, and it is tried again."""

    code = "no_answer"


class ServerBusy(OutsideCondition):
    """The publisher's server asks to come back later. What arrived is kept."""

    code = "server_busy"
    retry_after = 60.0


class AskedToWait(ServerBusy):
    """The publisher's server asks for a pause (status 429 or 503). What arrived is kept, and it is asked again after it."""

    code = "asked_to_wait"


class AccessLost(OutsideCondition):
    """The password of this feed cannot be read here: its key file is missing or another. Enter the password again."""

    code = "access_lost"
    status = 409
    retry_after = 3600.0


class FetchingBusy(OutsideCondition):
    """Too much is being fetched from slow servers, or it takes too long. Nothing was lost; look again in a minute."""

    code = "fetching_busy"
    retry_after = 30.0


class DirectoryUnavailable(OutsideCondition):
    """The directory of podcasts does not answer as it should. Nothing was changed."""

    code = "directory_unavailable"


class DatabaseBusy(OutsideCondition):
    """Another program holds the database. Nothing of this was changed; try again in a moment, or close that program."""

    code = "database_busy"
    retry_after = 5.0


class DatabaseGone(OutsideCondition):
    """The database was deleted or replaced while CastMind runs. Nothing more is saved; stop CastMind, then start it again."""

    code = "database_gone"
    retry_after = 60.0


class DatabaseUnwritable(OutsideCondition):
    """The database cannot be written. What was saved before is kept; look after its folder and its disk."""

    code = "database_unwritable"
    retry_after = 30.0


class DiskFull(OutsideCondition):
    code = "disk_full"
    status = 507
    retry_after = 60.0


# --- may work next time ---------------------------------------------------------------------------


class Transient(CastMindError):
    code = "transient"
    status = 503


class WorkerDied(Transient):
    """The speech worker ended unexpectedly. Finished windows are kept."""

    code = "worker_died"


class ServerEnded(Transient):
    """CastMind ended without a word while this ran."""

    code = "server_ended"

    def __init__(self, *, times: int, most: int) -> None:
        super().__init__(
            f"CastMind ended without a word while this ran ({times} of {most} times that it may). What was finished is kept, "
            "and it goes on by itself, alone from the second time on.",
            times=times,
            most=most,
        )


class OllamaBadAnswer(Transient):
    """The language model's answer could not be used."""

    code = "ollama_bad_answer"


class OllamaTimeout(Transient):
    """The language model did not finish in time."""

    code = "ollama_timeout"


class IncompleteCoverage(Transient):
    """Some of the transcript was not read by the language model; the notes were not accepted."""

    code = "incomplete_coverage"


class DownloadFailed(Transient):
    """The download broke off or did not match its stated length. What arrived is kept."""

    code = "download_failed"


class BrokenOff(DownloadFailed):
    """The transfer ended before all was there. What arrived is kept."""

    code = "broken_off"


class TimedOut(DownloadFailed):
    """The server stopped answering, or took too long. What arrived is kept."""

    code = "timed_out"


class BadCompression(DownloadFailed):
    """What the server sent is compressed in a way that cannot be read. What was there is kept."""

    code = "bad_compression"


class TooManyRedirects(DownloadFailed):
    """The address is passed on from one to the next too often. Nothing was fetched."""

    code = "too_many_redirects"


class RedirectsInCircle(DownloadFailed):
    """The address is passed on in a circle. Nothing was fetched."""

    code = "redirects_in_circle"


class TlsFailed(DownloadFailed):
    """No encrypted connection came about with the server. Nothing was fetched from it."""

    code = "tls_failed"


class CertificateInvalid(DownloadFailed):
    """The certificate of the server is not valid. Nothing was fetched from it."""

    code = "certificate_invalid"


class CertificateExpired(CertificateInvalid):
    """The certificate of the server has expired, or this computer's clock is wrong. Nothing was fetched from it."""

    code = "certificate_expired"


class CertificateNotYetValid(CertificateInvalid):
    """The certificate of the server is not valid yet, or this computer's clock is wrong. Nothing was fetched from it."""

    code = "certificate_not_yet_valid"


class CertificateSelfSigned(CertificateInvalid):
    """The server signed its certificate itself, so nobody vouches for it. Nothing was fetched from it."""

    code = "certificate_self_signed"


class CertificateOfAnother(CertificateInvalid):
    """The certificate of the server is for another host. Nothing was fetched from it."""

    code = "certificate_of_another"


class CertificateIssuerUnknown(CertificateInvalid):
    """Who issued the certificate of the server is not known here. Nothing was fetched from it."""

    code = "certificate_issuer_unknown"


# --- will not work again --------------------------------------------------------------------------


class Permanent(CastMindError):
    code = "permanent"
    status = 422


class NotesUnfinished(Permanent):
    """The notes took longer than they may. What was read is kept; a press on "Try again" goes on from there."""

    code = "notes_unfinished"


class MediaMissing(Permanent):
    """The audio file is no longer in the data folder."""

    code = "media_missing"


class MediaUnreadable(Permanent):
    """The audio file cannot be decoded."""

    code = "media_unreadable"


class ServerKeepsEnding(Permanent):
    """CastMind ended again and again while this ran, the last time while nothing else did."""

    code = "server_keeps_ending"

    def __init__(self, *, times: int) -> None:
        super().__init__(
            f"CastMind ended without a word {times} times while this ran, the last time while nothing else did, so it was given "
            "up. What was finished is kept. Look in the log and at the memory of this computer, then try again: the count starts "
            "anew.",
            times=times,
        )


class WorkerKeepsDying(Permanent):
    """The speech worker ended again and again at the same place."""

    code = "worker_keeps_dying"

    @classmethod
    def after(cls, last: CastMindError, times: int) -> WorkerKeepsDying:
        return cls(
            f"Speech recognition ended {times} times at the same place, so it was given up. The last time: {last.detail} "
            "Choose a smaller model, or give this computer more memory, then try again: it goes on from there, and the count "
            "starts anew.",
            times=times,
        )


class EnclosureGone(Permanent):
    """The publisher's server has no such audio file, not yet or not any more."""

    code = "enclosure_gone"


class SpeechModelUnusable(Permanent):
    """The speech model cannot be loaded on this computer."""

    code = "speech_model_unusable"


# --- starting -------------------------------------------------------------------------------------


class StartError(CastMindError):
    """CastMind cannot start; the text says why and what to do."""

    code = "start"


class DataFolderLocked(StartError):
    code = "data_folder_locked"


class DataFolderNotWritable(StartError):
    code = "data_folder_not_writable"


# --- backup, restore, upgrade ---------------------------------------------------------------------


class BackupRunning(Conflict):
    """A backup is being made already. Wait until it is finished, or cancel it."""

    code = "backup_running"


class TaskInterrupted(CastMindError):
    """CastMind ended while this was under way. What was done stays done; begin it again for the rest."""

    code = "task_interrupted"


class TaskBroke(CastMindError):
    """It did not work. What was done stays done; the log says why."""

    code = "task_broke"


class VerifyRunning(Conflict):
    """A backup is being verified already. Wait until that is finished, or cancel it."""

    code = "verify_running"


class BackupForeign(UserError):
    """The file is not a backup of CastMind. Nothing was changed."""

    code = "backup_foreign"


class BackupDamaged(UserError):
    """The backup is cut short, or its bytes are not those that were written. Nothing was changed."""

    code = "backup_damaged"


class BackupUnreadable(UserError):
    """The file of the backup cannot be read. Whether it is whole is not known."""

    code = "backup_unreadable"


class BackupUnsafe(UserError):
    """The backup holds names or sizes that no backup of CastMind has. Nothing of it was unpacked."""

    code = "backup_unsafe"


class BackupTooNew(UserError):
    """The backup was made by a newer CastMind than this one. Nothing was changed; update CastMind first."""

    code = "backup_too_new"


class BackupNoRoom(UserError):
    """The disk has too little room for this. Nothing was changed."""

    code = "backup_no_room"
    status = 507


class BackupFailed(CastMindError):
    """The backup could not be made. What was there is as it was."""

    code = "backup_failed"


class RestoreFailed(CastMindError):
    """The backup could not be restored. What was there before is back."""

    code = "restore_failed"


class Restoring(OutsideCondition):
    """A backup is being restored. The library is back in a moment."""

    code = "restoring"
    retry_after = 5.0


class DatabaseTooNew(StartError):
    code = "database_too_new"


class MigrationFailed(StartError):
    code = "migration_failed"


class DatabaseDamaged(StartError):
    code = "database_damaged"


class LibraryMissing(StartError):
    """There are recordings, but no database that knows them."""

    code = "library_missing"


# --- not errors to show ---------------------------------------------------------------------------


class Stopped(CastMindError):
    code = "stopped"


class Cancelled(Stopped):
    """The user cancelled."""

    code = "cancelled"


class ShuttingDown(Stopped):
    """The server is stopping; the job goes back to the queue."""

    code = "shutting_down"


class LeaseLost(Stopped):
    """The job's lease is held by somebody else; the result was thrown away."""

    code = "lease_lost"


def codes(*kinds: type[CastMindError]) -> frozenset[str]:
    """Return the codes of these errors and of all their subclasses."""
    found = frozenset(kind.code for kind in kinds)
    return found.union(*(codes(*kind.__subclasses__()) for kind in kinds if kind.__subclasses__()))
