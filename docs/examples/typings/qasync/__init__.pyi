"""What a program needs of the types of qasync, which has none itself. To use it, copy the folder ``typings``."""

import asyncio

from PySide6.QtCore import QCoreApplication, QObject

class QEventLoop(asyncio.SelectorEventLoop):
    _timer: QObject
    def __init__(
        self, app: QCoreApplication | None = None, set_running_loop: bool = False, already_running: bool = False
    ) -> None: ...
