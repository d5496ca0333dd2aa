"""Gallery or plots in the centre, docks around the plots only."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from bench_ui.window.panel_layout import BELOW_SHARE, EDGE_MARGIN, LEAST_BELOW
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QToolButton, QTreeWidget

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset, until


def docks_shown(window: MainWindow) -> list[bool]:
    return [dock.isVisible() for dock in window.panel_layout.docks]


def test_docks_are_beside_the_plots_and_not_beside_the_gallery(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        layout = window.panel_layout
        assert layout.gallery_shown and docks_shown(window) == [False, False, False]
        window.toggle_gallery()
        assert layout.gallery_shown, "without a preset there are no plots to go back to"
        open_preset(window, preset({"socket_type": "PUSH"}))
        assert not layout.gallery_shown and docks_shown(window) == [True, True, True]
        window.toggle_gallery()
        assert layout.gallery_shown and docks_shown(window) == [False, False, False]
        window.toggle_gallery()
        assert not layout.gallery_shown and docks_shown(window) == [True, True, True]
        for toggled, free in ((1, (0, EDGE_MARGIN)), (0, (EDGE_MARGIN, EDGE_MARGIN)), (1, (EDGE_MARGIN, 0))):
            layout.toggle_dock(toggled)
            margins = layout.currentWidget().contentsMargins()
            assert (margins.left(), margins.right()) == free

    in_window(scenario)


def test_each_tab_has_its_own_tools_beside_the_tabs(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        tabs, panels = window.panel_layout.tabs, window.panels
        assert [tabs.tabText(index) for index in range(tabs.count())] == ["Events", "Messages", "Ledger", "Runs"]
        for panel in (panels.events, panels.messages, panels.ledger, panels.runs):
            tabs.setCurrentWidget(panel)
            assert panel.tools.isVisible()
            assert sum(one.tools.isVisible() for one in (panels.events, panels.messages, panels.runs)) <= 1

    in_window(scenario)


def test_tools_of_the_runs_give_way_to_the_tabs(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        tabs, tools = window.panel_layout.tabs, window.panels.runs.tools
        buttons = {one.text(): one for one in tools.findChildren(QToolButton) if one.text()}
        tabs.setCurrentWidget(window.panels.runs)
        window.resize(1600, 720)
        await until(buttons["Tags"].isVisible)
        window.resize(900, 560)
        await until(lambda: not buttons["Tags"].isVisible())
        assert buttons["Baseline"].isVisible() and buttons["Open"].isVisible()
        assert tools.width() + tabs.tabBar().sizeHint().width() <= tabs.width()
        window.resize(1600, 720)
        await until(lambda: buttons["Tags"].isVisible() and not buttons["Undo delete"].isVisible())

    in_window(scenario)


def test_the_tabs_below_the_plots_keep_their_share_until_the_user_chooses_a_height(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        below = window.panel_layout.docks[2]
        await until(lambda: below.height() == max(LEAST_BELOW, int(window.height() * BELOW_SHARE)))
        for height in (1000, 720, 1000):
            window.resize(1280, height)
            await until(lambda height=height: below.height() == max(LEAST_BELOW, int(height * BELOW_SHARE)))
        window.resizeDocks([below], [300], Qt.Orientation.Vertical)
        await until(lambda: below.height() == 300)
        window.resize(1280, 1080)
        await until(lambda: window.panel_layout.height() > 650)
        assert below.height() == 300

    in_window(scenario)


def test_a_dock_behind_another_one_comes_to_the_front_before_it_is_closed(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        layout = window.panel_layout
        handlers, settings = layout.docks[:2]
        window.resize(900, 560)
        open_preset(window, preset({"socket_type": "PUSH"}))
        await until(lambda: not handlers.visibleRegion().isEmpty() and settings.visibleRegion().isEmpty())
        layout.toggle_dock(1)
        await until(lambda: not settings.visibleRegion().isEmpty() and handlers.visibleRegion().isEmpty())
        layout.toggle_dock(1)
        await until(lambda: settings.isHidden() and not handlers.visibleRegion().isEmpty())
        layout.toggle_dock(1)
        await until(lambda: not settings.visibleRegion().isEmpty())

    in_window(scenario)


def test_a_covered_dock_comes_to_the_front_with_the_focus(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        handlers, settings = window.panel_layout.docks[:2]
        window.resize(900, 560)
        open_preset(window, preset({"socket_type": "PUSH"}))
        await until(lambda: not handlers.visibleRegion().isEmpty() and settings.visibleRegion().isEmpty())
        in_settings = settings.findChild(QLineEdit)
        assert in_settings is not None
        in_settings.setFocus(Qt.FocusReason.TabFocusReason)
        await until(lambda: not settings.visibleRegion().isEmpty() and handlers.visibleRegion().isEmpty())
        handlers_panel = handlers.findChild(QTreeWidget)
        assert handlers_panel is not None
        handlers_panel.setFocus(Qt.FocusReason.BacktabFocusReason)
        await until(lambda: not handlers.visibleRegion().isEmpty() and settings.visibleRegion().isEmpty())

    in_window(scenario)


def test_with_large_text_the_flow_strip_gives_way_to_the_plots(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        flow = window.panels.flow
        open_preset(window, preset({"socket_type": "PUSH"}))
        await until(flow.isVisible)
        window.text_size.show(250)
        await until(lambda: not flow.isVisible())
        window.presentation.toggle()
        window.presentation.toggle()
        assert not flow.isVisible()
        window.text_size.show(100)
        window.resize(1280, 720)
        await until(flow.isVisible)

    in_window(scenario)
