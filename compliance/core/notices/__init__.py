"""Notices: people are told in time. What is told follows from the rules; how it reaches them is theirs to choose."""

from __future__ import annotations

from compliance.core.notices.choosing import BadAddress, BadHours, NoSuchPerson, choose
from compliance.core.notices.kept import (
    Category,
    Choice,
    Mail,
    MailState,
    NoticeReads,
    NoticeRegister,
    NoticeWork,
    StoredNotice,
)
from compliance.core.notices.ladder import PLANT, Notice, OpenCase, Situation, notices_of
from compliance.core.notices.mailing import Delivered, Mailer, MailNotSent, MailRefused, deliver, message_id
from compliance.core.notices.posts import Holders
from compliance.core.notices.telling import News, PulseReads, PulseRegister, PulseWork, news_of

__all__ = [
    "PLANT",
    "BadAddress",
    "BadHours",
    "Category",
    "Choice",
    "Delivered",
    "Holders",
    "Mail",
    "MailNotSent",
    "MailRefused",
    "MailState",
    "Mailer",
    "News",
    "NoSuchPerson",
    "Notice",
    "NoticeReads",
    "NoticeRegister",
    "NoticeWork",
    "OpenCase",
    "PulseReads",
    "PulseRegister",
    "PulseWork",
    "Situation",
    "StoredNotice",
    "choose",
    "deliver",
    "message_id",
    "news_of",
    "notices_of",
]
