"""The menu bar has every command of the window once, and shows which of them have an effect now."""

from __future__ import annotations

from pathlib import Path

from bench_ui.window.main_window import MainWindow
from bench_ui.window.menu_bar import NO_RECENT_FILES
from bench_ui.window.settings import Scheme
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset, until


def shown(menu: QMenu) -> list[str]:
    """The texts of a menu as it shows itself now."""
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_each_command_is_in_one_menu_and_no_key_has_two_commands(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        texts = [text for menu in window.menu_bar.menus.values() for text in shown(menu)]
        inner = {window.menu_bar.recent.title(), window.menu_bar.themes.title(), window.layouts.menu.title()}
        inner.add(window.menu_bar.exports.title())
        assert sorted(texts) == sorted([*(command.text for command in window.commands.all), *inner])
        keys = [key for _, key in window.commands.list_of_keys]
        assert len(set(keys)) == len(keys) and {"Ctrl+S", "Ctrl+.", "Alt+3", "F11", "Esc"} <= set(keys)

    in_window(scenario)


def test_a_menu_shows_what_has_an_effect_and_keys_work_after_it(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        bar = window.menu_bar
        by_text = {command.text: window.commands.action(command) for command in window.commands.all}
        for menu in bar.menus.values():
            menu.aboutToShow.emit()
        assert not by_text["Save"].isEnabled() and not by_text["Stop"].isEnabled() and by_text["Presets"].isChecked()
        for menu in bar.menus.values():
            menu.aboutToHide.emit()
        assert by_text["Save"].isEnabled()
        open_preset(window, preset({"socket_type": "PUSH"}))
        for menu in bar.menus.values():
            menu.aboutToShow.emit()
        assert by_text["Save"].isEnabled() and by_text["Handlers"].isChecked() and not by_text["Presets"].isChecked()

    in_window(scenario)


def test_recent_files_have_their_folders_and_open(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        recent = window.menu_bar.recent
        assert shown(recent) == [NO_RECENT_FILES] and not recent.actions()[0].isEnabled()
        window.settings.add_recent_file(str(tmp_path / "a & b.json"))
        assert shown(recent) == [str(tmp_path / "a && b.json")]
        window.settings.add_recent_file(str(Path.home() / "presets" / "mine.json"))
        assert shown(recent)[0] == "~/presets/mine.json"
        recent.actions()[1].trigger()
        await until(lambda: "a & b.json" in window.panels.banner.text())

    in_window(scenario)


def test_the_theme_is_chosen_and_can_follow_the_system_again(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        themes = window.menu_bar.themes
        assert shown(themes) == ["As the system", "Light", "Dark"]
        by_text = {action.text(): action for action in themes.actions()}
        assert by_text["As the system"].isChecked()
        by_text["Dark"].trigger()
        assert window.color_scheme.theme.dark and window.color_scheme.choice is Scheme.DARK
        shown(themes)
        assert by_text["Dark"].isChecked()
        by_text["As the system"].trigger()
        assert window.color_scheme.choice is None

    in_window(scenario)


def test_the_keys_of_the_panels_close_and_open_them_also_from_a_field(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.activateWindow()
        await until(window.isActiveWindow)
        page = window.panels.inspector.handler_pages["PUSH"]
        fields = (window.panels.run_bar.duration, page.spec.widget("uri"), page.config.widget("high_water_mark"))
        for number, (key, field) in enumerate(zip((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3), fields, strict=True)):
            dock = window.panel_layout.docks[number]
            for visible in (False, True):
                field.setFocus()
                text = field.property("text")
                QTest.keyClick(window.focusWidget(), key, Qt.KeyboardModifier.AltModifier)
                assert dock.isVisible() is visible and field.property("text") == text
        for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
            QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        window.toggle_gallery()
        window.toggle_gallery()
        assert not any(dock.isVisible() for dock in window.panel_layout.docks)
        assert window.settings.closed_docks == sorted(dock.objectName() for dock in window.panel_layout.docks)

    in_window(scenario)
