"""Which test walks through which widgets, so that none of the application's is left out."""

from __future__ import annotations

WALKS = {
    "shell/test_names_and_rings.py": {
        "test_every_stop_of_every_page_has_a_name_of_its_own": (
            "BaseViewer BooleanEditor BriefLabel Canvas ChoiceBox ChoiceEditor ClickableLabel "
            "CodePanel CodeText CodeView Editor Field InputField Log MainWindow NestedTree "
            "NodePage NumberBox NumberEditor Outline Palette PipelineWindow PortSection "
            "Problems Properties QuietCombo ResultCard Runs StartPage Surface TallArea Timeline "
            "TrialsPanel Viewer WayBack WideButton WindowParts Workbench _Margin _Output _Tree"
        ),
        "test_every_dialog_that_there_is_has_names": (
            "ColumnLists ColumnRules FittedStack OtherTrigger RetrainingFields RuleRow "
            "TriggerFields _Choices _Page _SearchLine"
        ),
        "test_every_stop_of_every_dialog_has_a_name_of_its_own": (
            "Consents DeployForm FolderList KeyField Locations OptionField SettingRow"
        ),
        "test_tabs_have_names_and_rings": ("Hint PipelinePage PipelineTabs TabbedWindow"),
    },
    "runs/test_names_in_results.py": {
        "test_every_stop_of_every_kind_of_result_has_a_name_of_its_own": (
            "BarChart Board ChartPage ChartPane ChartWidget ColumnFinder ColumnHeader "
            "ConfusionMatrix CostForm CurvePlot DecimalBox EvaluationView FactList FilesView "
            "FocusRing GeneralView IconLabel LeaderboardView LearnerView LowArea MetricCards "
            "ModelView OneLineLabel ReportView ResultView ResultWindow RowForm SheetPage "
            "SheetView StatisticsPane TableBar TableGrid TableView ThresholdPane TreeCanvas "
            "TreePage WhatIfPage WholeBox"
        ),
    },
    "panels/test_spoken_fields.py": {
        "test_every_field_of_every_module_has_a_name_of_its_own": (
            "ChoicesEditor CodeEdit ColumnEditor ColumnTypesEditor ColumnsEditor DataEditor "
            "LinesEditor PathEditor PathLine RuleEditor RulesEditor ScriptEditor SearchEditor "
            "SummaryEditor TextEditor ValueEditor"
        ),
        "test_every_kind_of_field_has_a_name_of_its_own": "SecretEditor",
    },
    "deployment/test_names_on_pages.py": {
        "test_every_stop_of_an_endpoint_has_a_name_of_its_own[failed]": (
            "BatchTab ConsumeTab CopyButton CopyField EndpointDetail EndpointList EndpointsPage "
            "FileField LiveChart LogsTab MetricsTab PathField TestTab"
        ),
        "test_every_stop_of_a_finished_deployment_has_name_role_and_ring[True]": ("StepList _Mark"),
        "test_every_stop_of_a_model_has_a_name_and_a_ring": "ModelsPage",
        "test_every_stop_of_a_finished_deployment_has_name_role_and_ring[False]": "DeployOutcome",
        "test_every_stop_of_what_was_replaced_has_a_name_of_its_own": "ConversionReport",
        "test_every_stop_where_files_are_written_has_name_role_and_ring": "FolderField",
    },
    "schedules/test_schedules_window.py": {
        "test_every_stop_of_a_schedule_has_a_name_of_its_own": (
            "PageBar ScheduleCenter ScheduleDetail ScheduleList SchedulesPage"
        ),
    },
    "views/test_result_names.py": {
        "test_every_stop_of_a_result_has_name_role_and_ring[table]": (
            "ChartForm MessageView ProfilePage TableChartPage"
        ),
        "test_every_stop_of_images_has_name_role_and_ring": ("ImagePane _Image _ThumbnailList"),
        "test_every_stop_of_a_table_in_each_state_has_name_role_and_ring": (
            "FilterBar PinnedColumns"
        ),
        "test_every_stop_of_a_chart_of_a_table_has_name_role_and_ring": "FigurePlot",
    },
    "shell/test_states_of_pages.py": {
        "test_every_stop_in_each_state_has_name_role_and_ring[shared_page]": (
            "GroupPage SharedPage _Lines"
        ),
        "test_every_stop_in_each_state_has_name_role_and_ring[gallery]": (
            "SampleCard SampleGallery"
        ),
        "test_every_stop_in_each_state_has_name_role_and_ring[data_page]": "DataPreview",
        "test_every_stop_in_each_state_has_name_role_and_ring[selection_page]": (
            "SelectionPage _Differing"
        ),
        "test_every_stop_in_each_state_has_name_role_and_ring[start_page]": "_RecentButton",
        "test_every_stop_in_each_state_has_name_role_and_ring[note_page]": "NotePage",
        "test_every_stop_in_each_state_has_name_role_and_ring[problems]": "_Rows",
        "test_every_stop_in_each_state_has_name_role_and_ring[message_bar]": "MessageBar",
        "test_a_field_on_the_canvas_has_name_and_role[title_field]": "TitleField",
        "test_a_field_on_the_canvas_has_name_and_role[note_field]": "NoteField",
        "test_every_stop_in_each_state_has_name_role_and_ring[shared_module]": "Trail",
        "test_every_stop_in_each_state_has_name_role_and_ring[quick_add]": "QuickAdd",
        "test_every_stop_in_each_state_has_name_role_and_ring[tour]": "Callout",
        "test_every_stop_in_each_state_has_name_role_and_ring[endpoints]": "Center",
    },
    "schedules/test_azure_schedules.py": {
        "test_schedules_and_endpoints_of_azure_are_listed_and_ended": "AzurePage",
    },
    "schedules/test_retraining_window.py": {
        "test_every_stop_of_a_round_has_name_role_and_ring": "RetrainingPage",
    },
}
"""By file and test, the classes of widgets, apart from dialogs, that it must have seen.

A class is listed once; :func:`focus_desk.faults` notes what it sees.
"""

NOT_REACHED = {
    "Bubble": "shows why a link is refused, beside the pointer",
    "DirectedMenu": "is a menu, in which the arrow keys move",
    "FocusLine": "is the ring of the canvas",
    "Minimap": "moves the view by the pointer, as the arrow keys do",
}
"""Classes of widgets that Tab never reaches, nor anything in them."""
