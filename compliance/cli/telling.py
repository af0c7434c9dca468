"""Commands about telling people: notices and their mail, what persons choose, calendars and their feeds."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from datetime import timedelta

from compliance.bootstrap.installation import OPERATOR, Installation, opened
from compliance.bootstrap.notices import calendar
from compliance.bootstrap.recording import missing_on
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core.feeds import make_feed, revoke_feed
from compliance.core.looking import choose_plant
from compliance.core.model import PersonPeriod
from compliance.core.notices import Category, Choice, NoSuchPerson, StoredNotice, choose
from compliance.core.plants import Plant
from compliance.kernel.text import Text


def notices(args: Namespace) -> int:
    """What people were told, newest first, and how far its mail is."""
    with opened(args.data) as installation, installation.register.read() as reads:
        told = reads.notices(choose_plant(reads, args.plant), args.person)
    if args.json:
        print_json([_notice(one) for one in told])
    else:
        print_table(
            ("日期 told", "账号 person", "邮件 mail", "次数 tries", "内容 notice"),
            ((n.told, n.notice.person, n.mail, n.attempts, n.notice.title) for n in told),
        )
    return DONE


def missing(args: Namespace) -> int:
    """Who has not recorded on a day (yesterday): every series of the plan without a row."""
    with opened(args.data) as installation:
        plant, today = _plant(installation, args), installation.clock.today()
        gaps = missing_on(installation, plant, args.day or today - timedelta(1))
    if args.json:
        print_json([asdict(gap) | {"days": gap.days} for gap in gaps])
    else:
        print_table(
            ("生产线 line", "项目 item", "责任部门 department", "应记录人 expected", "缺记起 since"),
            ((g.line, g.item, g.department or "", "、".join(g.persons), g.since) for g in gaps),
        )
    return DONE


def choosing(args: Namespace) -> int:
    """Keep a person's address for mail and whether a digest comes every week."""
    with opened(args.data) as installation:
        plant = _plant(installation, args)
        muted = tuple(c for c in Category if c.value in args.no_mail_of)
        choice = Choice(args.account, args.mail or None, args.weekly, args.quiet, muted)
        choose(installation.register, plant, choice, OPERATOR)
    mail = choice.mail or Text("不发邮件", "no mail")
    say(Text(f"{choice.person}：{getattr(mail, 'zh', mail)}", f"{choice.person}: {getattr(mail, 'en', mail)}"))
    return DONE


def write_calendar(args: Namespace) -> int:
    """Write the duties of a plant, or of the posts that a person holds, as an iCalendar file."""
    with opened(args.data) as installation:
        plant = _plant(installation, args)
        _known(installation, plant, args.person)
        text = calendar(installation, plant, args.person)
    args.out.write_bytes(text.encode())
    events = text.count("BEGIN:VEVENT")
    say(Text(f"已写入 {events} 项：{args.out}", f"Wrote {events} events: {args.out}"))
    return DONE


def feed_make(args: Namespace) -> int:
    """Make a calendar feed; its token is shown this once."""
    with opened(args.data) as installation:
        plant, now = _plant(installation, args), installation.clock.now()
        token = make_feed(installation.register, plant, args.person, OPERATOR, now)
    print(token)
    return DONE


def feed_revoke(args: Namespace) -> int:
    """End a calendar feed."""
    with opened(args.data) as installation:
        plant, now = _plant(installation, args), installation.clock.now()
        revoke_feed(installation.register, plant, args.feed, OPERATOR, now)
    say(Text(f"已撤销 {args.feed}", f"Revoked {args.feed}"))
    return DONE


def feed_list(args: Namespace) -> int:
    """The calendar feeds of a plant, by their names; never a token."""
    with opened(args.data) as installation, installation.register.read() as reads:
        tokens = reads.feed_tokens(choose_plant(reads, args.plant))
    if args.json:
        rows = [{"feed": t.name, "person": t.person, "made": t.made_at, "revoked": t.revoked_at} for t in tokens]
        print_json(rows)
    else:
        print_table(
            ("订阅 feed", "账号 person", "建立 made", "撤销 revoked"),
            ((t.name, t.person, t.made_at, t.revoked_at) for t in tokens),
        )
    return DONE


def _plant(installation: Installation, args: Namespace) -> Plant:
    with installation.register.read() as reads:
        return choose_plant(reads, args.plant)


def _known(installation: Installation, plant: Plant, person: str | None) -> None:
    if person is None:
        return
    with installation.register.read() as reads:
        periods = reads.tables(plant, [PersonPeriod])[PersonPeriod]
    if not any(isinstance(p, PersonPeriod) and p.account == person for p in periods):
        raise NoSuchPerson(person=person)


def _notice(one: StoredNotice) -> dict[str, object]:
    said = one.notice
    return {
        "id": one.id,
        "person": said.person,
        "kind": said.kind,
        "object": said.object_id,
        "rung": said.rung,
        "about": said.about,
        "told": one.told,
        "title": said.title,
        "body": said.body,
        "seen": one.seen_at,
        "mail": one.mail,
        "attempts": one.attempts,
        "next_try": one.next_try,
        "message_id": one.message_id,
        "sent": one.sent_at,
        "error": one.error,
    }
