"""Somebody's word before something is done that cannot be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.providers.standard.operators.hitl import ApprovalOperator

WAITS_FOR = timedelta(hours=20)
"""How long a request stands; what nobody has answered until then counts as rejected."""


def ask_approval(subject: str, body: str, *, task_id: str = "approve") -> ApprovalOperator:
    """Return the task that waits, without a worker, for a yes under Required Actions; a no skips what follows."""
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    return ApprovalOperator(
        task_id=task_id,
        subject=subject,
        body=body,
        defaults=ApprovalOperator.REJECT,
        response_timeout=WAITS_FOR,
    )
