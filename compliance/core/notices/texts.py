"""What notices say: the one table of their texts, in both languages."""

from __future__ import annotations

from compliance.kernel.text import Text

DUE = Text("【到期提醒】{what}：{due} 到期", "[Reminder] {what} is due on {due}")
LATE = Text("【已逾期】{what}：应于 {due} 完成", "[Overdue] {what} was due on {due}")
RETURNED = Text("【已退回】{what}", "[Returned] {what}")
BACKLOG = Text(
    "【待补办】{plant}：{work}义务在启用本系统前已到期",
    "[Backlog] {plant}: {work} fell due before onboarding",
)
WEEKLY = Text("【每周汇总】{plant}：{work}", "[Weekly digest] {plant}: {work}")

WHAT = Text("事项：{what}", "What: {what}")
WHEN = Text("期限：{due}", "By when: {due}")
LATE_BY = Text("已逾期：第 {days} 天", "Late by: {days} (in calendar days)")
WHY = Text("依据：{clause}", "Why: clause {clause}")
HOW = Text("期限推导：{derivation}", "How the day follows: {derivation}")
OBJECT = Text("对象：{id}", "Object: {id}")
PLANT = Text("企业：{plant}", "Plant: {plant}")
ACTION = Text("纠正措施（{number}）：{title}", "Corrective action of {number}: {title}")
WORK = Text("{title}（{about}）", "{title} ({about})")
PLAIN_CASE = Text("{kind} {id}", "{kind} {id}")
READ = Text("阅读并确认{what}", "read and confirm {what}")
REVIEW = Text("定期评审{what}", "periodic review of {what}")
REQUEST = Text("决定变更申请 {number}（{what}）", "decide change request {number} ({what})")
DECIDED = Text(
    "【变更申请已决定】{number}（{what}）：{outcome}", "[Decided] change request {number} ({what}): {outcome}"
)
ACCEPTED = Text("接受", "accepted")
REJECTED = Text("不予接受", "rejected")
DECISION = Text("决定理由：{why}（{name}）", "Why so: {why} ({name})")
REASON = Text("变更理由：{reason}（{name}）", "Asked for because: {reason} ({name})")
RECALL = Text("收回第 {copy} 号受控副本（{what}）", "call back controlled copy {copy} of {what}")
WITNESS = Text(
    "见证第 {copy} 号受控副本的销毁（{what}）", "witness the destruction of controlled copy {copy} of {what}"
)
HELD = Text("持有人：{holder}；存放处：{kept_at}", "Held by {holder}, kept at {kept_at}")
WHO_FOR = Text("因其未按期完成而知会您", "You are told because it was not done in time")
LISTED = Text("{due}　{what}", "{due}  {what}")
OPEN_PAGE = Text("请在“我的待办”中办理", "It is waiting in My work")


def joined(*parts: Text | None) -> Text:
    """Several lines as one text."""
    kept = [p for p in parts if p is not None]
    return Text("\n".join(p.zh for p in kept), "\n".join(p.en for p in kept))
