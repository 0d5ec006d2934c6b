"""The till: deposits, suspense, approvals, coupons, penalties."""
