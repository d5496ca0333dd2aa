"""The colours of the window: those of the desktop until the user chooses light or dark."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from bench_ui.widgets import theme as themes
from bench_ui.widgets.style_sheet import apply_theme
from bench_ui.widgets.theme import Theme
from bench_ui.window.panels import Panels
from bench_ui.window.settings import Scheme, WindowSettings


def chosen_theme(settings: WindowSettings) -> Theme:
    """The theme that the user chose, or that of the desktop."""
    scheme = settings.scheme
    is_dark = themes.system_is_dark() if scheme is None else scheme is Scheme.DARK
    return themes.DARK if is_dark else themes.LIGHT


def apply_chosen_theme(settings: WindowSettings) -> None:
    """Give the application its colours before it has widgets, so that each widget gets its look only once."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, chosen_theme(settings))


class ColorScheme(QObject):
    """Gives one theme to the application and to every panel.

    Attributes:
        theme: the theme shown now.
    """

    changed = Signal()

    def __init__(self, panels: Panels, settings: WindowSettings, parent: QObject) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.LIGHT
        self._panels, self._settings = panels, settings
        QApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def restore(self) -> None:
        """Show the scheme that the user chose, or the scheme of the desktop."""
        self.set_theme(chosen_theme(self._settings))

    def _follow_system(self) -> None:
        if self._settings.scheme is None:
            self.restore()

    def set_theme(self, theme: Theme) -> None:
        """Show a theme everywhere; the choice is not remembered."""
        self.theme = theme
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        panels = self._panels
        for part in (panels.handlers, panels.board, panels.gallery, panels.inspector):
            part.set_theme(theme)
        for panel in (panels.events, panels.flow, panels.ledger, panels.runs, panels.caption_bar, panels.scene):
            panel.theme = theme
            panel.update()
        panels.run_bar.show_theme(theme)
        self.changed.emit()

    @property
    def choice(self) -> Scheme | None:
        """What the user chose; None follows the desktop."""
        return self._settings.scheme

    def choose(self, scheme: Scheme | None) -> None:
        """Show a scheme and remember the choice; None follows the desktop."""
        self._settings.scheme = scheme
        self.restore()

    def toggle(self) -> None:
        """Switch between light and dark, and remember the choice."""
        self.choose(Scheme.LIGHT if self.theme.dark else Scheme.DARK)
