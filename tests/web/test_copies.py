"""Controlled copies at pages and in the API: given out, downloaded with their number, called back, ended."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

import openpyxl

from tests.web.api_client import program
from tests.web.test_readers import at, issue, staff, take
from tests.web.told import leaves
from tests.web.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.web.conftest import Browser
    from tests.web.world import World

__all__ = ["at", "staff"]


def words(data: bytes) -> str:
    with ZipFile(io.BytesIO(data)) as archive:
        return archive.read("word/document.xml").decode()


def test_a_copy_is_given_out_called_back_and_ended(world: World, at: Callable[[str], Browser]) -> None:
    author, reader = at("keeper"), at("checker")
    page = author.post("/p/east/documents/open", {"rule": "carbon-policy"}).headers["Location"]
    assert author.get(f"{page}/print").status_code == 404
    issue(at, page, TODAY)
    stored = author.get(f"{page}/files/issued").data
    printed = author.get(f"{page}/print")
    assert "打印件非受控" in unquote(printed.headers["Content-Disposition"])
    assert "【打印件非受控】" in words(printed.data)
    assert author.get(f"{page}/files/issued").data == stored
    of = page.rpartition("/")[0] + "/copies"
    before = leaves(world)
    assert reader.post(of, {"holder": "化验室", "kept_at": "柜"}).status_code == 403
    assert author.post(of, {"holder": "", "kept_at": "柜"}).status_code == 400
    assert author.post(of, {"holder": "化验室", "kept_at": "档案柜"}).status_code == 303
    assert leaves(world) == before + 2
    assert "受控副本 第 1 号 化验室" in words(reader.get(f"{of}/1/file").data)
    assert reader.get(f"{of}/2/file").status_code == 404
    assert "待收回的受控副本" not in author.get("/p/east/work").text
    take(author, page, "ask-withdrawal", reason="并入制度")
    take(at("boss"), page, "withdraw")
    assert "待收回的受控副本" in author.get("/p/east/work").text
    assert "待收回" in author.get("/p/east/documents/copies").text
    sheet = openpyxl.load_workbook(io.BytesIO(author.get("/p/east/documents/copies.xlsx").data)).active
    assert sheet is not None
    assert (sheet["D2"].value, sheet["E2"].value, sheet["I2"].value) == (1, "化验室", "待收回")
    assert author.post(f"{of}/1/witness").status_code == 409
    assert author.post(f"{of}/1/end", {"outcome": "returned", "why": "已交回"}).status_code == 303
    assert author.post(f"{of}/1/end", {"outcome": "returned", "why": "再交"}).status_code == 409
    assert reader.get(f"{of}/1/file").status_code == 404
    assert "待收回的受控副本" not in author.get("/p/east/work").text


def test_programs_keep_the_register_of_copies(world: World, app: Flask, at: Callable[[str], Browser]) -> None:
    page = at("keeper").post("/p/east/documents/open", {"rule": "management-rules"}).headers["Location"]
    issue(at, page, TODAY)
    path = page.rpartition("/")[0].replace("/p/east", "plants/east") + "/copies"
    author, reader = program(world, "keeper", app), program(world, "checker", app)
    before = leaves(world)
    assert reader.post(path, {"holder": "化验室", "kept_at": "柜"}).status_code == 403
    given = author.post(path, {"holder": "化验室", "kept_at": "柜"})
    assert given.status_code == 200, given.text
    ended = author.post(f"{path}/1/end", {"outcome": "destroyed", "why": "破损"})
    assert ended.status_code == 200, ended.text
    assert author.post(f"{path}/1/witness", {}).status_code == 409
    assert leaves(world) == before + 3
    (row,) = reader.told(path)["rows"]
    assert (row["copy"], row["state"], row["outcome"]) == (1, "ended", "destroyed")
