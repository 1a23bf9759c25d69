"""The credentials of private feeds in requests. Responses never contain them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.api.bounds import Words
from core.domain.feeds.feed_address import typed
from core.domain.feeds.feed_credentials import FeedCredentials

Secret = Annotated[SecretStr, Field(max_length=10_000)]


class AccessGiven(BaseModel):
    """`user` and `password`, or `token` (sent as Bearer), or `headers`; `user_agent` with any of them or alone. `hosts` are
    others than the feed's own that may be told too, such as that of the audio. In a change, secrets left out stay."""

    model_config = ConfigDict(extra="forbid")

    user: Words = ""
    password: Secret = SecretStr("")
    token: Secret = SecretStr("")
    headers: dict[Words, Secret] = {}
    user_agent: Words = ""
    hosts: list[Words] = []

    def of(self, url: str) -> FeedCredentials:
        """Return the credentials for the feed at `url`. Raises UserError."""
        return FeedCredentials.of(
            typed(url),
            user=self.user,
            password=self.password.get_secret_value(),
            token=self.token.get_secret_value(),
            headers={name: value.get_secret_value() for name, value in self.headers.items()},
            user_agent=self.user_agent,
            hosts=self.hosts,
        )
