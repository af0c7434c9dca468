"""Commands about sign-ins: make, list, switch off and on, give and take roles, make a link that sets a password."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from getpass import getpass

from compliance.adapters.accounts import Argon2
from compliance.bootstrap.installation import OPERATOR, opened
from compliance.bootstrap.links import door_of, link_to
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core import accounts
from compliance.core.accounts import NewUser, Role
from compliance.core.looking import choose_plant
from compliance.core.plants import Plant
from compliance.kernel.text import Text


def register(commands: _SubParsersAction[ArgumentParser]) -> None:
    """The commands below ``user``."""
    users = commands.add_parser("user", help="账号 / sign-ins").add_subparsers(required=True, metavar="COMMAND")
    add = _command(users, "add", user_add, "建立账号 / make a sign-in")
    add.add_argument("--person", metavar="账号", help="人员账号 / the person's account in the plant")
    add.add_argument("--name", help="显示姓名 / name to show")
    add.add_argument("--mail", metavar="ADDRESS", help="设定密码的链接发往此处 / where links that set the password go")
    add.add_argument("--password-stdin", action="store_true", help="从标准输入读密码 / read the password from stdin")
    grant = _command(users, "grant", user_grant, "授予角色 / give a role")
    revoke = _command(users, "revoke", user_revoke, "撤销角色 / take a role")
    for command in (add, grant, revoke):
        command.add_argument("--plant", metavar="P", help="不给则为全集团 / the whole group if left out")
        command.add_argument("--role", required=True, choices=[role.value for role in Role])
    off = _command(users, "deactivate", user_deactivate, "停用账号 / switch a sign-in off; its sessions end")
    back = _command(users, "activate", user_activate, "启用账号 / switch a sign-in on again")
    for command in (revoke, off, back):
        command.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
    reset = _command(
        users, "reset", user_reset, "生成设定密码的链接，只显示一次 / a link that sets a password, shown once"
    )
    listed = users.add_parser("list", help="列出账号 / list the sign-ins", description="列出账号 / list the sign-ins")
    listed.set_defaults(command=user_list)
    for command in (reset, listed):
        command.add_argument("--json", action="store_true", help="只输出 JSON / JSON alone on stdout")


def _command(users: _SubParsersAction[ArgumentParser], name: str, run: object, text: str) -> ArgumentParser:
    added: ArgumentParser = users.add_parser(name, help=text, description=text)
    added.set_defaults(command=run)
    added.add_argument("login", metavar="LOGIN")
    return added


def user_add(args: Namespace) -> int:
    """Make a sign-in for a person of a plant."""
    password = sys.stdin.readline().rstrip("\n") if args.password_stdin else getpass("密码 / password: ")
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            # A plant named by an empty word is a mistake, never the whole group.
            plant: Plant | None = choose_plant(reads, args.plant) if args.plant is not None or args.person else None
        new = NewUser(
            login=args.login,
            name=args.name or args.login,
            person=args.person,
            plant=plant.key if plant else None,
            role=Role(args.role),
            password=password,
            mail=args.mail,
        )
        accounts.add_user(installation.register, Argon2(), new, actor=OPERATOR, now=installation.clock.now())
    say(Text(f"已建立账号 {args.login}", f"Made the login {args.login}"))
    return DONE


def user_grant(args: Namespace) -> int:
    """Give a role."""
    with opened(args.data) as installation:
        accounts.grant(
            installation.register,
            args.login,
            plant=args.plant,
            role=Role(args.role),
            actor=OPERATOR,
            now=installation.clock.now(),
        )
    say(Text(f"{args.login} 有角色 {args.role}", f"{args.login} has the role {args.role}"))
    return DONE


def user_revoke(args: Namespace) -> int:
    """Take a role."""
    with opened(args.data) as installation:
        accounts.revoke(
            installation.register,
            args.login,
            plant=args.plant,
            role=Role(args.role),
            actor=OPERATOR,
            now=installation.clock.now(),
            reason=args.reason,
        )
    say(Text(f"已撤销 {args.login} 的角色 {args.role}", f"{args.login} no longer has the role {args.role}"))
    return DONE


def user_deactivate(args: Namespace) -> int:
    """Switch a sign-in off."""
    with opened(args.data) as installation:
        accounts.deactivate(installation.register, args.login, OPERATOR, installation.clock.now(), args.reason)
    say(Text(f"已停用账号 {args.login}", f"The login {args.login} is off"))
    return DONE


def user_activate(args: Namespace) -> int:
    """Switch a sign-in on again."""
    with opened(args.data) as installation:
        accounts.activate(installation.register, args.login, OPERATOR, installation.clock.now(), args.reason)
    say(Text(f"已启用账号 {args.login}", f"The login {args.login} is on"))
    return DONE


def user_reset(args: Namespace) -> int:
    """Make a link by which the owner sets a password; it is shown this once."""
    with opened(args.data) as installation:
        door = door_of(installation)
        link = link_to(installation, accounts.make_link(door, args.login, OPERATOR, installation.clock.now()))
        minutes = installation.config.sign_in.reset_minutes
    if args.json:
        print_json({"login": args.login, "link": link, "minutes": minutes})
        return DONE
    print_table(("链接 link",), [(link,)])
    say(Text(f"只显示这一次，{minutes} 分钟内有效", f"Shown this once; it works for {minutes} minutes"))
    return DONE


def user_list(args: Namespace) -> int:
    """List the sign-ins."""
    with opened(args.data) as installation, installation.register.read() as reads:
        rows = [
            {
                "login": user.login,
                "name": user.name,
                "person": user.person,
                "active": user.active,
                "codes": user.codes,
                "mail": user.mail,
                "memberships": [{"plant": m.plant, "role": m.role.value} for m in memberships],
            }
            for user, memberships in reads.users()
        ]
    if args.json:
        print_json(rows)
        return DONE
    shown = ((r["login"], r["name"], r["person"], r["active"], r["codes"]) for r in rows)
    print_table(("账号", "姓名", "人员", "启用", "验证码"), shown)
    return DONE
