"""./nexnum provider: config files checked, replayed, tried, imported and compared."""

from nexnum_console.commands.provider.group import provider

__all__ = ["provider"]
