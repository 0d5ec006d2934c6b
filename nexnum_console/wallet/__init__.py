"""Money: wallets, a double-entry ledger, holds."""
