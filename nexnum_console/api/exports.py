"""Fetching an exported list."""

from __future__ import annotations

import gzip
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from nexnum_console.api.deps import current_services, require
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import exports

router = APIRouter(prefix="/api/exports", tags=["exports"])

Reader = Annotated[Actor, require("store.view")]


@router.get(
    "/{export_id}",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, 404: {"description": "No such file for you"}},
)
def file(
    export_id: Annotated[int, Path(ge=1, le=2**63 - 1)], request: Request, actor: Reader
) -> Response:
    """The file, for the one who asked for it and may still see the list."""
    with current_services(request).database.transaction() as unit:
        found = exports.fetch(unit, export_id, actor, utc_now())
    headers = {
        "Content-Disposition": f'attachment; filename="{found.name}"',
        "Cache-Control": "private, no-store",
    }
    content = found.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    else:
        content = gzip.decompress(content)
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
