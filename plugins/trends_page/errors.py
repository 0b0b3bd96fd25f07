"""Turns what went wrong into {"detail": one sentence}, with the parameters that were refused where there are any."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from airtide.domain.errors import AirtideError, MisconfiguredError

log = logging.getLogger(__name__)

NO_ANSWER = "The warehouse does not answer: `airtide doctor` says which part is down and how to mend it."
NOT_SET_UP = "The warehouse is not set up for this page: run `airtide up`, or mend the connection airtide_postgres."

NO_STORE = "The object store does not hand pictures out: `airtide doctor` says which part is down and how to mend it."
STORE_NOT_SET_UP = (
    "The object store is not set up for this page: run `airtide up`, or mend the connection airtide_lake."
)


def refuse_parameters(_request: Request, error: Exception) -> JSONResponse:
    """Answer 422 and name every parameter that was refused and why, without repeating what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [{"parameter": str(e["loc"][-1]), "message": str(e["msg"])} for e in error.errors()]
    detail = "; ".join(f"{field['parameter']}: {field['message']}" for field in fields)
    return JSONResponse({"detail": detail, "parameters": fields}, status_code=422)


def admit_outage(_request: Request, error: Exception) -> JSONResponse:
    """Answer 503 with one sentence; addresses and causes go to the log only."""
    log.warning("viewer trends cannot be read: %s", error)
    detail = NOT_SET_UP if isinstance(error, MisconfiguredError) else NO_ANSWER
    return JSONResponse({"detail": detail}, status_code=503, headers={"Retry-After": "30"})


def add_error_handlers(app: FastAPI) -> None:
    """Make `app` answer refused parameters and an unreachable warehouse in one sentence."""
    app.add_exception_handler(RequestValidationError, refuse_parameters)
    app.add_exception_handler(AirtideError, admit_outage)
