"""Every page of the product: what builds it, where it is, and what it reads when it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx
from reflex_base.constants import Page404

from nexnum_console.ui.admin.activations import detail as activation
from nexnum_console.ui.admin.activations import page as activations
from nexnum_console.ui.admin.activations.detail_state import ActivationState
from nexnum_console.ui.admin.activations.state import ActivationsState
from nexnum_console.ui.admin.alerts import page as alerts
from nexnum_console.ui.admin.alerts.state import AlertsState
from nexnum_console.ui.admin.audit import page as audit
from nexnum_console.ui.admin.audit.state import AuditState
from nexnum_console.ui.admin.deposits import approvals, coupons, penalties, suspense
from nexnum_console.ui.admin.deposits import page as deposits
from nexnum_console.ui.admin.deposits.approvals_state import ApprovalsState
from nexnum_console.ui.admin.deposits.coupons_state import CouponsState
from nexnum_console.ui.admin.deposits.penalties_state import PenaltiesState
from nexnum_console.ui.admin.deposits.state import DepositsState
from nexnum_console.ui.admin.deposits.suspense_state import SuspenseState
from nexnum_console.ui.admin.lab import health, keys, mapping, new, versions
from nexnum_console.ui.admin.lab import page as lab
from nexnum_console.ui.admin.lab.health import HealthState
from nexnum_console.ui.admin.lab.keys import KeysState
from nexnum_console.ui.admin.lab.mapping_state import MappingState
from nexnum_console.ui.admin.lab.new_state import NewProviderState
from nexnum_console.ui.admin.lab.state import LabState
from nexnum_console.ui.admin.lab.versions_state import VersionsState
from nexnum_console.ui.admin.ledger import (
    holds,
    journal,
    lines,
    proof,
    reconciliation,
    statement,
)
from nexnum_console.ui.admin.ledger import page as ledger
from nexnum_console.ui.admin.ledger.journal_state import JournalState
from nexnum_console.ui.admin.ledger.proof_state import ProofState
from nexnum_console.ui.admin.ledger.reconciliation_state import ReconciliationState
from nexnum_console.ui.admin.ledger.state import BookState, HoldsState, LinesState
from nexnum_console.ui.admin.ledger.statement_state import StatementState
from nexnum_console.ui.admin.mail import page as mail
from nexnum_console.ui.admin.mail.state import MailState
from nexnum_console.ui.admin.outbox import page as outbox
from nexnum_console.ui.admin.outbox.state import OutboxState
from nexnum_console.ui.admin.overview import page as overview
from nexnum_console.ui.admin.overview.state import OverviewState
from nexnum_console.ui.admin.providers import detail as provider
from nexnum_console.ui.admin.providers import page as providers
from nexnum_console.ui.admin.providers.state import ProvidersState, ProviderState
from nexnum_console.ui.admin.questions import page as questions
from nexnum_console.ui.admin.questions.state import QuestionsState
from nexnum_console.ui.admin.routing import lists as routing_lists
from nexnum_console.ui.admin.routing import page as routing
from nexnum_console.ui.admin.routing.list_states import DecisionsState, LearnedState
from nexnum_console.ui.admin.routing.state import RoutingState
from nexnum_console.ui.admin.sandbox import page as sandbox
from nexnum_console.ui.admin.sandbox.state import SandboxState
from nexnum_console.ui.admin.settings import page as rules
from nexnum_console.ui.admin.settings.state import RulesState
from nexnum_console.ui.admin.sheet import page as sheet
from nexnum_console.ui.admin.sheet.state import SheetState
from nexnum_console.ui.admin.transactions import page as transactions
from nexnum_console.ui.admin.transactions.state import TransactionsState
from nexnum_console.ui.admin.users import detail as user
from nexnum_console.ui.admin.users import page as users
from nexnum_console.ui.admin.users.detail_state import UserState
from nexnum_console.ui.admin.users.state import UsersState
from nexnum_console.ui.public import doors, front, prices
from nexnum_console.ui.public.state import DoorState, FrontState
from nexnum_console.ui.shell.shell_state import ShellState
from nexnum_console.ui.store.buy import page as buy
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.ui.store.history import page as history
from nexnum_console.ui.store.history.state import HistoryState
from nexnum_console.ui.store.settings import page as settings
from nexnum_console.ui.store.settings.state import SettingsState
from nexnum_console.ui.store.vault import page as vault
from nexnum_console.ui.store.vault.state import VaultState
from nexnum_console.ui.store.wallet import page as wallet
from nexnum_console.ui.store.wallet.state import WalletState

_STORE: Final = "{} · NexNum"
_CONSOLE: Final = "{} · NexNum Console"
DESCRIPTION: Final = "Temporary phone numbers for verification, with a receipt for every cent."


@dataclass(frozen=True, slots=True)
class Page:
    """A route, ``/console/users/[user_id]`` for one with a parameter; ``title`` is the tab's."""

    build: Callable[[], rx.Component]
    route: str
    title: str
    on_load: Any
    description: str = ""


PUBLIC: Final = (
    Page(front.front, "/", "NexNum", FrontState.load, DESCRIPTION),
    Page(
        prices.pricing,
        "/pricing",
        _STORE.format("Prices"),
        FrontState.load_prices,
        "Live prices of temporary phone numbers by service, with the cheapest country of each.",
    ),
    Page(doors.login, "/login", _STORE.format("Log in"), DoorState.load),
    Page(doors.register, "/register", _STORE.format("Create account"), DoorState.load),
    Page(doors.forgot, "/forgot", _STORE.format("Forgotten password"), DoorState.load),
    Page(doors.new_password, "/new-password", _STORE.format("New password"), DoorState.load),
    Page(doors.confirm, "/confirm", _STORE.format("Confirm your address"), DoorState.load),
    Page(doors.welcome, "/welcome", _STORE.format("First admin"), DoorState.load),
)
STORE: Final = (
    Page(buy.page, "/store", _STORE.format("Buy a number"), StoreState.load),
    Page(
        vault.page, "/store/vault", _STORE.format("Vault"), [StoreState.load_mine, VaultState.load]
    ),
    Page(
        history.page,
        "/store/history",
        _STORE.format("History"),
        [StoreState.load_mine, HistoryState.load],
    ),
    Page(
        wallet.page,
        "/store/wallet",
        _STORE.format("Wallet"),
        [StoreState.load_mine, WalletState.load],
    ),
    Page(settings.page, "/store/settings", _STORE.format("Settings"), SettingsState.load),
)
CONSOLE: Final = (
    Page(overview.page, "/console", _CONSOLE.format("Overview"), OverviewState.load),
    Page(sandbox.page, sandbox.PATH, _CONSOLE.format("Sandbox"), SandboxState.load),
    Page(rules.page, rules.PATH, _CONSOLE.format("Settings"), RulesState.load),
    Page(sheet.page, sheet.PATH, _CONSOLE.format("Components"), SheetState.load),
    Page(
        activations.page,
        "/console/activations",
        _CONSOLE.format("Activations"),
        ActivationsState.load,
    ),
    Page(
        transactions.page,
        "/console/transactions",
        _CONSOLE.format("Transactions"),
        TransactionsState.load,
    ),
    Page(ledger.page, "/console/ledger", _CONSOLE.format("Ledger"), BookState.load),
    Page(lines.page, lines.PATH, _CONSOLE.format("Lines"), LinesState.load),
    Page(journal.page, journal.PATH, _CONSOLE.format("Journal"), JournalState.load),
    Page(holds.page, "/console/ledger/holds", _CONSOLE.format("Holds"), HoldsState.load),
    Page(proof.page, "/console/ledger/proof", _CONSOLE.format("Proof"), ProofState.load),
    Page(
        statement.page,
        "/console/ledger/statement",
        _CONSOLE.format("Statements"),
        StatementState.load,
    ),
    Page(
        reconciliation.page,
        "/console/ledger/reconciliation",
        _CONSOLE.format("Reconciliation"),
        ReconciliationState.load,
    ),
    Page(deposits.page, "/console/deposits", _CONSOLE.format("Deposits"), DepositsState.load),
    Page(
        suspense.page,
        "/console/deposits/suspense",
        _CONSOLE.format("Suspense"),
        SuspenseState.load,
    ),
    Page(
        approvals.page,
        "/console/deposits/approvals",
        _CONSOLE.format("Approvals"),
        ApprovalsState.load,
    ),
    Page(coupons.page, "/console/deposits/coupons", _CONSOLE.format("Coupons"), CouponsState.load),
    Page(
        penalties.page,
        "/console/deposits/penalties",
        _CONSOLE.format("Penalties"),
        PenaltiesState.load,
    ),
    Page(
        activation.page,
        "/console/activations/[activation_id]",
        _CONSOLE.format("Activation"),
        ActivationState.load,
    ),
    Page(
        providers.page,
        provider.PATH,
        _CONSOLE.format("Providers"),
        [ProvidersState.load, ProvidersState.enter],
    ),
    Page(
        provider.page,
        f"{provider.PATH}/[provider_name]",
        _CONSOLE.format("Provider"),
        ProviderState.load,
    ),
    Page(new.page, new.ROUTE, _CONSOLE.format("New provider"), NewProviderState.load),
    Page(lab.page, lab.PATH, _CONSOLE.format("Provider lab"), [LabState.load, LabState.show]),
    Page(versions.page, versions.PATH, _CONSOLE.format("Versions"), VersionsState.load),
    Page(keys.page, keys.PATH, _CONSOLE.format("Keys"), KeysState.load),
    Page(mapping.page, mapping.PATH, _CONSOLE.format("Mapping"), MappingState.load),
    Page(health.page, health.PATH, _CONSOLE.format("Health"), HealthState.load),
    Page(routing.page, routing.PATH, _CONSOLE.format("Routing"), RoutingState.load),
    Page(
        routing_lists.learned,
        LearnedState.LISTING.path,
        _CONSOLE.format("What was learned"),
        LearnedState.load,
    ),
    Page(
        routing_lists.decisions,
        DecisionsState.LISTING.path,
        _CONSOLE.format("Routing decisions"),
        DecisionsState.load,
    ),
    Page(users.page, "/console/users", _CONSOLE.format("Users"), UsersState.load),
    Page(user.page, "/console/users/[user_id]", _CONSOLE.format("User"), UserState.load),
    Page(audit.page, "/console/audit", _CONSOLE.format("Audit log"), AuditState.load),
    Page(mail.page, "/console/mail", _CONSOLE.format("Mail"), MailState.load),
    Page(alerts.page, alerts.PATH, _CONSOLE.format("Alerts"), AlertsState.load),
    Page(outbox.page, outbox.PATH, _CONSOLE.format("Outbox"), OutboxState.load),
    Page(questions.page, questions.PATH, _CONSOLE.format("Open questions"), QuestionsState.load),
)
PAGES: Final = (*PUBLIC, *STORE, *CONSOLE)


def add_pages(app: rx.App) -> None:
    """Register every page."""
    for page in PAGES:
        app.add_page(
            page.build,
            page.route,
            title=page.title,
            description=page.description or page.title,
            on_load=_loads(page),
            meta=_shared(page) if page in PUBLIC else [],
        )
    app.add_page(doors.nowhere, Page404.SLUG, title=_STORE.format("No such page"))


def _loads(page: Page) -> Any:
    """The rows come before what is only said about the installation."""
    if page in PUBLIC:
        return page.on_load
    own = page.on_load if isinstance(page.on_load, list) else [page.on_load]
    around = [ShellState.enter, *own]
    return [*around, ShellState.feel] if page in CONSOLE else around


def _shared(page: Page) -> list[dict[str, str]]:
    """What a link to the page shows where people share it (Open Graph)."""
    told = {
        "type": "website",
        "site_name": "NexNum",
        "title": page.title,
        "description": page.description or DESCRIPTION,
    }
    return [{"property": f"og:{name}", "content": value} for name, value in told.items()]
