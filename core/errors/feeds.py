"""Errors of feeds: not a feed, missing, subscribed already; and of the credentials of private feeds."""

from __future__ import annotations

from core.errors.media import TooLarge
from core.errors.tree import Conflict, OutsideCondition, UserError


class FeedTooLarge(TooLarge):
    """The feed is larger than what is read of one. Its episodes are kept, and it is asked again later."""

    code = "feed_too_large"


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


class DirectoryUnavailable(OutsideCondition):
    """The directory of podcasts does not answer as it should. Nothing was changed."""

    code = "directory_unavailable"


class BadAccess(UserError):
    """These credentials cannot be sent. Nothing was changed; check what you entered."""

    code = "bad_access"
    status = 422


class AccessRefused(UserError):
    """The server asks for a user and password, or does not take those that it was given. Nothing was fetched."""

    code = "access_refused"
    status = 422


class AccessLost(OutsideCondition):
    """The password of this feed cannot be read here: its key file is missing or another. Enter the password again."""

    code = "access_lost"
    status = 409
    retry_after = 3600.0
