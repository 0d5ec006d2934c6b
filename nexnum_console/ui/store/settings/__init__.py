"""The account: address, password, logins."""
