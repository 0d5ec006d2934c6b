"""Every refusal in one shape: ``{"error": {code, message, request_id, details}}``."""

from __future__ import annotations

import logging
from typing import Any, Final

import redis
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from nexnum_console.core.errors import BusinessError

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 2
OUTAGES: Final = (OperationalError, InterfaceError, PoolTimeout, redis.RedisError)
_CODES: Final = {404: "not_found", 405: "method_not_allowed", 400: "bad_request"}


def error_answer(
    request_id: str,
    status: int,
    code: str,
    message: str,
    *,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The one shape of an error."""
    error = {
        "code": code,
        "message": message,
        "request_id": request_id,
        "details": details or {},
    }
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def outage_answer(request_id: str, cause: Exception) -> JSONResponse:
    """A part behind us does not answer: nothing was kept, the same call may be repeated."""
    log.warning("request %s met an outage: %s", request_id, type(cause).__name__)
    return error_answer(
        request_id,
        503,
        "unavailable",
        "A part of the service does not answer now; nothing was lost, try again.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def failure_answer(request_id: str, cause: Exception) -> JSONResponse:
    """A fault of ours: the trace goes to the log, the caller gets the id that finds it."""
    log.error("request %s failed", request_id, exc_info=cause)
    return error_answer(
        request_id, 500, "internal_error", "Something failed on our side; the id finds it."
    )


def unforeseen(request_id: str, cause: Exception) -> JSONResponse:
    """The answer to an exception that no endpoint expected."""
    if isinstance(cause, OUTAGES):
        return outage_answer(request_id, cause)
    return failure_answer(request_id, cause)


def install(app: FastAPI) -> None:
    """Answer the expected kinds of errors in our shape."""
    app.add_exception_handler(BusinessError, _business)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _id_of(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


async def _business(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BusinessError)
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    return error_answer(
        _id_of(request),
        error.status,
        error.code,
        error.message,
        details=error.details,
        headers=headers,
    )


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was sent is left out: it may be a password.
    fields = [
        {
            "field": ".".join(str(part) for part in fault["loc"][1:]),
            "problem": fault["msg"].removeprefix("Value error, "),
        }
        for fault in error.errors()
    ]
    first = fields[0] if fields else {"field": "", "problem": "not readable"}
    where = first["field"] or "the request"
    return error_answer(
        _id_of(request),
        422,
        "invalid_input",
        f"{where}: {first['problem']}",
        details={"fields": fields},
    )


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return error_answer(
        _id_of(request),
        error.status_code,
        _CODES.get(error.status_code, "refused"),
        str(error.detail),
        headers=dict(error.headers) if error.headers else None,
    )
