"""The schemes of addresses that may be entered, each with the module of Apprise that speaks it.

Only services that are reached over the network by HTTP or mail are here. What acts on this computer (files, programs, the
desktop, the system's log) and what opens sockets of its own kind is left out. A new scheme goes into the table, which a test
compares with the installed Apprise.
"""

from __future__ import annotations

from core.errors import NotifyAddressInvalid

_TABLE = """
apprise_api: apprise apprises | bark: bark barks | betterstack: betterstack | bluesky: bluesky bsky | brevo: brevo
bulksms: bulksms | burstsms: burstsms kudosity | chanify: chanify | clickatell: clickatell | clicksend: clicksend
cliq: cliq zcliq zohocliq | custom_form: form forms | custom_json: json jsons | custom_xml: xml xmls | d7networks: d7sms
dingtalk: dingtalk | discord: discord | email.base: mailto mailtos | emby: emby embys | enigma2: enigma2 enigma2s
evolution: evolution evolutions | fcm: fcm | feishu: feishu | flock: flock | fortysixelks: 46elks elks
freemobile: freemobile | google_chat: gchat | gotify: gotify gotifys | groupme: groupme | home_assistant: hassio hassios
httpsms: httpsms | humhub: humhub humhubs | ifttt: ifttt | incidentio: incidentio | infobip: infobip | join: join
kodi: kodi kodis xbmc xbmcs | kook: kook | lametric: lametric lametrics | lark: lark | line: line | mailersend: mailersend
mailgun: mailgun | mastodon: mastodon mastodons toot toots | matrix.base: matrix matrixs | mattermost: mmost mmosts
messagebird: msgbird | misskey: misskey misskeys | nextcloud: ncloud nclouds | nextcloudtalk: nctalk nctalks
notica: notica noticas | notifiarr: notifiarr | ntfy: ntfy ntfys | office365: azure o365 | one_signal: onesignal
onebot: onebot onebots | opsgenie: opsgenie | pagerduty: pagerduty | pagertree: pagertree | plivo: plivo
postmark: postmark | prowl: prowl | pushbullet: pbul | pushdeer: pushdeer pushdeers | pushed: pushed | pushjet: pjet pjets
pushme: pushme | pushover: pover | pushplus: pushplus wecom | pushsafer: psafer psafers | pushy: pushy | qq: qq
resend: resend | revolt: revolt | ringcentral: ringc | rocketchat: rocket rockets | ryver: ryver | sendgrid: sendgrid
serverchan: schan | ses: ses | seven: seven | signal_api: signal signals | signl4: signl4 | simplepush: simplepush spush
sinch: sinch | slack: slack | smtp2go: smtp2go | sns: sns | sparkpost: sparkpost | spike: spike | splunk: splunk victorops
spugpush: spugpush | squadcast: squadcast | stackfield: stackfield | synology: synology synologys | techuluspush: push
telegram: tgram | telnyx: telnyx | threema: threema | twilio: twilio | twist: twist | vonage: nexmo vonage
webexteams: webex wxteams | wechat: wechat | wecombot: wecombot | whatsapp: whatsapp | workflows: workflow workflows
wpush: wpush | wxpusher: wxpusher | zalo: zalo | zulip: zulip
"""

SCHEMES = {
    scheme: module
    for line in _TABLE.split("\n")
    for each in line.split(" | ")
    for module, _, schemes in [each.partition(": ")]
    for scheme in schemes.split()
}
"""scheme ─▶ module below `apprise.plugins`."""
LONGEST = 4000


def module_of(url: str) -> str:
    """Return the module for an address. Raises NotifyAddressInvalid for a scheme that is not allowed."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator or not rest or len(url) > LONGEST or any(character.isspace() for character in url.strip()):
        raise NotifyAddressInvalid("This is no address of a notification service, such as ntfys://ntfy.sh/topic.", case="form")
    if scheme.lower() not in SCHEMES:
        raise NotifyAddressInvalid(
            f"Addresses of the kind {scheme[:20]}:// cannot be used for notifications.", case="scheme", scheme=scheme[:20]
        )
    return SCHEMES[scheme.lower()]
