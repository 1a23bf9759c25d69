"""Signing in, and what an account may do."""

from __future__ import annotations

from core.errors.tree import OutsideCondition, UserError


class SignInNeeded(UserError):
    """Sign in first: this request has no session, or its session has ended."""

    code = "sign_in_needed"
    status = 401


class SetUpNeeded(UserError):
    """CastMind waits for its first password. Open it in a browser, and take the one-time code from its log."""

    code = "set_up_needed"
    status = 403


class NotAllowed(UserError):
    """Your account may not do this. Nothing was changed; an admin can do it, or give you the role."""

    code = "not_allowed"
    status = 403


class SignInFailed(UserError):
    """The name, the password or the code is not right."""

    code = "sign_in_failed"
    status = 401


class SetUpCodeWrong(UserError):
    """That is not the code. The newest one stands in the log of the server; a restart makes another."""

    code = "set_up_code_wrong"
    status = 403


class LastAdmin(UserError):
    """The last admin who can sign in stays an admin. Nothing was changed; make somebody else an admin first."""

    code = "last_admin"
    status = 409


class UserNameTaken(UserError):
    """Another user has that name. Nothing was changed."""

    code = "user_name_taken"
    status = 409


class TooManyAttempts(UserError):
    """There were too many attempts. Wait, then try again; nothing was changed."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, seconds: float) -> None:
        said = (self.__doc__ or "").split(". ")[0]
        super().__init__(f"{said}. Try again in {seconds:.0f} seconds.", seconds=round(seconds))
        self.retry_after = seconds


class TooManyRequests(TooManyAttempts):
    """This client asks too often. Wait, then go on; nothing was changed."""

    code = "too_many_requests"


class ProviderFailed(OutsideCondition):
    """The sign-in provider did not say who you are. Nobody was signed in; try again, or sign in with your password."""

    code = "sign_in_provider_failed"
    status = 503

    @classmethod
    def answer(cls, why: str) -> ProviderFailed:
        """Return the error for an answer of the provider that cannot be trusted or used."""
        return cls(f"The answer of the sign-in provider cannot be used: {why}. Nobody was signed in.", case="answer")


class SignInBusy(OutsideCondition):
    """Several people sign in at this moment. Try again in a few seconds."""

    code = "sign_in_busy"
    status = 503
    retry_after = 5.0
