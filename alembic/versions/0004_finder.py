"""Finding a number by how its phone begins or ends.

Revision: 0004_finder, after 0003_mail
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_finder"
down_revision = "0003_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "activation_phone", "activation", ["phone"], postgresql_ops={"phone": "text_pattern_ops"}
    )
    op.create_index(
        "activation_phone_end", "activation", [sa.text("reverse(phone) text_pattern_ops")]
    )


def downgrade() -> None:
    op.drop_index("activation_phone_end", "activation")
    op.drop_index("activation_phone", "activation")
