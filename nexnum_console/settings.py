"""Typed settings; the only reader of the environment."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One installation's settings, from environment variables of the same names.

    ``./nexnum up`` fills in what its embedded parts provide.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: str = Field(description="PostgreSQL, application role")
    database_owner_url: str | None = Field(None, description="PostgreSQL, owner role: migrations")
    redis_url: str = Field(description="Redis: queue, events, page state")
    nexnum_secret_key: str = Field(min_length=32, description="seals provider keys at rest")
    public_url: str = Field("http://127.0.0.1:8000", description="where browsers reach the product")
    allowed_origins: str | None = Field(
        None, description="comma-separated origins of our pages; by default PUBLIC_URL's"
    )
    wallet_currency: str = Field("USD", pattern="^[A-Z]{3}$", description="ISO 4217")
    nexnum_data_dir: Path = Field(Path(".nexnum"), description="state of the embedded parts")

    sandbox_control_url: str | None = Field(None, description="control API of the sandbox")
    sandbox_control_key: str | None = Field(None, description="key of that control API")
    sandbox_carrier_key: str | None = Field(None, description="API key at the sandbox carriers")
    sandbox_urls: dict[str, str] = Field(
        default_factory=dict, description="JSON: carrier name to its base URL"
    )
    buy_deadline_seconds: float = Field(
        20.0, gt=0, description="how long an order may wait until its first carrier is asked"
    )
    smtp_url: str | None = Field(
        None,
        pattern=r"^(smtp|smtps|smtp\+starttls)://",
        description="mail server; without one mail becomes files under the state's mail folder",
    )
    mail_from: str = Field("NexNum <no-reply@localhost>", description="sender of mail")
    stripe_secret_key: str | None = Field(None, description="Stripe: API key, sk_…")
    stripe_webhook_secret: str | None = Field(None, description="Stripe: signs webhooks, whsec_…")
    stripe_api_base: str | None = Field(None, description="Stripe: another server, for tests")
    session_days: int = Field(14, ge=1)
    failpoint: str | None = Field(None, description="crash tests: the place to die at")
    trusted_proxy_hops: int = Field(
        0, ge=0, le=5, description="proxies in front that append to X-Forwarded-For"
    )
    expose_metrics: bool = Field(True, description="serve /api/metrics")

    @field_validator("public_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("PUBLIC_URL must look like https://numbers.example.org")
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Where our own pages come from; a loopback address goes by both its names."""
        if self.allowed_origins:
            return tuple(origin.strip() for origin in self.allowed_origins.split(","))
        parts = urlsplit(self.public_url)
        if parts.hostname not in {"127.0.0.1", "localhost"}:
            return (self.public_url,)
        port = f":{parts.port}" if parts.port else ""
        return tuple(f"{parts.scheme}://{host}{port}" for host in ("127.0.0.1", "localhost"))

    @property
    def secure_cookies(self) -> bool:
        """Cookies carry Secure and the __Host- prefix when the product is served over TLS."""
        return self.public_url.startswith("https://")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings()  # fields come from the environment
