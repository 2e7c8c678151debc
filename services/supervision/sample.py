"""A made-up case with every field filled in: what an office's own form is tried on, and what shows it."""

from __future__ import annotations

from typing import Any

from supervision.domain.papers import KINDS, number_of


def sample(kind: str) -> dict[str, Any]:
    """The fields of `printing.fields`, all of them invented and none of them empty."""
    return {
        "title_of_paper": KINDS[kind].zh,
        "code": number_of(kind, 2026, 12),
        "article": KINDS[kind].article,
        "issuer": "示例县信访局",
        "issued_on": "2026年3月20日",
        "number": "330282202603020001",
        "addressee": "某甲等3人",
        "address": "示例县示例镇示例路1号",
        "title": "反映道路损坏",
        "receiver": "示例县交通运输局",
        "channel": "来信",
        "head_count": 3,
        "received_on": "2026年3月2日",
        "accepted_on": "2026年3月12日",
        "answered_on": "2026年4月20日",
        "closed_on": "2026年4月28日",
        "accept_due": "2026年3月20日",
        "answer_due": "2026年5月11日",
        "report_due": "2026年5月20日",
        "assisting": [{"office": "示例镇人民政府", "due": "2026年4月1日"}],
        "claims": [
            {
                "ordinal": 1,
                "text": "要求修复道路",
                "branch": "信访处理（第三十一条第六项）",
                "outcome": "支持",
            },
        ],
        "reason": "您反映的事项已由下级机关、单位受理或者正在办理。",
        "reason_article": "第十九条",
        "note": ["示例县人民法院"],
        "extension": {"days": 30, "reason": "需要进行检测。"},
        "facts": ["经现场勘查，路面破损属实。"],
        "opinion": ["由养护单位在三十日内修复。"],
        "parties": ["某甲；示例县交通运输局"],
        "basis": ["《公路养护作业规定》。"],
        "grounds": ["没有按期修复。"],
        "outcome": "维持",
        "requested_on": "2026年4月25日",
        "before": {"office": "示例县交通运输局"},
        "reviewer": "示例县人民政府",
        "paper": {"title": "处理意见书", "code": "信意〔2026〕3号"},
        "served": {"method": "当面送达", "receipt": "签收", "on": "2026年4月22日"},
        "report": ["路面已经修复。"],
        "order": {"reason": "超期未办结", "demand": ["请立即办理。"], "due": "2026年6月1日"},
    }
