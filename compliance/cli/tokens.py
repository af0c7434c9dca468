"""Commands about tokens of the API: make one for a person, list them, end one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from compliance.bootstrap.installation import OPERATOR, opened
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core.accounts import NoSuchUser
from compliance.core.tokens import LONGEST_LIFE, ApiToken, NewToken, make_token, my_tokens, revoke_token
from compliance.kernel.text import Text


def declare(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the commands with their arguments."""
    below = commands.add_parser("token", help="接口令牌 / tokens of the API").add_subparsers(
        required=True, metavar="COMMAND"
    )
    texts = {
        "make": "建立令牌，只显示一次 / a token; shown this once",
        "list": "列出有效令牌 / list the living tokens",
        "revoke": "撤销令牌 / end a token",
    }
    make, listing, end = (below.add_parser(name, help=text, description=text) for name, text in texts.items())
    for command, run in ((make, token_make), (listing, token_list), (end, token_revoke)):
        command.set_defaults(command=run)
        command.add_argument("login", metavar="LOGIN", help="谁的令牌 / whose")
        command.add_argument("--json", action="store_true", help="只输出 JSON / JSON alone on stdout")
    make.add_argument("--name", required=True, help="令牌名称 / what it is called")
    days = f"有效天数，最多 {LONGEST_LIFE} / how many days it lives, at most {LONGEST_LIFE}"
    make.add_argument("--days", type=int, metavar="N", help=days)
    make.add_argument("--read-only", action="store_true", help="只能读取 / it only reads")
    make.add_argument("--plant", metavar="P", help="只限此企业 / in this plant alone")
    end.add_argument("token", metavar="TOKEN", help="令牌名称或编号 / its name or number")


def token_make(args: Namespace) -> int:
    """Make a token for the person of a login; it is shown this once."""
    with opened(args.data) as installation:
        days = installation.config.api.token_days if args.days is None else args.days
        wanted = NewToken(args.name, days, args.read_only, args.plant)
        made = make_token(installation.register, args.login, wanted, OPERATOR, installation.clock.now())
    if args.json:
        print_json(_told(made.token) | {"secret": made.secret})
    else:
        print(made.secret)
    return DONE


def token_list(args: Namespace) -> int:
    """The living tokens of a person; never a secret."""
    with opened(args.data) as installation:
        with installation.register.read() as look:
            user = look.find_user(args.login)
        if user is None:
            raise NoSuchUser(login=args.login)
        tokens = [_told(t) for t in my_tokens(installation.register, user.id, installation.clock.now())]
    if args.json:
        print_json(tokens)
    else:
        print_table(
            ("编号 token", "名称 name", "企业 plant", "只读 read only", "失效 until", "最近使用 last used"),
            (tuple(t.values()) for t in tokens),
        )
    return DONE


def token_revoke(args: Namespace) -> int:
    """End a token of a person."""
    with opened(args.data) as installation:
        ended = revoke_token(installation.register, args.login, args.token, OPERATOR, installation.clock.now())
    if args.json:
        print_json(_told(ended))
    say(Text(f"已撤销 {ended.name}", f"Revoked {ended.name}"))
    return DONE


def _told(token: ApiToken) -> dict[str, object]:
    used = token.last_used
    return {
        "token": token.ref,
        "name": token.name,
        "plant": token.plant,
        "read_only": token.read_only,
        "until": token.until.isoformat(timespec="seconds"),
        "last_used": used.isoformat(timespec="seconds") if used else None,
    }
