# SPDX-License-Identifier: Apache-2.0
"""What calls of libdermetry have in common: settings, texts, failures, and Python's exceptions that
pass through C."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, Optional, Union

from . import _native

Path = Union[str, "os.PathLike[str]"]

lib = _native.load()
SITES = {"face": 0, "body": 1}
ERROR_IDS = ("ok", "usage", "malformed_input", "truncated_input", "unsupported_input",
             "limit_exceeded", "missing_input", "out_of_memory", "model_unusable", "opencv_failed",
             "internal_error", "cannot_create", "io_error", "interrupted")


class Error(Exception):
    """What the library has to say when a call fails.

    id:   of the error list in <dermetry/error.h>, such as "malformed_input"
    text: one sentence, naming the file where there is one
    """

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.id = ERROR_IDS[code] if code < len(ERROR_IDS) else "internal_error"
        self.text = text


class Guard:
    """Calls Python for C. An exception, of the caller's function or by Ctrl-C, stops the run and is
    raised where it began."""

    def __init__(self) -> None:
        self._raised: Optional[BaseException] = None

    def call(self, function: Callable[..., Any], *arguments: Any) -> int:
        """Not 0, which asks C to stop, when the function raises."""
        try:
            function(*arguments)
        except BaseException as raised:  # pylint: disable=broad-except
            self._raised = raised
            return 1
        return 0

    def check(self, code: int, text: Callable[[], str]) -> None:
        """After the run: raises what was raised meanwhile, or the library's failure."""
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised
        if code:
            raise Error(code, text())


def encoded(text: Optional[Path]) -> Optional[bytes]:
    """A path or name for C."""
    return None if text is None else os.fsencode(text)


def take_text(text: ctypes.c_void_p) -> str:
    """A text that the library hands over; "" where memory ran out."""
    try:
        return ctypes.string_at(text).decode() if text else ""
    finally:
        lib.derm_text_free(text)


def settings(*, threads: int = 0, cpu: str = "auto", models: Optional[Path] = None,
             config: Optional[Path] = None, precision: Optional[Path] = None,
             findings: bool = False, eye_bar: bool = False, max_megapixels: float = 0.0,
             max_file_bytes: int = 0, max_memory_bytes: int = 0) -> _native.Settings:
    """For C, as `Context` explains them."""
    return _native.Settings(
        size=ctypes.sizeof(_native.Settings), models=encoded(models), config=encoded(config),
        cpu=cpu.encode(), threads=threads, max_megapixels=max_megapixels,
        max_file_bytes=max_file_bytes, max_memory_bytes=max_memory_bytes, findings=int(findings),
        precision=encoded(precision), eye_bar=int(eye_bar))
