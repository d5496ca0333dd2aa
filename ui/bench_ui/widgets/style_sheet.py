"""The look of Qt's own widgets: palette and style sheet in the colours of a theme."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from bench_ui.performance.garbage_timer import collector_off
from bench_ui.widgets.theme import Theme

NOTE_SCALE, HEADING_SCALE = 0.9, 1.6
"""The sizes of remarks and of the heading of a page, in proportion to other text."""


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the application the colours of a theme."""
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
    palette.setColor(roles.HighlightedText, theme.color("on_color"))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    sheet = style_sheet(theme)
    # Qt computes the look of every widget anew whenever it gets a palette or a style sheet, even the same one.
    if (app.palette(), app.styleSheet()) == (palette, sheet):
        return
    # Another style sheet in place of one takes Qt five times as long as none, and then the other one.
    with collector_off():
        app.setStyleSheet("")
        app.setPalette(palette)
        app.setStyleSheet(sheet)


def style_sheet(t: Theme) -> str:
    """The rules for Qt's widgets in the colours of a theme, for the font of the application."""
    note_size, heading_size = (QApplication.font().pointSizeF() * scale for scale in (NOTE_SCALE, HEADING_SCALE))
    return f"""
QMainWindow, QDialog {{ background: {t.window}; }}
QToolTip {{ color: {t.text}; background: {t.panel}; border: 1px solid {t.line}; padding: 4px; }}
QToolBar {{ background: {t.panel}; border: 0; border-bottom: 1px solid {t.line}; spacing: 4px; padding: 4px 8px; }}
QToolBar#advice {{ padding: 2px; spacing: 8px; }}
QToolBar#advice QToolButton {{ padding: 2px 10px; }}
QLabel#loss {{ color: {t.lost}; font-weight: bold; }}
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
QPushButton#fold {{ font-weight: bold; text-align: left; border: 1px solid transparent; padding: 2px 2px;
  background: transparent; }}
QPushButton#fold:focus {{ border: 1px solid {t.focus}; }}
QPushButton#fold:hover {{ color: {t.focus}; }}
QFileDialog QToolButton {{ padding: 2px; }}
QToolButton#start {{ color: {t.on_color}; background: {t.received};
  border-color: {t.received}; font-weight: bold; padding: 4px 14px; }}
QToolButton#start:disabled {{ color: {t.muted}; background: {t.panel}; border-color: {t.line}; }}
QToolButton#start:focus {{ border: 2px solid {t.focus}; }}
QToolButton#verdict {{ font-weight: bold; color: {t.on_color}; background: {t.muted};
  border-color: {t.muted}; }}
QToolButton#verdict[outcome="pass"] {{ background: {t.received}; border-color: {t.received}; }}
QToolButton#verdict[outcome="fail"] {{ background: {t.lost}; border-color: {t.lost}; }}
QToolButton#verdict[outcome="invalid"] {{ background: {t.overflow}; border-color: {t.overflow}; }}
QToolButton#verdict:focus {{ border: 2px solid {t.focus}; }}
QDockWidget {{ color: {t.muted}; font-weight: bold; }}
QDockWidget::title {{ background: {t.window}; padding: 6px 8px; text-align: left; }}
QMainWindow::separator {{ background: {t.window}; width: 6px; height: 6px; }}
QSplitter::handle {{ background: {t.window}; }}
QTabWidget::pane {{ border: 1px solid {t.line}; border-radius: 4px; background: {t.panel}; top: -1px; }}
QTabBar::tab {{ color: {t.muted}; background: transparent; padding: 5px 12px; border: 1px solid transparent;
  border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.focus}; font-weight: bold; }}
QTabWidget#inspector QTabBar::tab {{ padding: 5px 7px; }}
QTabBar::tab:focus {{ color: {t.focus}; }}
QTreeView, QTableView, QListView, QPlainTextEdit, QTextEdit {{
  background: {t.panel}; border: 1px solid transparent; color: {t.text};
  selection-background-color: {t.focus}; outline: 0; alternate-background-color: {t.window}; }}
QGraphicsView {{ border: 1px solid transparent; }}
QGraphicsView:focus, QTreeView:focus, QTableView:focus, QListView:focus, QPlainTextEdit:focus, QTextEdit:focus {{
  border: 1px solid {t.focus}; }}
QTreeView#handlers {{ selection-background-color: transparent; }}
QTableView {{ gridline-color: {t.line}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: 0; border-bottom: 1px solid {t.line};
  padding: 4px 3px; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.edge};
  border-radius: 4px; padding: 2px 6px; min-height: 18px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0;
  border: 0; }}
QSpinBox QLineEdit, QDoubleSpinBox QLineEdit {{ border: 0; padding: 0 4px; min-height: 0; background: transparent; }}
QComboBox::drop-down {{ border: 0; width: 18px; }}
QComboBox::down-arrow {{ width: 0; height: 0; border-left: 4px solid {t.field}; border-right: 4px solid {t.field};
  border-top: 5px solid {t.muted}; }}
QPlainTextEdit#field {{ background: {t.field}; border: 1px solid {t.edge}; border-radius: 4px; padding: 2px; }}
QPlainTextEdit#field:focus, QLineEdit:focus, QComboBox:focus {{ border: 1px solid {t.focus}; }}
QLineEdit:read-only {{ color: {t.muted}; }}
*[fault="true"] {{ border: 1px solid {t.lost}; }}
QLabel#fault {{ color: {t.lost}; }}
QLabel#unit, QLabel#note, QLabel#muted {{ color: {t.muted}; }}
QLabel#note {{ font-size: {note_size:.1f}pt; }}
QLabel#heading {{ font-size: {heading_size:.1f}pt; font-weight: bold; }}
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
QMenuBar {{ background: {t.panel}; color: {t.text}; }}
QMenuBar::item {{ background: transparent; padding: 3px 8px; }}
QMenuBar::item:selected {{ background: {t.line}; }}
QMenu {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line}; }}
QMenu::item {{ padding: 4px 20px 4px 24px; }}
QMenu::item:selected {{ background: {t.focus}; color: {t.on_color}; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::separator {{ background: {t.line}; height: 1px; margin: 4px 8px; }}
QSlider::groove:horizontal {{ background: {t.line}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.accepted}; height: 4px; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {t.accepted}; width: 12px; margin: -5px 0; border-radius: 6px; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {t.text}; }}
"""
