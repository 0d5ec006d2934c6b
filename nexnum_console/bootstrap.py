"""The parts a process works with, opened once from the settings and closed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from nexnum_console.activations.desk import Desk
from nexnum_console.catalogue.search.embedded import EmbeddedSearch
from nexnum_console.catalogue.search.port import CatalogueSearch
from nexnum_console.core import failpoints
from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.metrics import METRICS
from nexnum_console.core.outbox import Doorbell, Outbox, Route
from nexnum_console.core.queue import JobQueue
from nexnum_console.notifications import mail
from nexnum_console.notifications.carriages import carriage
from nexnum_console.operations.account_mail import Postroom
from nexnum_console.operations.deposit_desk import DepositDesk
from nexnum_console.operations.ledger_check import Watch
from nexnum_console.operations.upkeep import Upkeep
from nexnum_console.operations.verify import Seals
from nexnum_console.providers.carriers import StoredCarriers
from nexnum_console.providers.exchanges import ExchangeLog
from nexnum_console.providers.gates import Gates
from nexnum_console.settings import Settings, settings
from nexnum_console.wallet.gateways.manual import ManualGateway
from nexnum_console.wallet.gateways.port import Gateway
from nexnum_console.wallet.gateways.sandbox import SandboxGateway
from nexnum_console.wallet.gateways.stripe import StripeGateway
from nexnum_console.wallet.seals import SealKey


@dataclass(frozen=True)
class Services:
    """Everything below the edges; passed on explicitly from there."""

    settings: Settings
    database: Database
    redis: redis.Redis
    events: Events
    secret_box: SecretBox
    jobs: JobQueue
    doorbell: Doorbell
    outbox: Outbox
    routes: Mapping[str, Route]
    desk: Desk
    upkeep: Upkeep
    search: CatalogueSearch
    postroom: Postroom
    egress: EgressPolicy

    @cached_property
    def gateways(self) -> dict[str, Gateway]:
        """The ways to pay in that this installation is set up for."""
        chosen = self.settings
        found: list[Gateway] = [ManualGateway()]
        if chosen.sandbox_control_url:
            found.append(SandboxGateway(chosen.sandbox_control_key or chosen.nexnum_secret_key))
        if chosen.stripe_secret_key and chosen.stripe_webhook_secret:
            found.append(
                StripeGateway(
                    chosen.stripe_secret_key, chosen.stripe_webhook_secret, chosen.stripe_api_base
                )
            )
        return {gateway.name: gateway for gateway in found}

    @property
    def deposit_desk(self) -> DepositDesk:
        """What takes deposits and pays them back."""
        return DepositDesk(
            self.database, self.gateways, self.events, utc_now, self.settings.public_url
        )

    @property
    def ledger_watch(self) -> Watch:
        """What checks and seals the ledger; its heads are told in the state's ledger folder."""
        key = SealKey(self.settings.nexnum_secret_key)
        trusted = frozenset({key.public})
        folder = self.settings.nexnum_data_dir / "ledger"
        return Watch(self.database, self.events, utc_now, Seals(trusted, folder), key)

    def close(self) -> None:
        """Push the last counts, then give back every connection."""
        METRICS.flush()
        METRICS.disconnect(self.redis)
        self.upkeep.carriers.close()
        self.redis.close()
        self.database.close()


def open_redis(url: str) -> redis.Redis:
    """A client that gives up within about two seconds: nothing here is worth a longer wait."""
    return redis.Redis.from_url(
        url,
        socket_timeout=2,
        socket_connect_timeout=1,
        health_check_interval=30,
        retry=Retry(ConstantBackoff(0.05), 1),
    )


def open_gate_redis(url: str) -> redis.Redis:
    """A client for the gate before every provider call, which would rather decide alone than
    wait. A lost connection is tried again, which books nothing twice; a late answer is not."""
    return redis.Redis.from_url(
        url,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(ConstantBackoff(0.01), 1, supported_errors=(redis.ConnectionError,)),
    )


def open_services(chosen: Settings) -> Services:
    """Open the parts for ``chosen`` settings. Nothing connects before it is used."""
    client = open_redis(chosen.redis_url)
    METRICS.connect(client)
    if chosen.failpoint:
        failpoints.arm(chosen.failpoint)
    database = Database(chosen.database_url)
    events = Events(client)
    database.spread = events.publish
    box = SecretBox(chosen.nexnum_secret_key)
    jobs = JobQueue(client)
    doorbell = Doorbell(client, jobs)
    outbox = Outbox(doorbell.ring)
    policy = _egress(chosen)
    gates = Gates(
        open_gate_redis(chosen.redis_url),
        METRICS.provider_gate,
        lambda account_id: events.publish(ADMIN_CHANNEL, "breaker", id=account_id),
    )
    carriers = StoredCarriers(
        database,
        box,
        policy,
        METRICS.provider_request,
        utc_now,
        gates,
        ExchangeLog(database),
    )
    return Services(
        settings=chosen,
        database=database,
        redis=client,
        events=events,
        secret_box=box,
        jobs=jobs,
        doorbell=doorbell,
        outbox=outbox,
        routes=_routes(chosen, database, box),
        desk=Desk(
            database,
            carriers,
            events,
            utc_now,
            chosen.buy_deadline_seconds,
            chosen.wallet_currency,
            gates.shut,
        ),
        upkeep=Upkeep(database, carriers, events, utc_now, chosen.wallet_currency),
        search=EmbeddedSearch(database),
        postroom=Postroom(database, box, outbox, chosen.public_url, utc_now),
        egress=policy,
    )


def _routes(chosen: Settings, database: Database, box: SecretBox) -> dict[str, Route]:
    """Who delivers what the outbox holds, by topic."""
    way = carriage(chosen.smtp_url, chosen.nexnum_data_dir / "mail", chosen.mail_from)
    return {mail.TOPIC: mail.route(database, box, way, utc_now)}


def _egress(chosen: Settings) -> EgressPolicy:
    """Public https hosts, and the sandbox's own loopback ports where it runs."""
    urls = [urlsplit(url) for url in chosen.sandbox_urls.values()]
    private = frozenset((url.hostname, url.port) for url in urls if url.hostname and url.port)
    return EgressPolicy(allow_http=bool(private), allowed_private=private)


@lru_cache(maxsize=1)
def services() -> Services:
    """This process's services, opened at first use."""
    return open_services(settings())


def close() -> None:
    """Close what ``services`` opened, if it did."""
    if services.cache_info().currsize:
        services().close()
        services.cache_clear()
