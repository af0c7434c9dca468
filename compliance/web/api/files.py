"""Files that programs hand in: kept for a day until a step names them by their digest."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any, ClassVar

from flask import request
from werkzeug.datastructures import FileStorage

from compliance.core.acts import ObjectRef
from compliance.core.cases.files import WAITS
from compliance.core.cases.raising import only_looks
from compliance.core.permissions import MayNot
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.web import access, files
from compliance.web.api.cases import UPLOADS
from compliance.web.api.errors import WrongValues
from compliance.web.api.operations import Asked, Operation, Query, Upload, note, operation
from compliance.web.api.shapes import NAME, SHA256, ListOf, Moment, Record, Whole, Wrong
from compliance.web.api.telling import moment

_FILE = Record("Uploaded", {"sha256": SHA256, "name": NAME, "size": Whole(), "media_type": NAME, "until": Moment()})
_MULTIPART, _RAW = "multipart/form-data", "application/octet-stream"
_CHUNK = 1 << 16


class NotAFile(WrongUse):
    """The body is neither a form with files nor the bytes of one."""

    code = "not-a-file"
    status: ClassVar[int] = 415
    text: ClassVar[Text] = Text(
        zh="请以 multipart/form-data，或以 application/octet-stream 加 ?name= 上传",
        en="Hand in multipart/form-data, or application/octet-stream with ?name=",
    )


def mark() -> str:
    """What names the files that were handed in."""
    found = hashlib.sha256()
    for upload in handed_in():
        found.update(f"{upload.filename}\n".encode("utf-8", "surrogatepass"))
        while chunk := upload.stream.read(_CHUNK):
            found.update(chunk)
        upload.stream.seek(0)
    return found.hexdigest()


@operation(
    Operation(
        name="files_upload",
        method="POST",
        path="/plants/{plant}/files",
        title=Text("上传文件，供一天内办理时引用", "hand in files, to be named by a step within a day"),
        parts={"plant": NAME},
        query={"name": Query(NAME, Text("直接上传时的文件名", "the name of a file that is the body itself"))},
        upload=Upload(mark),
        answer=Record("UploadedFiles", {"rows": ListOf(_FILE)}),
        status=201,
    )
)
def upload(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Keep files of this person, for a step to come. No act, so no leaf."""
    bundle, plant = access.services(), access.card().plant
    if only_looks(access.card().roles):
        note("files_upload", _NOT_YOURS)
        raise MayNot(reason=_NOT_YOURS)
    uploads = handed_in()
    if not any(one.filename for one in uploads):
        raise WrongValues([Wrong("#", Text("没有文件", "holds no file"))])
    kept = files.receive(uploads)
    bundle.casework().keep_uploads(plant, access.person().login, UPLOADS, kept)
    until = moment(bundle.clock.now() + WAITS)
    return {"rows": [_told(ref, until) for ref in kept]}


def handed_in() -> list[FileStorage]:
    """The files of the request: of a form, or the body itself."""
    if request.mimetype == _MULTIPART:
        return [one for _name, one in request.files.items(multi=True)]
    if request.mimetype != _RAW:
        raise NotAFile
    return [FileStorage(BytesIO(request.get_data()), request.args.get("name", "file"))]


def _told(ref: ObjectRef, until: str) -> dict[str, Any]:
    return {"sha256": ref.sha256, "name": ref.name, "size": ref.size, "media_type": ref.media_type, "until": until}


_NOT_YOURS = Text("您只有查阅权限，不能上传文件", "You may look here, but hand in nothing")
