"""Templates of plants and of the group on their way into use: checked, proposed by one person, published by another."""

from __future__ import annotations

from compliance.core.templates.checking import Checked, check_template, demanded, example_of
from compliance.core.templates.fitting import unfit
from compliance.core.templates.kept import (
    OPEN,
    PUBLISHED,
    REJECTED,
    SUPERSEDED,
    WITHDRAWN,
    TemplateReads,
    TemplateRegister,
    TemplateVersion,
    TemplateWork,
)
from compliance.core.templates.looking import Looked
from compliance.core.templates.origin import Origin, Source, origins
from compliance.core.templates.pages import SamplePages
from compliance.core.templates.publishing import Templates
from compliance.core.templates.refusals import (
    NoSuchTemplate,
    NotGroupTemplates,
    OtherFile,
    OwnTemplate,
    SameTemplate,
    TemplateWaits,
)
from compliance.core.templates.who import PUBLISH, REJECT, TEMPLATES

__all__ = [
    "OPEN",
    "PUBLISH",
    "PUBLISHED",
    "REJECT",
    "REJECTED",
    "SUPERSEDED",
    "TEMPLATES",
    "WITHDRAWN",
    "Checked",
    "Looked",
    "NoSuchTemplate",
    "NotGroupTemplates",
    "Origin",
    "OtherFile",
    "OwnTemplate",
    "SameTemplate",
    "SamplePages",
    "Source",
    "TemplateReads",
    "TemplateRegister",
    "TemplateVersion",
    "TemplateWaits",
    "TemplateWork",
    "Templates",
    "check_template",
    "demanded",
    "example_of",
    "origins",
    "unfit",
]
