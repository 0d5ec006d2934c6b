"""``./nexnum screenshots``: a picture of every page, as its people see it, at three widths."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from rich.console import Console

from nexnum_console import bootstrap
from nexnum_console.api.deps import cookie_name
from nexnum_console.core.errors import BusinessError
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.stack.layout import CHECKOUT, Layout
from nexnum_console.stack.steps import Steps
from nexnum_console.stack.temporary import throwaway_console
from nexnum_console.trial import browsing, gallery
from nexnum_console.trial.buyer import Refused
from nexnum_console.trial.single import TrialFailed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = CHECKOUT / "docs/screenshots"
WIDTHS = (1440, 768, 390)
WHO = ("buyer", "stranger", "admin")
# Gradients make PNG files three times as large, and these live in the repository.
QUALITY = 88


@dataclass(frozen=True)
class Camera:
    """Takes pictures of one installation; ``kind`` is jpeg or png."""

    url: str
    cast: gallery.Cast
    folder: Path
    kind: Literal["jpeg", "png"]

    def picture(self, browser: Browser, stop: gallery.Stop, width: int) -> browsing.Looked:
        """The whole page, in the folder."""
        cookie = cookie_name(bootstrap.services().settings)
        with browsing.eyes(browser, self.url, self.cast, cookie, stop, width) as (page, looked):
            browsing.unfold(page)
            page.screenshot(
                path=self.folder / f"{stop.name}-{width}.{self.kind.replace('jpeg', 'jpg')}",
                type=self.kind,
                quality=QUALITY if self.kind == "jpeg" else None,
                full_page=True,
                animations="disabled",
            )
            return looked


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    help="Where the pictures go; docs/screenshots by default.",
)
@click.option("--width", "widths", type=int, multiple=True, help="In px; 1440, 768 and 390.")
@click.option("--png", is_flag=True, help="PNG files; JPEG by default.")
@click.option("--only", multiple=True, help="Pages whose name contains this, or another such.")
def screenshots(folder: Path, widths: tuple[int, ...], png: bool, only: tuple[str, ...]) -> None:
    """Photograph every page of a throwaway installation with goods and money in it.

    Exit 1 when a page complains in the browser, sticks out sideways or sends its visitor away.
    """
    console = Console(highlight=False, soft_wrap=True)
    steps = Steps(console)
    try:
        with throwaway_console(Layout.of(), os.environ, steps, "screenshots") as started:
            os.environ.update(started.env)
            with steps.step("People, money and numbers"):
                cast = _fill(started.url)
            camera = Camera(started.url, cast, folder, "png" if png else "jpeg")
            looked = _shoot(camera, widths or WIDTHS, only, steps)
            bootstrap.close()
    except (TrialFailed, BusinessError, Refused) as error:
        raise click.ClickException(str(error)) from error
    faults = [line for one in looked for line in faults_of(one)]
    for line in faults:
        steps.say(f"[red]{line}[/]")
    steps.say(f"{len(looked)} pictures in {folder}")
    raise SystemExit(1 if faults else 0)


def faults_of(looked: browsing.Looked) -> list[str]:
    """What is wrong with a page, in lines."""
    where = f"{looked.stop.name} at {looked.width} px"
    found = [f"{where}: {text}" for text in looked.complaints]
    if looked.over_px:
        found.append(f"{where}: {looked.over_px} px stick out sideways")
    if _path(looked.landed) != _path(looked.stop.path):
        found.append(f"{where}: {looked.stop.path} led to {looked.landed}")
    return found


def _fill(url: str) -> gallery.Cast:
    parts = bootstrap.services()
    chosen = parts.settings
    control = SandboxControl(chosen.sandbox_control_url or "", chosen.sandbox_control_key or "")
    try:
        return gallery.prepare(url, parts.database, control, chosen.wallet_currency)
    finally:
        control.close()


def _shoot(
    camera: Camera, widths: tuple[int, ...], only: tuple[str, ...], steps: Steps
) -> list[browsing.Looked]:
    from nexnum_console.ui import site  # noqa: PLC0415  needs the settings made above

    camera.folder.mkdir(parents=True, exist_ok=True)
    routes = [page.route for page in site.PAGES]
    stops = gallery.stops(routes, camera.cast.parameters)
    found: list[browsing.Looked] = []
    with browsing.chromium() as browser:
        # A buyer's numbers live for minutes, so these pages come first.
        for who in WHO:
            every = [stop for stop in stops if stop.who == who and _asked_for(stop.name, only)]
            with steps.step(f"{len(every)} pages as {who}"):
                found.extend(camera.picture(browser, stop, w) for w in widths for stop in every)
    return found


def _asked_for(name: str, only: tuple[str, ...]) -> bool:
    return not only or any(part in name for part in only)


def _path(address: str) -> str:
    return address.partition("?")[0].rstrip("/")
