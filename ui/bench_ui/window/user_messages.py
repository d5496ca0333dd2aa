"""The one channel for messages to the user: any part of the window -> **user messages** -> banner, status bar."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar

from bench_ui.panels.banner import SHOWN_MS, Banner


class UserMessages:
    """Shows a passing and a lasting message above the plots."""

    def __init__(self, banner: Banner, status_bar: QStatusBar) -> None:
        self._banner, self._status_bar = banner, status_bar

    def show(self, text: str) -> None:
        """Show a message for a while; while the gallery hides the banner, show it in the status bar too."""
        self._banner.show_message(text)
        # Not isVisible(): before the window is shown, nothing is, and a status bar hides only visible labels behind a
        # message.
        if not self._banner.isVisibleTo(self._banner.window()):
            self._status_bar.showMessage(text, SHOWN_MS)

    def show_until_closed(self, text: str) -> None:
        """Show a message until the user closes it or another lasting message replaces it."""
        self._banner.show_message(text, stays=True)

    def clear(self) -> None:
        """Remove the messages."""
        self._banner.clear()
