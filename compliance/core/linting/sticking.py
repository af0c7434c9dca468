"""Where things stick that must go through several hands: the duties, and the persons who are too few for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compliance.core.linting.chains import Chain, Course, Duty
from compliance.core.linting.matching import Bottleneck, bottleneck
from compliance.core.linting.plant_checks import PlantCheck, PlantRemark, post_title
from compliance.core.linting.staff import PlantSetting
from compliance.kernel.text import Text

_Run = Callable[[PlantCheck, PlantSetting], Iterator[PlantRemark]]


def stuck(courses: Callable[[PlantSetting], Iterator[Course]]) -> _Run:
    """Say of every course that no way of it can be got through, and where its shortest one sticks."""

    def run(check: PlantCheck, setting: PlantSetting) -> Iterator[PlantRemark]:
        for course in courses(setting):
            found = _first(course)
            if found is not None:
                chain, where = found
                yield PlantRemark(
                    check=check.id,
                    title=check.title,
                    rules=course.rules,
                    what=course.title,
                    message=_message(setting, chain, where),
                    duties=tuple(chain.duties[name] for name in where.duties),
                    persons=setting.staff.names(where.persons),
                )

    return run


def _first(course: Course) -> tuple[Chain, Bottleneck] | None:
    """Where the shortest way sticks; None where any way can be got through."""
    stuck = []
    for chain in sorted(course.ways, key=lambda way: len(way.duties)):
        where = bottleneck(chain.choices, chain.apart)
        if where is None:
            return None
        stuck.append((chain, where))
    return stuck[0] if stuck else None


def _message(setting: PlantSetting, chain: Chain, where: Bottleneck) -> Text:
    duties = [_duty(setting, chain.duties[name]) for name in where.duties]
    zh, en = "、".join(d.zh for d in duties), ", ".join(d.en for d in duties)
    names, n, m = setting.staff.names(where.persons), len(where.duties), len(where.persons)
    if n == 1:
        return Text(f"{zh}：无人可以办理", f"{en}: nobody may do it")
    who = Text("、".join(names), ", ".join(names)) if names else Text("无人", "nobody")
    if where.different:
        return Text(
            f"{zh}：须由 {n} 个不同的人办理，可办理的只有 {m} 人：{who.zh}",
            f"{en}: {n} different persons are needed, and only {m} may do any of it: {who.en}",
        )
    return Text(
        f"{zh}：部分须由不同的人办理，可办理的 {m} 人无法分配：{who.zh}",
        f"{en}: some of it falls to different persons, and the {m} who may cannot share it out: {who.en}",
    )


_SIGN_IN = Text("有权限的登录账号", "a sign-in with the permission")


def _duty(setting: PlantSetting, duty: Duty) -> Text:
    who = [post_title(setting, name) for name in duty.posts]
    who += [_SIGN_IN] if duty.roles else []
    if not who:
        return Text(f"“{duty.title.zh}”", f"“{duty.title.en}”")
    zh, en = "或".join(p.zh for p in who), " or ".join(p.en for p in who)
    return Text(f"“{duty.title.zh}”（{zh}）", f"“{duty.title.en}” ({en})")
