"""The ledger: balances and the lines that make them, journals, holds, proof, statements."""
