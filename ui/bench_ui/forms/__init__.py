"""model -> form -> model: forms made from the fields of the model, which has their type, range, unit and help."""

from bench_ui.forms.choice_form import ChoiceForm
from bench_ui.forms.entry_boxes import NumberBox
from bench_ui.forms.form import Form
from bench_ui.forms.slider import LogSlider

__all__ = ["ChoiceForm", "Form", "LogSlider", "NumberBox"]
