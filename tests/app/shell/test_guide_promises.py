"""What the guide promises about keys, screen readers, contrast, and size, and its tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from designer import paths
from designer.app.dialogs.guide import FIRST_PAGE

TESTS = Path(__file__).parents[1]

PROMISES = {
    "Without a mouse": {
        "F6 goes": "shell/test_tab_order.py::test_f6_goes_from_pane_to_pane_and_shift_f6_back",
        "Tab goes": "canvas/test_keyboard.py::test_tab_walks_from_card_to_card_and_then_leaves "
        "canvas/test_keyboard.py::test_control_and_arrows_follow_links_and_neighbours",
        "Arrow keys": "canvas/test_keyboard.py::test_arrows_move_the_selection_as_one_step_of_undo "
        "canvas/test_keyboard.py::test_enter_and_f2_open_the_selected_node "
        "canvas/test_keyboard.py::test_delete_removes_nodes_with_their_links_in_one_step "
        "shell/test_main_window.py::test_escape_leads_from_a_parameter_back_to_the_canvas",
        "Ctrl+Shift with the": "canvas/test_keyboard.py::"
        "test_a_selection_grows_along_links_by_keys",
        "Type a few": "canvas/test_keyboard.py::"
        "test_a_module_added_at_a_card_stands_below_it_and_is_linked",
        "Ctrl+K links two": "canvas/test_keyboard.py::"
        "test_the_only_ports_that_fit_are_linked_and_shown "
        "canvas/test_keyboard.py::test_keys_say_why_two_modules_can_not_be_linked "
        "canvas/test_keyboard.py::test_links_are_deleted_by_keys_alone",
        "If one module": "canvas/test_keyboard.py::"
        "test_one_module_is_linked_to_another_that_is_chosen_by_keys",
        "Ctrl+J goes": "panels/test_ports_shown.py::test_what_is_unused_and_near_is_offered_first "
        "panels/test_ports_shown.py::test_a_link_is_made_moved_and_deleted_with_the_keys_of_the_list",
        "Below, each": "panels/test_ports_shown.py::test_an_output_leads_to_what_it_feeds",
        "F5 runs": "shell/test_without_a_pointer.py::test_from_the_start_page_to_the_roc_curve",
        "Ctrl+T opens": "shell/test_tabs.py::test_tabs_are_used_by_keys_alone "
        "shell/test_tabs.py::test_each_key_goes_from_tab_to_tab_and_around "
        "shell/test_tabs.py::test_the_focus_returns_to_where_it_was_in_the_tab",
        "Ctrl+Shift with Page": "shell/test_tabs.py::test_tabs_are_moved_by_keys_and_by_the_mouse",
        "With several tabs": "shell/test_tabs.py::test_tabs_are_used_by_keys_alone "
        "shell/test_tabs.py::test_the_menu_key_opens_the_menu_of_the_current_tab",
        "The Outline": "panels/test_outline.py::test_the_state_of_a_module_is_spoken "
        "panels/test_outline.py::test_ports_are_linked_moved_and_unlinked_by_keys",
        "Enter selects": "panels/test_outline.py::"
        "test_several_modules_are_selected_and_deleted_by_keys",
        "On a port": "panels/test_outline.py::test_ports_are_linked_moved_and_unlinked_by_keys "
        "panels/test_outline.py::test_an_output_is_linked_to_several_inputs",
        "If none fits": "panels/test_outline.py::test_why_nothing_fits_is_shown",
        "Delete deletes": "panels/test_outline.py::"
        "test_ports_are_linked_moved_and_unlinked_by_keys "
        "panels/test_outline.py::test_two_modules_are_linked_by_keys",
        "T shows": "views/test_chart_values.py::test_a_key_shows_the_values_of_a_chart "
        "views/test_chart_values.py::"
        "test_the_table_of_a_chart_of_a_module_is_asked_for_by_the_same_key",
        "Ctrl+Shift+H": "shell/test_announcements.py::"
        "test_what_the_status_bar_said_can_be_read_again "
        "shell/test_announcements.py::"
        "test_a_message_that_another_has_replaced_can_be_read_again",
    },
    "With a screen reader": {
        "The canvas is": "canvas/test_accessibility.py::"
        "test_cards_and_links_are_listed_in_reading_order",
        "Its items": "canvas/test_accessibility.py::"
        "test_cards_and_links_are_listed_in_reading_order "
        "canvas/test_accessibility.py::test_notes_and_groups_are_in_the_tree",
        "A card is": "canvas/test_accessibility.py::test_a_card_has_its_state_problems_and_links "
        "canvas/test_accessibility.py::test_ports_have_type_columns_and_what_they_are_linked_to",
        "Items can": "canvas/test_accessibility.py::"
        "test_selecting_and_opening_work_through_the_tree "
        "canvas/test_accessibility.py::test_several_items_are_selected_through_the_tree",
        "What is selected": "canvas/test_accessibility.py::"
        "test_a_selection_is_announced_with_state_and_links "
        "shell/test_announcements.py::test_a_refusal_and_a_selection_are_read_out "
        "shell/test_announcements.py::"
        "test_a_message_is_read_out_and_nothing_of_a_window_that_is_hidden "
        "shell/test_announcements.py::test_the_end_of_a_run_is_read_out "
        "shell/test_tabs.py::test_a_run_goes_on_while_another_tab_is_edited",
        "So are the": "deployment/test_spoken_deploying.py::"
        "test_the_steps_and_the_end_of_a_deployment_are_read_out "
        "deployment/test_spoken_deploying.py::test_each_response_is_read_out",
        "A tab is called": "shell/test_tabs.py::test_a_tab_shows_name_and_changes_and_says_them "
        "shell/test_tabs.py::test_a_run_goes_on_while_another_tab_is_edited",
        "Everything that": "shell/test_names_and_rings.py::"
        "test_every_stop_of_every_page_has_a_name_of_its_own "
        "shell/test_names_and_rings.py::test_every_stop_of_every_dialog_has_a_name_of_its_own "
        "shell/test_names_and_rings.py::test_every_dialog_that_there_is_has_names "
        "shell/test_states_of_pages.py::"
        "test_every_stop_in_each_state_has_name_role_and_ring "
        "shell/test_all_walked.py::test_every_class_of_widgets_is_walked_through_by_a_test "
        "runs/test_names_in_results.py::"
        "test_every_stop_of_every_kind_of_result_has_a_name_of_its_own "
        "panels/test_spoken_fields.py::test_every_field_of_every_module_has_a_name_of_its_own "
        "deployment/test_names_on_pages.py::test_every_stop_of_an_endpoint_has_a_name_of_its_own "
        "schedules/test_schedules_window.py::"
        "test_every_stop_of_a_schedule_has_a_name_of_its_own",
        "A chart is": "views/test_report_view.py::"
        "test_sections_are_below_each_other_with_heading_text_chart_and_table "
        "views/test_chart_values.py::"
        "test_a_large_confusion_matrix_is_described_by_what_is_wrong_most",
        "All of this": "panels/test_assistive_fields.py::"
        "test_selecting_in_the_list_of_a_box_chooses "
        "panels/test_assistive_fields.py::test_a_module_is_selected_explained_and_added "
        "panels/test_assistive_fields.py::test_a_command_is_selected_and_run "
        "views/test_chart_values.py::test_pressing_a_chart_without_a_key_shows_its_values",
        "Selecting a row of": "document/test_problem_places.py::"
        "test_a_problem_that_assistive_technology_selects_leads_to_its_field "
        "panels/test_outline.py::"
        "test_a_module_that_assistive_technology_selects_is_selected_on_the_canvas "
        "panels/test_outline.py::"
        "test_the_links_of_a_port_that_assistive_technology_selects_are_listed "
        "panels/test_assistive_fields.py::test_choices_are_checked_and_unchecked "
        "runs/test_timeline_panel.py::test_a_step_is_reached_and_spoken_without_a_key "
        "deployment/test_names_on_pages.py::"
        "test_a_model_that_assistive_technology_selects_is_shown",
        "Selecting a row that": "widgets/test_nested_rows.py::"
        "test_selecting_a_row_shows_those_in_it_one_level_at_a_time "
        "widgets/test_nested_rows.py::test_each_row_in_another_says_its_level_and_where "
        "deployment/test_models_page.py::"
        "test_versions_are_reached_and_spoken_without_a_key",
        "Text and": "panels/test_assistive_fields.py::"
        "test_a_text_that_is_set_is_the_value_of_its_field "
        "panels/test_assistive_fields.py::test_a_number_is_read_and_set_with_its_limits",
    },
    "Contrast and colors": {
        "View > Theme": "shell/test_main_window.py::test_every_theme_is_in_the_menu",
        "“Follow the": "shell/test_theme.py::"
        "test_high_contrast_of_the_system_is_followed_while_the_window_is_open "
        "shell/test_theme.py::test_windows_own_contrast_colors_are_taken "
        "shell/test_theme.py::test_a_contrast_theme_of_the_system_keeps_its_colours",
        "Fields, buttons": "shell/test_painted_contrast.py::"
        "test_fields_and_buttons_have_an_edge "
        "shell/test_painted_contrast.py::test_cards_links_and_notes_are_seen_on_the_canvas "
        "shell/test_painted_contrast.py::test_selected_rows_have_edges_and_readable_text "
        "shell/test_theme.py::test_edges_of_what_can_be_used_are_seen "
        "shell/test_theme.py::test_text_is_readable_on_every_ground "
        "shell/test_theme.py::test_high_contrast_is_seven_to_one",
        "Ports have": "canvas/test_port_looks.py::"
        "test_each_type_has_the_shape_that_the_guide_names "
        "canvas/test_port_looks.py::test_shapes_are_told_apart_without_colors",
        "An optional": "canvas/test_port_looks.py::test_an_optional_input_is_hollow",
        "Titles, rows": "shell/test_large_text.py::test_titles_and_the_canvas_follow_the_font "
        "widgets/test_text_scale.py::test_rows_of_an_open_table_grow_with_their_text",
        "Cards too": "canvas/test_port_looks.py::"
        "test_a_card_too_small_for_its_comment_shows_its_title_alone",
        "Dialogs are": "shell/test_large_dialogs.py::test_no_text_of_a_dialog_is_cut_off",
        "If the": "canvas/test_motion_and_direction.py::"
        "test_nothing_moves_if_the_system_asks_for_less_motion "
        "canvas/test_motion_and_direction.py::"
        "test_a_bar_of_unknown_length_moves_only_if_things_may_move",
    },
}
"""The first words of each sentence of a section, and the tests that prove it."""


def sentences(section: str) -> list[str]:
    text = (paths.guide() / FIRST_PAGE).read_text(encoding="utf-8")
    body = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.split(r"(?<=\.)\s+(?=[A-Z“])", " ".join(body.split()))


@pytest.mark.parametrize("section", PROMISES)
def test_each_sentence_has_its_tests(section):
    first_words = PROMISES[section]
    found = [[one for one in first_words if each.startswith(one)] for each in sentences(section)]
    assert found == [[one] for one in first_words]


def test_each_test_exists():
    for promised in PROMISES.values():
        for named in " ".join(promised.values()).split():
            file, _, test = named.partition("::")
            assert f"def {test}(" in (TESTS / file).read_text(encoding="utf-8"), named
