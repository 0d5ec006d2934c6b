"""``python -m nexnum_console.sandbox``."""

import sys

from nexnum_console.sandbox.server import main

sys.exit(main())
