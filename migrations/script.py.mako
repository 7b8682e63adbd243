<%
    def body(commands):
        lines = commands.splitlines() if commands else ["pass"]
        kept = [line for line in lines if not line.strip().startswith("# ###")]
        return "\n".join(kept).strip("\n").lstrip(" ") or "pass"
%>\
"""${message}

Revision: ${up_revision}
Revises: ${down_revision | comma,n}
Created: ${create_date}
"""

${imports + "\n" if imports else ""}
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${body(upgrades)}


def downgrade() -> None:
    ${body(downgrades)}
