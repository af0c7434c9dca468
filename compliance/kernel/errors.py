"""The errors of the program: one class per refusal, a stable code, the message inside.

::

    ComplianceError
    ├── WrongUse          the caller asked for something that does not exist or makes no sense (exit 2, HTTP 4xx)
    ├── Refused           an act that a rule or a state forbids; nothing was changed (HTTP 403/409)
    └── CannotDecide      the program is not healthy enough to answer (exit 3, HTTP 503)

Data errors are values with a position (:class:`compliance.core.imports.DataProblem`,
:class:`compliance.rulebase.schema.Problem`), never exceptions. Features define their own subclasses beside
the decision that raises them. The HTTP status of a class is known to ``web/`` alone.
"""

from __future__ import annotations

from typing import ClassVar

from compliance.kernel.text import Text


class ComplianceError(Exception):
    """Root of every error that a person may see."""

    code: ClassVar[str] = "error"
    text: ClassVar[Text] = Text(zh="出错", en="Something went wrong")

    def __init__(self, **values: object) -> None:
        """Keep the values that the message names."""
        self.values = values
        self.message = self.text.fill(**values)
        super().__init__(str(self.message))


class WrongUse(ComplianceError):
    """The request itself is wrong: nothing was looked up, nothing changed."""

    code = "wrong-use"


class Refused(ComplianceError):
    """The act is understood and forbidden: nothing changed."""

    code = "refused"


class CannotDecide(ComplianceError):
    """The program cannot answer safely: earlier conclusions stand."""

    code = "cannot-decide"
