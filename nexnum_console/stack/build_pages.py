"""Builds the pages once: ``python -m nexnum_console.stack.build_pages`` in the checkout.

Reflex's own ``export`` command would also rewrite .gitignore and add files for assistants;
this runs only the steps that make ``.web/build/client``.
"""

from __future__ import annotations

from reflex.utils import export, prerequisites
from reflex_base import constants
from reflex_base.environment import environment


def main() -> None:
    """Install the front-end packages as locked, compile the pages, bundle them."""
    environment.REFLEX_COMPILE_CONTEXT.set(constants.CompileContext.EXPORT)
    prerequisites.initialize_reflex_user_directory()  # type: ignore[no-untyped-call]
    prerequisites.initialize_frontend_dependencies()  # type: ignore[no-untyped-call]
    export.export(zipping=False, frontend=True, backend=False, env=constants.Env.PROD)


if __name__ == "__main__":
    main()
