"""How everything looks: one palette, colour-blind safe, the same colour for the same thing; light, dark, and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

GRID = 8
"""Pixels; margins and gaps are multiples or halves of it."""


@dataclass(frozen=True)
class Theme:
    """Colours by meaning. The upper half is the window's, the lower that of what is counted and measured."""

    dark: bool
    window: str
    panel: str
    field: str
    text: str
    muted: str
    line: str
    focus: str
    offered: str
    accepted: str
    received: str
    lost: str
    overflow: str
    timeout: str
    queue: str
    aborted: str
    before_join: str
    p50: str
    p90: str
    p99: str
    p99_9: str

    def color(self, name: str) -> QColor:
        """A colour by its meaning."""
        return QColor(getattr(self, name))

    def faded(self, name: str) -> QColor:
        """The colour for the baseline: half way to the panel's colour, and opaque, because blending takes time."""
        a, b = self.color(name), self.color("panel")
        return QColor((a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2)


LIGHT = Theme(
    dark=False,
    window="#eef1f4",
    panel="#ffffff",
    field="#ffffff",
    text="#1a2027",
    muted="#56616d",
    line="#d3dae1",
    focus="#0b6cb8",
    offered="#6b7580",
    accepted="#0b6cb8",
    received="#04825f",
    lost="#c8202f",
    overflow="#c76a00",
    timeout="#7a4bb5",
    queue="#9a7b00",
    aborted="#8a6d5b",
    before_join="#a05a7c",
    p50="#04825f",
    p90="#0b6cb8",
    p99="#c76a00",
    p99_9="#c8202f",
)

DARK = Theme(
    dark=True,
    window="#12161b",
    panel="#1a2027",
    field="#12161b",
    text="#e8ecf0",
    muted="#9ba7b3",
    line="#303945",
    focus="#58b4f5",
    offered="#a3adb8",
    accepted="#58b4f5",
    received="#2fc69a",
    lost="#ff6b70",
    overflow="#f5a742",
    timeout="#b892f0",
    queue="#e6cf4c",
    aborted="#c4a48f",
    before_join="#dd94b8",
    p50="#2fc69a",
    p90="#58b4f5",
    p99="#f5a742",
    p99_9="#ff6b70",
)


def system_is_dark() -> bool:
    """What the desktop wants."""
    return QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def figure_font(base: QFont, scale: float = 1.0, bold: bool = False) -> QFont:
    """``base`` with digits of one width, so that numbers do not dance while they change."""
    font = QFont(base)
    font.setPointSizeF(max(6.0, base.pointSizeF() * scale))
    font.setBold(bold)
    if hasattr(font, "setFeature"):
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def fixed_font() -> QFont:
    """For JSON and bytes."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def apply(app: QApplication, theme: Theme) -> None:
    """Give the application this theme."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, name in (
        (roles.Window, "window"),
        (roles.WindowText, "text"),
        (roles.Base, "field"),
        (roles.AlternateBase, "window"),
        (roles.Text, "text"),
        (roles.Button, "panel"),
        (roles.ButtonText, "text"),
        (roles.ToolTipBase, "panel"),
        (roles.ToolTipText, "text"),
        (roles.PlaceholderText, "muted"),
        (roles.Highlight, "focus"),
        (roles.Link, "focus"),
        (roles.Mid, "line"),
    ):
        palette.setColor(role, theme.color(name))
    palette.setColor(roles.HighlightedText, QColor("#ffffff" if not theme.dark else "#0c1116"))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    app.setPalette(palette)
    app.setStyleSheet(_style_sheet(theme))


def _style_sheet(t: Theme) -> str:
    return f"""
QMainWindow, QDialog {{ background: {t.window}; }}
QToolTip {{ color: {t.text}; background: {t.panel}; border: 1px solid {t.line}; padding: 4px; }}
QToolBar {{ background: {t.panel}; border: 0; border-bottom: 1px solid {t.line}; spacing: 4px; padding: 4px 8px; }}
QToolBar::separator {{ width: 1px; background: {t.line}; margin: 4px 4px; }}
QToolButton, QPushButton {{ color: {t.text}; background: {t.panel}; border: 1px solid {t.line}; border-radius: 4px;
  padding: 4px 10px; }}
QToolButton:hover, QPushButton:hover {{ border-color: {t.focus}; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {t.focus}; }}
QToolButton:pressed, QPushButton:pressed {{ background: {t.line}; }}
QToolButton:checked, QPushButton:checked {{ background: {t.line}; }}
QToolButton:disabled, QPushButton:disabled {{ color: {t.muted}; border-color: {t.line}; }}
QToolButton[flat="true"] {{ background: transparent; border: 1px solid transparent; padding: 1px 4px; }}
QToolButton[flat="true"]:focus {{ border: 1px solid {t.focus}; }}
QToolButton[flat="true"]:hover {{ border: 1px solid {t.line}; }}
QToolButton#start {{ color: {"#ffffff" if not t.dark else "#0c1116"}; background: {t.received};
  border-color: {t.received}; font-weight: bold; padding: 4px 14px; }}
QToolButton#start:disabled {{ color: {t.muted}; background: {t.panel}; border-color: {t.line}; }}
QToolButton#start:focus {{ border: 2px solid {t.focus}; }}
QDockWidget {{ color: {t.muted}; font-weight: bold; }}
QDockWidget::title {{ background: {t.window}; padding: 6px 8px; text-align: left; }}
QMainWindow::separator {{ background: {t.window}; width: 6px; height: 6px; }}
QSplitter::handle {{ background: {t.window}; }}
QTabWidget::pane {{ border: 1px solid {t.line}; border-radius: 4px; background: {t.panel}; top: -1px; }}
QTabBar::tab {{ color: {t.muted}; background: transparent; padding: 5px 12px; border: 1px solid transparent;
  border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.focus}; font-weight: bold; }}
QTabBar::tab:focus {{ color: {t.focus}; }}
QTreeView, QTableView, QListView, QPlainTextEdit, QTextEdit {{ background: {t.panel}; border: 0; color: {t.text};
  selection-background-color: {t.focus}; outline: 0; alternate-background-color: {t.window}; }}
QTreeView#handlers {{ selection-background-color: transparent; }}
QTableView {{ gridline-color: {t.line}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: 0; border-bottom: 1px solid {t.line};
  padding: 4px 8px; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.line};
  border-radius: 4px; padding: 2px 6px; min-height: 18px; }}
QComboBox::drop-down {{ border: 0; width: 18px; }}
QComboBox::down-arrow {{ width: 0; height: 0; border-left: 4px solid {t.field}; border-right: 4px solid {t.field};
  border-top: 5px solid {t.muted}; }}
QPlainTextEdit#field {{ background: {t.field}; border: 1px solid {t.line}; border-radius: 4px; padding: 2px; }}
QPlainTextEdit#field:focus, QLineEdit:focus, QComboBox:focus {{ border: 1px solid {t.focus}; }}
QLineEdit:read-only {{ color: {t.muted}; }}
*[fault="true"] {{ border: 1px solid {t.lost}; }}
QLabel#fault {{ color: {t.lost}; }}
QLabel#unit, QLabel#note, QLabel#muted {{ color: {t.muted}; }}
QLabel#note {{ font-size: 8pt; }}
QLabel#title {{ font-weight: bold; }}
QFrame#banner {{ background: {t.panel}; border: 1px solid {t.overflow}; border-radius: 4px; }}
QFrame#card, QWidget#card {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 6px; }}
QPushButton#card {{ text-align: left; padding: 0; background: {t.panel}; border: 1px solid {t.line};
  border-radius: 6px; }}
QPushButton#card:hover, QPushButton#card:focus {{ border: 2px solid {t.focus}; }}
QScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QStatusBar {{ background: {t.panel}; color: {t.muted}; border-top: 1px solid {t.line}; }}
QStatusBar::item {{ border: 0; }}
QProgressBar {{ background: {t.line}; border: 0; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {t.accepted}; border-radius: 3px; }}
QMenu {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line}; }}
QMenu::item:selected {{ background: {t.focus}; color: {"#ffffff" if not t.dark else "#0c1116"}; }}
QSlider::groove:horizontal {{ background: {t.line}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.accepted}; height: 4px; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {t.accepted}; width: 12px; margin: -5px 0; border-radius: 6px; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {t.text}; }}
"""
