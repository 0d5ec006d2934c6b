"""Why an order, or a change to one, is refused."""

from __future__ import annotations

from nexnum_console.core.errors import BusinessError, NotFound, Unavailable


class NothingForSale(BusinessError):
    """No provider offers this now within the cap; nothing was bought and nothing was held."""

    code = "no_numbers"
    status = 409


class PurchasesPaused(Unavailable):
    """The operator stopped sales for a while; nothing was bought and nothing was held."""

    code = "purchases_paused"


class TooManyOpen(BusinessError):
    """A new account holds as many numbers as it may; nothing was bought."""

    code = "too_many_open"
    status = 409


class ActivationNotFound(NotFound):
    """No such activation, or it is another user's."""

    code = "activation_not_found"


class CancelTooEarly(BusinessError):
    """The provider locks cancelling for a while; ``retry_after`` says how long."""

    code = "cancel_too_early"
    status = 409


class SmsAlreadyReceived(BusinessError):
    """A code came: the number did its work and stays charged."""

    code = "sms_already_received"
    status = 409


class NotCancellable(BusinessError):
    """The activation is in a state from which it cannot be cancelled."""

    code = "not_cancellable"
    status = 409
