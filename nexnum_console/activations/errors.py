"""Why an order, or a change to one, is refused."""

from __future__ import annotations

from nexnum_console.core.errors import BusinessError, NotFound, Unavailable


class NothingForSale(BusinessError):
    """No provider offers this now within the cap; nothing was bought and nothing was held."""

    code = "no_numbers"
    status = 409


class PriceChanged(NothingForSale):
    """Who sold at the price that was agreed to does not work now, and the others ask for more;
    ``cheapest`` says how much. Nothing was bought and nothing was held."""

    code = "price_changed"


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


class NoCodeYet(BusinessError):
    """What was asked needs a number that has its code; nothing was changed."""

    code = "no_code_yet"
    status = 409


class NotOffered(BusinessError):
    """The number's carrier does not do this; nothing was changed."""

    code = "not_offered"
    status = 409


class NotReusable(BusinessError):
    """This number cannot be taken once more; nothing was bought and nothing was held."""

    code = "not_reusable"
    status = 409


class NumberClosed(BusinessError):
    """The number's time is over, here or at the carrier; nothing was changed."""

    code = "number_closed"
    status = 409


class CarrierSilent(Unavailable):
    """The carrier gave no answer: nothing was changed here, and the message says what is known."""

    code = "carrier_silent"


class CarrierBusy(Unavailable):
    """As many calls as may wait for the carrier do so already; nothing was asked or changed."""

    code = "carrier_busy"


class NotResolvable(BusinessError):
    """An open question cannot be answered by hand so, or not yet; nothing was changed."""

    code = "not_resolvable"
    status = 409
